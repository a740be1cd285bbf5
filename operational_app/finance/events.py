"""What finance announces."""

from dataclasses import dataclass
from decimal import Decimal

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SalesInvoicePosted(DomainEvent):
    """An invoice was sent to a customer and posted."""

    document_type = "sales_invoice"
    announced_only = True
    customer_id: int
    total_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class MoneyReceived(DomainEvent):
    """A customer's money came in."""

    document_type = "receipt_of_money"
    announced_only = True
    customer_id: int
    amount: Decimal
