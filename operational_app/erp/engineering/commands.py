"""Verbs of the engineer and planner: bills of material, calendars, work centres, routings."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, select, text

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Quantity, Share, UnitPrice
from operational_app.erp.engineering.models import (
    BillOfMaterial,
    BillOfMaterialLine,
    Routing,
    RoutingOperation,
    WorkCalendar,
    WorkCalendarException,
    WorkCentre,
    bill_of_material,
    routing,
    work_calendar,
    work_centre,
)
from operational_app.erp.engineering.queries import contains
from operational_app.erp.errors import ComponentTwice, CyclicBill, ItemNotStocked, NoLaterRevision
from operational_app.erp.items.models import Item


class BillLine(Body):
    item_id: Ref("item")
    quantity_per: Quantity = Field(gt=0, description="Quantity in one unit of what is made.")
    scrap_fraction: Share = Field(default=Decimal(0), ge=0, lt=1, description="Usual loss: 5%, or as a fraction 0.05.")


class EnterBillOfMaterial(Body):
    item_id: Ref("item")
    revision: str = Field(min_length=1, max_length=20)
    valid_from: date
    valid_to: date | None = None
    lines: list[BillLine] = Field(min_length=1, max_length=1000)


class CalendarException(Body):
    work_date: date
    is_working: bool = Field(default=False, description="Yes for a day of rest that is worked all the same.")
    note: str | None = Field(default=None, max_length=100)


class EnterWorkCalendar(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    working_days: str = Field(
        default="12345",
        min_length=1,
        pattern="^1?2?3?4?5?6?7?$",
        description="Days of the week that are worked, Monday is 1: 12345.",
    )
    exceptions: list[CalendarException] = Field(default_factory=list, max_length=1000)


class EnterWorkCentre(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    work_calendar_id: Ref("work_calendar")
    capacity_hours: Quantity = Field(gt=0, le=10000, description="Hours of work on one working day.")
    cost_rate: UnitPrice = Field(ge=0, description="Cost of one hour, in the company's currency.")


class OperationLine(Body):
    work_centre_id: Ref("work_centre")
    description: str = Field(min_length=1, max_length=200)
    setup_hours: Quantity = Field(default=Decimal(0), ge=0, description="Hours to set up, once an order.")
    run_hours: Quantity = Field(ge=0, description="Hours for one unit.")


class EnterRouting(Body):
    item_id: Ref("item")
    revision: str = Field(min_length=1, max_length=20)
    valid_from: date
    valid_to: date | None = None
    lines: list[OperationLine] = Field(min_length=1, max_length=200)


@command(bill_of_material, _("Enter bill of materials"))
def enter_bill_of_material(work: Work, body: EnterBillOfMaterial) -> BillOfMaterial:
    """Write down what an item is made of, as a draft. Nothing is planned or made by it before it is released."""
    _require_stocked(work, [body.item_id])
    made = BillOfMaterial(
        company_id=work.company_id, number=work.number(bill_of_material, None), **body.model_dump(exclude={"lines"})
    )
    work.session.add(made)
    work.session.flush()
    _write_bill_lines(work, made, body.lines)
    return made


@command(bill_of_material, _("Change"), states=("draft",), onward=False)
def change_bill_of_material(work: Work, bill: BillOfMaterial, body: EnterBillOfMaterial) -> BillOfMaterial:
    """Write a draft anew; its number stays."""
    _require_stocked(work, [body.item_id])
    for name, value in body.model_dump(exclude={"lines"}).items():
        setattr(bill, name, value)
    work.session.execute(delete(BillOfMaterialLine).where(BillOfMaterialLine.bill_of_material_id == bill.id))
    work.session.flush()
    _write_bill_lines(work, bill, body.lines)
    return bill


@command(bill_of_material, _("Release"), states=("draft",))
def release_bill_of_material(work: Work, bill: BillOfMaterial) -> BillOfMaterial:
    """Plan and make the item by this revision from its first day. The revision before ends the day before."""
    _end_the_one_before(work, bill)
    bill.state = "active"
    return bill


@command(bill_of_material, _("Retire"), states=("draft", "active"), onward=False)
def retire_bill_of_material(work: Work, bill: BillOfMaterial) -> BillOfMaterial:
    """Use this revision no more. Production orders that were made from it stay as they are."""
    bill.state = "retired"
    return bill


@command(work_calendar, _("Add work calendar"))
def add_work_calendar(work: Work, body: EnterWorkCalendar) -> WorkCalendar:
    """Add a calendar of working days, with holidays and worked days of rest as exceptions."""
    made = WorkCalendar(company_id=work.company_id, **body.model_dump(exclude={"exceptions"}))
    work.session.add(made)
    work.session.flush()
    _write_exceptions(work, made, body.exceptions)
    return made


@command(work_calendar, _("Change"))
def change_work_calendar(work: Work, calendar: WorkCalendar, body: EnterWorkCalendar) -> WorkCalendar:
    """Write the calendar anew. The next schedule goes by it; the last one stays as it was."""
    for name, value in body.model_dump(exclude={"exceptions"}).items():
        setattr(calendar, name, value)
    work.session.execute(delete(WorkCalendarException).where(WorkCalendarException.work_calendar_id == calendar.id))
    work.session.flush()
    _write_exceptions(work, calendar, body.exceptions)
    return calendar


@command(work_centre, _("Add work centre"))
def add_work_centre(work: Work, body: EnterWorkCentre) -> WorkCentre:
    """Add a machine or a group of people that operations are done on."""
    made = WorkCentre(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    work.session.flush()
    return made


@command(work_centre, _("Change"))
def change_work_centre(work: Work, work_centre: WorkCentre, body: EnterWorkCentre) -> WorkCentre:
    """Change capacity, calendar or cost rate. Production orders that exist keep the rate they were made with."""
    for name, value in body.model_dump().items():
        setattr(work_centre, name, value)
    return work_centre


@command(routing, _("Enter routing"))
def enter_routing(work: Work, body: EnterRouting) -> Routing:
    """Write down the operations that make an item, in their order, as a draft."""
    _require_stocked(work, [body.item_id])
    made = Routing(company_id=work.company_id, number=work.number(routing, None), **body.model_dump(exclude={"lines"}))
    work.session.add(made)
    work.session.flush()
    _write_operations(work, made, body.lines)
    return made


@command(routing, _("Change"), states=("draft",), onward=False)
def change_routing(work: Work, routing: Routing, body: EnterRouting) -> Routing:
    """Write a draft anew; its number stays."""
    _require_stocked(work, [body.item_id])
    for name, value in body.model_dump(exclude={"lines"}).items():
        setattr(routing, name, value)
    work.session.execute(delete(RoutingOperation).where(RoutingOperation.routing_id == routing.id))
    work.session.flush()
    _write_operations(work, routing, body.lines)
    return routing


@command(routing, _("Release"), states=("draft",))
def release_routing(work: Work, routing: Routing) -> Routing:
    """Make the item by these operations from the first day of validity. The revision before ends the day before."""
    _end_the_one_before(work, routing)
    routing.state = "active"
    return routing


@command(routing, _("Retire"), states=("draft", "active"), onward=False)
def retire_routing(work: Work, routing: Routing) -> Routing:
    """Use this revision no more. Production orders that were made from it stay as they are."""
    routing.state = "retired"
    return routing


def _require_stocked(work: Work, item_ids: Sequence[int]) -> None:
    for item in work.session.scalars(select(Item).where(Item.id.in_(item_ids), Item.kind != "stocked")):
        raise ItemNotStocked(item=f"{item.number} {item.name}")


def _write_bill_lines(work: Work, bill: BillOfMaterial, lines: Sequence[BillLine]) -> None:
    components = [line.item_id for line in lines]
    _require_stocked(work, components)
    # The trigger takes the same lock and has the last word at commit; here the clerk learns which line it is.
    work.session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('erp: bills of material'), :company)"),
        {"company": work.company_id},
    )
    for index, component in enumerate(components):
        if component in components[:index]:
            raise ComponentTwice(fields={f"lines.{index}.item_id": ComponentTwice.template})
        if contains(work.session, component, bill.item_id):
            raise CyclicBill(fields={f"lines.{index}.item_id": CyclicBill.template})
    work.session.add_all(
        BillOfMaterialLine(company_id=bill.company_id, bill_of_material_id=bill.id, line_no=number, **line.model_dump())
        for number, line in enumerate(lines, start=1)
    )
    work.session.flush()


def _write_exceptions(work: Work, calendar: WorkCalendar, exceptions: Sequence[CalendarException]) -> None:
    work.session.add_all(
        WorkCalendarException(company_id=calendar.company_id, work_calendar_id=calendar.id, **one.model_dump())
        for one in exceptions
    )
    work.session.flush()


def _write_operations(work: Work, routing: Routing, lines: Sequence[OperationLine]) -> None:
    work.session.add_all(
        RoutingOperation(company_id=routing.company_id, routing_id=routing.id, line_no=number, **line.model_dump())
        for number, line in enumerate(lines, start=1)
    )
    work.session.flush()


def _end_the_one_before(work: Work, revision: BillOfMaterial | Routing) -> None:
    """End the open revision that is active when this one begins; any other overlap is refused by the database.

    Raises:
        NoLaterRevision: this one begins no later than one that is active and open.
    """
    model = type(revision)
    before = work.session.scalars(
        select(model).where(
            model.item_id == revision.item_id,
            model.state == "active",
            model.valid_to.is_(None),
            model.id != revision.id,
        )
    ).one_or_none()
    if before is None:
        return
    if before.valid_from >= revision.valid_from:
        raise NoLaterRevision(revision=before.revision, date=before.valid_from.isoformat())
    before.valid_to = revision.valid_from - timedelta(days=1)
    work.session.flush()
