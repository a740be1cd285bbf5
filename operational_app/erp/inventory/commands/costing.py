"""What stock is worth: the value of each move by the item's method, and what a late receipt changes.

All of it happens under the lock of the item's valuation, so an item's facts are numbered in the order in which they were
costed. A move keeps its value for ever; what is found later is a cost line of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from operational_app.core.command import Work
from operational_app.core.period import open_day
from operational_app.erp.errors import NoCostKnown, NotEnoughStock
from operational_app.erp.events import RecostedLine, StockRecosted
from operational_app.erp.inventory.commands.balances import name_of
from operational_app.erp.inventory.models import ItemValuation, StockCostLine, StockLayer, StockMove
from operational_app.erp.inventory.queries import PastFact, history_since_empty, pools_before
from operational_app.erp.inventory.rules import (
    LATE_KINDS,
    Average,
    Fifo,
    Layer,
    issue_value,
    replayed,
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


def cost_move(
    work: Work,
    valuation: ItemValuation,
    *,
    kind: str,
    quantity: Decimal,
    business_date: date,
    unit_cost: Decimal | None,
    exactly: Decimal | None,
) -> Costed:
    """Value one move by the item's method and add it to the locked valuation."""
    minor_units = work.minor_units
    given = rounded_cost(quantity, unit_cost, exactly, minor_units)
    last = valuation.last_costing_date
    # What left before the valuation changed keeps its cost: no receipt is put before that day.
    day = max(business_date, valuation.valued_since or business_date)
    is_late = (
        given is not None
        and kind in LATE_KINDS
        and valuation.valuation_method != "standard"
        and last is not None
        and day < last
    )
    costing_date = day if is_late or last is None else max(day, last)
    value = (
        _value_in(work, valuation, quantity, given, minor_units)
        if quantity > 0
        else _value_out(work, valuation, -quantity, minor_units)
    )
    valuation.quantity_on_hand += quantity
    valuation.value += value
    valuation.last_sequence += 1
    valuation.last_costing_date = costing_date if last is None else max(costing_date, last)
    work.session.flush()
    return Costed(value, valuation.last_sequence, costing_date, is_late)


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


def _value_out(work: Work, valuation: ItemValuation, quantity: Decimal, minor_units: int) -> Decimal:
    on_hand = valuation.quantity_on_hand
    if quantity > on_hand:
        raise NotEnoughStock(item=name_of(work, valuation.item_id), wanted=quantity, free=on_hand)
    if valuation.valuation_method == "standard":
        assert valuation.standard_cost is not None
        return standard_value(on_hand - quantity, valuation.standard_cost, minor_units) - valuation.value
    if valuation.valuation_method == "fifo":
        return -_take_layers(work, valuation, quantity, minor_units)
    return -issue_value(on_hand, valuation.value, quantity, minor_units)


def share_of_stock(work: Work, valuation: ItemValuation, quantity: Decimal) -> Decimal:
    """What a part of the stock is worth, where only its place changes."""
    if quantity > valuation.quantity_on_hand:
        raise NotEnoughStock(item=name_of(work, valuation.item_id), wanted=quantity, free=valuation.quantity_on_hand)
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


def add_layer(work: Work, move: StockMove) -> None:
    """A layer for what a move brought to an item valued first in, first out."""
    work.session.add(_layer(move, move.quantity, move.value))


def _layer(move: StockMove, quantity: Decimal, value: Decimal) -> StockLayer:
    return StockLayer(
        company_id=move.company_id,
        item_id=move.item_id,
        stock_move_id=move.id,
        costing_date=move.costing_date,
        sequence=move.sequence,
        quantity_left=quantity,
        value_left=value,
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


def recost(work: Work, valuation: ItemValuation, late: StockMove) -> None:
    """Work out anew what left after a late receipt, and add each difference as a cost line linked to what it corrects.

    The differences are announced, so that the documents concerned and the books follow in the same transaction.
    """
    minor_units = work.minor_units
    past = history_since_empty(work.session, valuation.item_id, late.costing_date, late.sequence)
    stock: Average | Fifo = Fifo(minor_units) if valuation.valuation_method == "fifo" else Average(minor_units)
    pools = pools_before(work.session, valuation.item_id, past)
    worth = replayed(stock, [one.fact for one in past], pools, minor_units)
    changes = [(one, value - one.fact.value) for one, value in zip(past, worth, strict=True) if value != one.fact.value]
    lines = [_late_line(work, valuation, late, one, change) for one, change in changes]
    work.session.add_all(lines)
    valuation.value += sum((change for _one, change in changes), Decimal(0))
    if (stock.quantity, stock.value) != (valuation.quantity_on_hand, valuation.value):
        raise AssertionError(f"the history of item {valuation.item_id} does not lead to its valuation")
    if isinstance(stock, Fifo):
        _rebuild_layers(work, valuation, stock)
    work.session.flush()
    if changes:
        work.announce(
            StockRecosted(
                document_id=valuation.item_id,
                lines=tuple(
                    RecostedLine(
                        cost_line_id=line.id,
                        kind=one.kind,
                        document_type=one.document_type,
                        document_id=one.document_id,
                        document_line_id=one.document_line_id,
                        returned_line_id=one.returned_line_id,
                        item_id=valuation.item_id,
                        business_date=line.business_date,
                        value=change,
                    )
                    for line, (one, change) in zip(lines, changes, strict=True)
                ),
            )
        )


def _late_line(work: Work, valuation: ItemValuation, late: StockMove, one: PastFact, change: Decimal) -> StockCostLine:
    assert work.company is not None
    # On the day of what it corrects while that day takes postings; else on the first day that does.
    day = open_day(work.session, work.company, max(one.business_date, late.business_date))
    return StockCostLine(
        company_id=valuation.company_id,
        item_id=valuation.item_id,
        kind="late_receipt",
        value=change,
        business_date=day,
        stock_move_id=one.stock_move_id if one.cost_line_id is None else None,
        corrects_id=one.cost_line_id,
        document_type=late.document_type,
        document_id=late.document_id,
        document_line_id=late.document_line_id,
    )


def _rebuild_layers(work: Work, valuation: ItemValuation, stock: Fifo) -> None:
    work.session.execute(
        delete(StockLayer).where(StockLayer.item_id == valuation.item_id).execution_options(synchronize_session="fetch")
    )
    keys = [layer.key for layer in stock.layers]
    moves = {move.id: move for move in work.session.scalars(select(StockMove).where(StockMove.id.in_(keys)))}
    work.session.add_all(_layer(moves[layer.key], layer.quantity, layer.value) for layer in stock.layers)
