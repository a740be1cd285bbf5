"""Verbs about offers: make, put the pay in, accepted or declined; and the hire, which types nothing again."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Party
from operational_app.core.money import Money, Quantity
from operational_app.hr.errors import NoPlaceLeft, NotInterviewed, PositionNotOpen
from operational_app.hr.events import ApplicantHired
from operational_app.hr.payroll.commands.agreements import AgreePay, agree_pay
from operational_app.hr.people.commands.employment import HireEmployee, hire_employee
from operational_app.hr.people.commands.file import SignContract, sign_contract
from operational_app.hr.people.models import Employee
from operational_app.hr.recruiting.models import Applicant, JobOffer, JobRequisition, applicant, job_offer
from operational_app.hr.recruiting.queries import places_left, was_interviewed


class MakeOffer(Body):
    business_date: date
    department_id: Ref("department") | None = Field(default=None, description="Empty: that of the requisition.")
    position: str | None = Field(default=None, max_length=100, description="Empty: that of the requisition.")
    manager_id: Ref("employee") | None = Field(default=None, description="Empty: the department's manager.")
    start_date: date
    contract_kind: Literal["permanent", "fixed_term", "project", "internship"] = "permanent"
    end_date: date | None = Field(default=None, description="Empty: without an end.")
    probation_end_date: date | None = None
    weekly_hours: Quantity = Field(default=Decimal(40), gt=0, le=60)
    answer_by: date


class PutInPay(Body):
    monthly_salary: Money = Field(ge=0)


class CloseOffer(Body):
    closed_because: str = Field(min_length=3, max_length=1000, description="Why it came to nothing.")


@command(applicant, _("Make offer"), states=("interviewing",))
def make_offer(work: Work, applicant: Applicant, body: MakeOffer) -> JobOffer:
    """Offer the position, with department and contract; payroll puts the pay in, which only payroll sees."""
    requisition = _lock(work, applicant)
    if requisition.state != "approved":
        raise PositionNotOpen(number=requisition.number)
    if not was_interviewed(work.session, applicant.id):
        raise NotInterviewed()
    if places_left(work.session, requisition) < 1:
        raise NoPlaceLeft(number=requisition.number, count=requisition.head_count)
    _require_dates(body)
    values = body.model_dump()
    values["department_id"] = body.department_id or requisition.department_id
    values["position"] = body.position or requisition.position
    made = JobOffer(
        company_id=work.company_id,
        number=work.number(job_offer, body.business_date),
        state="made",
        created_by=work.principal.user_id,
        applicant_id=applicant.id,
        **values,
    )
    applicant.state = "offered"
    work.session.add(made)
    work.link(applicant, made)
    return made


@command(job_offer, _("Put in pay"), states=("made",))
def put_in_offered_pay(work: Work, offer: JobOffer, body: PutInPay) -> JobOffer:
    """Say what is offered for a month; it is agreed with the hire, and nobody types it again."""
    offer.monthly_salary = body.monthly_salary
    return offer


@command(job_offer, _("Accepted"), states=("made",))
def accept_offer(work: Work, offer: JobOffer) -> JobOffer:
    """Note that the person said yes."""
    offer.state = "accepted"
    return offer


@command(job_offer, _("Declined"), states=("made", "accepted"), onward=False)
def decline_offer(work: Work, offer: JobOffer, body: CloseOffer) -> JobOffer:
    """Note that the person said no, and why; another offer can be made."""
    return _close(work, offer, "declined", body.closed_because)


@command(job_offer, _("Withdraw offer"), states=("made", "accepted"), onward=False)
def withdraw_offer(work: Work, offer: JobOffer, body: CloseOffer) -> JobOffer:
    """Take the offer back, and say why."""
    return _close(work, offer, "withdrawn", body.closed_because)


@command(job_offer, _("Hire"), states=("accepted",))
def hire_applicant(work: Work, offer: JobOffer) -> Employee:
    """Make the applicant an employee: name, department, position, contract and pay come from the offer. The requisition
    is filled with the last one wanted."""
    person = work.session.get_one(Applicant, offer.applicant_id, with_for_update={"key_share": True})
    requisition = _lock(work, person)
    if requisition.state != "approved":
        raise PositionNotOpen(number=requisition.number)
    assert person.name is not None
    terms = {"department_id": offer.department_id, "position": offer.position, "manager_id": offer.manager_id}
    made = hire_employee(work, HireEmployee(name=person.name, email=person.email, start_date=offer.start_date, **terms))
    work.session.get_one(Party, made.party_id).phone = person.phone
    contract = SignContract(
        kind=offer.contract_kind,
        start_date=offer.start_date,
        end_date=offer.end_date,
        probation_end_date=offer.probation_end_date,
        weekly_hours=offer.weekly_hours,
    )
    sign_contract(work, made, contract)
    if offer.monthly_salary is not None:
        agree_pay(work, AgreePay(employee_id=made.id, start_date=offer.start_date, monthly_salary=offer.monthly_salary))
    offer.state = "hired"
    person.hired_employee_id, person.state = made.id, "hired"
    requisition.hired_count += 1
    if requisition.hired_count == requisition.head_count:
        requisition.state = "filled"
    work.link(offer, made)
    work.announce(ApplicantHired(document_id=offer.id, employee_id=made.id, job_requisition_id=requisition.id))
    return made


def _lock(work: Work, person: Applicant) -> JobRequisition:
    """The requisition, locked: two offers at once never take the same place."""
    return work.session.get_one(JobRequisition, person.job_requisition_id, with_for_update={"key_share": True})


def _close(work: Work, offer: JobOffer, state: str, why: str) -> JobOffer:
    offer.state, offer.closed_because = state, why
    work.session.get_one(Applicant, offer.applicant_id, with_for_update={"key_share": True}).state = "interviewing"
    return offer


def _require_dates(body: MakeOffer) -> None:
    wrong: dict[str, object] = {}
    if body.contract_kind == "fixed_term" and body.end_date is None:
        wrong["end_date"] = _("A contract for a fixed term has a last day.")
    for name in ("end_date", "probation_end_date"):
        day = getattr(body, name)
        if day is not None and day < body.start_date:
            wrong[name] = _("This is before the first day.")
    if wrong:
        raise InvalidInput(fields=wrong)


DEFAULTS["make_offer"] = lambda session, person: {
    name: getattr(session.get_one(JobRequisition, person.job_requisition_id), name)
    for name in ("department_id", "position")
}
