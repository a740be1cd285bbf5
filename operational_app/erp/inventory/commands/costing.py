"""What stock is worth: the value of each move by the item's method. What an entry made late changes stands in `late`.

All of it happens under the lock of the item's valuation, so an item's facts are numbered in the order in which they were
costed. A move keeps its value for ever; what is found later is a cost line of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from operational_app.core.command import Work
from operational_app.erp.errors import NoCostKnown, NotEnoughStock
from operational_app.erp.inventory.commands.balances import name_of
from operational_app.erp.inventory.commands.late import value_of_late_issue
from operational_app.erp.inventory.models import ItemValuation, StockCostLine, StockLayer
from operational_app.erp.inventory.queries import first_day_with
from operational_app.erp.inventory.rules import (
    LATE_KINDS,
    Fifo,
    Layer,
    issue_value,
    standard_value,
)
from operational_app.erp.items.models import Item


def lock_valuation(work: Work, item_id: int) -> ItemValuation:
    """The item's quantity, value and method over all places, locked until the end of the transaction."""
    query = (
        select(ItemValuation)
        .where(ItemValuation.item_id == item_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = work.session.scalars(query).one_or_none()
    if found is not None:
        return found
    item = work.session.get_one(Item, item_id)
    work.session.execute(
        insert(ItemValuation)
        .values(
            item_id=item_id,
            company_id=work.company_id,
            quantity_on_hand=0,
            value=0,
            valuation_method=item.valuation_method,
            standard_cost=item.standard_cost,
        )
        .on_conflict_do_nothing(index_elements=["item_id"])
    )
    return work.session.scalars(query).one()


@dataclass(frozen=True)
class Costed:
    """What a move is worth, and its place in the item's history."""

    value: Decimal
    sequence: int
    costing_date: date
    is_late: bool
    booked_value: Decimal = Decimal(0)
    """What all facts of the item are booked at, this one included: what a replay starts from."""


def cost_move(
    work: Work,
    valuation: ItemValuation,
    *,
    kind: str,
    quantity: Decimal,
    business_date: date,
    unit_cost: Decimal | None,
    exactly: Decimal | None,
    document: tuple[str, int, int],
) -> Costed:
    """Value one move by the item's method and add it to the locked valuation."""
    minor_units = work.minor_units
    given = rounded_cost(quantity, unit_cost, exactly, minor_units)
    last = valuation.last_costing_date
    # What left before the valuation changed keeps its cost: nothing is put before that day.
    day = max(business_date, valuation.valued_since or business_date)
    if last is not None and day < last and valuation.valuation_method != "standard":
        if quantity < 0:
            _refuse_more_than_there_is(work, valuation, -quantity)
            day = first_day_with(work.session, valuation.item_id, day, -quantity)
            is_late = day < last
        else:
            is_late = given is not None and kind in LATE_KINDS
    else:
        is_late = False
    costing_date = day if is_late or last is None else max(day, last)
    before = valuation.value
    sequence = valuation.last_sequence + 1
    if is_late and quantity < 0:
        # What left later is worked out anew as well: the stock takes the value that all of this leads to at once, since
        # the old value less this move's could be less than nothing.
        value, valuation.value = value_of_late_issue(
            work, valuation, costing_date, sequence, -quantity, (document[0], document[2])
        )
    else:
        value = (
            _value_in(work, valuation, quantity, given, minor_units)
            if quantity > 0
            else _value_out(work, valuation, -quantity, minor_units)
        )
        valuation.value += value
    valuation.quantity_on_hand += quantity
    valuation.last_sequence = sequence
    valuation.last_costing_date = costing_date if last is None else max(costing_date, last)
    work.session.flush()
    return Costed(value, sequence, costing_date, is_late, before + value)


def rounded_cost(
    quantity: Decimal, unit_cost: Decimal | None, exactly: Decimal | None, minor_units: int
) -> Decimal | None:
    """What comes in costs, as far as the caller knows."""
    if quantity <= 0:
        return None
    if exactly is not None:
        return exactly
    return None if unit_cost is None else standard_value(quantity, unit_cost, minor_units)


def _value_in(
    work: Work, valuation: ItemValuation, quantity: Decimal, given: Decimal | None, minor_units: int
) -> Decimal:
    on_hand = valuation.quantity_on_hand
    if valuation.valuation_method == "standard":
        assert valuation.standard_cost is not None
        return standard_value(on_hand + quantity, valuation.standard_cost, minor_units) - valuation.value
    if given is not None:
        return given
    if on_hand == 0:
        raise NoCostKnown(item=name_of(work, valuation.item_id))
    return standard_value(quantity, valuation.value / on_hand, minor_units)


def _refuse_more_than_there_is(work: Work, valuation: ItemValuation, quantity: Decimal) -> None:
    if quantity > valuation.quantity_on_hand:
        raise NotEnoughStock(item=name_of(work, valuation.item_id), wanted=quantity, free=valuation.quantity_on_hand)


def _value_out(work: Work, valuation: ItemValuation, quantity: Decimal, minor_units: int) -> Decimal:
    _refuse_more_than_there_is(work, valuation, quantity)
    on_hand = valuation.quantity_on_hand
    if valuation.valuation_method == "standard":
        assert valuation.standard_cost is not None
        return standard_value(on_hand - quantity, valuation.standard_cost, minor_units) - valuation.value
    if valuation.valuation_method == "fifo":
        return -_take_layers(work, valuation, quantity, minor_units)
    return -issue_value(on_hand, valuation.value, quantity, minor_units)


def share_of_stock(work: Work, valuation: ItemValuation, quantity: Decimal) -> Decimal:
    """What a part of the stock is worth, where only its place changes."""
    _refuse_more_than_there_is(work, valuation, quantity)
    return issue_value(valuation.quantity_on_hand, valuation.value, quantity, work.minor_units)


def _layers(work: Work, item_id: int) -> list[StockLayer]:
    """The layers of an item, the oldest first."""
    return list(
        work.session.scalars(
            select(StockLayer)
            .where(StockLayer.item_id == item_id)
            .order_by(StockLayer.costing_date, StockLayer.sequence)
            .execution_options(populate_existing=True)
        )
    )


def _take_layers(work: Work, valuation: ItemValuation, quantity: Decimal, minor_units: int) -> Decimal:
    rows = _layers(work, valuation.item_id)
    stock = Fifo(minor_units)
    stock.layers.extend(Layer(row.stock_move_id, row.quantity_left, row.value_left) for row in rows)
    value = stock.take(quantity)
    _write_layers(work, rows, stock)
    return value


def _write_layers(work: Work, rows: Sequence[StockLayer], stock: Fifo) -> None:
    """Bring the stored layers to what is left of each; what is gone is deleted."""
    left = {layer.key: layer for layer in stock.layers}
    for row in rows:
        layer = left.get(row.stock_move_id)
        if layer is None:
            work.session.delete(row)
        else:
            row.quantity_left, row.value_left = layer.quantity, layer.value


def correct_value(
    work: Work,
    *,
    item_id: int,
    value: Decimal,
    business_date: date,
    kind: str,
    document: tuple[str, int, int],
    layer_move_id: int | None = None,
) -> StockCostLine:
    """Correct the value of what is in stock by a cost line of its own; moves keep the values they have."""
    valuation = lock_valuation(work, item_id)
    valuation.value += value
    valuation.last_sequence += 1
    valuation.last_costing_date = max(business_date, valuation.last_costing_date or business_date)
    made = StockCostLine(
        company_id=work.company_id,
        item_id=item_id,
        kind=kind,
        value=value,
        business_date=business_date,
        sequence=valuation.last_sequence,
        costing_date=valuation.last_costing_date,
        stock_move_id=layer_move_id,
        document_type=document[0],
        document_id=document[1],
        document_line_id=document[2],
    )
    work.session.add(made)
    work.session.flush()
    return made


def correct_layers(
    work: Work,
    *,
    item_id: int,
    difference: Decimal,
    quantity: Decimal,
    move_ids: Sequence[int],
    business_date: date,
    document: tuple[str, int, int],
) -> Decimal:
    """Put a price difference of `quantity` on the layers that these receipts brought, as far as they are still here.

    Returns what was put on them; the rest fell to goods that are gone.
    """
    minor_units = work.minor_units
    left, open_quantity, total = difference, quantity, Decimal(0)
    for row in _layers(work, item_id):
        if row.stock_move_id not in move_ids or not open_quantity:
            continue
        part = min(row.quantity_left, open_quantity)
        share = max(left if part == open_quantity else standard_value(part, left / open_quantity, minor_units),
                    -row.value_left)  # fmt: skip
        open_quantity, left, total = open_quantity - part, left - share, total + share
        if share:
            row.value_left += share
            correct_value(
                work,
                item_id=item_id,
                value=share,
                business_date=business_date,
                kind="price_difference",
                document=document,
                layer_move_id=row.stock_move_id,
            )
    return total
