"""Verbs about customers' returns: take goods back, have them credited."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity
from operational_app.erp.errors import CameBackTooMuch, LineOfAnotherDelivery, ReturnedBeforeDelivery
from operational_app.erp.events import (
    CustomerReturnReleasedForCredit,
    DeliveredGoods,
    GoodsTakenBack,
    ReturnedLine,
)
from operational_app.erp.inventory.commands import LotGiven, lock_valuation, move_stock
from operational_app.erp.inventory.rules import issue_value
from operational_app.erp.items.models import Item
from operational_app.erp.sales.models import SalesOrderLine
from operational_app.erp.shipping.models import (
    CustomerReturn,
    CustomerReturnLine,
    Delivery,
    DeliveryLine,
    customer_return,
    delivery,
)


class ReturnLine(Body):
    delivery_line_id: int = Field(ge=1, description="Line of the delivery that came back.")
    quantity: Quantity = Field(gt=0)
    lot_number: str | None = Field(default=None, max_length=50, description="Empty: the lots that were delivered.")


class ReturnFromCustomer(Body):
    business_date: date
    reason: Literal["damaged", "wrong", "unwanted", "other"] = "unwanted"
    note: str | None = Field(default=None, max_length=500)
    stock_location_id: Ref("stock_location") | None = Field(
        default=None, description="Place that the goods come to; empty: the one that they left from."
    )
    lines: list[ReturnLine] = Field(min_length=1, max_length=1000)


class CreditCustomerReturn(Body):
    business_date: date


@command(delivery, _("Take back"), states=("shipped", "invoiced"), onward=False)
def return_from_customer(work: Work, delivery: Delivery, body: ReturnFromCustomer) -> CustomerReturn:
    """Take goods back that the customer sends: they are in stock again at what they had cost when they left.

    What was invoiced is credited next; what was not invoiced yet is left out of the invoice.
    """
    if body.business_date < delivery.business_date:
        raise ReturnedBeforeDelivery(number=delivery.number, day=delivery.business_date.isoformat())
    wanted = _wanted(work, delivery, body)
    made = CustomerReturn(
        company_id=work.company_id,
        number=work.number(customer_return, body.business_date),
        state="received" if delivery.state == "invoiced" else "not_invoiced",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        delivery_id=delivery.id,
        customer_id=delivery.customer_id,
        stock_location_id=body.stock_location_id or delivery.stock_location_id,
        reason=body.reason,
        note=body.note,
    )
    work.session.add(made)
    work.session.flush()
    lots = {line.delivery_line_id: LotGiven(line.lot_number) for line in body.lines if line.lot_number}
    returned = tuple(_take_back(work, made, line, quantity, lots.get(line.id)) for line, quantity in wanted)
    if delivery.state == "shipped":
        _leave_uninvoiced(work, delivery, wanted)
    work.link(delivery, made)
    work.announce(
        GoodsTakenBack(
            document_id=made.id,
            number=made.number,
            business_date=made.business_date,
            customer_id=made.customer_id,
            lines=returned,
        )
    )
    return made


DEFAULTS["return_from_customer"] = lambda session, delivery: {
    "lines": [
        {"delivery_line_id": line.id, "quantity": line.quantity - line.quantity_returned}
        for line in session.scalars(
            select(DeliveryLine).where(DeliveryLine.delivery_id == delivery.id).order_by(DeliveryLine.id)
        )
        if line.quantity > line.quantity_returned
    ]
}


@command(customer_return, _("Issue credit note"), states=("received",))
def credit_customer_return(work: Work, returned: CustomerReturn, body: CreditCustomerReturn) -> CustomerReturn:
    """Have the customer credited for what came back, at the price that was invoiced."""
    returned.state = "credited"
    lines = work.session.scalars(
        select(CustomerReturnLine)
        .where(CustomerReturnLine.customer_return_id == returned.id)
        .order_by(CustomerReturnLine.id)
    )
    work.announce(
        CustomerReturnReleasedForCredit(
            document_id=returned.id,
            business_date=body.business_date,
            lines=tuple(ReturnedLine(delivery_line_id=r.delivery_line_id, quantity=r.quantity) for r in lines),
        )
    )
    return returned


def _wanted(work: Work, delivery: Delivery, body: ReturnFromCustomer) -> list[tuple[DeliveryLine, Decimal]]:
    """The delivery's lines that came back, in order of the item: every command locks balances in the same order."""
    lines = work.session.scalars(
        select(DeliveryLine)
        .where(DeliveryLine.delivery_id == delivery.id)
        .order_by(DeliveryLine.item_id, DeliveryLine.id)
        .execution_options(populate_existing=True)
    ).all()
    left = {line.id: line.quantity - line.quantity_returned for line in lines}
    asked: dict[int, Decimal] = {}
    for part in body.lines:
        asked[part.delivery_line_id] = asked.get(part.delivery_line_id, Decimal(0)) + part.quantity
    if unknown := set(asked) - set(left):
        raise LineOfAnotherDelivery(line=min(unknown), number=delivery.number)
    for line in lines:
        if asked.get(line.id, Decimal(0)) > left[line.id]:
            item = work.session.get_one(Item, line.item_id)
            raise CameBackTooMuch(item=item.name, wanted=asked[line.id], left=left[line.id], number=delivery.number)
    return [(line, asked[line.id]) for line in lines if line.id in asked]


def _take_back(
    work: Work, made: CustomerReturn, line: DeliveryLine, quantity: Decimal, lot: LotGiven | None
) -> DeliveredGoods:
    line_id, move_id, stock_value = work.new_id(CustomerReturnLine), None, Decimal(0)
    if line.stock_move_id is not None:
        # A late entry may be changing what the delivery cost: its valuation is locked before that is read.
        lock_valuation(work, line.item_id)
        work.session.refresh(line, ["cost_adjustment", "cost_returned"])
    cost = issue_value(
        line.quantity - line.quantity_returned,
        line.cost_amount + line.cost_adjustment - line.cost_returned,
        quantity,
        work.minor_units,
    )
    if line.stock_move_id is not None:
        move = move_stock(
            work,
            kind="customer_return",
            item_id=line.item_id,
            location_id=made.stock_location_id,
            quantity=quantity,
            value=cost,
            business_date=made.business_date,
            document=(customer_return.name, made.id, line_id),
            lot=lot,
            returned_move_id=line.stock_move_id,
        )
        move_id, stock_value = move.id, move.value
    work.session.add(
        CustomerReturnLine(
            id=line_id,
            company_id=work.company_id,
            customer_return_id=made.id,
            delivery_line_id=line.id,
            item_id=line.item_id,
            quantity=quantity,
            stock_move_id=move_id,
            cost_amount=cost,
        )
    )
    line.quantity_returned += quantity
    line.cost_returned += cost
    work.session.flush()
    return DeliveredGoods(item_id=line.item_id, cost=cost, stock_value=stock_value)


def _leave_uninvoiced(work: Work, delivery: Delivery, wanted: Sequence[tuple[DeliveryLine, Decimal]]) -> None:
    """Goods that came back before the invoice are never invoiced; a delivery that came back whole is done with."""
    for line, quantity in wanted:
        work.session.get_one(
            SalesOrderLine, line.sales_order_line_id, with_for_update=True
        ).quantity_taken_back += quantity
    lines = work.session.scalars(select(DeliveryLine).where(DeliveryLine.delivery_id == delivery.id))
    if all(line.quantity == line.quantity_returned for line in lines):
        delivery.state = "returned"
