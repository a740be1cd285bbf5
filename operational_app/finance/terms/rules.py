"""Arithmetic of terms of payment: the days on which parts of a document are due, and their amounts."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from operational_app.core.money import allocate


@dataclass(frozen=True)
class Part:
    """A part of what terms ask for.

    Attributes:
        share: of the document's total, as a fraction.
        counting: `days` after the document's day; `end_of_month`, days after the end of its month; `day_of_month`, the first
            day of that number in a month that comes so many days after it or later.
        days: how many.
        day_of_month: 1 to 31; in a shorter month its last day. Of `day_of_month` only.
    """

    share: Decimal
    counting: str = "days"
    days: int = 0
    day_of_month: int | None = None


def due_on(part: Part, day: date) -> date:
    """The day by which a part of a document of `day` is due."""
    if part.counting == "end_of_month":
        return _in_month(day, 31) + timedelta(days=part.days)
    after = day + timedelta(days=part.days)
    if part.counting != "day_of_month":
        return after
    assert part.day_of_month is not None
    this_month = _in_month(after, part.day_of_month)
    return this_month if this_month >= after else _in_month(_in_month(after, 31) + timedelta(days=1), part.day_of_month)


def _in_month(day: date, number: int) -> date:
    """The day of this number in the month of `day`, or the month's last where it is shorter."""
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))


def instalments(parts: Sequence[Part], day: date, total: Decimal, minor_units: int) -> list[tuple[date, Decimal]]:
    """When how much of a document is due, the first first; together the total. What falls on one day is one instalment."""
    amounts = allocate(total, [part.share for part in parts], minor_units)
    due: dict[date, Decimal] = {}
    for part, amount in sorted(zip(parts, amounts, strict=True), key=lambda one: due_on(one[0], day)):
        due[due_on(part, day)] = due.get(due_on(part, day), Decimal(0)) + amount
    return [(on, amount) for on, amount in due.items() if amount] or list(due.items())[:1]
