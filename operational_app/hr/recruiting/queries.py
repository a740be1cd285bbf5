"""Reading recruiting: places that are left, and what a decision on a requisition wants to know."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from operational_app.hr.people.models import Employment
from operational_app.hr.recruiting.models import Applicant, Interview, JobOffer, JobRequisition


def places_left(session: Session, requisition: JobRequisition) -> int:
    """How many more may be offered the position: wanted, less hired, less offers that stand."""
    standing = session.scalar(
        select(func.count(JobOffer.id))
        .join(Applicant, Applicant.id == JobOffer.applicant_id)
        .where(Applicant.job_requisition_id == requisition.id, JobOffer.state.in_(("made", "accepted")))
    )
    return requisition.head_count - requisition.hired_count - int(standing or 0)


def was_interviewed(session: Session, applicant_id: int) -> bool:
    held = select(Interview.id).where(Interview.applicant_id == applicant_id, Interview.state == "held")
    return session.scalar(held.limit(1)) is not None


def standing_offer(session: Session, applicant_id: int) -> JobOffer | None:
    return session.scalars(
        select(JobOffer).where(JobOffer.applicant_id == applicant_id, JobOffer.state.in_(("made", "accepted")))
    ).one_or_none()


def people_now(session: Session, requisition: JobRequisition) -> int:
    """How many work in the department today."""
    today = func.current_date()
    counted = select(func.count(Employment.id)).where(
        Employment.department_id == requisition.department_id,
        Employment.start_date <= today,
        or_(Employment.end_date.is_(None), Employment.end_date >= today),
    )
    return int(session.scalar(counted) or 0)


def wanted_already(session: Session, requisition: JobRequisition) -> int:
    """How many are wanted for the department by other requisitions that are approved and not filled."""
    counted = select(func.coalesce(func.sum(JobRequisition.head_count - JobRequisition.hired_count), 0)).where(
        JobRequisition.department_id == requisition.department_id,
        JobRequisition.state == "approved",
        JobRequisition.id != requisition.id,
    )
    return int(session.scalar(counted) or 0)
