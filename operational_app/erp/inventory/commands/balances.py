"""What lies where, and what of it is promised.

Balances change by one conditional statement each, under a CHECK: reading first and writing then oversells. Callers go
through items in order of their number, so that two clerks never wait for each other in a circle.
"""

from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from operational_app.core.command import Work
from operational_app.erp.errors import NotEnoughStock
from operational_app.erp.inventory.models import StockBalance
from operational_app.erp.items.models import Item


def put(work: Work, item_id: int, location_id: int, quantity: Decimal) -> None:
    """Let stock lie at a place."""
    statement = insert(StockBalance).values(
        item_id=item_id,
        stock_location_id=location_id,
        company_id=work.company_id,
        quantity_on_hand=quantity,
        quantity_reserved=0,
    )
    work.session.execute(
        statement.on_conflict_do_update(
            index_elements=["item_id", "stock_location_id"],
            set_={"quantity_on_hand": StockBalance.quantity_on_hand + statement.excluded.quantity_on_hand},
        )
    )


def take(work: Work, item_id: int, location_id: int, quantity: Decimal, from_reserved: Decimal) -> None:
    """Take stock from a place; `from_reserved` of it had been promised to whoever takes it.

    Raises:
        NotEnoughStock: names what is free.
    """
    changed = work.session.execute(
        update(StockBalance)
        .where(
            StockBalance.item_id == item_id,
            StockBalance.stock_location_id == location_id,
            StockBalance.quantity_on_hand - StockBalance.quantity_reserved >= quantity - from_reserved,
            StockBalance.quantity_reserved >= from_reserved,
        )
        .values(
            quantity_on_hand=StockBalance.quantity_on_hand - quantity,
            quantity_reserved=StockBalance.quantity_reserved - from_reserved,
        )
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise NotEnoughStock(
            item=name_of(work, item_id), wanted=quantity, free=_free(work, item_id, location_id) + from_reserved
        )


def reserve(work: Work, item_id: int, location_id: int, quantity: Decimal) -> bool:
    """Promise stock to a document if so much is free; says whether it was."""
    changed = work.session.execute(
        update(StockBalance)
        .where(
            StockBalance.item_id == item_id,
            StockBalance.stock_location_id == location_id,
            StockBalance.quantity_on_hand - StockBalance.quantity_reserved >= quantity,
        )
        .values(quantity_reserved=StockBalance.quantity_reserved + quantity)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)


def reserve_what_is_free(work: Work, item_id: int, location_id: int, quantity: Decimal) -> Decimal:
    """Promise what is free to a document, at most `quantity`; returns how much that was."""
    balance = select(StockBalance.id, StockBalance.quantity_on_hand - StockBalance.quantity_reserved).where(
        StockBalance.item_id == item_id, StockBalance.stock_location_id == location_id
    )
    found = work.session.execute(balance.with_for_update()).one_or_none()
    taken = min(found[1], quantity) if found else Decimal(0)
    if found and taken > 0:
        work.session.execute(
            update(StockBalance)
            .where(StockBalance.id == found[0])
            .values(quantity_reserved=StockBalance.quantity_reserved + taken)
            .execution_options(synchronize_session=False)
        )
    return max(taken, Decimal(0))


def release(work: Work, item_id: int, location_id: int, quantity: Decimal) -> None:
    """Give reserved stock back."""
    work.session.execute(
        update(StockBalance)
        .where(StockBalance.item_id == item_id, StockBalance.stock_location_id == location_id)
        .values(quantity_reserved=StockBalance.quantity_reserved - quantity)
        .execution_options(synchronize_session=False)
    )


def name_of(work: Work, item_id: int) -> str:
    """What a refusal calls an item."""
    item = work.session.get(Item, item_id)
    return f"{item.number} {item.name}" if item else str(item_id)


def _free(work: Work, item_id: int, location_id: int) -> Decimal:
    free = work.session.scalars(
        select(StockBalance.quantity_on_hand - StockBalance.quantity_reserved).where(
            StockBalance.item_id == item_id, StockBalance.stock_location_id == location_id
        )
    ).one_or_none()
    return free or Decimal(0)
