"""Arithmetic of leave and of attendance: days, minutes, entitlements. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from operational_app.core.money import rounded

# The clock on the wall where people work. China has one time zone.
ZONE = ZoneInfo("Asia/Shanghai")
# Punches up to so long before a shift begins belong to it.
BEFORE_SHIFT = timedelta(hours=4)
DAY_MINUTES = 24 * 60
ZERO = Decimal(0)


def days_between(start: date, end: date) -> list[date]:
    """Every day from the first to the last."""
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def kind_of_day(day: date, exceptions: Mapping[date, str]) -> str:
    """workday, restday or holiday: Monday to Friday are worked unless the company's calendar says otherwise."""
    return exceptions.get(day) or ("workday" if day.weekday() < 5 else "restday")


def minutes_of(clock: str) -> int:
    """Minutes since midnight of "08:30"."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True)
class ShiftTimes:
    """A shift on a day.

    Attributes:
        start, end: moments; the end of a night shift lies on the next day.
    """

    start: datetime
    end: datetime
    break_minutes: int

    @property
    def planned_minutes(self) -> int:
        return _minutes(self.end - self.start) - self.break_minutes


def shift_on(day: date, start: str, end: str, break_minutes: int) -> ShiftTimes:
    midnight = datetime.combine(day, time.min, ZONE)
    begin, finish = minutes_of(start), minutes_of(end)
    if finish <= begin:
        finish += DAY_MINUTES
    return ShiftTimes(midnight + timedelta(minutes=begin), midnight + timedelta(minutes=finish), break_minutes)


@dataclass(frozen=True)
class Attended:
    """What a day comes to, in minutes."""

    result: str
    worked: int = 0
    late: int = 0
    early: int = 0
    overtime: int = 0


def attended(punches: Sequence[tuple[datetime, str]], shift: ShiftTimes | None, kind: str, on_leave: bool) -> Attended:
    """A day out of its punches, in the order of time.

    Every coming is closed by the next going; a coming or going without the other makes the day incomplete, and nothing
    of it counts. Breaks are taken off where work went on longer than the break. Overtime is what goes beyond the shift
    on a workday, and all work on other days.
    """
    spans, open_since = [], None
    for moment, direction in punches:
        if (direction == "come") is not (open_since is None):
            return Attended("incomplete")
        if open_since is None:
            open_since = moment
        else:
            spans.append((open_since, moment))
            open_since = None
    if open_since is not None:
        return Attended("incomplete")
    if not spans:
        return Attended("leave" if on_leave else "absent" if shift and kind == "workday" else "free")
    worked = sum(_minutes(end - start) for start, end in spans)
    if len(spans) == 1 and shift is not None and worked > shift.break_minutes:
        worked -= shift.break_minutes
    if shift is None or kind != "workday":
        return Attended("present", worked, overtime=worked)
    late = 0 if on_leave else max(0, _minutes(spans[0][0] - shift.start))
    early = 0 if on_leave else max(0, _minutes(shift.end - spans[-1][1]))
    return Attended("present", worked, late, early, max(0, worked - shift.planned_minutes))


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def entitled(days_per_year: Decimal, start: date, until: date) -> Decimal:
    """Days of leave earned in the year of `until`, from the first day of work (or of the year) on.

    A month counts where it is over or `until` is its last day, and the person worked from its first day on; the sum is
    rounded once to hundredths, so that twelve months make exactly the year's days.
    """
    first = max(start, date(until.year, 1, 1))
    begin = first.month if first.day == 1 else first.month + 1
    complete = (until + timedelta(days=1)).month - 1 if (until + timedelta(days=1)).year == until.year else 12
    months = max(0, complete - begin + 1) if first.year == until.year else 0
    return rounded(days_per_year * months / 12, 2)


def expired_at_close(balance: Decimal, carry_over_days: Decimal) -> Decimal:
    """What of a year's balance is lost at its end."""
    return max(ZERO, balance - carry_over_days)


def expired_of_carried(carried: Decimal, taken_since: Decimal) -> Decimal:
    """What of the days carried over is lost when their time is over: they are used before the new year's days."""
    return max(ZERO, carried - taken_since)
