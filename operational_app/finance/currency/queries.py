"""Balances in foreign currencies and what the books carry them at."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Purposes whose accounts are settled in money of the line's currency. Others are not, although lines of documents may be in
# another currency: tax is owed in the state's own money, and advances of customers and to suppliers are settled in goods.
MONETARY = ("receivable", "payable", "goods_received_not_billed", "employee_payable", "bank", "cash_on_hand")

# Money, claims and debts only (IAS 21.23): what customers owe and suppliers are owed, billed or not, and what the ledger
# itself keeps.
FOREIGN = text(
    """
    SELECT a.id AS ledger_account_id, a.code, l.currency, sum(l.debit - l.credit) AS balance,
           sum(l.company_debit - l.company_credit) AS carried
    FROM finance.journal_line l
    JOIN finance.journal_entry e ON e.id = l.journal_entry_id
    JOIN finance.ledger_account a ON a.id = l.ledger_account_id
    JOIN core.company c ON c.id = l.company_id
    WHERE l.company_id = :company AND l.currency <> c.currency AND e.posting_date <= :end
      AND a.type IN ('asset', 'liability')
      AND NOT EXISTS (SELECT 1 FROM finance.posting_account p WHERE p.ledger_account_id = a.id
                      AND p.purpose <> ALL(:monetary))
      AND (CAST(:account AS bigint) IS NULL OR a.id = CAST(:account AS bigint))
      AND (CAST(:currency AS text) IS NULL OR l.currency = CAST(:currency AS text))
    GROUP BY a.id, a.code, l.currency
    HAVING sum(l.debit - l.credit) <> 0 OR sum(l.company_debit - l.company_credit) <> 0
    ORDER BY a.code, l.currency
    """
)


def foreign_balances(
    session: Session, company_id: int, end: date, ledger_account_id: int | None = None, currency: str | None = None
) -> Sequence[Row[Any]]:
    """Balances in other currencies at the end of a day, debit positive, with what the books carry them at in ours."""
    values: dict[str, Any] = {"company": company_id, "end": end, "account": ledger_account_id, "currency": currency}
    values["monetary"] = list(MONETARY)
    return session.execute(FOREIGN, values).all()
