"""Reports: what the books say, exact, for people and for machines; `hub report`, the pages and the API show them.

A report is one function and one line in REPORTS. Column names are what scripts rely on. A row of totals is for people: it
stands on the table and the page only.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.i18n import Text, _
from operational_app.core.models import Company, Currency
from operational_app.core.value_labels import value_label
from operational_app.erp.inventory.queries import stock_ledger, stock_valuation
from operational_app.erp.planning.queries import proposals
from operational_app.finance.budget.queries import budget_against_actual
from operational_app.finance.ledger.queries import trial_balance
from operational_app.finance.payables.queries import aged_payables
from operational_app.finance.receivables.queries import aged_receivables
from operational_app.finance.statements.queries import (
    balance_sheet,
    cash_flow,
    company_ratios,
    general_ledger,
    income_statement,
    results_by_department,
)
from operational_app.finance.tax_return.queries import vat_report
from operational_app.hr.payroll.queries import SUMMED, payroll_summary


class Asked(NamedTuple):
    """What a report is asked for: which company, which days, as known when (None: now), and which item where it tells of
    items (its number; None: all)."""

    company: Company
    start: date
    end: date
    known: datetime | None
    item: str | None = None


Rows = Iterable[Sequence[Any]]


class Report(NamedTuple):
    """One report.

    Attributes:
        totals: columns that are summed up in the table, by `currency` where that is a column too.
        within: column within which the sums are taken, beside the currency.
        by_item: it can be asked for one item.
    """

    title: Text
    columns: tuple[str, ...]
    rows: Callable[[Session, Asked], Rows]
    empty: Text
    entity: str = "journal_entry"
    totals: tuple[str, ...] = ()
    within: str | None = None
    by_item: bool = False


def _in_own_currency(found: Iterable[Any], asked: Asked) -> Rows:
    return [(row.section, row.account, row.name, asked.company.currency, row.amount) for row in found]


NO_ENTRIES = _("no entry has been posted in those days")
STATEMENT = ("section", "account", "name", "currency", "amount")
AGES = ("not_due", "days_1_30", "days_31_60", "days_61_90", "over_90", "unallocated", "total")

BUDGET = ("budget", "reserved", "committed", "used", "available", "actual", "variance")

REPORTS: dict[str, Report] = {
    "trial-balance": Report(
        _("Turnover of the days and balance at their end, by account and currency."),
        ("account", "name", "currency", "debit", "credit", "balance"),
        lambda session, asked: trial_balance(session, asked.company.id, asked.start, asked.end, asked.known),
        NO_ENTRIES,
        totals=("debit", "credit", "balance"),
    ),
    "balance-sheet": Report(
        _("Assets, liabilities and equity at the end of the days, in the company's currency."),
        STATEMENT,
        lambda session, asked: _in_own_currency(
            balance_sheet(session, asked.company.id, asked.end, asked.known), asked
        ),
        NO_ENTRIES,
        totals=("amount",),
        within="section",
    ),
    "income-statement": Report(
        _("Income and expenses of the days, in the company's currency."),
        STATEMENT,
        lambda session, asked: _in_own_currency(
            income_statement(session, asked.company.id, asked.start, asked.end, asked.known), asked
        ),
        NO_ENTRIES,
        totals=("amount",),
        within="section",
    ),
    "department-results": Report(
        _("What each department earned and cost in the days, in the company's currency."),
        ("department", "account", "name", "currency", "amount"),
        lambda session, asked: [
            (row.department, row.account, row.name, asked.company.currency, row.amount)
            for row in results_by_department(session, asked.company.id, asked.start, asked.end, asked.known)
        ],
        NO_ENTRIES,
        totals=("amount",),
        within="department",
    ),
    "general-ledger": Report(
        _("Every line of every account, with the balance after it."),
        ("account", "name", "posting_date", "entry", "line", "description", "currency", "debit", "credit", "balance"),
        lambda session, asked: general_ledger(session, asked.company.id, asked.start, asked.end, asked.known),
        NO_ENTRIES,
    ),
    "aged-receivables": Report(
        _("What customers owe at the end of the days, by days past due."),
        ("customer", "name", "currency", *AGES),
        lambda session, asked: aged_receivables(session, asked.company.id, asked.end, asked.known),
        _("no customer owes anything"),
        entity="sales_invoice",
        totals=AGES,
    ),
    "aged-payables": Report(
        _("What suppliers are owed at the end of the days, by days past due."),
        ("supplier", "name", "currency", *AGES),
        lambda session, asked: aged_payables(session, asked.company.id, asked.end, asked.known),
        _("no supplier is owed anything"),
        entity="bill",
        totals=AGES,
    ),
    "cash-flow": Report(
        _("Where money came from and went in the days, in the company's currency."),
        STATEMENT,
        lambda session, asked: [
            (section, account, name, asked.company.currency, amount)
            for section, account, name, amount in cash_flow(session, asked.company, asked.start, asked.end, asked.known)
        ],
        NO_ENTRIES,
        totals=("amount",),
        within="section",
    ),
    "ratios": Report(
        _("Liquidity, margins and days outstanding; each with what it was made of."),
        ("name", "result", "numerator", "denominator", "currency"),
        lambda session, asked: [
            (ratio.name, ratio.result, ratio.numerator, ratio.denominator, asked.company.currency)
            for ratio in company_ratios(session, asked.company, asked.start, asked.end, asked.known)
        ],
        NO_ENTRIES,
    ),
    "vat-return": Report(
        _("Tax by return, kind and rate, and what no return has declared yet."),
        (
            "period",
            "vat_return",
            "state",
            "kind",
            "is_late",
            "vat_code",
            "vat_rate",
            "currency",
            "net_amount",
            "tax_amount",
        ),
        lambda session, asked: [
            (*row[:7], asked.company.currency, *row[7:])
            for row in vat_report(session, asked.company.id, asked.start, asked.end, asked.known)
        ],
        _("nothing bears tax in those days"),
        entity="vat_return",
    ),
    "budget-vs-actual": Report(
        _("Each budget of the years asked for: what is promised of it, and what was booked in the days."),
        ("year", "account", "name", "department", "currency", *BUDGET),
        lambda session, asked: [
            (*row[:4], asked.company.currency, *row[4:])
            for row in budget_against_actual(session, asked.company.id, asked.start, asked.end, asked.known)
        ],
        _("nothing is budgeted in those years"),
        entity="budget",
    ),
    "stock-valuation": Report(
        _("Quantity and value of each item at the end of the days."),
        ("item", "name", "unit", "quantity", "value", "currency", "average_cost"),
        lambda session, asked: stock_valuation(session, asked.company.id, asked.end, asked.known),
        _("no stock has moved"),
        entity="stock_move",
        totals=("value",),
    ),
    "stock-ledger": Report(
        _("Every move of stock and every correction of its cost, with the quantity and value after it."),
        (
            "item",
            "name",
            "business_date",
            "kind",
            "document",
            "stock_location",
            "unit",
            "quantity",
            "value",
            "currency",
            "balance_quantity",
            "balance_value",
        ),
        lambda session, asked: stock_ledger(session, asked.company.id, asked.start, asked.end, asked.known, asked.item),
        _("no stock has moved"),
        entity="stock_move",
        by_item=True,
    ),
    "payroll-summary": Report(
        _("Pay of the months that was posted, by cost centre; cost centres of few people are shown together."),
        ("period", "name", "head_count", "currency", *SUMMED, "total"),
        lambda session, asked: [
            (row[0], row[1] or str(_("several small cost centres")), *row[2:])
            for row in payroll_summary(session, asked.company.id, asked.start, asked.end, asked.known)
        ],
        _("no payroll has been posted for those months"),
        entity="payslip",
        totals=(*SUMMED, "total"),
        within="period",
    ),
    "mrp": Report(
        _("What the newest planning run up to the end of the days proposes to buy and make."),
        (
            "run",
            "line",
            "item",
            "name",
            "supply_kind",
            "supplier",
            "net_quantity",
            "quantity",
            "unit",
            "start_date",
            "due_date",
            "need_date",
            "accepted_as",
        ),
        lambda session, asked: proposals(session, asked.company.id, asked.end, asked.known),
        _("no planning has been run, or it proposes nothing"),
        entity="planning_run",
    ),
}
MONEY = {
    "debit", "credit", "balance", "amount", "value", "balance_value",
    "numerator", "denominator", "net_amount", "tax_amount", *AGES, *BUDGET,
    *SUMMED, "total",
}  # fmt: skip
PLAIN = ("quantity", "balance_quantity", "net_quantity", "average_cost", "vat_rate", "result")


def rows_of(found: Report, session: Session, asked: Asked) -> tuple[list[list[Any]], dict[str, int]]:
    """A report's rows as they are shown, and the decimals of each currency."""
    decimals = dict(session.execute(select(Currency.code, Currency.minor_units)).all())
    return [shown(found, row, decimals) for row in found.rows(session, asked)], decimals


def money(amount: Decimal, decimals: int) -> Decimal:
    """An amount with the decimals of its currency, and with more where it has more: never rounded."""
    exact = amount.normalize()
    return exact.quantize(Decimal(1).scaleb(min(exact.as_tuple().exponent, -decimals)))  # type: ignore[type-var]


def currency_of(found: Report, row: Sequence[Any]) -> str:
    """The currency of a row's amounts; none where the report shows no amounts."""
    return str(row[found.columns.index("currency")]) if "currency" in found.columns else ""


def shown(found: Report, row: Sequence[Any], decimals: dict[str, int]) -> list[Any]:
    currency = currency_of(found, row)
    return [
        money(value, decimals[currency])
        if name in MONEY and value is not None
        else value.normalize() + 0
        if isinstance(value, Decimal) and name in PLAIN
        else value
        for name, value in zip(found.columns, row, strict=True)
    ]


def workbook(
    found: Report, title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]], decimals: dict[str, int]
) -> bytes:
    """The report as a workbook of one sheet, with typed and exact cells."""
    # Imported where used: openpyxl is slow to import, and most commands write no workbook.
    from operational_app.core.sheets import SheetWriter

    writer = SheetWriter(title, headings)
    for row in rows:
        places = decimals[currency_of(found, row)]
        writer.add(row, [places if column in MONEY else None for column in found.columns])
    return writer.content()


def totals_of(found: Report, rows: Sequence[Sequence[Any]], decimals: dict[str, int]) -> list[list[Any]]:
    """One row of sums for each currency, and for each section of a statement."""
    if not found.totals:
        return []
    place = {name: at for at, name in enumerate(found.columns)}
    sums: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        group = str(row[place[found.within]]) if found.within else ""
        currency = row[place["currency"]]
        total = sums.setdefault((group, currency), [None] * len(found.columns))
        total[place["currency"]] = currency
        total[place["name"]] = _("Total {group}").format(group=value_label(group) if group else "").strip()
        for name in found.totals:
            total[place[name]] = (total[place[name]] or Decimal(0)) + (row[place[name]] or Decimal(0))
    for total in sums.values():
        for name in found.totals:
            total[place[name]] = money(total[place[name]], decimals[total[place["currency"]]])
    return list(sums.values())


def zero_totals(found: Report, currency: str, decimals: dict[str, int]) -> list[list[Any]]:
    """The totals of a report without rows: nothing, in the company's currency."""
    if not found.totals:
        return []
    zero = money(Decimal(0), decimals[currency])
    known = {"currency": currency, "name": str(_("Total {group}").format(group="")).strip()}
    return [[known.get(name, zero if name in found.totals else None) for name in found.columns]]
