"""Reading the ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

TRIAL_BALANCE = text(
    """
    SELECT a.code AS account, a.name, l.currency,
           coalesce(sum(l.debit) FILTER (WHERE e.posting_date >= :start), 0) AS debit,
           coalesce(sum(l.credit) FILTER (WHERE e.posting_date >= :start), 0) AS credit,
           sum(l.debit - l.credit) AS balance
    FROM finance.journal_line l
    JOIN finance.journal_entry e ON e.id = l.journal_entry_id
    JOIN finance.ledger_account a ON a.id = l.ledger_account_id
    WHERE l.company_id = :company AND e.posting_date <= :end
      AND (CAST(:known AS timestamptz) IS NULL OR e.recorded_at <= CAST(:known AS timestamptz))
    GROUP BY a.code, a.name, l.currency
    ORDER BY a.code, l.currency
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
