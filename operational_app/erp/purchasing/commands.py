"""Verbs of the buyer: suppliers, purchase orders, and matching the supplier's bill with them."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.exchange import (
    FrozenRate,
    freeze_rate,
    frozen_on,
    in_company_currency,
    known_currency,
    minor_units_of,
)
from operational_app.core.i18n import _
from operational_app.core.models import Party
from operational_app.core.money import Money, Quantity, Rate, UnitPrice, carried_share, rounded
from operational_app.core.tax import net_amount, rate_on, tax_amount
from operational_app.erp.errors import (
    BilledMoreThanReceived,
    LineOfAnotherOrder,
    NothingToBill,
    SupplierBlocked,
)
from operational_app.erp.events import (
    BilledLine,
    ClosedLine,
    PurchaseBilled,
    PurchaseCancelled,
    PurchaseClosed,
    PurchasedLine,
    PurchaseOrdered,
)
from operational_app.erp.inventory.commands import correct_layers, correct_value, lock_valuation
from operational_app.erp.items.commands import as_entered, stock_quantity, stock_unit_price
from operational_app.erp.items.models import Item
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine, Supplier, purchase_order, supplier
from operational_app.erp.purchasing.queries import receipts_of
from operational_app.erp.purchasing.rules import Variance, price_deviates, share_of_unbilled, split_variance


class RegisterSupplier(Body):
    name: str = Field(min_length=1, max_length=200)
    tax_number: str | None = Field(default=None, max_length=50)
    email: str | None = Field(default=None, max_length=200)
    city: str | None = Field(default=None, max_length=100)
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    payment_days: int = Field(default=30, ge=0, le=365)
    payment_term_id: Ref("payment_term") | None = Field(
        default=None, description="Terms of payment; empty: all is due after the payment days."
    )
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Currency of its documents; empty: the company's."
    )


class ChangeSupplierTerms(Body):
    payment_days: int = Field(ge=0, le=365)
    payment_term_id: Ref("payment_term") | None = Field(
        default=None, description="Terms of payment; empty: all is due after the payment days."
    )


class PurchaseLine(Body):
    item_id: Ref("item")
    quantity: Quantity = Field(gt=0)
    unit_price: UnitPrice = Field(ge=0, description="Price of one of the unit.")
    vat_code: str | None = Field(default=None, max_length=10)
    unit: str | None = Field(default=None, max_length=10, description="Empty: the item's own unit.")


class EnterPurchaseOrder(Body):
    supplier_id: Ref("supplier")
    business_date: date
    requested_date: date | None = None
    stock_location_id: Ref("stock_location")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Empty: the currency agreed with the supplier."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[PurchaseLine] = Field(min_length=1, max_length=1000)


class BillLine(Body):
    purchase_order_line_id: int = Field(ge=1, description="Line of the order that is billed.")
    quantity: Quantity = Field(gt=0)
    unit_price: UnitPrice = Field(ge=0)


class EnterBill(Body):
    supplier_reference: str = Field(min_length=1, max_length=100)
    business_date: date
    agreed_total: Money | None = Field(default=None, gt=0)
    payment_term_id: Ref("payment_term") | None = Field(
        default=None, description="Terms of payment of this document; empty: those agreed with the party."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[BillLine] = Field(default_factory=list, max_length=1000)


@command(supplier, _("Register supplier"))
def register_supplier(work: Work, body: RegisterSupplier) -> Supplier:
    """Take up a new supplier, with the terms agreed."""
    assert work.company is not None
    party = None
    if body.tax_number:
        # One master: whoever is known in another role is the same party here.
        party = work.session.scalars(select(Party).where(Party.tax_number == body.tax_number).limit(1)).one_or_none()
    if party is None:
        party = Party(kind="organisation", **body.model_dump(exclude={"payment_days", "payment_term_id", "currency"}))
        work.session.add(party)
        work.session.flush()
    made = Supplier(
        company_id=work.company_id,
        party_id=party.id,
        number=work.number(supplier, None),
        currency=known_currency(work.session, work.company, body.currency),
        payment_days=body.payment_days,
        payment_term_id=body.payment_term_id,
    )
    work.session.add(made)
    work.session.flush()
    return made


@command(supplier, _("Change terms"))
def change_supplier_terms(work: Work, supplier: Supplier, body: ChangeSupplierTerms) -> Supplier:
    """Agree other terms of payment; documents that exist keep theirs."""
    supplier.payment_days = body.payment_days
    supplier.payment_term_id = body.payment_term_id
    return supplier


@command(purchase_order, _("Enter purchase order"))
def enter_purchase_order(work: Work, body: EnterPurchaseOrder) -> PurchaseOrder:
    """Write down what is to be bought, from whom, at what price."""
    assert work.company is not None
    seller = work.session.get_one(Supplier, body.supplier_id)
    if seller.state != "active":
        raise SupplierBlocked(supplier=seller.name)
    order = PurchaseOrder(
        company_id=work.company_id,
        number=work.number(purchase_order, body.business_date),
        state="draft",
        created_by=work.principal.user_id,
        subtotal=Decimal(0),
        tax_amount=Decimal(0),
        total_amount=Decimal(0),
        **_terms(work, seller, body),
    )
    work.session.add(order)
    work.session.flush()
    _write_lines(work, order, body.lines)
    return order


@command(purchase_order, _("Change"), states=("draft",), onward=False)
def change_purchase_order(work: Work, order: PurchaseOrder, body: EnterPurchaseOrder) -> PurchaseOrder:
    """Write the order anew while the supplier does not have it; its number stays."""
    for name, value in _terms(work, work.session.get_one(Supplier, body.supplier_id), body).items():
        setattr(order, name, value)
    work.session.execute(delete(PurchaseOrderLine).where(PurchaseOrderLine.purchase_order_id == order.id))
    _write_lines(work, order, body.lines)
    return order


@command(purchase_order, _("Order"), states=("draft",))
def send_purchase_order(work: Work, order: PurchaseOrder) -> PurchaseOrder:
    """Send the order to the supplier; from now on goods may come in for it."""
    assert (company := work.company) is not None
    order.state = "ordered"
    lines = work.session.execute(
        select(PurchaseOrderLine, Item.item_group)
        .join(Item, Item.id == PurchaseOrderLine.item_id)
        .where(PurchaseOrderLine.purchase_order_id == order.id)
        .order_by(PurchaseOrderLine.id)
    )
    work.announce(
        PurchaseOrdered(
            document_id=order.id,
            business_date=order.business_date,
            lines=tuple(
                PurchasedLine(
                    purchase_order_line_id=line.id,
                    item_id=line.item_id,
                    item_group=item_group,
                    company_net_amount=in_company_currency(work.session, company, line.net_amount, frozen_on(order)),
                )
                for line, item_group in lines
            ),
        )
    )
    return order


@command(purchase_order, _("Cancel"), states=("draft", "ordered"), onward=False)
def cancel_purchase_order(work: Work, order: PurchaseOrder) -> PurchaseOrder:
    """Give up an order for which nothing has come in."""
    order.state = "cancelled"
    work.announce(PurchaseCancelled(document_id=order.id))
    return order


@command(purchase_order, _("Close"), states=("partly_received",), onward=False)
def close_purchase_order(work: Work, order: PurchaseOrder) -> PurchaseOrder:
    """Wait for nothing more: what has come can be billed, and what was promised for the rest is free again."""
    lines = work.session.scalars(
        select(PurchaseOrderLine).where(PurchaseOrderLine.purchase_order_id == order.id).order_by(PurchaseOrderLine.id)
    ).all()
    order.state = "received"
    work.announce(
        PurchaseClosed(
            document_id=order.id,
            lines=tuple(
                ClosedLine(
                    purchase_order_line_id=line.id,
                    quantity_left=line.quantity - line.quantity_received,
                    quantity_unbilled=line.quantity_received - line.quantity_billed,
                )
                for line in lines
                if line.quantity > line.quantity_received
            ),
        )
    )
    return order


@command(purchase_order, _("Enter bill"), states=("partly_received", "received"))
def bill_purchase_order(work: Work, order: PurchaseOrder, body: EnterBill) -> PurchaseOrder:
    """Book the supplier's bill for what has come in. Without lines, all that is not billed yet, at the order's prices.

    Bill, order and receipt are matched: more than was received is refused; a price that deviates holds the payment.
    """
    assert work.company is not None
    lines = _billed_lines(work, order, body)
    rate = freeze_rate(work.session, work.company, order.currency, body.business_date, body.exchange_rate)
    billed = tuple(_bill_line(work, order, line, asked, body.business_date, rate) for line, asked in lines)
    deviating = [line.line_no for line, asked in lines if price_deviates(line.unit_price, asked.unit_price)]
    work.announce(
        PurchaseBilled(
            document_id=order.id,
            supplier_id=order.supplier_id,
            supplier_reference=body.supplier_reference,
            business_date=body.business_date,
            currency=order.currency,
            exchange_rate=body.exchange_rate,
            agreed_total=body.agreed_total,
            payment_term_id=body.payment_term_id,
            deviating_lines=tuple(deviating),
            lines=billed,
        )
    )
    return order


def _terms(work: Work, supplier: Supplier, body: EnterPurchaseOrder) -> dict[str, Any]:
    """What stands in the order's head, with the rate that it freezes."""
    assert work.company is not None
    currency = body.currency or supplier.currency
    rate = freeze_rate(work.session, work.company, currency, body.business_date, body.exchange_rate)
    return body.model_dump(exclude={"lines", "currency", "exchange_rate"}) | rate.columns


def _write_lines(work: Work, order: PurchaseOrder, lines: list[PurchaseLine]) -> None:
    minor_units = minor_units_of(work.session, order.currency)
    written = []
    for number, line in enumerate(lines, start=1):
        item = work.session.get_one(Item, line.item_id)
        vat_code = line.vat_code or item.vat_code
        quantity = stock_quantity(work, line.item_id, line.quantity, line.unit)
        unit_price = stock_unit_price(work, line.item_id, line.quantity, line.unit_price, line.unit)
        net = net_amount(quantity, unit_price, Decimal(0), minor_units)
        rate = rate_on(work.session, vat_code, order.business_date)
        written.append(
            PurchaseOrderLine(
                company_id=order.company_id,
                purchase_order_id=order.id,
                line_no=number,
                item_id=line.item_id,
                quantity=quantity,
                unit=item.unit,
                ordered_as=as_entered(item, line.quantity, line.unit),
                unit_price=unit_price,
                vat_code=vat_code,
                net_amount=net,
                tax_amount=tax_amount(net, rate, minor_units),
            )
        )
    work.session.add_all(written)
    order.subtotal = sum((line.net_amount for line in written), Decimal(0))
    order.tax_amount = sum((line.tax_amount for line in written), Decimal(0))
    order.total_amount = order.subtotal + order.tax_amount
    work.session.flush()


def _billed_lines(work: Work, order: PurchaseOrder, body: EnterBill) -> list[tuple[PurchaseOrderLine, BillLine]]:
    """The order's lines that the bill is for, each with quantity and price billed, in order of the item."""
    lines = work.session.scalars(
        select(PurchaseOrderLine)
        .where(PurchaseOrderLine.purchase_order_id == order.id)
        .order_by(PurchaseOrderLine.item_id, PurchaseOrderLine.id)
    ).all()
    asked = {line.purchase_order_line_id: line for line in body.lines}
    if unknown := set(asked) - {line.id for line in lines}:
        raise LineOfAnotherOrder(line=min(unknown), number=order.number)
    if not body.lines:
        asked = {
            line.id: BillLine(
                purchase_order_line_id=line.id,
                quantity=line.quantity_received - line.quantity_billed,
                unit_price=line.unit_price,
            )
            for line in lines
            if line.quantity_received > line.quantity_billed
        }
    if not asked:
        raise NothingToBill(number=order.number)
    for line in lines:
        if line.id in asked and asked[line.id].quantity > line.quantity_received - line.quantity_billed:
            raise BilledMoreThanReceived(
                line=line.line_no,
                billed=asked[line.id].quantity,
                received=line.quantity_received - line.quantity_billed,
            )
    return [(line, asked[line.id]) for line in lines if line.id in asked]


def correct_cost(
    work: Work, order: PurchaseOrder, line: PurchaseOrderLine, difference: Decimal, quantity: Decimal, day: date
) -> Variance:
    """Put a difference on what is still here of the goods; the rest is an expense. At standard cost all of it is."""
    assert work.company is not None
    stock = lock_valuation(work, line.item_id)
    document = ("purchase_order", order.id, line.id)
    if not difference or stock.valuation_method == "standard":
        return Variance(Decimal(0), difference)
    if stock.valuation_method == "fifo":
        corrected = correct_layers(
            work,
            item_id=line.item_id,
            difference=difference,
            quantity=quantity,
            move_ids=receipts_of(work.session, line.id),
            business_date=day,
            document=document,
        )
        return Variance(corrected, difference - corrected)
    variance = split_variance(
        difference,
        quantity,
        stock.quantity_on_hand,
        stock.value,
        work.minor_units,
    )
    if variance.inventory:
        correct_value(
            work,
            item_id=line.item_id,
            value=variance.inventory,
            business_date=day,
            kind="price_difference",
            document=document,
        )
    return variance


def _bill_line(
    work: Work, order: PurchaseOrder, line: PurchaseOrderLine, asked: BillLine, day: date, rate: FrozenRate
) -> BilledLine:
    """Mark the quantity billed, correct the value of what is still here, and say what is to be booked.

    A price that differs is a difference of goods, at the bill's rate. What the rate has changed since the goods came in is
    none: their cost is what they were taken in at (IAS 21.23), and finance books the rest as an exchange difference.
    """
    assert work.company is not None
    received_at, company_received_at = take_unbilled(work, line, asked.quantity, rate.currency)
    net = net_amount(asked.quantity, asked.unit_price, Decimal(0), minor_units_of(work.session, rate.currency))
    difference = in_company_currency(work.session, work.company, net - received_at, rate)
    variance = correct_cost(work, order, line, difference, asked.quantity, day)
    line.quantity_billed += asked.quantity
    line.value_billed += received_at
    line.company_value_billed += company_received_at
    work.session.flush()
    return BilledLine(
        purchase_order_line_id=line.id,
        item_id=line.item_id,
        quantity=asked.quantity,
        unit_price=asked.unit_price,
        vat_code=line.vat_code,
        net_amount=net,
        company_net_amount=in_company_currency(work.session, work.company, net, rate),
        received_at=received_at,
        company_received_at=company_received_at,
        inventory_difference=variance.inventory,
        price_variance=variance.expense,
    )


def _left_to_bill(session: Session, order: PurchaseOrder) -> dict[str, Any]:
    lines = session.scalars(
        select(PurchaseOrderLine)
        .where(PurchaseOrderLine.purchase_order_id == order.id)
        .order_by(PurchaseOrderLine.line_no)
    )
    return {
        "lines": [
            {
                "purchase_order_line_id": line.id,
                "quantity": line.quantity_received - line.quantity_billed,
                "unit_price": line.unit_price,
            }
            for line in lines
            if line.quantity_received > line.quantity_billed
        ]
    }


# The form begins with what came in and is not billed yet, at the order's prices: the clerk compares it with the bill.
DEFAULTS["bill_purchase_order"] = _left_to_bill


def take_unbilled(work: Work, line: PurchaseOrderLine, quantity: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """What `quantity` of a line's goods came in at and is not billed: in the order's currency, and in the company's."""
    value = line.value_received - line.value_billed
    carried = line.company_value_received - line.company_value_billed
    share = share_of_unbilled(
        quantity,
        line.quantity_received - line.quantity_billed,
        value,
        line.unit_price,
        minor_units_of(work.session, currency),
    )
    return share, carried_value(work, value, carried, share, currency)


def take_received(work: Work, line: PurchaseOrderLine, quantity: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """What `quantity` that goes back came in at, in both currencies: of what is not billed first, else of all that is here."""
    if quantity <= line.quantity_received - line.quantity_billed:
        return take_unbilled(work, line, quantity, currency)
    share = rounded(line.value_received * quantity / line.quantity_received, minor_units_of(work.session, currency))
    return share, carried_value(work, line.value_received, line.company_value_received, share, currency)


def carried_value(work: Work, value: Decimal, company_value: Decimal, share: Decimal, currency: str) -> Decimal:
    """A share of a value in the company's currency; the last of it takes all that is left."""
    assert work.company is not None
    if currency == work.company.currency:
        return share
    if not value:
        return company_value
    return carried_share(value, company_value, share, work.minor_units)
