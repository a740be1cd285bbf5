"""`hub report NAME`: what the books say, exact, for people and for machines. The reports are in operational_app/reports.py."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from operational_app.cli.output import format_option, note, show
from operational_app.cli.people import as_option, company_option
from operational_app.core import db
from operational_app.core.i18n import _
from operational_app.reports import REPORTS, Asked, rows_of, totals_of, workbook, zero_totals


@click.command(epilog="Example: hub report trial-balance --company DEMO --from 2026-01-01 --to 2026-03-31")
@click.argument("name", type=click.Choice(list(REPORTS)), metavar="NAME")
@company_option
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First day; the beginning by default.")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last day; all there is by default.")
@click.option("--as-known", metavar="D", help="Only what had been recorded by the end of this day (or by this time).")
@click.option("--item", metavar="NUMBER", help="Only this item, where the report tells of items.")
@format_option("xlsx")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; needed for xlsx.")
@as_option
def report(
    name: str, company_code: str, start: datetime | None, end: datetime | None, as_known: str | None,
    item: str | None, output_format: str, output: Path | None, username: str,
) -> None:  # fmt: skip
    """Report what the books say. Reports: trial-balance, balance-sheet, income-statement, cash-flow, general-ledger,
    aged-receivables, aged-payables, department-results, ratios, vat-return, budget-vs-actual, stock-valuation,
    stock-ledger,
    payroll-summary, mrp."""
    from operational_app.cli import people

    found = REPORTS[name]
    if output_format == "xlsx" and output is None:
        output = Path(f"{name}-{company_code}.xlsx")
    company = people.company_of(company_code, people.principal_of(username), found.entity)
    asked = Asked(
        company, start.date() if start else date.min, end.date() if end else date.max, known_at(as_known), item
    )
    with db.reading() as session:
        rows, decimals = rows_of(found, session, asked)
    if not rows:
        # A script reads an empty report like any other: its columns, zero totals, exit status 0. People are told why.
        note(_("{company} has nothing to report here: {what}.").format(company=company_code, what=found.empty))
    if output_format == "xlsx":
        assert output is not None
        output.write_bytes(workbook(found, name, found.columns, rows, decimals))
        note(_("{rows} rows written to {file}.").format(rows=len(rows), file=output))
        return
    if output_format == "table":
        rows += totals_of(found, rows, decimals) or zero_totals(found, company.currency, decimals)
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
