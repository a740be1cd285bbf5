"""Stock: places, balances, values, moves, adjustments."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
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
from operational_app.core.document import Document, Lines, show_with
from operational_app.core.i18n import _
from operational_app.erp.items.models import item


class StockLocation(CompanyRow):
    __tablename__ = "stock_location"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("kind in ('store', 'transit')", "kind"),
        Index("uq_stock_location_transit", "company_id", unique=True, postgresql_where=text("kind = 'transit'")),
        {"schema": "erp", "comment": "Places where stock lies."},
    )
    code: Mapped[str] = column("Short code of the place.")
    name: Mapped[str] = column("Name of the place.")
    kind: Mapped[str] = column(
        "store, or transit: what has left one place and not reached the other.", default="store", server_default="store"
    )


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
            "comment": "Quantity and value of an item over all places of the company, and how it is valued now.",
        },
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    quantity_on_hand: Mapped[Decimal] = quantity_column("Quantity over all places.")
    value: Mapped[Decimal] = money_column("Value of that quantity in the company's currency.")
    valuation_method: Mapped[str] = column(
        "How it is valued, as on the item; read under this row's lock.",
        default="moving_average",
        server_default="moving_average",
    )
    standard_cost: Mapped[Decimal | None] = unit_price_column("Standard cost of one unit, as on the item.")
    last_sequence: Mapped[int] = column(
        "Number of the newest move or cost line of the item.", default=0, server_default="0"
    )
    valued_since: Mapped[date | None] = column(
        "Day of the newest fact when the valuation was last changed: nothing entered later is costed before it."
    )
    last_costing_date: Mapped[date | None] = column("Day of the newest fact in the order of costing.")


class StockMove(CompanyRow):
    __tablename__ = "stock_move"
    __table_args__ = (
        CheckConstraint("quantity <> 0", "quantity"),
        CheckConstraint("quantity > 0 AND value >= 0 OR quantity < 0 AND value <= 0", "value_sign"),
        CheckConstraint(
            "kind in ('adjustment', 'delivery', 'customer_return', 'receipt', 'return', 'issue', 'issue_return', "
            "'completion', 'transfer')",
            "kind",
        ),
        UniqueConstraint("item_id", "sequence"),
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
    sequence: Mapped[int] = column("Place among all moves and cost lines of the item, as they were recorded.")
    costing_date: Mapped[date] = column(
        "Day in the order of costing: its own for what came in at a known cost, however late; else no earlier than what was "
        "recorded before."
    )
    returned_move_id: Mapped[int | None] = reference("Move whose goods came back by this one.", "erp.stock_move.id")
    document_type: Mapped[str] = column("Type of the document that moved it.")
    document_id: Mapped[int] = column("Row of that document.")
    document_line_id: Mapped[int] = column("Line of that document.")


class StockCostLine(CompanyRow):
    __tablename__ = "stock_cost_line"
    __table_args__ = (
        CheckConstraint("value <> 0", "value"),
        CheckConstraint("kind in ('price_difference', 'late_receipt', 'late_issue', 'revaluation')", "kind"),
        CheckConstraint("(kind in ('late_receipt', 'late_issue')) = (sequence IS NULL)", "late_is_no_fact"),
        CheckConstraint("sequence IS NOT NULL OR num_nonnulls(stock_move_id, corrects_id) = 1", "late_corrects_one"),
        UniqueConstraint("item_id", "sequence"),
        Index("ix_stock_cost_line_item_date", "item_id", "business_date"),
        {
            "schema": "erp",
            "comment": "Corrections of stock values that came after the move, for ever: a move keeps its own value.",
            "info": {"immutable": True},
        },
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    kind: Mapped[str] = column(
        "Why: price_difference (the bill differs from the order), late_receipt, late_issue (what left costs something else, now "
        "that a receipt or an issue was entered late), revaluation (a new standard cost)."
    )
    sequence: Mapped[int | None] = column("Place among all moves and cost lines of the item; empty for late entries.")
    costing_date: Mapped[date | None] = column("Day in the order of costing; empty for late entries.")
    stock_move_id: Mapped[int | None] = reference(
        "Move whose value it corrects; for a price difference the move whose layer it corrects.", "erp.stock_move.id"
    )
    corrects_id: Mapped[int | None] = reference("Cost line that it corrects.", "erp.stock_cost_line.id")
    value: Mapped[Decimal] = money_column("Value added to the stock (negative: taken off), in the company's currency.")
    business_date: Mapped[date] = column("Day for which it counts.")
    document_type: Mapped[str] = column("Type of the document that caused it.")
    document_id: Mapped[int] = column("Row of that document.")
    document_line_id: Mapped[int] = column("Line of that document.")


class StockLayer(CompanyRow):
    __tablename__ = "stock_layer"
    __table_args__ = (
        UniqueConstraint("stock_move_id"),
        CheckConstraint("quantity_left > 0", "quantity_left"),
        CheckConstraint("value_left >= 0", "value_left"),
        {"schema": "erp", "comment": "What is left of each receipt of an item valued first in, first out."},
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    stock_move_id: Mapped[int] = reference("Move that brought it.", "erp.stock_move.id", index=False)
    costing_date: Mapped[date] = column("Day of the move in the order of costing.")
    sequence: Mapped[int] = column("Place of the move in the order of costing, within the day.")
    quantity_left: Mapped[Decimal] = quantity_column("Quantity of it that is still here.")
    value_left: Mapped[Decimal] = money_column("What that is worth, in the company's currency.")


class StockLot(CompanyRow):
    __tablename__ = "stock_lot"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        {
            "schema": "erp",
            "comment": "Lots of items: what was made or delivered together.",
            "info": {"immutable": True},
        },
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    number: Mapped[str] = column("Number of the lot, unique within the item.")
    expiry_date: Mapped[date | None] = column("Last day on which it may be used; empty: it does not expire.")


class LotBalance(CompanyRow):
    __tablename__ = "lot_balance"
    __table_args__ = (
        UniqueConstraint("stock_lot_id", "stock_location_id"),
        CheckConstraint("quantity_on_hand >= 0", "on_hand"),
        {"schema": "erp", "comment": "Quantity of a lot at a place, now: the parts of the stock balance."},
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    stock_lot_id: Mapped[int] = reference("Lot.", "erp.stock_lot.id", index=False)
    stock_location_id: Mapped[int] = reference("Place.", "erp.stock_location.id")
    quantity_on_hand: Mapped[Decimal] = quantity_column("Quantity that lies there.")


class StockMoveLot(CompanyRow):
    __tablename__ = "stock_move_lot"
    __table_args__ = (
        UniqueConstraint("stock_move_id", "stock_lot_id"),
        CheckConstraint("quantity <> 0", "quantity"),
        {"schema": "erp", "comment": "The lots of a move, for ever.", "info": {"immutable": True}},
    )
    stock_move_id: Mapped[int] = reference("The move.", "erp.stock_move.id", index=False)
    stock_lot_id: Mapped[int] = reference("Lot.", "erp.stock_lot.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity in (positive) or out (negative).")


class StockAdjustment(DocumentRow):
    __tablename__ = "stock_adjustment"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('posted')", "state"),
        CheckConstraint("reason in ('opening', 'count', 'found', 'lost', 'scrap', 'damaged', 'expired')", "reason"),
        {
            "schema": "erp",
            "comment": "Stock brought in or written off outside purchase, production and sale.",
            "info": {"posted": ("OLD.state = 'posted'", ())},
        },
    )
    reason: Mapped[str] = column(
        "opening (first stock), count (difference of a count), found, lost, scrap, damaged, expired."
    )
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
    lot_number: Mapped[str | None] = column("Lot; empty: those that expire first.")
    expiry_date: Mapped[date | None] = column("Last day on which a new lot may be used.")


stock_location = Document(
    name="stock_location",
    module="erp",
    model=StockLocation,
    title=_("Stock location"),
    plural=_("Stock locations"),
    label="name",
    columns=("code", "name", "kind"),
    search=("code", "name"),
    # Nothing is bought into, sold out of or counted in transit.
    offered=lambda: StockLocation.kind == "store",
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
    search=(),
    lines=(
        Lines(
            name="lots",
            model=StockMoveLot,
            parent="stock_move_id",
            title=_("Lots"),
            columns=("stock_lot_id", "quantity"),
        ),
        Lines(
            name="cost_lines",
            model=StockCostLine,
            parent="stock_move_id",
            title=_("Later corrections of its cost"),
            columns=("business_date", "kind", "value"),
        ),
    ),
)

stock_lot = Document(
    name="stock_lot",
    module="erp",
    model=StockLot,
    title=_("Lot"),
    plural=_("Lots"),
    columns=("number", "item_id", "expiry_date"),
    lines=(
        Lines(
            name="balances",
            model=LotBalance,
            parent="stock_lot_id",
            title=_("Stock on hand"),
            columns=("stock_location_id", "quantity_on_hand"),
            live=True,
            only=lambda balance: balance.quantity_on_hand > 0,
        ),
    ),
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
            columns=("item_id", "stock_location_id", "quantity", "unit_cost", "lot_number", "expiry_date"),
        ),
    ),
)

show_with(
    item,
    Lines(
        name="stock",
        model=StockBalance,
        parent="item_id",
        title=_("Stock on hand"),
        columns=("stock_location_id", "quantity_on_hand", "quantity_reserved"),
        live=True,
        only=lambda balance: balance.quantity_on_hand > 0,
    ),
    Lines(
        name="lots",
        model=LotBalance,
        parent="item_id",
        title=_("Lots"),
        columns=("stock_location_id", "stock_lot_id", "quantity_on_hand"),
        live=True,
        only=lambda balance: balance.quantity_on_hand > 0,
    ),
)
