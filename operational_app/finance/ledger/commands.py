"""Verbs of the accountant about the ledger, and the one function that posts an entry."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Company
from operational_app.core.money import Money
from operational_app.core.period import period_for
from operational_app.finance.errors import (
    ControlledAccount,
    EntryUnbalanced,
    LineOnBothSides,
    NoPostingAccount,
    PostedByDocument,
    ReversedAlready,
)
from operational_app.finance.ledger.models import (
    JournalEntry,
    JournalLine,
    LedgerAccount,
    PostingAccount,
    journal_entry,
    ledger_account,
)
from operational_app.finance.ledger.rules import (
    CONTROLLED,
    LONGEST_ACCOUNT_CODE,
    Posting,
    differences,
    gathered,
    is_account_code,
)

# Document type of entries that a file brought in: nothing elsewhere is the sum of what they post.
IMPORTED = "journal_import"

CHARTS = Path(__file__).resolve().parent / "charts"


def _account_code(code: str) -> str:
    if not is_account_code(code):
        raise ValueError(str(_("Use letters, digits, points and colons, such as 1002 or 2221.01.06.")))
    return code


class AddLedgerAccount(Body):
    code: Annotated[str, AfterValidator(_account_code)] = Field(min_length=1, max_length=LONGEST_ACCOUNT_CODE)
    name: str = Field(min_length=1, max_length=200)
    name_zh: str | None = Field(default=None, max_length=200)
    type: Literal["asset", "liability", "equity", "cost", "income", "expense"]
    normal_side: Literal["debit", "credit"]


class EntryLine(Body):
    ledger_account_id: Ref("ledger_account")
    description: str | None = Field(default=None, max_length=500)
    debit: Money = Field(default=Decimal(0), ge=0)
    credit: Money = Field(default=Decimal(0), ge=0)


class PostJournalEntry(Body):
    posting_date: date
    description: str = Field(min_length=1, max_length=500)
    lines: list[EntryLine] = Field(min_length=2, max_length=5000)


class ReverseJournalEntry(Body):
    posting_date: date
    description: str | None = Field(default=None, max_length=500)


@command(ledger_account, _("Add ledger account"))
def add_ledger_account(work: Work, body: AddLedgerAccount) -> LedgerAccount:
    """Add an account to the company's chart."""
    made = LedgerAccount(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    work.session.flush()
    return made


@command(journal_entry, _("Post journal entry"))
def post_journal_entry(work: Work, body: PostJournalEntry) -> JournalEntry:
    """Post an entry by hand in the company's currency. What is posted stays; it can be reversed."""
    wrong = {
        f"lines.{i}.debit": _("Fill in either debit or credit.")
        for i, line in enumerate(body.lines)
        if (line.debit > 0) == (line.credit > 0)
    }
    if wrong:
        raise LineOnBothSides(fields=wrong)
    _refuse_controlled(work, body.lines)
    lines = [
        Posting(account=line.ledger_account_id, amount=line.debit - line.credit, description=line.description)
        for line in body.lines
    ]
    return post(work, body.posting_date, body.description, lines)


def _refuse_controlled(work: Work, lines: Sequence[EntryLine]) -> None:
    """An entry by hand on an account that is the sum of documents would part the two for ever."""
    controlled = dict(
        work.session.execute(
            select(LedgerAccount.id, LedgerAccount.code)
            .join(PostingAccount, PostingAccount.ledger_account_id == LedgerAccount.id)
            .where(PostingAccount.company_id == work.company_id, PostingAccount.purpose.in_(CONTROLLED))
        ).all()
    )
    for index, line in enumerate(lines):
        if line.ledger_account_id in controlled:
            refusal = ControlledAccount(account=controlled[line.ledger_account_id])
            refusal.fields = {f"lines.{index}.ledger_account_id": refusal.message}
            raise refusal


@command(journal_entry, _("Reverse"))
def reverse_journal_entry(work: Work, entry: JournalEntry, body: ReverseJournalEntry) -> JournalEntry:
    """Take an entry back by posting its opposite. An entry can be reversed once; one that a document posted follows it."""
    if entry.document_type not in (None, IMPORTED):
        raise PostedByDocument(number=entry.number)
    if work.session.scalars(select(JournalEntry).where(JournalEntry.reverses_id == entry.id)).one_or_none():
        raise ReversedAlready(number=entry.number)
    lines = work.session.scalars(
        select(JournalLine).where(JournalLine.journal_entry_id == entry.id).order_by(JournalLine.line_no)
    )
    opposite = [
        Posting(
            account=line.ledger_account_id,
            amount=line.credit - line.debit,
            currency=line.currency,
            company_amount=line.company_credit - line.company_debit,
            description=line.description,
            party_role_id=line.party_role_id,
            item_id=line.item_id,
        )
        for line in lines
    ]
    made = post(
        work,
        body.posting_date,
        body.description or _("Reversal of {number}").format(number=entry.number),
        opposite,
        document=(IMPORTED, entry.document_id) if entry.document_id else None,
        is_exchange=entry.is_exchange,
        reverses_id=entry.id,
    )
    work.link(entry, made)
    return made


def post(
    work: Work,
    posting_date: date,
    description: str,
    postings: Sequence[Posting],
    *,
    document: tuple[str, int] | None = None,
    is_exchange: bool = False,
    reverses_id: int | None = None,
) -> JournalEntry:
    """Post one entry.

    Args:
        document: type and row of the document that is posted; None for an entry by hand.
        is_exchange: the entry need balance in the company's currency only.

    Raises:
        EntryUnbalanced: the lines do not balance; the database would refuse them too, at commit.
        PeriodClosed, NoPeriod: the day takes no postings.
    """
    assert work.company is not None
    lines = gathered(postings)
    own = work.company.currency
    unbalanced = {} if is_exchange else differences(lines)
    if len(lines) < 2 or unbalanced or sum((line.value for line in lines), Decimal(0)):
        shown = ", ".join(f"{amount} {currency or own}" for currency, amount in unbalanced.items())
        raise EntryUnbalanced(difference=shown or "0")
    period = period_for(work.session, work.company, posting_date)
    entry = JournalEntry(
        company_id=work.company_id,
        number=work.number(journal_entry, posting_date),
        posting_date=posting_date,
        period_id=period.id,
        description=description,
        document_type=document[0] if document else None,
        document_id=document[1] if document else None,
        is_exchange=is_exchange,
        reverses_id=reverses_id,
        line_count=len(lines),
        created_by=work.principal.user_id,
    )
    work.session.add(entry)
    work.session.flush()
    work.session.add_all(_line(entry, number, posting, own) for number, posting in enumerate(lines, start=1))
    work.session.flush()
    return entry


def _line(entry: JournalEntry, number: int, posting: Posting, own: str) -> JournalLine:
    return JournalLine(
        company_id=entry.company_id,
        journal_entry_id=entry.id,
        line_count=entry.line_count,
        line_no=number,
        ledger_account_id=posting.account,
        description=posting.description,
        currency=posting.currency or own,
        debit=max(posting.amount, Decimal(0)),
        credit=max(-posting.amount, Decimal(0)),
        company_debit=max(posting.value, Decimal(0)),
        company_credit=max(-posting.value, Decimal(0)),
        party_role_id=posting.party_role_id,
        item_id=posting.item_id,
    )


def account_for(work: Work, purpose: str) -> int:
    """The account that the company's automatic postings use for a purpose."""
    account = work.session.scalars(
        select(PostingAccount.ledger_account_id).where(
            PostingAccount.company_id == work.company_id, PostingAccount.purpose == purpose
        )
    ).one_or_none()
    if account is None:
        raise NoPostingAccount(purpose=purpose)
    return account


def apply_chart(session: Session, company: Company) -> None:
    """Make the accounts of the company's chart template, and say which serve the automatic postings."""
    with (CHARTS / f"{company.chart}.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            purpose = row.pop("purpose")
            account = LedgerAccount(company_id=company.id, **row)
            session.add(account)
            session.flush()
            if purpose:
                session.add(PostingAccount(company_id=company.id, purpose=purpose, ledger_account_id=account.id))
    session.flush()
