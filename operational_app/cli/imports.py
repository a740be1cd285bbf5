"""`hub import DOCUMENT FILE`: files into documents, through their commands; all or nothing per file."""

import csv
import io
import time
from pathlib import Path

import click

from operational_app.cli.output import note
from operational_app.core.errors import NotFound, Refusal
from operational_app.core.i18n import _
from operational_app.core.reference_data import OPERATOR


class FileUnreadable(Refusal):
    template = _("{file} is not text in UTF-8 (byte {position}). Save it as “CSV UTF-8” and try again.")


class WorkbookEmpty(Refusal):
    template = _("{file} has no sheet that holds anything.")


@click.group("import", epilog="Example: hub import journal entries.csv --company DEMO --dry-run")
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
    from operational_app.cli import people
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
    from operational_app.cli import people
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


def text_of(file: Path) -> str:
    """A file's text: CSV in UTF-8 with or without BOM, or the first sheet of a workbook as CSV."""
    if file.suffix.lower() == ".xlsx":
        return _workbook_text(file)
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable(file=file.name, position=error.start) from error


def _workbook_text(file: Path) -> str:
    from connectors.files import excel

    names = excel.sheets(file)
    if not names:
        raise WorkbookEmpty(file=file.name)
    header, table, _text_columns, _above = excel.rows(file.read_bytes(), file.name, names[0])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return text.getvalue()
