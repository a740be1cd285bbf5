"""The indexes that lists of documents stand on, drawn from the declarations like the lists themselves.

A list shows one company's documents page by page: newest first, in one state, by their day, by their amount. Each of these
is one walk along an index that ends after a page, however many documents there are. Masters, such as items, are too few to
need them.
"""

from sqlalchemy import Index

from operational_app.core.document import DOCUMENTS

DAYS = ("business_date", "posting_date")
AMOUNTS = ("total_amount", "amount")


def declare() -> None:
    """Put the indexes on the tables of all documents that are declared by now; those that are there stay."""
    for document in DOCUMENTS.values():
        table = document.model.__table__
        day = next((name for name in DAYS if name in table.columns), None)
        if day is None or "company_id" not in table.columns:
            continue
        amount = next((name for name in AMOUNTS if name in table.columns), None)
        known = {index.name for index in table.indexes}
        wanted = [("id",), (day, "id")] + ([("state", "id")] if "state" in table.columns else [])
        wanted += [(amount, "id")] if amount else []
        for columns in wanted:
            name = f"ix_{table.name}_list_{columns[0]}"
            if name not in known:
                Index(name, *(table.columns[c] for c in ("company_id", *columns)))
