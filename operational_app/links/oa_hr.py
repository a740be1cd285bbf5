"""Approvals and people: the line of management."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

# A hierarchy deeper than this is a circle.
LINE = text(
    """
    WITH RECURSIVE up AS (
      SELECT d.manager_id, d.parent_department_id, 1 AS level
      FROM core.app_user u
      JOIN core.party_role e ON e.party_id = u.party_id AND e.role = 'employee' AND e.company_id = :company
      JOIN hr.employment m ON m.employee_id = e.id AND :day BETWEEN m.start_date AND coalesce(m.end_date, 'infinity')
      JOIN hr.department d ON d.id = m.department_id
      WHERE u.id = :user
      UNION ALL
      SELECT d.manager_id, d.parent_department_id, up.level + 1
      FROM up JOIN hr.department d ON d.id = up.parent_department_id WHERE up.level < 20
    )
    SELECT u.id FROM up JOIN core.party_role e ON e.id = up.manager_id
    JOIN core.app_user u ON u.party_id = e.party_id AND u.disabled_at IS NULL
    ORDER BY up.level, u.id
    """
)


def line_of_management(session: Session, company_id: int, user_id: int, day: date) -> list[int]:
    """The users who manage a user's department on a day, and the departments above it, the nearest first."""
    found = session.execute(LINE, {"company": company_id, "user": user_id, "day": day}).scalars()
    return list(dict.fromkeys(found))
