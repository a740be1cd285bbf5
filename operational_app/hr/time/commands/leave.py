"""Verbs about leave: ask, submit, cancel; and what the outcome of the approval books."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.money import Quantity
from operational_app.hr.errors import LeaveOverdrawn, NotEmployedThen
from operational_app.hr.events import LeaveSubmitted
from operational_app.hr.people.models import Employee
from operational_app.hr.people.queries import employee_of_user, is_employed
from operational_app.hr.time.commands.ledger import balance_for, enter
from operational_app.hr.time.models import LeaveBalance, LeaveRequest, LeaveType, leave_balance, leave_request
from operational_app.hr.time.queries import working_days


class RequestLeave(Body):
    leave_type_id: Ref("leave_type")
    start_date: date
    end_date: date
    reason: str | None = Field(default=None, max_length=1000)


class AdjustLeave(Body):
    entry_date: date
    day_count: Quantity = Field(description="Days to add; with a minus to take away.")
    note: str = Field(min_length=3, max_length=500)


class OpenBalance(Body):
    employee_id: Ref("employee")
    leave_type_id: Ref("leave_type")


@command(leave_request, _("Ask for leave"))
def request_leave(work: Work, body: RequestLeave) -> LeaveRequest:
    """Ask for days off. Working days are counted by your shifts and the company's calendar."""
    person = employee_of_user(work)
    kind = work.session.get_one(LeaveType, body.leave_type_id)
    made = LeaveRequest(
        company_id=work.company_id,
        number=work.number(leave_request, body.start_date),
        state="draft",
        business_date=body.start_date,
        created_by=work.principal.user_id,
        employee_id=person.id,
        leave_type_id=kind.id,
        start_date=body.start_date,
        end_date=body.end_date,
        day_count=_counted(work, person, kind, body),
        reason=body.reason,
    )
    work.session.add(made)
    return made


@command(leave_request, _("Change"), states=("draft", "rejected"))
def change_leave_request(work: Work, request: LeaveRequest, body: RequestLeave) -> LeaveRequest:
    """Write the request anew while nobody decides on it."""
    person = work.session.get_one(Employee, request.employee_id)
    kind = work.session.get_one(LeaveType, body.leave_type_id)
    request.day_count = _counted(work, person, kind, body)
    for name, value in body.model_dump().items():
        setattr(request, name, value)
    request.business_date, request.state = body.start_date, "draft"
    return request


@command(leave_request, _("Submit"), states=("draft",))
def submit_leave_request(work: Work, request: LeaveRequest) -> LeaveRequest:
    """Ask your manager; the days are booked when the request is approved."""
    request.state = "submitted"
    work.announce(LeaveSubmitted(document_id=request.id))
    return request


@command(leave_request, _("Cancel"), states=("draft", "rejected", "approved"), onward=False)
def cancel_leave_request(work: Work, request: LeaveRequest) -> LeaveRequest:
    """Give the leave up; days that were booked come back."""
    if request.state == "approved":
        _book(work, request, "returned", request.day_count)
    request.state = "cancelled"
    return request


@command(leave_balance, _("Begin balance"))
def open_leave_balance(work: Work, body: OpenBalance) -> LeaveBalance:
    """Begin to keep the balance of an employee, at nothing."""
    kind = work.session.get_one(LeaveType, body.leave_type_id)
    if not kind.keeps_balance:
        raise InvalidInput(fields={"leave_type_id": _("Of this kind of leave no balance is kept.")})
    return balance_for(work, work.session.get_one(Employee, body.employee_id), kind)


@command(leave_balance, _("Adjust"))
def adjust_leave_balance(work: Work, balance: LeaveBalance, body: AdjustLeave) -> LeaveBalance:
    """Add or take away days, such as those brought from another system, and say why."""
    if not body.day_count:
        raise InvalidInput(fields={"day_count": _("Enter how many days.")})
    enter(work, balance, body.entry_date, "adjustment", body.day_count, note=body.note)
    return balance


def book_decision(work: Work, request: LeaveRequest, state: str) -> None:
    """The decision moves the request on; what is approved takes its days."""
    request.state = state
    work.session.flush()
    if state == "approved":
        _book(work, request, "taken", -request.day_count)


def _book(work: Work, request: LeaveRequest, kind: str, days: Decimal) -> None:
    leave_type = work.session.get_one(LeaveType, request.leave_type_id)
    if leave_type.keeps_balance:
        person = work.session.get_one(Employee, request.employee_id)
        enter(work, balance_for(work, person, leave_type), request.start_date, kind, days, request=request)


def _counted(work: Work, person: Employee, kind: LeaveType, body: RequestLeave) -> Decimal:
    """Working days of the request."""
    if body.end_date < body.start_date or (body.end_date - body.start_date).days > 366:
        raise InvalidInput(fields={"end_date": _("The last day is not before the first, and within a year of it.")})
    for day in (body.start_date, body.end_date):
        if not is_employed(work.session, person.id, day):
            raise NotEmployedThen(name=person.name, date=day.isoformat())
    days = Decimal(len(working_days(work.session, person, body.start_date, body.end_date)))
    if not days:
        raise InvalidInput(fields={"end_date": _("None of these days is a working day.")})
    if kind.keeps_balance:
        left = work.session.scalar(
            select(LeaveBalance.day_count).where(
                LeaveBalance.employee_id == person.id, LeaveBalance.leave_type_id == kind.id
            )
        )
        if days > (left or 0):
            raise LeaveOverdrawn()
    return days
