"""The clerk's verbs about stock: places, and stock brought in or written off."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity, UnitPrice
from operational_app.erp.events import AdjustedStock, StockAdjusted
from operational_app.erp.inventory.commands.lots import LotGiven
from operational_app.erp.inventory.commands.moving import move_stock
from operational_app.erp.inventory.models import (
    StockAdjustment,
    StockAdjustmentLine,
    StockLocation,
    stock_adjustment,
    stock_location,
)
from operational_app.erp.items.commands import stock_quantity, stock_unit_price

Reason = Literal["opening", "count", "found", "lost", "scrap", "damaged", "expired"]


class AddStockLocation(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)


class AdjustmentLine(Body):
    item_id: Ref("item")
    quantity: Quantity
    unit_cost: UnitPrice | None = Field(default=None, ge=0, description="Cost of one; empty: the present average.")
    unit: str | None = Field(default=None, max_length=10, description="Empty: the item's own unit.")
    lot_number: str | None = Field(default=None, max_length=50)
    expiry_date: date | None = None


class AdjustStock(Body):
    business_date: date
    reason: Reason
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
    lines = [
        StockAdjustmentLine(
            company_id=work.company_id,
            item_id=line.item_id,
            stock_location_id=body.stock_location_id,
            quantity=stock_quantity(work, line.item_id, line.quantity, line.unit),
            unit_cost=stock_unit_price(work, line.item_id, line.quantity, line.unit_cost, line.unit),
            lot_number=line.lot_number,
            expiry_date=line.expiry_date,
        )
        for line in body.lines
    ]
    return post_adjustment(work, body.business_date, body.reason, body.note, lines)


def post_adjustment(
    work: Work, business_date: date, reason: str, note: str | None, lines: Sequence[StockAdjustmentLine]
) -> StockAdjustment:
    """Make an adjustment of these lines, move the stock and have it booked."""
    made = StockAdjustment(
        company_id=work.company_id,
        number=work.number(stock_adjustment, business_date),
        state="posted",
        business_date=business_date,
        reason=reason,
        note=note,
        created_by=work.principal.user_id,
    )
    work.session.add(made)
    work.session.flush()
    # Items in order of their number: two clerks adjusting the same items never wait for each other in a circle.
    lines = sorted(lines, key=lambda line: line.item_id)
    for line in lines:
        line.stock_adjustment_id = made.id
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
        lot=LotGiven(line.lot_number, line.expiry_date) if line.lot_number else None,
    )
    return AdjustedStock(item_id=line.item_id, value=move.value)
