"""`hub export ledger`: a company's books for an independent check, streamed entry by entry."""

from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy.orm import Session

from operational_app.cli.people import as_option, company_option
from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.core.i18n import _
from operational_app.core.models import Company

FORMATS = ("csv", "hledger", "beancount")


class NoEntries(Refusal):
    template = _("{company} has no entries to export.")


@click.group(epilog="Example: hub export ledger --company DEMO --format hledger > demo.journal")
def export() -> None:
    """Give out the books for other programs."""


@export.command("ledger", epilog="Example: hub export ledger --company DEMO --format hledger > demo.journal")
@company_option
@click.option(
    "--format", "output_format", type=click.Choice(FORMATS), default="csv", show_default=True,
    help="csv can be read by `hub import journal`.",
)  # fmt: skip
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; standard output else.")
@as_option
def ledger(company_code: str, output_format: str, output: Path | None, username: str) -> None:
    """Give out every entry of the general ledger, exact."""
    from operational_app.cli import people

    company = people.company_of(company_code, people.principal_of(username), "journal_entry")
    with db.reading() as session:
        pieces = ledger_text(session, company, output_format)
        if output is None:
            for piece in pieces:
                click.echo(piece, nl=False)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(pieces)


def ledger_text(session: Session, company: Company, output_format: str) -> Iterator[str]:
    """The books in pieces, in one of FORMATS.

    Raises:
        NoEntries: there is nothing to give out.
    """
    from operational_app.finance.ledger_export import queries, rules

    accounts = queries.accounts(session, company.id)
    if not accounts:
        raise NoEntries(company=company.code)
    entries = queries.entries(session, company.id)
    if output_format == "csv":
        return rules.as_csv(company.currency, entries)
    commodities = queries.commodities(session, company.id, company.currency)
    write = rules.as_hledger if output_format == "hledger" else rules.as_beancount
    return write(f"{company.code} {company.name}", company.currency, accounts, commodities, entries)
