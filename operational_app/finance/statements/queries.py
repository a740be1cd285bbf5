"""Statements out of the ledger. Each takes the days and, where asked, only what was recorded up to a moment."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from operational_app.core.models import Company
from operational_app.finance.ledger.queries import AmountsQuery
from operational_app.finance.statements.rules import Ratio, group_of, ratios

# Lines of a company up to a day, as known at a moment (None: now).
LINES = """
    finance.journal_line l
    JOIN finance.journal_entry e ON e.id = l.journal_entry_id
    JOIN finance.ledger_account a ON a.id = l.ledger_account_id
    WHERE l.company_id = :company AND e.posting_date <= :end
      AND (CAST(:known AS timestamptz) IS NULL OR e.recorded_at <= CAST(:known AS timestamptz))
"""

# Amounts in the company's currency, each on the side where it belongs: assets and costs in progress as debit, the rest
# as credit. What income and expense have made and nobody has closed to equity yet is a line of its own, without which
# the two sides would not be equal.
BALANCE_SHEET = AmountsQuery(
    """
    SELECT * FROM (
      SELECT CASE WHEN a.type IN ('asset', 'cost') THEN 'assets' WHEN a.type = 'liability' THEN 'liabilities'
                  ELSE 'equity' END AS section,
             a.code AS account, a.name,
             CASE WHEN a.type IN ('asset', 'cost') THEN sum(q.company_debit - q.company_credit)
                  ELSE sum(q.company_credit - q.company_debit) END AS amount
      FROM {amounts} q JOIN finance.ledger_account a ON a.id = q.ledger_account_id
      WHERE a.type IN ('asset', 'cost', 'liability', 'equity')
      GROUP BY a.type, a.code, a.name
      UNION ALL
      SELECT 'equity', '', 'Result not closed to equity', sum(q.company_credit - q.company_debit)
      FROM {amounts} q JOIN finance.ledger_account a ON a.id = q.ledger_account_id WHERE a.type IN ('income', 'expense')
    ) s WHERE amount <> 0
    ORDER BY array_position(ARRAY['assets', 'liabilities', 'equity'], section), account = '', account
    """
)

INCOME_STATEMENT = AmountsQuery(
    """
    SELECT CASE a.type WHEN 'income' THEN 'income' ELSE 'expenses' END AS section, a.code AS account, a.name,
           CASE a.type WHEN 'income' THEN sum(q.company_credit - q.company_debit)
                ELSE sum(q.company_debit - q.company_credit) END AS amount
    FROM {amounts} q JOIN finance.ledger_account a ON a.id = q.ledger_account_id
    WHERE q.day >= :start AND a.type IN ('income', 'expense')
    GROUP BY a.type, a.code, a.name HAVING sum(q.company_debit - q.company_credit) <> 0
    ORDER BY a.type DESC, a.code
    """
)

OPENING = AmountsQuery(
    """
    SELECT a.code AS account, a.name, q.currency, sum(q.debit - q.credit) AS balance
    FROM {amounts} q JOIN finance.ledger_account a ON a.id = q.ledger_account_id WHERE q.day < :start
    GROUP BY a.code, a.name, q.currency HAVING sum(q.debit - q.credit) <> 0
    """
)

GENERAL_LEDGER = text(
    f"""
    SELECT a.code AS account, a.name, l.currency, e.posting_date, e.number AS entry, l.line_no AS line,
           coalesce(l.description, e.description) AS description, l.debit, l.credit
    FROM {LINES} AND e.posting_date >= :start
    ORDER BY a.code, l.currency, e.posting_date, e.id, l.line_no
    """
)


# Lines of balance sheet accounts that name a department are left out: it earns and bears, it owns nothing.
BY_DEPARTMENT = text(
    f"""
    SELECT coalesce(d.code, '') AS department, a.code AS account, a.name,
           sum(l.company_credit - l.company_debit) AS amount
    FROM {LINES.replace("WHERE", "LEFT JOIN hr.department d ON d.id = l.department_id WHERE", 1)}
      AND e.posting_date >= :start AND a.type IN ('income', 'expense')
    GROUP BY d.code, a.code, a.name, a.type HAVING sum(l.company_debit - l.company_credit) <> 0
    ORDER BY d.code NULLS LAST, a.type DESC, a.code
    """
)


def results_by_department(
    session: Session, company_id: int, start: date, end: date, known: datetime | None = None
) -> Sequence[Row[Any]]:
    """What each department earned (positive) and cost in the days, by account; what names no department stands last."""
    days = {"company": company_id, "start": start, "end": end, "known": known}
    return session.execute(BY_DEPARTMENT, days).all()


def balance_sheet(session: Session, company_id: int, end: date, known: datetime | None = None) -> Sequence[Row[Any]]:
    """Assets, liabilities and equity at the end of a day, in the company's currency: section, account, name, amount."""
    return BALANCE_SHEET.rows(session, company_id, date.min, end, known)


def income_statement(
    session: Session, company_id: int, start: date, end: date, known: datetime | None = None
) -> Sequence[Row[Any]]:
    """Income and expenses of the days from `start` to `end`, in the company's currency: section, account, name, amount."""
    return INCOME_STATEMENT.rows(session, company_id, start, end, known)


def general_ledger(
    session: Session, company_id: int, start: date, end: date, known: datetime | None = None
) -> Iterator[tuple[Any, ...]]:
    """Every line by account and currency with the balance after it; first the balance brought forward, where there is one.

    Yields:
        account, name, posting_date, entry, line, description, currency, debit, credit, balance.
    """
    days = {"company": company_id, "start": start, "end": end, "known": known}
    brought = OPENING.rows(session, company_id, start, end, known)
    opening = {(row.account, row.currency): row for row in brought}
    moved = session.execute(GENERAL_LEDGER, days, execution_options={"yield_per": 10_000})
    # Accounts that only have a balance brought forward stand where their code belongs.
    waiting = sorted(opening)
    at, balance = None, None
    for line in moved:
        key = (line.account, line.currency)
        if key != at:
            while waiting and waiting[0] <= key:
                yield _brought_forward(opening[waiting[0]], start)
                waiting.pop(0)
            at, balance = key, opening[key].balance if key in opening else 0
        balance += line.debit - line.credit
        yield (
            line.account, line.name, line.posting_date, line.entry, line.line, line.description, line.currency,
            line.debit, line.credit, balance,
        )  # fmt: skip
    for key in waiting:
        yield _brought_forward(opening[key], start)


def _brought_forward(row: Row[Any], start: date) -> tuple[Any, ...]:
    return (row.account, row.name, start, None, None, "Brought forward", row.currency, None, None, row.balance)


# Money is what the purposes and the bank accounts say it is. An entry's other lines tell where its money came from or went:
# since the entry balances, what they come to is what the money moved by, to the last unit.
CASH_ACCOUNTS = """
    SELECT ledger_account_id FROM finance.posting_account WHERE company_id = :company AND purpose IN ('bank', 'cash_on_hand')
    UNION SELECT ledger_account_id FROM finance.bank_account WHERE company_id = :company
"""
CASH_FLOW = text(
    f"""
    WITH cash AS ({CASH_ACCOUNTS})
    SELECT a.code AS account, a.name, a.type, sum(l.company_credit - l.company_debit) AS amount
    FROM {LINES} AND e.posting_date >= :start AND l.ledger_account_id NOT IN (SELECT ledger_account_id FROM cash)
      AND EXISTS (SELECT 1 FROM finance.journal_line m JOIN cash ON cash.ledger_account_id = m.ledger_account_id
                  WHERE m.journal_entry_id = e.id)
    GROUP BY a.code, a.name, a.type HAVING sum(l.company_credit - l.company_debit) <> 0
    ORDER BY a.code
    """
)
CASH = AmountsQuery(
    f"""
    WITH cash AS ({CASH_ACCOUNTS})
    SELECT coalesce(sum(q.company_debit - q.company_credit) FILTER (WHERE q.day < :start), 0) AS opening,
           coalesce(sum(q.company_debit - q.company_credit), 0) AS closing
    FROM {{amounts}} q WHERE q.ledger_account_id IN (SELECT ledger_account_id FROM cash)
    """
)
BALANCES = AmountsQuery(
    """
    SELECT a.code, a.type, sum(q.company_debit - q.company_credit) AS closing,
           coalesce(sum(q.company_debit - q.company_credit) FILTER (WHERE q.day >= :start), 0) AS turnover
    FROM {amounts} q JOIN finance.ledger_account a ON a.id = q.ledger_account_id GROUP BY a.code, a.type
    """
)
DAYS = text(
    "SELECT min(posting_date) AS first, max(posting_date) AS last FROM finance.journal_entry "
    "WHERE company_id = :company AND posting_date BETWEEN :start AND :end"
)


def cash_flow(
    session: Session, company: Company, start: date, end: date, known: datetime | None = None
) -> list[tuple[str, str, str, Decimal]]:
    """Money by where it came from and went, in the company's currency: section, account, name, amount.

    Sections opening, operating, investing, financing, closing: opening and the three between make the closing.
    """
    days = {"company": company.id, "start": start, "end": end, "known": known}
    (cash,) = CASH.rows(session, company.id, start, end, known)
    moved = session.execute(CASH_FLOW, days).all()
    if not moved and not cash.opening and not cash.closing:
        return []
    sections = ("operating", "investing", "financing")
    rows = [(group_of(company.chart, r.account, r.type).flow, r.account, r.name, r.amount) for r in moved]
    rows.sort(key=lambda row: (sections.index(row[0]), row[1]))
    return [
        ("opening", "", "Money at the beginning", cash.opening),
        *rows,
        ("closing", "", "Money at the end", cash.closing),
    ]


def company_ratios(
    session: Session, company: Company, start: date, end: date, known: datetime | None = None
) -> list[Ratio]:
    """The usual ratios at the end of the days, turnover being that of the days. Empty where nothing has been posted."""
    found = BALANCES.rows(session, company.id, start, end, known)
    posted = session.execute(DAYS, {"company": company.id, "start": start, "end": end}).one()
    if not found or posted.first is None:
        return []
    closing: dict[str, Decimal] = {}
    turnover: dict[str, Decimal] = {}
    for row in found:
        group = group_of(company.chart, row.code, row.type).group
        if row.type in ("income", "expense"):
            turnover[group] = turnover.get(group, Decimal(0)) + row.turnover
        else:
            closing[group] = closing.get(group, Decimal(0)) + row.closing
    # "From the beginning" and "all there is" are as long as there are entries.
    first = start if start > date.min else posted.first
    last = end if end < date.max else posted.last
    return ratios(closing, turnover, (last - first).days + 1)
