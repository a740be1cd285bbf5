"""Verbs about expenses: claim, change, submit, cancel; the accountant's: book."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field
from sqlalchemy import delete

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.exchange import FrozenRate, freeze_rate, in_company_currency, minor_units_of
from operational_app.core.i18n import Text, _
from operational_app.core.money import Money, Rate, rounded
from operational_app.core.tax import rate_on
from operational_app.hr.errors import ClaimOfSomebodyElse, NotEmployedThen, OwnClaim
from operational_app.hr.events import ExpenseClaimBooked, ExpenseClaimSubmitted
from operational_app.hr.expenses.models import (
    ExpenseClaim,
    ExpenseClaimLine,
    ExpenseKind,
    expense_claim,
    expense_kind,
)
from operational_app.hr.expenses.queries import department_on, expenses_of
from operational_app.hr.expenses.rules import tax_within
from operational_app.hr.people.models import Employee
from operational_app.hr.people.queries import employee_of_user

# What a new company begins with.
KINDS = Path(__file__).resolve().parent / "kinds.csv"


class AddExpenseKind(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    name_zh: str | None = Field(default=None, max_length=100)
    expense_group: Literal["travel", "entertainment", "office", "other"] = "other"
    is_vat_deductible: bool = True


class ClaimLine(Body):
    expense_date: date
    expense_kind_id: Ref("expense_kind")
    description: str = Field(min_length=1, max_length=500)
    amount: Money = Field(gt=0, description="Amount of the receipt, tax included.")
    vat_code: str | None = Field(
        default=None, max_length=20, description="VAT rate on the receipt; empty: nothing is deducted."
    )
    tax_amount: Money | None = Field(
        default=None, ge=0, description="Tax as the receipt shows it; empty: what the rate makes of the amount."
    )
    department_id: Ref("department") | None = Field(default=None, description="Who bears it; empty: your department.")


class EnterExpenseClaim(Body):
    business_date: date
    reason: str = Field(min_length=3, max_length=500, description="What it was for.")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="Empty: the company's currency.")
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[ClaimLine] = Field(min_length=1, max_length=200)


class BookExpenseClaim(Body):
    posting_date: date


@command(expense_kind, _("Add kind of expense"))
def add_expense_kind(work: Work, body: AddExpenseKind) -> ExpenseKind:
    """Let employees claim another kind of expense, and say where it is booked."""
    made = ExpenseKind(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    return made


@command(expense_kind, _("Retire"), states=("active",))
def retire_expense_kind(work: Work, kind: ExpenseKind) -> ExpenseKind:
    """Claim it no more; what was claimed stays."""
    kind.state = "retired"
    return kind


@command(expense_claim, _("Enter expense claim"))
def enter_expense_claim(work: Work, body: EnterExpenseClaim) -> ExpenseClaim:
    """Claim what you laid out for the company, receipt by receipt; put the receipts with it as files."""
    person = employee_of_user(work)
    made = ExpenseClaim(
        company_id=work.company_id,
        number=work.number(expense_claim, body.business_date),
        state="draft",
        created_by=work.principal.user_id,
        employee_id=person.id,
    )
    lines = _write(work, made, person, body)
    work.session.add(made)
    work.session.flush()
    _keep(work, made, lines)
    return made


@command(expense_claim, _("Change"), states=("draft", "rejected"))
def change_expense_claim(work: Work, claim: ExpenseClaim, body: EnterExpenseClaim) -> ExpenseClaim:
    """Write the claim anew while nobody decides on it; its number and its files stay."""
    _require_own(work, claim)
    lines = _write(work, claim, work.session.get_one(Employee, claim.employee_id), body)
    claim.state = "draft"
    work.session.execute(delete(ExpenseClaimLine).where(ExpenseClaimLine.expense_claim_id == claim.id))
    _keep(work, claim, lines)
    return claim


@command(expense_claim, _("Submit"), states=("draft",))
def submit_expense_claim(work: Work, claim: ExpenseClaim) -> ExpenseClaim:
    """Ask for approval: your manager decides, and finance above the amount that the company's rule names."""
    _require_own(work, claim)
    claim.state = "submitted"
    work.announce(ExpenseClaimSubmitted(document_id=claim.id))
    return claim


@command(expense_claim, _("Cancel"), states=("draft", "rejected", "approved"), onward=False)
def cancel_expense_claim(work: Work, claim: ExpenseClaim) -> ExpenseClaim:
    """Give the claim up."""
    _require_own(work, claim)
    claim.state = "cancelled"
    return claim


@command(expense_claim, _("Book"), states=("approved",))
def book_expense_claim(work: Work, claim: ExpenseClaim, body: BookExpenseClaim) -> ExpenseClaim:
    """Book what was approved: expense of the departments, input tax, and what is owed to the employee. Not one's own."""
    if work.principal.user_id == claim.created_by:
        raise OwnClaim()
    if body.posting_date < claim.business_date:
        raise InvalidInput(fields={"posting_date": _("It is not booked before the day of the claim.")})
    claim.state = "booked"
    work.announce(
        ExpenseClaimBooked(
            document_id=claim.id,
            number=claim.number,
            employee_id=claim.employee_id,
            business_date=body.posting_date,
            reason=claim.reason,
            currency=claim.currency,
            expenses=expenses_of(work.session, claim),
        )
    )
    return claim


def make_default_kinds(work: Work) -> None:
    """Give the company the kinds of expense that come ready."""
    with KINDS.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            add_expense_kind(work, AddExpenseKind.model_validate(row))
    work.session.flush()


def _require_own(work: Work, claim: ExpenseClaim) -> None:
    """Who decides on a claim sees it, and may not write it."""
    if work.principal.user_id != claim.created_by:
        raise ClaimOfSomebodyElse(number=claim.number)


def _write(work: Work, claim: ExpenseClaim, person: Employee, body: EnterExpenseClaim) -> list[ExpenseClaimLine]:
    """Put what was filled in on the claim; returns its lines, which are not added yet."""
    assert work.company is not None
    rate = freeze_rate(work.session, work.company, body.currency, body.business_date, body.exchange_rate)
    lines = _lines(work, person, body, rate)
    claim.business_date, claim.reason = body.business_date, body.reason
    for name, value in rate.columns.items():
        setattr(claim, name, value)
    claim.total_amount = sum((line.amount for line in lines), Decimal(0))
    claim.tax_amount = sum((line.tax_amount for line in lines), Decimal(0))
    claim.company_amount = in_company_currency(work.session, work.company, claim.total_amount, rate)
    return lines


def _keep(work: Work, claim: ExpenseClaim, lines: list[ExpenseClaimLine]) -> None:
    for line in lines:
        line.expense_claim_id = claim.id
    work.session.add_all(lines)
    work.session.flush()


def _lines(work: Work, person: Employee, body: EnterExpenseClaim, rate: FrozenRate) -> list[ExpenseClaimLine]:
    assert work.company is not None
    minor_units = minor_units_of(work.session, rate.currency)
    wrong: dict[str, object] = {}
    made = []
    for index, line in enumerate(body.lines):
        for name, why in _faults(work, line, body, rate, minor_units):
            wrong[f"lines.{index}.{name}"] = why
        department = line.department_id or department_on(work.session, person.id, line.expense_date)
        if department is None:
            raise NotEmployedThen(name=person.name, date=line.expense_date.isoformat())
        vat_rate = None if line.vat_code is None else rate_on(work.session, line.vat_code, line.expense_date)
        tax = Decimal(0) if vat_rate is None else tax_within(line.amount, vat_rate, minor_units)
        values = line.model_dump() | {"department_id": department, "vat_rate": vat_rate}
        values["tax_amount"] = tax if line.tax_amount is None else line.tax_amount
        made.append(ExpenseClaimLine(company_id=work.company_id, line_no=index + 1, **values))
    if wrong:
        raise InvalidInput(fields=wrong)
    return made


def _faults(
    work: Work, line: ClaimLine, body: EnterExpenseClaim, rate: FrozenRate, minor_units: int
) -> list[tuple[str, Text]]:
    """What is wrong with a line, each beside its field."""
    assert work.company is not None
    found = []
    kind = work.session.get_one(ExpenseKind, line.expense_kind_id)
    if kind.state != "active":
        found.append(("expense_kind_id", _("This kind is claimed no more. Choose another.")))
    if line.expense_date > body.business_date:
        found.append(("expense_date", _("The receipt is not later than the claim.")))
    if rounded(line.amount, minor_units) != line.amount:
        found.append(("amount", _("The currency has fewer decimals.")))
    if line.vat_code is not None and not kind.is_vat_deductible:
        found.append(("vat_code", _("Tax on this kind of expense is not deducted: leave it empty.")))
    if line.vat_code is not None and rate.currency != work.company.currency:
        found.append(("vat_code", _("Tax of another country is not deducted: leave it empty.")))
    if line.tax_amount and line.vat_code is None:
        found.append(("vat_code", _("Name the VAT rate of the receipt.")))
    if line.tax_amount is not None and (
        line.tax_amount >= line.amount or rounded(line.tax_amount, minor_units) != line.tax_amount
    ):
        found.append(("tax_amount", _("The tax is a part of the amount, in its decimals.")))
    return found
