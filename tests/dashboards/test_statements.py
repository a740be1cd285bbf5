"""The statements of the finance page equal those that `hub report` makes from the store, to the last unit."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboards import figures
from dashboards.boards.finance import FINANCE
from dashboards.boards.view import Period, View
from dashboards.figures import Company, Overview, last_day
from dashboards.metrics import MEASURES
from dashboards.policy import Viewer
from operational_app.core import db
from operational_app.finance.ledger.queries import trial_balance
from operational_app.finance.statements.queries import balance_sheet, income_statement
from pipelines.publication import Publication


@pytest.fixture
def overview(shown: Publication, viewer: Callable[[str], Viewer]) -> Overview:
    return figures.overview(shown, viewer("manager").scope)


def periods(overview: Overview, company: Company) -> list[Period]:
    """Every period of whole months that the company has."""
    months = overview.months([company])
    return [Period(first, last) for last in months for first in months if first <= last]


def view_of(shown: Publication, scope: Any, overview: Overview, company: Company, period: Period) -> View:
    return View(shown, scope, overview, company, period, "previous", {"page": ["finance"]})


def lines_of(view: View, measure: str) -> dict[tuple[str, str], Decimal]:
    """(section, account code) → amount; the result that is not closed to equity has no code, as in the report."""
    parts = view.parts(MEASURES[measure], ("section", "statement_line")).values()
    return {
        (part.keys[0], "" if part.keys[1] == "result" else part.names[1].split(" ")[0]): part.amount
        for part in parts
        if part.amount
    }


def test_balance_sheet_and_income_statement_equal_the_reports_for_every_company_and_period(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    scope, compared = viewer("manager").scope, 0
    for company in (one for one in overview.companies if one.keeps_books):
        number = int(company.id.removeprefix("hub:"))
        for period in periods(overview, company):
            view = view_of(shown, scope, overview, company, period)
            with db.reading() as session:
                sheet = balance_sheet(session, number, last_day(period.last))
                income = income_statement(session, number, period.first, last_day(period.last))
            assert lines_of(view, "balance") == {(r.section, r.account): r.amount for r in sheet}, (
                company.code,
                period,
            )
            assert lines_of(view, "income_statement") == {(r.section, r.account): r.amount for r in income}
            sums = [sum(r.amount * (1 if r.section == "income" else -1) for r in income)]
            assert [view.value(MEASURES["result"])] == sums
            compared += len(sheet) + len(income)
    assert compared > 50


def test_the_trial_balance_equals_the_report_for_every_company_and_period(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    scope = viewer("manager").scope
    for company in (one for one in overview.companies if one.keeps_books):
        for period in periods(overview, company):
            view = view_of(shown, scope, overview, company, period)
            found: dict[tuple[str, str], dict[str, Decimal]] = {}
            for name in ("debit", "credit", "account_balance"):
                for part in view.parts(MEASURES[name], ("ledger_account", "currency")).values():
                    found.setdefault((part.names[0].split(" ")[0], part.keys[1]), {})[name] = part.amount
            with db.reading() as session:
                rows = trial_balance(session, int(company.id.removeprefix("hub:")), period.first, last_day(period.last))
            wanted = {(r.account, r.currency): (r.debit, r.credit, r.balance) for r in rows}
            zero = Decimal(0)
            assert {
                key: tuple(values.get(name, zero) for name in ("debit", "credit", "account_balance"))
                for key, values in found.items()
            } == wanted


def test_the_page_shows_the_statements_balanced_and_ends_with_the_profit(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    demo = next(company for company in overview.companies if company.code == "DEMO")
    view = view_of(shown, viewer("manager").scope, overview, demo, Period(date(2026, 1, 1), date(2026, 3, 1)))
    sections = {section.name: section for section in FINANCE.sections}
    (sheet,) = sections["balance"].blocks[0].tables(view)
    sums = {row.cells[0].value: row.cells[1].value for row in sheet.rows if row.level in ("sum", "total")}
    assert sums["Assets in all"] == sums["Liabilities and equity"] != 0
    (income,) = sections["income"].blocks[0].tables(view)
    assert income.rows[-1].cells[0].value == "Profit"
    assert income.rows[-1].cells[1].value == view.value(MEASURES["result"])
    assert all("rows?measure=" in cell.link for row in income.rows if row.level == "" for cell in row.cells[1:3])
