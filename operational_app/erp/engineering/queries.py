"""Looking into bills of material: what is valid on a day, what an item contains."""

from datetime import date

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from operational_app.erp.engineering.models import BillOfMaterial, Routing, WorkCalendar, WorkCalendarException

CONTAINS = text("""
    WITH RECURSIVE inside AS (
      SELECT CAST(:component AS bigint) AS item_id
      UNION
      SELECT l.item_id FROM inside i
      JOIN erp.bill_of_material b ON b.item_id = i.item_id AND b.state <> 'retired'
      JOIN erp.bill_of_material_line l ON l.bill_of_material_id = b.id)
    SELECT count(*) > 0 FROM inside WHERE item_id = :made""")


def contains(session: Session, component: int, made: int) -> bool:
    """Whether `component` is, or is made of, `made`: then it cannot be a component of it."""
    return bool(session.scalar(CONTAINS, {"component": component, "made": made}))


def bill_on(session: Session, item_id: int, day: date) -> BillOfMaterial | None:
    """The active bill of an item that is valid on a day."""
    return session.scalars(
        select(BillOfMaterial).where(
            BillOfMaterial.item_id == item_id,
            BillOfMaterial.state == "active",
            BillOfMaterial.valid_from <= day,
            or_(BillOfMaterial.valid_to.is_(None), BillOfMaterial.valid_to >= day),
        )
    ).one_or_none()


def routing_on(session: Session, item_id: int, day: date) -> Routing | None:
    """The active routing of an item that is valid on a day."""
    return session.scalars(
        select(Routing).where(
            Routing.item_id == item_id,
            Routing.state == "active",
            Routing.valid_from <= day,
            or_(Routing.valid_to.is_(None), Routing.valid_to >= day),
        )
    ).one_or_none()


def calendars(session: Session, company_id: int) -> dict[int, tuple[str, dict[date, bool]]]:
    """Calendar → its working days and its exceptions, as `rules.is_working` takes them."""
    found: dict[int, tuple[str, dict[date, bool]]] = {
        row.id: (row.working_days, {})
        for row in session.scalars(select(WorkCalendar).where(WorkCalendar.company_id == company_id))
    }
    for row in session.scalars(select(WorkCalendarException).where(WorkCalendarException.company_id == company_id)):
        found[row.work_calendar_id][1][row.work_date] = row.is_working
    return found
