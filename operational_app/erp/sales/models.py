"""Sales orders."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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
    share_column,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class SalesOrder(ConvertedRow, DocumentRow):
    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'confirmed', 'partly_delivered', 'delivered', 'cancelled')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount", "total"),
        *rate_checks(),
        {
            "schema": "erp",
            "comment": "Orders of customers.",
            "info": {"posted": ("OLD.state in ('delivered', 'cancelled')", ("state", "version"))},
        },
    )
    customer_id: Mapped[int] = reference("Customer who orders.", "core.party_role.id")
    customer_reference: Mapped[str | None] = column("The customer's own order number.")
    requested_date: Mapped[date | None] = column("Day on which the customer wants the goods.")
    stock_location_id: Mapped[int] = reference("Place that the goods leave from.", "erp.stock_location.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    total_amount: Mapped[Decimal] = money_column("Amount with tax.")


class SalesOrderLine(CompanyRow):
    __tablename__ = "sales_order_line"
    __table_args__ = (
        UniqueConstraint("sales_order_id", "line_no"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("discount between 0 and 1", "discount"),
        CheckConstraint("unit_price >= 0", "unit_price"),
        CheckConstraint("quantity_delivered between 0 and quantity", "delivered"),
        CheckConstraint("quantity_reserved between 0 and quantity - quantity_delivered", "reserved"),
        CheckConstraint("quantity_invoiced between 0 and quantity_delivered", "invoiced"),
        CheckConstraint("quantity_taken_back between 0 and quantity_delivered - quantity_invoiced", "taken_back"),
        # What is ordered and not invoiced counts against the customer's credit, however much was ordered before.
        Index(
            "ix_sales_order_line_to_invoice",
            "sales_order_id",
            postgresql_where=text("quantity_invoiced + quantity_taken_back < quantity"),
        ),
        {"schema": "erp", "comment": "Lines of sales orders."},
    )
    sales_order_id: Mapped[int] = reference("The order.", "erp.sales_order.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    description: Mapped[str] = column("Text for the customer.")
    quantity: Mapped[Decimal] = quantity_column("Quantity ordered.")
    unit: Mapped[str | None] = column("Unit of the quantity: the item's own.", ForeignKey("core.unit.code"))
    ordered_as: Mapped[str | None] = column("Quantity as it was entered in another unit, such as 2 BOX.")
    unit_price: Mapped[Decimal] = unit_price_column("Price of one unit without tax.")
    discount: Mapped[Decimal] = share_column("Discount as a fraction.", default=Decimal(0))
    vat_code: Mapped[str] = column("Code of the VAT rate.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    quantity_reserved: Mapped[Decimal] = quantity_column("Quantity of stock promised to this line.", default=Decimal(0))
    quantity_delivered: Mapped[Decimal] = quantity_column("Quantity that has left.", default=Decimal(0))
    quantity_invoiced: Mapped[Decimal] = quantity_column("Quantity that has been invoiced.", default=Decimal(0))
    quantity_taken_back: Mapped[Decimal] = quantity_column(
        "Quantity that came back before it was invoiced, and so never will be.", default=Decimal(0), server_default="0"
    )
    available_date: Mapped[date | None] = column(
        "Day from which the whole quantity could be delivered, as it was seen when the order was written; empty: no "
        "known supply covers it."
    )
    promised_date: Mapped[date | None] = column(
        "Day from which the whole quantity can be delivered, as promised when the order was confirmed; empty: no known "
        "supply covers it."
    )


sales_order = Document(
    name="sales_order",
    module="erp",
    model=SalesOrder,
    title=_("Sales order"),
    plural=_("Sales orders"),
    prefix="SO",
    columns=("number", "business_date", "customer_id", "customer_reference", "total_amount", "currency", "state"),
    search=("number", "customer_reference"),
    states={
        "draft": _("draft"),
        "confirmed": _("confirmed"),
        "partly_delivered": _("partly delivered"),
        "delivered": _("delivered"),
        "cancelled": _("cancelled"),
    },
    lines=(
        Lines(
            name="lines",
            model=SalesOrderLine,
            parent="sales_order_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "item_id",
                "description",
                "quantity",
                "unit",
                "ordered_as",
                "unit_price",
                "discount",
                "vat_code",
                "net_amount",
                "tax_amount",
                "quantity_reserved",
                "quantity_delivered",
                "quantity_invoiced",
                "available_date",
                "promised_date",
            ),
            order_by="line_no",
        ),
    ),
)
