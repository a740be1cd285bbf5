"""Reading payables."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from operational_app.finance.terms.queries import open_instalments

# Open at a day is what bills dated until then come to, less what money dated until then has paid of them. Money and
# credits that have settled nothing yet stand in a column of its own, so that the total is the balance of the payable account
# less that of the advances.
AGED = text(
    f"""
    WITH payments AS (
      SELECT 'payment' AS kind, r.id, r.supplier_id, r.currency, r.amount FROM finance.payment r
      WHERE r.company_id = :company AND r.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR r.recorded_at <= CAST(:known AS timestamptz))
      UNION ALL
      SELECT 'credit', n.id, n.supplier_id, n.currency, n.total_amount FROM finance.supplier_credit_note n
      WHERE n.company_id = :company AND n.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR n.recorded_at <= CAST(:known AS timestamptz))
    ), bills AS (
      SELECT i.id, i.supplier_id, i.currency, i.due_date, i.total_amount FROM finance.bill i
      WHERE i.company_id = :company AND i.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR i.recorded_at <= CAST(:known AS timestamptz))
    ), paid AS (
      SELECT 'payment' AS kind, a.payment_id AS source_id, a.bill_id, a.amount + a.discount_amount AS amount,
             a.source_amount
      FROM finance.payment_allocation a
      WHERE a.company_id = :company AND a.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR a.recorded_at <= CAST(:known AS timestamptz))
      UNION ALL
      SELECT 'credit', a.supplier_credit_note_id, a.bill_id, a.amount, a.amount FROM finance.supplier_credit_allocation a
      WHERE a.company_id = :company AND a.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR a.recorded_at <= CAST(:known AS timestamptz))
      UNION ALL
      SELECT CASE WHEN f.payment_id IS NULL THEN 'credit' ELSE 'payment' END,
             coalesce(f.supplier_credit_note_id, f.payment_id), NULL, 0, f.amount
      FROM finance.supplier_refund f
      WHERE f.company_id = :company AND f.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR f.recorded_at <= CAST(:known AS timestamptz))
    ), items AS (
      SELECT i.supplier_id, i.currency, CAST(:end AS date) - coalesce(n.due_date, i.due_date) AS days_late,
             coalesce(n.open, i.total_amount - coalesce(p.amount, 0)) AS open
      FROM bills i LEFT JOIN (SELECT bill_id, sum(amount) AS amount FROM paid GROUP BY 1) p ON p.bill_id = i.id
      LEFT JOIN LATERAL ({open_instalments("bill_instalment", "bill_id", "i", "coalesce(p.amount, 0)")}) n ON true
      UNION ALL
      SELECT r.supplier_id, r.currency, NULL, -(r.amount - coalesce(p.amount, 0))
      FROM payments r LEFT JOIN (SELECT kind, source_id, sum(source_amount) AS amount FROM paid GROUP BY 1, 2) p
        ON p.kind = r.kind AND p.source_id = r.id
    )
    SELECT c.number AS supplier, p.name, q.currency,
           coalesce(sum(q.open) FILTER (WHERE q.days_late <= 0), 0) AS not_due,
           coalesce(sum(q.open) FILTER (WHERE q.days_late BETWEEN 1 AND 30), 0) AS days_1_30,
           coalesce(sum(q.open) FILTER (WHERE q.days_late BETWEEN 31 AND 60), 0) AS days_31_60,
           coalesce(sum(q.open) FILTER (WHERE q.days_late BETWEEN 61 AND 90), 0) AS days_61_90,
           coalesce(sum(q.open) FILTER (WHERE q.days_late > 90), 0) AS over_90,
           coalesce(sum(q.open) FILTER (WHERE q.days_late IS NULL), 0) AS unallocated,
           sum(q.open) AS total
    FROM items q JOIN core.party_role c ON c.id = q.supplier_id JOIN core.party p ON p.id = c.party_id
    WHERE q.open <> 0
    GROUP BY c.number, p.name, q.currency
    ORDER BY c.number, q.currency
    """
)


# What a payment run pays: what is due by then, and bills whose discount for paying early would be over by then.
DUE_BILLS = text(
    f"""
    SELECT b.id, coalesce(n.open, b.open_amount) AS due FROM finance.bill b
    LEFT JOIN LATERAL (
      SELECT sum(q.open) FILTER (WHERE q.due_date <= CAST(:until AS date)) AS open
      FROM ({open_instalments("bill_instalment", "bill_id", "b", "b.total_amount - b.open_amount")}) q) n ON true
    WHERE b.company_id = :company AND b.state = 'open'
      AND (b.due_date <= CAST(:until AS date) AND coalesce(n.open, b.open_amount) > 0
           OR b.open_amount = b.total_amount
              AND b.discount_until BETWEEN CAST(:day AS date) AND CAST(:until AS date))
    ORDER BY b.id
    """
)


def aged_payables(session: Session, company_id: int, end: date, known: datetime | None = None) -> Sequence[Row[Any]]:
    """What each supplier is owed at the end of a day, by days past due; money that paid no bill yet is negative."""
    return session.execute(AGED, {"company": company_id, "end": end, "known": known}).all()
