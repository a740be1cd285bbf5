"""Which lots a move is of: named by the clerk, those that left before, or those that expire first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from operational_app.core.command import Work
from operational_app.erp.errors import LotExpired, LotMissing, LotNotThere, LotOfNoUse, LotOtherExpiry
from operational_app.erp.inventory.commands.balances import name_of
from operational_app.erp.inventory.models import LotBalance, StockLot, StockMove, StockMoveLot

# Reasons for which a lot may leave after its last day.
PAST_EXPIRY = frozenset({"adjustment", "return", "transfer"})


@dataclass(frozen=True)
class LotGiven:
    """A lot as a clerk names it."""

    number: str
    expiry_date: date | None = None


Parts = list[tuple[int, Decimal]]


def refuse_lot(work: Work, item_id: int, is_tracked: bool, given: LotGiven | None) -> None:
    """A lot of an item that has none would be lost in silence."""
    if given is not None and not is_tracked:
        raise LotOfNoUse(item=name_of(work, item_id))


def lots_in(work: Work, item_id: int, quantity: Decimal, given: LotGiven | None, returned_move_id: int | None) -> Parts:
    """The lots of what comes in: the one named, or those in which it had gone out."""
    if given is not None:
        return [(_lot(work, item_id, given), quantity)]
    if returned_move_id is None:
        raise LotMissing(item=name_of(work, item_id))
    parts: Parts = []
    for lot_id, out in _still_out(work, returned_move_id):
        part = min(out, quantity)
        if part > 0:
            parts.append((lot_id, part))
            quantity -= part
    if quantity:
        raise LotMissing(item=name_of(work, item_id))
    return parts


def lots_out(
    work: Work, kind: str, item_id: int, location_id: int, quantity: Decimal, given: LotGiven | None, day: date
) -> Parts:
    """The lots of what leaves: the one named, or those that expire first and have not expired."""
    rows = work.session.execute(
        select(StockLot, LotBalance.quantity_on_hand)
        .join(LotBalance, LotBalance.stock_lot_id == StockLot.id)
        .where(
            StockLot.item_id == item_id,
            LotBalance.stock_location_id == location_id,
            LotBalance.quantity_on_hand > 0,
            *([StockLot.number == given.number] if given else []),
        )
        .order_by(StockLot.expiry_date.asc().nulls_last(), StockLot.id)
    ).all()
    parts: Parts = []
    wanted = quantity
    for lot, on_hand in rows:
        if lot.expiry_date is not None and lot.expiry_date < day and kind not in PAST_EXPIRY:
            if given is not None:
                raise LotExpired(lot=lot.number, item=name_of(work, item_id), day=lot.expiry_date.isoformat())
            continue
        part = min(on_hand, wanted)
        if part > 0:
            parts.append((lot.id, -part))
            wanted -= part
    if wanted:
        raise LotNotThere(item=name_of(work, item_id), wanted=quantity, there=quantity - wanted)
    return parts


def lots_in_transit(work: Work, document: tuple[str, int, int], location_id: int, quantity: Decimal) -> Parts:
    """The lots of what arrives: those in which this line is on its way."""
    rows = work.session.execute(
        select(StockMoveLot.stock_lot_id, func.sum(StockMoveLot.quantity))
        .join(StockMove, StockMove.id == StockMoveLot.stock_move_id)
        .where(
            StockMove.document_type == document[0],
            StockMove.document_id == document[1],
            StockMove.document_line_id == document[2],
            StockMove.stock_location_id == location_id,
        )
        .group_by(StockMoveLot.stock_lot_id)
        .order_by(StockMoveLot.stock_lot_id)
    ).all()
    parts: Parts = []
    for lot_id, on_its_way in rows:
        part = min(on_its_way, quantity)
        if part > 0:
            parts.append((lot_id, -part))
            quantity -= part
    return parts


def move_lots(work: Work, move: StockMove, parts: Sequence[tuple[int, Decimal]]) -> None:
    """Note the lots of a move and bring their balances up to date."""
    for lot_id, quantity in parts:
        if quantity > 0:
            statement = insert(LotBalance).values(
                company_id=move.company_id,
                item_id=move.item_id,
                stock_lot_id=lot_id,
                stock_location_id=move.stock_location_id,
                quantity_on_hand=quantity,
            )
            work.session.execute(
                statement.on_conflict_do_update(
                    index_elements=["stock_lot_id", "stock_location_id"],
                    set_={"quantity_on_hand": LotBalance.quantity_on_hand + statement.excluded.quantity_on_hand},
                )
            )
        else:
            work.session.execute(
                update(LotBalance)
                .where(LotBalance.stock_lot_id == lot_id, LotBalance.stock_location_id == move.stock_location_id)
                .values(quantity_on_hand=LotBalance.quantity_on_hand + quantity)
                .execution_options(synchronize_session=False)
            )
    work.session.add_all(
        StockMoveLot(company_id=move.company_id, stock_move_id=move.id, stock_lot_id=lot_id, quantity=quantity)
        for lot_id, quantity in parts
    )
    work.session.flush()


def _lot(work: Work, item_id: int, given: LotGiven) -> int:
    """The lot of this number, made where it is new. A lot expires once: another day for the same lot is refused."""
    work.session.execute(
        insert(StockLot)
        .values(company_id=work.company_id, item_id=item_id, number=given.number, expiry_date=given.expiry_date)
        .on_conflict_do_nothing(index_elements=["item_id", "number"])
    )
    lot = work.session.scalars(
        select(StockLot).where(StockLot.item_id == item_id, StockLot.number == given.number)
    ).one()
    if given.expiry_date is not None and given.expiry_date != lot.expiry_date:
        shown = lot.expiry_date.isoformat() if lot.expiry_date else "–"
        raise LotOtherExpiry(lot=lot.number, item=name_of(work, item_id), day=shown)
    return lot.id


def _still_out(work: Work, returned_move_id: int) -> Sequence[tuple[int, Decimal]]:
    """Lots of the line that went out, each with what has not come back of it."""
    origin = work.session.get_one(StockMove, returned_move_id)
    outgoing = select(StockMove.id).where(
        StockMove.document_type == origin.document_type,
        StockMove.document_line_id == origin.document_line_id,
        StockMove.quantity < 0,
        StockMove.item_id == origin.item_id,
    )
    back = select(StockMove.id).where(StockMove.returned_move_id.in_(outgoing))
    rows = work.session.execute(
        select(StockMoveLot.stock_lot_id, func.sum(-StockMoveLot.quantity))
        .join(StockLot, StockLot.id == StockMoveLot.stock_lot_id)
        .where(StockMoveLot.stock_move_id.in_(outgoing.union(back)))
        .group_by(StockMoveLot.stock_lot_id, StockLot.expiry_date)
        # What was taken last, of the lots that expire last, is what is most likely still unused.
        .order_by(StockLot.expiry_date.desc().nulls_first(), StockMoveLot.stock_lot_id.desc())
    ).all()
    return [(lot_id, quantity) for lot_id, quantity in rows if quantity > 0]
