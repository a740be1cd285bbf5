"""Verbs: pay a bill, pay a supplier, pay all that is due."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, Rate
from operational_app.finance.errors import (
    NothingDue,
)
from operational_app.finance.payables.models import (
    Bill,
    Payment,
    PaymentRun,
    bill,
    payment,
    payment_run,
)
from operational_app.finance.payables.queries import DUE_BILLS
from operational_app.finance.paying.commands.money import BillPaid, MoneyOut, discount_left, lock_bills, pay
from operational_app.finance.settlement.commands import Payout


class PayBill(Payout):
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for paying early, which settles the bill beside the amount."
    )


class PaySupplier(Body):
    supplier_id: Ref("supplier")
    business_date: date
    amount: Money = Field(gt=0)
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Empty: that of the bills it pays, else the supplier's."
    )
    purchase_order_id: Ref("purchase_order") | None = Field(
        default=None, description="Order that is paid in advance, where it is for one."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)
    allocations: list[BillPaid] = Field(default_factory=list, max_length=1000)


class RunPayments(Body):
    business_date: date
    due_until: date


@command(bill, _("Pay"), states=("open",))
def pay_bill(work: Work, bill: Bill, body: PayBill) -> Payment:
    """Pay this bill, whole or in part, in its currency or another. A held bill cannot be paid."""
    part = BillPaid(
        bill_id=bill.id,
        amount=body.amount,
        discount_amount=body.discount_amount,
        source_amount=body.source_amount,
    )
    money = MoneyOut(
        business_date=body.business_date,
        currency=body.currency or bill.currency,
        bank_reference=body.bank_reference,
        exchange_rate=body.exchange_rate,
        bank_account_id=body.bank_account_id,
    )
    return pay(work, bill.supplier_id, money, [part], {bill.id: bill})


def _payment_due(session: Session, bill: Bill) -> dict[str, object]:
    discount = discount_left(session, bill, date.today())
    return {"amount": bill.open_amount - discount} | ({"discount_amount": discount} if discount else {})


DEFAULTS["pay_bill"] = _payment_due


@command(payment, _("Pay supplier"))
def pay_supplier(work: Work, body: PaySupplier) -> Payment:
    """Pay a supplier, and say which bills it pays. What is left is an advance for bills that come later."""
    bills = lock_bills(work, {part.bill_id for part in body.allocations})
    first = bills.get(body.allocations[0].bill_id) if body.allocations else None
    supplier = work.session.get_one(PartyRole, body.supplier_id)
    values = body.model_dump(exclude={"supplier_id", "allocations", "currency"})
    currency = body.currency or (first.currency if first else supplier.currency)
    return pay(work, body.supplier_id, MoneyOut(currency=currency, **values), body.allocations, bills)


@command(payment_run, _("Pay bills due"))
def run_payments(work: Work, body: RunPayments) -> PaymentRun:
    """Pay what is due of every open bill by a day, one payment for each supplier and currency. Held bills stay unpaid.

    Of instalments those that are due; and whole bills whose discount for paying early would be over by then.
    """
    asked = {"company": work.company_id, "day": body.business_date, "until": body.due_until}
    wanted = {row.id: row.due for row in work.session.execute(DUE_BILLS, asked)}
    due = [bill for bill in lock_bills(work, wanted).values() if bill.state == "open"]
    if not due:
        raise NothingDue(date=body.due_until.isoformat())
    run = PaymentRun(
        company_id=work.company_id,
        number=work.number(payment_run, body.business_date),
        state="paid",
        business_date=body.business_date,
        due_until=body.due_until,
        created_by=work.principal.user_id,
    )
    work.session.add(run)
    work.session.flush()
    for supplier_id, currency in sorted({(row.supplier_id, row.currency) for row in due}):
        bills = {row.id: row for row in due if (row.supplier_id, row.currency) == (supplier_id, currency)}
        money = MoneyOut(
            business_date=body.business_date, currency=currency, bank_reference=run.number, payment_run_id=run.id
        )
        parts = [_part_due(work, row, body.business_date, wanted[row.id]) for row in bills.values()]
        pay(work, supplier_id, money, parts, bills)
    return run


def _part_due(work: Work, row: Bill, day: date, due: Decimal) -> BillPaid:
    """What a run pays of a bill: all of it less the discount that it still gives, else what is due."""
    discount = discount_left(work.session, row, day)
    amount = row.open_amount - discount if discount else min(due, row.open_amount)
    return BillPaid(bill_id=row.id, amount=amount, discount_amount=discount)
