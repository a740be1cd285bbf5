"""Reading claims: where an employee works, and what a claim is booked as."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.hr.events import ClaimedExpense
from operational_app.hr.expenses.models import ExpenseClaim, ExpenseClaimLine, ExpenseKind
from operational_app.hr.people.models import Department
from operational_app.hr.people.queries import employments_on


def department_on(session: Session, employee_id: int, day: date) -> int | None:
    """The department in which an employee works on a day."""
    found = session.scalars(employments_on(employee_id, day)).first()
    return found.department_id if found is not None else None


def expenses_of(session: Session, claim: ExpenseClaim) -> tuple[ClaimedExpense, ...]:
    """The lines of a claim as the books want them."""
    rows = session.execute(
        select(ExpenseClaimLine, ExpenseKind.expense_group, Department.cost_kind)
        .join(ExpenseKind, ExpenseKind.id == ExpenseClaimLine.expense_kind_id)
        .join(Department, Department.id == ExpenseClaimLine.department_id)
        .where(ExpenseClaimLine.expense_claim_id == claim.id)
        .order_by(ExpenseClaimLine.line_no)
    )
    return tuple(
        ClaimedExpense(
            expense_claim_line_id=line.id,
            expense_group=group,
            cost_kind=cost_kind,
            department_id=line.department_id,
            description=line.description,
            net_amount=line.amount - line.tax_amount,
            tax_amount=line.tax_amount,
            vat_code=line.vat_code,
            vat_rate=line.vat_rate,
        )
        for line, group, cost_kind in rows
    )


def claimed_this_year(session: Session, claim: ExpenseClaim) -> Decimal:
    """What the employee was approved in the claim's year, this claim apart, in the company's currency."""
    found = session.scalar(
        select(func.coalesce(func.sum(ExpenseClaim.company_amount), 0)).where(
            ExpenseClaim.employee_id == claim.employee_id,
            ExpenseClaim.id != claim.id,
            ExpenseClaim.state.in_(("approved", "booked", "paid")),
            func.extract("year", ExpenseClaim.business_date) == claim.business_date.year,
        )
    )
    return Decimal(found or 0)
