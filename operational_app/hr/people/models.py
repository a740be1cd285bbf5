"""Departments, employees and their employments. Pay is not here."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole


class Department(CompanyRow):
    __tablename__ = "department"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("parent_department_id <> id", "not_above_itself"),
        CheckConstraint("cost_kind in ('administration', 'selling', 'production')", "cost_kind"),
        {"schema": "hr", "comment": "Departments of a company."},
    )
    code: Mapped[str] = column("Short code of the department.")
    name: Mapped[str] = column("Name of the department.")
    cost_kind: Mapped[str] = column(
        "Where its pay is booked: administration, selling or production.",
        default="administration",
        server_default="administration",
    )
    manager_id: Mapped[int | None] = reference("Employee who manages the department.", "core.party_role.id")
    parent_department_id: Mapped[int | None] = reference(
        "Department above it; its manager is next in the line of management.", "hr.department.id"
    )
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class Employee(PartyRole):
    __mapper_args__ = {"polymorphic_identity": "employee"}


class Employment(CompanyRow):
    __tablename__ = "employment"
    __table_args__ = (
        CheckConstraint("end_date >= start_date", "dates"),
        ExcludeConstraint(
            (text("int8range(employee_id, employee_id, '[]')"), "&&"),
            (text("daterange(start_date, end_date, '[]')"), "&&"),
            name="ex_employment_no_overlap",
            using="gist",
        ),
        {
            "schema": "hr",
            "comment": "Spans in which an employee works in a department and position; they never overlap.",
        },
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    department_id: Mapped[int] = reference("Department.", "hr.department.id")
    position: Mapped[str] = column("Position held.")
    manager_id: Mapped[int | None] = reference(
        "Employee to whom the person reports; empty: the department's manager.", "core.party_role.id"
    )
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date | None] = column("Last day; empty: still employed.")


class EmploymentContract(CompanyRow):
    __tablename__ = "employment_contract"
    __table_args__ = (
        CheckConstraint("kind in ('permanent', 'fixed_term', 'project', 'internship')", "kind"),
        CheckConstraint("kind <> 'fixed_term' OR end_date IS NOT NULL", "fixed_term"),
        CheckConstraint("end_date >= start_date", "dates"),
        CheckConstraint("probation_end_date >= start_date", "probation"),
        CheckConstraint("weekly_hours > 0 AND weekly_hours <= 60", "weekly_hours"),
        ExcludeConstraint(
            (text("int8range(employee_id, employee_id, '[]')"), "&&"),
            (text("daterange(start_date, end_date, '[]')"), "&&"),
            name="ex_employment_contract_no_overlap",
            using="gist",
        ),
        {"schema": "hr", "comment": "Labour contracts of employees; they never overlap. Pay is not here."},
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    kind: Mapped[str] = column("permanent, fixed_term, project or internship.")
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date | None] = column("Last day; empty: without an end.")
    probation_end_date: Mapped[date | None] = column("Last day of probation.")
    weekly_hours: Mapped[Decimal] = quantity_column("Hours agreed for a week.")


class EmployeeIdentity(CompanyRow):
    __tablename__ = "employee_identity"
    __table_args__ = (
        UniqueConstraint("employee_id", "start_date"),
        {
            "schema": "hr",
            "comment": "Identity numbers and bank accounts of employees by date; confidential.",
            "info": {"immutable": True},
        },
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    start_date: Mapped[date] = column("First day on which this holds; until a later one.")
    national_id: Mapped[str | None] = column("Number of the identity card.", info={"confidential": True})
    bank_name: Mapped[str | None] = column("Bank that keeps the account for the pay.", info={"confidential": True})
    bank_account: Mapped[str | None] = column("Number of the account for the pay.", info={"confidential": True})


class TaskTemplate(CompanyRow):
    __tablename__ = "task_template"
    __table_args__ = (
        UniqueConstraint("company_id", "kind", "name"),
        CheckConstraint("kind in ('onboarding', 'offboarding')", "kind"),
        CheckConstraint("days between -365 and 365", "days"),
        CheckConstraint("state in ('active', 'retired')", "state"),
        {"schema": "hr", "comment": "What has to be done whenever somebody comes or leaves."},
    )
    kind: Mapped[str] = column("onboarding or offboarding.")
    name: Mapped[str] = column("What has to be done.")
    name_zh: Mapped[str | None] = column("The same in Chinese.")
    role_code: Mapped[str] = column("Role that does it.", ForeignKey("core.role.code"))
    days: Mapped[int] = column("Days after the first day (or, leaving, the last day) by which it is done.")
    state: Mapped[str] = column("active, or retired: no longer asked for.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class EmployeeTask(CompanyRow):
    __tablename__ = "employee_task"
    __table_args__ = (
        CheckConstraint("kind in ('onboarding', 'offboarding')", "kind"),
        CheckConstraint("state in ('open', 'done')", "state"),
        CheckConstraint("(state = 'done') = (done_by IS NOT NULL)", "done"),
        {"schema": "hr", "comment": "What has to be done because an employee comes or leaves."},
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    kind: Mapped[str] = column("onboarding or offboarding.")
    name: Mapped[str] = column("What has to be done.")
    name_zh: Mapped[str | None] = column("The same in Chinese.")
    role_code: Mapped[str] = column("Role that does it.", ForeignKey("core.role.code"))
    due_date: Mapped[date] = column("Day by which it is done.")
    state: Mapped[str] = column("open or done.", default="open")
    done_date: Mapped[date | None] = column("Day on which it was done.")
    done_by: Mapped[int | None] = reference("User who did it.", "core.app_user.id", index=False)
    note: Mapped[str | None] = column("What was said about it.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


department = Document(
    name="department",
    module="hr",
    model=Department,
    title=_("Department"),
    plural=_("Departments"),
    label="name",
    columns=("code", "name", "cost_kind", "manager_id", "parent_department_id"),
    search=("code", "name"),
)

employee = Document(
    name="employee",
    module="hr",
    model=Employee,
    title=_("Employee"),
    plural=_("Employees"),
    prefix="E",
    label="name",
    columns=("number", "name", "state"),
    search=("number", "name"),
    states={"active": _("active"), "blocked": _("left")},
    lines=(
        Lines(
            name="employments",
            model=Employment,
            parent="employee_id",
            title=_("Employments"),
            columns=("department_id", "position", "manager_id", "start_date", "end_date"),
            order_by="start_date",
        ),
        Lines(
            name="contracts",
            model=EmploymentContract,
            parent="employee_id",
            title=_("Contracts"),
            columns=("kind", "start_date", "end_date", "probation_end_date", "weekly_hours"),
            order_by="start_date",
        ),
        Lines(
            name="identities",
            model=EmployeeIdentity,
            parent="employee_id",
            title=_("Identity and bank account"),
            columns=("start_date", "national_id", "bank_name", "bank_account"),
            order_by="start_date",
        ),
    ),
)

task_template = Document(
    name="task_template",
    module="hr",
    model=TaskTemplate,
    title=_("Task when people come or leave"),
    plural=_("Tasks when people come or leave"),
    label="name",
    columns=("kind", "name", "name_zh", "role_code", "days", "state"),
    search=("name", "name_zh"),
    states={"active": _("active"), "retired": _("retired")},
)

employee_task = Document(
    name="employee_task",
    module="hr",
    model=EmployeeTask,
    title=_("Task about an employee"),
    plural=_("Tasks about employees"),
    label="name",
    columns=("employee_id", "kind", "name", "role_code", "due_date", "state", "done_date", "done_by"),
    search=("name", "name_zh"),
    states={"open": _("open"), "done": _("done")},
)
