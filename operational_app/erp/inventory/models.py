"""Stock: places, balances, values, moves, adjustments."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
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


class StockLocation(CompanyRow):
    __tablename__ = "stock_location"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        {"schema": "erp", "comment": "Places where stock lies."},
    )
    code: Mapped[str] = column("Short code of the place.")
    name: Mapped[str] = column("Name of the place.")


class StockBalance(CompanyRow):
    __tablename__ = "stock_balance"
    __table_args__ = (
        UniqueConstraint("item_id", "stock_location_id"),
        CheckConstraint("quantity_on_hand >= 0", "on_hand"),
        CheckConstraint("quantity_reserved between 0 and quantity_on_hand", "reserved"),
        {"schema": "erp", "comment": "Quantity of an item at a place, now; changed only by conditional statements."},
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    stock_location_id: Mapped[int] = reference("Place.", "erp.stock_location.id")
    quantity_on_hand: Mapped[Decimal] = quantity_column("Quantity that lies there.")
    quantity_reserved: Mapped[Decimal] = quantity_column("Part of it promised to orders.", default=Decimal(0))


class ItemValuation(CompanyRow):
    __tablename__ = "item_valuation"
    __table_args__ = (
        UniqueConstraint("item_id"),
        CheckConstraint("quantity_on_hand >= 0", "quantity"),
        CheckConstraint("value >= 0", "value"),
        # Zero is zero: no stock is worth nothing, whatever rounding did before.
        CheckConstraint("quantity_on_hand > 0 OR value = 0", "zero_is_zero"),
        {
            "schema": "erp",
            "comment": "Quantity and value of an item over all places of the company: its moving average.",
        },
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    quantity_on_hand: Mapped[Decimal] = quantity_column("Quantity over all places.")
    value: Mapped[Decimal] = money_column("Value of that quantity in the company's currency.")


class StockMove(CompanyRow):
    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity <> 0", "quantity"),
        CheckConstraint("quantity > 0 AND value >= 0 OR quantity < 0 AND value <= 0", "value_sign"),
        CheckConstraint(
            "kind in ('adjustment', 'delivery', 'customer_return', 'receipt', 'return', 'issue', 'issue_return', "
            "'completion')",
            "kind",
        ),
        Index("ix_stock_move_document", "document_type", "document_id"),
        Index("ix_stock_move_item_date", "item_id", "business_date"),
        {"schema": "erp", "comment": "Every move of stock with its value, for ever.", "info": {"immutable": True}},
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    stock_location_id: Mapped[int] = reference("Place.", "erp.stock_location.id")
    kind: Mapped[str] = column(
        "What moved it: adjustment, delivery, customer_return, receipt (from a supplier), return (to a supplier), issue "
        "(to production), issue_return (back from production), completion (of production)."
    )
    quantity: Mapped[Decimal] = quantity_column("Quantity in (positive) or out (negative).")
    value: Mapped[Decimal] = money_column("Value in or out, in the company's currency, frozen.")
    business_date: Mapped[date] = column("Day for which it counts.")
    document_type: Mapped[str] = column("Type of the document that moved it.")
    document_id: Mapped[int] = column("Row of that document.")
    document_line_id: Mapped[int] = column("Line of that document.")


class StockCostLine(CompanyRow):
    __tablename__ = "stock_cost_line"
    __table_args__ = (
        CheckConstraint("value <> 0", "value"),
        CheckConstraint("kind in ('price_difference')", "kind"),
        Index("ix_stock_cost_line_item_date", "item_id", "business_date"),
        {
            "schema": "erp",
            "comment": "Corrections of stock values that came after the move, for ever: a move keeps its own value.",
            "info": {"immutable": True},
        },
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    kind: Mapped[str] = column("Why: price_difference (the bill differs from the order).")
    value: Mapped[Decimal] = money_column("Value added to the stock (negative: taken off), in the company's currency.")
    business_date: Mapped[date] = column("Day for which it counts.")
    document_type: Mapped[str] = column("Type of the document that caused it.")
    document_id: Mapped[int] = column("Row of that document.")
    document_line_id: Mapped[int] = column("Line of that document.")


class StockAdjustment(DocumentRow):
    __tablename__ = "stock_adjustment"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('posted')", "state"),
        CheckConstraint("reason in ('opening', 'count', 'scrap')", "reason"),
        {
            "schema": "erp",
            "comment": "Stock brought in or written off outside purchase, production and sale.",
            "info": {"posted": ("OLD.state = 'posted'", ())},
        },
    )
    reason: Mapped[str] = column("opening (first stock), count (found or missing), scrap.")
    note: Mapped[str | None] = column("What the clerk has to say about it.")


class StockAdjustmentLine(CompanyRow):
    __tablename__ = "stock_adjustment_line"
    __table_args__ = (
        CheckConstraint("quantity <> 0", "quantity"),
        {"schema": "erp", "comment": "Lines of stock adjustments.", "info": {"immutable": True}},
    )
    stock_adjustment_id: Mapped[int] = reference("The adjustment.", "erp.stock_adjustment.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    stock_location_id: Mapped[int] = reference("Place.", "erp.stock_location.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity in (positive) or out (negative).")
    unit_cost: Mapped[Decimal | None] = unit_price_column("Cost of one unit brought in; empty: at the present average.")


stock_location = Document(
    name="stock_location",
    module="erp",
    model=StockLocation,
    title=_("Stock location"),
    plural=_("Stock locations"),
    label="name",
    columns=("code", "name"),
    search=("code", "name"),
)

stock_balance = Document(
    name="stock_balance",
    module="erp",
    model=StockBalance,
    title=_("Stock on hand"),
    plural=_("Stock on hand"),
    label="id",
    columns=("item_id", "stock_location_id", "quantity_on_hand", "quantity_reserved"),
    search=(),
)

stock_move = Document(
    name="stock_move",
    module="erp",
    model=StockMove,
    title=_("Stock move"),
    plural=_("Stock moves"),
    label="kind",
    columns=("business_date", "item_id", "stock_location_id", "kind", "quantity", "value"),
    search=("kind",),
)

stock_adjustment = Document(
    name="stock_adjustment",
    module="erp",
    model=StockAdjustment,
    title=_("Stock adjustment"),
    plural=_("Stock adjustments"),
    prefix="SA",
    columns=("number", "business_date", "reason", "note", "state"),
    states={"posted": _("posted")},
    lines=(
        Lines(
            name="lines",
            model=StockAdjustmentLine,
            parent="stock_adjustment_id",
            title=_("Lines"),
            columns=("item_id", "stock_location_id", "quantity", "unit_cost"),
        ),
    ),
)
