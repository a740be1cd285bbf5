"""Verbs about counts: make the sheet, enter what was counted, hand it in, post the differences."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity, UnitPrice
from operational_app.erp.counting.models import StockCount, StockCountLine, stock_count
from operational_app.erp.errors import (
    CountedByYourself,
    CountIncomplete,
    LineOfAnotherDocument,
    LotMissing,
    NothingToCount,
)
from operational_app.erp.events import StockCounted
from operational_app.erp.inventory.commands import post_adjustment
from operational_app.erp.inventory.models import (
    LotBalance,
    StockAdjustmentLine,
    StockBalance,
    StockLocation,
    StockLot,
)
from operational_app.erp.items.models import Item


class ItemToCount(Body):
    item_id: Ref("item")
    lot_number: str | None = Field(default=None, max_length=50)


class StartStockCount(Body):
    business_date: date
    stock_location_id: Ref("stock_location")
    note: str | None = Field(default=None, max_length=500)
    lines: list[ItemToCount] = Field(default_factory=list, max_length=5000)


class CountedLine(Body):
    stock_count_line_id: int = Field(ge=1, description="Line of the sheet.")
    counted_quantity: Quantity | None = Field(default=None, ge=0)
    unit_cost: UnitPrice | None = Field(default=None, ge=0, description="Only for what had no stock.")


class EnterCount(Body):
    lines: list[CountedLine] = Field(min_length=1, max_length=5000)


@command(stock_count, _("Start count"))
def start_stock_count(work: Work, body: StartStockCount) -> StockCount:
    """Make a count sheet. Without lines, of everything that lies at the place, lot by lot; work goes on meanwhile."""
    made = StockCount(
        company_id=work.company_id,
        number=work.number(stock_count, body.business_date),
        state="draft",
        created_by=work.principal.user_id,
        **body.model_dump(exclude={"lines"}),
    )
    work.session.add(made)
    work.session.flush()
    wanted = [(line.item_id, line.lot_number) for line in body.lines] or _everything_at(work, body.stock_location_id)
    if not wanted:
        raise NothingToCount(place=work.session.get_one(StockLocation, body.stock_location_id).name)
    for number, (item_id, lot_number) in enumerate(dict.fromkeys(wanted), start=1):
        item = work.session.get_one(Item, item_id)
        if item.is_lot_tracked != (lot_number is not None):
            raise LotMissing(item=f"{item.number} {item.name}")
        work.session.add(
            StockCountLine(
                company_id=work.company_id,
                stock_count_id=made.id,
                line_no=number,
                item_id=item_id,
                lot_number=lot_number,
                book_quantity=_by_the_books(work, body.stock_location_id, item_id, lot_number),
            )
        )
    work.session.flush()
    return made


@command(stock_count, _("Enter counted quantities"), states=("draft",))
def enter_counted_quantities(work: Work, count: StockCount, body: EnterCount) -> StockCount:
    """Write down what was found. The quantity by the books is taken at the same moment; lines left empty can follow."""
    lines = {line.id: line for line in _lines(work.session, count)}
    for part in body.lines:
        line = lines.get(part.stock_count_line_id)
        if line is None:
            raise LineOfAnotherDocument(line=part.stock_count_line_id, number=count.number)
        if part.counted_quantity is None:
            line.counted_quantity = line.difference = line.unit_cost = line.counted_at = None
            continue
        if (part.counted_quantity, part.unit_cost) == (line.counted_quantity, line.unit_cost):
            continue
        line.book_quantity = _by_the_books(work, count.stock_location_id, line.item_id, line.lot_number)
        line.counted_quantity, line.unit_cost = part.counted_quantity, part.unit_cost
        line.difference = part.counted_quantity - line.book_quantity
        line.counted_at = datetime.now(UTC)
    count.counted_by = work.principal.user_id
    work.session.flush()
    return count


DEFAULTS["enter_counted_quantities"] = lambda session, count: {"lines": _counted_so_far(session, count)}


@command(stock_count, _("Hand in"), states=("draft",))
def hand_in_stock_count(work: Work, count: StockCount) -> StockCount:
    """Say that everything on the sheet is counted: somebody else looks at the differences and posts them."""
    left = sum(line.counted_quantity is None for line in _lines(work.session, count))
    if left:
        raise CountIncomplete(left=left, number=count.number)
    count.state = "counted"
    return count


@command(stock_count, _("Count again"), states=("counted",), onward=False)
def count_again(work: Work, count: StockCount) -> StockCount:
    """Give the sheet back, to look at the shelf once more."""
    count.state = "draft"
    return count


@command(stock_count, _("Post differences"), states=("counted",))
def approve_stock_count(work: Work, count: StockCount) -> StockCount:
    """Post what is missing or too much: stock and ledger follow at once. Not by who counted."""
    if count.counted_by == work.principal.user_id:
        raise CountedByYourself(number=count.number)
    lines = [
        StockAdjustmentLine(
            company_id=count.company_id,
            item_id=line.item_id,
            stock_location_id=count.stock_location_id,
            quantity=line.difference,
            unit_cost=line.unit_cost,
            lot_number=line.lot_number,
        )
        for line in _lines(work.session, count)
        if line.difference
    ]
    count.posted_by = work.principal.user_id
    if lines:
        note = str(_("Stock count {number}").format(number=count.number))
        made = post_adjustment(work, count.business_date, "count", note, lines)
        count.stock_adjustment_id = made.id
        work.link(count, made)
    count.state = "posted"
    work.announce(StockCounted(document_id=count.id, number=count.number, differences=len(lines)))
    return count


@command(stock_count, _("Cancel"), states=("draft", "counted"), onward=False)
def cancel_stock_count(work: Work, count: StockCount) -> StockCount:
    """Give the count up; nothing is posted."""
    count.state = "cancelled"
    return count


def _everything_at(work: Work, location_id: int) -> list[tuple[int, str | None]]:
    """Every item at a place, in the order of their numbers, those with lots lot by lot."""
    rows = work.session.execute(
        select(StockBalance.item_id, StockLot.number)
        .join(Item, Item.id == StockBalance.item_id)
        .outerjoin(
            LotBalance,
            (LotBalance.item_id == StockBalance.item_id)
            & (LotBalance.stock_location_id == StockBalance.stock_location_id)
            & (LotBalance.quantity_on_hand > 0),
        )
        .outerjoin(StockLot, StockLot.id == LotBalance.stock_lot_id)
        .where(
            StockBalance.company_id == work.company_id,
            StockBalance.stock_location_id == location_id,
            StockBalance.quantity_on_hand > 0,
        )
        .order_by(Item.number, StockLot.expiry_date, StockLot.number)
    )
    return [(item_id, lot_number) for item_id, lot_number in rows]


def _by_the_books(work: Work, location_id: int, item_id: int, lot_number: str | None) -> Decimal:
    if lot_number is None:
        query = select(func.sum(StockBalance.quantity_on_hand)).where(
            StockBalance.item_id == item_id, StockBalance.stock_location_id == location_id
        )
    else:
        query = (
            select(func.sum(LotBalance.quantity_on_hand))
            .join(StockLot, StockLot.id == LotBalance.stock_lot_id)
            .where(
                LotBalance.item_id == item_id,
                LotBalance.stock_location_id == location_id,
                StockLot.number == lot_number,
            )
        )
    return Decimal(work.session.scalar(query) or 0)


def _lines(session: Session, count: StockCount) -> list[StockCountLine]:
    return list(
        session.scalars(
            select(StockCountLine).where(StockCountLine.stock_count_id == count.id).order_by(StockCountLine.line_no)
        )
    )


def _counted_so_far(session: Session, count: StockCount) -> list[dict[str, Any]]:
    return [
        {"stock_count_line_id": line.id, "counted_quantity": line.counted_quantity, "unit_cost": line.unit_cost}
        for line in _lines(session, count)
    ]
