"""Words anywhere in a number or a text: found through the index of pieces, and the same rows as by looking at each."""

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from operational_app.core import db, list_indexes, policy, reading, row_policy, searching
from operational_app.core.document import DOCUMENTS
from tests.conftest import Store

REFERENCES = ("PO 4711", "fair 100%", "张伟合同2026", "Größe", "a\\b", None)


@pytest.fixture
def orders(store: Store) -> Store:
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")["id"]
    item = store.run("sales", "add_item", number="I1", name="Item", list_price="9")["id"]
    customer = store.run("sales", "register_customer", name="Café")["id"]
    for reference in REFERENCES:
        store.run(
            "sales",
            "enter_sales_order",
            customer_id=customer,
            business_date="2026-03-02",
            customer_reference=reference,
            stock_location_id=place,
            lines=[{"item_id": item, "quantity": "1"}],
        )
    return store


FOUND = {
    "4711": ["PO 4711"],
    "471 PO": ["PO 4711"],
    "FAIR 00%": ["fair 100%"],
    "张伟": ["张伟合同2026"],
    "合同20": ["张伟合同2026"],
    "同": ["张伟合同2026"],
    "GRÖSSE": [],
    "RÖ": ["Größe"],
    "größe": ["Größe"],
    "a\\b": ["a\\b"],
    "_4711": [],
    "so-2026-0000": list(REFERENCES),
    "00003 张伟": ["张伟合同2026"],
    # Not across the end of the number and the beginning of the reference.
    "00001po": [],
}


def test_words_are_found_wherever_they_stand(orders: Store) -> None:
    document = DOCUMENTS["sales_order"]
    with db.reading() as session:
        principal = policy.load_principal(session, orders.users["sales"])
        for words, found in FOUND.items():
            page = reading.read_page(session, principal, document, reading.Query(text=words, sort="id"))
            looked_up = reading.lookup(session, principal, document, words, None)
            assert [row.customer_reference for row in page.rows] == found, words
            assert sorted(row.id for row in looked_up) == sorted(row.id for row in page.rows), words


EVERYWHERE = ("4711", "471 PO", "100%", "张伟", "同", "so-2026", "Café", "1", "a b c d e 4711")


@pytest.mark.parametrize("who", ["sales", "warehouse", "accountant"])
def test_the_search_everywhere_finds_what_looking_into_each_kind_does(orders: Store, who: str) -> None:
    with db.reading() as session:
        principal = policy.load_principal(session, orders.users[who])
        row_policy.limit(session, principal)
        kinds = [d for d in DOCUMENTS.values() if d.search and principal.may_read(d.name)]
        for words in EVERYWHERE:
            found = searching.everywhere(session, principal, words, 6)
            each = {d.name: reading.lookup(session, principal, d, words, None, 6) for d in kinds}
            assert {d.name: [row.id for row in rows] for d, rows in found} == {
                name: [row.id for row in rows] for name, rows in each.items() if rows
            }, words


def test_the_search_everywhere_asks_all_who_read_the_same_kinds_with_one_text(orders: Store) -> None:
    """Else each search would be written and planned anew, which cost ten times what finding did."""
    with db.reading() as session:
        principal = policy.load_principal(session, orders.users["sales"])
        searching.everywhere(session, principal, "warm words", 6)
        before = searching._statement.cache_info().misses
        for words in ("Café 4711", "some thing", "2026 000"):
            searching.everywhere(session, principal, words, 6)
    assert searching._statement.cache_info().misses == before


def test_the_search_goes_by_the_index(orders: Store) -> None:
    """With few rows the planner looks at each: told that this is dear, it must be able to use the index."""
    document = DOCUMENTS["sales_order"]
    with db.reading() as session:
        principal = policy.load_principal(session, orders.users["sales"])
        statement = reading.matching(session, principal, document, reading.Query(text="4711"))
        sql = str(statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_indexscan = off"))
        plan = "\n".join(session.execute(text("EXPLAIN " + sql.replace(":", "\\:"))).scalars())
    assert "ix_sales_order_grams" in plan and "core.grams" in plan


def test_the_index_is_there_for_each_document_that_grows_without_end() -> None:
    large = [d for d in DOCUMENTS.values() if list_indexes.grams_of(d) is not None]
    assert {"sales_order", "delivery", "sales_invoice", "receipt_of_money", "journal_entry", "bill"} <= {
        d.name for d in large
    }
    for document in large:
        names = {index.name for index in document.model.__table__.indexes}
        assert f"ix_{document.model.__table__.name}_grams" in names
