"""The accountant's verb that brings in a journal from elsewhere, fast: rows go in by COPY, past no guard of the store."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from pydantic import ConfigDict, Field
from sqlalchemy import func, select, text

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Currency, Period
from operational_app.core.numbering import next_numbers
from operational_app.core.period import open_year
from operational_app.finance.errors import (
    AccountsUnknown,
    CurrenciesUnknown,
    EntriesImported,
    FileImported,
    JournalMistaken,
    PeriodsClosed,
    PeriodsMissing,
)
from operational_app.finance.events import JournalImported
from operational_app.finance.journal_import.models import JournalImport, journal_import
from operational_app.finance.journal_import.rules import ImportedEntry, ImportedJournal, guessed_type, read_journal
from operational_app.finance.ledger.models import JournalEntry, JournalLine, LedgerAccount, journal_entry
from operational_app.finance.ledger.rules import ACCOUNT_TYPES

LONGEST_CONTENT = 500_000_000
# How many unknown names a refusal lists.
MOST_NAMES = 30


class ImportJournal(Body):
    # The text is taken as it is: a row that ends in an empty cell would otherwise lose it.
    model_config = ConfigDict(str_strip_whitespace=False)

    file_name: str = Field(min_length=1, max_length=255)
    content: str = Field(min_length=1, max_length=LONGEST_CONTENT, json_schema_extra={"x-kind": "text"})
    create_accounts: bool = False
    open_years: bool = False


@command(journal_import, _("Import journal"))
def import_journal(work: Work, body: ImportJournal) -> JournalImport:
    """Bring in a file of journal entries, all or nothing: columns date, entry_id, account, debit, credit, currency,
    description; optional line, account_name, account_type, company_debit, company_credit. Entries keep their entry_id."""
    assert work.company is not None
    file_hash = hashlib.sha256(body.content.encode()).hexdigest()
    _refuse_known_file(work, body.file_name, file_hash)
    journal = read_journal(body.content, work.company.currency)
    if journal.mistakes:
        hidden = journal.mistake_count - len(journal.mistakes)
        more = {"…": _("and {count} more mistakes").format(count=hidden)} if hidden else {}
        raise JournalMistaken(file=body.file_name, fields={**journal.mistakes, **more})
    _refuse_known_entries(work, journal.entries)
    _know_currencies(work, journal, body.create_accounts)
    accounts = _accounts(work, journal, body.create_accounts)
    periods = _Periods(work, journal.entries, body.open_years)
    # Numbers follow the days; entries of one day keep the file's order.
    entries = sorted(journal.entries, key=lambda entry: entry.posting_date)
    lines = sum(len(entry.lines) for entry in entries)
    made = JournalImport(
        company_id=work.company_id,
        number=work.number(journal_import, work.today),
        state="posted",
        business_date=work.today,
        created_by=work.principal.user_id,
        file_name=body.file_name,
        file_hash=file_hash,
        entry_count=len(entries),
        line_count=lines,
    )
    work.session.add(made)
    work.session.flush()
    _write(work, made, entries, accounts, periods)
    work.announce(JournalImported(document_id=made.id, entry_count=len(entries), line_count=lines))
    work.details = {"entry_count": len(entries), "line_count": lines}
    return made


def _refuse_known_file(work: Work, file_name: str, file_hash: str) -> None:
    known = work.session.scalars(
        select(JournalImport).where(JournalImport.company_id == work.company_id, JournalImport.file_hash == file_hash)
    ).one_or_none()
    if known is not None:
        raise FileImported(file=file_name, number=known.number, day=known.recorded_at.date().isoformat())


def _refuse_known_entries(work: Work, entries: Sequence[ImportedEntry]) -> None:
    known = work.session.execute(
        select(JournalEntry.external_id, JournalEntry.number)
        .join(
            func.unnest(text("CAST(:ids AS text[])").bindparams(ids=[entry.external_id for entry in entries]))
            .table_valued("id")
            .render_derived("wanted"),
            text("wanted.id = journal_entry.external_id"),
        )
        .where(JournalEntry.company_id == work.company_id)
        .order_by(JournalEntry.id)
        .limit(MOST_NAMES)
    ).all()
    if known:
        raise EntriesImported(entries=", ".join(f"{external_id} ({number})" for external_id, number in known))


def _know_currencies(work: Work, journal: ImportedJournal, create: bool) -> None:
    """Every currency and commodity of the file is known, or made: with as many decimals as its amounts have."""
    known = set(work.session.scalars(select(Currency.code).where(Currency.code.in_(journal.currencies))))
    missing = [code for code in sorted(journal.currencies) if code not in known]
    if missing and not create:
        raise CurrenciesUnknown(currencies=_listed(missing))
    work.session.add_all(
        Currency(code=code, name=code, minor_units=max(2, journal.currencies[code])) for code in missing
    )
    work.session.flush()


def _accounts(work: Work, journal: ImportedJournal, create: bool) -> dict[str, int]:
    """Account code → row; unknown ones are refused, or made."""
    assert work.company is not None
    known = dict(
        work.session.execute(
            select(LedgerAccount.code, LedgerAccount.id).where(LedgerAccount.company_id == work.company_id)
        ).all()
    )
    missing = [code for code in sorted(journal.accounts) if code not in known]
    if missing and not create:
        raise AccountsUnknown(company=work.company.code, accounts=_listed(missing))
    made = []
    for code in missing:
        name, kind = journal.accounts[code]
        kind = kind or guessed_type(code, name, work.company.chart)
        made.append(
            LedgerAccount(
                company_id=work.company_id, code=code, name=name or code, type=kind, normal_side=ACCOUNT_TYPES[kind]
            )
        )
    work.session.add_all(made)
    work.session.flush()
    return known | {account.code: account.id for account in made}


def _listed(names: Sequence[str]) -> str:
    more = _(" and {count} more").format(count=len(names) - MOST_NAMES) if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


class _Periods:
    """The open period of each day of the file.

    Raises:
        PeriodsMissing, PeriodsClosed: name the years and the periods.
    """

    def __init__(self, work: Work, entries: Sequence[ImportedEntry], open_years: bool) -> None:
        assert work.company is not None
        days = sorted({entry.posting_date for entry in entries})
        self._find(work, days)
        years = sorted({day.year for day in days if day not in self.of})
        if years and not open_years:
            raise PeriodsMissing(company=work.company.code, years=", ".join(map(str, years)))
        for year in years:
            open_year(work.session, work.company, year)
        self._find(work, days)
        closed = sorted({period.code for period in self.of.values() if period.state != "open"})
        if closed:
            raise PeriodsClosed(company=work.company.code, periods=", ".join(closed))

    def _find(self, work: Work, days: Sequence[Any]) -> None:
        periods = work.session.scalars(select(Period).where(Period.company_id == work.company_id)).all()
        found = ((day, p) for day in days for p in periods if p.start_date <= day <= p.end_date)
        self.of = dict(found)


def _write(
    work: Work, made: JournalImport, entries: Sequence[ImportedEntry], accounts: dict[str, int], periods: _Periods
) -> None:
    """Write entries and lines. The counter of the journal is taken here and held to the commit: others wait so long."""
    ids = _new_ids(work, len(entries))
    numbers = [
        number
        for year, group in groupby(entries, key=lambda entry: entry.posting_date.year)
        for number in next_numbers(
            work.session, work.company_id, journal_entry.name, journal_entry.prefix, year, len(list(group))
        )
    ]
    _copy(
        work,
        JournalEntry.__table__,
        ("id", "company_id", "number", "posting_date", "period_id", "description", "document_type", "document_id",
         "is_exchange", "line_count", "external_id", "created_by"),
        (
            (row_id, work.company_id, number, entry.posting_date, periods.of[entry.posting_date].id, entry.description,
             journal_import.name, made.id, entry.is_exchange, len(entry.lines), entry.external_id,
             work.principal.user_id)
            for row_id, number, entry in zip(ids, numbers, entries, strict=True)
        ),
    )  # fmt: skip
    _copy(
        work,
        JournalLine.__table__,
        ("company_id", "journal_entry_id", "line_count", "line_no", "ledger_account_id", "description", "currency",
         "debit", "credit", "company_debit", "company_credit"),
        _line_rows(work.company_id, ids, entries, accounts),
    )  # fmt: skip


def _line_rows(
    company_id: int, ids: Sequence[int], entries: Sequence[ImportedEntry], accounts: dict[str, int]
) -> Iterator[tuple[Any, ...]]:
    for row_id, entry in zip(ids, entries, strict=True):
        for place, line in enumerate(entry.lines, start=1):
            yield (
                company_id, row_id, len(entry.lines), place, accounts[line.account], line.description, line.currency,
                line.debit, line.credit, line.company_debit, line.company_credit,
            )  # fmt: skip


def _new_ids(work: Work, count: int) -> list[int]:
    sequence = "nextval(pg_get_serial_sequence('finance.journal_entry', 'id'))"
    return list(work.session.scalars(text(f"SELECT {sequence} FROM generate_series(1, :count)"), {"count": count}))


def _copy(work: Work, table: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows in: triggers and constraints of the table see each of them, as with INSERT."""
    connection: Any = work.session.connection().connection.driver_connection
    target = f"{table.schema}.{table.name} ({', '.join(columns)})"
    with connection.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        block: list[str] = []
        for row in rows:
            block.append("\t".join(map(_copied, row)))
            if len(block) == 5000:
                copy.write("\n".join(block) + "\n")
                block.clear()
        if block:
            copy.write("\n".join(block) + "\n")


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
