"""A year of random trading in three currencies: the reports agree with the books, and with one another."""

import csv
import io
import json
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from operational_app.core import db
from operational_app.core.models import Company
from operational_app.reports import REPORTS, Asked
from tests.commandline import hub
from tests.conftest import Store
from tests.finance.books import hledger, hledger_balances, need_hledger
from tests.finance.trading import Trader, balances

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
STEPS = 60


@pytest.fixture
def traded(store: Store) -> Store:
    trader = Trader(store, 7)
    lines = [{"ledger_account_id": trader.account["6602"], "amount": "10000"}]
    plan = store.run("accountant", "enter_budget", year=2026, description="Plan", lines=lines)
    store.on("manager", "approve_budget", plan)
    trader.trade(*YEAR, STEPS)
    store.verify()
    return store


def rows_of(name: str, start: date, end: date, known: datetime | None = None) -> list[dict[str, Any]]:
    with db.reading() as session:
        company = session.query(Company).filter_by(code="DEMO").one()
        found = REPORTS[name]
        return [
            dict(zip(found.columns, row, strict=True)) for row in found.rows(session, Asked(company, start, end, known))
        ]


def total(rows: list[dict[str, Any]], column: str = "amount", **where: Any) -> Decimal:
    return sum((row[column] for row in rows if all(row[n] == v for n, v in where.items())), Decimal(0))


def in_yuan(store: Store, condition: str, end: date, start: date = date.min) -> Decimal:
    """Debit less credit in the company's currency of the accounts that a condition names."""
    return store.value(
        "SELECT coalesce(sum(l.company_debit - l.company_credit), 0) FROM finance.journal_line l "
        "JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
        f"JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE ({condition}) "
        "AND e.posting_date BETWEEN %s AND %s",
        max(start, date(1900, 1, 1)),
        end,
    )


MONEY = "a.code IN ('1001', '1002', '1012')"


def statements_agree(store: Store, start: date, end: date) -> None:
    sheet = rows_of("balance-sheet", start, end)
    assert total(sheet, section="assets") == total(sheet, section="liabilities") + total(sheet, section="equity")
    assert total(sheet, section="assets") == in_yuan(store, "a.type IN ('asset', 'cost')", end)
    income = rows_of("income-statement", start, end)
    result = total(income, section="income") - total(income, section="expenses")
    before = rows_of("balance-sheet", start, date.fromordinal(start.toordinal() - 1))
    # Nobody pays in or takes out: equity changes by what was earned.
    assert result == total(sheet, section="equity") - total(before, section="equity")
    departments = rows_of("department-results", start, end)
    assert result == total(departments)
    flow = rows_of("cash-flow", start, end)
    moved = total(flow) - total(flow, section="opening") - total(flow, section="closing")
    assert moved == in_yuan(store, MONEY, end, start)
    assert total(flow, section="opening") + moved == total(flow, section="closing") == in_yuan(store, MONEY, end)


def ledgers_agree(store: Store, start: date, end: date) -> None:
    """The general ledger ends where the trial balance ends, and the aged lists are the control accounts, by currency."""
    trial = {(r["account"], r["currency"]): r["balance"] for r in rows_of("trial-balance", start, end)}
    last = {(r["account"], r["currency"]): r["balance"] for r in rows_of("general-ledger", start, end)}
    assert {k: v for k, v in trial.items() if v} == {k: v for k, v in last.items() if v}
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of("aged-receivables", start, end):
        owed[row["currency"]] += row["total"]
    owing: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of("aged-payables", start, end):
        owing[row["currency"]] += row["total"]
    for currency in ("USD", "JPY"):
        assert owed[currency] == trial.get(("1122", currency), 0) + trial.get(("2203", currency), 0)
        assert owing[currency] == -trial.get(("2202", currency), 0) - trial.get(("1123", currency), 0)
    # In the company's own currency a month's end also bears the revaluation of the others, until the next day.
    revalued = store.rows(
        "SELECT a.code, sum(l.debit - l.credit) FROM finance.journal_line l "
        "JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id "
        "WHERE e.document_type = 'currency_revaluation' AND e.posting_date <= %s GROUP BY 1",
        end,
    )
    off = defaultdict(Decimal, revalued)
    assert owed["CNY"] == trial.get(("1122", "CNY"), 0) + trial.get(("2203", "CNY"), 0) - off["1122"]
    assert owing["CNY"] == -(trial.get(("2202", "CNY"), 0) - off["2202"]) - trial.get(("1123", "CNY"), 0)


def test_the_reports_of_a_year_agree_with_the_books_and_with_one_another(
    traded: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for start, end in (YEAR, (date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 8, 17))):
        statements_agree(traded, start, end)
        ledgers_agree(traded, start, end)
    as_known_then_leaves_out_what_came_later(traded)
    every_format_says_the_same(tmp_path, capsys)
    hledger_agrees(traded, tmp_path, capsys)


def as_known_then_leaves_out_what_came_later(store: Store) -> None:
    """Every report as known now, asked for again after more was entered, says what it said."""
    start, end = YEAR
    known = datetime.now(UTC)
    said = {name: rows_of(name, start, end) for name in REPORTS}
    assert all(rows_of(name, start, end, known) == rows for name, rows in said.items())
    march = store.value("SELECT id FROM core.period WHERE code = '2026-03'")
    made = store.run("accountant", "prepare_vat_return", period_id=march)
    store.on("accountant", "file_vat_return", made, posting_date="2026-12-31")
    again = {name: rows_of(name, start, end, known) for name in REPORTS}
    assert again == said
    assert rows_of("vat-return", start, end) != said["vat-return"]
    nothing = datetime(2000, 1, 1, tzinfo=UTC)
    assert {name for name in REPORTS if rows_of(name, start, end, nothing)} == set()


# A report that is refused, since pay is not for who keeps the server, and one that is empty, since nobody planned.
REFUSED = {"payroll-summary": "that you may see"}
EMPTY = {"mrp": "no planning has been run"}


def every_format_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each report as JSON, CSV and Excel has the same columns and values."""
    for name, found in REPORTS.items():
        words = ("report", name, "--company", "DEMO", "--from", "2026-01-01", "--to", "2026-12-31")
        said = hub(capsys, *words, "--format", "json")
        if name in REFUSED:
            assert said.code != 0 and REFUSED[name] in said.err
            continue
        if name in EMPTY:
            assert (said.code, json.loads(said.out), EMPTY[name] in said.err) == (0, [], True)
            continue
        as_json = json.loads(said.out)
        as_csv = list(csv.DictReader(io.StringIO(hub(capsys, *words, "--format", "csv").out)))
        assert [list(row) for row in as_json] == [list(found.columns)] * len(as_json)
        assert [[v or "" for v in row.values()] for row in as_csv] == [
            ["" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in row.values()]
            for row in as_json
        ]
        book = tmp_path / f"{name}.xlsx"
        said = hub(capsys, *words, "--format", "xlsx", "--output", book)
        assert said.code == 0, said.err
        sheet = openpyxl.load_workbook(book).active
        assert sheet.max_row == len(as_json) + 1, name


def hledger_agrees(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What documents in three currencies posted, realised and revalued is the same to the last unit in hledger."""
    need_hledger()
    journal = tmp_path / "year.journal"
    said = hub(capsys, "export", "ledger", "--company", "DEMO", "--format", "hledger", "--output", journal)
    assert said.code == 0, said.err
    hledger(journal, "check", "accounts", "commodities")
    assert hledger_balances(journal) == balances(store)
