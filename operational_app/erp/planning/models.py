"""How each item is planned, and planning runs with the orders they propose, whom these are for, and what is amiss."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, column_property

from operational_app.core.db import (
    CompanyRow,
    DocumentRow,
    column,
    quantity_column,
    reference,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.erp.items.models import Item


class ItemPlanning(CompanyRow):
    __tablename__ = "item_planning"
    __table_args__ = (
        UniqueConstraint("item_id"),
        CheckConstraint("supply_kind in ('buy', 'make')", "supply_kind"),
        CheckConstraint("lead_days between 0 and 1000", "lead_days"),
        CheckConstraint("safety_stock >= 0 AND lot_size >= 0 AND minimum_quantity >= 0", "quantities"),
        CheckConstraint("unit_price >= 0", "unit_price"),
        {"schema": "erp", "comment": "How items are planned; an item without a row: made if it has a bill, no rules."},
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id", index=False)
    name: Mapped[str] = column_property(select(Item.name).where(Item.id == item_id).scalar_subquery())
    supply_kind: Mapped[str] = column("buy or make.")
    lead_days: Mapped[int] = column("Days from the order to the goods in stock.")
    safety_stock: Mapped[Decimal] = quantity_column("Stock that should never be used up.", default=Decimal(0))
    lot_size: Mapped[Decimal] = quantity_column("Orders are a multiple of this; 0: any quantity.", default=Decimal(0))
    minimum_quantity: Mapped[Decimal] = quantity_column("No order is for less.", default=Decimal(0))
    supplier_id: Mapped[int | None] = reference("Usual supplier.", "core.party_role.id")
    unit_price: Mapped[Decimal | None] = unit_price_column(
        "Price without tax that the usual supplier takes; empty: the last one ordered at."
    )
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class PlanningRun(DocumentRow):
    __tablename__ = "planning_run"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'done', 'superseded')", "state"),
        CheckConstraint("horizon_days between 1 and 1000", "horizon_days"),
        # Proposals of an older run may be covered by now: only one run of a company can be worked with.
        Index("uq_planning_run_one_open", "company_id", unique=True, postgresql_where=text("state = 'open'")),
        {
            "schema": "erp",
            "comment": "Runs of the planning; the newest is open until all that it proposes has become orders.",
            "info": {"posted": ("true", ("state", "version"))},
        },
    )
    horizon_days: Mapped[int] = column("Days ahead that were looked at.")
    stock_location_id: Mapped[int] = reference("Place that proposed orders deliver to.", "erp.stock_location.id")


class PlannedOrder(CompanyRow):
    __tablename__ = "planned_order"
    __table_args__ = (
        UniqueConstraint("planning_run_id", "line_no"),
        CheckConstraint("state in ('proposed', 'accepted')", "state"),
        CheckConstraint("supply_kind in ('buy', 'make')", "supply_kind"),
        CheckConstraint("net_quantity > 0 AND quantity >= net_quantity", "quantity"),
        CheckConstraint("start_date <= due_date", "dates"),
        CheckConstraint(
            "num_nonnulls(purchase_order_id, production_order_id) = CASE WHEN state = 'accepted' THEN 1 ELSE 0 END",
            "used_once",
        ),
        {
            "schema": "erp",
            "comment": "Orders that a planning run proposes; each becomes an order at most once.",
            "info": {"posted": ("OLD.state = 'accepted'", ())},
        },
    )
    planning_run_id: Mapped[int] = reference("The run.", "erp.planning_run.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    level: Mapped[int] = column("How deep the item is found in bills at the deepest; 0: in none.")
    supply_kind: Mapped[str] = column("buy or make.")
    supplier_id: Mapped[int | None] = reference("Usual supplier, when it was planned.", "core.party_role.id")
    net_quantity: Mapped[Decimal] = quantity_column("What is missing.")
    quantity: Mapped[Decimal] = quantity_column("What to order: what is missing, by the rules for lots.")
    start_date: Mapped[date] = column("Day on which to order or to begin.")
    due_date: Mapped[date] = column("Day on which it can be there.")
    need_date: Mapped[date] = column("Day on which it is needed.")
    state: Mapped[str] = column("proposed or accepted.", default="proposed")
    purchase_order_id: Mapped[int | None] = reference("Order that it became.", "erp.purchase_order.id")
    production_order_id: Mapped[int | None] = reference(
        "Production order that it became.", "erp.production_order.id", unique=True
    )


class PlanningPeg(CompanyRow):
    __tablename__ = "planning_peg"
    __table_args__ = (
        CheckConstraint(
            "demand_type in ('sales_order', 'production_order', 'planned_order', 'safety_stock')", "demand"
        ),
        CheckConstraint("supply_type in ('stock', 'purchase_order', 'production_order', 'planned_order')", "supply"),
        CheckConstraint("quantity > 0", "quantity"),
        {
            "schema": "erp",
            "comment": "Which supply a planning run means for which demand.",
            "info": {"immutable": True},
        },
    )
    planning_run_id: Mapped[int] = reference("The run.", "erp.planning_run.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    demand_type: Mapped[str] = column("What needs it: sales_order, production_order, planned_order, safety_stock.")
    demand_number: Mapped[str] = column("Number of the document that needs it.")
    demand_id: Mapped[int] = column("Row of that document; of the item for safety stock.")
    demand_line_id: Mapped[int | None] = column("Line of that document.")
    need_date: Mapped[date] = column("Day on which it is needed.")
    supply_type: Mapped[str] = column("What covers it: stock, purchase_order, production_order, planned_order.")
    supply_number: Mapped[str] = column("Number of the document that covers it.")
    supply_id: Mapped[int] = column("Row of that document; of the item for stock.")
    supply_line_id: Mapped[int | None] = column("Line of that document.")
    quantity: Mapped[Decimal] = quantity_column("Quantity.")


class PlanningException(CompanyRow):
    __tablename__ = "planning_exception"
    __table_args__ = (
        CheckConstraint("kind in ('late', 'expedite', 'postpone', 'cancel', 'no_bill_of_material')", "kind"),
        {
            "schema": "erp",
            "comment": "What a planning run found amiss: somebody has to act.",
            "info": {"immutable": True},
        },
    )
    planning_run_id: Mapped[int] = reference("The run.", "erp.planning_run.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    kind: Mapped[str] = column("late, expedite, postpone, cancel or no_bill_of_material.")
    supply_type: Mapped[str] = column("Type of the order that it is about.")
    supply_number: Mapped[str] = column("Number of that order.")
    supply_id: Mapped[int] = column("Row of that order.")
    supply_line_id: Mapped[int | None] = column("Line of that order.")
    due_date: Mapped[date] = column("Day on which it is due.")
    need_date: Mapped[date | None] = column("Day on which it is needed; empty: not at all.")
    quantity: Mapped[Decimal] = quantity_column("Quantity concerned.")


item_planning = Document(
    name="item_planning",
    module="erp",
    model=ItemPlanning,
    title=_("Item planning"),
    plural=_("Item planning"),
    label="name",
    columns=(
        "item_id",
        "supply_kind",
        "lead_days",
        "safety_stock",
        "lot_size",
        "minimum_quantity",
        "supplier_id",
        "unit_price",
    ),
    search=("name",),
)

planning_run = Document(
    name="planning_run",
    module="erp",
    model=PlanningRun,
    title=_("Planning run"),
    plural=_("Planning runs"),
    prefix="MRP",
    columns=("number", "business_date", "horizon_days", "stock_location_id", "state"),
    states={"open": _("open"), "done": _("done"), "superseded": _("superseded")},
    lines=(
        Lines(
            name="exceptions",
            model=PlanningException,
            parent="planning_run_id",
            title=_("Exceptions"),
            columns=("kind", "item_id", "supply_type", "supply_number", "due_date", "need_date", "quantity"),
        ),
        Lines(
            name="proposals",
            model=PlannedOrder,
            parent="planning_run_id",
            title=_("Proposals"),
            columns=(
                "line_no",
                "item_id",
                "supply_kind",
                "supplier_id",
                "net_quantity",
                "quantity",
                "start_date",
                "due_date",
                "need_date",
                "purchase_order_id",
                "production_order_id",
            ),
            order_by="line_no",
        ),
        Lines(
            name="pegs",
            model=PlanningPeg,
            parent="planning_run_id",
            title=_("What is for whom"),
            columns=(
                "item_id",
                "demand_type",
                "demand_number",
                "need_date",
                "supply_type",
                "supply_number",
                "quantity",
            ),
        ),
    ),
)
