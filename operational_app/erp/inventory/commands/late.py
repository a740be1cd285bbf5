"""What an entry made late changes: a receipt or an issue that takes its place by its date, before facts costed already.

Everything after it is worked out anew, and each difference becomes a cost line linked to the move that it corrects.
"""

from collections.abc import Hashable, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, select

from operational_app.core.command import Work
from operational_app.core.period import open_day
from operational_app.erp.events import RecostedLine, StockRecosted
from operational_app.erp.inventory.models import ItemValuation, StockCostLine, StockLayer, StockMove
from operational_app.erp.inventory.queries import PastFact, history_since_empty, pools_before
from operational_app.erp.inventory.rules import Average, Fact, Fifo, replayed


def value_of_late_issue(
    work: Work, valuation: ItemValuation, day: date, sequence: int, quantity: Decimal, pool: Hashable
) -> tuple[Decimal, Decimal]:
    """What an issue put at this place of the item's history takes out, signed; and what the stock is worth after it all."""
    past = history_since_empty(work.session, valuation.item_id, day, sequence)
    stock = _empty_stock(work, valuation)
    place = sum((one.costing_date, one.sequence) < (day, sequence) for one in past)
    facts = [one.fact for one in past]
    facts.insert(place, Fact("out", quantity, Decimal(0), pool=pool))
    worth = replayed(stock, facts, pools_before(work.session, valuation.item_id, past), work.minor_units)
    return worth[place], stock.value


def _empty_stock(work: Work, valuation: ItemValuation) -> Average | Fifo:
    return Fifo(work.minor_units) if valuation.valuation_method == "fifo" else Average(work.minor_units)


def recost(work: Work, valuation: ItemValuation, late: StockMove, booked_value: Decimal) -> None:
    """Work out anew what left after a late entry, and add each difference as a cost line linked to what it corrects.

    The differences are announced, so that the documents concerned and the books follow in the same transaction.

    Args:
        booked_value: what all facts of the item are booked at so far, the late one included.
    """
    past = history_since_empty(work.session, valuation.item_id, late.costing_date, late.sequence)
    stock = _empty_stock(work, valuation)
    pools = pools_before(work.session, valuation.item_id, past)
    worth = replayed(stock, [one.fact for one in past], pools, work.minor_units)
    changes = [(one, value - one.fact.value) for one, value in zip(past, worth, strict=True) if value != one.fact.value]
    lines = [_late_line(work, valuation, late, one, change) for one, change in changes]
    work.session.add_all(lines)
    valuation.value = booked_value + sum((change for _one, change in changes), Decimal(0))
    if (stock.quantity, stock.value) != (valuation.quantity_on_hand, valuation.value):
        raise AssertionError(f"the history of item {valuation.item_id} does not lead to its valuation")
    if isinstance(stock, Fifo):
        _rebuild_layers(work, valuation, stock)
    work.session.flush()
    if changes:
        work.announce(StockRecosted(document_id=valuation.item_id, lines=_announced(valuation.item_id, lines, changes)))


def _announced(
    item_id: int, lines: Sequence[StockCostLine], changes: Sequence[tuple[PastFact, Decimal]]
) -> tuple[RecostedLine, ...]:
    return tuple(
        RecostedLine(
            cost_line_id=line.id,
            kind=one.kind,
            because=line.kind,
            document_type=one.document_type,
            document_id=one.document_id,
            document_line_id=one.document_line_id,
            returned_line_id=one.returned_line_id,
            item_id=item_id,
            business_date=line.business_date,
            value=change,
        )
        for line, (one, change) in zip(lines, changes, strict=True)
    )


def _late_line(work: Work, valuation: ItemValuation, late: StockMove, one: PastFact, change: Decimal) -> StockCostLine:
    assert work.company is not None
    # On the day of what it corrects while that day takes postings; else on the first day that does.
    day = open_day(work.session, work.company, max(one.business_date, late.business_date))
    return StockCostLine(
        company_id=valuation.company_id,
        item_id=valuation.item_id,
        kind="late_receipt" if late.quantity > 0 else "late_issue",
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
    work.session.add_all(layer_of(moves[layer.key], layer.quantity, layer.value) for layer in stock.layers)


def layer_of(move: StockMove, quantity: Decimal, value: Decimal) -> StockLayer:
    """What is left of what a move brought to an item valued first in, first out."""
    return StockLayer(
        company_id=move.company_id,
        item_id=move.item_id,
        stock_move_id=move.id,
        costing_date=move.costing_date,
        sequence=move.sequence,
        quantity_left=quantity,
        value_left=value,
    )
