"""Production orders with their components, operations, labour and scrap.

Components and operations are copied from bill and routing when the order is made: a later revision leaves it as it is. What
an order costs is kept as amounts: material + labour − what went into stock − variance = its work in progress.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Computed, UniqueConstraint
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

IN_PROGRESS = "material_amount + labour_amount - completed_amount - variance_amount"


class ProductionOrder(DocumentRow):
    __tablename__ = "production_order"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'released', 'in_progress', 'completed', 'closed', 'cancelled')", "state"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("start_date <= due_date", "dates"),
        CheckConstraint(
            "quantity_completed >= 0 AND quantity_scrapped >= 0 AND quantity_completed + quantity_scrapped <= quantity",
            "made",
        ),
        CheckConstraint("material_amount >= 0 AND completed_amount >= 0", "amounts"),
        # Nothing stays in work in progress of an order that is over, and nothing is in one that has not begun.
        CheckConstraint(f"state <> 'closed' OR {IN_PROGRESS} = 0", "closed_is_empty"),
        CheckConstraint("(state = 'closed') = (closed_date IS NOT NULL)", "closed_date"),
        CheckConstraint("state = 'closed' OR variance_amount = 0", "variance_at_close"),
        CheckConstraint(
            "state not in ('draft', 'released', 'cancelled') "
            "OR material_amount = 0 AND labour_amount = 0 AND completed_amount = 0",
            "not_begun_is_empty",
        ),
        {
            "schema": "erp",
            "comment": "Orders to make an item.",
            # A late entry of a component changes what a closed order used up, and its variance by the same.
            "info": {
                "posted": (
                    "OLD.state in ('closed', 'cancelled')",
                    ("version", "in_progress_amount", "material_amount", "variance_amount"),
                )
            },
        },
    )
    item_id: Mapped[int] = reference("Item that is made.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity to make.")
    quantity_completed: Mapped[Decimal] = quantity_column("Quantity that went into stock.", default=Decimal(0))
    quantity_scrapped: Mapped[Decimal] = quantity_column("Quantity that was spoilt.", default=Decimal(0))
    start_date: Mapped[date] = column("First day.")
    due_date: Mapped[date] = column("Day on which it is due.")
    stock_location_id: Mapped[int] = reference(
        "Place that components come from and goods go to.", "erp.stock_location.id"
    )
    bill_of_material_id: Mapped[int] = reference(
        "Bill that the components were copied from.", "erp.bill_of_material.id"
    )
    routing_id: Mapped[int | None] = reference("Routing that the operations were copied from.", "erp.routing.id")
    planned_amount: Mapped[Decimal] = money_column(
        "Planned cost: components at their average on the day of release, hours at the rates of the work centres.",
        default=Decimal(0),
    )
    material_amount: Mapped[Decimal] = money_column("Value of the components issued.", default=Decimal(0))
    labour_amount: Mapped[Decimal] = money_column("Hours worked, at the rates of the work centres.", default=Decimal(0))
    completed_amount: Mapped[Decimal] = money_column("Value that went into stock.", default=Decimal(0))
    variance_amount: Mapped[Decimal] = money_column("What was left over at the close.", default=Decimal(0))
    closed_date: Mapped[date | None] = column("Day of the close.")
    in_progress_amount: Mapped[Decimal] = money_column(
        "Work in progress.", server_default=Computed(IN_PROGRESS, persisted=True)
    )

    @property
    def work_in_progress(self) -> Decimal:
        """What is in progress now, changes included that are not flushed yet (`in_progress_amount` is as it was read)."""
        return self.material_amount + self.labour_amount - self.completed_amount - self.variance_amount

    @property
    def quantity_left(self) -> Decimal:
        return self.quantity - self.quantity_completed - self.quantity_scrapped


class ProductionComponent(CompanyRow):
    __tablename__ = "production_component"
    __table_args__ = (
        UniqueConstraint("production_order_id", "line_no"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("quantity_issued >= 0 AND issued_amount >= 0", "issued"),
        CheckConstraint("quantity_issued > 0 OR issued_amount = 0", "zero_is_zero"),
        CheckConstraint("quantity_reserved >= 0", "reserved"),
        {"schema": "erp", "comment": "Components of production orders, as the bill was when the order was made."},
    )
    production_order_id: Mapped[int] = reference("The order.", "erp.production_order.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Component.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity needed for the whole order, usual loss included.")
    quantity_issued: Mapped[Decimal] = quantity_column("Quantity issued, less what came back.", default=Decimal(0))
    quantity_reserved: Mapped[Decimal] = quantity_column(
        "Quantity in stock that is promised to the order.", default=Decimal(0), server_default="0"
    )
    issued_amount: Mapped[Decimal] = money_column("Its value, with what late entries changed.", default=Decimal(0))


class ProductionOperation(CompanyRow):
    __tablename__ = "production_operation"
    __table_args__ = (
        UniqueConstraint("production_order_id", "line_no"),
        CheckConstraint("planned_hours >= 0 AND actual_hours >= 0 AND cost_rate >= 0", "hours"),
        CheckConstraint("start_date <= end_date AND (start_date IS NULL) = (end_date IS NULL)", "dates"),
        {"schema": "erp", "comment": "Operations of production orders, as the routing was when the order was made."},
    )
    production_order_id: Mapped[int] = reference("The order.", "erp.production_order.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    work_centre_id: Mapped[int] = reference("Where it is done.", "erp.work_centre.id")
    description: Mapped[str] = column("What is done.")
    planned_hours: Mapped[Decimal] = quantity_column("Hours planned, set-up included.")
    actual_hours: Mapped[Decimal] = quantity_column("Hours worked.", default=Decimal(0))
    cost_rate: Mapped[Decimal] = unit_price_column("Cost of one hour, in the company's currency.")
    start_date: Mapped[date | None] = column("First day, by the last schedule; empty: not scheduled.")
    end_date: Mapped[date | None] = column("Last day, by the last schedule.")


class ProductionLabour(CompanyRow):
    __tablename__ = "production_labour"
    __table_args__ = (
        CheckConstraint("hours <> 0", "hours"),
        CheckConstraint("amount = 0 OR sign(amount) = sign(hours)", "amount"),
        {
            "schema": "erp",
            "comment": "Hours worked on operations, for ever; a mistake is taken back by negative hours.",
            "info": {"immutable": True},
        },
    )
    production_order_id: Mapped[int] = reference("The order.", "erp.production_order.id")
    production_operation_id: Mapped[int] = reference("The operation.", "erp.production_operation.id")
    work_centre_id: Mapped[int] = reference("Where the work was done.", "erp.work_centre.id")
    business_date: Mapped[date] = column("Day of the work.")
    hours: Mapped[Decimal] = quantity_column("Hours worked; negative: taken back.")
    amount: Mapped[Decimal] = money_column("Their cost, in the company's currency.")


class ProductionScrap(CompanyRow):
    __tablename__ = "production_scrap"
    __table_args__ = (
        CheckConstraint("quantity > 0", "quantity"),
        {"schema": "erp", "comment": "What was spoilt in production, and why.", "info": {"immutable": True}},
    )
    production_order_id: Mapped[int] = reference("The order.", "erp.production_order.id")
    business_date: Mapped[date] = column("Day on which it was found.")
    quantity: Mapped[Decimal] = quantity_column("Quantity spoilt.")
    reason: Mapped[str] = column("Why.")


production_order = Document(
    name="production_order",
    module="erp",
    model=ProductionOrder,
    title=_("Production order"),
    plural=_("Production orders"),
    prefix="MO",
    columns=(
        "number",
        "item_id",
        "quantity",
        "quantity_completed",
        "quantity_scrapped",
        "start_date",
        "due_date",
        "state",
    ),
    states={
        "draft": _("draft"),
        "released": _("released"),
        "in_progress": _("in progress"),
        "completed": _("completed"),
        "closed": _("closed"),
        "cancelled": _("cancelled"),
    },
    lines=(
        Lines(
            name="components",
            model=ProductionComponent,
            parent="production_order_id",
            title=_("Components"),
            columns=("line_no", "item_id", "quantity", "quantity_reserved", "quantity_issued", "issued_amount"),
            order_by="line_no",
        ),
        Lines(
            name="operations",
            model=ProductionOperation,
            parent="production_order_id",
            title=_("Operations"),
            columns=(
                "line_no",
                "work_centre_id",
                "description",
                "planned_hours",
                "actual_hours",
                "cost_rate",
                "start_date",
                "end_date",
            ),
            order_by="line_no",
        ),
        Lines(
            name="labour",
            model=ProductionLabour,
            parent="production_order_id",
            title=_("Labour"),
            columns=("business_date", "work_centre_id", "hours", "amount"),
        ),
        Lines(
            name="scrap",
            model=ProductionScrap,
            parent="production_order_id",
            title=_("Scrap"),
            columns=("business_date", "quantity", "reason"),
        ),
    ),
)
