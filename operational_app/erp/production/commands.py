"""Verbs of planner and workshop: enter, release, issue, work, spoil, complete, close."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Currency, Unit
from operational_app.core.money import Quantity, plain, rounded
from operational_app.erp.engineering.models import BillOfMaterialLine, RoutingOperation, WorkCentre
from operational_app.erp.engineering.queries import bill_on, routing_on
from operational_app.erp.engineering.rules import component_quantity, operation_hours
from operational_app.erp.errors import (
    HoursNotThere,
    ItemNotStocked,
    LineOfAnotherOrder,
    MoreThanLeftToMake,
    NoBillOfMaterial,
    NothingToIssue,
    ReturnedMoreThanIssued,
)
from operational_app.erp.events import (
    ComponentsIssued,
    ComponentsReturned,
    IssuedComponent,
    LabourRecorded,
    ProductionCompleted,
    ProductionOrderClosed,
    ScrapReported,
)
from operational_app.erp.inventory.commands import move_stock
from operational_app.erp.inventory.models import ItemValuation
from operational_app.erp.items.models import Item
from operational_app.erp.production.models import (
    ProductionComponent,
    ProductionLabour,
    ProductionOperation,
    ProductionOrder,
    ProductionScrap,
    production_order,
)
from operational_app.erp.production.rules import completion_value, returned_value, state_after_output


class EnterProductionOrder(Body):
    item_id: Ref("item")
    quantity: Quantity = Field(gt=0)
    business_date: date
    start_date: date
    due_date: date
    stock_location_id: Ref("stock_location")


class ComponentToMove(Body):
    production_component_id: int = Field(ge=1, description="Component of the order.")
    quantity: Quantity = Field(gt=0)


class IssueComponents(Body):
    business_date: date
    components: list[ComponentToMove] = Field(default_factory=list, max_length=1000)


class ReturnComponents(Body):
    business_date: date
    components: list[ComponentToMove] = Field(min_length=1, max_length=1000)


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


class CloseProductionOrder(Body):
    business_date: date


@command(production_order, _("Enter production order"))
def enter_production_order(work: Work, body: EnterProductionOrder) -> ProductionOrder:
    """Write down what is to be made. Components and operations are copied from what is valid on the first day."""
    order = ProductionOrder(
        company_id=work.company_id,
        number=work.number(production_order, body.business_date),
        state="draft",
        created_by=work.principal.user_id,
    )
    _write(work, order, body)
    return order


@command(production_order, _("Change"), states=("draft",), onward=False)
def change_production_order(work: Work, order: ProductionOrder, body: EnterProductionOrder) -> ProductionOrder:
    """Write a draft anew, with the components and operations that are valid now; its number stays."""
    for model in (ProductionComponent, ProductionOperation):
        work.session.execute(delete(model).where(model.production_order_id == order.id))
    _write(work, order, body)
    return order


@command(production_order, _("Release"), states=("draft",))
def release_production_order(work: Work, order: ProductionOrder) -> ProductionOrder:
    """Let the workshop begin. What the order should cost is noted down, at today's averages and rates."""
    order.planned_amount = _planned_amount(work, order)
    order.state = "released"
    return order


@command(production_order, _("Issue components"), states=("released", "in_progress", "completed"))
def issue_components(work: Work, order: ProductionOrder, body: IssueComponents) -> ProductionOrder:
    """Take components out of stock into work in progress, at their cost. Without lines, all that is still needed.

    More than was planned may be issued: what it costs more is seen at the close.
    """
    components = _components(work.session, order)
    left = {c.id: c.quantity - c.quantity_issued for c in components}
    asked = _asked(order, body.components, left) or {k: v for k, v in left.items() if v > 0}
    if not asked:
        raise NothingToIssue(number=order.number)
    _begin(order)
    moved = []
    for component in components:
        if quantity := asked.get(component.id):
            move = move_stock(
                work,
                kind="issue",
                item_id=component.item_id,
                location_id=order.stock_location_id,
                quantity=-quantity,
                business_date=body.business_date,
                document=("production_order", order.id, component.id),
            )
            component.quantity_issued += quantity
            component.issued_amount -= move.value
            order.material_amount -= move.value
            moved.append(IssuedComponent(item_id=component.item_id, value=-move.value))
    work.announce(
        ComponentsIssued(
            document_id=order.id,
            number=order.number,
            business_date=body.business_date,
            item_id=order.item_id,
            lines=tuple(moved),
        )
    )
    return order


@command(production_order, _("Return components"), states=("in_progress", "completed"), onward=False)
def return_components(work: Work, order: ProductionOrder, body: ReturnComponents) -> ProductionOrder:
    """Put components that were not used back into stock, at what they were issued at."""
    components = _components(work.session, order)
    asked = _asked(order, body.components, {c.id: c.quantity_issued for c in components})
    minor_units = _minor_units(work)
    moved = []
    for component in components:
        if quantity := asked.get(component.id):
            if quantity > component.quantity_issued:
                raise ReturnedMoreThanIssued(
                    line=component.line_no, wanted=plain(quantity), issued=plain(component.quantity_issued)
                )
            value = returned_value(component.quantity_issued, component.issued_amount, quantity, minor_units)
            move_stock(
                work,
                kind="issue_return",
                item_id=component.item_id,
                location_id=order.stock_location_id,
                quantity=quantity,
                unit_cost=value / quantity,
                business_date=body.business_date,
                document=("production_order", order.id, component.id),
            )
            component.quantity_issued -= quantity
            component.issued_amount -= value
            order.material_amount -= value
            moved.append(IssuedComponent(item_id=component.item_id, value=value))
    work.announce(
        ComponentsReturned(
            document_id=order.id,
            number=order.number,
            business_date=body.business_date,
            item_id=order.item_id,
            lines=tuple(moved),
        )
    )
    return order


@command(production_order, _("Record labour"), states=("released", "in_progress", "completed"))
def record_labour(work: Work, order: ProductionOrder, body: RecordLabour) -> ProductionOrder:
    """Write down hours worked; their cost at the rate of the work centre goes into work in progress.

    Negative hours take back what was recorded by mistake.
    """
    operations = {operation.id: operation for operation in _operations(work.session, order)}
    _begin(order)
    minor_units = _minor_units(work)
    hours, amount = Decimal(0), Decimal(0)
    for worked in body.operations:
        operation = operations.get(worked.production_operation_id)
        if operation is None:
            raise LineOfAnotherOrder(line=worked.production_operation_id, number=order.number)
        if worked.hours == 0 or operation.actual_hours + worked.hours < 0:
            raise HoursNotThere(line=operation.line_no, hours=plain(operation.actual_hours))
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
        raise MoreThanLeftToMake(wanted=plain(body.quantity), left=plain(order.quantity_left), number=order.number)
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
        raise MoreThanLeftToMake(wanted=plain(quantity), left=plain(order.quantity_left), number=order.number)
    value = completion_value(
        order.work_in_progress, quantity, order.quantity, order.quantity_completed, _minor_units(work)
    )
    move_stock(
        work,
        kind="completion",
        item_id=order.item_id,
        location_id=order.stock_location_id,
        quantity=quantity,
        unit_cost=value / quantity,
        business_date=body.business_date,
        document=("production_order", order.id, order.id),
    )
    order.quantity_completed += quantity
    order.completed_amount += value
    order.state = state_after_output(order.quantity, order.quantity_completed, order.quantity_scrapped)
    work.announce(
        ProductionCompleted(
            document_id=order.id,
            number=order.number,
            business_date=body.business_date,
            item_id=order.item_id,
            quantity=quantity,
            value=value,
        )
    )
    return order


@command(production_order, _("Close"), states=("in_progress", "completed"))
def close_production_order(work: Work, order: ProductionOrder, body: CloseProductionOrder) -> ProductionOrder:
    """End the order. What is left in its work in progress (spoilt units, late costs) becomes a production variance."""
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


@command(production_order, _("Cancel"), states=("draft", "released"), onward=False)
def cancel_production_order(work: Work, order: ProductionOrder) -> ProductionOrder:
    """Give up an order that nobody has begun."""
    order.state = "cancelled"
    return order


def _write(work: Work, order: ProductionOrder, body: EnterProductionOrder) -> None:
    """Fill the order, and copy components and operations from what is valid on its first day."""
    if body.due_date < body.start_date:
        raise InvalidInput(fields={"due_date": _("The order is due before it begins.")})
    item = work.session.get_one(Item, body.item_id)
    if item.kind != "stocked":
        raise ItemNotStocked(item=f"{item.number} {item.name}")
    bill = bill_on(work.session, item.id, body.start_date)
    if bill is None:
        raise NoBillOfMaterial(item=f"{item.number} {item.name}", date=body.start_date.isoformat())
    routing = routing_on(work.session, item.id, body.start_date)
    for name, value in body.model_dump().items():
        setattr(order, name, value)
    order.bill_of_material_id, order.routing_id = bill.id, routing.id if routing else None
    work.session.add(order)
    work.session.flush()
    _copy_components(work, order)
    _copy_operations(work, order)
    work.session.flush()


def _copy_components(work: Work, order: ProductionOrder) -> None:
    rows = work.session.execute(
        select(BillOfMaterialLine, Unit.decimals)
        .join(Item, Item.id == BillOfMaterialLine.item_id)
        .join(Unit, Unit.code == Item.unit)
        .where(BillOfMaterialLine.bill_of_material_id == order.bill_of_material_id)
        .order_by(BillOfMaterialLine.line_no)
    )
    work.session.add_all(
        ProductionComponent(
            company_id=order.company_id,
            production_order_id=order.id,
            line_no=line.line_no,
            item_id=line.item_id,
            quantity=component_quantity(order.quantity, line.quantity_per, line.scrap_fraction, decimals),
        )
        for line, decimals in rows
    )


def _copy_operations(work: Work, order: ProductionOrder) -> None:
    rows = work.session.execute(
        select(RoutingOperation, WorkCentre.cost_rate)
        .join(WorkCentre, WorkCentre.id == RoutingOperation.work_centre_id)
        .where(RoutingOperation.routing_id == order.routing_id)
        .order_by(RoutingOperation.line_no)
    )
    work.session.add_all(
        ProductionOperation(
            company_id=order.company_id,
            production_order_id=order.id,
            line_no=line.line_no,
            work_centre_id=line.work_centre_id,
            description=line.description,
            planned_hours=operation_hours(order.quantity, line.setup_hours, line.run_hours),
            cost_rate=cost_rate,
        )
        for line, cost_rate in rows
    )


def _planned_amount(work: Work, order: ProductionOrder) -> Decimal:
    components = _components(work.session, order)
    valuations = work.session.scalars(
        select(ItemValuation).where(ItemValuation.item_id.in_([c.item_id for c in components]))
    )
    average = {v.item_id: v.value / v.quantity_on_hand for v in valuations if v.quantity_on_hand}
    material = sum((c.quantity * average.get(c.item_id, Decimal(0)) for c in components), Decimal(0))
    labour = sum((o.planned_hours * o.cost_rate for o in _operations(work.session, order)), Decimal(0))
    return rounded(material + labour, _minor_units(work))


def _components(session: Session, order: ProductionOrder) -> list[ProductionComponent]:
    """The order's components in order of the item: every command locks balances in the same order."""
    return list(
        session.scalars(
            select(ProductionComponent)
            .where(ProductionComponent.production_order_id == order.id)
            .order_by(ProductionComponent.item_id, ProductionComponent.id)
        )
    )


def _operations(session: Session, order: ProductionOrder) -> list[ProductionOperation]:
    return list(
        session.scalars(
            select(ProductionOperation)
            .where(ProductionOperation.production_order_id == order.id)
            .order_by(ProductionOperation.line_no)
        )
    )


def _asked(
    order: ProductionOrder, lines: Sequence[ComponentToMove], known: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """Component → quantity asked for; a component that stands there twice is added up."""
    asked: dict[int, Decimal] = {}
    for line in lines:
        if line.production_component_id not in known:
            raise LineOfAnotherOrder(line=line.production_component_id, number=order.number)
        asked[line.production_component_id] = asked.get(line.production_component_id, Decimal(0)) + line.quantity
    return asked


def _begin(order: ProductionOrder) -> None:
    if order.state == "released":
        order.state = "in_progress"


def _minor_units(work: Work) -> int:
    assert work.company is not None
    return work.session.get_one(Currency, work.company.currency).minor_units


def _left_to_issue(session: Session, order: ProductionOrder) -> dict[str, Any]:
    lines = [
        {"production_component_id": c.id, "quantity": c.quantity - c.quantity_issued}
        for c in _components(session, order)
        if c.quantity > c.quantity_issued
    ]
    return {"components": lines}


def _left_to_work(session: Session, order: ProductionOrder) -> dict[str, Any]:
    lines = [
        {"production_operation_id": o.id, "hours": o.planned_hours - o.actual_hours}
        for o in _operations(session, order)
        if o.planned_hours > o.actual_hours
    ]
    return {"operations": lines}


# Forms begin with what is left to do: whoever has done just that need only confirm it.
DEFAULTS["issue_components"] = _left_to_issue
DEFAULTS["record_labour"] = _left_to_work
DEFAULTS["complete_production"] = lambda _session, order: {"quantity": order.quantity_left}
