"""Verbs about an employee's file: contract, identity, and the tasks when somebody comes or leaves."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Role
from operational_app.core.money import Quantity
from operational_app.hr.people.models import (
    Employee,
    EmployeeIdentity,
    EmployeeTask,
    EmploymentContract,
    TaskTemplate,
    employee,
    employee_task,
    task_template,
)
from operational_app.hr.people.rules import is_national_id

# What a new company begins with.
TASKS = Path(__file__).resolve().parent.parent / "tasks.csv"


class SignContract(Body):
    kind: Literal["permanent", "fixed_term", "project", "internship"]
    start_date: date
    end_date: date | None = Field(default=None, description="Empty: without an end.")
    probation_end_date: date | None = None
    weekly_hours: Quantity = Field(default=Decimal(40), gt=0, le=60)


class RecordIdentity(Body):
    start_date: date
    national_id: str | None = Field(default=None, min_length=5, max_length=30)
    bank_name: str | None = Field(default=None, max_length=100)
    bank_account: str | None = Field(default=None, pattern=r"^[0-9 ]{8,40}$", description="Digits of the account.")


class AddTaskTemplate(Body):
    kind: Literal["onboarding", "offboarding"]
    name: str = Field(min_length=1, max_length=200)
    name_zh: str | None = Field(default=None, max_length=200)
    role_code: str = Field(min_length=1, max_length=50, description="Code of the role that does it.")
    days: int = Field(default=0, ge=-365, le=365, description="Days after the first (or last) day by which it is done.")


class FinishTask(Body):
    note: str | None = Field(default=None, max_length=1000)


@command(employee, _("Sign contract"), states=("active",))
def sign_contract(work: Work, employee: Employee, body: SignContract) -> Employee:
    """Record a labour contract; an earlier one without an end ends the day before."""
    if body.kind == "fixed_term" and body.end_date is None:
        raise InvalidInput(fields={"end_date": _("A contract for a fixed term has a last day.")})
    current = work.session.scalars(
        select(EmploymentContract).where(
            EmploymentContract.employee_id == employee.id,
            EmploymentContract.start_date < body.start_date,
            EmploymentContract.end_date.is_(None),
        )
    ).one_or_none()
    if current is not None:
        current.end_date = body.start_date - timedelta(days=1)
        work.session.flush()
    work.session.add(EmploymentContract(company_id=work.company_id, employee_id=employee.id, **body.model_dump()))
    work.session.flush()
    return employee


@command(employee, _("Record identity and bank account"))
def record_identity(work: Work, employee: Employee, body: RecordIdentity) -> Employee:
    """Record the identity card and the account for the pay, from a day on; what was before stays on record."""
    if body.national_id and len(body.national_id) == 18 and not is_national_id(body.national_id):
        raise InvalidInput(fields={"national_id": _("The last digit does not fit the others: compare with the card.")})
    work.session.add(EmployeeIdentity(company_id=work.company_id, employee_id=employee.id, **body.model_dump()))
    work.session.flush()
    return employee


@command(task_template, _("Add task"))
def add_task_template(work: Work, body: AddTaskTemplate) -> TaskTemplate:
    """Ask for something to be done whenever somebody comes or leaves."""
    if work.session.get(Role, body.role_code) is None:
        raise InvalidInput(fields={"role_code": _("There is no such role.")})
    made = TaskTemplate(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    return made


@command(task_template, _("Retire"), states=("active",))
def retire_task_template(work: Work, template: TaskTemplate) -> TaskTemplate:
    """Ask for it no more; tasks that were given stay."""
    template.state = "retired"
    return template


@command(employee_task, _("Done"), states=("open",))
def finish_employee_task(work: Work, task: EmployeeTask, body: FinishTask) -> EmployeeTask:
    """Say that it is done."""
    task.state, task.done_date, task.done_by, task.note = "done", work.today, work.principal.user_id, body.note
    return task


def add_tasks(work: Work, person: Employee, kind: str, day: date) -> None:
    """List what has to be done because somebody comes or leaves on a day."""
    templates = select(TaskTemplate).where(
        TaskTemplate.company_id == work.company_id, TaskTemplate.kind == kind, TaskTemplate.state == "active"
    )
    for template in work.session.scalars(templates.order_by(TaskTemplate.days, TaskTemplate.id)):
        work.session.add(
            EmployeeTask(
                company_id=work.company_id,
                employee_id=person.id,
                kind=kind,
                name=template.name,
                name_zh=template.name_zh,
                role_code=template.role_code,
                due_date=day + timedelta(days=template.days),
            )
        )
    work.session.flush()


def make_default_tasks(work: Work) -> None:
    """Give the company the tasks that come ready."""
    with TASKS.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            work.session.add(TaskTemplate(company_id=work.company_id, **{**row, "days": int(row["days"])}))
    work.session.flush()
