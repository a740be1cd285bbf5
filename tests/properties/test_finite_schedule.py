"""Schedules keep within the hours of the work centres, do all the work, and keep the order of operations."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operational_app.erp.scheduling.rules import Centre, Job, NoCapacity, Task, schedule

TODAY = date(2026, 3, 2)
HOURS = st.integers(1, 200).map(lambda n: Decimal(n) / 4)


@st.composite
def centres(draw: st.DrawFn) -> dict[int, Centre]:
    return {
        number: Centre(
            capacity_hours=draw(st.integers(1, 24).map(Decimal)),
            working_days=draw(st.sampled_from(["12345", "1", "1234567", "67"])),
            exceptions={
                TODAY + timedelta(days=n): draw(st.booleans()) for n in draw(st.lists(st.integers(0, 20), max_size=4))
            },
        )
        for number in (1, 2, 3)
    }


@st.composite
def jobs(draw: st.DrawFn) -> list[Job]:
    found, operation = [], 0
    for order in range(draw(st.integers(1, 5))):
        tasks = []
        for _task in range(draw(st.integers(0, 3))):
            operation += 1
            tasks.append(Task(operation_id=operation, centre=draw(st.integers(1, 3)), hours=draw(HOURS)))
        start = TODAY + timedelta(days=draw(st.integers(-5, 20)))
        due = start + timedelta(days=draw(st.integers(0, 20)))
        found.append(Job(order_id=order, start_date=start, due_date=due, tasks=tuple(tasks)))
    return found


@given(jobs(), centres())
def test_no_work_centre_does_more_than_it_can_and_all_work_is_done_in_order(
    orders: list[Job], known: dict[int, Centre]
) -> None:
    loads = schedule(orders, known, TODAY)
    per_day: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    done: dict[int, Decimal] = defaultdict(Decimal)
    days: dict[int, list[date]] = defaultdict(list)
    for load in loads:
        assert load.hours > 0
        per_day[load.centre, load.day] += load.hours
        done[load.operation_id] += load.hours
        days[load.operation_id].append(load.day)
    for (centre, day), hours in per_day.items():
        assert hours <= known[centre].hours_on(day)
    for order in orders:
        before = max(TODAY, order.start_date)
        for task in order.tasks:
            assert done[task.operation_id] == task.hours
            assert min(days[task.operation_id]) >= before
            before = max(days[task.operation_id])


@given(jobs(), centres())
def test_an_order_with_a_later_due_date_delays_nobody_before_it(orders: list[Job], known: dict[int, Centre]) -> None:
    last = max(orders, key=lambda job: (job.due_date, job.order_id))
    others = [job for job in orders if job is not last]
    alone = schedule(others, known, TODAY)
    assert [load for load in schedule(orders, known, TODAY) if load.order_id != last.order_id] == alone


def test_two_operations_of_one_order_do_not_overlap_within_a_day() -> None:
    centre = Centre(capacity_hours=Decimal(8), working_days="1234567", exceptions={})
    job = Job(
        order_id=1,
        start_date=TODAY,
        due_date=TODAY,
        tasks=(
            Task(operation_id=1, centre=1, hours=Decimal(6)),
            Task(operation_id=2, centre=2, hours=Decimal(6)),
        ),
    )
    loads = schedule([job], {1: centre, 2: centre}, TODAY)
    assert [(load.operation_id, (load.day - TODAY).days, load.hours) for load in loads] == [
        (1, 0, 6),
        (2, 0, 2),
        (2, 1, 4),
    ]


def test_a_work_centre_that_never_works_is_named() -> None:
    never = Centre(
        capacity_hours=Decimal(8),
        working_days="7",
        exceptions={TODAY + timedelta(days=n): False for n in range(4000)},
    )
    job = Job(order_id=1, start_date=TODAY, due_date=TODAY, tasks=(Task(operation_id=1, centre=9, hours=Decimal(1)),))
    with pytest.raises(NoCapacity) as raised:
        schedule([job], {9: never}, TODAY)
    assert raised.value.centre == 9
