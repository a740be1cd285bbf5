"""Verbs of the warehouse about suppliers' goods: receive, send back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Work, command
from operational_app.core.errors import Refusal
from operational_app.core.exchange import freeze_rate, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.money import Quantity, Rate, rounded
from operational_app.erp.errors import LineOfAnotherOrder, NothingToReceive, ReceivedTooMuch, ReturnedTooMuch
from operational_app.erp.events import GoodsReceived, GoodsReturned, ReceivedGoods
from operational_app.erp.inventory.commands import LotGiven, move_stock
from operational_app.erp.items.commands import stock_quantity
from operational_app.erp.purchasing.commands import take_received
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine, purchase_order
from operational_app.erp.purchasing.rules import state_after_receipt
from operational_app.erp.receiving.models import GoodsReceipt, GoodsReceiptLine, goods_receipt


class ReceiptLine(Body):
    purchase_order_line_id: int = Field(ge=1, description="Line of the order.")
    quantity: Quantity = Field(gt=0)
    unit: str | None = Field(default=None, max_length=10, description="Empty: the item's own unit.")
    lot_number: str | None = Field(default=None, max_length=50)
    expiry_date: date | None = None


class ReceiveGoods(Body):
    business_date: date
    delivery_note: str | None = Field(default=None, max_length=100)
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[ReceiptLine] = Field(default_factory=list, max_length=1000)


class ReturnGoods(Body):
    business_date: date
    delivery_note: str | None = Field(default=None, max_length=100)
    lines: list[ReceiptLine] = Field(min_length=1, max_length=1000)


@command(purchase_order, _("Receive goods"), states=("ordered", "partly_received"))
def receive_goods(work: Work, order: PurchaseOrder, body: ReceiveGoods) -> GoodsReceipt:
    """Take goods in: stock at the order's price, owed but not billed yet. Without lines, all that is left has come."""
    lines = _lines(work, order)
    left = {line.id: line.quantity - line.quantity_received for line in lines}
    parts = _parts(work, order, lines, body) or [Part(line, left[line.id]) for line in lines if left[line.id]]
    if not parts:
        raise NothingToReceive(number=order.number)
    _most(parts, left, ReceivedTooMuch)
    made, moved = _move(work, order, "receipt", body, parts)
    order.state = state_after_receipt((line.quantity, line.quantity_received) for line in lines)
    work.announce(
        GoodsReceived(
            document_id=made.id,
            number=made.number,
            business_date=made.business_date,
            supplier_id=made.supplier_id,
            currency=made.currency,
            lines=moved,
        )
    )
    return made


@command(purchase_order, _("Return goods"), states=("partly_received", "received"), onward=False)
def return_goods(work: Work, order: PurchaseOrder, body: ReturnGoods) -> GoodsReceipt:
    """Send goods back: stock goes down at its average, what is owed and not billed at what they came in at.

    For goods that are billed the supplier owes a credit note, until “Enter credit note” books it.
    """
    lines = _lines(work, order)
    can_go = {line.id: line.quantity_received for line in lines}
    parts = _parts(work, order, lines, body)
    _most(parts, can_go, ReturnedTooMuch)
    # The order is open again: the supplier still owes the goods that went back.
    order.state = "partly_received"
    made, moved = _move(work, order, "return", body, parts)
    work.announce(
        GoodsReturned(
            document_id=made.id,
            number=made.number,
            business_date=made.business_date,
            supplier_id=made.supplier_id,
            currency=made.currency,
            lines=moved,
        )
    )
    return made


def _lines(work: Work, order: PurchaseOrder) -> list[PurchaseOrderLine]:
    """The order's lines in order of the item: every command locks balances in the same order."""
    return list(
        work.session.scalars(
            select(PurchaseOrderLine)
            .where(PurchaseOrderLine.purchase_order_id == order.id)
            .order_by(PurchaseOrderLine.item_id, PurchaseOrderLine.id)
        )
    )


@dataclass(frozen=True)
class Part:
    """So much of a line of the order, in one lot where the item is kept by lots."""

    line: PurchaseOrderLine
    quantity: Decimal
    lot: LotGiven | None = None


def _parts(
    work: Work, order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], body: ReceiveGoods | ReturnGoods
) -> list[Part]:
    """What is asked for, in the item's own unit and in order of the lines; a line may come in several lots."""
    known = {line.id: (place, line) for place, line in enumerate(lines)}
    parts = []
    for one in body.lines:
        if one.purchase_order_line_id not in known:
            raise LineOfAnotherOrder(line=one.purchase_order_line_id, number=order.number)
        line = known[one.purchase_order_line_id][1]
        lot = LotGiven(one.lot_number, one.expiry_date) if one.lot_number else None
        parts.append(Part(line, stock_quantity(work, line.item_id, one.quantity, one.unit), lot))
    return sorted(parts, key=lambda part: known[part.line.id][0])


def _most(parts: Sequence[Part], left: Mapping[int, Decimal], refusal: type[Refusal]) -> None:
    """Refuse more of a line than there can be."""
    asked: dict[int, Decimal] = {}
    for part in parts:
        asked[part.line.id] = asked.get(part.line.id, Decimal(0)) + part.quantity
        if asked[part.line.id] > left[part.line.id]:
            raise refusal(line=part.line.line_no, wanted=asked[part.line.id], left=left[part.line.id])


def _move(
    work: Work,
    order: PurchaseOrder,
    kind: str,
    body: ReceiveGoods | ReturnGoods,
    parts: Sequence[Part],
) -> tuple[GoodsReceipt, tuple[ReceivedGoods, ...]]:
    """Make the document and move the stock, in (receipt) or out (return)."""
    assert work.company is not None
    entered = body.exchange_rate if isinstance(body, ReceiveGoods) else None
    rate = freeze_rate(work.session, work.company, order.currency, body.business_date, entered)
    minor_units = minor_units_of(work.session, order.currency)
    made = GoodsReceipt(
        company_id=work.company_id,
        number=work.number(goods_receipt, body.business_date),
        state="received",
        kind=kind,
        business_date=body.business_date,
        created_by=work.principal.user_id,
        purchase_order_id=order.id,
        supplier_id=order.supplier_id,
        stock_location_id=order.stock_location_id,
        delivery_note=body.delivery_note,
        **rate.columns,
    )
    work.session.add(made)
    work.session.flush()
    work.link(order, made)
    moved = []
    for part in parts:
        line, quantity = part.line, part.quantity
        line_id = work.new_id(GoodsReceiptLine)
        sign = 1 if kind == "receipt" else -1
        if kind == "receipt":
            value = rounded(quantity * line.unit_price, minor_units)
            company_value = in_company_currency(work.session, work.company, value, rate)
        else:
            value, company_value = take_received(work, line, quantity, order.currency)
        move = move_stock(
            work,
            kind=kind,
            item_id=line.item_id,
            location_id=order.stock_location_id,
            quantity=sign * quantity,
            value=company_value if kind == "receipt" else None,
            business_date=body.business_date,
            document=("goods_receipt", made.id, line_id),
            lot=part.lot,
        )
        work.session.add(
            GoodsReceiptLine(
                id=line_id,
                company_id=work.company_id,
                goods_receipt_id=made.id,
                purchase_order_line_id=line.id,
                item_id=line.item_id,
                quantity=quantity,
                order_value=value,
                company_order_value=company_value,
                stock_move_id=move.id,
            )
        )
        line.quantity_received += sign * quantity
        line.value_received += sign * value
        line.company_value_received += sign * company_value
        moved.append(
            ReceivedGoods(
                item_id=line.item_id,
                stock_value=abs(move.value),
                order_value=value,
                company_order_value=company_value,
            )
        )
    work.session.flush()
    return made, tuple(moved)


def _left_to_receive(session: Session, order: PurchaseOrder) -> dict[str, Any]:
    lines = session.scalars(
        select(PurchaseOrderLine)
        .where(PurchaseOrderLine.purchase_order_id == order.id)
        .order_by(PurchaseOrderLine.line_no)
    )
    return {
        "lines": [
            {"purchase_order_line_id": line.id, "quantity": line.quantity - line.quantity_received}
            for line in lines
            if line.quantity > line.quantity_received
        ]
    }


# The form begins with what is still to come: whoever got just that need only confirm it.
DEFAULTS["receive_goods"] = _left_to_receive
