"""Verbs about what a person is paid: agree, enter single amounts, pay an advance."""

from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Period
from operational_app.core.money import Money
from operational_app.hr.errors import NotEmployedThen
from operational_app.hr.events import SalaryAdvancePaid
from operational_app.hr.payroll.models import (
    PayAgreement,
    PayAmount,
    SalaryAdvance,
    pay_agreement,
    pay_amount,
    salary_advance,
)
from operational_app.hr.payroll.queries import components_on
from operational_app.hr.people.models import Employee
from operational_app.hr.people.queries import is_employed


class AgreePay(Body):
    employee_id: Ref("employee")
    start_date: date
    monthly_salary: Money = Field(ge=0)
    insurance_base: Money | None = Field(default=None, ge=0, description="Empty: the salary.")
    additional_deduction: Money = Field(
        default=Decimal(0), ge=0, description="Special additional deductions of a month that the person has declared."
    )
    is_insured: bool = True


class EnterPayAmount(Body):
    employee_id: Ref("employee")
    period_id: Ref("period")
    component: str = Field(
        min_length=1, max_length=20, description="Code of a component without formula, such as BONUS."
    )
    amount: Money = Field(description="A negative one takes back.")
    note: str | None = Field(default=None, max_length=500)


class PayAdvance(Body):
    employee_id: Ref("employee")
    business_date: date
    amount: Money = Field(gt=0)


@command(pay_agreement, _("Agree pay"))
def agree_pay(work: Work, body: AgreePay) -> PayAgreement:
    """Record the pay agreed from a day on. Where that day lies in a month that is paid, the next run pays the difference."""
    person = work.session.get_one(Employee, body.employee_id)
    if not is_employed(work.session, person.id, body.start_date):
        raise NotEmployedThen(name=person.name, date=body.start_date.isoformat())
    later = work.session.scalars(
        select(PayAgreement)
        .where(PayAgreement.employee_id == person.id)
        .where((PayAgreement.end_date.is_(None)) | (PayAgreement.end_date >= body.start_date))
        .order_by(PayAgreement.start_date)
    ).all()
    # What was agreed from the same or a later day on is replaced; what was agreed before ends.
    for earlier in later:
        if earlier.start_date >= body.start_date:
            work.session.delete(earlier)
        else:
            earlier.end_date = body.start_date - timedelta(days=1)
    work.session.flush()
    made = PayAgreement(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    return made


@command(pay_amount, _("Enter pay amount"))
def enter_pay_amount(work: Work, body: EnterPayAmount) -> PayAmount:
    """Enter a bonus, an allowance or a deduction for a month; for a month that is paid, the next run pays it."""
    if not body.amount:
        raise InvalidInput(fields={"amount": _("Enter an amount.")})
    end = work.session.get_one(Period, body.period_id).end_date
    entered = {c.code for c in components_on(work.session, work.company_id, end) if not c.formula}
    if body.component not in entered:
        raise InvalidInput(
            fields={"component": _("Choose one of: {expected}.").format(expected=", ".join(sorted(entered)))}
        )
    made = PayAmount(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    return made


@command(salary_advance, _("Pay advance"))
def pay_salary_advance(work: Work, body: PayAdvance) -> SalaryAdvance:
    """Pay an employee before the pay; the next payslips take it off."""
    assert work.company is not None
    made = advance_for(work, body.employee_id, "advance", body.business_date, body.amount)
    work.announce(
        SalaryAdvancePaid(document_id=made.id, number=made.number, business_date=body.business_date, amount=body.amount)
    )
    return made


def advance_for(work: Work, person_id: int, kind: str, day: date, amount: Decimal) -> SalaryAdvance:
    """Money that an employee owes."""
    assert work.company is not None
    made = SalaryAdvance(
        company_id=work.company_id,
        number=work.number(salary_advance, day),
        state="open",
        business_date=day,
        created_by=work.principal.user_id,
        employee_id=person_id,
        kind=kind,
        currency=work.company.currency,
        amount=amount,
        open_amount=amount,
    )
    work.session.add(made)
    work.session.flush()
    return made
