"""Reading pay: what holds on a day, and in bulk everything that a run needs about people and months."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.core.models import Event, Period
from operational_app.hr.errors import SchemeMissing
from operational_app.hr.events import PayrollPosted
from operational_app.hr.payroll.models import (
    IncomeTaxBracket,
    IncomeTaxScheme,
    PayAgreement,
    PayAmount,
    PayComponent,
    PayrollRun,
    Payslip,
    PayslipLine,
    SalaryAdvance,
    SocialInsuranceRate,
    SocialInsuranceScheme,
)
from operational_app.hr.payroll.rules.months import Agreement, Component, PersonMonth
from operational_app.hr.payroll.rules.posting import Centre, merged
from operational_app.hr.payroll.rules.statutory import Bracket, InsuranceRate, TaxScheme, TaxYear
from operational_app.hr.people.models import Department, Employee, Employment
from operational_app.hr.time.models import AttendanceDay, LeaveBalance, LeaveRequest, LeaveType
from operational_app.hr.time.queries import exceptions_of, unpaid_days
from operational_app.hr.time.rules import days_between, kind_of_day

ZERO = Decimal(0)


def components_on(session: Session, company_id: int, day: date) -> list[PayComponent]:
    """The versions of components that hold on a day, in their order."""
    rows = session.scalars(
        select(PayComponent)
        .where(PayComponent.company_id == company_id, PayComponent.valid_from <= day)
        .order_by(PayComponent.valid_from, PayComponent.id)
    )
    newest = {row.code: row for row in rows}
    return sorted((row for row in newest.values() if row.is_active), key=lambda row: (row.sort_no, row.code))


def _newest(session: Session, model: type[Any], company_id: int, day: date) -> Any:
    found = session.scalars(
        select(model)
        .where(model.company_id == company_id, model.valid_from <= day)
        .order_by(model.valid_from.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise SchemeMissing(date=day.isoformat())
    return found


def tax_scheme_on(session: Session, company_id: int, day: date) -> TaxScheme:
    scheme = _newest(session, IncomeTaxScheme, company_id, day)
    rows = session.scalars(
        select(IncomeTaxBracket)
        .where(IncomeTaxBracket.income_tax_scheme_id == scheme.id)
        .order_by(IncomeTaxBracket.taxable_up_to.nulls_last())
    )
    return TaxScheme(
        scheme.basic_deduction, tuple(Bracket(row.taxable_up_to, row.rate, row.quick_deduction) for row in rows)
    )


def insurance_rates_on(session: Session, company_id: int, day: date) -> list[tuple[SocialInsuranceRate, InsuranceRate]]:
    scheme = _newest(session, SocialInsuranceScheme, company_id, day)
    rows = session.scalars(
        select(SocialInsuranceRate)
        .where(SocialInsuranceRate.social_insurance_scheme_id == scheme.id)
        .order_by(SocialInsuranceRate.id)
    )
    return [
        (row, InsuranceRate(row.code, row.employee_rate, row.employer_rate, row.base_floor, row.base_cap))
        for row in rows
    ]


@dataclass
class Facts:
    """What a run knows about people and months; by employee, or by (employee, period).

    Attributes:
        posted: (employee, period, component) → what was posted so far, corrections included.
        paid: (employee, period) of which a payslip is posted.
        years: employee → what the year's posted payslips come to.
    """

    periods: Sequence[Period]
    work_days: dict[int, list[date]]
    components: dict[int, list[Component]]
    rows: dict[int, list[PayComponent]]
    people: dict[int, Employee] = field(default_factory=dict)
    employments: defaultdict[int, list[Employment]] = field(default_factory=lambda: defaultdict(list))
    agreements: defaultdict[int, list[PayAgreement]] = field(default_factory=lambda: defaultdict(list))
    entered: defaultdict[tuple[int, int], dict[str, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    overtime: defaultdict[tuple[int, int], dict[str, Decimal]] = field(default_factory=lambda: defaultdict(dict))
    unpaid: dict[tuple[int, int], int] = field(default_factory=dict)
    posted: dict[tuple[int, int, str], Decimal] = field(default_factory=dict)
    paid: set[tuple[int, int]] = field(default_factory=set)
    years: dict[int, TaxYear] = field(default_factory=dict)
    advances: defaultdict[int, list[SalaryAdvance]] = field(default_factory=lambda: defaultdict(list))

    def spans(self, person_id: int) -> list[tuple[date, date]]:
        return [(e.start_date, e.end_date or date.max) for e in self.employments[person_id]]

    def month(self, person_id: int, period: Period) -> PersonMonth:
        """The facts of one month as they are known now."""
        return PersonMonth(
            agreements=[
                Agreement(a.start_date, a.end_date or date.max, a.monthly_salary)
                for a in self.agreements[person_id]
                if a.start_date <= period.end_date and (a.end_date or date.max) >= period.start_date
            ],
            work_days=self.work_days[period.id],
            employed=self.spans(person_id),
            unpaid_days=self.unpaid.get((person_id, period.id), 0),
            overtime=self.overtime.get((person_id, period.id), {}),
            entered=self.entered.get((person_id, period.id), {}),
        )


def facts_for(session: Session, company_id: int, periods: Sequence[Period], person_id: int | None) -> Facts:
    """Everything about one employee or all, for these months in order; the last is the one that is paid."""
    start, end = periods[0].start_date, periods[-1].end_date
    exceptions = exceptions_of(session, company_id, start, end)
    rows = {p.id: components_on(session, company_id, p.end_date) for p in periods}
    facts = Facts(
        periods=periods,
        work_days={
            p.id: [d for d in days_between(p.start_date, p.end_date) if kind_of_day(d, exceptions) != "restday"]
            for p in periods
        },
        rows=rows,
        components={
            period_id: [Component(c.code, c.kind, c.formula or "", c.is_taxable, c.is_retroactive) for c in found]
            for period_id, found in rows.items()
        },
    )
    _load_people(session, facts, company_id, person_id, start, end)
    _load_time(session, facts, company_id, start, end)
    _load_posted(session, facts, company_id)
    return facts


def _load_people(
    session: Session, facts: Facts, company_id: int, person_id: int | None, start: date, end: date
) -> None:
    people = select(Employee).where(Employee.company_id == company_id).order_by(Employee.id)
    if person_id is not None:
        people = people.where(Employee.id == person_id)
    known = {person.id: person for person in session.scalars(people)}
    for employment in session.scalars(
        select(Employment)
        .where(Employment.company_id == company_id, Employment.start_date <= end)
        .order_by(Employment.start_date)
    ):
        facts.employments[employment.employee_id].append(employment)
    # Who worked in the months that are looked at; who left before them is over and done.
    facts.people = {
        row_id: person for row_id, person in known.items() if any(last >= start for _first, last in facts.spans(row_id))
    }
    for agreement in session.scalars(
        select(PayAgreement)
        .where(PayAgreement.company_id == company_id, PayAgreement.start_date <= end)
        .order_by(PayAgreement.start_date)
    ):
        facts.agreements[agreement.employee_id].append(agreement)
    for person, period, component, amount in session.execute(
        select(PayAmount.employee_id, PayAmount.period_id, PayAmount.component, func.sum(PayAmount.amount))
        .where(PayAmount.company_id == company_id)
        .group_by(PayAmount.employee_id, PayAmount.period_id, PayAmount.component)
    ):
        facts.entered[(person, period)][component] = amount
    for advance in session.scalars(
        select(SalaryAdvance)
        .where(
            SalaryAdvance.company_id == company_id, SalaryAdvance.state == "open", SalaryAdvance.business_date <= end
        )
        .order_by(SalaryAdvance.id)
        .with_for_update()
    ):
        facts.advances[advance.employee_id].append(advance)


def _load_time(session: Session, facts: Facts, company_id: int, start: date, end: date) -> None:
    """Overtime, and days without pay: counted one by one only for who has any."""
    for person, day, kind, minutes in session.execute(
        select(AttendanceDay.employee_id, AttendanceDay.work_date, AttendanceDay.kind, AttendanceDay.overtime_minutes)
        .where(AttendanceDay.company_id == company_id, AttendanceDay.work_date.between(start, end))
        .where(AttendanceDay.overtime_minutes > 0)
    ):
        month = next((p for p in facts.periods if p.start_date <= day <= p.end_date), None)
        if month is not None:
            hours = facts.overtime[(person, month.id)]
            hours[kind] = hours.get(kind, ZERO) + Decimal(minutes) / 60
    absences = session.execute(
        select(LeaveRequest.employee_id, LeaveRequest.start_date, LeaveRequest.end_date)
        .join(LeaveType, LeaveType.id == LeaveRequest.leave_type_id)
        .where(LeaveRequest.company_id == company_id, LeaveRequest.state == "approved", LeaveType.is_paid.is_(False))
        .union_all(
            select(AttendanceDay.employee_id, AttendanceDay.work_date, AttendanceDay.work_date).where(
                AttendanceDay.company_id == company_id, AttendanceDay.result == "absent"
            )
        )
    ).all()
    touched = {
        (person, period.id)
        for person, first, last in absences
        for period in facts.periods
        if first <= period.end_date and last >= period.start_date
    }
    months = {period.id: period for period in facts.periods}
    for person, period_id in touched:
        if person in facts.people:
            period = months[period_id]
            facts.unpaid[(person, period_id)] = unpaid_days(
                session, facts.people[person], period.start_date, period.end_date
            )


def _load_posted(session: Session, facts: Facts, company_id: int) -> None:
    for person, period, component, amount in session.execute(
        select(Payslip.employee_id, PayslipLine.period_id, PayslipLine.component, func.sum(PayslipLine.amount))
        .join(PayslipLine, PayslipLine.payslip_id == Payslip.id)
        .where(Payslip.company_id == company_id, Payslip.state == "posted")
        .where(PayslipLine.kind.in_(("earning", "benefit", "deduction")))
        .group_by(Payslip.employee_id, PayslipLine.period_id, PayslipLine.component)
    ):
        facts.posted[(person, period, component)] = amount
    year = facts.periods[-1].start_date.year
    for row in session.execute(
        select(Payslip.employee_id, Payslip.period_id, Period.start_date, Payslip.taxable_amount,
               Payslip.insurance_employee_amount, Payslip.additional_deduction, Payslip.income_tax_amount)
        .join(Period, Period.id == Payslip.period_id)
        .where(Payslip.company_id == company_id, Payslip.state == "posted")
    ):  # fmt: skip
        person, period, first_day, income, insurance, additional, tax = row
        facts.paid.add((person, period))
        if first_day.year == year:
            before = facts.years.get(person, TaxYear())
            facts.years[person] = before.plus(TaxYear(income, insurance, additional, tax))


def leave_to_pay_out(session: Session, person_id: int) -> list[LeaveBalance]:
    """Balances of paid leave that a person has left."""
    return list(
        session.scalars(
            select(LeaveBalance)
            .join(LeaveType, LeaveType.id == LeaveBalance.leave_type_id)
            .where(LeaveBalance.employee_id == person_id, LeaveType.is_paid, LeaveBalance.day_count > 0)
            .with_for_update(of=LeaveBalance)
        )
    )


def last_posted_period(session: Session, company_id: int) -> Period | None:
    """The last month of which a regular run is posted."""
    return session.scalars(
        select(Period)
        .join(PayrollRun, PayrollRun.period_id == Period.id)
        .where(
            PayrollRun.company_id == company_id,
            PayrollRun.kind == "regular",
            PayrollRun.state.in_(("posted", "paid")),
        )
        .order_by(Period.start_date.desc())
        .limit(1)
    ).one_or_none()


def months_up_to(session: Session, period: Period, earlier: int) -> list[Period]:
    """A month and those before it that are on record, at most so many."""
    found = session.scalars(
        select(Period)
        .where(Period.company_id == period.company_id, Period.start_date <= period.start_date)
        .order_by(Period.start_date.desc())
        .limit(earlier + 1)
    )
    return list(reversed(found.all()))


# Columns of the summary that are added up.
SUMMED = ("gross", "insurance_employee", "insurance_employer", "tax", "deduction", "shortfall", "net")
# Those that the payslip calls otherwise.
COLUMNS = {"tax": "income_tax", "net": "net_pay"}


def payroll_summary(
    session: Session, company_id: int, start: date, end: date, known: datetime | None = None
) -> list[tuple[Any, ...]]:
    """Month, cost centre, heads and totals of what was posted; cost centres of few people are merged, as in the ledger.

    Args:
        known: only what was in the ledger at this moment.

    Returns:
        rows of period, department ("" where merged), head_count, currency, then SUMMED and the total cost.
    """
    sums = [func.sum(getattr(Payslip, f"{COLUMNS.get(name, name)}_amount")) for name in SUMMED]
    slips = (
        select(
            Period.code, Department.id, Department.name, Payslip.currency,
            func.count(Payslip.employee_id.distinct()), *sums,
        )
        .join(Period, Period.id == Payslip.period_id)
        .join(Department, Department.id == Payslip.department_id)
        .where(Payslip.company_id == company_id, Payslip.state == "posted")
        .where(Period.start_date >= start, Period.start_date <= end)
        .group_by(Period.code, Department.id, Department.name, Payslip.currency)
        .order_by(Period.code, Department.name)
    )  # fmt: skip
    if known is not None:
        booked = select(Event.document_id).where(Event.name == PayrollPosted.__name__, Event.recorded_at <= known)
        slips = slips.join(PayrollRun, PayrollRun.id == Payslip.payroll_run_id)
        slips = slips.where(PayrollRun.booking_run_id.in_(booked))
    rows = session.execute(slips).all()
    found: list[tuple[Any, ...]] = []
    for period in dict.fromkeys(row[0] for row in rows):
        own = [row for row in rows if row[0] == period]
        centres = merged([Centre(row[1], "administration", row[4], ZERO, ZERO) for row in own])
        alone = {centre.department_id for centre in centres}
        found += [_summary(period, row[2], [row]) for row in own if row[1] in alone]
        if rest := [row for row in own if row[1] not in alone]:
            found.append(_summary(period, "", rest))
    return found


def _summary(period: str, department: str, rows: list[Any]) -> tuple[Any, ...]:
    totals = [sum((row[5 + place] for row in rows), ZERO) for place in range(len(SUMMED))]
    gross, employer = totals[0], totals[2]
    return (period, department, sum(row[4] for row in rows), rows[0][3], *totals, gross + employer)
