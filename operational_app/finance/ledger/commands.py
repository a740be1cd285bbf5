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
from operational_app.core.exchange import exchange_rate_on
from operational_app.core.i18n import _
from operational_app.core.known import known
from operational_app.core.models import Company, Currency
from operational_app.core.money import Money, Rate
from operational_app.core.period import open_period_id
from operational_app.finance.errors import (
    ControlledAccount,
    ControlledAccountMoved,
    CurrenciesNotKnown,
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
    PURPOSES,
    Posting,
    company_amounts,
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
    department_id: Ref("department") | None = None
    debit: Money = Field(default=Decimal(0), ge=0)
    credit: Money = Field(default=Decimal(0), ge=0)
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="Empty: the company's currency.")
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )


class AssignPostingAccount(Body):
    purpose: Literal[tuple(PURPOSES)]  # type: ignore[valid-type]


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


@command(ledger_account, _("Use for automatic postings"))
def assign_posting_account(work: Work, account: LedgerAccount, body: AssignPostingAccount) -> LedgerAccount:
    """Let the automatic postings use this account for a purpose from now on. What was posted stays where it is."""
    if body.purpose in CONTROLLED and _posted_for(work, body.purpose):
        raise ControlledAccountMoved(purpose=body.purpose)
    found = work.session.scalars(
        select(PostingAccount)
        .where(PostingAccount.company_id == work.company_id, PostingAccount.purpose == body.purpose)
        .with_for_update()
    ).one_or_none()
    if found is None:
        found = PostingAccount(company_id=work.company_id, purpose=body.purpose, ledger_account_id=account.id)
        work.session.add(found)
    found.ledger_account_id = account.id
    return account


def _posted_for(work: Work, purpose: str) -> bool:
    """Whether anything stands on the account that serves a purpose now."""
    return (
        work.session.scalars(
            select(JournalLine.id)
            .join(PostingAccount, PostingAccount.ledger_account_id == JournalLine.ledger_account_id)
            .where(PostingAccount.company_id == work.company_id, PostingAccount.purpose == purpose)
            .limit(1)
        ).one_or_none()
        is not None
    )


@command(journal_entry, _("Post journal entry"))
def post_journal_entry(work: Work, body: PostJournalEntry) -> JournalEntry:
    """Post an entry by hand, in the company's currency or in others at a rate. What is posted stays; it can be reversed."""
    postings, is_exchange = postings_by_hand(work, body.posting_date, body.lines)
    return post(work, body.posting_date, body.description, postings, is_exchange=is_exchange)


def postings_by_hand(work: Work, day: date, lines: Sequence[EntryLine]) -> tuple[list[Posting], bool]:
    """Lines that a person entered as postings, and whether money changes its currency in them.

    Raises:
        LineOnBothSides, ControlledAccount, ExchangeRateMissing: names the lines where it can.
    """
    assert work.company is not None
    wrong = {
        f"lines.{i}.debit": _("Fill in either debit or credit.")
        for i, line in enumerate(lines)
        if (line.debit > 0) == (line.credit > 0)
    }
    if wrong:
        raise LineOnBothSides(fields=wrong)
    refuse_controlled(work, lines)
    own = work.company.currency
    foreign = [_foreign(work, line, day) if line.currency not in (None, own) else None for line in lines]
    minor_units = work.session.get_one(Currency, own).minor_units
    amounts = company_amounts(
        [(line.debit - line.credit, rate) for line, rate in zip(lines, foreign, strict=True)], minor_units
    )
    postings = [
        Posting(
            account=line.ledger_account_id,
            amount=line.debit - line.credit,
            currency=rate[0] if rate else None,
            company_amount=amount if rate else None,
            description=line.description,
            department_id=line.department_id,
        )
        for line, rate, amount in zip(lines, foreign, amounts, strict=True)
    ]
    return postings, any(foreign) and bool(differences(postings))


def _foreign(work: Work, line: EntryLine, day: date) -> tuple[str, Decimal]:
    """Currency and rate of a line that is not in the company's currency."""
    assert line.currency is not None
    if work.session.get(Currency, line.currency) is None:
        raise CurrenciesNotKnown(currency=line.currency)
    rate = line.exchange_rate or exchange_rate_on(work.session, work.company_id, line.currency, day)
    return line.currency, rate


def refuse_controlled(work: Work, lines: Sequence[EntryLine]) -> None:
    """An entry by hand on an account that is the sum of documents would part the two for ever."""
    controlled = controlled_accounts(work)
    for index, line in enumerate(lines):
        if line.ledger_account_id in controlled:
            raise _controlled(controlled[line.ledger_account_id], f"lines.{index}.ledger_account_id")


def refuse_controlled_account(work: Work, ledger_account_id: int, field: str) -> None:
    """Refuse an account that is the sum of documents elsewhere, beside the field that names it."""
    code = controlled_accounts(work).get(ledger_account_id)
    if code is not None:
        raise _controlled(code, field)


def _controlled(code: str, field: str) -> ControlledAccount:
    refusal = ControlledAccount(account=code)
    refusal.fields = {field: refusal.message}
    return refusal


def controlled_accounts(work: Work) -> dict[int, str]:
    """Row and code of the accounts that are the sum of documents elsewhere."""
    return dict(
        work.session.execute(
            select(LedgerAccount.id, LedgerAccount.code)
            .join(PostingAccount, PostingAccount.ledger_account_id == LedgerAccount.id)
            .where(PostingAccount.company_id == work.company_id, PostingAccount.purpose.in_(CONTROLLED))
        ).all()
    )


@command(journal_entry, _("Reverse"))
def reverse_journal_entry(work: Work, entry: JournalEntry, body: ReverseJournalEntry) -> JournalEntry:
    """Take an entry back by posting its opposite. An entry can be reversed once; one that a document posted follows it."""
    if entry.document_type not in (None, IMPORTED):
        raise PostedByDocument(number=entry.number)
    if work.session.scalars(select(JournalEntry).where(JournalEntry.reverses_id == entry.id)).one_or_none():
        raise ReversedAlready(number=entry.number)
    return post_reversal(
        work,
        entry,
        body.posting_date,
        body.description,
        document=(IMPORTED, entry.document_id) if entry.document_id else None,
    )


def post_reversal(
    work: Work,
    entry: JournalEntry,
    posting_date: date,
    description: str | None = None,
    *,
    document: tuple[str, int] | None = None,
) -> JournalEntry:
    """Post the opposite of an entry, linked to it."""
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
            department_id=line.department_id,
        )
        for line in lines
    ]
    made = post(
        work,
        posting_date,
        description or _("Reversal of {number}").format(number=entry.number),
        opposite,
        document=document,
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
        raise EntryUnbalanced(difference=shown or f"{sum((line.value for line in lines), Decimal(0))} {own}")
    period_id = open_period_id(work.session, work.company, posting_date)
    entry = JournalEntry(
        company_id=work.company_id,
        number=work.number(journal_entry, posting_date),
        posting_date=posting_date,
        period_id=period_id,
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
        department_id=posting.department_id,
    )


def account_for(work: Work, purpose: str) -> int:
    """The account that the company's automatic postings use for a purpose."""
    accounts = known(work.session, ("posting accounts", work.company_id), lambda: _posting_accounts(work))
    if purpose not in accounts:
        raise NoPostingAccount(purpose=purpose)
    return accounts[purpose]


def _posting_accounts(work: Work) -> dict[str, int]:
    return dict(
        work.session.execute(
            select(PostingAccount.purpose, PostingAccount.ledger_account_id).where(
                PostingAccount.company_id == work.company_id
            )
        ).all()
    )


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
