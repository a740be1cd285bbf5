"""Verbs of the sales clerk about orders."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Currency, PartyRole
from operational_app.core.money import Quantity, Share, UnitPrice
from operational_app.core.tax import net_amount, rate_on, tax_amount
from operational_app.erp.errors import CustomerBlocked
from operational_app.erp.events import SalesOrderConfirmed
from operational_app.erp.inventory.commands import release, reserve
from operational_app.erp.items.models import Item
from operational_app.erp.sales.models import SalesOrder, SalesOrderLine, sales_order


class OrderLine(Body):
    item_id: Ref("item")
    description: str | None = Field(default=None, max_length=500)
    quantity: Quantity = Field(gt=0)
    unit_price: UnitPrice | None = Field(default=None, ge=0)
    discount: Share = Field(default=Decimal(0), ge=0, le=1)
    vat_code: str | None = Field(default=None, max_length=10)


class EnterSalesOrder(Body):
    customer_id: Ref("customer")
    business_date: date
    requested_date: date | None = None
    customer_reference: str | None = Field(default=None, max_length=100)
    stock_location_id: Ref("stock_location")
    lines: list[OrderLine] = Field(min_length=1, max_length=1000)


@command(sales_order, _("Enter sales order"))
def enter_sales_order(work: Work, body: EnterSalesOrder) -> SalesOrder:
    """Write down what a customer orders. Prices, VAT and texts come from the item where none is given."""
    assert work.company is not None
    customer = work.session.get_one(PartyRole, body.customer_id)
    if customer.state != "active":
        raise CustomerBlocked(customer=customer.name)
    order = SalesOrder(
        company_id=work.company_id,
        number=work.number(sales_order, body.business_date),
        state="draft",
        created_by=work.principal.user_id,
        currency=work.company.currency,
        subtotal=Decimal(0),
        tax_amount=Decimal(0),
        total_amount=Decimal(0),
        **body.model_dump(exclude={"lines"}),
    )
    work.session.add(order)
    work.session.flush()
    _write_lines(work, order, body.lines)
    return order


@command(sales_order, _("Change"), states=("draft",), onward=False)
def change_sales_order(work: Work, order: SalesOrder, body: EnterSalesOrder) -> SalesOrder:
    """Write the order anew while nothing has been promised yet; its number stays."""
    for name, value in body.model_dump(exclude={"lines"}).items():
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
    for line in _stocked_lines(work, order):
        if reserve(work, line.item_id, order.stock_location_id, line.quantity):
            line.quantity_reserved = line.quantity
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


def _write_lines(work: Work, order: SalesOrder, lines: list[OrderLine]) -> None:
    minor_units = work.session.get_one(Currency, order.currency).minor_units
    for number, line in enumerate(lines, start=1):
        item = work.session.get_one(Item, line.item_id)
        unit_price = item.list_price if line.unit_price is None else line.unit_price
        vat_code = line.vat_code or item.vat_code
        net = net_amount(line.quantity, unit_price, line.discount, minor_units)
        work.session.add(
            SalesOrderLine(
                company_id=order.company_id,
                sales_order_id=order.id,
                line_no=number,
                item_id=item.id,
                description=line.description or item.name,
                quantity=line.quantity,
                unit_price=unit_price,
                discount=line.discount,
                vat_code=vat_code,
                net_amount=net,
                tax_amount=tax_amount(net, rate_on(work.session, vat_code, order.business_date), minor_units),
            )
        )
    work.session.flush()
    written = work.session.scalars(select(SalesOrderLine).where(SalesOrderLine.sales_order_id == order.id)).all()
    order.subtotal = sum((line.net_amount for line in written), Decimal(0))
    order.tax_amount = sum((line.tax_amount for line in written), Decimal(0))
    order.total_amount = order.subtotal + order.tax_amount
    work.session.flush()


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
