"""Reading the ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Sums first, by account, currency and whether it lies within the days asked for: hundreds of thousands of lines become a few
# dozen before names come in and before anything is subtracted.
TRIAL_BALANCE = text(
    """
    WITH sums AS (
      SELECT l.ledger_account_id, l.currency, e.posting_date >= :start AS within,
             sum(l.debit) AS debit, sum(l.credit) AS credit
      FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
      WHERE l.company_id = :company AND e.company_id = :company AND e.posting_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR e.recorded_at <= CAST(:known AS timestamptz))
      GROUP BY 1, 2, 3
    )
    SELECT a.code AS account, a.name, s.currency,
           coalesce(sum(s.debit) FILTER (WHERE s.within), 0) AS debit,
           coalesce(sum(s.credit) FILTER (WHERE s.within), 0) AS credit,
           sum(s.debit - s.credit) AS balance
    FROM sums s JOIN finance.ledger_account a ON a.id = s.ledger_account_id
    GROUP BY a.code, a.name, s.currency
    ORDER BY a.code, s.currency
    """
)


def trial_balance(
    session: Session, company_id: int, start: date, end: date, as_known: datetime | None = None
) -> Sequence[Row[Any]]:
    """Turnover of the days from `start` to `end` and the balance at the end (debit positive), by account and currency.

    Args:
        as_known: leave out what was recorded after this moment.
    """
    return session.execute(TRIAL_BALANCE, {"company": company_id, "start": start, "end": end, "known": as_known}).all()


MONEY_ACCOUNTS = text(
    "SELECT id, code, currency, ledger_account_id FROM finance.bank_account WHERE company_id = :company ORDER BY id"
)


def money_accounts(session: Session, company_id: int) -> Sequence[Row[Any]]:
    """The company's accounts at banks: row, code, currency and ledger account of each."""
    return session.execute(MONEY_ACCOUNTS, {"company": company_id}).all()


DEPARTMENT_OF_ENTRY = text(
    "SELECT min(l.department_id) FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
    "WHERE e.document_type = :document_type AND e.document_id = :document_id"
)


def department_of_entry(session: Session, document_type: str, document_id: int) -> int | None:
    """The department that a document's entry names: what takes the document back names the same."""
    return session.scalar(DEPARTMENT_OF_ENTRY, {"document_type": document_type, "document_id": document_id})
