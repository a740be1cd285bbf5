"""Approvals and people: the line of management; leave and attendance are asked for in the office and booked here."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from operational_app.core.command import Work
from operational_app.core.i18n import _
from operational_app.core.policy import People
from operational_app.core.row_policy import OWNED
from operational_app.hr.events import (
    AttendanceCorrectionSubmitted,
    JobRequisitionSubmitted,
    LeaveSubmitted,
    PayrollSubmitted,
)
from operational_app.hr.payroll.models import PayrollRun
from operational_app.hr.payroll.rules.posting import SMALLEST_GROUP
from operational_app.hr.recruiting.models import JobRequisition
from operational_app.hr.recruiting.queries import people_now, wanted_already
from operational_app.hr.time.commands.attendance import book_correction
from operational_app.hr.time.commands.leave import book_decision
from operational_app.hr.time.models import AttendanceCorrection, LeaveBalance, LeaveRequest
from operational_app.hr.time.queries import colleagues_away
from operational_app.oa.events import ApprovalClosed
from operational_app.oa.workflow.commands import flow
from operational_app.oa.workflow.models import Approval, ApprovalTask, deputised
from operational_app.oa.workflow.queries import Fact, provide

# Outcome of a request → state of the document; what is returned or withdrawn can be changed and submitted again.
OUTCOMES = {"approved": "approved", "rejected": "rejected", "returned": "draft", "withdrawn": "draft"}

# A hierarchy deeper than this is a circle.
LINE = text(
    """
    WITH RECURSIVE up AS (
      SELECT m.manager_id, m.department_id AS next_department_id, 0 AS level
      FROM core.app_user u
      JOIN core.party_role e ON e.party_id = u.party_id AND e.role = 'employee' AND e.company_id = :company
      JOIN hr.employment m ON m.employee_id = e.id AND :day BETWEEN m.start_date AND coalesce(m.end_date, 'infinity')
      WHERE u.id = :user
      UNION ALL
      SELECT d.manager_id, d.parent_department_id, up.level + 1
      FROM up JOIN hr.department d ON d.id = up.next_department_id WHERE up.level < 20
    )
    SELECT u.id FROM up JOIN core.party_role e ON e.id = up.manager_id
    JOIN core.app_user u ON u.party_id = e.party_id AND u.disabled_at IS NULL
    ORDER BY up.level, u.id
    """
)


def line_of_management(session: Session, company_id: int, user_id: int, day: date) -> list[int]:
    """Whom a user reports to on a day: a manager of the user's own, then who manages the department and those above it."""
    found = session.execute(LINE, {"company": company_id, "user": user_id, "day": day}).scalars()
    return list(dict.fromkeys(found))


def ask_for_leave_approval(work: Work, fact: LeaveSubmitted) -> None:
    """Open the request; it is the outcome that the employee sees."""
    work.outcome = flow.start(work, work.session.get_one(LeaveRequest, fact.document_id))


def ask_for_correction_approval(work: Work, fact: AttendanceCorrectionSubmitted) -> None:
    """The same for a correction of attendance."""
    work.outcome = flow.start(work, work.session.get_one(AttendanceCorrection, fact.document_id))


def ask_for_position_approval(work: Work, fact: JobRequisitionSubmitted) -> None:
    """The same for a position."""
    work.outcome = flow.start(work, work.session.get_one(JobRequisition, fact.document_id))


def ask_for_payroll_approval(work: Work, fact: PayrollSubmitted) -> None:
    """The same for a payroll run."""
    work.outcome = flow.start(work, work.session.get_one(PayrollRun, fact.document_id))


def book_decision_on_people(work: Work, fact: ApprovalClosed) -> None:
    """The decision is booked: leave takes its days, a correction stands in place of the punches, a payroll may be posted."""
    state = OUTCOMES[fact.outcome]
    if fact.subject_type == "leave_request":
        book_decision(work, work.session.get_one(LeaveRequest, fact.subject_id), state)
    elif fact.subject_type == "attendance_correction":
        book_correction(work, work.session.get_one(AttendanceCorrection, fact.subject_id), state)
    elif fact.subject_type == "job_requisition":
        work.session.get_one(JobRequisition, fact.subject_id).state = state
    elif fact.subject_type == "payroll_run":
        run = work.session.get_one(PayrollRun, fact.subject_id)
        run.state = "approved" if state == "approved" else "calculated"


def payroll_cost(session: Session, run: PayrollRun) -> Decimal | None:
    """What the run costs; None where so few people are paid that it would say what one of them earns."""
    return run.total_amount if run.head_count >= SMALLEST_GROUP else None


def balance_after(session: Session, request: LeaveRequest) -> Decimal | None:
    """Days left of this leave once the request is approved; None where no balance is kept."""
    left = session.scalar(
        select(LeaveBalance.day_count).where(
            LeaveBalance.employee_id == request.employee_id, LeaveBalance.leave_type_id == request.leave_type_id
        )
    )
    if left is None:
        return None
    return left - (0 if request.state == "approved" else request.day_count)


def own_or_asked(model: type[Any], document_type: str) -> Any:
    """A request is the own of whom it is about, of who entered it, and of who is or was asked to decide on it."""

    def condition(people: People) -> Any:
        about = [model.employee_id.in_(sorted(people.party_role_ids))] if hasattr(model, "employee_id") else []
        ids = sorted(people.user_ids)
        today = date.today()
        asked = (
            select(Approval.document_id)
            .join(ApprovalTask, ApprovalTask.approval_id == Approval.id)
            .where(
                Approval.document_type == document_type,
                or_(ApprovalTask.user_id.in_(ids), ApprovalTask.user_id.in_(deputised(ids, today))),
            )
        )
        return or_(model.created_by.in_(ids), model.id.in_(asked), *about)

    return condition


def provide_facts() -> None:
    """Register what approvals of leave may ask about, and who sees the requests."""
    provide(Fact("leave_request", "leave_left", _("Leave left"), balance_after))
    provide(Fact("leave_request", "colleagues_away", _("Colleagues away"), colleagues_away))
    provide(Fact("payroll_run", "payroll_cost", _("Cost of the payroll"), payroll_cost))
    provide(Fact("job_requisition", "people_now", _("People in the department now"), people_now))
    provide(Fact("job_requisition", "wanted_already", _("Wanted already, not hired yet"), wanted_already))
    OWNED[JobRequisition] = own_or_asked(JobRequisition, "job_requisition")
    OWNED[LeaveRequest] = own_or_asked(LeaveRequest, "leave_request")
    OWNED[AttendanceCorrection] = own_or_asked(AttendanceCorrection, "attendance_correction")
