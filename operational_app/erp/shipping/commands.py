"""Verbs of the warehouse clerk: deliver what was ordered, release it for the invoice."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity
from operational_app.erp.errors import LineOfAnotherOrder, NothingLeft, TooMuch
from operational_app.erp.events import DeliveredGoods, DeliveryReleasedForInvoice, GoodsDelivered, InvoicedLine
from operational_app.erp.inventory.commands import LotGiven, move_stock
from operational_app.erp.items.models import Item
from operational_app.erp.sales.models import SalesOrder, SalesOrderLine, sales_order
from operational_app.erp.sales.rules import state_after_delivery
from operational_app.erp.shipping.models import Delivery, DeliveryLine, delivery


class DeliverLine(Body):
    sales_order_line_id: int = Field(ge=1, description="Line of the order that is delivered.")
    quantity: Quantity = Field(gt=0)
    lot_number: str | None = Field(default=None, max_length=50, description="Empty: the lots that expire first.")


class DeliverSalesOrder(Body):
    business_date: date
    lines: list[DeliverLine] = Field(default_factory=list, max_length=1000)


class InvoiceDelivery(Body):
    business_date: date
    payment_term_id: Ref("payment_term") | None = Field(
        default=None, description="Terms of payment of this document; empty: those agreed with the party."
    )


@command(sales_order, _("Deliver"), states=("confirmed", "partly_delivered"))
def deliver_sales_order(work: Work, order: SalesOrder, body: DeliverSalesOrder) -> Delivery:
    """Let the goods leave: stock and cost of goods sold are posted at once. Without lines, all that is left goes."""
    lines = _lines(work, order)
    wanted = _wanted(order, lines, body)
    made = Delivery(
        company_id=work.company_id,
        number=work.number(delivery, body.business_date),
        state="shipped",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        sales_order_id=order.id,
        customer_id=order.customer_id,
        stock_location_id=order.stock_location_id,
    )
    work.session.add(made)
    work.session.flush()
    lots = {line.sales_order_line_id: LotGiven(line.lot_number) for line in body.lines if line.lot_number}
    delivered = _deliver_lines(work, order, made, wanted, lots)
    order.state = state_after_delivery((line.quantity, line.quantity_delivered) for line in lines)
    work.link(order, made)
    work.announce(
        GoodsDelivered(
            document_id=made.id,
            number=made.number,
            business_date=made.business_date,
            customer_id=made.customer_id,
            lines=delivered,
        )
    )
    return made


@command(delivery, _("Invoice"), states=("shipped",))
def invoice_delivery(work: Work, delivery: Delivery, body: InvoiceDelivery) -> Delivery:
    """Send the customer the invoice for what has left; receivable, revenue and VAT are posted at once."""
    delivery.state = "invoiced"
    rows = work.session.execute(
        select(DeliveryLine, SalesOrderLine)
        .join(SalesOrderLine, SalesOrderLine.id == DeliveryLine.sales_order_line_id)
        .where(DeliveryLine.delivery_id == delivery.id)
        .order_by(SalesOrderLine.line_no)
    ).all()
    left = [(line, ordered) for line, ordered in rows if line.quantity > line.quantity_returned]
    for line, ordered in left:
        ordered.quantity_invoiced += line.quantity - line.quantity_returned
    order = work.session.get_one(SalesOrder, delivery.sales_order_id)
    work.announce(
        DeliveryReleasedForInvoice(
            document_id=delivery.id,
            customer_id=delivery.customer_id,
            customer_reference=order.customer_reference,
            business_date=body.business_date,
            currency=order.currency,
            payment_term_id=body.payment_term_id,
            lines=tuple(_invoice_line(line, ordered) for line, ordered in left),
        )
    )
    return delivery


def _lines(work: Work, order: SalesOrder) -> list[SalesOrderLine]:
    """The order's lines in order of the item: every command locks balances in the same order."""
    return list(
        work.session.scalars(
            select(SalesOrderLine)
            .where(SalesOrderLine.sales_order_id == order.id)
            .order_by(SalesOrderLine.item_id, SalesOrderLine.id)
        )
    )


def _wanted(
    order: SalesOrder, lines: Sequence[SalesOrderLine], body: DeliverSalesOrder
) -> list[tuple[SalesOrderLine, Decimal]]:
    """What this delivery takes: the lines asked for, or all that is left."""
    left = {line.id: line.quantity - line.quantity_delivered for line in lines}
    asked = left if not body.lines else dict.fromkeys(left, Decimal(0))
    for line in body.lines:
        if line.sales_order_line_id not in left:
            raise LineOfAnotherOrder(line=line.sales_order_line_id, number=order.number)
        asked[line.sales_order_line_id] += line.quantity
    for line in lines:
        if asked[line.id] > left[line.id]:
            raise TooMuch(line=line.line_no, wanted=asked[line.id], left=left[line.id])
    wanted = [(line, asked[line.id]) for line in lines if asked[line.id] > 0]
    if not wanted:
        raise NothingLeft(number=order.number)
    return wanted


def _deliver_lines(
    work: Work,
    order: SalesOrder,
    made: Delivery,
    wanted: Sequence[tuple[SalesOrderLine, Decimal]],
    lots: Mapping[int, LotGiven],
) -> tuple[DeliveredGoods, ...]:
    """Move what is stocked, line by line; then write all lines at once, so that the store is asked once."""
    ids = work.new_ids(DeliveryLine, len(wanted))
    items = select(Item.id).where(
        Item.id.in_([ordered.item_id for ordered, _quantity in wanted]), Item.kind == "stocked"
    )
    stocked = set(work.session.scalars(items))
    from_reserved = [min(ordered.quantity_reserved, quantity) for ordered, quantity in wanted]
    moves = [
        move_stock(
            work,
            kind="delivery",
            item_id=ordered.item_id,
            location_id=order.stock_location_id,
            quantity=-quantity,
            from_reserved=reserved,
            business_date=made.business_date,
            document=("delivery", made.id, line_id),
            lot=lots.get(ordered.id),
        )
        if ordered.item_id in stocked
        else None
        for line_id, (ordered, quantity), reserved in zip(ids, wanted, from_reserved, strict=True)
    ]
    lines = [
        DeliveryLine(
            id=line_id,
            company_id=work.company_id,
            delivery_id=made.id,
            sales_order_line_id=ordered.id,
            item_id=ordered.item_id,
            quantity=quantity,
            stock_move_id=move.id if move else None,
            cost_amount=-move.value if move else Decimal(0),
        )
        for line_id, move, (ordered, quantity) in zip(ids, moves, wanted, strict=True)
    ]
    for move, reserved, (ordered, quantity) in zip(moves, from_reserved, wanted, strict=True):
        ordered.quantity_delivered += quantity
        if move:
            ordered.quantity_reserved -= reserved
    work.session.add_all(lines)
    work.session.flush()
    return tuple(
        DeliveredGoods(item_id=line.item_id, cost=line.cost_amount, stock_value=line.cost_amount) for line in lines
    )


def _invoice_line(line: DeliveryLine, ordered: SalesOrderLine) -> InvoicedLine:
    return InvoicedLine(
        delivery_line_id=line.id,
        item_id=line.item_id,
        description=ordered.description,
        quantity=line.quantity - line.quantity_returned,
        unit_price=ordered.unit_price,
        discount=ordered.discount,
        vat_code=ordered.vat_code,
    )


def _left_to_deliver(session: Session, order: SalesOrder) -> dict[str, Any]:
    lines = session.scalars(
        select(SalesOrderLine).where(SalesOrderLine.sales_order_id == order.id).order_by(SalesOrderLine.line_no)
    )
    return {
        "lines": [
            {"sales_order_line_id": line.id, "quantity": line.quantity - line.quantity_delivered}
            for line in lines
            if line.quantity > line.quantity_delivered
        ]
    }


# The form begins with what is left: whoever ships just that need only confirm it.
DEFAULTS["deliver_sales_order"] = _left_to_deliver
