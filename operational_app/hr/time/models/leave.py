"""Leave with its ledger, and the company's calendar."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _

ENTRY_KINDS = ("accrual", "adjustment", "taken", "returned", "carried_over", "expired", "paid_out")


class CalendarDay(CompanyRow):
    __tablename__ = "calendar_day"
    __table_args__ = (
        UniqueConstraint("company_id", "work_date"),
        CheckConstraint("kind in ('workday', 'restday', 'holiday')", "kind"),
        {"schema": "hr", "comment": "Days on which the company works otherwise than from Monday to Friday."},
    )
    work_date: Mapped[date] = column("The day.")
    kind: Mapped[str] = column("workday, restday, or holiday: one by law, for which overtime costs more.")
    name: Mapped[str] = column("What day it is.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class LeaveType(CompanyRow):
    __tablename__ = "leave_type"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("days_per_year between 0 and 366", "days_per_year"),
        CheckConstraint("carry_over_days >= 0", "carry_over_days"),
        CheckConstraint("carry_over_months between 0 and 12", "carry_over_months"),
        CheckConstraint("state in ('active', 'retired')", "state"),
        {"schema": "hr", "comment": "Kinds of leave, with what is earned of them and carried over."},
    )
    code: Mapped[str] = column("Short code.")
    name: Mapped[str] = column("Name.")
    name_zh: Mapped[str | None] = column("Name in Chinese.")
    is_paid: Mapped[bool] = column("The pay goes on.")
    keeps_balance: Mapped[bool] = column("Only what was earned can be taken; without it any length can be approved.")
    days_per_year: Mapped[Decimal] = quantity_column("Days earned in a full year, month by month.")
    carry_over_days: Mapped[Decimal] = quantity_column("Most days taken over into the next year.")
    carry_over_months: Mapped[int] = column("Months of the next year in which they can still be taken; 0: all of it.")
    state: Mapped[str] = column("active or retired.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class LeaveBalance(CompanyRow):
    __tablename__ = "leave_balance"
    __table_args__ = (
        UniqueConstraint("employee_id", "leave_type_id"),
        CheckConstraint("day_count >= 0", "not_overdrawn"),
        {"schema": "hr", "comment": "Days of leave that an employee has left: the sum of the entries."},
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    leave_type_id: Mapped[int] = reference("Kind of leave.", "hr.leave_type.id", index=False)
    day_count: Mapped[Decimal] = quantity_column("Days left.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class LeaveEntry(CompanyRow):
    __tablename__ = "leave_entry"
    __table_args__ = (
        CheckConstraint(f"kind in {ENTRY_KINDS}", "kind"),
        CheckConstraint("kind not in ('taken', 'expired', 'paid_out') or day_count < 0", "sign"),
        CheckConstraint("(kind in ('taken', 'returned')) = (leave_request_id is not null)", "request"),
        {"schema": "hr", "comment": "Ledger of leave: only added to.", "info": {"immutable": True}},
    )
    leave_balance_id: Mapped[int] = reference("Employee and kind of leave.", "hr.leave_balance.id")
    entry_date: Mapped[date] = column("Day for which the entry counts.")
    kind: Mapped[str] = column("accrual, adjustment, taken, returned, carried_over, expired or paid_out.")
    day_count: Mapped[Decimal] = quantity_column("Days, negative where they go; of what is carried over, 0 days move.")
    carried_days: Mapped[Decimal | None] = quantity_column("How many days went over into the next year.")
    leave_request_id: Mapped[int | None] = reference("Leave that took them.", "hr.leave_request.id")
    note: Mapped[str | None] = column("Why.")


class LeaveRequest(DocumentRow):
    __tablename__ = "leave_request"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'submitted', 'approved', 'rejected', 'cancelled')", "state"),
        CheckConstraint("end_date >= start_date", "dates"),
        CheckConstraint("day_count > 0", "day_count"),
        ExcludeConstraint(
            (text("int8range(employee_id, employee_id, '[]')"), "&&"),
            (text("daterange(start_date, end_date, '[]')"), "&&"),
            name="ex_leave_request_no_overlap",
            using="gist",
            where=text("state in ('submitted', 'approved')"),
        ),
        {"schema": "hr", "comment": "Leave that was asked for."},
    )
    employee_id: Mapped[int] = reference("Who is away.", "core.party_role.id")
    leave_type_id: Mapped[int] = reference("Kind of leave.", "hr.leave_type.id")
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date] = column("Last day.")
    day_count: Mapped[Decimal] = quantity_column("Working days in it.")
    reason: Mapped[str | None] = column("What was said about it; may be about health.")


calendar_day = Document(
    name="calendar_day",
    module="hr",
    model=CalendarDay,
    title=_("Special day"),
    plural=_("Special days"),
    label="name",
    columns=("work_date", "kind", "name"),
    search=("name",),
)

leave_type = Document(
    name="leave_type",
    module="hr",
    model=LeaveType,
    title=_("Kind of leave"),
    plural=_("Kinds of leave"),
    label="name",
    columns=("code", "name", "name_zh", "is_paid", "keeps_balance", "days_per_year", "carry_over_days", "state"),
    search=("code", "name", "name_zh"),
    states={"active": _("active"), "retired": _("retired")},
)

leave_balance = Document(
    name="leave_balance",
    module="hr",
    model=LeaveBalance,
    title=_("Leave balance"),
    plural=_("Leave balances"),
    label="id",
    columns=("employee_id", "leave_type_id", "day_count"),
    search=(),
    lines=(
        Lines(
            name="entries",
            model=LeaveEntry,
            parent="leave_balance_id",
            title=_("Entries"),
            columns=("entry_date", "kind", "day_count", "carried_days", "leave_request_id", "note"),
        ),
    ),
)

leave_request = Document(
    name="leave_request",
    module="hr",
    model=LeaveRequest,
    title=_("Leave request"),
    plural=_("Leave requests"),
    prefix="LV",
    columns=("number", "employee_id", "leave_type_id", "start_date", "end_date", "day_count", "state"),
    search=("number",),
    states={
        "draft": _("draft"),
        "submitted": _("submitted"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "cancelled": _("cancelled"),
    },
)
