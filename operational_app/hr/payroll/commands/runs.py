"""Verbs about payroll runs: work out, submit, post, pay; and the final settlement with who leaves."""

import secrets
from collections import defaultdict
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, select, update

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.execute import CONSTRAINT_REFUSALS
from operational_app.core.i18n import _
from operational_app.core.models import Period
from operational_app.hr.errors import PayrollOutOfOrder, PayrollUnderWay, StillEmployed
from operational_app.hr.events import CostOfCentre, PayrollPaid, PayrollPosted, PayrollSubmitted
from operational_app.hr.payroll.commands.agreements import advance_for
from operational_app.hr.payroll.commands.calculation import calculate
from operational_app.hr.payroll.models import PayrollRun, Payslip, PayslipLine, SalaryAdvance, payroll_run
from operational_app.hr.payroll.queries import last_posted_period, leave_to_pay_out
from operational_app.hr.payroll.rules.posting import Centre, merged, proof_of
from operational_app.hr.people.models import Department, Employee
from operational_app.hr.people.queries import span_of
from operational_app.hr.time.commands.ledger import enter

CONSTRAINT_REFUSALS["uq_payroll_run_under_way"] = PayrollUnderWay
ZERO = Decimal(0)
AMOUNTS = (
    "gross_amount", "insurance_employee_amount", "insurance_employer_amount", "income_tax_amount", "deduction_amount",
    "advance_amount", "shortfall_amount", "net_pay_amount", "total_amount",
)  # fmt: skip


class StartPayroll(Body):
    period_id: Ref("period")


class StartFinalSettlement(Body):
    employee_id: Ref("employee")
    period_id: Ref("period") = Field(description="Month in which the last day of work lies.")


class PayPayroll(Body):
    payment_date: date


@command(payroll_run, _("Work out payroll"))
def start_payroll_run(work: Work, body: StartPayroll) -> PayrollRun:
    """Work out the payslips of a month for everybody, with what months before still owe or were paid too much."""
    period = work.session.get_one(Period, body.period_id)
    last = last_posted_period(work.session, work.company_id)
    if last is not None and not _follows(last, period):
        raise PayrollOutOfOrder(last=last.code)
    return _start(work, "regular", period, None)


@command(payroll_run, _("Final settlement"))
def start_final_settlement(work: Work, body: StartFinalSettlement) -> PayrollRun:
    """Settle with an employee who leaves: pay up to the last day, leave that was not taken, advances."""
    period = work.session.get_one(Period, body.period_id)
    person = work.session.get_one(Employee, body.employee_id)
    last_day = span_of(work.session, person.id)[1]
    if not period.start_date <= last_day <= period.end_date:
        raise StillEmployed(name=person.name, period=period.code)
    last = last_posted_period(work.session, work.company_id)
    if last is not None and not _follows(last, period):
        raise PayrollOutOfOrder(last=last.code)
    return _start(work, "final", period, person.id)


def _follows(last: Period, period: Period) -> bool:
    """Whether a month is the last posted one or the next: a month left out would never be paid."""
    first, then = last.start_date, period.start_date
    return (then.year - first.year) * 12 + then.month - first.month in (0, 1)


def _start(work: Work, kind: str, period: Period, person_id: int | None) -> PayrollRun:
    assert work.company is not None
    made = PayrollRun(
        company_id=work.company_id,
        number=work.number(payroll_run, period.end_date),
        state="calculated",
        business_date=period.end_date,
        created_by=work.principal.user_id,
        kind=kind,
        period_id=period.id,
        employee_id=person_id,
        currency=work.company.currency,
        head_count=0,
        proof_salt=secrets.token_hex(16),
        **dict.fromkeys(AMOUNTS, ZERO),
    )
    work.session.add(made)
    work.session.flush()
    return _calculated(work, made)


def _calculated(work: Work, run: PayrollRun) -> PayrollRun:
    without_pay = calculate(work, run)
    work.details = {"head_count": run.head_count, "without_pay": without_pay}
    return run


@command(payroll_run, _("Work out again"), states=("calculated",))
def recalculate_payroll_run(work: Work, run: PayrollRun) -> PayrollRun:
    """Work the payslips out anew from what is known now."""
    return _calculated(work, run)


@command(payroll_run, _("Submit"), states=("calculated",))
def submit_payroll_run(work: Work, run: PayrollRun) -> PayrollRun:
    """Ask for approval. Nothing of the run changes while it is decided on."""
    run.state = "submitted"
    work.announce(PayrollSubmitted(document_id=run.id))
    return run


@command(payroll_run, _("Cancel"), states=("calculated", "approved"), onward=False)
def cancel_payroll_run(work: Work, run: PayrollRun) -> PayrollRun:
    """Give the run up; its payslips go."""
    slips = select(Payslip.id).where(Payslip.payroll_run_id == run.id)
    work.session.execute(delete(PayslipLine).where(PayslipLine.payslip_id.in_(slips)))
    work.session.execute(delete(Payslip).where(Payslip.payroll_run_id == run.id))
    run.head_count = 0
    for name in AMOUNTS:
        setattr(run, name, ZERO)
    work.session.flush()
    run.state = "cancelled"
    return run


@command(payroll_run, _("Post"), states=("approved",))
def post_payroll_run(work: Work, run: PayrollRun) -> PayrollRun:
    """Hand the payslips out, and book in totals of cost centres. A final settlement, which would show what one person
    is paid, is booked with the next regular run."""
    _settle_advances(work, run)
    slips = _slips(work, [run])
    for slip in slips:
        if slip.shortfall_amount:
            advance_for(work, slip.employee_id, "shortfall", run.business_date, slip.shortfall_amount)
    if run.employee_id is not None:
        _pay_out_leave(work, run)
    work.session.execute(
        update(Payslip).where(Payslip.payroll_run_id == run.id).values(state="posted", version=Payslip.version + 1)
    )
    run.proof_hash, run.state = _proof(slips, run), "posted"
    work.session.flush()
    if run.kind == "regular":
        _book(work, run)
    return run


def _book(work: Work, run: PayrollRun) -> None:
    """Announce a regular run for the ledger, together with the settlements that wait for one."""
    waiting = select(PayrollRun).where(
        PayrollRun.company_id == run.company_id,
        PayrollRun.kind == "final",
        PayrollRun.state.in_(("posted", "paid")),
        PayrollRun.booking_run_id.is_(None),
    )
    members = [run, *work.session.scalars(waiting.with_for_update())]
    for member in members:
        member.booking_run_id = run.id
    slips = _slips(work, members)
    total = {name: sum((getattr(member, name) for member in members), ZERO) for name in AMOUNTS}
    work.announce(
        PayrollPosted(
            document_id=run.id,
            number=run.number,
            business_date=run.business_date,
            head_count=len(slips),
            centres=_centres(work, slips),
            net_amount=total["net_pay_amount"],
            insurance_amount=total["insurance_employee_amount"] + total["insurance_employer_amount"],
            tax_amount=total["income_tax_amount"],
            advance_amount=total["advance_amount"] - total["shortfall_amount"],
            deduction_amount=total["deduction_amount"] - total["advance_amount"],
            proof_total=total["total_amount"],
            proof_hash=_proof(slips, run),
        )
    )


def _slips(work: Work, runs: list[PayrollRun]) -> list[Payslip]:
    found = select(Payslip).where(Payslip.payroll_run_id.in_([run.id for run in runs]))
    return list(work.session.scalars(found.order_by(Payslip.payroll_run_id, Payslip.employee_id)))


def _proof(slips: list[Payslip], run: PayrollRun) -> str:
    return proof_of(
        ((slip.number, slip.gross_amount, slip.insurance_employer_amount) for slip in slips), run.proof_salt
    )


@command(payroll_run, _("Record payment"), states=("posted",))
def pay_payroll_run(work: Work, run: PayrollRun, body: PayPayroll) -> PayrollRun:
    """Record that the bank has paid the net pay. It is booked as one sum, with the settlements of the same booking."""
    run.state, run.payment_date = "paid", body.payment_date
    if run.kind == "final":
        return run
    members = work.session.scalars(select(PayrollRun).where(PayrollRun.booking_run_id == run.id)).all()
    for member in members:
        member.state, member.payment_date = "paid", member.payment_date or body.payment_date
    work.announce(
        PayrollPaid(
            document_id=run.id,
            number=run.number,
            business_date=body.payment_date,
            amount=sum((member.net_pay_amount for member in members), ZERO),
        )
    )
    return run


def _settle_advances(work: Work, run: PayrollRun) -> None:
    rows = work.session.execute(
        select(SalaryAdvance, PayslipLine.amount)
        .join(PayslipLine, PayslipLine.salary_advance_id == SalaryAdvance.id)
        .join(Payslip, Payslip.id == PayslipLine.payslip_id)
        .where(Payslip.payroll_run_id == run.id)
    )
    for advance, taken in rows.all():
        advance.open_amount += taken
        advance.state = "open" if advance.open_amount else "settled"
    work.session.flush()


def _pay_out_leave(work: Work, run: PayrollRun) -> None:
    """The days that the settlement pays are taken from the balance."""
    assert run.employee_id is not None
    for balance in leave_to_pay_out(work.session, run.employee_id):
        enter(work, balance, run.business_date, "paid_out", -balance.day_count, note=run.number)


def _centres(work: Work, slips: list[Payslip]) -> tuple[CostOfCentre, ...]:
    """Cost by department, departments of few people merged."""
    departments = {
        row.id: row for row in work.session.scalars(select(Department).where(Department.company_id == work.company_id))
    }
    by_department: defaultdict[int, list[Payslip]] = defaultdict(list)
    for slip in slips:
        by_department[slip.department_id].append(slip)
    centres = [
        Centre(
            department_id,
            departments[department_id].cost_kind,
            len(own),
            sum((s.gross_amount for s in own), ZERO),
            sum((s.insurance_employer_amount for s in own), ZERO),
        )
        for department_id, own in by_department.items()
    ]
    return tuple(
        CostOfCentre(
            name=departments[c.department_id].name if c.department_id is not None else "",
            cost_kind=c.cost_kind,
            head_count=c.head_count,
            amount=c.total,
        )
        for c in merged(centres)
    )
