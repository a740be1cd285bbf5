"""The verb about suppliers' credit notes: what goes back is billed no longer, and a lower price lowers cost."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.exchange import FrozenRate, freeze_rate, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.money import Rate, rounded
from operational_app.core.tax import net_amount
from operational_app.erp.errors import CreditedBeforeReturned, LineOfAnotherOrder, NothingToBill
from operational_app.erp.events import CreditedPurchaseLine, PurchaseCredited
from operational_app.erp.inventory.commands import correct_value, lock_valuation
from operational_app.erp.purchasing.commands import BillLine, carried_value
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine, purchase_order
from operational_app.erp.purchasing.rules import Variance, split_variance


class EnterSupplierCredit(Body):
    bill_id: Ref("bill")
    supplier_reference: str = Field(min_length=1, max_length=100)
    business_date: date
    reason: Literal["returned", "price"] = "returned"
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[BillLine] = Field(default_factory=list, max_length=1000)


@command(purchase_order, _("Enter credit note"), states=("partly_received", "received"), onward=False)
def credit_purchase_order(work: Work, order: PurchaseOrder, body: EnterSupplierCredit) -> PurchaseOrder:
    """Book the supplier's credit note for a bill: for goods that went back, or for a lower price of goods that stay.

    Without lines, all that went back and is billed. A lower price corrects stock as far as the goods are here.
    """
    assert work.company is not None
    rate = freeze_rate(work.session, work.company, order.currency, body.business_date, body.exchange_rate)
    credited = tuple(
        _credit_line(work, order, line, asked, body, rate) for line, asked in _credited_lines(work, order, body)
    )
    work.announce(
        PurchaseCredited(
            document_id=order.id,
            supplier_id=order.supplier_id,
            bill_id=body.bill_id,
            supplier_reference=body.supplier_reference,
            business_date=body.business_date,
            exchange_rate=body.exchange_rate,
            reason=body.reason,
            lines=credited,
        )
    )
    return order


def _credited_lines(
    work: Work, order: PurchaseOrder, body: EnterSupplierCredit
) -> list[tuple[PurchaseOrderLine, BillLine]]:
    """The order's lines that are credited, each with quantity and price, in order of the item."""
    lines = work.session.scalars(
        select(PurchaseOrderLine)
        .where(PurchaseOrderLine.purchase_order_id == order.id)
        .order_by(PurchaseOrderLine.item_id, PurchaseOrderLine.id)
    ).all()
    asked = {line.purchase_order_line_id: line for line in body.lines}
    if unknown := set(asked) - {line.id for line in lines}:
        raise LineOfAnotherOrder(line=min(unknown), number=order.number)
    gone = {line.id: max(line.quantity_billed - line.quantity_received, Decimal(0)) for line in lines}
    if not asked:
        asked = {
            line.id: BillLine(purchase_order_line_id=line.id, quantity=gone[line.id], unit_price=line.unit_price)
            for line in lines
            if gone[line.id]
        }
    if not asked:
        raise NothingToBill(number=order.number)
    for line in lines:
        if line.id in asked and body.reason == "returned" and asked[line.id].quantity > gone[line.id]:
            raise CreditedBeforeReturned(line=line.line_no, wanted=asked[line.id].quantity, left=gone[line.id])
    return [(line, asked[line.id]) for line in lines if line.id in asked]


def _credit_line(
    work: Work,
    order: PurchaseOrder,
    line: PurchaseOrderLine,
    asked: BillLine,
    body: EnterSupplierCredit,
    rate: FrozenRate,
) -> CreditedPurchaseLine:
    """Take back what was billed for goods that went back, or correct the value of what is here, and say what is booked."""
    assert work.company is not None
    net = net_amount(asked.quantity, asked.unit_price, Decimal(0), minor_units_of(work.session, rate.currency))
    billed_at = company_billed_at = Decimal(0)
    if body.reason == "returned":
        billed_at, company_billed_at = _unbill(work, line, asked.quantity, rate.currency)
        expense = -in_company_currency(work.session, work.company, net - billed_at, rate)
        variance = Variance(Decimal(0), expense)
    else:
        stock = lock_valuation(work, line.item_id)
        lower = -in_company_currency(work.session, work.company, net, rate)
        own_units = work.minor_units
        variance = split_variance(lower, asked.quantity, stock.quantity_on_hand, stock.value, own_units)
    if variance.inventory:
        correct_value(
            work,
            item_id=line.item_id,
            value=variance.inventory,
            business_date=body.business_date,
            kind="price_difference",
            document=("purchase_order", order.id, line.id),
        )
    work.session.flush()
    return CreditedPurchaseLine(
        purchase_order_line_id=line.id,
        item_id=line.item_id,
        quantity=asked.quantity,
        net_amount=net,
        billed_at=billed_at,
        company_billed_at=company_billed_at,
        inventory_difference=variance.inventory,
        price_variance=variance.expense,
    )


def _unbill(work: Work, line: PurchaseOrderLine, quantity: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Take `quantity` out of what is billed, and return what it was received at, in both currencies.

    Once as much is billed as is here, both are worth the same: nothing stays on the account of goods not billed.
    """
    left = line.quantity_billed - quantity
    if left == line.quantity_received:
        value = line.value_billed - line.value_received
        company_value = line.company_value_billed - line.company_value_received
    else:
        value = rounded(line.value_billed * quantity / line.quantity_billed, minor_units_of(work.session, currency))
        company_value = carried_value(work, line.value_billed, line.company_value_billed, value, currency)
    line.quantity_billed = left
    line.value_billed -= value
    line.company_value_billed -= company_value
    return value, company_value
