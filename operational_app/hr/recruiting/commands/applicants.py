"""Verbs about applicants: enter, interview, grade, reject, and erase when the consent ends."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.hr.errors import OfferStands, PositionNotOpen
from operational_app.hr.recruiting.models import Applicant, Interview, JobRequisition, applicant, interview
from operational_app.hr.recruiting.queries import standing_offer


class EnterApplicant(Body):
    job_requisition_id: Ref("job_requisition")
    business_date: date
    name: str = Field(min_length=1, max_length=200)
    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=50)
    source: str | None = Field(default=None, max_length=100, description="Where from: a site, a fair, a colleague.")
    note: str | None = Field(default=None, max_length=2000)
    retain_until: date = Field(description="Last day for which the person agreed that the data are kept.")


class PlanInterview(Body):
    interviewer_id: Ref("employee")
    planned_at: AwareDatetime
    place: str | None = Field(default=None, max_length=200)


class RecordInterview(Body):
    grade: int = Field(ge=1, le=5, description="From 1, unsuitable, to 5, excellent.")
    recommendation: Literal["hire", "hold", "reject"]
    notes: str = Field(min_length=1, max_length=5000)


class CloseApplication(Body):
    closed_because: str = Field(min_length=3, max_length=1000, description="Why it came to nothing.")


@command(applicant, _("Enter applicant"))
def enter_applicant(work: Work, body: EnterApplicant) -> Applicant:
    """Take up somebody who applies for a position that is approved; put papers with it as files."""
    requisition = work.session.get_one(JobRequisition, body.job_requisition_id)
    if requisition.state != "approved":
        raise PositionNotOpen(number=requisition.number)
    if body.retain_until < body.business_date:
        raise InvalidInput(fields={"retain_until": _("The data are kept at least on the day of the application.")})
    made = Applicant(
        company_id=work.company_id,
        number=work.number(applicant, body.business_date),
        state="applied",
        created_by=work.principal.user_id,
        **body.model_dump(),
    )
    work.session.add(made)
    work.link(requisition, made)
    return made


@command(applicant, _("Plan interview"), states=("applied", "interviewing"))
def plan_interview(work: Work, applicant: Applicant, body: PlanInterview) -> Interview:
    """Ask a colleague to talk with the applicant; the colleague sees the applicant from then on, and nobody else."""
    made = Interview(
        company_id=work.company_id,
        number=work.number(interview, body.planned_at.date()),
        state="planned",
        business_date=body.planned_at.date(),
        created_by=work.principal.user_id,
        applicant_id=applicant.id,
        **body.model_dump(),
    )
    applicant.state = "interviewing"
    work.session.add(made)
    work.link(applicant, made)
    return made


@command(interview, _("Record result"), states=("planned",))
def record_interview(work: Work, interview: Interview, body: RecordInterview) -> Interview:
    """Say what you found: a grade, whether to hire, and why. Only whoever held it; it stays as it is."""
    interview.grade, interview.recommendation, interview.notes = body.grade, body.recommendation, body.notes
    interview.state = "held"
    return interview


@command(interview, _("Cancel"), states=("planned",), onward=False)
def cancel_interview(work: Work, interview: Interview) -> Interview:
    """It does not take place; the colleague no longer sees the applicant."""
    interview.state = "cancelled"
    return interview


@command(applicant, _("Reject"), states=("applied", "interviewing"), onward=False)
def reject_applicant(work: Work, applicant: Applicant, body: CloseApplication) -> Applicant:
    """Say no, and why."""
    return _close(work, applicant, "rejected", body.closed_because)


@command(applicant, _("Withdrawn by applicant"), states=("applied", "interviewing", "offered"), onward=False)
def withdraw_applicant(work: Work, applicant: Applicant, body: CloseApplication) -> Applicant:
    """Note that the person no longer wants the position."""
    if standing_offer(work.session, applicant.id) is not None:
        raise OfferStands()
    return _close(work, applicant, "withdrawn", body.closed_because)


@command(applicant, _("Erase"), states=("rejected", "withdrawn"), onward=False)
def erase_applicant(work: Work, applicant: Applicant) -> Applicant:
    """Take name, addresses and what interviews found off the record, as is due when the consent ends."""
    applicant.name = applicant.email = applicant.phone = applicant.note = None
    applicant.state = "erased"
    for held in work.session.scalars(select(Interview).where(Interview.applicant_id == applicant.id)):
        held.notes = None
    return applicant


def _close(work: Work, applicant: Applicant, state: str, why: str) -> Applicant:
    applicant.state, applicant.closed_because = state, why
    planned = select(Interview).where(Interview.applicant_id == applicant.id, Interview.state == "planned")
    for each in work.session.scalars(planned):
        each.state = "cancelled"
    return applicant
