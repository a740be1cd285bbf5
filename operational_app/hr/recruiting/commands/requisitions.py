"""Verbs about wanted positions: ask, change, submit, cancel."""

from datetime import date

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.hr.errors import ApplicantsWait
from operational_app.hr.events import JobRequisitionSubmitted
from operational_app.hr.recruiting.models import Applicant, JobRequisition, job_requisition


class RequestPosition(Body):
    business_date: date
    department_id: Ref("department")
    position: str = Field(min_length=1, max_length=100)
    head_count: int = Field(default=1, ge=1, le=1000)
    wanted_by: date
    reason: str = Field(min_length=3, max_length=1000)


@command(job_requisition, _("Ask for a position"))
def enter_job_requisition(work: Work, body: RequestPosition) -> JobRequisition:
    """Say whom you need, how many, by when and why."""
    made = JobRequisition(
        company_id=work.company_id,
        number=work.number(job_requisition, body.business_date),
        state="draft",
        created_by=work.principal.user_id,
        **body.model_dump(),
    )
    work.session.add(made)
    return made


@command(job_requisition, _("Change"), states=("draft", "rejected"))
def change_job_requisition(work: Work, requisition: JobRequisition, body: RequestPosition) -> JobRequisition:
    """Write the requisition anew while nobody decides on it."""
    for name, value in body.model_dump().items():
        setattr(requisition, name, value)
    requisition.state = "draft"
    return requisition


@command(job_requisition, _("Submit"), states=("draft",))
def submit_job_requisition(work: Work, requisition: JobRequisition) -> JobRequisition:
    """Ask for approval by the company's rule; applicants can be entered once it is given."""
    requisition.state = "submitted"
    work.announce(JobRequisitionSubmitted(document_id=requisition.id))
    return requisition


@command(job_requisition, _("Cancel"), states=("draft", "rejected", "approved"), onward=False)
def cancel_job_requisition(work: Work, requisition: JobRequisition) -> JobRequisition:
    """Look for nobody any more. Applicants who wait for an answer get it first."""
    waiting = select(Applicant.id).where(
        Applicant.job_requisition_id == requisition.id, Applicant.state.in_(("applied", "interviewing", "offered"))
    )
    if work.session.scalar(waiting.limit(1)) is not None:
        raise ApplicantsWait(number=requisition.number)
    requisition.state = "cancelled"
    return requisition
