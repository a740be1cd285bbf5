"""Verbs about what employees are owed: pay it, take a payment or the whole booking back; and how a claim is booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import DEFAULTS, Body, Work, command
from operational_app.core.exchange import FrozenRate, freeze_rate, frozen_on, in_company_currency
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import as_money
from operational_app.finance.errors import AllocatedTooEarly, OwnMoney, PaidAlready, PaidTooMuch, StandsOnStatement
from operational_app.finance.events import EmployeePaid, EmployeePaymentReversed, ReimbursementReversed
from operational_app.finance.ledger.commands import account_for, post_reversal
from operational_app.finance.ledger.models import JournalEntry
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.reimbursing.models import (
    EmployeePayment,
    Reimbursement,
    ReimbursementLine,
    ReimbursementReversal,
    employee_payment,
    reimbursement,
    reimbursement_reversal,
)
from operational_app.finance.settlement.commands import (
    Payout,
    company_of,
    company_shares,
    in_currency,
    in_money_of,
    money_account,
    post_in_currency,
    take_off,
)
from operational_app.finance.treasury.models import BankStatementLine


@dataclass(frozen=True, kw_only=True)
class LineToReimburse:
    """A line of a claim: the purpose whose account takes the expense, and what tax of it is deducted."""

    expense_claim_line_id: int
    purpose: str
    department_id: int
    description: str
    net_amount: Decimal
    tax_amount: Decimal
    vat_code: str | None
    vat_rate: Decimal | None


class ReverseReimbursement(Body):
    business_date: date
    reason: str = Field(min_length=3, max_length=500)


class ReverseEmployeePayment(Body):
    business_date: date


@command(reimbursement, _("Pay"), states=("open",))
def pay_reimbursement(work: Work, reimbursement: Reimbursement, body: Payout) -> EmployeePayment:
    """Pay the employee, whole or in part, in the claim's currency or another. Nobody pays oneself."""
    refuse_own(work, reimbursement.employee_id)
    if body.business_date < reimbursement.business_date:
        raise AllocatedTooEarly(number=reimbursement.number, day=reimbursement.business_date.isoformat())
    if body.amount > reimbursement.open_amount:
        open_amount = reimbursement.open_amount
        raise PaidTooMuch(amount=as_money(body.amount), number=reimbursement.number, open=open_amount)
    money = freeze_rate(
        work.session,
        company_of(work),
        body.currency or reimbursement.currency,
        body.business_date,
        body.exchange_rate,
    )
    amount = body.source_amount if money.currency != reimbursement.currency else None
    amount = amount or in_money_of(work, body.amount, reimbursement.currency, money, body.business_date)
    bank = money_account(work, money.currency, body.bank_account_id)
    paid = in_company_currency(work.session, company_of(work), amount, money)
    carried = take_off(work, reimbursement, body.amount)
    reimbursement.state = "open" if reimbursement.open_amount else "paid"
    made = EmployeePayment(
        company_id=work.company_id,
        number=work.number(employee_payment, body.business_date),
        state="paid",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        reimbursement_id=reimbursement.id,
        employee_id=reimbursement.employee_id,
        payee_name=reimbursement.payee_name,
        amount=amount,
        company_amount=paid,
        reimbursed_amount=body.amount,
        reimbursed_company_amount=carried,
        ledger_account_id=bank,
        bank_reference=body.bank_reference,
        **money.columns,
    )
    work.session.add(made)
    work.session.flush()
    work.link(reimbursement, made)
    owed = _owed(work, reimbursement.employee_id, body.amount)
    post_in_currency(
        work,
        body.business_date,
        _("Payment to {name}").format(name=reimbursement.payee_name),
        [
            in_currency(frozen_on(reimbursement), owed, carried),
            in_currency(money, Posting(account=bank, amount=-amount), -paid),
        ],
        (employee_payment.name, made.id),
    )
    is_settled = not reimbursement.open_amount
    work.announce(
        EmployeePaid(document_id=made.id, expense_claim_id=reimbursement.expense_claim_id, is_settled=is_settled)
    )
    return made


DEFAULTS["pay_reimbursement"] = lambda _session, row: {"amount": row.open_amount, "business_date": date.today()}


@command(employee_payment, _("Take back"), states=("paid",), onward=False)
def reverse_employee_payment(work: Work, payment: EmployeePayment, body: ReverseEmployeePayment) -> EmployeePayment:
    """Take a payment back that the bank returned or that was booked wrongly: the opposite entry, and it is owed again."""
    refuse_own(work, payment.employee_id)
    if body.business_date < payment.business_date:
        raise AllocatedTooEarly(number=payment.number, day=payment.business_date.isoformat())
    matched = select(BankStatementLine.id).where(
        BankStatementLine.document_type == employee_payment.name, BankStatementLine.document_id == payment.id
    )
    if work.session.scalar(matched) is not None:
        raise StandsOnStatement(number=payment.number)
    owed = work.session.get_one(Reimbursement, payment.reimbursement_id, with_for_update={"key_share": True})
    owed.open_amount += payment.reimbursed_amount
    owed.open_company_amount += payment.reimbursed_company_amount
    owed.state = "open"
    payment.state, payment.reversal_date = "reversed", body.business_date
    _take_back(work, (employee_payment.name, payment.id), body.business_date, (employee_payment.name, payment.id))
    work.announce(EmployeePaymentReversed(document_id=payment.id, expense_claim_id=owed.expense_claim_id))
    return payment


@command(reimbursement, _("Reverse"), states=("open",), onward=False)
def reverse_reimbursement(
    work: Work, reimbursement: Reimbursement, body: ReverseReimbursement
) -> ReimbursementReversal:
    """Take back what was booked wrongly and has not been paid: the opposite entry; the employee claims it anew."""
    refuse_own(work, reimbursement.employee_id)
    if body.business_date < reimbursement.business_date:
        raise AllocatedTooEarly(number=reimbursement.number, day=reimbursement.business_date.isoformat())
    if reimbursement.open_amount != reimbursement.total_amount:
        raise PaidAlready(number=reimbursement.number)
    made = ReimbursementReversal(
        company_id=work.company_id,
        number=work.number(reimbursement_reversal, body.business_date),
        state="posted",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        reimbursement_id=reimbursement.id,
        reason=body.reason,
        total_amount=reimbursement.total_amount,
    )
    work.session.add(made)
    reimbursement.open_amount = reimbursement.open_company_amount = Decimal(0)
    reimbursement.state = "reversed"
    work.session.flush()
    work.link(reimbursement, made)
    document = (reimbursement_reversal.name, made.id)
    _take_back(work, ("reimbursement", reimbursement.id), body.business_date, document)
    work.announce(ReimbursementReversed(document_id=made.id, expense_claim_id=reimbursement.expense_claim_id))
    return made


def post_reimbursement(
    work: Work,
    expense_claim_id: int,
    employee: PartyRole,
    business_date: date,
    description: str,
    lines: Sequence[LineToReimburse],
    rate: FrozenRate,
) -> Reimbursement:
    """Dr expense of each line's department and input VAT, Cr what is owed to the employee."""
    net = sum((line.net_amount for line in lines), Decimal(0))
    tax = sum((line.tax_amount for line in lines), Decimal(0))
    carried = in_company_currency(work.session, company_of(work), net + tax, rate)
    made = Reimbursement(
        company_id=work.company_id,
        number=work.number(reimbursement, business_date),
        state="open",
        business_date=business_date,
        created_by=work.principal.user_id,
        expense_claim_id=expense_claim_id,
        employee_id=employee.id,
        payee_name=employee.name,
        subtotal=net,
        tax_amount=tax,
        total_amount=net + tax,
        open_amount=net + tax,
        company_amount=carried,
        open_company_amount=carried,
        **rate.columns,
    )
    work.session.add(made)
    work.session.flush()
    shares = company_shares(
        work, rate, carried, [part for line in lines for part in (line.net_amount, line.tax_amount)]
    )
    postings = []
    for number, (line, own, own_tax) in enumerate(zip(lines, shares[::2], shares[1::2], strict=True), start=1):
        account = account_for(work, line.purpose)
        work.session.add(
            ReimbursementLine(
                company_id=work.company_id,
                reimbursement_id=made.id,
                line_no=number,
                expense_claim_line_id=line.expense_claim_line_id,
                ledger_account_id=account,
                department_id=line.department_id,
                description=line.description,
                vat_code=line.vat_code,
                vat_rate=line.vat_rate,
                net_amount=line.net_amount,
                tax_amount=line.tax_amount,
                company_net_amount=own,
                company_tax_amount=own_tax,
            )
        )
        spent = Posting(
            account=account,
            amount=line.net_amount,
            description=line.description,
            party_role_id=employee.id,
            department_id=line.department_id,
        )
        postings.append(in_currency(rate, spent, own))
    if tax:
        deducted = Posting(account=account_for(work, "input_vat"), amount=tax)
        postings.append(in_currency(rate, deducted, sum(shares[1::2], Decimal(0))))
    postings.append(in_currency(rate, _owed(work, employee.id, -made.total_amount), -carried))
    post_in_currency(work, business_date, description, postings, (reimbursement.name, made.id))
    return made


def refuse_own(work: Work, employee_id: int) -> None:
    """Nobody moves money to oneself."""
    if employee_id in work.principal.me.party_role_ids:
        raise OwnMoney()


def _owed(work: Work, employee_id: int, amount: Decimal) -> Posting:
    return Posting(account=account_for(work, "employee_payable"), amount=amount, party_role_id=employee_id)


def _take_back(work: Work, booked: tuple[str, int], day: date, document: tuple[str, int]) -> None:
    """Post the opposite of what a document posted."""
    entry = work.session.scalars(
        select(JournalEntry).where(
            JournalEntry.document_type == booked[0],
            JournalEntry.document_id == booked[1],
            JournalEntry.reverses_id.is_(None),
        )
    ).one()
    post_reversal(work, entry, day, document=document)
