"""The workshop's verbs: work, spoil, complete; and the close."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity, rounded
from operational_app.erp.errors import HoursNotThere, LineOfAnotherOrder, MoreThanLeftToMake
from operational_app.erp.events import LabourRecorded, ProductionCompleted, ProductionOrderClosed, ScrapReported
from operational_app.erp.inventory.commands import LotGiven, move_stock
from operational_app.erp.production.commands.parts import begin, free_components, operations_of
from operational_app.erp.production.models import (
    ProductionLabour,
    ProductionOrder,
    ProductionScrap,
    production_order,
)
from operational_app.erp.production.rules import completion_value, state_after_output


class HoursWorked(Body):
    production_operation_id: int = Field(ge=1, description="Operation of the order.")
    hours: Quantity = Field(ge=-10000, le=10000, description="Hours worked; negative to take back what was wrong.")


class RecordLabour(Body):
    business_date: date
    operations: list[HoursWorked] = Field(min_length=1, max_length=1000)


class ReportScrap(Body):
    business_date: date
    quantity: Quantity = Field(gt=0)
    reason: str = Field(min_length=1, max_length=200)


class CompleteProduction(Body):
    business_date: date
    quantity: Quantity | None = Field(default=None, gt=0, description="Empty: all that is left to make.")
    lot_number: str | None = Field(default=None, max_length=50)
    expiry_date: date | None = None


class CloseProductionOrder(Body):
    business_date: date


@command(production_order, _("Record labour"), states=("released", "in_progress", "completed"))
def record_labour(work: Work, order: ProductionOrder, body: RecordLabour) -> ProductionOrder:
    """Write down hours worked; their cost at the rate of the work centre goes into work in progress.

    Negative hours take back what was recorded by mistake.
    """
    operations = {operation.id: operation for operation in operations_of(work.session, order)}
    begin(order)
    minor_units = work.minor_units
    hours, amount = Decimal(0), Decimal(0)
    for worked in body.operations:
        operation = operations.get(worked.production_operation_id)
        if operation is None:
            raise LineOfAnotherOrder(line=worked.production_operation_id, number=order.number)
        if worked.hours == 0 or operation.actual_hours + worked.hours < 0:
            raise HoursNotThere(line=operation.line_no, hours=operation.actual_hours)
        cost = rounded(worked.hours * operation.cost_rate, minor_units)
        work.session.add(
            ProductionLabour(
                company_id=order.company_id,
                production_order_id=order.id,
                production_operation_id=operation.id,
                work_centre_id=operation.work_centre_id,
                business_date=body.business_date,
                hours=worked.hours,
                amount=cost,
            )
        )
        operation.actual_hours += worked.hours
        hours, amount = hours + worked.hours, amount + cost
    order.labour_amount += amount
    work.announce(
        LabourRecorded(
            document_id=order.id,
            number=order.number,
            business_date=body.business_date,
            item_id=order.item_id,
            hours=hours,
            amount=amount,
        )
    )
    return order


@command(production_order, _("Report scrap"), states=("in_progress",), onward=False)
def report_scrap(work: Work, order: ProductionOrder, body: ReportScrap) -> ProductionOrder:
    """Write down units that were spoilt. They will not come into stock; their cost becomes a variance at the close."""
    if body.quantity > order.quantity_left:
        raise MoreThanLeftToMake(wanted=body.quantity, left=order.quantity_left, number=order.number)
    work.session.add(ProductionScrap(company_id=order.company_id, production_order_id=order.id, **body.model_dump()))
    order.quantity_scrapped += body.quantity
    order.state = state_after_output(order.quantity, order.quantity_completed, order.quantity_scrapped)
    work.announce(
        ScrapReported(
            document_id=order.id,
            business_date=body.business_date,
            item_id=order.item_id,
            quantity=body.quantity,
            reason=body.reason,
        )
    )
    return order


@command(production_order, _("Complete"), states=("in_progress",))
def complete_production(work: Work, order: ProductionOrder, body: CompleteProduction) -> ProductionOrder:
    """Put finished goods into stock, at their share of the order's work in progress."""
    quantity = order.quantity_left if body.quantity is None else body.quantity
    if quantity > order.quantity_left:
        raise MoreThanLeftToMake(wanted=quantity, left=order.quantity_left, number=order.number)
    value = completion_value(
        order.work_in_progress, quantity, order.quantity, order.quantity_completed, work.minor_units
    )
    move = move_stock(
        work,
        kind="completion",
        item_id=order.item_id,
        location_id=order.stock_location_id,
        quantity=quantity,
        value=value,
        business_date=body.business_date,
        document=("production_order", order.id, order.id),
        lot=LotGiven(body.lot_number, body.expiry_date) if body.lot_number else None,
    )
    order.quantity_completed += quantity
    # At standard cost the stock takes its standard; the difference stays in work in progress until the close.
    order.completed_amount += move.value
    order.state = state_after_output(order.quantity, order.quantity_completed, order.quantity_scrapped)
    work.announce(
        ProductionCompleted(
            document_id=order.id,
            number=order.number,
            business_date=body.business_date,
            item_id=order.item_id,
            quantity=quantity,
            value=move.value,
        )
    )
    return order


@command(production_order, _("Close"), states=("in_progress", "completed"))
def close_production_order(work: Work, order: ProductionOrder, body: CloseProductionOrder) -> ProductionOrder:
    """End the order. What is left in its work in progress (spoilt units, late costs) becomes a production variance."""
    free_components(work, order)
    variance = order.work_in_progress
    order.variance_amount, order.closed_date, order.state = variance, body.business_date, "closed"
    work.announce(
        ProductionOrderClosed(
            document_id=order.id,
            number=order.number,
            business_date=body.business_date,
            item_id=order.item_id,
            variance=variance,
        )
    )
    return order


def _left_to_work(session: Session, order: ProductionOrder) -> dict[str, Any]:
    lines = [
        {"production_operation_id": o.id, "hours": o.planned_hours - o.actual_hours}
        for o in operations_of(session, order)
        if o.planned_hours > o.actual_hours
    ]
    return {"operations": lines}


# Forms begin with what is left to do: whoever has done just that need only confirm it.
DEFAULTS["record_labour"] = _left_to_work
DEFAULTS["complete_production"] = lambda _session, order: {"quantity": order.quantity_left}
