"""What the verbs about production orders share: their components and operations, in the order of locking."""

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import Work
from operational_app.erp.inventory.commands import release
from operational_app.erp.production.models import ProductionComponent, ProductionOperation, ProductionOrder


def components_of(session: Session, order: ProductionOrder) -> list[ProductionComponent]:
    """The order's components in order of the item: every command locks balances in the same order."""
    return list(
        session.scalars(
            select(ProductionComponent)
            .where(ProductionComponent.production_order_id == order.id)
            .order_by(ProductionComponent.item_id, ProductionComponent.id)
        )
    )


def operations_of(session: Session, order: ProductionOrder) -> list[ProductionOperation]:
    return list(
        session.scalars(
            select(ProductionOperation)
            .where(ProductionOperation.production_order_id == order.id)
            .order_by(ProductionOperation.line_no)
        )
    )


def begin(order: ProductionOrder) -> None:
    if order.state == "released":
        order.state = "in_progress"


def free_components(work: Work, order: ProductionOrder) -> None:
    """Give back what is still reserved for the order."""
    for component in components_of(work.session, order):
        if component.quantity_reserved:
            release(work, component.item_id, order.stock_location_id, component.quantity_reserved)
            component.quantity_reserved = Decimal(0)
    work.session.flush()
