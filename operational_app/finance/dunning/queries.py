"""Reading reminders: overdue invoices with what was sent for them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from operational_app.finance.terms.queries import open_instalments

OVERDUE = text(
    f"""
    SELECT i.id, i.number, i.customer_id, i.currency, coalesce(n.due_date, i.due_date) AS due_date,
           CAST(:day AS date) - coalesce(n.due_date, i.due_date) AS days_overdue,
           coalesce(n.open, i.open_amount) AS open_amount, coalesce((SELECT max(l.level) FROM finance.dunning_notice_line l
                                    WHERE l.sales_invoice_id = i.id), 0) AS sent_level
    FROM finance.sales_invoice i
    LEFT JOIN LATERAL (
      SELECT min(q.due_date) FILTER (WHERE q.open > 0) AS due_date, sum(q.open) AS open
      FROM ({open_instalments("sales_invoice_instalment", "sales_invoice_id", "i", "i.total_amount - i.open_amount")}) q
      WHERE q.due_date < CAST(:day AS date)) n ON true
    WHERE coalesce(n.open, i.open_amount) > 0 AND i.company_id = :company AND i.state = 'open' AND i.due_date < CAST(:day AS date)
      AND (CAST(:customer AS bigint) IS NULL OR i.customer_id = CAST(:customer AS bigint))
    ORDER BY i.customer_id, i.currency, 5, i.id
    FOR NO KEY UPDATE OF i
    """
)


def overdue(session: Session, company_id: int, day: date, customer_id: int | None) -> Sequence[Row[Any]]:
    """Invoices past their due date on a day, of one customer or of all, locked, with the highest reminder sent for each."""
    return session.execute(OVERDUE, {"company": company_id, "day": day, "customer": customer_id}).all()
