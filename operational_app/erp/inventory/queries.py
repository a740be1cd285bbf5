"""Reading stock."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# The average cost is shown only; it is a quotient, rounded, and no value is worked out from it.
VALUATION = text(
    """
    SELECT i.number AS item, i.name, i.unit, sum(m.quantity) AS quantity, sum(m.value) AS value, c.currency,
           CASE WHEN sum(m.quantity) <> 0 THEN round(sum(m.value) / sum(m.quantity), 6) END AS average_cost
    FROM erp.stock_move m JOIN erp.item i ON i.id = m.item_id JOIN core.company c ON c.id = m.company_id
    WHERE m.company_id = :company AND m.business_date <= :end
      AND (CAST(:known AS timestamptz) IS NULL OR m.recorded_at <= CAST(:known AS timestamptz))
    GROUP BY i.number, i.name, i.unit, c.currency
    HAVING sum(m.quantity) <> 0 OR sum(m.value) <> 0
    ORDER BY i.number
    """
)


def stock_valuation(session: Session, company_id: int, end: date, known: datetime | None = None) -> Sequence[Row[Any]]:
    """Quantity and value of each item at the end of a day, over all places: item, name, unit, quantity, value, …."""
    return session.execute(VALUATION, {"company": company_id, "end": end, "known": known}).all()
