"""Deliveries."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, money_column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class Delivery(DocumentRow):
    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('shipped', 'invoiced')", "state"),
        {
            "schema": "erp",
            "comment": "Goods that left for a customer.",
            "info": {"posted": ("true", ("state", "version"))},
        },
    )
    sales_order_id: Mapped[int] = reference("Order that is delivered.", "erp.sales_order.id")
    customer_id: Mapped[int] = reference("Customer who gets the goods.", "core.party_role.id")
    stock_location_id: Mapped[int] = reference("Place that the goods left from.", "erp.stock_location.id")


class DeliveryLine(CompanyRow):
    __tablename__ = "delivery_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("cost_amount >= 0", "cost_amount"),
        {"schema": "erp", "comment": "Lines of deliveries.", "info": {"immutable": True}},
    )
    delivery_id: Mapped[int] = reference("The delivery.", "erp.delivery.id")
    sales_order_line_id: Mapped[int] = reference("Line of the order.", "erp.sales_order_line.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity that left.")
    stock_move_id: Mapped[int | None] = reference("The move of stock; empty for a service.", "erp.stock_move.id")
    cost_amount: Mapped[Decimal] = money_column(
        "Cost of what left, frozen, in the company's currency.", default=Decimal(0)
    )


delivery = Document(
    name="delivery",
    module="erp",
    model=Delivery,
    title=_("Delivery"),
    plural=_("Deliveries"),
    prefix="DN",
    columns=("number", "business_date", "customer_id", "sales_order_id", "state"),
    states={"shipped": _("shipped"), "invoiced": _("invoiced")},
    lines=(
        Lines(
            name="lines",
            model=DeliveryLine,
            parent="delivery_id",
            title=_("Lines"),
            columns=("item_id", "quantity", "cost_amount", "sales_order_line_id"),
        ),
    ),
)
