"""Purchase requisitions."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    DocumentRow,
    column,
    money_column,
    quantity_column,
    reference,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class PurchaseRequisition(DocumentRow):
    """Whoever enters it is the requester: `created_by`."""

    __tablename__ = "purchase_requisition"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'submitted', 'approved', 'rejected', 'ordered', 'cancelled')", "state"),
        CheckConstraint("estimated_amount >= 0", "estimated_amount"),
        {
            "schema": "erp",
            "comment": "What people need to have bought, before it is ordered.",
            "info": {"posted": ("OLD.state in ('ordered', 'cancelled')", ("version",))},
        },
    )
    reason: Mapped[str] = column("Why it is needed.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    estimated_amount: Mapped[Decimal] = money_column("Sum of quantity times estimated price, without tax.")


class PurchaseRequisitionLine(CompanyRow):
    __tablename__ = "purchase_requisition_line"
    __table_args__ = (
        UniqueConstraint("purchase_requisition_id", "line_no"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("unit_price >= 0", "unit_price"),
        {"schema": "erp", "comment": "Lines of purchase requisitions."},
    )
    purchase_requisition_id: Mapped[int] = reference("The requisition.", "erp.purchase_requisition.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity needed.")
    needed_by: Mapped[date] = column("Day by which it is needed.")
    unit_price: Mapped[Decimal] = unit_price_column("Estimated price of one unit without tax.")
    purchase_order_id: Mapped[int | None] = reference("Order that the line went to.", "erp.purchase_order.id")


purchase_requisition = Document(
    name="purchase_requisition",
    module="erp",
    model=PurchaseRequisition,
    title=_("Purchase requisition"),
    plural=_("Purchase requisitions"),
    prefix="PR",
    columns=("number", "business_date", "created_by", "reason", "estimated_amount", "currency", "state"),
    search=("number", "reason"),
    states={
        "draft": _("draft"),
        "submitted": _("submitted"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "ordered": _("ordered"),
        "cancelled": _("cancelled"),
    },
    lines=(
        Lines(
            name="lines",
            model=PurchaseRequisitionLine,
            parent="purchase_requisition_id",
            title=_("Lines"),
            columns=("line_no", "item_id", "quantity", "needed_by", "unit_price", "purchase_order_id"),
            order_by="line_no",
        ),
    ),
)
