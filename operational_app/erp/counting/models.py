"""Stock counts: the sheet and its lines."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, DateTime, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    DocumentRow,
    column,
    quantity_column,
    reference,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class StockCount(DocumentRow):
    __tablename__ = "stock_count"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'counted', 'posted', 'cancelled')", "state"),
        # Who counted does not post: two people stand behind every difference.
        CheckConstraint("state <> 'posted' OR posted_by <> counted_by", "two_people"),
        {
            "schema": "erp",
            "comment": "Counts of what really lies at a place.",
            "info": {"posted": ("OLD.state in ('posted', 'cancelled')", ("version",))},
        },
    )
    stock_location_id: Mapped[int] = reference("Place that is counted.", "erp.stock_location.id")
    note: Mapped[str | None] = column("What the clerk has to say about it.")
    counted_by: Mapped[int | None] = reference("User who entered what was counted.", "core.app_user.id")
    posted_by: Mapped[int | None] = reference("User who looked at the differences and posted them.", "core.app_user.id")
    stock_adjustment_id: Mapped[int | None] = reference(
        "Adjustment by which the differences were posted; empty: there was none.", "erp.stock_adjustment.id"
    )


class StockCountLine(CompanyRow):
    __tablename__ = "stock_count_line"
    __table_args__ = (
        UniqueConstraint("stock_count_id", "line_no"),
        CheckConstraint("counted_quantity >= 0", "counted_quantity"),
        CheckConstraint("unit_cost >= 0", "unit_cost"),
        {"schema": "erp", "comment": "Lines of count sheets."},
    )
    stock_count_id: Mapped[int] = reference("The count.", "erp.stock_count.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    lot_number: Mapped[str | None] = column("Lot; empty for items without lots.")
    book_quantity: Mapped[Decimal] = quantity_column("Quantity by the books when it was counted.")
    counted_quantity: Mapped[Decimal | None] = quantity_column("Quantity found; empty: not counted yet.")
    difference: Mapped[Decimal | None] = quantity_column("Counted less by the books.")
    unit_cost: Mapped[Decimal | None] = unit_price_column(
        "Cost of one unit found of what had no stock; empty: the present average."
    )
    counted_at: Mapped[datetime | None] = column("When it was counted.", DateTime(timezone=True))


stock_count = Document(
    name="stock_count",
    module="erp",
    model=StockCount,
    title=_("Stock count"),
    plural=_("Stock counts"),
    prefix="SC",
    columns=("number", "business_date", "stock_location_id", "note", "counted_by", "posted_by", "state"),
    search=("number", "note"),
    states={
        "draft": _("being counted"),
        "counted": _("counted"),
        "posted": _("posted"),
        "cancelled": _("cancelled"),
    },
    lines=(
        Lines(
            name="lines",
            model=StockCountLine,
            parent="stock_count_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "item_id",
                "lot_number",
                "book_quantity",
                "counted_quantity",
                "difference",
                "unit_cost",
            ),
            order_by="line_no",
        ),
    ),
)
