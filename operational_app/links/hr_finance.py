"""People and books: payroll in totals of cost centres, never anyone's pay; advances; the payment as one sum."""

from decimal import Decimal

from operational_app.core.command import Work
from operational_app.core.i18n import _
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting, gathered
from operational_app.hr.events import CostOfCentre, PayrollPaid, PayrollPosted, SalaryAdvancePaid


def book_payroll(work: Work, fact: PayrollPosted) -> None:
    """Dr cost of each centre; Cr net pay, social insurance of both sides, income tax, advances and other deductions.

    The entry carries the proof: number of payslips, their total, and the hash over them.
    """
    lines = [
        Posting(
            account=account_for(work, f"pay_cost_{centre.cost_kind}"),
            amount=centre.amount,
            description=_centre(centre),
        )
        for centre in fact.centres
    ]
    for purpose, amount in (
        ("payroll_payable", fact.net_amount),
        ("social_insurance_payable", fact.insurance_amount),
        ("income_tax_withheld", fact.tax_amount),
        ("employee_advances", fact.advance_amount),
        ("pay_deductions", fact.deduction_amount),
    ):
        if amount:
            lines.append(Posting(account=account_for(work, purpose), amount=-amount))
    if gathered(lines):
        text = _("Payroll {number}: {count} payslips, proof total {total}, proof {proof}")
        description = text.format(
            number=fact.number, count=fact.head_count, total=_plain(fact.proof_total), proof=fact.proof_hash
        )
        post(work, fact.business_date, description, lines, document=(fact.document_type, fact.document_id))


def _centre(centre: CostOfCentre) -> str:
    return _("Pay {centre}, {count} people").format(
        centre=centre.name or _("of several small cost centres"), count=centre.head_count
    )


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def book_payment_of_payroll(work: Work, fact: PayrollPaid) -> None:
    """Dr net pay owed, Cr bank."""
    if fact.amount:
        _two(work, fact, _("Payment of payroll {number}"), "payroll_payable")


def book_salary_advance(work: Work, fact: SalaryAdvancePaid) -> None:
    """Dr advances to employees, Cr bank; the entry says not to whom."""
    _two(work, fact, _("Salary advance {number}"), "employee_advances")


def _two(work: Work, fact: PayrollPaid | SalaryAdvancePaid, text: str, debit: str) -> None:
    lines = [
        Posting(account=account_for(work, debit), amount=fact.amount),
        Posting(account=account_for(work, "bank"), amount=-fact.amount),
    ]
    post(
        work,
        fact.business_date,
        text.format(number=fact.number),
        lines,
        document=(fact.document_type, fact.document_id),
    )
