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
class RecostedLine:
    """One cost line that a late entry added: `value` is how it changes the stock; it is of this line of a document.

    `because`: late_receipt or late_issue. `returned_line_id`: where goods came back, the line that they had gone out on.
    """

    cost_line_id: int
    kind: str
    because: str
    document_type: str
    document_id: int
    document_line_id: int
    returned_line_id: int | None
    item_id: int
    business_date: date
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class StockRecosted(DomainEvent):
    """A receipt or an issue was entered late: what had left after it costs something else, each difference a line of its own."""

    document_type = "item"
    lines: tuple[RecostedLine, ...]


@dataclass(frozen=True, kw_only=True)
class StockRevalued(DomainEvent):
    """An item got a new standard cost while it was in stock; `value` is what the stock is worth more."""

    document_type = "item"
    number: str
    cost_line_id: int
    business_date: date
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class StockTransferred(DomainEvent):
    """Stock left one place for another, or arrived there. The company's stock and its value stay."""

    document_type = "stock_transfer"
    announced_only = True
    number: str
    state: str


@dataclass(frozen=True, kw_only=True)
class StockCounted(DomainEvent):
    """A count was posted; its differences are an adjustment of their own."""

    document_type = "stock_count"
    announced_only = True
    number: str
    differences: int


@dataclass(frozen=True, kw_only=True)
class SalesOrderConfirmed(DomainEvent):
    """An order was promised to the customer."""

    document_type = "sales_order"
    customer_id: int
    total_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class DeliveredGoods:
    """One line of a delivery or a return: the cost of what left or came back, and its value in stock.

    The two differ where something comes back after its standard cost has changed.
    """

    item_id: int
    cost: Decimal
    stock_value: Decimal


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
    currency: str
    payment_term_id: int | None
    lines: tuple[InvoicedLine, ...]


@dataclass(frozen=True, kw_only=True)
class GoodsTakenBack(DomainEvent):
    """Goods came back from a customer; each line with the cost at which it had left."""

    document_type = "customer_return"
    number: str
    business_date: date
    customer_id: int
    lines: tuple[DeliveredGoods, ...]


@dataclass(frozen=True, kw_only=True)
class ReturnedLine:
    """One line to credit: how much of a delivery's line came back."""

    delivery_line_id: int
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class CustomerReturnReleasedForCredit(DomainEvent):
    """A clerk released a return to be credited."""

    document_type = "customer_return"
    business_date: date
    lines: tuple[ReturnedLine, ...]


@dataclass(frozen=True, kw_only=True)
class QuoteAccepted(DomainEvent):
    """A customer accepted a quote; its order is made next, for the customer that the party then is."""

    document_type = "quote"
    party_id: int
    opportunity_id: int | None
    business_date: date


@dataclass(frozen=True, kw_only=True)
class ReceivedGoods:
    """One line of a goods receipt or return: its value in stock, and at the order's price in both currencies."""

    item_id: int
    stock_value: Decimal
    order_value: Decimal
    company_order_value: Decimal


@dataclass(frozen=True, kw_only=True)
class GoodsReceived(DomainEvent):
    """Goods came in from a supplier."""

    document_type = "goods_receipt"
    number: str
    business_date: date
    supplier_id: int
    currency: str
    lines: tuple[ReceivedGoods, ...]


@dataclass(frozen=True, kw_only=True)
class GoodsReturned(DomainEvent):
    """Goods went back to a supplier before they were billed."""

    document_type = "goods_receipt"
    number: str
    business_date: date
    supplier_id: int
    currency: str
    lines: tuple[ReceivedGoods, ...]


@dataclass(frozen=True, kw_only=True)
class PurchasedLine:
    """One line of a purchase order: what it will cost without tax, in the company's currency."""

    purchase_order_line_id: int
    item_id: int
    item_group: str | None
    company_net_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class PurchaseOrdered(DomainEvent):
    """An order went to the supplier: its money is promised."""

    document_type = "purchase_order"
    business_date: date
    lines: tuple[PurchasedLine, ...]


@dataclass(frozen=True, kw_only=True)
class PurchaseCancelled(DomainEvent):
    """An order was given up before anything came in."""

    document_type = "purchase_order"


@dataclass(frozen=True, kw_only=True)
class ClosedLine:
    """One line of an order that was closed: how much will not come, and how much came and is still to be billed."""

    purchase_order_line_id: int
    quantity_left: Decimal
    quantity_unbilled: Decimal


@dataclass(frozen=True, kw_only=True)
class PurchaseClosed(DomainEvent):
    """Nothing more will come for an order of which something came."""

    document_type = "purchase_order"
    lines: tuple[ClosedLine, ...]


@dataclass(frozen=True, kw_only=True)
class BilledLine:
    """One line of a supplier's bill, matched with its order and receipt.

    `net_amount` and `received_at` are in the order's currency. What the two differ by, at the bill's rate, is
    `inventory_difference` + `price_variance`, in the company's currency.
    """

    purchase_order_line_id: int
    item_id: int
    quantity: Decimal
    unit_price: Decimal
    vat_code: str
    net_amount: Decimal
    company_net_amount: Decimal
    received_at: Decimal
    company_received_at: Decimal
    inventory_difference: Decimal
    price_variance: Decimal


@dataclass(frozen=True, kw_only=True)
class CreditedPurchaseLine:
    """One line of a supplier's credit note.

    `net_amount` and `billed_at`, what the goods that went back were received at, are in the order's currency. What the two
    differ by is `inventory_difference` + `price_variance`, in the company's currency, negative where it lowers cost.
    """

    purchase_order_line_id: int
    item_id: int
    quantity: Decimal
    net_amount: Decimal
    billed_at: Decimal
    company_billed_at: Decimal
    inventory_difference: Decimal
    price_variance: Decimal


@dataclass(frozen=True, kw_only=True)
class PurchaseCredited(DomainEvent):
    """A supplier credited a bill: for goods that went back, or for their price."""

    document_type = "purchase_order"
    supplier_id: int
    bill_id: int
    supplier_reference: str
    business_date: date
    exchange_rate: Decimal | None
    reason: str
    lines: tuple[CreditedPurchaseLine, ...]


@dataclass(frozen=True, kw_only=True)
class PurchaseBilled(DomainEvent):
    """A supplier billed what came in; the bill is matched."""

    document_type = "purchase_order"
    supplier_id: int
    supplier_reference: str
    business_date: date
    currency: str
    exchange_rate: Decimal | None
    agreed_total: Decimal | None
    payment_term_id: int | None
    deviating_lines: tuple[int, ...]
    lines: tuple[BilledLine, ...]


@dataclass(frozen=True, kw_only=True)
class IssuedComponent:
    """One component that went into production, or came back: its cost to the order, and its value in stock."""

    item_id: int
    value: Decimal
    stock_value: Decimal


@dataclass(frozen=True, kw_only=True)
class ComponentsIssued(DomainEvent):
    """Components left the stock for a production order."""

    document_type = "production_order"
    number: str
    business_date: date
    item_id: int
    lines: tuple[IssuedComponent, ...]


@dataclass(frozen=True, kw_only=True)
class ComponentsReturned(DomainEvent):
    """Components that were not used came back into stock."""

    document_type = "production_order"
    number: str
    business_date: date
    item_id: int
    lines: tuple[IssuedComponent, ...]


@dataclass(frozen=True, kw_only=True)
class LabourRecorded(DomainEvent):
    """Hours were worked on a production order; `amount` is their cost."""

    document_type = "production_order"
    number: str
    business_date: date
    item_id: int
    hours: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class ScrapReported(DomainEvent):
    """Units of a production order were spoilt. Their cost stays in work in progress until the close."""

    document_type = "production_order"
    announced_only = True
    business_date: date
    item_id: int
    quantity: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProductionCompleted(DomainEvent):
    """Goods of a production order went into stock; `value` is what they took of its work in progress."""

    document_type = "production_order"
    number: str
    business_date: date
    item_id: int
    quantity: Decimal
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class ProductionOrderClosed(DomainEvent):
    """A production order is over; `variance` is what was left in work in progress."""

    document_type = "production_order"
    number: str
    business_date: date
    item_id: int
    variance: Decimal


@dataclass(frozen=True, kw_only=True)
class PlanningDone(DomainEvent):
    """Net requirements were worked out anew; so many orders are proposed."""

    document_type = "planning_run"
    announced_only = True
    business_date: date
    proposals: int
    exceptions: int


@dataclass(frozen=True, kw_only=True)
class RequestedLine:
    """One line of a requisition: what it is estimated to cost without tax, in the company's currency."""

    purchase_requisition_line_id: int
    item_id: int
    item_group: str | None
    net_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class RequisitionSubmitted(DomainEvent):
    """Somebody asks for the approval of a purchase requisition; each line with what it is estimated to cost."""

    document_type = "purchase_requisition"
    business_date: date
    lines: tuple[RequestedLine, ...]


@dataclass(frozen=True, kw_only=True)
class RequisitionGivenUp(DomainEvent):
    """What was asked for is not bought: the requisition was cancelled, rejected, returned or withdrawn."""

    document_type = "purchase_requisition"
