"""Verbs about departments and employments: hire, move, end."""

from datetime import date, timedelta
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import AppUser, Party
from operational_app.hr.errors import NotEmployedThen
from operational_app.hr.events import EmployeeHired, EmployeeLeft
from operational_app.hr.people.commands.file import add_tasks
from operational_app.hr.people.models import Department, Employee, Employment, department, employee


class AddDepartment(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    cost_kind: Literal["administration", "selling", "production"] = "administration"


class SetManagement(Body):
    manager_id: Ref("employee") | None = None
    parent_department_id: Ref("department") | None = None


class GiveUser(Body):
    username: str = Field(min_length=1, max_length=50)


class HireEmployee(Body):
    name: str = Field(min_length=1, max_length=200)
    email: str | None = Field(default=None, max_length=200)
    department_id: Ref("department")
    position: str = Field(min_length=1, max_length=100)
    manager_id: Ref("employee") | None = Field(default=None, description="Empty: the department's manager.")
    start_date: date


class ChangePosition(Body):
    department_id: Ref("department")
    position: str = Field(min_length=1, max_length=100)
    manager_id: Ref("employee") | None = Field(default=None, description="Empty: the department's manager.")
    start_date: date


class EndEmployment(Body):
    end_date: date


@command(department, _("Add department"))
def add_department(work: Work, body: AddDepartment) -> Department:
    """Add a department to the company."""
    made = Department(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    return made


@command(department, _("Set management"))
def set_department_management(work: Work, department: Department, body: SetManagement) -> Department:
    """Say who manages the department and which one it belongs to: approvals go up this line."""
    above = body.parent_department_id
    while above is not None:
        if above == department.id:
            raise InvalidInput(fields={"parent_department_id": _("A department cannot stand above itself.")})
        above = work.session.get_one(Department, above).parent_department_id
    department.manager_id, department.parent_department_id = body.manager_id, body.parent_department_id
    return department


@command(employee, _("Give user"), states=("active",))
def give_user_to_employee(work: Work, employee: Employee, body: GiveUser) -> Employee:
    """Say by which user name the employee signs in: rights and approvals then know the department and its manager."""
    user = work.session.scalars(select(AppUser).where(AppUser.username == body.username)).one_or_none()
    if user is None:
        raise InvalidInput(fields={"username": _("There is no such user.")})
    user.party_id = employee.party_id
    return employee


@command(employee, _("Hire"))
def hire_employee(work: Work, body: HireEmployee) -> Employee:
    """Take up a person as an employee, in a department and position from a first day on."""
    assert work.company is not None
    party = Party(kind="person", name=body.name, email=body.email)
    work.session.add(party)
    work.session.flush()
    made = Employee(
        company_id=work.company_id,
        party_id=party.id,
        number=work.number(employee, None),
        currency=work.company.currency,
    )
    work.session.add(made)
    work.session.flush()
    _employ(work, made, body)
    add_tasks(work, made, "onboarding", body.start_date)
    work.announce(EmployeeHired(document_id=made.id, start_date=body.start_date))
    return made


@command(employee, _("Change position"), states=("active",))
def change_position(work: Work, employee: Employee, body: ChangePosition) -> Employee:
    """Move the employee to another department or position from a day on; what was before stays on record."""
    current = _employment_on(work, employee, body.start_date)
    if body.manager_id == employee.id:
        raise InvalidInput(fields={"manager_id": _("Nobody reports to themselves.")})
    if current.start_date == body.start_date:
        current.department_id, current.position = body.department_id, body.position
        current.manager_id = body.manager_id
        return employee
    current.end_date = body.start_date - timedelta(days=1)
    work.session.flush()
    _employ(work, employee, body)
    return employee


@command(employee, _("End employment"), states=("active",))
def end_employment(work: Work, employee: Employee, body: EndEmployment) -> Employee:
    """Record the last day of work: what has to be given back is listed, and access to the system ends that day."""
    _employment_on(work, employee, body.end_date).end_date = body.end_date
    employee.state = "blocked"
    add_tasks(work, employee, "offboarding", body.end_date)
    work.announce(EmployeeLeft(document_id=employee.id, end_date=body.end_date))
    return employee


def _employ(work: Work, person: Employee, body: HireEmployee | ChangePosition) -> None:
    work.session.add(
        Employment(
            company_id=work.company_id,
            employee_id=person.id,
            department_id=body.department_id,
            position=body.position,
            manager_id=body.manager_id,
            start_date=body.start_date,
        )
    )
    work.session.flush()


def _employment_on(work: Work, person: Employee, day: date) -> Employment:
    current = work.session.scalars(
        select(Employment).where(
            Employment.employee_id == person.id, Employment.start_date <= day, Employment.end_date.is_(None)
        )
    ).one_or_none()
    if current is None:
        raise NotEmployedThen(name=person.name, date=day.isoformat())
    return current
