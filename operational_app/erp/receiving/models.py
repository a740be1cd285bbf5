"""Receipts of goods from suppliers, and returns to them."""

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
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class GoodsReceipt(ConvertedRow, DocumentRow):
    __tablename__ = "goods_receipt"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('received')", "state"),
        *rate_checks(),
        {
            "schema": "erp",
            "comment": "Goods that came in from a supplier, or went back.",
            "info": {"posted": ("true", ("state", "version"))},
        },
    )
    kind: Mapped[str] = column("receipt or return.", default="receipt")
    purchase_order_id: Mapped[int] = reference("Order that is fulfilled.", "erp.purchase_order.id")
    supplier_id: Mapped[int] = reference("Supplier who delivered.", "core.party_role.id")
    stock_location_id: Mapped[int] = reference("Place that the goods came to.", "erp.stock_location.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    delivery_note: Mapped[str | None] = column("Number of the supplier's delivery note.")


class GoodsReceiptLine(CompanyRow):
    __tablename__ = "goods_receipt_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", "quantity"),
        {"schema": "erp", "comment": "Lines of goods receipts and returns.", "info": {"immutable": True}},
    )
    goods_receipt_id: Mapped[int] = reference("The receipt.", "erp.goods_receipt.id")
    purchase_order_line_id: Mapped[int] = reference("Line of the order.", "erp.purchase_order_line.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity that came in, or went back.")
    order_value: Mapped[Decimal] = money_column("Its value at the order's price.")
    company_order_value: Mapped[Decimal] = money_column(
        "The same in the company's currency, at the rate of the receipt; of a return what the receipts had come to."
    )
    stock_move_id: Mapped[int] = reference("The move of stock.", "erp.stock_move.id")


goods_receipt = Document(
    name="goods_receipt",
    module="erp",
    model=GoodsReceipt,
    title=_("Goods receipt"),
    plural=_("Goods receipts"),
    prefix="GR",
    columns=("number", "business_date", "kind", "supplier_id", "purchase_order_id", "delivery_note", "state"),
    search=("number", "delivery_note"),
    states={"received": _("received")},
    lines=(
        Lines(
            name="lines",
            model=GoodsReceiptLine,
            parent="goods_receipt_id",
            title=_("Lines"),
            columns=("item_id", "quantity", "order_value", "purchase_order_line_id"),
        ),
    ),
)
