"""The verbs about components: issue them, return them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity
from operational_app.erp.errors import LineOfAnotherOrder, NothingToIssue, ReturnedMoreThanIssued
from operational_app.erp.events import ComponentsIssued, ComponentsReturned, IssuedComponent
from operational_app.erp.inventory.commands import LotGiven, lock_valuation, move_stock
from operational_app.erp.inventory.models import StockMove
from operational_app.erp.inventory.rules import issue_value
from operational_app.erp.production.commands.parts import begin, components_of
from operational_app.erp.production.models import ProductionComponent, ProductionOrder, production_order


class ComponentToMove(Body):
    production_component_id: int = Field(ge=1, description="Component of the order.")
    quantity: Quantity = Field(gt=0)
    lot_number: str | None = Field(default=None, max_length=50, description="Empty: the lots that expire first.")


class IssueComponents(Body):
    business_date: date
    components: list[ComponentToMove] = Field(default_factory=list, max_length=1000)


class ReturnComponents(Body):
    business_date: date
    components: list[ComponentToMove] = Field(min_length=1, max_length=1000)


@command(production_order, _("Issue components"), states=("released", "in_progress", "completed"))
def issue_components(work: Work, order: ProductionOrder, body: IssueComponents) -> ProductionOrder:
    """Take components out of stock into work in progress, at their cost. Without lines, all that is still needed.

    More than was planned may be issued: what it costs more is seen at the close.
    """
    components = components_of(work.session, order)
    left = {c.id: c.quantity - c.quantity_issued for c in components}
    asked = _asked(order, body.components, left) or {k: v for k, v in left.items() if v > 0}
    if not asked:
        raise NothingToIssue(number=order.number)
    begin(order)
    lots = {c.production_component_id: LotGiven(c.lot_number) for c in body.components if c.lot_number}
    moved = []
    for component in components:
        if quantity := asked.get(component.id):
            move = move_stock(
                work,
                kind="issue",
                item_id=component.item_id,
                location_id=order.stock_location_id,
                quantity=-quantity,
                from_reserved=min(component.quantity_reserved, quantity),
                business_date=body.business_date,
                document=("production_order", order.id, component.id),
                lot=lots.get(component.id),
            )
            component.quantity_reserved -= min(component.quantity_reserved, quantity)
            component.quantity_issued += quantity
            component.issued_amount -= move.value
            order.material_amount -= move.value
            moved.append(IssuedComponent(item_id=component.item_id, value=-move.value, stock_value=-move.value))
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
    components = components_of(work.session, order)
    asked = _asked(order, body.components, {c.id: c.quantity_issued for c in components})
    minor_units = work.minor_units
    moved = []
    for component in components:
        if quantity := asked.get(component.id):
            if quantity > component.quantity_issued:
                raise ReturnedMoreThanIssued(line=component.line_no, wanted=quantity, issued=component.quantity_issued)
            # A late entry of the component may be changing what it cost: its valuation is locked before that is read.
            lock_valuation(work, component.item_id)
            work.session.refresh(component, ["issued_amount"])
            value = issue_value(component.quantity_issued, component.issued_amount, quantity, minor_units)
            move = move_stock(
                work,
                kind="issue_return",
                item_id=component.item_id,
                location_id=order.stock_location_id,
                quantity=quantity,
                value=value,
                business_date=body.business_date,
                document=("production_order", order.id, component.id),
                returned_move_id=_issue_of(work, order, component),
            )
            component.quantity_issued -= quantity
            component.issued_amount -= value
            order.material_amount -= value
            moved.append(IssuedComponent(item_id=component.item_id, value=value, stock_value=move.value))
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


def _issue_of(work: Work, order: ProductionOrder, component: ProductionComponent) -> int | None:
    """The newest move that issued a component."""
    return work.session.scalar(
        select(func.max(StockMove.id)).where(
            StockMove.document_type == production_order.name,
            StockMove.document_id == order.id,
            StockMove.document_line_id == component.id,
            StockMove.kind == "issue",
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


def _left_to_issue(session: Session, order: ProductionOrder) -> dict[str, Any]:
    lines = [
        {"production_component_id": c.id, "quantity": c.quantity - c.quantity_issued}
        for c in components_of(session, order)
        if c.quantity > c.quantity_issued
    ]
    return {"components": lines}


# The form begins with what is left to do: whoever has done just that need only confirm it.
DEFAULTS["issue_components"] = _left_to_issue
