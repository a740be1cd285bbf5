"""`hub report NAME`: what the books say, exact, for people and for machines.

A report is one function and one line in REPORTS. Column names are what scripts rely on. A row of totals is for people: it
stands in the table only.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.cli.output import format_option, note, show
from operational_app.cli.people import as_option, company_option
from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.core.i18n import Text, _
from operational_app.core.models import Company, Currency
from operational_app.erp.inventory.queries import stock_valuation
from operational_app.erp.planning.queries import proposals
from operational_app.finance.ledger.queries import trial_balance
from operational_app.finance.receivables.queries import aged_receivables
from operational_app.finance.statements.queries import balance_sheet, general_ledger, income_statement


class NothingThere(Refusal):
    template = _("{company} has nothing to report here: {what}.")


class Asked(NamedTuple):
    """What a report is asked for: which company, which days, and as known when (None: now)."""

    company: Company
    start: date
    end: date
    known: datetime | None


Rows = Iterable[Sequence[Any]]


class Report(NamedTuple):
    """One report.

    Attributes:
        totals: columns that are summed up in the table, by `currency` where that is a column too.
        within: column within which the sums are taken, beside the currency.
    """

    title: Text
    columns: tuple[str, ...]
    rows: Callable[[Session, Asked], Rows]
    empty: Text
    entity: str = "journal_entry"
    totals: tuple[str, ...] = ()
    within: str | None = None


def _in_own_currency(found: Iterable[Any], asked: Asked) -> Rows:
    return [(row.section, row.account, row.name, asked.company.currency, row.amount) for row in found]


NO_ENTRIES = _("no entry has been posted in those days")
STATEMENT = ("section", "account", "name", "currency", "amount")
AGES = ("not_due", "days_1_30", "days_31_60", "days_61_90", "over_90", "unallocated", "total")

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
    "stock-valuation": Report(
        _("Quantity and value of each item at the end of the days."),
        ("item", "name", "unit", "quantity", "value", "currency", "average_cost"),
        lambda session, asked: stock_valuation(session, asked.company.id, asked.end, asked.known),
        _("no stock has moved"),
        entity="stock_move",
        totals=("value",),
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
        lambda session, asked: proposals(session, asked.company.id, asked.end),
        _("no planning has been run, or it proposes nothing"),
        entity="planning_run",
    ),
}
MONEY = {"debit", "credit", "balance", "amount", "value", *AGES}


@click.command(epilog="Example: hub report trial-balance --company DEMO --from 2026-01-01 --to 2026-03-31")
@click.argument("name", type=click.Choice(list(REPORTS)), metavar="NAME")
@company_option
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First day; the beginning by default.")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last day; all there is by default.")
@click.option("--as-known", metavar="D", help="Only what had been recorded by the end of this day (or by this time).")
@format_option("xlsx")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; needed for xlsx.")
@as_option
def report(
    name: str, company_code: str, start: datetime | None, end: datetime | None, as_known: str | None,
    output_format: str, output: Path | None, username: str,
) -> None:  # fmt: skip
    """Report what the books say. Reports: trial-balance, balance-sheet, income-statement, general-ledger,
    aged-receivables, stock-valuation, mrp."""
    from operational_app.cli import people

    found = REPORTS[name]
    if output_format == "xlsx" and output is None:
        output = Path(f"{name}-{company_code}.xlsx")
    company = people.company_of(company_code, people.principal_of(username), found.entity)
    asked = Asked(company, start.date() if start else date.min, end.date() if end else date.max, known_at(as_known))
    with db.reading() as session:
        decimals = dict(session.execute(select(Currency.code, Currency.minor_units)).all())
        rows = [_shown(found, row, decimals) for row in found.rows(session, asked)]
    if not rows:
        raise NothingThere(company=company_code, what=found.empty)
    if output_format == "xlsx":
        assert output is not None
        _write_workbook(output, name, found.columns, rows)
        note(_("{rows} rows written to {file}.").format(rows=len(rows), file=output))
        return
    if output_format == "table":
        rows += _totals(found, rows, decimals)
    if output is None:
        show(found.columns, rows, output_format)
    else:
        with output.open("w", encoding="utf-8") as file:
            show(found.columns, rows, output_format, file=file)


def known_at(text: str | None) -> datetime | None:
    """The moment of `--as-known`: a day means its last instant, in UTC."""
    if text is None:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            str(_("write 2026-01-31 or 2026-01-31T18:00+08:00")), param_hint="--as-known"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def money(amount: Decimal, decimals: int) -> Decimal:
    """An amount with the decimals of its currency, and with more where it has more: never rounded."""
    exact = amount.normalize()
    return exact.quantize(Decimal(1).scaleb(min(exact.as_tuple().exponent, -decimals)))  # type: ignore[type-var]


def _shown(found: Report, row: Sequence[Any], decimals: dict[str, int]) -> list[Any]:
    currency = row[found.columns.index("currency")] if "currency" in found.columns else ""
    return [
        money(value, decimals[currency])
        if name in MONEY and value is not None
        else value.normalize() + 0
        if isinstance(value, Decimal) and name in ("quantity", "net_quantity", "average_cost")
        else value
        for name, value in zip(found.columns, row, strict=True)
    ]


def _totals(found: Report, rows: Sequence[Sequence[Any]], decimals: dict[str, int]) -> list[list[Any]]:
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
        total[place["name"]] = _("Total {group}").format(group=group).strip()
        for name in found.totals:
            total[place[name]] = (total[place[name]] or Decimal(0)) + (row[place[name]] or Decimal(0))
    for total in sums.values():
        for name in found.totals:
            total[place[name]] = money(total[place[name]], decimals[total[place["currency"]]])
    return list(sums.values())


def _write_workbook(file: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A workbook of one sheet. A spreadsheet keeps 15 digits of a number: an amount with more is written as text."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.append(list(columns))
    for row in rows:
        sheet.append(
            [
                format(v, "f") if isinstance(v, Decimal) and len(v.as_tuple().digits) > 15 else v
                for v in row
            ]
        )  # fmt: skip
    book.save(file)
