"""Rights and people: who works in a user's department, whose access ends with the employment, and what a new company
begins with."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from operational_app.core import identity
from operational_app.core.command import Work
from operational_app.core.events import CompanyFounded
from operational_app.core.models import AppUser, PartyRole
from operational_app.core.policy import People
from operational_app.hr.events import EmployeeLeft
from operational_app.hr.payroll.commands.schemes import make_default_schemes
from operational_app.hr.people.commands.file import make_default_tasks
from operational_app.hr.time.commands.leave_types import make_default_leave_types
from operational_app.hr.time.rules import ZONE

# Departments that the user works in today or manages, and everybody who works there today.
COLLEAGUES = text(
    """
    WITH mine AS (
      SELECT p.id FROM core.app_user u JOIN core.party_role p ON p.party_id = u.party_id AND p.role = 'employee'
      WHERE u.id = :user
    ), departments AS (
      SELECT m.department_id AS id FROM hr.employment m JOIN mine ON mine.id = m.employee_id
      WHERE current_date BETWEEN m.start_date AND coalesce(m.end_date, 'infinity')
      UNION
      SELECT d.id FROM hr.department d JOIN mine ON mine.id = d.manager_id
    )
    SELECT e.id AS party_role_id, e.party_id, u.id AS user_id
    FROM hr.employment m JOIN departments d ON d.id = m.department_id
    JOIN core.party_role e ON e.id = m.employee_id LEFT JOIN core.app_user u ON u.party_id = e.party_id
    WHERE current_date BETWEEN m.start_date AND coalesce(m.end_date, 'infinity')
    """
)


DEPARTMENT_OF_USER = text(
    """
    SELECT m.department_id FROM core.app_user u
    JOIN core.party_role p ON p.party_id = u.party_id AND p.role = 'employee' AND p.company_id = :company
    JOIN hr.employment m ON m.employee_id = p.id AND :day BETWEEN m.start_date AND coalesce(m.end_date, 'infinity')
    WHERE u.id = :user ORDER BY m.start_date DESC LIMIT 1
    """
)


def department_of(session: Session, company_id: int, user_id: int, day: date) -> int | None:
    """The department in which a user works on a day: what the user's documents earn and cost is the department's."""
    return session.scalar(DEPARTMENT_OF_USER, {"company": company_id, "user": user_id, "day": day})


def colleagues(session: Session, user_id: int) -> People:
    """Everybody in the departments that a user works in or manages."""
    rows = session.execute(COLLEAGUES, {"user": user_id}).all()
    return People(
        frozenset(row.user_id for row in rows if row.user_id is not None),
        frozenset(row.party_id for row in rows),
        frozenset(row.party_role_id for row in rows),
    )


def make_personnel_defaults(work: Work, fact: CompanyFounded) -> None:
    """Give the company the tasks, the kinds of leave and what pay is worked out by, as they come ready."""
    make_default_tasks(work)
    make_default_leave_types(work)
    make_default_schemes(work)


def end_access(work: Work, fact: EmployeeLeft) -> None:
    """Who leaves has no access after the last day; where that is today or over, access ends now."""
    person = work.session.get_one(PartyRole, fact.document_id)
    over = fact.end_date <= datetime.now(ZONE).date()
    for user in work.session.scalars(select(AppUser).where(AppUser.party_id == person.party_id)):
        if over:
            user.disabled_at = datetime.now(UTC)
            identity.end_all_sessions(work.session, user.id)
        user.access_ends_at = datetime.combine(fact.end_date + timedelta(days=1), time.min, ZONE)
