"""Items."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, column, quantity_column, reference, unit_price_column
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class Item(CompanyRow):
    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("kind in ('stocked', 'service')", "kind"),
        CheckConstraint("valuation_method in ('moving_average', 'fifo', 'standard')", "valuation_method"),
        CheckConstraint("valuation_method <> 'standard' OR standard_cost IS NOT NULL", "standard_cost"),
        CheckConstraint("standard_cost >= 0", "standard_cost_sign"),
        CheckConstraint("state in ('active', 'discontinued')", "state"),
        CheckConstraint("list_price >= 0", "list_price"),
        {"schema": "erp", "comment": "What is bought, made, stocked and sold."},
    )
    number: Mapped[str] = column("Item number, unique in the company.")
    name: Mapped[str] = column("Name of the item.")
    kind: Mapped[str] = column("stocked or service.")
    item_group: Mapped[str | None] = column("Group for reports.")
    unit: Mapped[str] = column("Unit of measure.", ForeignKey("core.unit.code"))
    list_price: Mapped[Decimal] = unit_price_column(
        "Price without tax where none is agreed, in the company's currency."
    )
    vat_code: Mapped[str] = column("Code of the VAT rate on sales of the item.")
    valuation_method: Mapped[str] = column(
        "How stock is valued: moving_average, fifo (first in, first out), standard.", default="moving_average"
    )
    standard_cost: Mapped[Decimal | None] = unit_price_column("Standard cost of one unit, in the company's currency.")
    is_lot_tracked: Mapped[bool] = column(
        "Whether every move of the item names its lot.", default=False, server_default=false()
    )
    state: Mapped[str] = column("active or discontinued.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class ItemUnit(CompanyRow):
    __tablename__ = "item_unit"
    __table_args__ = (
        UniqueConstraint("item_id", "unit"),
        CheckConstraint("quantity_per > 0", "quantity_per"),
        {"schema": "erp", "comment": "Other units in which an item is bought, sold, moved or counted."},
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    unit: Mapped[str] = column("Unit, such as BOX.", ForeignKey("core.unit.code"))
    quantity_per: Mapped[Decimal] = quantity_column("How many of the item's own unit are in one of it, exactly.")


item = Document(
    name="item",
    module="erp",
    model=Item,
    title=_("Item"),
    plural=_("Items"),
    label="name",
    columns=("number", "name", "item_group", "unit", "list_price", "vat_code", "state"),
    search=("number", "name", "item_group"),
    report="stock-ledger",
    states={"active": _("active"), "discontinued": _("discontinued")},
    lines=(
        Lines(
            name="units",
            model=ItemUnit,
            parent="item_id",
            title=_("Other units"),
            columns=("unit", "quantity_per"),
        ),
    ),
)
