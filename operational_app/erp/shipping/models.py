"""Deliveries."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class Delivery(DocumentRow):
    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('shipped', 'invoiced', 'returned')", "state"),
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
        CheckConstraint("quantity_returned between 0 and quantity", "quantity_returned"),
        CheckConstraint("cost_returned between 0 and cost_amount + cost_adjustment", "cost_returned"),
        # What comes back whole comes back at all that it had cost, however often something was rounded before.
        CheckConstraint(
            "quantity_returned < quantity OR cost_returned = cost_amount + cost_adjustment", "returned_whole"
        ),
        {
            "schema": "erp",
            "comment": "Lines of deliveries.",
            "info": {"posted": ("true", ("quantity_returned", "cost_returned", "cost_adjustment"))},
        },
    )
    delivery_id: Mapped[int] = reference("The delivery.", "erp.delivery.id")
    sales_order_line_id: Mapped[int] = reference("Line of the order.", "erp.sales_order_line.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity that left.")
    stock_move_id: Mapped[int | None] = reference("The move of stock; empty for a service.", "erp.stock_move.id")
    cost_amount: Mapped[Decimal] = money_column(
        "Cost of what left, frozen, in the company's currency.", default=Decimal(0)
    )
    cost_adjustment: Mapped[Decimal] = money_column(
        "What late entries of stock added to the cost (negative: took off), each a cost line of its own.",
        default=Decimal(0),
        server_default="0",
    )
    quantity_returned: Mapped[Decimal] = quantity_column(
        "Quantity that came back from the customer.", default=Decimal(0), server_default="0"
    )
    cost_returned: Mapped[Decimal] = money_column(
        "Part of the cost that came back with it, in the company's currency.", default=Decimal(0), server_default="0"
    )


class CustomerReturn(DocumentRow):
    __tablename__ = "customer_return"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('received', 'credited', 'not_invoiced')", "state"),
        CheckConstraint("reason in ('damaged', 'wrong', 'unwanted', 'other')", "reason"),
        {
            "schema": "erp",
            "comment": "Goods that customers sent back.",
            "info": {"posted": ("true", ("state", "version"))},
        },
    )
    delivery_id: Mapped[int] = reference("Delivery of which goods came back.", "erp.delivery.id")
    customer_id: Mapped[int] = reference("Customer who sent them back.", "core.party_role.id")
    stock_location_id: Mapped[int] = reference("Place that the goods came to.", "erp.stock_location.id")
    reason: Mapped[str] = column("Why: damaged, wrong, unwanted, other.")
    note: Mapped[str | None] = column("What the clerk has to say about it.")


class CustomerReturnLine(CompanyRow):
    __tablename__ = "customer_return_line"
    __table_args__ = (
        UniqueConstraint("customer_return_id", "delivery_line_id"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("cost_amount >= 0", "cost_amount"),
        {"schema": "erp", "comment": "Lines of customers' returns.", "info": {"immutable": True}},
    )
    customer_return_id: Mapped[int] = reference("The return.", "erp.customer_return.id", index=False)
    delivery_line_id: Mapped[int] = reference("Line of the delivery.", "erp.delivery_line.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity that came back.")
    stock_move_id: Mapped[int | None] = reference("The move of stock; empty for a service.", "erp.stock_move.id")
    cost_amount: Mapped[Decimal] = money_column("Cost at which it had left, in the company's currency.")


delivery = Document(
    name="delivery",
    module="erp",
    model=Delivery,
    title=_("Delivery"),
    plural=_("Deliveries"),
    prefix="DN",
    columns=("number", "business_date", "customer_id", "sales_order_id", "state"),
    states={"shipped": _("shipped"), "invoiced": _("invoiced"), "returned": _("returned")},
    lines=(
        Lines(
            name="lines",
            model=DeliveryLine,
            parent="delivery_id",
            title=_("Lines"),
            columns=(
                "item_id",
                "quantity",
                "cost_amount",
                "cost_adjustment",
                "quantity_returned",
                "sales_order_line_id",
            ),
        ),
    ),
)

customer_return = Document(
    name="customer_return",
    module="erp",
    model=CustomerReturn,
    title=_("Customer return"),
    plural=_("Customer returns"),
    prefix="CR",
    columns=("number", "business_date", "customer_id", "delivery_id", "reason", "state"),
    search=("number", "note"),
    states={"received": _("received"), "credited": _("credited"), "not_invoiced": _("not invoiced")},
    lines=(
        Lines(
            name="lines",
            model=CustomerReturnLine,
            parent="customer_return_id",
            title=_("Lines"),
            columns=("item_id", "quantity", "cost_amount", "delivery_line_id"),
        ),
    ),
)
