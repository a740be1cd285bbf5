"""Verbs about stock, and the only functions that change balances, values and moves.

Balances change by one conditional statement each, under a CHECK: reading first and writing then oversells.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Currency
from operational_app.core.money import Quantity, UnitPrice, rounded
from operational_app.erp.errors import NoCostKnown, NotEnoughStock
from operational_app.erp.events import AdjustedStock, StockAdjusted
from operational_app.erp.inventory.models import (
    ItemValuation,
    StockAdjustment,
    StockAdjustmentLine,
    StockBalance,
    StockCostLine,
    StockLocation,
    StockMove,
    stock_adjustment,
    stock_location,
)
from operational_app.erp.inventory.rules import issue_value
from operational_app.erp.items.models import Item


class AddStockLocation(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)


class AdjustmentLine(Body):
    item_id: Ref("item")
    quantity: Quantity
    unit_cost: UnitPrice | None = Field(default=None, ge=0)


class AdjustStock(Body):
    business_date: date
    reason: Literal["opening", "count", "scrap"]
    stock_location_id: Ref("stock_location")
    note: str | None = Field(default=None, max_length=500)
    lines: list[AdjustmentLine] = Field(min_length=1, max_length=1000)


@command(stock_location, _("Add stock location"))
def add_stock_location(work: Work, body: AddStockLocation) -> StockLocation:
    """Add a place where stock may lie."""
    made = StockLocation(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    work.session.flush()
    return made


@command(stock_adjustment, _("Adjust stock"))
def adjust_stock(work: Work, body: AdjustStock) -> StockAdjustment:
    """Bring stock in or write it off: first stock, differences of a count, scrap. Posts stock and ledger at once."""
    made = StockAdjustment(
        company_id=work.company_id,
        number=work.number(stock_adjustment, body.business_date),
        state="posted",
        business_date=body.business_date,
        reason=body.reason,
        note=body.note,
        created_by=work.principal.user_id,
    )
    work.session.add(made)
    work.session.flush()
    # Items in order of their number: two clerks adjusting the same items never wait for each other in a circle.
    lines = [
        StockAdjustmentLine(
            company_id=work.company_id,
            stock_adjustment_id=made.id,
            item_id=line.item_id,
            stock_location_id=body.stock_location_id,
            quantity=line.quantity,
            unit_cost=line.unit_cost,
        )
        for line in sorted(body.lines, key=lambda line: line.item_id)
    ]
    work.session.add_all(lines)
    work.session.flush()
    moved = [_adjust(work, made, line) for line in lines]
    work.announce(
        StockAdjusted(
            document_id=made.id,
            number=made.number,
            business_date=made.business_date,
            reason=made.reason,
            lines=tuple(moved),
        )
    )
    return made


def _adjust(work: Work, adjustment: StockAdjustment, line: StockAdjustmentLine) -> AdjustedStock:
    move = move_stock(
        work,
        kind="adjustment",
        item_id=line.item_id,
        location_id=line.stock_location_id,
        quantity=line.quantity,
        unit_cost=line.unit_cost,
        business_date=adjustment.business_date,
        document=("stock_adjustment", adjustment.id, line.id),
    )
    return AdjustedStock(item_id=line.item_id, value=move.value)


def move_stock(
    work: Work,
    *,
    kind: str,
    item_id: int,
    location_id: int,
    quantity: Decimal,
    business_date: date,
    document: tuple[str, int, int],
    unit_cost: Decimal | None = None,
    value: Decimal | None = None,
    from_reserved: Decimal = Decimal(0),
) -> StockMove:
    """Move stock in (quantity > 0) or out (< 0) and freeze the value on the move.

    Args:
        unit_cost: cost of one unit coming in; without it the present average.
        value: what comes in is worth exactly this, such as what it left at; instead of a unit cost.
        from_reserved: how much of what goes out had been reserved for this document.
        document: type, row and line that moved it.

    Raises:
        NotEnoughStock: more would go out than is there and free.
        NoCostKnown: stock comes in without a cost and there is no average yet.
    """
    value = _revalue(work, item_id, quantity, unit_cost, value)
    if quantity > 0:
        _put(work, item_id, location_id, quantity)
    else:
        _take(work, item_id, location_id, -quantity, from_reserved)
    move = StockMove(
        company_id=work.company_id,
        item_id=item_id,
        stock_location_id=location_id,
        kind=kind,
        quantity=quantity,
        value=value,
        business_date=business_date,
        document_type=document[0],
        document_id=document[1],
        document_line_id=document[2],
    )
    work.session.add(move)
    work.session.flush()
    return move


def _revalue(
    work: Work, item_id: int, quantity: Decimal, unit_cost: Decimal | None, exactly: Decimal | None
) -> Decimal:
    """Lock the item's valuation, add the move's quantity and value to it, and return that value (signed)."""
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    valuation = lock_valuation(work, item_id)
    if quantity > 0 and exactly is not None:
        value = exactly
    elif quantity > 0:
        if unit_cost is None and valuation.quantity_on_hand == 0:
            raise NoCostKnown(item=_name(work, item_id))
        value = (
            rounded(quantity * unit_cost, minor_units)
            if unit_cost is not None
            else rounded(valuation.value * quantity / valuation.quantity_on_hand, minor_units)
        )
    elif -quantity > valuation.quantity_on_hand:
        raise NotEnoughStock(item=_name(work, item_id), wanted=-quantity, free=valuation.quantity_on_hand)
    else:
        value = -issue_value(valuation.quantity_on_hand, valuation.value, -quantity, minor_units)
    valuation.quantity_on_hand += quantity
    valuation.value += value
    work.session.flush()
    return value


def lock_valuation(work: Work, item_id: int) -> ItemValuation:
    """The item's quantity and value over all places, locked until the end of the transaction."""
    work.session.execute(
        insert(ItemValuation)
        .values(item_id=item_id, company_id=work.company_id, quantity_on_hand=0, value=0)
        .on_conflict_do_nothing(index_elements=["item_id"])
    )
    return work.session.scalars(
        select(ItemValuation)
        .where(ItemValuation.item_id == item_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def correct_value(
    work: Work, *, item_id: int, value: Decimal, business_date: date, kind: str, document: tuple[str, int, int]
) -> None:
    """Correct the value of what is in stock by a cost line of its own; moves keep the values they have."""
    lock_valuation(work, item_id).value += value
    work.session.add(
        StockCostLine(
            company_id=work.company_id,
            item_id=item_id,
            kind=kind,
            value=value,
            business_date=business_date,
            document_type=document[0],
            document_id=document[1],
            document_line_id=document[2],
        )
    )
    work.session.flush()


def _put(work: Work, item_id: int, location_id: int, quantity: Decimal) -> None:
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


def _take(work: Work, item_id: int, location_id: int, quantity: Decimal, from_reserved: Decimal) -> None:
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
            item=_name(work, item_id), wanted=quantity, free=_free(work, item_id, location_id) + from_reserved
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


def release(work: Work, item_id: int, location_id: int, quantity: Decimal) -> None:
    """Give reserved stock back."""
    work.session.execute(
        update(StockBalance)
        .where(StockBalance.item_id == item_id, StockBalance.stock_location_id == location_id)
        .values(quantity_reserved=StockBalance.quantity_reserved - quantity)
        .execution_options(synchronize_session=False)
    )


def _free(work: Work, item_id: int, location_id: int) -> Decimal:
    free = work.session.scalars(
        select(StockBalance.quantity_on_hand - StockBalance.quantity_reserved).where(
            StockBalance.item_id == item_id, StockBalance.stock_location_id == location_id
        )
    ).one_or_none()
    return free or Decimal(0)


def _name(work: Work, item_id: int) -> str:
    item = work.session.get(Item, item_id)
    return f"{item.number} {item.name}" if item else str(item_id)
