"""Transfers between places."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class StockTransfer(DocumentRow):
    __tablename__ = "stock_transfer"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('in_transit', 'received')", "state"),
        CheckConstraint("from_location_id <> to_location_id", "places"),
        CheckConstraint("(state = 'received') = (received_date IS NOT NULL)", "received_date"),
        {
            "schema": "erp",
            "comment": "Stock that moves from one place to another.",
            "info": {"posted": ("true", ("state", "version", "received_date"))},
        },
    )
    from_location_id: Mapped[int] = reference("Place that the goods leave.", "erp.stock_location.id")
    to_location_id: Mapped[int] = reference("Place that they go to.", "erp.stock_location.id")
    received_date: Mapped[date | None] = column("Day on which the last of them arrived.")
    note: Mapped[str | None] = column("What the clerk has to say about it.")


class StockTransferLine(CompanyRow):
    __tablename__ = "stock_transfer_line"
    __table_args__ = (
        UniqueConstraint("stock_transfer_id", "line_no"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("quantity_arrived between 0 and quantity", "arrived"),
        {
            "schema": "erp",
            "comment": "Lines of transfers.",
            "info": {"posted": ("true", ("quantity_arrived",))},
        },
    )
    stock_transfer_id: Mapped[int] = reference("The transfer.", "erp.stock_transfer.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity sent, in the item's own unit.")
    ordered_as: Mapped[str | None] = column("Quantity as it was entered in another unit, such as 2 BOX.")
    lot_number: Mapped[str | None] = column("Lot; empty: those that expire first.")
    quantity_arrived: Mapped[Decimal] = quantity_column("Quantity of it that arrived.", default=Decimal(0))


stock_transfer = Document(
    name="stock_transfer",
    module="erp",
    model=StockTransfer,
    title=_("Stock transfer"),
    plural=_("Stock transfers"),
    prefix="ST",
    columns=("number", "business_date", "from_location_id", "to_location_id", "received_date", "state"),
    search=("number", "note"),
    states={"in_transit": _("in transit"), "received": _("received")},
    lines=(
        Lines(
            name="lines",
            model=StockTransferLine,
            parent="stock_transfer_id",
            title=_("Lines"),
            columns=("line_no", "item_id", "quantity", "ordered_as", "lot_number", "quantity_arrived"),
            order_by="line_no",
        ),
    ),
)
