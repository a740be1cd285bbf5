"""Verbs of the warehouse about transfers: move at once, send, receive."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity
from operational_app.erp.errors import ArrivedTooMuch, LineOfAnotherDocument, NothingToReceive, SamePlace
from operational_app.erp.events import StockTransferred
from operational_app.erp.inventory.commands import LotGiven, move_between
from operational_app.erp.inventory.models import StockLocation
from operational_app.erp.items.commands import as_entered, stock_quantity
from operational_app.erp.items.models import Item
from operational_app.erp.transfers.models import StockTransfer, StockTransferLine, stock_transfer


class TransferLine(Body):
    item_id: Ref("item")
    quantity: Quantity = Field(gt=0)
    unit: str | None = Field(default=None, max_length=10, description="Empty: the item's own unit.")
    lot_number: str | None = Field(default=None, max_length=50, description="Empty: the lots that expire first.")


class TransferStock(Body):
    business_date: date
    from_location_id: Ref("stock_location")
    to_location_id: Ref("stock_location")
    note: str | None = Field(default=None, max_length=500)
    lines: list[TransferLine] = Field(min_length=1, max_length=1000)


class ArrivedLine(Body):
    stock_transfer_line_id: int = Field(ge=1, description="Line of the transfer.")
    quantity: Quantity = Field(gt=0)


class ReceiveTransfer(Body):
    business_date: date
    lines: list[ArrivedLine] = Field(default_factory=list, max_length=1000)


@command(stock_transfer, _("Move at once"))
def transfer_stock(work: Work, body: TransferStock) -> StockTransfer:
    """Move stock from one place to another in one step: it is there at once, at the value it had."""
    made, lines = _begin(work, body, "received")
    for line in lines:
        _move(work, made, line, body.from_location_id, body.to_location_id)
        line.quantity_arrived = line.quantity
    _tell(work, made)
    return made


@command(stock_transfer, _("Send"))
def send_stock_transfer(work: Work, body: TransferStock) -> StockTransfer:
    """Let stock leave for another place. It is in transit, still the company's at the value it had, until it is received."""
    made, lines = _begin(work, body, "in_transit")
    transit = _transit(work)
    for line in lines:
        _move(work, made, line, body.from_location_id, transit)
    _tell(work, made)
    return made


@command(stock_transfer, _("Receive transfer"), states=("in_transit",))
def receive_stock_transfer(work: Work, transfer: StockTransfer, body: ReceiveTransfer) -> StockTransfer:
    """Take in what arrives. Without lines, all that is still on its way; what is lost is written off in transit."""
    lines = _lines(work.session, transfer)
    left = {line.id: line.quantity - line.quantity_arrived for line in lines}
    asked = {} if body.lines else {row_id: quantity for row_id, quantity in left.items() if quantity}
    for part in body.lines:
        if part.stock_transfer_line_id not in left:
            raise LineOfAnotherDocument(line=part.stock_transfer_line_id, number=transfer.number)
        asked[part.stock_transfer_line_id] = asked.get(part.stock_transfer_line_id, Decimal(0)) + part.quantity
    if not asked:
        raise NothingToReceive(number=transfer.number)
    transit = _transit(work)
    for line in lines:
        quantity = asked.get(line.id)
        if quantity is None:
            continue
        if quantity > left[line.id]:
            raise ArrivedTooMuch(line=line.line_no, wanted=quantity, left=left[line.id])
        move_between(
            work,
            item_id=line.item_id,
            from_location_id=transit,
            to_location_id=transfer.to_location_id,
            quantity=quantity,
            business_date=body.business_date,
            document=(stock_transfer.name, transfer.id, line.id),
            in_transit=True,
        )
        line.quantity_arrived += quantity
    if all(line.quantity_arrived == line.quantity for line in lines):
        transfer.state, transfer.received_date = "received", body.business_date
    work.session.flush()
    _tell(work, transfer)
    return transfer


def _left_to_arrive(session: Session, transfer: StockTransfer) -> dict[str, Any]:
    return {
        "lines": [
            {"stock_transfer_line_id": line.id, "quantity": line.quantity - line.quantity_arrived}
            for line in _lines(session, transfer)
            if line.quantity > line.quantity_arrived
        ]
    }


DEFAULTS["receive_stock_transfer"] = _left_to_arrive


def _begin(work: Work, body: TransferStock, state: str) -> tuple[StockTransfer, list[StockTransferLine]]:
    """Make the document; its lines in order of the item, in which every command locks balances."""
    if body.from_location_id == body.to_location_id:
        raise SamePlace(fields={"to_location_id": SamePlace.template})
    made = StockTransfer(
        company_id=work.company_id,
        number=work.number(stock_transfer, body.business_date),
        state=state,
        created_by=work.principal.user_id,
        received_date=body.business_date if state == "received" else None,
        **body.model_dump(exclude={"lines"}),
    )
    work.session.add(made)
    work.session.flush()
    lines = [
        StockTransferLine(
            company_id=work.company_id,
            stock_transfer_id=made.id,
            line_no=number,
            item_id=line.item_id,
            quantity=stock_quantity(work, line.item_id, line.quantity, line.unit),
            ordered_as=as_entered(work.session.get_one(Item, line.item_id), line.quantity, line.unit),
            lot_number=line.lot_number,
        )
        for number, line in enumerate(body.lines, start=1)
    ]
    work.session.add_all(lines)
    work.session.flush()
    return made, sorted(lines, key=lambda line: (line.item_id, line.id))


def _move(
    work: Work, transfer: StockTransfer, line: StockTransferLine, from_location_id: int, to_location_id: int
) -> None:
    move_between(
        work,
        item_id=line.item_id,
        from_location_id=from_location_id,
        to_location_id=to_location_id,
        quantity=line.quantity,
        business_date=transfer.business_date,
        document=(stock_transfer.name, transfer.id, line.id),
        lot=LotGiven(line.lot_number) if line.lot_number else None,
    )


def _tell(work: Work, transfer: StockTransfer) -> None:
    work.announce(StockTransferred(document_id=transfer.id, number=transfer.number, state=transfer.state))


def _lines(session: Session, transfer: StockTransfer) -> list[StockTransferLine]:
    """The lines in order of the item: every command locks balances in the same order."""
    return list(
        session.scalars(
            select(StockTransferLine)
            .where(StockTransferLine.stock_transfer_id == transfer.id)
            .order_by(StockTransferLine.item_id, StockTransferLine.id)
            .execution_options(populate_existing=True)
        )
    )


def _transit(work: Work) -> int:
    """The company's place for what is on its way, made when it is first needed."""
    query = select(StockLocation.id).where(StockLocation.company_id == work.company_id, StockLocation.kind == "transit")
    found = work.session.scalars(query).one_or_none()
    if found is None:
        work.session.execute(
            insert(StockLocation)
            .values(company_id=work.company_id, code="TRANSIT", name=str(_("In transit")), kind="transit")
            .on_conflict_do_nothing()
        )
        found = work.session.scalars(query).one()
    return found
