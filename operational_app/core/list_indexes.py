"""The indexes that lists of documents stand on, drawn from the declarations like the lists themselves.

A list shows one company's documents page by page: newest first, in one state, by their day, by their amount. Each of these
is one walk along an index that ends after a page, however many documents there are. Masters, such as items, are too few to
need them.

Words that are searched for may stand anywhere in a number or a text. The store has no trigram index without an extension, so
each of these tables has one of ours: a GIN index over the pieces of three characters of what the search looks into
(`core.grams`). A search asks for rows that have all pieces of the word, and then whether the word is there.
"""

from typing import Any

from sqlalchemy import Index, MetaData, Text, func, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from operational_app.core.document import DOCUMENTS, Document

DAYS = ("business_date", "posting_date")
AMOUNTS = ("total_amount", "amount")

# Pieces of three characters in lower case; of two where one of them is not ASCII, since Chinese words are that short.
GRAMS_FUNCTION = """
CREATE OR REPLACE FUNCTION core.grams(searched text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  low text := lower(searched);
  wide boolean := octet_length(low) > length(low);
  found text[] := '{}';
BEGIN
  FOR at IN 1 .. length(low) - 1 LOOP
    IF wide AND octet_length(substr(low, at, 2)) > 2 THEN
      found := found || substr(low, at, 2);
    END IF;
    IF at < length(low) - 1 THEN
      found := found || substr(low, at, 3);
    END IF;
  END LOOP;
  RETURN found;
END $$;
"""


def is_large(document: Document) -> bool:
    """Whether there may be millions of them: what a company has every day, and not its masters."""
    columns = document.model.__table__.columns
    return "company_id" in columns and any(day in columns for day in DAYS)


def grams_of(document: Document) -> Any:
    """What the index of pieces is over; None where the search does not look into columns of a large table alone."""
    columns = document.model.__table__.columns
    if not document.search or not is_large(document) or any(name not in columns for name in document.search):
        return None
    first, *rest = (func.coalesce(columns[name], text("''"), type_=Text) for name in document.search)
    for one in rest:
        # No word has an end of line in it: none is found across two columns.
        first = first.concat(text("chr(10)")).concat(one)
    return pieces(first)


def pieces(searched: Any) -> Any:
    return func.core.grams(searched, type_=postgresql.ARRAY(Text))


def has_pieces(word: str) -> bool:
    return len(word) > 2 or len(word) == 2 and not word.isascii()


def is_drawn(index_name: str) -> bool:
    """Whether an index of this name comes from here."""
    return "_list_" in index_name or index_name.endswith("_grams")


def declare() -> None:
    """Put the indexes on the tables of all documents that are declared by now; those that are there stay."""
    for document in DOCUMENTS.values():
        table = document.model.__table__
        if not is_large(document):
            continue
        day = next(name for name in DAYS if name in table.columns)
        amount = next((name for name in AMOUNTS if name in table.columns), None)
        known = {index.name for index in table.indexes}
        wanted = [("id",), (day, "id")] + ([("state", "id")] if "state" in table.columns else [])
        wanted += [(amount, "id")] if amount else []
        for columns in wanted:
            name = f"ix_{table.name}_list_{columns[0]}"
            if name not in known:
                Index(name, *(table.columns[c] for c in ("company_id", *columns)))
        if (grams := grams_of(document)) is not None and f"ix_{table.name}_grams" not in known:
            # Each row goes in at once: a list of rows to be filed later would let one clerk in a thousand file them all.
            Index(f"ix_{table.name}_grams", grams, postgresql_using="gin", postgresql_with={"fastupdate": "off"})


def all_sql(metadata: MetaData) -> str:
    """The function, and those indexes that are declared and not there yet; safe to run again, like the triggers."""
    wanted = (
        CreateIndex(index, if_not_exists=True)
        for table in metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
        if is_drawn(str(index.name))
    )
    return GRAMS_FUNCTION + "".join(f"{one.compile(dialect=postgresql.dialect())};\n" for one in wanted)
