"""Reading employees: who a user is, who works when and where."""

from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from operational_app.core.command import Work
from operational_app.core.models import AppUser
from operational_app.hr.errors import NoEmployee
from operational_app.hr.people.models import Department, Employee, Employment


def employee_of_user(work: Work) -> Employee:
    """The employee that the acting user is in this company.

    Raises:
        NoEmployee: nobody has said which one.
    """
    user = work.session.get_one(AppUser, work.principal.user_id)
    found = work.session.scalars(
        select(Employee).where(Employee.party_id == user.party_id, Employee.company_id == work.company_id)
    ).one_or_none()
    if user.party_id is None or found is None:
        raise NoEmployee()
    return found


def employments_on(person_id: int, day: date) -> object:
    """SELECT of an employee's employment on a day."""
    return select(Employment).where(
        Employment.employee_id == person_id,
        Employment.start_date <= day,
        or_(Employment.end_date.is_(None), Employment.end_date >= day),
    )


def is_employed(session: Session, person_id: int, day: date) -> bool:
    return session.scalars(employments_on(person_id, day)).first() is not None


def span_of(session: Session, person_id: int) -> tuple[date, date]:
    """First and last day of work on record; `date.max` where no end is known."""
    first, last = session.execute(
        select(func.min(Employment.start_date), func.max(func.coalesce(Employment.end_date, date.max))).where(
            Employment.employee_id == person_id
        )
    ).one()
    return first, last


def people_under(manager_ids: list[int]) -> Select[tuple[int]]:
    """SELECT of the employees who report to these today: by name, or as a department that one of these manages."""
    today = func.current_date()
    return (
        select(Employment.employee_id)
        .join(Department, Department.id == Employment.department_id)
        .where(
            Employment.start_date <= today,
            or_(Employment.end_date.is_(None), Employment.end_date >= today),
            func.coalesce(Employment.manager_id, Department.manager_id).in_(manager_ids),
        )
    )
