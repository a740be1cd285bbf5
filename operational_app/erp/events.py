"""What the flow of goods announces. Values are in the company's currency."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class AdjustedStock:
    """One line of an adjustment: the value that came in (positive) or went out (negative)."""

    item_id: int
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class StockAdjusted(DomainEvent):
    """Stock was brought in or written off outside purchase, production and sale."""

    document_type = "stock_adjustment"
    number: str
    business_date: date
    reason: str
    lines: tuple[AdjustedStock, ...]


@dataclass(frozen=True, kw_only=True)
class SalesOrderConfirmed(DomainEvent):
    """An order was promised to the customer."""

    document_type = "sales_order"
    customer_id: int
    total_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class DeliveredGoods:
    """One line of a delivery: the cost of what left."""

    item_id: int
    cost: Decimal


@dataclass(frozen=True, kw_only=True)
class GoodsDelivered(DomainEvent):
    """Goods left for the customer."""

    document_type = "delivery"
    number: str
    business_date: date
    customer_id: int
    lines: tuple[DeliveredGoods, ...]


@dataclass(frozen=True, kw_only=True)
class InvoicedLine:
    """One line to put on the invoice: what was delivered, at the order's price."""

    delivery_line_id: int
    item_id: int
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    vat_code: str


@dataclass(frozen=True, kw_only=True)
class DeliveryReleasedForInvoice(DomainEvent):
    """A clerk released a delivery to be invoiced."""

    document_type = "delivery"
    customer_id: int
    customer_reference: str | None
    business_date: date
    lines: tuple[InvoicedLine, ...]


@dataclass(frozen=True, kw_only=True)
class ReceivedGoods:
    """One line of a goods receipt or return: its value in stock and at the order's price."""

    item_id: int
    stock_value: Decimal
    order_value: Decimal


@dataclass(frozen=True, kw_only=True)
class GoodsReceived(DomainEvent):
    """Goods came in from a supplier."""

    document_type = "goods_receipt"
    number: str
    business_date: date
    supplier_id: int
    lines: tuple[ReceivedGoods, ...]


@dataclass(frozen=True, kw_only=True)
class GoodsReturned(DomainEvent):
    """Goods went back to a supplier before they were billed."""

    document_type = "goods_receipt"
    number: str
    business_date: date
    supplier_id: int
    lines: tuple[ReceivedGoods, ...]


@dataclass(frozen=True, kw_only=True)
class BilledLine:
    """One line of a supplier's bill, matched with its order and receipt.

    `net_amount` = `received_at` + `inventory_difference` + `price_variance`.
    """

    purchase_order_line_id: int
    item_id: int
    quantity: Decimal
    unit_price: Decimal
    vat_code: str
    net_amount: Decimal
    received_at: Decimal
    inventory_difference: Decimal
    price_variance: Decimal


@dataclass(frozen=True, kw_only=True)
class PurchaseBilled(DomainEvent):
    """A supplier billed what came in; the bill is matched."""

    document_type = "purchase_order"
    supplier_id: int
    supplier_reference: str
    business_date: date
    agreed_total: Decimal | None
    deviating_lines: tuple[int, ...]
    lines: tuple[BilledLine, ...]


@dataclass(frozen=True, kw_only=True)
class RequisitionSubmitted(DomainEvent):
    """Somebody asks for the approval of a purchase requisition."""

    document_type = "purchase_requisition"
