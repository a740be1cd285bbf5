"""Items."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, column, unit_price_column
from operational_app.core.document import Document
from operational_app.core.i18n import _


class Item(CompanyRow):
    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("kind in ('stocked', 'service')", "kind"),
        CheckConstraint("valuation_method in ('moving_average')", "valuation_method"),
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
    valuation_method: Mapped[str] = column("How stock is valued.", default="moving_average")
    state: Mapped[str] = column("active or discontinued.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


item = Document(
    name="item",
    module="erp",
    model=Item,
    title=_("Item"),
    plural=_("Items"),
    label="name",
    columns=("number", "name", "item_group", "unit", "list_price", "vat_code", "state"),
    search=("number", "name", "item_group"),
    states={"active": _("active"), "discontinued": _("discontinued")},
)
