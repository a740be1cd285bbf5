"""Verbs of the sales clerk about orders."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import delete, select, text

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.exchange import FrozenRate, freeze_rate, frozen_on, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Quantity, Rate, Share, UnitPrice, rounded
from operational_app.core.tax import net_amount, rate_on, tax_amount
from operational_app.erp.errors import CustomerBlocked
from operational_app.erp.events import SalesOrderConfirmed
from operational_app.erp.inventory.commands import release, reserve
from operational_app.erp.items.commands import as_entered, stock_quantity, stock_unit_price
from operational_app.erp.items.models import Item
from operational_app.erp.sales.models import SalesOrder, SalesOrderLine, sales_order
from operational_app.erp.sales.queries import supply_and_demand
from operational_app.erp.sales.rules import earliest_promise


class OrderLine(Body):
    item_id: Ref("item")
    description: str | None = Field(default=None, max_length=500)
    quantity: Quantity = Field(gt=0)
    unit_price: UnitPrice | None = Field(default=None, ge=0, description="Price of one of the unit.")
    discount: Share = Field(default=Decimal(0), ge=0, le=1)
    vat_code: str | None = Field(default=None, max_length=10)
    unit: str | None = Field(default=None, max_length=10, description="Empty: the item's own unit.")


class EnterSalesOrder(Body):
    customer_id: Ref("customer")
    business_date: date
    requested_date: date | None = None
    customer_reference: str | None = Field(default=None, max_length=100)
    stock_location_id: Ref("stock_location")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Empty: the currency agreed with the customer."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[OrderLine] = Field(min_length=1, max_length=1000)


@command(sales_order, _("Enter sales order"))
def enter_sales_order(work: Work, body: EnterSalesOrder) -> SalesOrder:
    """Write down what a customer orders. Prices, VAT and texts come from the item where none is given.

    An order in another currency keeps the rate of its day; its invoice takes that of its own. Each line says from which
    day it could be delivered; confirming the order promises it.
    """
    assert work.company is not None
    customer = work.session.get_one(PartyRole, body.customer_id)
    if customer.state != "active":
        raise CustomerBlocked(customer=customer.name)
    order = SalesOrder(
        company_id=work.company_id,
        number=work.number(sales_order, body.business_date),
        state="draft",
        created_by=work.principal.user_id,
        subtotal=Decimal(0),
        tax_amount=Decimal(0),
        total_amount=Decimal(0),
        **_terms(work, customer, body),
    )
    work.session.add(order)
    work.session.flush()
    _write_lines(work, order, body.lines)
    return order


@command(sales_order, _("Change"), states=("draft",), onward=False)
def change_sales_order(work: Work, order: SalesOrder, body: EnterSalesOrder) -> SalesOrder:
    """Write the order anew while nothing has been promised yet; its number stays."""
    for name, value in _terms(work, work.session.get_one(PartyRole, body.customer_id), body).items():
        setattr(order, name, value)
    work.session.execute(delete(SalesOrderLine).where(SalesOrderLine.sales_order_id == order.id))
    _write_lines(work, order, body.lines)
    return order


@command(sales_order, _("Confirm"), states=("draft",))
def confirm_sales_order(work: Work, order: SalesOrder) -> SalesOrder:
    """Promise the goods: take up the customer's credit and reserve stock for every line that can be met whole."""
    order.state = "confirmed"
    work.announce(
        SalesOrderConfirmed(document_id=order.id, customer_id=order.customer_id, total_amount=order.total_amount)
    )
    waiting = []
    for line in _stocked_lines(work, order):
        if reserve(work, line.item_id, order.stock_location_id, line.quantity):
            line.quantity_reserved = line.quantity
        else:
            waiting.append(line)
    for line in _lines(work, order):
        if line not in waiting:
            line.promised_date = _wanted_day(order)
    work.session.flush()
    _promise(work, order, waiting)
    return order


@command(sales_order, _("Cancel"), states=("draft", "confirmed"), onward=False)
def cancel_sales_order(work: Work, order: SalesOrder) -> SalesOrder:
    """Give up an order of which nothing has been delivered; stock promised to it is free again."""
    for line in _stocked_lines(work, order):
        if line.quantity_reserved:
            release(work, line.item_id, order.stock_location_id, line.quantity_reserved)
            line.quantity_reserved = Decimal(0)
    work.session.flush()
    order.state = "cancelled"
    return order


def _terms(work: Work, customer: PartyRole, body: EnterSalesOrder) -> dict[str, Any]:
    """What stands in the order's head, with the rate that it freezes."""
    assert work.company is not None
    currency = body.currency or customer.currency
    rate = freeze_rate(work.session, work.company, currency, body.business_date, body.exchange_rate)
    return body.model_dump(exclude={"lines", "currency", "exchange_rate"}) | rate.columns


def price_line(work: Work, line: OrderLine, day: date, rate: FrozenRate) -> dict[str, Any]:
    """The values of an order's or a quote's line: what is not given comes from the item; amounts rounded once.

    A list price is in the company's currency: another is converted at the document's rate, rounded to its currency.
    """
    item = work.session.get_one(Item, line.item_id)
    minor_units = minor_units_of(work.session, rate.currency)
    quantity = stock_quantity(work, item.id, line.quantity, line.unit)
    unit_price = stock_unit_price(work, item.id, line.quantity, line.unit_price, line.unit)
    if unit_price is None and rate.exchange_rate != 1:
        unit_price = rounded(item.list_price / rate.exchange_rate, minor_units)
    elif unit_price is None:
        unit_price = item.list_price
    vat_code = line.vat_code or item.vat_code
    net = net_amount(quantity, unit_price, line.discount, minor_units)
    return {
        "item_id": item.id,
        "description": line.description or item.name,
        "quantity": quantity,
        "unit": item.unit,
        "ordered_as": as_entered(item, line.quantity, line.unit),
        "unit_price": unit_price,
        "discount": line.discount,
        "vat_code": vat_code,
        "net_amount": net,
        "tax_amount": tax_amount(net, rate_on(work.session, vat_code, day), minor_units),
    }


def _wanted_day(order: SalesOrder) -> date:
    """The first day that counts for a promise: the one that the customer wants, and none before the order."""
    return max(order.business_date, order.requested_date or order.business_date)


def _available_days(work: Work, order: SalesOrder, lines: Sequence[SalesOrderLine]) -> list[date | None]:
    """For each line the first day on which it can be delivered whole, those before it of the same item served first."""
    if not lines:
        return []
    known = supply_and_demand(work.session, order.stock_location_id, [line.item_id for line in lines], order.id)
    days, wanted = [], _wanted_day(order)
    for line in lines:
        supply = known[line.item_id]
        day = earliest_promise(line.quantity, wanted, supply.free, supply.changes)
        supply.changes.append((day or wanted, -line.quantity))
        days.append(day)
    return days


def _promise(work: Work, order: SalesOrder, waiting: Sequence[SalesOrderLine]) -> None:
    """Promise lines that the stock does not cover out of what is to come in.

    One order at a time for each item: two at once would both be promised the same delivery.
    """
    for item_id in sorted({line.item_id for line in waiting}):
        work.session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('promise', :item))"), {"item": item_id}
        )
    for line, day in zip(waiting, _available_days(work, order, waiting), strict=True):
        line.promised_date = day


def _write_lines(work: Work, order: SalesOrder, lines: Sequence[OrderLine]) -> None:
    written = [
        SalesOrderLine(
            company_id=order.company_id,
            sales_order_id=order.id,
            line_no=number,
            available_date=_wanted_day(order),
            **price_line(work, line, order.business_date, frozen_on(order)),
        )
        for number, line in enumerate(lines, start=1)
    ]
    stocked = [line for line in written if work.session.get_one(Item, line.item_id).kind == "stocked"]
    for line, day in zip(stocked, _available_days(work, order, stocked), strict=True):
        line.available_date = day
    work.session.add_all(written)
    order.subtotal = sum((line.net_amount for line in written), Decimal(0))
    order.tax_amount = sum((line.tax_amount for line in written), Decimal(0))
    order.total_amount = order.subtotal + order.tax_amount
    work.session.flush()


def _lines(work: Work, order: SalesOrder) -> list[SalesOrderLine]:
    return list(work.session.scalars(select(SalesOrderLine).where(SalesOrderLine.sales_order_id == order.id)))


def _stocked_lines(work: Work, order: SalesOrder) -> list[SalesOrderLine]:
    """Lines of stocked items, in order of the item: every command locks balances in the same order."""
    return list(
        work.session.scalars(
            select(SalesOrderLine)
            .join(Item, Item.id == SalesOrderLine.item_id)
            .where(SalesOrderLine.sales_order_id == order.id, Item.kind == "stocked")
            .order_by(SalesOrderLine.item_id, SalesOrderLine.id)
        )
    )
