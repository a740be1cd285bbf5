"""Suppliers and purchase orders."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    ConvertedRow,
    DocumentRow,
    column,
    money_column,
    quantity_column,
    rate_checks,
    reference,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole


class Supplier(PartyRole):
    __mapper_args__ = {"polymorphic_identity": "supplier"}


class PurchaseOrder(ConvertedRow, DocumentRow):
    __tablename__ = "purchase_order"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'ordered', 'partly_received', 'received', 'cancelled')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount", "total"),
        *rate_checks(),
        {
            "schema": "erp",
            "comment": "Orders to suppliers.",
            "info": {"posted": ("OLD.state in ('received', 'cancelled')", ("state", "version"))},
        },
    )
    supplier_id: Mapped[int] = reference("Supplier who is to deliver.", "core.party_role.id")
    requested_date: Mapped[date | None] = column("Day on which the goods are wanted.")
    stock_location_id: Mapped[int] = reference("Place that the goods come to.", "erp.stock_location.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    total_amount: Mapped[Decimal] = money_column("Amount with tax.")


class PurchaseOrderLine(CompanyRow):
    __tablename__ = "purchase_order_line"
    __table_args__ = (
        UniqueConstraint("purchase_order_id", "line_no"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("unit_price >= 0", "unit_price"),
        CheckConstraint("quantity_received between 0 and quantity", "received"),
        CheckConstraint("quantity_billed between 0 and quantity", "billed"),
        {"schema": "erp", "comment": "Lines of purchase orders."},
    )
    purchase_order_id: Mapped[int] = reference("The order.", "erp.purchase_order.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity ordered.")
    unit: Mapped[str | None] = column("Unit of the quantity: the item's own.", ForeignKey("core.unit.code"))
    ordered_as: Mapped[str | None] = column("Quantity as it was entered in another unit, such as 2 BOX.")
    unit_price: Mapped[Decimal] = unit_price_column("Price of one unit without tax.")
    vat_code: Mapped[str] = column("Code of the VAT rate.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    quantity_received: Mapped[Decimal] = quantity_column(
        "Quantity that has come in, less what went back.", default=Decimal(0)
    )
    quantity_billed: Mapped[Decimal] = quantity_column(
        "Quantity that the supplier has billed, less what was credited as returned.", default=Decimal(0)
    )
    # Kept as amounts, since rounding part by part would leave something on the account of goods not billed.
    value_received: Mapped[Decimal] = money_column("What came in, at the order's price.", default=Decimal(0))
    value_billed: Mapped[Decimal] = money_column("The part of it that has been billed.", default=Decimal(0))
    company_value_received: Mapped[Decimal] = money_column(
        "What came in, in the company's currency, each receipt at the rate of its day.",
        default=Decimal(0),
        server_default="0",
    )
    company_value_billed: Mapped[Decimal] = money_column(
        "The part of it that has been billed, as it was received, in the company's currency.",
        default=Decimal(0),
        server_default="0",
    )


supplier = Document(
    name="supplier",
    module="erp",
    model=Supplier,
    title=_("Supplier"),
    plural=_("Suppliers"),
    prefix="V",
    label="name",
    columns=("number", "name", "currency", "payment_days", "payment_term_id", "state"),
    search=("number", "name"),
    states={"active": _("active"), "blocked": _("blocked")},
)

purchase_order = Document(
    name="purchase_order",
    module="erp",
    model=PurchaseOrder,
    title=_("Purchase order"),
    plural=_("Purchase orders"),
    prefix="PO",
    columns=("number", "business_date", "supplier_id", "requested_date", "total_amount", "currency", "state"),
    states={
        "draft": _("draft"),
        "ordered": _("ordered"),
        "partly_received": _("partly received"),
        "received": _("received"),
        "cancelled": _("cancelled"),
    },
    lines=(
        Lines(
            name="lines",
            model=PurchaseOrderLine,
            parent="purchase_order_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "item_id",
                "quantity",
                "unit",
                "ordered_as",
                "unit_price",
                "vat_code",
                "net_amount",
                "tax_amount",
                "quantity_received",
                "quantity_billed",
            ),
            order_by="line_no",
        ),
    ),
)
