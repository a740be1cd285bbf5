"""The planner's verbs: enter, change, release, reserve, cancel a production order."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Unit
from operational_app.core.money import Quantity, rounded
from operational_app.erp.engineering.models import BillOfMaterialLine, RoutingOperation, WorkCentre
from operational_app.erp.engineering.queries import bill_on, routing_on
from operational_app.erp.engineering.rules import component_quantity, operation_hours
from operational_app.erp.errors import ItemNotStocked, NoBillOfMaterial
from operational_app.erp.inventory.commands import reserve_what_is_free
from operational_app.erp.inventory.models import ItemValuation
from operational_app.erp.items.models import Item
from operational_app.erp.production.commands.parts import components_of, free_components, operations_of
from operational_app.erp.production.models import (
    ProductionComponent,
    ProductionOperation,
    ProductionOrder,
    production_order,
)


class EnterProductionOrder(Body):
    item_id: Ref("item")
    quantity: Quantity = Field(gt=0)
    business_date: date
    start_date: date
    due_date: date
    stock_location_id: Ref("stock_location")


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
    """Let the workshop begin: what is free of the components is reserved, and what the order should cost is noted down, at
    today's averages and rates."""
    order.planned_amount = _planned_amount(work, order)
    _reserve(work, order)
    order.state = "released"
    return order


@command(production_order, _("Reserve components"), states=("released", "in_progress", "completed"), onward=False)
def reserve_components(work: Work, order: ProductionOrder) -> ProductionOrder:
    """Reserve what is free now of the components that are still missing, such as after goods have come in."""
    _reserve(work, order)
    return order


@command(production_order, _("Cancel"), states=("draft", "released"), onward=False)
def cancel_production_order(work: Work, order: ProductionOrder) -> ProductionOrder:
    """Give up an order that nobody has begun; components reserved for it are free again."""
    free_components(work, order)
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
    components = components_of(work.session, order)
    valuations = work.session.scalars(
        select(ItemValuation).where(ItemValuation.item_id.in_([c.item_id for c in components]))
    )
    average = {v.item_id: v.value / v.quantity_on_hand for v in valuations if v.quantity_on_hand}
    material = sum((c.quantity * average.get(c.item_id, Decimal(0)) for c in components), Decimal(0))
    labour = sum((o.planned_hours * o.cost_rate for o in operations_of(work.session, order)), Decimal(0))
    return rounded(material + labour, work.minor_units)


def _reserve(work: Work, order: ProductionOrder) -> None:
    """Promise the order what is free of each component, up to what it still needs."""
    for component in components_of(work.session, order):
        missing = component.quantity - component.quantity_issued - component.quantity_reserved
        if missing > 0:
            component.quantity_reserved += reserve_what_is_free(
                work, component.item_id, order.stock_location_id, missing
            )
    work.session.flush()
