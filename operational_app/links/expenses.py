"""Expenses: claimed by people, approved in the office, booked and paid by finance."""

from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from operational_app.core.command import Work
from operational_app.core.events import CompanyFounded
from operational_app.core.exchange import frozen_on
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.platform_models import Attachment
from operational_app.core.policy import People
from operational_app.core.row_policy import OWNED, UNLIMITED
from operational_app.finance.events import EmployeePaid, EmployeePaymentReversed, ReimbursementReversed
from operational_app.finance.reimbursing.commands import LineToReimburse, post_reimbursement
from operational_app.hr.events import ExpenseClaimBooked, ExpenseClaimSubmitted
from operational_app.hr.expenses.commands import make_default_kinds
from operational_app.hr.expenses.models import ExpenseClaim, expense_claim
from operational_app.hr.expenses.queries import claimed_this_year
from operational_app.hr.people.queries import people_under
from operational_app.links.oa_hr import OUTCOMES, own_or_asked
from operational_app.oa.events import ApprovalClosed
from operational_app.oa.workflow.commands import flow
from operational_app.oa.workflow.queries import Fact, provide


def make_expense_kinds(work: Work, fact: CompanyFounded) -> None:
    """Give the company the kinds of expense that come ready."""
    make_default_kinds(work)


def ask_for_expense_approval(work: Work, fact: ExpenseClaimSubmitted) -> None:
    """Open the request; it is the outcome that the employee sees."""
    work.outcome = flow.start(work, work.session.get_one(ExpenseClaim, fact.document_id))


def move_claim_on(work: Work, fact: ApprovalClosed) -> None:
    """The decision moves the claim on."""
    if fact.subject_type == expense_claim.name:
        work.session.get_one(ExpenseClaim, fact.subject_id).state = OUTCOMES[fact.outcome]


def book_reimbursement(work: Work, fact: ExpenseClaimBooked) -> None:
    """Dr expense by kind and department, Dr input VAT, Cr what is owed to the employee; the accountant sees what is owed."""
    claim = work.session.get_one(ExpenseClaim, fact.document_id)
    employee = work.session.get_one(PartyRole, fact.employee_id)
    lines = [
        LineToReimburse(
            expense_claim_line_id=line.expense_claim_line_id,
            purpose=f"expense_{line.expense_group}_{line.cost_kind}",
            department_id=line.department_id,
            description=line.description,
            net_amount=line.net_amount,
            tax_amount=line.tax_amount,
            vat_code=line.vat_code,
            vat_rate=line.vat_rate,
        )
        for line in fact.expenses
    ]
    description = _("Expense claim {number} of {name}").format(number=fact.number, name=employee.name)
    made = post_reimbursement(work, claim.id, employee, fact.business_date, description, lines, frozen_on(claim))
    work.link(claim, made)
    work.outcome = made


def follow_payment(work: Work, fact: EmployeePaid) -> None:
    """A claim of which nothing is owed any more is paid."""
    if fact.is_settled:
        work.session.get_one(ExpenseClaim, fact.expense_claim_id).state = "paid"


def follow_reversed_payment(work: Work, fact: EmployeePaymentReversed) -> None:
    """What is owed again is booked, and no longer paid."""
    work.session.get_one(ExpenseClaim, fact.expense_claim_id).state = "booked"


def follow_reversal(work: Work, fact: ReimbursementReversed) -> None:
    """The claim ends; the employee claims it anew where it is right."""
    work.session.get_one(ExpenseClaim, fact.expense_claim_id).state = "reversed"


def receipts_of(session: Session, claim: ExpenseClaim) -> int:
    """How many files are with the claim."""
    counted = select(func.count(Attachment.id)).where(
        Attachment.document_type == expense_claim.name, Attachment.document_id == claim.id
    )
    return int(session.scalar(counted, execution_options=UNLIMITED) or 0)


def _own_or_of_ones_people(people: People) -> Any:
    """A claim is the own of whom it is about, of who is asked to decide, and of who manages the employee."""
    asked = own_or_asked(ExpenseClaim, expense_claim.name)(people)
    return or_(asked, ExpenseClaim.employee_id.in_(people_under(sorted(people.party_role_ids))))


def provide_facts() -> None:
    """Register what approvals of claims may ask about, and who sees them."""
    provide(Fact(expense_claim.name, "receipt_count", _("Receipts with it"), receipts_of))
    provide(Fact(expense_claim.name, "claimed_this_year", _("Claimed this year before"), claimed_this_year))
    OWNED[ExpenseClaim] = _own_or_of_ones_people
