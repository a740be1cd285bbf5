"""The certificate: it holds while clerks go on working, and it fails for every way in which the warehouse can be wrong."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest

import hub_settings
from pipelines import build_record, certificate, lake, publication, quality
from tests.pipelines.trading import sell


def shop_of(store: Any) -> dict[str, Any]:
    return {
        "place": {"id": store.value("SELECT min(id) FROM erp.stock_location")},
        "item": {"id": store.value("SELECT min(id) FROM erp.item")},
        "customer": {"id": store.value("SELECT min(id) FROM core.party_role WHERE role = 'customer'")},
    }


def check(record: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [one for one in record["checks"] if one["check"] == name]
    return found


def failed(record: dict[str, Any]) -> dict[str, list[str]]:
    return {one["check"]: one["differences"] for one in record["checks"] if not one["passed"]}


@contextmanager
def altered(*statements: str, raw: bool = False) -> Iterator[None]:
    """The newest state of the lake after these statements; with `raw` a build that read it. Afterwards all is as before."""
    with lake.connect(writer=True) as con:
        good, build = lake.current_snapshot(con), build_record.last(con)
        for statement in statements:
            con.execute(statement)
        bad = lake.current_snapshot(con)
        tables = {statement.split("lake.")[1].split()[0] for statement in statements}
    if raw:
        build_record.succeed(build_record.begin(bad, []), 0, 0, 0)
    try:
        yield
    finally:
        with lake.connect(writer=True) as con:
            for table in tables:
                con.execute(f"CREATE OR REPLACE TABLE lake.{table} AS FROM lake.{table} AT (VERSION => {good})")
        build_record.succeed(build_record.begin(build.raw_snapshot, []), 0, 0, 0)


def test_a_good_warehouse_is_certified_and_published(trading: Any) -> None:
    record = certificate.certify(by="anna")
    assert failed(record) == {}
    assert record["verdict"] == "passed" and record["made_by"] == "anna"
    lines = check(record, "store finance.journal_line")
    assert lines["figures"]["rows"] == check(record, "documents fct_journal_line (hub)")["figures"]["rows"] > 0
    assert lines["figures"]["sums"]["company_debit"] == lines["figures"]["sums"]["company_credit"]
    receivable = check(record, "books: receivable account = open invoices - open credits")
    assert [Decimal(c["account"]) for c in receivable["figures"]["companies"]] == [Decimal(3 * 113)]
    stock = check(record, "books: inventory account = value of stock")
    assert [Decimal(c["control"]) for c in stock["figures"]["companies"]] == [Decimal(992 * 60)]
    assert record["watermarks"]["lake"]["snapshot"] and record["sha256"] == publication.seal(record)
    assert publication.newest_certificate() == record
    assert publication.publish(record) == publication.current().id


def test_what_clerks_do_after_the_sync_does_not_spoil_the_certificate(trading: Any) -> None:
    before = certificate.certify()
    invoice = sell(trading, shop_of(trading), 2)
    trading.on("accountant", "receive_payment_of_invoice", invoice, business_date="2026-03-02", amount="226")
    trading.run("sales", "register_customer", name="Nobody Yet", credit_limit="1")
    with psycopg.connect(hub_settings.database_url(None)) as db:
        # A row that is born and dies after the sync, one that dies, and one whose key becomes another.
        for statement in (
            "INSERT INTO core.user_role (user_id, role_code) VALUES (1, 'sales')",
            "DELETE FROM core.user_role WHERE user_id = 1 AND role_code = 'sales'",
        ):
            db.execute(statement)
    after = certificate.certify()
    assert failed(after) == {}
    assert [c["figures"] for c in before["checks"]] == [c["figures"] for c in after["checks"]]


def test_it_holds_and_stays_the_same_while_clerks_write(trading: Any) -> None:
    expected = certificate.certify()
    stop, errors = threading.Event(), []
    shop = shop_of(trading)

    def work() -> None:
        try:
            while not stop.is_set():
                sell(trading, shop, 1)
        except Exception as error:  # noqa: BLE001 - told by the test, in the thread that asserts
            errors.append(error)

    clerk = threading.Thread(target=work)
    clerk.start()
    try:
        record = certificate.certify()
    finally:
        stop.set()
        clerk.join()
    assert errors == []
    assert failed(record) == {}
    assert [c["figures"] for c in record["checks"]] == [c["figures"] for c in expected["checks"]]


RAW_WRONG = (
    ("DELETE FROM lake.raw_finance.sales_invoice WHERE id = 1", "store finance.sales_invoice",
     "finance.sales_invoice 1 SI-2026-00001"),
    ("UPDATE lake.raw_finance.journal_line SET company_debit = company_debit + 0.0001 WHERE id = 1",
     "store finance.journal_line", "finance.journal_line 1"),
    ("INSERT INTO lake.raw_erp.item FROM lake.raw_erp.item WHERE id = 1", "store erp.item", "erp.item 1 CHAIR"),
    ("UPDATE lake.raw_core.party SET name = name || ' ' WHERE id = 1", "store core.party", "core.party 1"),
    ("DELETE FROM lake.raw_core.change_log WHERE sequence = 1", "store core.change_log", "core.change_log 1"),
)  # fmt: skip


def test_a_raw_layer_that_is_not_the_store_fails_and_names_the_document(trading: Any) -> None:
    sell(trading, shop_of(trading), 1)
    # Asked now, or the gate would look at the load for the first time while it is spoilt, and remember that.
    quality.gate().require()
    with altered(*(statement for statement, _name, _named in RAW_WRONG), raw=True):
        record = certificate.certify()
    assert record["verdict"] == "failed"
    found = failed(record)
    assert {name: found.pop(name) for _statement, name, _named in RAW_WRONG} == {
        name: [named] for _statement, name, named in RAW_WRONG
    }
    assert not [name for name in found if name.startswith("store ")]
    with pytest.raises(publication.PublicationError):
        publication.publish(record)
    assert failed(certificate.certify()) == {}


def test_a_change_that_the_log_missed_is_found(trading: Any) -> None:
    """Triggers switched off by somebody with the power to: the raw layer never hears of it, the certificate does."""
    with psycopg.connect(hub_settings.database_url(None), autocommit=True) as db:
        db.execute("SET session_replication_role = replica")
        db.execute("UPDATE core.party SET name = name || '!' WHERE id = 1")
        try:
            record = certificate.certify()
        finally:
            db.execute("UPDATE core.party SET name = rtrim(name, '!') WHERE id = 1")
    assert failed(record) == {"store core.party": ["core.party 1"]}


BOOKS_WRONG = {
    "UPDATE lake.marts.fct_journal_line SET company_debit = company_debit + 0.0001 WHERE journal_line_id = 'hub:1'":
        {"documents fct_journal_line (hub)", "books: turnover of every account", "books: every entry balances",
         "books: inventory account = value of stock", "books: inventory account = item valuations"},
    "DELETE FROM lake.marts.fct_sales_order WHERE sales_order_id = 'hub:2'": {"documents fct_sales_order (hub)"},
    "INSERT INTO lake.marts.fct_sales_invoice_line FROM lake.marts.fct_sales_invoice_line LIMIT 1":
        {"documents fct_sales_invoice_line (hub)"},
}  # fmt: skip
OPEN_ITEMS_WRONG = {
    "UPDATE lake.marts.fct_receipt_of_money SET open_amount = 1, open_company_amount = 1":
        {"documents fct_receipt_of_money (hub)", "books: advances of customers = money that has paid no invoice yet"},
    "UPDATE lake.marts.fct_inventory_balance SET value = value - 0.0001": {"books: inventory account = value of stock"},
    "DROP TABLE lake.marts.fct_delivery_line": {"documents fct_delivery_line (hub)"},
}  # fmt: skip


@pytest.mark.parametrize("wrong", [BOOKS_WRONG, OPEN_ITEMS_WRONG], ids=["books", "open items"])
def test_marts_that_are_not_what_they_were_built_from_fail_and_no_other_does(
    trading: Any, wrong: dict[str, set[str]]
) -> None:
    quality.gate().require()
    with altered(*wrong):
        record = certificate.certify()
    assert set(failed(record)) == set().union(*wrong.values())
    assert all(failed(record).values())


def test_a_build_that_was_cut_off_failed_or_partial_is_not_certified(trading: Any) -> None:
    with lake.connect() as con:
        good = build_record.last(con)
    begun = build_record.begin(good.raw_snapshot, [])
    assert failed(certificate.certify()) == {"build": [f"build {begun.build_id} was cut off: run hub build again"]}
    build_record.fail(begun, "Test x found 2 rows")
    assert failed(certificate.certify()) == {"build": [f"build {begun.build_id} failed: Test x found 2 rows"]}
    build_record.succeed(build_record.begin(good.raw_snapshot, ["dim_date"]), 1, 0, 0)
    assert list(failed(certificate.certify())) == ["build"]
    build_record.succeed(build_record.begin(good.raw_snapshot, []), 1, 0, 0)


def test_a_table_altered_after_the_sync_is_refused_in_words(trading: Any) -> None:
    with psycopg.connect(hub_settings.database_url(None), autocommit=True) as db:
        db.execute("ALTER TABLE hr.department ADD COLUMN colour text")
        try:
            record = certificate.certify()
        finally:
            db.execute("ALTER TABLE hr.department DROP COLUMN colour")
    assert failed(record) == {"store": ["hr.department was altered since the sync: run hub sync and hub build."]}


def test_rows_of_an_outside_source_that_no_load_brought_are_found(trading: Any, tmp_path: Any) -> None:
    from pipelines import sources
    from pipelines.load import load_source

    (tmp_path / "sale.csv").write_text("id,amount\n1,10.00\n2,20.50\n")
    sources.add("shop", "files", str(tmp_path), {})
    load_source("shop")
    with lake.connect() as con:
        good, loaded = build_record.last(con).raw_snapshot, lake.current_snapshot(con)
    try:
        build_record.succeed(build_record.begin(loaded, []), 0, 0, 0)
        record = certificate.certify()
        assert failed(record) == {}
        assert check(record, "source raw_shop.sale")["figures"]["sums"] == {"amount": "30.50"}
        with altered("DELETE FROM lake.raw_shop.sale WHERE id = 1", raw=True):
            assert failed(certificate.certify()) == {"source raw_shop.sale": ["1 rows, the load recorded 2"]}
    finally:
        build_record.succeed(build_record.begin(good, []), 0, 0, 0)
        sources.remove("shop", drop_tables=True)


def test_without_a_build_there_is_nothing_to_certify(warehouse: Any) -> None:
    with pytest.raises(certificate.NothingToCertify, match="Nothing has been built yet"):
        certificate.certify()
