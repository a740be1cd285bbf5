"""Reading reminders: overdue invoices with what was sent for them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

OVERDUE = text(
    """
    SELECT i.id, i.number, i.customer_id, i.currency, i.due_date, CAST(:day AS date) - i.due_date AS days_overdue,
           i.open_amount, coalesce((SELECT max(l.level) FROM finance.dunning_notice_line l
                                    WHERE l.sales_invoice_id = i.id), 0) AS sent_level
    FROM finance.sales_invoice i
    WHERE i.company_id = :company AND i.state = 'open' AND i.due_date < CAST(:day AS date)
      AND (CAST(:customer AS bigint) IS NULL OR i.customer_id = CAST(:customer AS bigint))
    ORDER BY i.customer_id, i.currency, i.due_date, i.id
    FOR NO KEY UPDATE OF i
    """
)


def overdue(session: Session, company_id: int, day: date, customer_id: int | None) -> Sequence[Row[Any]]:
    """Invoices past their due date on a day, of one customer or of all, locked, with the highest reminder sent for each."""
    return session.execute(OVERDUE, {"company": company_id, "day": day, "customer": customer_id}).all()
