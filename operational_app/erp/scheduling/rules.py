"""Finite scheduling: a pure function from operations and capacities to days.

Orders are taken by due date; the operations of each follow one another, forward from the order's first day. A work centre
does no more hours a day than it has, and none on a day of rest. What comes first in the list is never delayed by what comes
after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from operational_app.erp.engineering.rules import is_working

ZERO = Decimal(0)
# A schedule that reaches further than this is none: some calendar has no working days.
LONGEST_DAYS = 3660


@dataclass(frozen=True, kw_only=True)
class Centre:
    """What a work centre can do: hours on a working day, and which days are."""

    capacity_hours: Decimal
    working_days: str
    exceptions: Mapping[date, bool]

    def hours_on(self, day: date) -> Decimal:
        return self.capacity_hours if is_working(day, self.working_days, self.exceptions) else ZERO


@dataclass(frozen=True, kw_only=True)
class Task:
    """An operation: where, and how many hours are still to be worked."""

    operation_id: int
    centre: int
    hours: Decimal


@dataclass(frozen=True, kw_only=True)
class Job:
    """An order with its operations in their sequence."""

    order_id: int
    start_date: date
    due_date: date
    tasks: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True)
class Load:
    """Hours of an operation at a work centre on a day."""

    order_id: int
    operation_id: int
    centre: int
    day: date
    hours: Decimal


class NoCapacity(ValueError):
    """A work centre has no free hours in all the days that are looked at."""

    def __init__(self, centre: int) -> None:
        self.centre = centre
        super().__init__(f"work centre {centre} has no free capacity")


def schedule(jobs: Sequence[Job], centres: Mapping[int, Centre], today: date) -> list[Load]:
    """The days on which each operation is done.

    An operation begins when the one before it has ended: on the same day only in the hours that are left of it after
    that (each work centre's day is taken to be worked from its first hour).

    Raises:
        NoCapacity: names the work centre.
    """
    used: dict[tuple[int, date], Decimal] = {}
    loads: list[Load] = []
    for job in sorted(jobs, key=lambda job: (job.due_date, job.order_id)):
        day, hour = max(today, job.start_date), ZERO
        for task in job.tasks:
            left = task.hours
            first = day
            while left > 0:
                centre = centres[task.centre]
                begun = max(used.get((task.centre, day), ZERO), hour)
                hours = min(left, centre.hours_on(day) - begun)
                if hours > 0:
                    loads.append(
                        Load(
                            order_id=job.order_id,
                            operation_id=task.operation_id,
                            centre=task.centre,
                            day=day,
                            hours=hours,
                        )
                    )
                    left -= hours
                    # Waiting for the operation before leaves the hours until then unused for good: simple, and safe.
                    used[task.centre, day] = begun + hours
                if left > 0:
                    day, hour = day + timedelta(days=1), ZERO
                    if (day - first).days > LONGEST_DAYS:
                        raise NoCapacity(task.centre)
                else:
                    hour = used[task.centre, day]
    return loads
