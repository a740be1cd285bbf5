"""Verbs about kinds of leave: add, change; earn, close the year, let expire what was carried over."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import Field
from sqlalchemy import func, select

from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.money import Quantity
from operational_app.hr.people.models import Employee, Employment
from operational_app.hr.time.commands.ledger import balance_for, enter
from operational_app.hr.time.models import CalendarDay, LeaveEntry, LeaveType, calendar_day, leave_type
from operational_app.hr.time.rules import entitled, expired_at_close, expired_of_carried

DEFAULTS = Path(__file__).resolve().parent.parent / "leave_types.csv"


class AddLeaveType(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    name_zh: str | None = Field(default=None, max_length=100)
    is_paid: bool = True
    keeps_balance: bool = False
    days_per_year: Quantity = Field(default=Decimal(0), ge=0, le=366)
    carry_over_days: Quantity = Field(default=Decimal(0), ge=0, le=366)
    carry_over_months: int = Field(default=0, ge=0, le=12, description="0: they can be taken in all of the next year.")


class ChangeLeaveType(Body):
    days_per_year: Quantity = Field(ge=0, le=366)
    carry_over_days: Quantity = Field(ge=0, le=366)
    carry_over_months: int = Field(ge=0, le=12)


class EarnUntil(Body):
    until_date: date = Field(description="The last day of a month; what was earned before is not earned again.")


class CloseLeaveYear(Body):
    year: int = Field(ge=1990, le=2200)


class SetCalendarDay(Body):
    work_date: date
    kind: str = Field(pattern="^(workday|restday|holiday)$")
    name: str = Field(min_length=1, max_length=100)


@command(calendar_day, _("Set special day"))
def set_calendar_day(work: Work, body: SetCalendarDay) -> CalendarDay:
    """Say that a day is worked, free, or a holiday by law, otherwise than the week has it."""
    found = work.session.scalars(
        select(CalendarDay).where(CalendarDay.company_id == work.company_id, CalendarDay.work_date == body.work_date)
    ).one_or_none()
    if found is None:
        found = CalendarDay(company_id=work.company_id, **body.model_dump())
        work.session.add(found)
    found.kind, found.name = body.kind, body.name
    return found


@command(leave_type, _("Add kind of leave"))
def add_leave_type(work: Work, body: AddLeaveType) -> LeaveType:
    """Add a kind of leave that can be asked for."""
    made = LeaveType(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    return made


@command(leave_type, _("Change"), states=("active",))
def change_leave_type(work: Work, leave_type: LeaveType, body: ChangeLeaveType) -> LeaveType:
    """Say how much is earned and carried over from now on; what was earned stays."""
    for name, value in body.model_dump().items():
        setattr(leave_type, name, value)
    return leave_type


@command(leave_type, _("Retire"), states=("active",))
def retire_leave_type(work: Work, leave_type: LeaveType) -> LeaveType:
    """Offer it no more; balances stay."""
    leave_type.state = "retired"
    return leave_type


@command(leave_type, _("Earn"), states=("active",))
def accrue_leave(work: Work, leave_type: LeaveType, body: EarnUntil) -> LeaveType:
    """Give every employee what was earned up to a day of the year; run again, it adds only what is missing."""
    _require_balance(leave_type)
    first_day = date(body.until_date.year, 1, 1)
    for person, start in _employed(work, body.until_date):
        balance = balance_for(work, person, leave_type)
        earned = work.session.scalar(
            select(func.coalesce(func.sum(LeaveEntry.day_count), 0)).where(
                LeaveEntry.leave_balance_id == balance.id,
                LeaveEntry.kind == "accrual",
                LeaveEntry.entry_date >= first_day,
                LeaveEntry.entry_date <= date(body.until_date.year, 12, 31),
            )
        )
        missing = entitled(leave_type.days_per_year, start, body.until_date) - Decimal(earned or 0)
        if missing > 0:
            enter(work, balance, body.until_date, "accrual", missing)
    return leave_type


@command(leave_type, _("Close year"), states=("active",))
def close_leave_year(work: Work, leave_type: LeaveType, body: CloseLeaveYear) -> LeaveType:
    """At the end of a year: what may not be carried over is lost, the rest goes on. Done once a year and employee."""
    _require_balance(leave_type)
    last_day = date(body.year, 12, 31)
    for person, _start in _employed(work, last_day):
        balance = balance_for(work, person, leave_type)
        if _carried(work, balance.id, last_day) is not None:
            continue
        # The year's own end decides, not what was booked for the next year meanwhile.
        at_end = Decimal(
            work.session.scalar(
                select(func.coalesce(func.sum(LeaveEntry.day_count), 0)).where(
                    LeaveEntry.leave_balance_id == balance.id, LeaveEntry.entry_date <= last_day
                )
            )
            or 0
        )
        # Never more than is there: leave of the next year may have been taken in advance.
        lost = min(expired_at_close(at_end, leave_type.carry_over_days), balance.day_count)
        if lost:
            enter(work, balance, last_day, "expired", -lost)
        enter(work, balance, last_day, "carried_over", Decimal(0), carried=at_end - lost)
    return leave_type


@command(leave_type, _("Let carried days expire"), states=("active",))
def expire_carried_leave(work: Work, leave_type: LeaveType, body: CloseLeaveYear) -> LeaveType:
    """When their months are over: what of the days carried over from a year was not taken is lost."""
    _require_balance(leave_type)
    if not leave_type.carry_over_months:
        raise InvalidInput(fields={"year": _("What is carried over of this kind does not expire.")})
    last_day = date(body.year, 12, 31)
    over = leave_type.carry_over_months
    expiry = date(body.year + 1 + over // 12, over % 12 + 1, 1)
    for person, _start in _employed(work, last_day):
        balance = balance_for(work, person, leave_type)
        carried = _carried(work, balance.id, last_day)
        if not carried or _moved(work, balance.id, ("expired",), last_day, expiry) != 0:
            continue
        taken = -_moved(work, balance.id, ("taken", "returned", "paid_out"), last_day, expiry)
        lost = min(expired_of_carried(carried, taken), balance.day_count)
        if lost:
            enter(work, balance, expiry, "expired", -lost)
    return leave_type


def _moved(work: Work, balance_id: int, kinds: tuple[str, ...], after: date, until: date) -> Decimal:
    """Days of these kinds after a day, up to another."""
    total = work.session.scalar(
        select(func.coalesce(func.sum(LeaveEntry.day_count), 0)).where(
            LeaveEntry.leave_balance_id == balance_id,
            LeaveEntry.kind.in_(kinds),
            LeaveEntry.entry_date > after,
            LeaveEntry.entry_date <= until,
        )
    )
    return Decimal(total or 0)


def _carried(work: Work, balance_id: int, last_day: date) -> Decimal | None:
    """What a closed year carried over; None where it has not been closed."""
    return work.session.scalar(
        select(LeaveEntry.carried_days).where(
            LeaveEntry.leave_balance_id == balance_id,
            LeaveEntry.kind == "carried_over",
            LeaveEntry.entry_date == last_day,
        )
    )


def _employed(work: Work, day: date) -> list[tuple[Employee, date]]:
    """Who is employed on a day, and since when without a gap that the record shows."""
    rows = work.session.execute(
        select(Employee, func.min(Employment.start_date))
        .join(Employment, Employment.employee_id == Employee.id)
        .where(Employee.company_id == work.company_id)
        .group_by(Employee)
        .having(func.max(func.coalesce(Employment.end_date, date.max)) >= day, func.min(Employment.start_date) <= day)
        .order_by(Employee.id)
    )
    return [(person, start) for person, start in rows]


def _require_balance(leave_type: LeaveType) -> None:
    if not leave_type.keeps_balance:
        raise InvalidInput(fields={"id": _("Of this kind of leave no balance is kept.")})


def make_default_leave_types(work: Work) -> None:
    """Give the company the kinds of leave that come ready."""
    with DEFAULTS.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            add_leave_type(work, AddLeaveType.model_validate(row))
    work.session.flush()
