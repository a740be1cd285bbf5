"""Verbs about shifts, punches and attendance days."""

import csv
import io
from datetime import date, datetime
from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field
from sqlalchemy import delete, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.hr.events import AttendanceCorrectionSubmitted
from operational_app.hr.people.queries import employee_of_user
from operational_app.hr.time.commands.days import LONGEST_RUN_DAYS, work_out
from operational_app.hr.time.models import (
    AttendanceCorrection,
    AttendanceRun,
    PlannedShift,
    Punch,
    Shift,
    attendance_correction,
    attendance_run,
    punch,
    shift,
)
from operational_app.hr.time.models.attendance import CLOCK
from operational_app.hr.time.rules import ZONE, days_between, shift_on

LONGEST_FILE = 20_000_000
MOST_MISTAKES = 30
# What stands in files of terminals → what it means.
DIRECTIONS = {"come": "come", "in": "come", "go": "go", "out": "go"}


class AddShift(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    start_time: str = Field(pattern=CLOCK, description="Such as 08:30.")
    end_time: str = Field(pattern=CLOCK, description="Such as 17:30; before the beginning: on the next day.")
    break_minutes: int = Field(default=60, ge=0, le=480)


class PlanShift(Body):
    employee_id: Ref("employee")
    start_date: date
    end_date: date
    weekdays: str = Field(default="12345", pattern="^[1-7]{1,7}$", description="Days of the week: 1 is Monday.")


class PunchNow(Body):
    direction: Literal["come", "go"]


class RecordPunch(Body):
    employee_id: Ref("employee")
    punched_at: AwareDatetime
    direction: Literal["come", "go"]


class ImportPunches(Body):
    # The text is taken as it is: a row that ends in an empty cell would otherwise lose it.
    model_config = ConfigDict(str_strip_whitespace=False)

    file_name: str = Field(min_length=1, max_length=255)
    content: str = Field(min_length=1, max_length=LONGEST_FILE, json_schema_extra={"x-kind": "text"})


class WorkOutAttendance(Body):
    start_date: date
    end_date: date


class AskForCorrection(Body):
    work_date: date
    start_time: str = Field(pattern=CLOCK, description="When you came, such as 08:30.")
    end_time: str = Field(pattern=CLOCK, description="When you went, such as 17:30.")
    reason: str = Field(min_length=3, max_length=1000)


@command(shift, _("Add shift"))
def add_shift(work: Work, body: AddShift) -> Shift:
    """Add a shift that people can be planned for."""
    made = Shift(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    return made


@command(shift, _("Plan"), states=("active",))
def plan_shift(work: Work, shift: Shift, body: PlanShift) -> Shift:
    """Plan an employee for this shift on these days of the week; what was planned then is replaced."""
    if body.end_date < body.start_date or (body.end_date - body.start_date).days > LONGEST_RUN_DAYS:
        raise InvalidInput(fields={"end_date": _("The last day is not before the first, and within a year of it.")})
    days = [day for day in days_between(body.start_date, body.end_date) if str(day.isoweekday()) in body.weekdays]
    work.session.execute(
        delete(PlannedShift).where(PlannedShift.employee_id == body.employee_id, PlannedShift.work_date.in_(days))
    )
    work.session.add_all(
        PlannedShift(company_id=work.company_id, employee_id=body.employee_id, shift_id=shift.id, work_date=day)
        for day in days
    )
    return shift


@command(shift, _("Retire"), states=("active",))
def retire_shift(work: Work, shift: Shift) -> Shift:
    """Plan it no more; what is planned stays."""
    shift.state = "retired"
    return shift


@command(punch, _("Come or go"))
def punch_in_or_out(work: Work, body: PunchNow) -> Punch:
    """Record that you come or go, now."""
    person = employee_of_user(work)
    return _punch(work, person.id, datetime.now(ZONE).replace(microsecond=0), body.direction, "self")


@command(punch, _("Record punch"))
def record_punch(work: Work, body: RecordPunch) -> Punch:
    """Record a coming or going of somebody, such as from a terminal at the gate."""
    return _punch(work, body.employee_id, body.punched_at, body.direction, "entered")


@command(punch, _("Import punches"))
def import_punches(work: Work, body: ImportPunches) -> Punch:
    """Bring in a file of punches, all or nothing: columns employee (number), time (2026-11-30 08:29), direction (come or in,
    go or out). Punches that are there already are left out."""
    numbers = dict(
        work.session.execute(
            select(PartyRole.number, PartyRole.id).where(
                PartyRole.company_id == work.company_id, PartyRole.role == "employee"
            )
        ).all()
    )
    rows = csv.DictReader(io.StringIO(body.content.removeprefix("\ufeff")))
    if not {"employee", "time", "direction"} <= set(rows.fieldnames or ()):
        raise InvalidInput(fields={"content": _("The first row must name the columns employee, time and direction.")})
    found, wrong = {}, {}
    for place, row in enumerate(rows, start=2):
        person, moment = numbers.get((row["employee"] or "").strip()), _moment(row["time"])
        direction = DIRECTIONS.get((row["direction"] or "").strip().lower())
        for name, good in (("employee", person), ("time", moment), ("direction", direction)):
            if not good:
                wrong[f"{place}.{name}"] = _("“{text}” is not possible here.").format(text=(row[name] or "")[:80])
        found[(person, moment)] = direction
    if wrong or not found:
        listed = dict(list(wrong.items())[:MOST_MISTAKES])
        raise InvalidInput(fields=listed or {"content": _("The file has no rows.")})
    known = set(
        work.session.execute(
            select(Punch.employee_id, Punch.punched_at).where(
                Punch.company_id == work.company_id,
                Punch.punched_at.between(min(m for _p, m in found), max(m for _p, m in found)),
            )
        ).all()
    )
    new = [(key, direction) for key, direction in found.items() if key not in known]
    made = [_punch(work, person, moment, direction, "file") for (person, moment), direction in new]
    work.details = {"row_count": len(made), "known_count": len(found) - len(made)}
    return made[-1] if made else work.session.scalars(select(Punch).order_by(Punch.id.desc()).limit(1)).one()


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _punch(work: Work, person_id: int, moment: datetime, direction: str, origin: str, day: date | None = None) -> Punch:
    made = Punch(
        company_id=work.company_id,
        employee_id=person_id,
        punched_at=moment,
        direction=direction,
        origin=origin,
        work_date=day,
    )
    work.session.add(made)
    work.session.flush()
    return made


@command(attendance_run, _("Work out attendance"))
def work_out_attendance(work: Work, body: WorkOutAttendance) -> AttendanceRun:
    """Work out every employee's days from shifts, punches and leave; again at any time, as often as wanted."""
    if body.end_date < body.start_date or (body.end_date - body.start_date).days > LONGEST_RUN_DAYS:
        raise InvalidInput(fields={"end_date": _("The last day is not before the first, and within a year of it.")})
    made = AttendanceRun(
        company_id=work.company_id,
        number=work.number(attendance_run, body.start_date),
        state="done",
        business_date=body.end_date,
        created_by=work.principal.user_id,
        start_date=body.start_date,
        end_date=body.end_date,
        day_total=work_out(work, None, body.start_date, body.end_date),
    )
    work.session.add(made)
    return made


@command(attendance_correction, _("Ask for correction"))
def ask_for_attendance_correction(work: Work, body: AskForCorrection) -> AttendanceCorrection:
    """Say when you really came and went on a day where the punches are wrong or missing."""
    made = AttendanceCorrection(
        company_id=work.company_id,
        number=work.number(attendance_correction, body.work_date),
        state="draft",
        business_date=body.work_date,
        created_by=work.principal.user_id,
        employee_id=employee_of_user(work).id,
        **body.model_dump(),
    )
    work.session.add(made)
    return made


@command(attendance_correction, _("Submit"), states=("draft", "rejected"))
def submit_attendance_correction(work: Work, correction: AttendanceCorrection) -> AttendanceCorrection:
    """Ask your manager; the day is worked out anew when the correction is approved."""
    correction.state = "submitted"
    work.announce(AttendanceCorrectionSubmitted(document_id=correction.id))
    return correction


def book_correction(work: Work, correction: AttendanceCorrection, state: str) -> None:
    """The decision moves the correction on; an approved one stands in place of the day's punches."""
    correction.state = state
    work.session.flush()
    if state != "approved":
        return
    times = shift_on(correction.work_date, correction.start_time, correction.end_time, 0)
    for moment, direction in ((times.start, "come"), (times.end, "go")):
        _punch(work, correction.employee_id, moment, direction, "correction", correction.work_date)
    work_out(work, correction.employee_id, correction.work_date, correction.work_date)
