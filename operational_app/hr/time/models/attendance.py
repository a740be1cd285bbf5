"""Shifts, who works which of them, punches, and the days that come out of them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, reference
from operational_app.core.document import Document
from operational_app.core.i18n import _

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Shift(CompanyRow):
    __tablename__ = "shift"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint(f"start_time ~ '{CLOCK}' AND end_time ~ '{CLOCK}'", "times"),
        CheckConstraint("break_minutes between 0 and 480", "break_minutes"),
        CheckConstraint("state in ('active', 'retired')", "state"),
        {"schema": "hr", "comment": "Shifts that people work in."},
    )
    code: Mapped[str] = column("Short code.")
    name: Mapped[str] = column("Name.")
    start_time: Mapped[str] = column("When it begins, as 08:30.")
    end_time: Mapped[str] = column("When it ends, as 17:30; not after the beginning: on the next day.")
    break_minutes: Mapped[int] = column("Minutes of break that are no work.")
    state: Mapped[str] = column("active or retired.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class PlannedShift(CompanyRow):
    __tablename__ = "planned_shift"
    __table_args__ = (
        UniqueConstraint("employee_id", "work_date"),
        {"schema": "hr", "comment": "Who is to work in which shift on which day."},
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id", index=False)
    shift_id: Mapped[int] = reference("The shift.", "hr.shift.id")
    work_date: Mapped[date] = column("The day; of a night shift the one on which it begins.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class Punch(CompanyRow):
    __tablename__ = "punch"
    __table_args__ = (
        Index(
            "uq_punch_moment", "employee_id", "punched_at", unique=True, postgresql_where=text("origin <> 'correction'")
        ),
        CheckConstraint("direction in ('come', 'go')", "direction"),
        CheckConstraint("origin in ('self', 'entered', 'file', 'correction')", "origin"),
        {"schema": "hr", "comment": "Comings and goings, as they were recorded.", "info": {"immutable": True}},
    )
    employee_id: Mapped[int] = reference("Who.", "core.party_role.id", index=False)
    punched_at: Mapped[datetime] = column("When.")
    direction: Mapped[str] = column("come or go.")
    origin: Mapped[str] = column("self, entered (by others or a terminal), file, or correction that was approved.")
    work_date: Mapped[date | None] = column("Day that a correction is for.")


class AttendanceRun(DocumentRow):
    __tablename__ = "attendance_run"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('done')", "state"),
        CheckConstraint("end_date >= start_date", "dates"),
        {"schema": "hr", "comment": "Each time that attendance was worked out.", "info": {"immutable": True}},
    )
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date] = column("Last day.")
    day_total: Mapped[int] = column("Days of employees that were worked out.")


class AttendanceDay(CompanyRow):
    __tablename__ = "attendance_day"
    __table_args__ = (
        UniqueConstraint("employee_id", "work_date"),
        CheckConstraint("kind in ('workday', 'restday', 'holiday')", "kind"),
        CheckConstraint("result in ('present', 'absent', 'incomplete', 'leave', 'free')", "result"),
        CheckConstraint(
            "planned_minutes >= 0 AND worked_minutes >= 0 AND late_minutes >= 0 AND early_minutes >= 0 "
            "AND overtime_minutes between 0 and worked_minutes",
            "minutes",
        ),
        {"schema": "hr", "comment": "What each day of an employee came to, out of shifts, punches and leave."},
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id", index=False)
    work_date: Mapped[date] = column("The day.")
    kind: Mapped[str] = column("workday, restday or holiday.")
    shift_id: Mapped[int | None] = reference("Shift that was planned.", "hr.shift.id", index=False)
    result: Mapped[str] = column("present, absent, incomplete (a punch is missing), leave or free.")
    planned_minutes: Mapped[int] = column("Minutes of the shift without its break.")
    worked_minutes: Mapped[int] = column("Minutes worked.")
    late_minutes: Mapped[int] = column("Minutes that the person came late.")
    early_minutes: Mapped[int] = column("Minutes that the person went early.")
    overtime_minutes: Mapped[int] = column("Minutes beyond the shift, or on a day that is not worked.")
    leave_request_id: Mapped[int | None] = reference("Leave on this day.", "hr.leave_request.id", index=False)
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class AttendanceCorrection(DocumentRow):
    __tablename__ = "attendance_correction"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'submitted', 'approved', 'rejected')", "state"),
        CheckConstraint(f"start_time ~ '{CLOCK}' AND end_time ~ '{CLOCK}'", "times"),
        {
            "schema": "hr",
            "comment": "Corrections of a day's comings and goings that were asked for.",
            "info": {"posted": ("OLD.state = 'approved'", ("version",))},
        },
    )
    employee_id: Mapped[int] = reference("Whose day.", "core.party_role.id")
    work_date: Mapped[date] = column("The day.")
    start_time: Mapped[str] = column("When the person really came, as 08:30.")
    end_time: Mapped[str] = column("When the person really went; not after the coming: on the next day.")
    reason: Mapped[str] = column("What happened.")


shift = Document(
    name="shift",
    module="hr",
    model=Shift,
    title=_("Shift"),
    plural=_("Shifts"),
    label="name",
    columns=("code", "name", "start_time", "end_time", "break_minutes", "state"),
    search=("code", "name"),
    states={"active": _("active"), "retired": _("retired")},
)

planned_shift = Document(
    name="planned_shift",
    module="hr",
    model=PlannedShift,
    title=_("Planned shift"),
    plural=_("Planned shifts"),
    label="id",
    columns=("work_date", "employee_id", "shift_id"),
    search=(),
)

punch = Document(
    name="punch",
    module="hr",
    model=Punch,
    title=_("Punch"),
    plural=_("Punches"),
    label="id",
    columns=("employee_id", "punched_at", "direction", "origin"),
    search=(),
)

attendance_run = Document(
    name="attendance_run",
    module="hr",
    model=AttendanceRun,
    title=_("Working out of attendance"),
    plural=_("Workings out of attendance"),
    prefix="AT",
    columns=("number", "start_date", "end_date", "day_total"),
    states={"done": _("done")},
)

attendance_day = Document(
    name="attendance_day",
    module="hr",
    model=AttendanceDay,
    title=_("Attendance day"),
    plural=_("Attendance days"),
    label="id",
    columns=(
        "employee_id",
        "work_date",
        "kind",
        "shift_id",
        "result",
        "worked_minutes",
        "late_minutes",
        "early_minutes",
        "overtime_minutes",
    ),
    search=(),
)

attendance_correction = Document(
    name="attendance_correction",
    module="hr",
    model=AttendanceCorrection,
    title=_("Attendance correction"),
    plural=_("Attendance corrections"),
    prefix="AC",
    columns=("number", "employee_id", "work_date", "start_time", "end_time", "reason", "state"),
    search=("number",),
    states={
        "draft": _("draft"),
        "submitted": _("submitted"),
        "approved": _("approved"),
        "rejected": _("rejected"),
    },
)
