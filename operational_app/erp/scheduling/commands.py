"""The planner's verb about time: schedule production."""

from datetime import date

from pydantic import Field
from sqlalchemy import select, text

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.erp.engineering.models import WorkCentre
from operational_app.erp.engineering.queries import calendars
from operational_app.erp.errors import NoFreeCapacity, NothingToSchedule
from operational_app.erp.production.models import ProductionOperation, ProductionOrder
from operational_app.erp.scheduling.models import (
    ProductionSchedule,
    ScheduledOrder,
    WorkCentreLoad,
    production_schedule,
)
from operational_app.erp.scheduling.rules import Centre, Job, Load, NoCapacity, Task, schedule

OPEN = ("draft", "released", "in_progress")


class ScheduleProduction(Body):
    business_date: date = Field(description="Day from which it is scheduled.")


@command(production_schedule, _("Schedule production"))
def schedule_production(work: Work, body: ScheduleProduction) -> ProductionSchedule:
    """Give every operation of open production orders its days, by due date, within the hours of the work centres.

    What is left to do counts: hours worked are taken off. Orders that end after they are due are marked as late.
    """
    work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('erp: scheduling'), :company)"), {"company": work.company_id}
    )
    orders, operations = _open(work)
    jobs = [_job(order, operations.get(order.id, [])) for order in orders]
    if not any(job.tasks for job in jobs):
        raise NothingToSchedule()
    centres = _centres(work)
    try:
        loads = schedule(jobs, centres, body.business_date)
    except NoCapacity as error:
        raise NoFreeCapacity(work_centre=work.session.get_one(WorkCentre, error.centre).name) from error
    return _store(work, body.business_date, orders, operations, loads, centres)


def _open(work: Work) -> tuple[list[ProductionOrder], dict[int, list[ProductionOperation]]]:
    orders = list(
        work.session.scalars(
            select(ProductionOrder)
            .where(ProductionOrder.company_id == work.company_id, ProductionOrder.state.in_(OPEN))
            .order_by(ProductionOrder.id)
            .with_for_update()
        )
    )
    operations: dict[int, list[ProductionOperation]] = {}
    for operation in work.session.scalars(
        select(ProductionOperation)
        .where(ProductionOperation.production_order_id.in_([order.id for order in orders]))
        .order_by(ProductionOperation.line_no)
    ):
        operations.setdefault(operation.production_order_id, []).append(operation)
    return orders, operations


def _job(order: ProductionOrder, operations: list[ProductionOperation]) -> Job:
    return Job(
        order_id=order.id,
        start_date=order.start_date,
        due_date=order.due_date,
        tasks=tuple(
            Task(operation_id=o.id, centre=o.work_centre_id, hours=o.planned_hours - o.actual_hours)
            for o in operations
            if o.planned_hours > o.actual_hours
        ),
    )


def _centres(work: Work) -> dict[int, Centre]:
    known = calendars(work.session, work.company_id)
    found = {}
    for centre in work.session.scalars(select(WorkCentre).where(WorkCentre.company_id == work.company_id)):
        working_days, exceptions = known[centre.work_calendar_id]
        found[centre.id] = Centre(
            capacity_hours=centre.capacity_hours, working_days=working_days, exceptions=exceptions
        )
    return found


def _store(
    work: Work,
    day: date,
    orders: list[ProductionOrder],
    operations: dict[int, list[ProductionOperation]],
    loads: list[Load],
    centres: dict[int, Centre],
) -> ProductionSchedule:
    """Write the schedule as a document, and its days on the operations; the schedule before it is superseded."""
    for earlier in work.session.scalars(
        select(ProductionSchedule)
        .where(ProductionSchedule.company_id == work.company_id, ProductionSchedule.state == "open")
        .with_for_update()
    ):
        earlier.state = "superseded"
    days: dict[int, list[date]] = {}
    for load in loads:
        days.setdefault(load.order_id, []).append(load.day)
    due = {order.id: order.due_date for order in orders}
    late = {order_id: max((max(of) - due[order_id]).days, 0) for order_id, of in days.items()}
    made = ProductionSchedule(
        company_id=work.company_id,
        number=work.number(production_schedule, day),
        state="open",
        business_date=day,
        created_by=work.principal.user_id,
        orders_late=sum(1 for lateness in late.values() if lateness),
    )
    work.session.add(made)
    work.session.flush()
    common = {"company_id": made.company_id, "production_schedule_id": made.id}
    work.session.add_all(
        ScheduledOrder(
            **common,
            production_order_id=order_id,
            start_date=min(of),
            end_date=max(of),
            due_date=due[order_id],
            days_late=late[order_id],
        )
        for order_id, of in days.items()
    )
    work.session.add_all(
        WorkCentreLoad(
            **common,
            work_centre_id=load.centre,
            work_date=load.day,
            production_order_id=load.order_id,
            production_operation_id=load.operation_id,
            hours=load.hours,
            capacity_hours=centres[load.centre].hours_on(load.day),
        )
        for load in loads
    )
    _date_operations(operations, loads)
    work.session.flush()
    return made


def _date_operations(operations: dict[int, list[ProductionOperation]], loads: list[Load]) -> None:
    days: dict[int, list[date]] = {}
    for load in loads:
        days.setdefault(load.operation_id, []).append(load.day)
    for of_order in operations.values():
        for operation in of_order:
            of = days.get(operation.id)
            operation.start_date, operation.end_date = (min(of), max(of)) if of else (None, None)
