"""Moves of stock: in, out, between places. Each freezes its value and its lots."""

from datetime import date
from decimal import Decimal

from operational_app.core.command import Work
from operational_app.erp.inventory.commands.balances import put, take
from operational_app.erp.inventory.commands.costing import (
    Costed,
    cost_move,
    lock_valuation,
    share_of_stock,
)
from operational_app.erp.inventory.commands.late import layer_of, recost
from operational_app.erp.inventory.commands.lots import (
    LotGiven,
    lots_in,
    lots_in_transit,
    lots_out,
    move_lots,
    refuse_lot,
)
from operational_app.erp.inventory.models import StockMove
from operational_app.erp.items.models import Item


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
    lot: LotGiven | None = None,
    returned_move_id: int | None = None,
) -> StockMove:
    """Move stock in (quantity > 0) or out (< 0) and freeze the value on the move.

    Args:
        unit_cost: cost of one unit coming in; without it the present average.
        value: what comes in is worth exactly this, such as what it left at; instead of a unit cost.
        from_reserved: how much of what goes out had been reserved for this document.
        document: type, row and line that moved it.
        lot: of an item with lots: which one; without it what left before comes back, and what expires first leaves.
        returned_move_id: the outgoing move of which this comes back.

    An item at standard cost is taken in at that, whatever it cost: the caller books the difference.

    Raises:
        NotEnoughStock: more would go out than is there and free.
        NoCostKnown: stock comes in without a cost and there is no average yet.
    """
    item = work.session.get_one(Item, item_id)
    refuse_lot(work, item_id, item.is_lot_tracked, lot)
    valuation = lock_valuation(work, item_id)
    costed = cost_move(
        work,
        valuation,
        kind=kind,
        quantity=quantity,
        business_date=business_date,
        unit_cost=unit_cost,
        exactly=value,
        document=document,
    )
    if quantity > 0:
        put(work, item_id, location_id, quantity)
    else:
        take(work, item_id, location_id, -quantity, from_reserved)
    move = _row(work, item_id, location_id, kind, quantity, business_date, costed, document)
    move.returned_move_id = returned_move_id
    work.session.add(move)
    work.session.flush()
    if item.is_lot_tracked:
        _note_lots(work, move, lot)
    if quantity > 0 and valuation.valuation_method == "fifo" and not costed.is_late:
        work.session.add(layer_of(move, move.quantity, move.value))
    if costed.is_late:
        recost(work, valuation, move, costed.booked_value)
    return move


def move_between(
    work: Work,
    *,
    item_id: int,
    from_location_id: int,
    to_location_id: int,
    quantity: Decimal,
    business_date: date,
    document: tuple[str, int, int],
    lot: LotGiven | None = None,
    in_transit: bool = False,
) -> tuple[StockMove, StockMove]:
    """Move stock from one place to another: its value moves along, and the item's value over all places stays.

    Args:
        in_transit: it arrives out of transit: in the lots in which this line of the document had left.
    """
    item = work.session.get_one(Item, item_id)
    refuse_lot(work, item_id, item.is_lot_tracked, lot)
    valuation = lock_valuation(work, item_id)
    value = share_of_stock(work, valuation, quantity)
    take(work, item_id, from_location_id, quantity, Decimal(0))
    put(work, item_id, to_location_id, quantity)
    day = max(business_date, valuation.last_costing_date or business_date)
    moves = []
    for sign, location_id in ((-1, from_location_id), (1, to_location_id)):
        valuation.last_sequence += 1
        costed = Costed(sign * value, valuation.last_sequence, day, is_late=False)
        moves.append(_row(work, item_id, location_id, "transfer", sign * quantity, business_date, costed, document))
    work.session.add_all(moves)
    work.session.flush()
    if item.is_lot_tracked:
        parts = (
            lots_in_transit(work, document, from_location_id, quantity)
            if in_transit
            else lots_out(work, "transfer", item_id, from_location_id, quantity, lot, business_date)
        )
        move_lots(work, moves[0], parts)
        move_lots(work, moves[1], [(lot_id, -part) for lot_id, part in parts])
    return moves[0], moves[1]


def _row(
    work: Work,
    item_id: int,
    location_id: int,
    kind: str,
    quantity: Decimal,
    business_date: date,
    costed: Costed,
    document: tuple[str, int, int],
) -> StockMove:
    return StockMove(
        company_id=work.company_id,
        item_id=item_id,
        stock_location_id=location_id,
        kind=kind,
        quantity=quantity,
        value=costed.value,
        business_date=business_date,
        sequence=costed.sequence,
        costing_date=costed.costing_date,
        document_type=document[0],
        document_id=document[1],
        document_line_id=document[2],
    )


def _note_lots(work: Work, move: StockMove, lot: LotGiven | None) -> None:
    """Find out which lots a move is of, and note them."""
    place = (move.item_id, move.stock_location_id)
    parts = (
        lots_in(work, move.item_id, move.quantity, lot, move.returned_move_id)
        if move.quantity > 0
        else lots_out(work, move.kind, *place, -move.quantity, lot, move.business_date)
    )
    move_lots(work, move, parts)
