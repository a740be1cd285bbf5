"""Verbs on purchase requisitions: enter, change, submit, cancel; and the buyer's: turn into orders."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, func, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Currency
from operational_app.core.money import Quantity, UnitPrice
from operational_app.core.tax import net_amount
from operational_app.erp.errors import LineOfAnotherOrder, NoSupplierKnown
from operational_app.erp.events import RequestedLine, RequisitionGivenUp, RequisitionSubmitted
from operational_app.erp.items.models import Item
from operational_app.erp.purchasing.commands import EnterPurchaseOrder, PurchaseLine, enter_purchase_order
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine
from operational_app.erp.requisition.models import (
    PurchaseRequisition,
    PurchaseRequisitionLine,
    purchase_requisition,
)


class RequisitionLine(Body):
    item_id: Ref("item")
    quantity: Quantity = Field(gt=0)
    needed_by: date
    unit_price: UnitPrice | None = Field(
        default=None, ge=0, description="Estimated price; empty: what was last paid, else the list price."
    )


class EnterRequisition(Body):
    business_date: date
    reason: str = Field(min_length=1, max_length=1000)
    lines: list[RequisitionLine] = Field(min_length=1, max_length=1000)


class SourcedLine(Body):
    purchase_requisition_line_id: int = Field(ge=1, description="Line of the requisition.")
    supplier_id: Ref("supplier")


class ConvertRequisition(Body):
    business_date: date
    stock_location_id: Ref("stock_location")
    lines: list[SourcedLine] = Field(
        default_factory=list,
        max_length=1000,
        description="Supplier of each line; a line that is not named goes to whom its item was last ordered from.",
    )


@command(purchase_requisition, _("Enter purchase requisition"))
def enter_purchase_requisition(work: Work, body: EnterRequisition) -> PurchaseRequisition:
    """Write down what you need to have bought, by when and why."""
    assert work.company is not None
    made = PurchaseRequisition(
        company_id=work.company_id,
        number=work.number(purchase_requisition, body.business_date),
        state="draft",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        reason=body.reason,
        currency=work.company.currency,
        estimated_amount=Decimal(0),
    )
    work.session.add(made)
    work.session.flush()
    _write_lines(work, made, body.lines)
    return made


@command(purchase_requisition, _("Change"), states=("draft", "rejected"))
def change_purchase_requisition(
    work: Work, requisition: PurchaseRequisition, body: EnterRequisition
) -> PurchaseRequisition:
    """Write the requisition anew while nobody decides on it; its number stays."""
    requisition.business_date, requisition.reason, requisition.state = body.business_date, body.reason, "draft"
    work.session.execute(
        delete(PurchaseRequisitionLine).where(PurchaseRequisitionLine.purchase_requisition_id == requisition.id)
    )
    _write_lines(work, requisition, body.lines)
    return requisition


@command(purchase_requisition, _("Submit"), states=("draft",))
def submit_purchase_requisition(work: Work, requisition: PurchaseRequisition) -> PurchaseRequisition:
    """Ask for approval by the company's rule; what the rule does not ask for is approved at once."""
    requisition.state = "submitted"
    minor_units = work.session.get_one(Currency, requisition.currency).minor_units
    lines = work.session.execute(
        select(PurchaseRequisitionLine, Item.item_group)
        .join(Item, Item.id == PurchaseRequisitionLine.item_id)
        .where(PurchaseRequisitionLine.purchase_requisition_id == requisition.id)
        .order_by(PurchaseRequisitionLine.line_no)
    )
    work.announce(
        RequisitionSubmitted(
            document_id=requisition.id,
            business_date=requisition.business_date,
            lines=tuple(
                RequestedLine(
                    purchase_requisition_line_id=line.id,
                    item_id=line.item_id,
                    item_group=item_group,
                    net_amount=net_amount(line.quantity, line.unit_price, Decimal(0), minor_units),
                )
                for line, item_group in lines
            ),
        )
    )
    return requisition


@command(purchase_requisition, _("Cancel"), states=("draft", "rejected", "approved"), onward=False)
def cancel_purchase_requisition(work: Work, requisition: PurchaseRequisition) -> PurchaseRequisition:
    """Give up what is not needed any more; what was reserved for it of the budget is free again."""
    requisition.state = "cancelled"
    work.announce(RequisitionGivenUp(document_id=requisition.id))
    return requisition


@command(purchase_requisition, _("Convert to orders"), states=("approved",))
def convert_to_purchase_order(
    work: Work, requisition: PurchaseRequisition, body: ConvertRequisition
) -> PurchaseRequisition:
    """Make a draft order for each supplier, at the estimated prices. What is reserved stays so until the order is sent."""
    by_supplier = _by_supplier(work, requisition, body)
    for supplier_id, lines in by_supplier.items():
        order = enter_purchase_order(
            work,
            EnterPurchaseOrder(
                supplier_id=supplier_id,
                business_date=body.business_date,
                requested_date=min(line.needed_by for line in lines),
                stock_location_id=body.stock_location_id,
                currency=requisition.currency,
                lines=[
                    PurchaseLine(item_id=line.item_id, quantity=line.quantity, unit_price=line.unit_price)
                    for line in lines
                ],
            ),
        )
        work.link(requisition, order)
        for line in lines:
            line.purchase_order_id = order.id
    requisition.state = "ordered"
    return requisition


def _by_supplier(
    work: Work, requisition: PurchaseRequisition, body: ConvertRequisition
) -> dict[int, list[PurchaseRequisitionLine]]:
    """Supplier → the lines to order there."""
    lines = work.session.scalars(
        select(PurchaseRequisitionLine)
        .where(PurchaseRequisitionLine.purchase_requisition_id == requisition.id)
        .order_by(PurchaseRequisitionLine.line_no)
    ).all()
    named = {line.purchase_requisition_line_id: line.supplier_id for line in body.lines}
    if len(named) < len(body.lines):
        raise InvalidInput(fields={"lines": _("Name each line of the requisition only once.")})
    if unknown := set(named) - {line.id for line in lines}:
        raise LineOfAnotherOrder(line=min(unknown), number=requisition.number)
    found: defaultdict[int, list[PurchaseRequisitionLine]] = defaultdict(list)
    for line in lines:
        last = _last_order_line(work, line.item_id)
        supplier_id = named.get(line.id) or (last[1] if last else None)
        if supplier_id is None:
            raise NoSupplierKnown(line=line.line_no)
        found[supplier_id].append(line)
    return dict(found)


def _write_lines(work: Work, requisition: PurchaseRequisition, lines: list[RequisitionLine]) -> None:
    minor_units = work.session.get_one(Currency, requisition.currency).minor_units
    total = Decimal(0)
    for number, line in enumerate(lines, start=1):
        price = line.unit_price if line.unit_price is not None else _usual_price(work, line.item_id)
        total += net_amount(line.quantity, price, Decimal(0), minor_units)
        work.session.add(
            PurchaseRequisitionLine(
                company_id=requisition.company_id,
                purchase_requisition_id=requisition.id,
                line_no=number,
                item_id=line.item_id,
                quantity=line.quantity,
                needed_by=line.needed_by,
                unit_price=price,
            )
        )
    requisition.estimated_amount = total
    work.session.flush()


def _usual_price(work: Work, item_id: int) -> Decimal:
    last = _last_order_line(work, item_id)
    return last[0] if last else work.session.get_one(Item, item_id).list_price


def _last_order_line(work: Work, item_id: int) -> tuple[Decimal, int] | None:
    """Price, in the company's currency, and supplier of the last order of an item that was not given up."""
    row = work.session.execute(
        select(func.round(PurchaseOrderLine.unit_price * PurchaseOrder.exchange_rate, 6), PurchaseOrder.supplier_id)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.purchase_order_id)
        .where(PurchaseOrderLine.item_id == item_id, PurchaseOrder.state != "cancelled")
        .order_by(PurchaseOrderLine.id.desc())
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None
