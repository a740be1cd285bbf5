"""`hub import DOCUMENT FILE`: files into documents, through their commands; all or nothing per file."""

import csv
import io
import time
from pathlib import Path
from typing import Any

import click

from operational_app.cli import people
from operational_app.cli.output import note
from operational_app.core.errors import NotFound
from operational_app.core.i18n import _
from operational_app.core.reference_data import OPERATOR


class DocumentsByFile(click.Group):
    """The two kinds of files with a form of their own, and every document that a command enters."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *(document for document in _entered_by())]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        own = super().get_command(ctx, name)
        entering = None if own else _entered_by().get(name.replace("-", "_"))
        return _documents(name, entering) if entering else own


def _entered_by() -> dict[str, Any]:
    """Document → the command by which a file brings it in; a second command for the same document by its own name."""
    from operational_app import modules
    from operational_app.core.bulk import importable
    from operational_app.core.command import COMMANDS

    modules.load()
    found: dict[str, Any] = {}
    for command in COMMANDS.values():
        if importable(command):
            found[command.name if command.document.name in found else command.document.name] = command
    return found


def _documents(name: str, entering: Any) -> click.Command:
    """`hub import NAME FILE`: through one command."""

    @click.command(
        name, help=entering.help, epilog=f"Example: hub import {name} {entering.document.path}.xlsx --company DEMO"
    )
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @people.company_option
    @click.option(
        "--dry-run", is_flag=True, help="Check everything, the store's own guards included, and save nothing."
    )
    @people.as_option
    def bring_in(file: Path, company_code: str, dry_run: bool, username: str) -> None:
        from operational_app.core import sheets
        from operational_app.core.execute import execute

        started = time.monotonic()
        content = sheets.as_content(file.name, file.read_bytes())
        body = {"company": company_code, "command": entering.name, "file_name": file.name, "content": content}
        # A key of its own for each call: a second import of the file is refused by its content.
        answer = execute(people.user_id_of(username), "import_file", body, people.fresh_key(), dry_run=dry_run)
        said = _("{file} is fine: {count} documents; nothing was saved ({seconds:.1f} s).")
        if not dry_run:
            said = _("{number}: {count} documents brought in ({seconds:.1f} s).")
        count, seconds = answer["details"]["document_count"], time.monotonic() - started
        note(said.format(file=file.name, number=answer["number"], count=count, seconds=seconds))

    return bring_in


@click.group("import", cls=DocumentsByFile, epilog="Example: hub import journal entries.csv --company DEMO --dry-run")
def import_() -> None:
    """Bring CSV or Excel files into documents; all or nothing per file, errors by row and column."""


@import_.command("journal", epilog="Example: hub import journal entries.csv --company DEMO --create-accounts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--company", "company_code", required=True, metavar="CODE", help="Code of the company.")
@click.option("--dry-run", is_flag=True, help="Check everything, the store's own guards included, and save nothing.")
@click.option(
    "--create-accounts", is_flag=True, help="Make accounts, currencies and commodities that are not there yet."
)
@click.option(
    "--open-years/--no-open-years",
    default=None,
    help="Open years that have no periods yet. As --create-accounts where not said; closed periods stay closed.",
)
@click.option("--as", "username", default=OPERATOR, show_default=True, metavar="USER", help="Act as this user.")
def journal(
    file: Path, company_code: str, dry_run: bool, create_accounts: bool, open_years: bool | None, username: str
) -> None:
    """Bring in journal entries.

    Columns: date, entry_id, account, debit, credit, currency, description; optional line, account_name, account_type,
    company_debit, company_credit. An entry has to balance in each currency, or in the company's currency where those
    columns are given.
    """
    from operational_app import modules
    from operational_app.core.execute import execute

    modules.load()
    started = time.monotonic()
    body = {
        "company": company_code,
        "file_name": file.name,
        "content": text_of(file),
        "create_accounts": create_accounts,
        "open_years": create_accounts if open_years is None else open_years,
    }
    user_id = people.user_id_of(username)
    # A key of its own for each call: a second import of the file is not a retry, and is refused by its content.
    answer = execute(user_id, "import_journal", body, people.fresh_key(), dry_run=dry_run)
    entries, lines = answer["details"]["entry_count"], answer["details"]["line_count"]
    said = _("{file} is fine: {entries} entries, {lines} lines; nothing was saved ({seconds:.1f} s).")
    if not dry_run:
        said = _("{number}: {entries} entries, {lines} lines imported ({seconds:.1f} s).")
    note(
        said.format(
            file=file.name, number=answer["number"], entries=entries, lines=lines, seconds=time.monotonic() - started
        )
    )


@import_.command("bank-statement", epilog="Example: hub import bank-statement march.xml --company DEMO --account ICBC")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--company", "company_code", required=True, metavar="CODE", help="Code of the company.")
@click.option("--account", "bank_account", required=True, metavar="CODE", help="Code of the bank account.")
@click.option("--dry-run", is_flag=True, help="Check everything and save nothing.")
@click.option("--as", "username", default=OPERATOR, show_default=True, metavar="USER", help="Act as this user.")
def bank_statement(file: Path, company_code: str, bank_account: str, dry_run: bool, username: str) -> None:
    """Bring in a bank statement: CAMT.053, or CSV with the columns date, amount; optional reference, party,
    description, balance. Lines that were imported before are left out."""
    from sqlalchemy import select

    from operational_app import modules
    from operational_app.core import db
    from operational_app.core.execute import execute
    from operational_app.finance.treasury.models import BankAccount

    modules.load()
    company = people.company_of(company_code, people.principal_of(username), "bank_account")
    with db.reading() as session:
        account_id = session.scalars(
            select(BankAccount.id).where(BankAccount.company_id == company.id, BankAccount.code == bank_account)
        ).one_or_none()
    if account_id is None:
        raise NotFound(entity=_("bank account"), key=bank_account)
    body = {
        "company": company_code,
        "bank_account_id": account_id,
        "file_name": file.name,
        "content": text_of(file),
    }
    answer = execute(people.user_id_of(username), "import_bank_statement", body, people.fresh_key(), dry_run=dry_run)
    new, known = answer["details"]["line_count"], answer["details"]["known_count"]
    said = _("{number}: {new} lines, {known} were known.")
    if dry_run:
        said = _("{file} is fine: {new} lines, {known} are known; nothing was saved.")
    note(said.format(number=answer["number"], file=file.name, new=new, known=known))


@import_.command("punches", epilog="Example: hub import punches gate.csv --company DEMO --as hr")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--company", "company_code", required=True, metavar="CODE", help="Code of the company.")
@click.option("--dry-run", is_flag=True, help="Check everything and save nothing.")
@click.option("--as", "username", default=OPERATOR, show_default=True, metavar="USER", help="Act as this user.")
def punches(file: Path, company_code: str, dry_run: bool, username: str) -> None:
    """Bring in comings and goings: columns employee (number), time, direction (come, go). Punches that were imported
    before are left out."""
    from operational_app import modules
    from operational_app.cli import people
    from operational_app.core.execute import execute

    modules.load()
    body = {"company": company_code, "file_name": file.name, "content": text_of(file)}
    answer = execute(people.user_id_of(username), "import_punches", body, people.fresh_key(), dry_run=dry_run)
    new, known = answer["details"]["row_count"], answer["details"]["known_count"]
    said = _("{file}: {new} punches imported, {known} were known.")
    if dry_run:
        said = _("{file} is fine: {new} punches, {known} are known; nothing was saved.")
    note(said.format(file=file.name, new=new, known=known))


def text_of(file: Path) -> str:
    """A file's text: CSV as it is, or the first sheet of a workbook as CSV."""
    from operational_app.core import sheets

    content = sheets.as_content(file.name, file.read_bytes())
    if not sheets.is_workbook(file.name):
        return content
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(sheets.read_rows(file.name, content))
    return text.getvalue()
