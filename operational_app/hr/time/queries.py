"""Reading time: working days, shifts, leave that counts, and who is away."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.hr.people.models import Employee, Employment
from operational_app.hr.time.models import AttendanceDay, CalendarDay, LeaveRequest, LeaveType, PlannedShift, Shift
from operational_app.hr.time.rules import days_between, kind_of_day


def exceptions_of(session: Session, company_id: int, start: date, end: date) -> dict[date, str]:
    """Day → its kind, for the days that the company's calendar names."""
    return dict(
        session.execute(
            select(CalendarDay.work_date, CalendarDay.kind).where(
                CalendarDay.company_id == company_id, CalendarDay.work_date.between(start, end)
            )
        ).all()
    )


def shifts_of(session: Session, person_ids: list[int], start: date, end: date) -> dict[tuple[int, date], Shift]:
    """(employee, day) → the shift that is planned."""
    rows = session.execute(
        select(PlannedShift.employee_id, PlannedShift.work_date, Shift)
        .join(Shift, Shift.id == PlannedShift.shift_id)
        .where(PlannedShift.employee_id.in_(person_ids), PlannedShift.work_date.between(start, end))
    )
    return {(person, day): shift for person, day, shift in rows}


def working_days(session: Session, person: Employee, start: date, end: date) -> list[date]:
    """Days on which the person is to work: those of planned shifts where any are planned then, else the workdays."""
    planned = shifts_of(session, [person.id], start, end)
    exceptions = exceptions_of(session, person.company_id, start, end)
    return [
        day
        for day in days_between(start, end)
        if ((person.id, day) in planned if planned else kind_of_day(day, exceptions) == "workday")
        and exceptions.get(day) != "holiday"
    ]


def leave_on(session: Session, person_ids: list[int], start: date, end: date) -> dict[tuple[int, date], LeaveRequest]:
    """(employee, day) → approved leave on that day."""
    found = session.scalars(
        select(LeaveRequest).where(
            LeaveRequest.employee_id.in_(person_ids),
            LeaveRequest.state == "approved",
            LeaveRequest.start_date <= end,
            LeaveRequest.end_date >= start,
        )
    )
    return {
        (request.employee_id, day): request
        for request in found
        for day in days_between(max(start, request.start_date), min(end, request.end_date))
    }


def unpaid_days(session: Session, person: Employee, start: date, end: date) -> int:
    """Working days of approved leave for which there is no pay, and days of absence without leave."""
    unpaid = set(session.scalars(select(LeaveType.id).where(LeaveType.is_paid.is_(False))))
    away = leave_on(session, [person.id], start, end)
    working = working_days(session, person, start, end)
    absent = set(
        session.scalars(
            select(AttendanceDay.work_date).where(
                AttendanceDay.employee_id == person.id,
                AttendanceDay.work_date.between(start, end),
                AttendanceDay.result == "absent",
            )
        )
    )
    return sum(
        1
        for day in working
        if (request := away.get((person.id, day))) is not None
        and request.leave_type_id in unpaid
        or request is None
        and day in absent
    )


def overtime_hours(session: Session, person_id: int, start: date, end: date) -> dict[str, Decimal]:
    """Kind of day → hours of overtime."""
    rows = session.execute(
        select(AttendanceDay.kind, func.sum(AttendanceDay.overtime_minutes))
        .where(AttendanceDay.employee_id == person_id, AttendanceDay.work_date.between(start, end))
        .group_by(AttendanceDay.kind)
    )
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for kind, minutes in rows:
        found[kind] = Decimal(minutes) / 60
    return found


def colleagues_away(session: Session, request: LeaveRequest) -> dict[str, Decimal]:
    """Who else of the same department is away in days of a request → on how many of its days."""
    mine = select(Employment.department_id).where(
        Employment.employee_id == request.employee_id,
        Employment.start_date <= request.start_date,
        func.coalesce(Employment.end_date, date.max) >= request.start_date,
    )
    others = session.execute(
        select(Employee.id, Employee.name)
        .join(Employment, Employment.employee_id == Employee.id)
        .where(
            Employment.department_id.in_(mine),
            Employment.start_date <= request.end_date,
            func.coalesce(Employment.end_date, date.max) >= request.start_date,
            Employee.id != request.employee_id,
        )
    ).all()
    away = leave_on(session, [person for person, _name in others], request.start_date, request.end_date)
    counted = {name: sum(1 for who, _day in away if who == person) for person, name in others}
    return {name: Decimal(days) for name, days in counted.items() if days}
