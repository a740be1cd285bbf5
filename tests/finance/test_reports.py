"""`hub report`: exact figures, stable columns, as of a day and as known on a day."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import psycopg
import pytest

import hub_settings
from operational_app import cli
from tests.commandline import hub
from tests.conftest import Store
from tests.finance.conftest import Post


def report(capsys: pytest.CaptureFixture[str], name: str, *words: str) -> list[dict]:
    said = hub(capsys, "report", name, "--company", "DEMO", "--format", "json", *words)
    assert said.code == 0, said.err
    return json.loads(said.out)


@pytest.fixture
def sold(store: Store, post: Post) -> Store:
    """Capital paid in; ten chairs at 60; four of them sold at 100 plus 13 % VAT on 2 March, 200 of it paid on the 20th."""
    post("2026-01-05", ("1002", "5000"), ("4001", "-5000"))
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")["id"]
    chair = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100", vat_code="S13")["id"]
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-06",
        reason="opening",
        stock_location_id=place,
        lines=[{"item_id": chair, "quantity": "10", "unit_cost": "60"}],
    )
    customer = store.run("sales", "register_customer", name="Lily's Café", payment_days=30)["id"]
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=customer,
        business_date="2026-03-02",
        stock_location_id=place,
        lines=[{"item_id": chair, "quantity": "4"}],
    )
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("warehouse", "deliver_sales_order", order, business_date="2026-03-02")
    invoice = store.on("sales", "invoice_delivery", delivery, business_date="2026-03-02")
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date="2026-03-20", amount="200")
    return store


def test_a_trial_balance_has_the_turnover_of_the_days_and_the_balance_at_their_end(
    sold: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = report(capsys, "trial-balance", "--from", "2026-03-01", "--to", "2026-03-31")
    assert list(rows[0]) == ["account", "name", "currency", "debit", "credit", "balance"]
    found = {row["account"]: (row["debit"], row["credit"], row["balance"]) for row in rows}
    assert found["1002"] == ("200.00", "0.00", "5200.00")
    assert found["1122"] == ("452.00", "200.00", "252.00")
    assert found["1405"] == ("0.00", "240.00", "360.00")
    assert found["6401"] == ("240.00", "0.00", "240.00")
    assert sum(Decimal(row["balance"]) for row in rows) == 0
    early = report(capsys, "trial-balance", "--to", "2026-01-05")
    assert [(row["account"], row["balance"]) for row in early] == [("1002", "5000.00"), ("4001", "-5000.00")]


def test_totals_stand_in_the_table_only(sold: Store, capsys: pytest.CaptureFixture[str]) -> None:
    table = hub(capsys, "report", "trial-balance", "--company", "DEMO").out.splitlines()
    assert table[-1].split()[:2] == ["Total", "CNY"] and table[-1].split()[-1] == "0.00"
    rows = list(
        csv.DictReader(io.StringIO(hub(capsys, "report", "trial-balance", "--company", "DEMO", "--format", "csv").out))
    )
    assert "Total" not in {row["name"] for row in rows} and len(rows) == len(table) - 3


def test_the_balance_sheet_balances_with_the_result_that_is_not_closed_yet(
    sold: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = report(capsys, "balance-sheet", "--to", "2026-03-31")
    sums: dict[str, Decimal] = {}
    for row in rows:
        sums[row["section"]] = sums.get(row["section"], Decimal(0)) + Decimal(row["amount"])
    assert sums == {"assets": Decimal(5812), "liabilities": Decimal(52), "equity": Decimal(5760)}
    assert rows[-1]["account"] == "" and rows[-1]["amount"] == "160.00"


def test_the_income_statement_has_income_and_expenses_of_the_days(
    sold: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = report(capsys, "income-statement", "--from", "2026-03-01", "--to", "2026-03-31")
    assert [(row["section"], row["account"], row["amount"]) for row in rows] == [
        ("income", "6001", "400.00"),
        ("expenses", "6401", "240.00"),
    ]
    said = hub(capsys, "report", "income-statement", "--company", "DEMO", "--to", "2026-02-28")
    assert (said.code, said.err) == (0, "DEMO has nothing to report here: no entry has been posted in those days.\n")


def test_the_general_ledger_carries_balances_forward(sold: Store, capsys: pytest.CaptureFixture[str]) -> None:
    rows = report(capsys, "general-ledger", "--from", "2026-03-01")
    bank = [(row["description"], row["debit"], row["balance"]) for row in rows if row["account"] == "1002"]
    assert bank == [("Brought forward", None, "5000.00"), ("Money from Lily's Café", "200.00", "5200.00")]
    capital = [row for row in rows if row["account"] == "4001"]
    assert [(row["entry"], row["balance"]) for row in capital] == [(None, "-5600.00")]
    assert [row["account"] for row in rows] == sorted(row["account"] for row in rows)
    closing = {row["account"]: row["balance"] for row in rows}
    assert closing == {row["account"]: row["balance"] for row in report(capsys, "trial-balance")}


@pytest.mark.parametrize(
    ("day", "column", "total"),
    [
        ("2026-03-19", "not_due", "452.00"),
        ("2026-03-31", "not_due", "252.00"),
        ("2026-04-01", "not_due", "252.00"),
        ("2026-04-02", "days_1_30", "252.00"),
        ("2026-05-02", "days_31_60", "252.00"),
        ("2026-12-31", "over_90", "252.00"),
    ],
)
def test_receivables_age_with_the_day(
    sold: Store, capsys: pytest.CaptureFixture[str], day: str, column: str, total: str
) -> None:
    [row] = report(capsys, "aged-receivables", "--to", day)
    assert (row["customer"], row["name"], row[column], row["total"]) == ("C-00001", "Lily's Café", total, total)


def test_money_that_pays_nothing_yet_is_a_column_of_its_own(sold: Store, capsys: pytest.CaptureFixture[str]) -> None:
    customer = sold.value("SELECT id FROM core.party_role WHERE role = 'customer'")
    sold.run("accountant", "receive_money", customer_id=customer, business_date="2026-03-21", amount="300")
    [row] = report(capsys, "aged-receivables", "--to", "2026-03-31")
    assert (row["not_due"], row["unallocated"], row["total"]) == ("252.00", "-300.00", "-48.00")
    ledger = {r["account"]: r["balance"] for r in report(capsys, "trial-balance")}
    assert (ledger["1122"], ledger["2203"]) == (row["not_due"], row["unallocated"])


def test_stock_is_valued_at_the_day(sold: Store, capsys: pytest.CaptureFixture[str]) -> None:
    [row] = report(capsys, "stock-valuation", "--to", "2026-03-01")
    assert (row["quantity"], row["value"], row["average_cost"]) == ("10", "600.00", "60")
    [row] = report(capsys, "stock-valuation")
    assert (row["item"], row["quantity"], row["value"]) == ("CHAIR", "6", "360.00")


def test_a_report_as_known_on_a_day_leaves_out_what_was_recorded_later(
    sold: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything but the receipt is made to have been recorded long ago."""
    with psycopg.connect(hub_settings.database_url(None)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(
            "UPDATE finance.journal_entry SET recorded_at = '2026-03-02 09:00+00' "
            "WHERE document_type IS DISTINCT FROM 'receipt_of_money'"
        )
    today = datetime.now(UTC).date().isoformat()
    assert {r["account"]: r["balance"] for r in report(capsys, "trial-balance", "--as-known", today)}[
        "1122"
    ] == "252.00"
    for known in ("2026-03-02", "2026-03-02T09:00", "2026-03-02T17:00+08:00"):
        rows = report(capsys, "trial-balance", "--as-known", known)
        assert {row["account"]: row["balance"] for row in rows}["1122"] == "452.00"
    said = hub(capsys, "report", "trial-balance", "--company", "DEMO", "--as-known", "2026-03-02T08:59")
    assert (said.code, "nothing to report" in said.err) == (0, True)
    assert hub(capsys, "report", "trial-balance", "--company", "DEMO", "--as-known", "spring").code == cli.USAGE


def test_a_workbook_holds_the_same_rows(sold: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "balance.xlsx"
    assert hub(capsys, "report", "trial-balance", "--company", "DEMO", "--format", "xlsx", "--output", file).code == 0
    heading, *rows = openpyxl.load_workbook(file).active.iter_rows(values_only=True)
    assert heading == ("account", "name", "currency", "debit", "credit", "balance")
    assert len(rows) == len(report(capsys, "trial-balance"))


def test_who_may_not_read_the_books_gets_no_report(sold: Store, capsys: pytest.CaptureFixture[str]) -> None:
    said = hub(capsys, "report", "trial-balance", "--company", "DEMO", "--as", "warehouse")
    assert (said.code, said.out) == (cli.REFUSED, "")
    assert hub(capsys, "report", "stock-valuation", "--company", "DEMO", "--as", "warehouse").code == 0


def test_an_empty_report_has_its_columns_and_zero_totals_and_says_why(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = hub(capsys, "report", "trial-balance", "--company", "DEMO")
    assert (said.code, said.err) == (0, "DEMO has nothing to report here: no entry has been posted in those days.\n")
    assert said.out.split()[-5:] == ["Total", "CNY", "0.00", "0.00", "0.00"]
    csv = hub(capsys, "report", "trial-balance", "--company", "DEMO", "--format", "csv")
    assert (csv.code, csv.out) == (0, "account,name,currency,debit,credit,balance\n")
    assert json.loads(hub(capsys, "report", "trial-balance", "--company", "DEMO", "--format", "json").out) == []
    book = tmp_path / "empty.xlsx"
    assert hub(capsys, "report", "mrp", "--company", "DEMO", "--format", "xlsx", "--output", book).code == 0
    assert book.exists()


def test_amounts_are_never_rounded_to_their_currency() -> None:
    from operational_app.reports import money

    assert [str(money(Decimal(text), 2)) for text in ("5", "5.5000", "5.1234", "1E+3", "0", "-0.0001")] == [
        "5.00",
        "5.50",
        "5.1234",
        "1000.00",
        "0.00",
        "-0.0001",
    ]
    assert str(money(Decimal("5.0000"), 0)) == "5"
