"""Straight-line depreciation, exact to the last minor unit over the whole life of an asset."""

import calendar
from datetime import date
from decimal import Decimal

from operational_app.core.money import allocate

ZERO = Decimal(0)


def month_after(day: date) -> date:
    """First day of the month after a day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months_until(start: date, end: date) -> int:
    """Whole months from the month of `start` to the month of `end`, both counted; 0 where `end` lies before."""
    return max(0, (end.year - start.year) * 12 + end.month - start.month + 1)


def month_end(day: date) -> date:
    """Last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def depreciated_after(depreciable: Decimal, useful_life_months: int, months: int, minor_units: int) -> Decimal:
    """What an asset has lost after so many months of its life.

    The months' parts are the depreciable amount shared out by largest remainder: after the last month the sum is the amount,
    whatever it was divided by.
    """
    if months >= useful_life_months:
        return depreciable
    return sum(allocate(depreciable, [Decimal(1)] * useful_life_months, minor_units)[:months], ZERO)
