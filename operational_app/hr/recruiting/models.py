"""Requisitions of positions, applicants for them, interviews and offers. Who applies is known to few, and not for ever."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import DocumentRow, column, money_column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.row_policy import OWNED

PERSONAL = {"confidential": True}
RECOMMENDATIONS = ("hire", "hold", "reject")


class JobRequisition(DocumentRow):
    __tablename__ = "job_requisition"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'submitted', 'approved', 'rejected', 'cancelled', 'filled')", "state"),
        CheckConstraint("head_count between 1 and 1000 AND hired_count between 0 and head_count", "head_count"),
        CheckConstraint("state <> 'filled' OR hired_count = head_count", "filled"),
        {"schema": "hr", "comment": "Positions that somebody is wanted for."},
    )
    department_id: Mapped[int] = reference("Department that wants somebody.", "hr.department.id")
    position: Mapped[str] = column("Position held.")
    head_count: Mapped[int] = column("How many are wanted.")
    hired_count: Mapped[int] = column("How many of them have been hired.", default=0)
    wanted_by: Mapped[date] = column("Day by which somebody is wanted.")
    reason: Mapped[str] = column("Why.")


class Applicant(DocumentRow):
    __tablename__ = "applicant"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint(
            "state in ('applied', 'interviewing', 'offered', 'hired', 'rejected', 'withdrawn', 'erased')", "state"
        ),
        CheckConstraint("(state = 'erased') = (name IS NULL)", "erased"),
        CheckConstraint("(state = 'hired') = (hired_employee_id IS NOT NULL)", "hired"),
        CheckConstraint("state NOT IN ('rejected', 'withdrawn') OR closed_because IS NOT NULL", "closed_because"),
        {"schema": "hr", "comment": "Who applies for a position; confidential, and erased when the consent ends."},
    )
    job_requisition_id: Mapped[int] = reference("Position applied for.", "hr.job_requisition.id")
    name: Mapped[str | None] = column("Name of the person; empty once erased.", info=PERSONAL)
    email: Mapped[str | None] = column("Mail address.", info=PERSONAL)
    phone: Mapped[str | None] = column("Telephone number.", info=PERSONAL)
    note: Mapped[str | None] = column("What was said about it.", info=PERSONAL)
    source: Mapped[str | None] = column("Where the person came from, such as a site or a colleague.")
    retain_until: Mapped[date] = column("Last day for which the person agreed that the data are kept.")
    closed_because: Mapped[str | None] = column("Why it came to nothing.")
    hired_employee_id: Mapped[int | None] = reference("Employee that the person became.", "core.party_role.id")


class Interview(DocumentRow):
    __tablename__ = "interview"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('planned', 'held', 'cancelled')", "state"),
        CheckConstraint("grade between 1 and 5", "grade"),
        CheckConstraint(f"recommendation in {RECOMMENDATIONS}", "recommendation"),
        CheckConstraint("state <> 'held' OR grade IS NOT NULL AND recommendation IS NOT NULL", "held_means_graded"),
        {
            "schema": "hr",
            "comment": "Interviews with applicants; what was found stays, until the applicant is erased.",
            "info": {"posted": ("OLD.state <> 'planned'", ("notes", "version"))},
        },
    )
    applicant_id: Mapped[int] = reference("The applicant.", "hr.applicant.id")
    interviewer_id: Mapped[int] = reference("Employee who holds it.", "core.party_role.id")
    planned_at: Mapped[datetime] = column("When.")
    place: Mapped[str | None] = column("Where, or by which means.")
    grade: Mapped[int | None] = column("From 1, unsuitable, to 5, excellent.", info=PERSONAL)
    recommendation: Mapped[str | None] = column("hire, hold or reject.", info=PERSONAL)
    notes: Mapped[str | None] = column("What was found.", info=PERSONAL)


class JobOffer(DocumentRow):
    __tablename__ = "job_offer"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # Two offers that stand could both be accepted.
        Index(
            "uq_job_offer_standing", "applicant_id", unique=True, postgresql_where=text("state in ('made', 'accepted')")
        ),
        CheckConstraint("state in ('made', 'accepted', 'declined', 'withdrawn', 'hired')", "state"),
        CheckConstraint("contract_kind in ('permanent', 'fixed_term', 'project', 'internship')", "contract_kind"),
        CheckConstraint("contract_kind <> 'fixed_term' OR end_date IS NOT NULL", "fixed_term"),
        CheckConstraint("end_date >= start_date AND probation_end_date >= start_date", "dates"),
        CheckConstraint("monthly_salary >= 0", "monthly_salary"),
        {
            "schema": "hr",
            "comment": "Offers to applicants; the pay in them is confidential.",
            "info": {"posted": ("OLD.state in ('declined', 'withdrawn', 'hired')", ("version",))},
        },
    )
    applicant_id: Mapped[int] = reference("The applicant.", "hr.applicant.id")
    department_id: Mapped[int] = reference("Department.", "hr.department.id")
    position: Mapped[str] = column("Position held.")
    manager_id: Mapped[int | None] = reference(
        "Employee to whom the person reports; empty: the department's manager.", "core.party_role.id"
    )
    start_date: Mapped[date] = column("First day.")
    contract_kind: Mapped[str] = column("permanent, fixed_term, project or internship.")
    end_date: Mapped[date | None] = column("Last day; empty: without an end.")
    probation_end_date: Mapped[date | None] = column("Last day of probation.")
    weekly_hours: Mapped[Decimal] = quantity_column("Hours agreed for a week.")
    answer_by: Mapped[date] = column("Day by which the person answers.")
    monthly_salary: Mapped[Decimal | None] = money_column(
        "Salary of a full month, as payroll has put it in; empty: not yet.", info=PERSONAL
    )
    closed_because: Mapped[str | None] = column("Why it came to nothing.")


# An interview is the own of who holds it, and with it the applicant.
OWNED[Interview] = lambda people: Interview.interviewer_id.in_(sorted(people.party_role_ids))
OWNED[Applicant] = lambda people: Applicant.id.in_(
    select(Interview.applicant_id).where(
        Interview.interviewer_id.in_(sorted(people.party_role_ids)), Interview.state != "cancelled"
    )
)

job_requisition = Document(
    name="job_requisition",
    module="hr",
    model=JobRequisition,
    title=_("Job requisition"),
    plural=_("Job requisitions"),
    prefix="JR",
    columns=("number", "department_id", "position", "head_count", "hired_count", "wanted_by", "state"),
    search=("number", "position", "reason"),
    states={
        "draft": _("draft"),
        "submitted": _("submitted"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "cancelled": _("cancelled"),
        "filled": _("filled"),
    },
    lines=(
        Lines(
            name="applicants",
            model=Applicant,
            parent="job_requisition_id",
            title=_("Applicants"),
            columns=("number", "name", "business_date", "state"),
            live=True,
        ),
    ),
)

applicant = Document(
    name="applicant",
    module="hr",
    model=Applicant,
    title=_("Applicant"),
    plural=_("Applicants"),
    prefix="AA",
    columns=("number", "name", "job_requisition_id", "business_date", "source", "retain_until", "state"),
    search=("number",),
    states={
        "applied": _("applied"),
        "interviewing": _("in interviews"),
        "offered": _("offered"),
        "hired": _("hired"),
        "rejected": _("rejected"),
        "withdrawn": _("withdrawn"),
        "erased": _("erased"),
    },
    lines=(
        Lines(
            name="interviews",
            model=Interview,
            parent="applicant_id",
            title=_("Interviews"),
            columns=("number", "planned_at", "interviewer_id", "grade", "recommendation", "notes", "state"),
            order_by="planned_at",
            live=True,
        ),
    ),
)

interview = Document(
    name="interview",
    module="hr",
    model=Interview,
    title=_("Interview"),
    plural=_("Interviews"),
    prefix="IV",
    columns=("number", "applicant_id", "planned_at", "interviewer_id", "place", "grade", "recommendation", "state"),
    states={"planned": _("planned"), "held": _("held"), "cancelled": _("cancelled")},
)

job_offer = Document(
    name="job_offer",
    module="hr",
    model=JobOffer,
    title=_("Job offer"),
    plural=_("Job offers"),
    prefix="JO",
    columns=("number", "applicant_id", "department_id", "position", "start_date", "answer_by", "state"),
    search=("number", "position"),
    states={
        "made": _("made"),
        "accepted": _("accepted"),
        "declined": _("declined"),
        "withdrawn": _("withdrawn"),
        "hired": _("hired"),
    },
)
