"""Departments, employees and their employments. Pay is not here."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole


class Department(CompanyRow):
    __tablename__ = "department"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("parent_department_id <> id", "not_above_itself"),
        {"schema": "hr", "comment": "Departments of a company."},
    )
    code: Mapped[str] = column("Short code of the department.")
    name: Mapped[str] = column("Name of the department.")
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
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date | None] = column("Last day; empty: still employed.")


department = Document(
    name="department",
    module="hr",
    model=Department,
    title=_("Department"),
    plural=_("Departments"),
    label="name",
    columns=("code", "name", "manager_id", "parent_department_id"),
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
            columns=("department_id", "position", "start_date", "end_date"),
            order_by="start_date",
        ),
    ),
)
