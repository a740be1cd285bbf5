"""The working out of a run: payslips with their lines, from the facts as they are known now.

What is due for a month is what it comes to by today's facts, less what was posted for it. For the month that is paid that
is its pay; for months before it is a correction. So leave that is approved late, a rise from an earlier day or a forgotten
bonus needs nothing of its own: the next run finds the difference, and no posted payslip changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, select

from operational_app.core.command import Work
from operational_app.core.models import Period
from operational_app.hr.errors import FormulaFails
from operational_app.hr.payroll.models import PayrollRun, Payslip, PayslipLine, SocialInsuranceRate
from operational_app.hr.payroll.queries import (
    Facts,
    facts_for,
    insurance_rates_on,
    leave_to_pay_out,
    months_up_to,
    tax_scheme_on,
)
from operational_app.hr.payroll.rules.formula import FormulaUnreadable
from operational_app.hr.payroll.rules.months import amounts, months_employed
from operational_app.hr.payroll.rules.statutory import (
    InsuranceRate,
    TaxScheme,
    TaxYear,
    insurance_of,
    tax_to_withhold,
    taxable_of,
)

# Months before the one that is paid which are looked at again.
MONTHS_BACK = 12
# Who is employed on this day of the month is insured here for it.
INSURANCE_DAY = 15
ZERO = Decimal(0)


@dataclass
class Scheme:
    """What holds in the month that is paid."""

    run: PayrollRun
    period: Period
    tax: TaxScheme
    rates: list[tuple[SocialInsuranceRate, InsuranceRate]]


@dataclass
class Slip:
    """A payslip in the making."""

    person_id: int
    lines: list[PayslipLine] = field(default_factory=list)
    gross: Decimal = ZERO
    taxable: Decimal = ZERO
    deduction: Decimal = ZERO
    insurance_employee: Decimal = ZERO
    insurance_employer: Decimal = ZERO
    additional: Decimal = ZERO
    income_tax: Decimal = ZERO
    advance: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What is left of the pay so far; below nothing where it does not cover what is taken off."""
        return self.gross - self.insurance_employee - self.income_tax - self.deduction


def calculate(work: Work, run: PayrollRun) -> list[str]:
    """Write the run's payslips anew, and say who has worked and has no pay agreed."""
    session = work.session
    old = select(Payslip.id).where(Payslip.payroll_run_id == run.id)
    session.execute(delete(PayslipLine).where(PayslipLine.payslip_id.in_(old)))
    session.execute(delete(Payslip).where(Payslip.payroll_run_id == run.id))
    period = session.get_one(Period, run.period_id)
    facts = facts_for(session, run.company_id, months_up_to(session, period, MONTHS_BACK), run.employee_id)
    scheme = Scheme(
        run,
        period,
        tax_scheme_on(session, run.company_id, period.end_date),
        insurance_rates_on(session, run.company_id, period.end_date),
    )
    totals = dict.fromkeys(
        ("gross", "insurance_employee", "insurance_employer", "income_tax", "deduction", "advance"), ZERO
    )
    made, without_pay = [], []
    for person_id, person in facts.people.items():
        if _works(facts, person_id, period) and not facts.month(person_id, period).agreements:
            without_pay.append(f"{person.number} {person.name}")
        slip = _slip(work, facts, scheme, person_id)
        if not slip.lines:
            continue
        made.append((_payslip(facts, scheme, slip), slip))
        for name in totals:
            totals[name] += getattr(slip, name)
    _write(work, made)
    shortfall = sum((row.shortfall_amount for row, _slip in made), ZERO)
    run.head_count = len(made)
    for name, total in totals.items():
        setattr(run, f"{name}_amount", total)
    run.shortfall_amount = shortfall
    run.net_pay_amount = (
        run.gross_amount - run.insurance_employee_amount - run.income_tax_amount - run.deduction_amount + shortfall
    )
    run.total_amount = run.gross_amount + run.insurance_employer_amount
    session.flush()
    return without_pay


def _write(work: Work, made: list[tuple[Payslip, Slip]]) -> None:
    """All payslips in one go, then all their lines: row by row, ten thousand people would take minutes."""
    work.session.add_all(row for row, _slip in made)
    work.session.flush()
    for row, slip in made:
        for place, line in enumerate(slip.lines, start=1):
            line.payslip_id, line.line_no = row.id, place
        work.session.add_all(slip.lines)
    work.session.flush()


def _works(facts: Facts, person_id: int, period: Period) -> bool:
    return any(start <= period.end_date and end >= period.start_date for start, end in facts.spans(person_id))


def _slip(work: Work, facts: Facts, scheme: Scheme, person_id: int) -> Slip:
    slip = Slip(person_id)
    for period in facts.periods:
        if period.id == scheme.period.id or (person_id, period.id) in facts.paid:
            for line, is_taxable in _due(work, facts, scheme, person_id, period):
                slip.lines.append(line)
                if line.kind == "earning":
                    slip.gross += line.amount
                if line.kind == "deduction":
                    slip.deduction -= line.amount
                elif is_taxable:
                    slip.taxable += line.amount
    if (person_id, scheme.period.id) not in facts.paid:
        _insure(facts, scheme, slip)
    if not slip.lines:
        return slip
    _tax(facts, scheme, slip)
    for advance in facts.advances[person_id]:
        taken = min(advance.open_amount, max(ZERO, slip.left))
        if taken:
            slip.deduction += taken
            slip.advance += taken
            slip.lines.append(
                _line(scheme, "advance", advance.number, "Advance taken off", "扣回借支", -taken, advance_id=advance.id)
            )
    return slip


def _due(
    work: Work, facts: Facts, scheme: Scheme, person_id: int, period: Period
) -> Iterator[tuple[PayslipLine, bool]]:
    """What a month comes to less what was posted for it, component by component."""
    is_own = period.id == scheme.period.id
    was_paid = (person_id, period.id) in facts.paid
    month = facts.month(person_id, period)
    if is_own and scheme.run.kind == "final":
        month.is_final = True
        month.leave_days_left = sum((b.day_count for b in leave_to_pay_out(work.session, person_id)), ZERO)
    try:
        found = amounts(facts.components[period.id], month)
    except FormulaUnreadable as error:
        raise FormulaFails(component=error.reason) from error
    for row in facts.rows[period.id]:
        if not row.is_retroactive and (not is_own or was_paid and not month.is_final):
            continue
        signed = -found[row.code] if row.kind == "deduction" else found[row.code]
        due = signed - facts.posted.get((person_id, period.id, row.code), ZERO)
        if due:
            line = _line(scheme, row.kind, row.code, row.name, row.name_zh, due)
            line.period_id, line.is_correction = period.id, was_paid
            yield line, row.is_taxable


def _line(
    scheme: Scheme,
    kind: str,
    component: str,
    name: str,
    name_zh: str | None,
    amount: Decimal,
    *,
    employer: Decimal = ZERO,
    advance_id: int | None = None,
) -> PayslipLine:
    return PayslipLine(
        company_id=scheme.run.company_id,
        kind=kind,
        component=component,
        name=name,
        name_zh=name_zh,
        period_id=scheme.period.id,
        is_correction=False,
        amount=amount,
        employer_amount=employer,
        salary_advance_id=advance_id,
    )


def _insure(facts: Facts, scheme: Scheme, slip: Slip) -> None:
    """Social insurance of the month that is paid, once, by the agreement of the day that counts."""
    day = date(scheme.period.start_date.year, scheme.period.start_date.month, INSURANCE_DAY)
    agreed = [a for a in facts.agreements[slip.person_id] if a.start_date <= day <= (a.end_date or date.max)]
    employed = any(start <= day <= end for start, end in facts.spans(slip.person_id))
    if not agreed or not employed or not agreed[-1].is_insured:
        return
    own = agreed[-1]
    base = own.monthly_salary if own.insurance_base is None else own.insurance_base
    for row, rate in scheme.rates:
        employee, employer = insurance_of(rate, base)
        if employee or employer:
            slip.insurance_employee += employee
            slip.insurance_employer += employer
            slip.lines.append(_line(scheme, "insurance", row.code, row.name, row.name_zh, -employee, employer=employer))


def _tax(facts: Facts, scheme: Scheme, slip: Slip) -> None:
    """Income tax by what the year has brought so far. Special additional deductions count once a month."""
    if (slip.person_id, scheme.period.id) not in facts.paid:
        agreed = facts.month(slip.person_id, scheme.period).agreements
        newest = facts.agreements[slip.person_id]
        slip.additional = newest[-1].additional_deduction if agreed and newest else ZERO
    before = facts.years.get(slip.person_id, TaxYear())
    slip.income_tax = tax_to_withhold(scheme.tax, before, _this(slip), _months(facts, scheme, slip.person_id))
    if slip.income_tax:
        slip.lines.append(_line(scheme, "tax", "TAX", "Income tax", "个人所得税", -slip.income_tax))


def _this(slip: Slip) -> TaxYear:
    return TaxYear(slip.taxable, slip.insurance_employee, slip.additional, slip.income_tax)


def _months(facts: Facts, scheme: Scheme, person_id: int) -> int:
    first_day = scheme.period.start_date
    return months_employed(facts.spans(person_id), first_day.year, first_day.month)


def _payslip(facts: Facts, scheme: Scheme, slip: Slip) -> Payslip:
    run, person = scheme.run, facts.people[slip.person_id]
    within = [e for e in facts.employments[slip.person_id] if e.start_date <= scheme.period.end_date]
    year = facts.years.get(slip.person_id, TaxYear()).plus(_this(slip))
    left = slip.left
    return Payslip(
        company_id=run.company_id,
        number=f"{run.number}-{person.number}",
        payroll_run_id=run.id,
        employee_id=person.id,
        department_id=within[-1].department_id,
        period_id=scheme.period.id,
        currency=run.currency,
        gross_amount=slip.gross,
        taxable_amount=slip.taxable,
        insurance_employee_amount=slip.insurance_employee,
        insurance_employer_amount=slip.insurance_employer,
        additional_deduction=slip.additional,
        year_taxable_amount=taxable_of(scheme.tax, year, _months(facts, scheme, person.id)),
        year_tax_amount=year.tax,
        income_tax_amount=slip.income_tax,
        deduction_amount=slip.deduction,
        shortfall_amount=max(ZERO, -left),
        net_pay_amount=max(ZERO, left),
    )
