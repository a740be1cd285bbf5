"""Reading receivables."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from operational_app.finance.receivables.models import CreditNote, ReceiptOfMoney, SalesInvoice
from operational_app.finance.terms.queries import open_instalments


def owed_by(session: Session, customer_id: int) -> Decimal:
    """What the customer owes now, in the company's currency: open invoices less open credits and money that paid nothing."""
    invoiced, credited, received = (
        Decimal(
            session.scalar(
                # What is settled adds nothing, and has no place in the index that this walks along.
                select(func.coalesce(func.sum(kind.open_company_amount), 0)).where(
                    kind.customer_id == customer_id, kind.state == "open"
                )
            )
            or 0
        )
        for kind in (SalesInvoice, CreditNote, ReceiptOfMoney)
    )
    return invoiced - credited - received


# Open at a day is what invoices dated until then come to, less what money, discounts and credits had settled of them by
# then. Credits and money that have settled nothing yet stand in a column of their own, so that the total is the balance
# of the receivable account less that of the advances.
AGED = text(
    f"""
    WITH receipts AS (
      SELECT r.id, r.customer_id, r.currency, r.amount FROM finance.receipt_of_money r
      WHERE r.company_id = :company AND r.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR r.recorded_at <= CAST(:known AS timestamptz))
    ), credits AS (
      SELECT n.id, n.customer_id, n.currency, n.total_amount FROM finance.credit_note n
      WHERE n.company_id = :company AND n.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR n.recorded_at <= CAST(:known AS timestamptz))
    ), invoices AS (
      SELECT i.id, i.customer_id, i.currency, i.due_date, i.total_amount FROM finance.sales_invoice i
      WHERE i.company_id = :company AND i.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR i.recorded_at <= CAST(:known AS timestamptz))
    ), settled AS (
      SELECT a.sales_invoice_id, a.receipt_of_money_id, CAST(NULL AS bigint) AS credit_note_id,
             a.amount, a.source_amount, a.discount_amount, a.business_date, a.recorded_at, a.company_id
      FROM finance.receipt_allocation a
      UNION ALL
      SELECT a.sales_invoice_id, NULL, a.credit_note_id, a.amount, a.amount, 0, a.business_date, a.recorded_at, a.company_id
      FROM finance.credit_allocation a
      UNION ALL
      SELECT NULL, r.receipt_of_money_id, r.credit_note_id, 0, r.amount, 0, r.business_date, r.recorded_at, r.company_id
      FROM finance.refund r
    ), paid AS (
      SELECT s.* FROM settled s WHERE s.company_id = :company AND s.business_date <= :end
        AND (CAST(:known AS timestamptz) IS NULL OR s.recorded_at <= CAST(:known AS timestamptz))
    ), items AS (
      SELECT i.customer_id, i.currency, CAST(:end AS date) - coalesce(n.due_date, i.due_date) AS days_late,
             coalesce(n.open, i.total_amount - coalesce(p.amount, 0)) AS open
      FROM invoices i LEFT JOIN (SELECT sales_invoice_id, sum(amount + discount_amount) AS amount FROM paid GROUP BY 1) p
        ON p.sales_invoice_id = i.id
      LEFT JOIN LATERAL (
        {open_instalments("sales_invoice_instalment", "sales_invoice_id", "i", "coalesce(p.amount, 0)")}
      ) n ON true
      UNION ALL
      SELECT r.customer_id, r.currency, NULL, -(r.amount - coalesce(p.amount, 0))
      FROM receipts r LEFT JOIN (SELECT receipt_of_money_id, sum(source_amount) AS amount FROM paid GROUP BY 1) p
        ON p.receipt_of_money_id = r.id
      UNION ALL
      SELECT n.customer_id, n.currency, NULL, -(n.total_amount - coalesce(p.amount, 0))
      FROM credits n LEFT JOIN (SELECT credit_note_id, sum(source_amount) AS amount FROM paid GROUP BY 1) p
        ON p.credit_note_id = n.id
    )
    SELECT c.number AS customer, p.name, q.currency,
           coalesce(sum(q.open) FILTER (WHERE q.days_late <= 0), 0) AS not_due,
           coalesce(sum(q.open) FILTER (WHERE q.days_late BETWEEN 1 AND 30), 0) AS days_1_30,
           coalesce(sum(q.open) FILTER (WHERE q.days_late BETWEEN 31 AND 60), 0) AS days_31_60,
           coalesce(sum(q.open) FILTER (WHERE q.days_late BETWEEN 61 AND 90), 0) AS days_61_90,
           coalesce(sum(q.open) FILTER (WHERE q.days_late > 90), 0) AS over_90,
           coalesce(sum(q.open) FILTER (WHERE q.days_late IS NULL), 0) AS unallocated,
           sum(q.open) AS total
    FROM items q JOIN core.party_role c ON c.id = q.customer_id JOIN core.party p ON p.id = c.party_id
    WHERE q.open <> 0
    GROUP BY c.number, p.name, q.currency
    ORDER BY c.number, q.currency
    """
)


def aged_receivables(session: Session, company_id: int, end: date, known: datetime | None = None) -> Sequence[Row[Any]]:
    """What each customer owes at the end of a day, by days past due; credits and money not allocated yet are negative."""
    return session.execute(AGED, {"company": company_id, "end": end, "known": known}).all()
