"""The working out of attendance days."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from operational_app.core.command import Work
from operational_app.hr.people.models import Employment
from operational_app.hr.time.models import AttendanceDay, Punch, Shift
from operational_app.hr.time.queries import exceptions_of, leave_on, shifts_of
from operational_app.hr.time.rules import BEFORE_SHIFT, ZONE, ShiftTimes, attended, days_between, kind_of_day, shift_on

LONGEST_RUN_DAYS = 366
ONE_DAY = timedelta(days=1)


def work_out(work: Work, person_id: int | None, start: date, end: date) -> int:
    """Write the days of one employee or of all, and say how many.

    A day of which nothing is known (no shift, no punch, no leave) has no row: of people without shifts it says nothing.
    """
    people = [person_id] if person_id is not None else _employed(work, start, end)
    # A day before and after: night shifts reach over midnight.
    shifts = shifts_of(work.session, people, start - ONE_DAY, end + ONE_DAY)
    away = leave_on(work.session, people, start, end)
    exceptions = exceptions_of(work.session, work.company_id, start, end)
    punches = _punches(work, people, start, end)
    known = {
        (row.employee_id, row.work_date): row
        for row in work.session.scalars(
            select(AttendanceDay).where(
                AttendanceDay.employee_id.in_(people), AttendanceDay.work_date.between(start, end)
            )
        )
    }
    count = 0
    for person in people:
        for day in days_between(start, end):
            shift = shifts.get((person, day))
            leave = away.get((person, day))
            own = _of_day(
                punches[person], day, shifts.get((person, day - ONE_DAY)), shift, shifts.get((person, day + ONE_DAY))
            )
            row = known.get((person, day))
            if shift is None and leave is None and not own:
                if row is not None:
                    work.session.delete(row)
                continue
            kind = kind_of_day(day, exceptions)
            if shift is not None and kind == "restday":
                # Who is planned for a weekend works then as on any day; only holidays stay what they are.
                kind = "workday"
            times = _times(day, shift)
            found = attended(own, times, kind, leave is not None)
            if row is None:
                row = AttendanceDay(company_id=work.company_id, employee_id=person, work_date=day)
                work.session.add(row)
            row.kind, row.shift_id, row.result = kind, shift.id if shift else None, found.result
            row.planned_minutes = times.planned_minutes if times else 0
            row.worked_minutes, row.late_minutes, row.early_minutes = found.worked, found.late, found.early
            row.overtime_minutes = found.overtime
            row.leave_request_id = leave.id if leave else None
            count += 1
    work.session.flush()
    return count


def _times(day: date, shift: Shift | None) -> ShiftTimes | None:
    return shift_on(day, shift.start_time, shift.end_time, shift.break_minutes) if shift else None


def _begin(day: date, before: Shift | None, shift: Shift | None) -> datetime:
    """From when on punches belong to a day and not to the one before."""
    if shift is not None:
        return shift_on(day, shift.start_time, shift.end_time, 0).start - BEFORE_SHIFT
    midnight = datetime.combine(day, time.min, ZONE)
    over = _times(day - ONE_DAY, before)
    return max(midnight, over.end + BEFORE_SHIFT) if over and over.end > midnight else midnight


def _of_day(
    punches: list[Punch], day: date, before: Shift | None, shift: Shift | None, after: Shift | None
) -> list[tuple[datetime, str]]:
    """The punches that count for a day: those of an approved correction, else what was recorded."""
    begin, end = _begin(day, before, shift), _begin(day + ONE_DAY, shift, after)
    corrected = [p for p in punches if p.work_date == day]
    # The newest correction is the last pair.
    own = corrected[-2:] or [p for p in punches if p.work_date is None and begin <= p.punched_at < end]
    return [(p.punched_at, p.direction) for p in sorted(own, key=lambda p: p.punched_at)]


def _punches(work: Work, people: list[int], start: date, end: date) -> defaultdict[int, list[Punch]]:
    found: defaultdict[int, list[Punch]] = defaultdict(list)
    first = datetime.combine(start - ONE_DAY, time.min, ZONE)
    last = datetime.combine(end + 3 * ONE_DAY, time.min, ZONE)
    for row in work.session.scalars(
        select(Punch).where(Punch.employee_id.in_(people), Punch.punched_at.between(first, last)).order_by(Punch.id)
    ):
        found[row.employee_id].append(row)
    return found


def _employed(work: Work, start: date, end: date) -> list[int]:
    rows = work.session.scalars(
        select(Employment.employee_id)
        .where(Employment.company_id == work.company_id, Employment.start_date <= end)
        .where((Employment.end_date.is_(None)) | (Employment.end_date >= start))
        .distinct()
        .order_by(Employment.employee_id)
    )
    return list(rows)
