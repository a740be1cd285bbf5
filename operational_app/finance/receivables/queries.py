"""Reading receivables."""

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.finance.receivables.models import ReceiptOfMoney, SalesInvoice


def owed_by(session: Session, customer_id: int) -> Decimal:
    """What the customer owes now: open invoices less money not allocated yet."""
    invoiced = session.scalar(
        select(func.coalesce(func.sum(SalesInvoice.open_amount), 0)).where(SalesInvoice.customer_id == customer_id)
    )
    received = session.scalar(
        select(func.coalesce(func.sum(ReceiptOfMoney.open_amount), 0)).where(ReceiptOfMoney.customer_id == customer_id)
    )
    return Decimal(invoiced or 0) - Decimal(received or 0)
