"""Schedules of production: which order is done when, and what each work centre does each day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class ProductionSchedule(DocumentRow):
    __tablename__ = "production_schedule"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'superseded')", "state"),
        {
            "schema": "erp",
            "comment": "Schedules of production; the newest is open.",
            "info": {"posted": ("true", ("state", "version"))},
        },
    )
    orders_late: Mapped[int] = column("Number of orders that end after they are due.")


class ScheduledOrder(CompanyRow):
    __tablename__ = "scheduled_order"
    __table_args__ = (
        UniqueConstraint("production_schedule_id", "production_order_id"),
        CheckConstraint("start_date <= end_date", "dates"),
        CheckConstraint("days_late = greatest(end_date - due_date, 0)", "days_late"),
        {
            "schema": "erp",
            "comment": "Production orders in a schedule: when each begins and ends, and whether that is too late.",
            "info": {"immutable": True},
        },
    )
    production_schedule_id: Mapped[int] = reference("The schedule.", "erp.production_schedule.id", index=False)
    production_order_id: Mapped[int] = reference("The production order.", "erp.production_order.id")
    start_date: Mapped[date] = column("First day of work.")
    end_date: Mapped[date] = column("Last day of work.")
    due_date: Mapped[date] = column("Day on which it was due, when it was scheduled.")
    days_late: Mapped[int] = column("Days from the due date to the end; 0: in time.")


class WorkCentreLoad(CompanyRow):
    __tablename__ = "work_centre_load"
    __table_args__ = (
        UniqueConstraint("production_schedule_id", "production_operation_id", "work_date"),
        CheckConstraint("hours > 0", "hours"),
        {
            "schema": "erp",
            "comment": "Hours of an operation on a day at a work centre, by a schedule.",
            "info": {"immutable": True},
        },
    )
    production_schedule_id: Mapped[int] = reference("The schedule.", "erp.production_schedule.id", index=False)
    work_centre_id: Mapped[int] = reference("Where it is done.", "erp.work_centre.id")
    work_date: Mapped[date] = column("The day.")
    production_order_id: Mapped[int] = reference("The production order.", "erp.production_order.id")
    production_operation_id: Mapped[int] = reference("The operation.", "erp.production_operation.id")
    hours: Mapped[Decimal] = quantity_column("Hours of work.")
    capacity_hours: Mapped[Decimal] = quantity_column("Hours that the work centre could do on that day.")


production_schedule = Document(
    name="production_schedule",
    module="erp",
    model=ProductionSchedule,
    title=_("Production schedule"),
    plural=_("Production schedules"),
    prefix="PS",
    columns=("number", "business_date", "orders_late", "state"),
    states={"open": _("open"), "superseded": _("superseded")},
    lines=(
        Lines(
            name="orders",
            model=ScheduledOrder,
            parent="production_schedule_id",
            title=_("Orders"),
            columns=("production_order_id", "start_date", "end_date", "due_date", "days_late"),
            order_by="end_date",
        ),
        Lines(
            name="loads",
            model=WorkCentreLoad,
            parent="production_schedule_id",
            title=_("Load of work centres"),
            columns=("work_date", "work_centre_id", "production_order_id", "hours", "capacity_hours"),
            order_by="work_date",
        ),
    ),
)
