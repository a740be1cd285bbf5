"""Reading the ledger."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Amounts of a company up to a day, in two ways that give the same sums. Line by line, as known at a moment; or by months out of
# the sums that the postings keep, with the lines only of months of which some days count and some do not. A row's day is
# the first of its month where the whole month counts.
BY_LINES = """(
      SELECT l.ledger_account_id, l.currency, e.posting_date AS day,
             l.debit, l.credit, l.company_debit, l.company_credit
      FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
      WHERE l.company_id = :company AND e.company_id = :company AND e.posting_date <= :end
        AND e.recorded_at <= CAST(:known AS timestamptz)
    )"""
BY_MONTHS = """(
      SELECT t.ledger_account_id, t.currency, t.month AS day, t.debit, t.credit, t.company_debit, t.company_credit
      FROM finance.ledger_turnover t
      WHERE t.company_id = :company AND t.month <= :end AND t.month <> ALL (CAST(:split AS date[]))
      UNION ALL
      SELECT l.ledger_account_id, l.currency, e.posting_date, l.debit, l.credit, l.company_debit, l.company_credit
      FROM unnest(CAST(:split AS date[])) AS m (month)
      JOIN finance.journal_entry e ON e.company_id = :company AND e.posting_date BETWEEN m.month AND :end
       AND e.posting_date < m.month + interval '1 month'
      JOIN finance.journal_line l ON l.journal_entry_id = e.id
    )"""


class AmountsQuery:
    """A statement about `{amounts}`: ledger_account_id, currency, day, debit, credit, company_debit, company_credit.

    It may compare `day` with `:start`, and use `:company` and `:end`, and nothing finer about days.
    """

    def __init__(self, sql: str) -> None:
        self.by_lines, self.by_months = (text(sql.format(amounts=source)) for source in (BY_LINES, BY_MONTHS))

    def rows(
        self, session: Session, company_id: int, start: date, end: date, known: datetime | None
    ) -> Sequence[Row[Any]]:
        values = {"company": company_id, "start": start, "end": end}
        if known is not None:
            return session.execute(self.by_lines, values | {"known": known}).all()
        return session.execute(self.by_months, values | {"split": split_months(start, end)}).all()


def split_months(start: date, end: date) -> list[date]:
    """The months, by their first days, that begin before `start` or end after `end` and hold one of the two."""
    split = {start.replace(day=1)} if start.day > 1 else set()
    if end.day < monthrange(end.year, end.month)[1]:
        split.add(end.replace(day=1))
    return sorted(split)


# Sums first, by account, currency and whether it lies within the days asked for; names come in afterwards.
TRIAL_BALANCE = AmountsQuery(
    """
    WITH sums AS (
      SELECT q.ledger_account_id, q.currency, q.day >= :start AS within, sum(q.debit) AS debit, sum(q.credit) AS credit
      FROM {amounts} q GROUP BY 1, 2, 3
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
    return TRIAL_BALANCE.rows(session, company_id, start, end, as_known)


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
