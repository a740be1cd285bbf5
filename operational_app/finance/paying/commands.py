"""Verbs about money that goes out to suppliers: pay a bill, all that are due, or in advance; say what an advance pays.

Money that has paid no bill yet is an advance: a claim on goods, kept at the rate of the day on which it was paid.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.exchange import FrozenRate, freeze_rate, frozen_on, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, Rate, as_money
from operational_app.finance.errors import (
    AllocatedTooEarly,
    AllocationExceedsPayment,
    BillIsHeld,
    DiscountTooLarge,
    DiscountTooLate,
    NoDiscountAgreed,
    NothingDue,
    OtherSuppliersBill,
    PaidTooMuch,
)
from operational_app.finance.events import AdvanceUsed, SupplierPaid
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.models import (
    Bill,
    Payment,
    PaymentAllocation,
    PaymentRun,
    bill,
    payment,
    payment_run,
)
from operational_app.finance.payables.queries import DUE_BILLS
from operational_app.finance.receivables.rules import discount_limit
from operational_app.finance.settlement.commands import (
    company_of,
    goods_share,
    in_currency,
    in_money_of,
    money_account,
    post_in_currency,
    rate_of_day,
    take_off,
)
from operational_app.finance.supplier_credits.commands import ReceiveSupplierRefund, take_money_back
from operational_app.finance.supplier_credits.models import SupplierRefund


class PayBill(Body):
    business_date: date
    amount: Money = Field(gt=0, description="What is paid of the bill, in its currency.")
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for paying early, which settles the bill beside the amount."
    )
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Currency of the money; empty: the bill's."
    )
    source_amount: Money | None = Field(
        default=None, gt=0, description="What leaves in another currency; empty: by the rates of the day."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)


class BillPaid(Body):
    bill_id: Ref("bill")
    amount: Money = Field(gt=0, description="What is paid of the bill, in its currency.")
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for paying early, which settles the bill beside the amount."
    )
    source_amount: Money | None = Field(
        default=None, gt=0, description="What it takes of money in another currency; empty: by the rates of the day."
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


class AllocatePayment(Body):
    business_date: date
    allocations: list[BillPaid] = Field(min_length=1, max_length=1000)


class RunPayments(Body):
    business_date: date
    due_until: date


@dataclass(frozen=True, kw_only=True)
class MoneyOut:
    """How much money goes out, when and how; without an amount as much as its bills take, without a rate that of the day."""

    business_date: date
    currency: str
    amount: Decimal | None = None
    bank_reference: str | None = None
    exchange_rate: Decimal | None = None
    bank_account_id: int | None = None
    payment_run_id: int | None = None
    purchase_order_id: int | None = None


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
    return _pay(work, bill.supplier_id, money, [part], {bill.id: bill})


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
    return _pay(work, body.supplier_id, MoneyOut(currency=currency, **values), body.allocations, bills)


@command(payment, _("Allocate"), states=("open",))
def allocate_payment(work: Work, payment: Payment, body: AllocatePayment) -> Payment:
    """Say which bills an advance pays: so much less is owed, and the advance is used up by it."""
    if body.business_date < payment.business_date:
        raise AllocatedTooEarly(number=payment.number, day=payment.business_date.isoformat())
    bills = lock_bills(work, {part.bill_id for part in body.allocations})
    rows = _allocate(work, payment, body.business_date, body.allocations, bills)
    rate = frozen_on(payment)
    used = Posting(
        account=account_for(work, "supplier_advances"),
        amount=-sum((row.source_amount for row in rows), Decimal(0)),
        party_role_id=payment.supplier_id,
    )
    post_in_currency(
        work,
        body.business_date,
        _("Advance {number} allocated").format(number=payment.number),
        [
            *_owed_no_longer(work, payment.supplier_id, rows, bills),
            in_currency(rate, used, -sum((row.source_company_amount for row in rows), Decimal(0))),
        ],
        ("payment", payment.id),
    )
    for row in rows:
        _tell_rate(work, payment, row, bills[row.bill_id])
    return payment


def _tell_rate(work: Work, payment: Payment, row: PaymentAllocation, paid: Bill) -> None:
    """The rate of an advance is the rate of what it buys (IFRIC 22): say what that changes of the goods' cost."""
    difference = row.source_company_amount - row.company_amount
    if payment.currency == paid.currency and payment.business_date < paid.business_date and difference:
        if changed := goods_share(work, difference, paid.subtotal, paid.total_amount):
            work.announce(
                AdvanceUsed(
                    document_id=payment.id,
                    bill_id=paid.id,
                    paid_on=payment.business_date,
                    business_date=row.business_date,
                    amount=changed,
                )
            )


def _bills_first_due(session: Session, payment: Payment) -> dict[str, object]:
    """The bills that an advance would pay, the first due first, on the first day on which it can pay them all."""
    bills = session.scalars(
        select(Bill)
        .where(Bill.supplier_id == payment.supplier_id, Bill.state == "open", Bill.currency == payment.currency)
        .order_by(Bill.due_date, Bill.id)
        .limit(100)
    )
    parts, left, day = [], payment.open_amount, payment.business_date
    for row in bills:
        if left > 0:
            parts.append({"bill_id": row.id, "amount": min(left, row.open_amount)})
            left, day = left - row.open_amount, max(day, row.business_date)
    return {"business_date": day, "allocations": parts}


DEFAULTS["allocate_payment"] = _bills_first_due


@command(payment, _("Money back"), states=("open",))
def take_back_advance(work: Work, payment: Payment, body: ReceiveSupplierRefund) -> SupplierRefund:
    """Book money that the supplier paid back of an advance: Dr bank, Cr advances to suppliers."""
    return take_money_back(work, payment, body, ("supplier_advances", "allocated"), payment_id=payment.id)


DEFAULTS["take_back_advance"] = lambda _session, payment: {"amount": payment.open_amount}


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
        _pay(work, supplier_id, money, parts, bills)
    return run


def _part_due(work: Work, row: Bill, day: date, due: Decimal) -> BillPaid:
    """What a run pays of a bill: all of it less the discount that it still gives, else what is due."""
    discount = discount_left(work.session, row, day)
    amount = row.open_amount - discount if discount else min(due, row.open_amount)
    return BillPaid(bill_id=row.id, amount=amount, discount_amount=discount)


def discount_left(session: Session, row: Bill, day: date) -> Decimal:
    """What the terms of a bill of which nothing has been paid still give for paying it on this day."""
    late = row.discount_until is None or day > row.discount_until
    if late or row.discount_share is None or row.open_amount != row.total_amount:
        return Decimal(0)
    return discount_limit(row.total_amount, row.discount_share, minor_units_of(session, row.currency))


def _require_discount(work: Work, paid: Bill, day: date, discount: Decimal) -> None:
    """A discount is what the terms of a bill give, over all its payments."""
    if paid.discount_until is None or paid.discount_share is None:
        raise NoDiscountAgreed(number=paid.number)
    if day > paid.discount_until:
        raise DiscountTooLate(number=paid.number, day=paid.discount_until.isoformat())
    before = work.session.scalar(
        select(func.coalesce(func.sum(PaymentAllocation.discount_amount), 0)).where(
            PaymentAllocation.bill_id == paid.id
        )
    )
    limit = discount_limit(paid.total_amount, paid.discount_share, minor_units_of(work.session, paid.currency))
    if Decimal(before or 0) + discount > limit:
        raise DiscountTooLarge(number=paid.number, limit=as_money(limit))


def lock_bills(work: Work, wanted: Collection[int]) -> dict[int, Bill]:
    """The bills as they are now, locked in order of their row: two clerks never block in a circle."""
    found = work.session.scalars(
        select(Bill)
        .where(Bill.id.in_(wanted))
        .order_by(Bill.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in found}


def _pay(work: Work, supplier_id: int, money: MoneyOut, parts: Sequence[BillPaid], bills: dict[int, Bill]) -> Payment:
    """Dr payable for what pays bills, Dr advances for the rest, Cr bank."""
    supplier = work.session.get_one(PartyRole, supplier_id)
    rate = freeze_rate(work.session, company_of(work), money.currency, money.business_date, money.exchange_rate)
    bank = money_account(work, rate.currency, money.bank_account_id)
    taken = [_source_amount(work, part, bills[part.bill_id], rate, money.business_date) for part in parts]
    amount = sum(taken, Decimal(0)) if money.amount is None else money.amount
    paid = in_company_currency(work.session, company_of(work), amount, rate)
    made = Payment(
        company_id=work.company_id,
        number=work.number(payment, money.business_date),
        state="open",
        business_date=money.business_date,
        created_by=work.principal.user_id,
        supplier_id=supplier_id,
        amount=amount,
        open_amount=amount,
        company_amount=paid,
        open_company_amount=paid,
        ledger_account_id=bank,
        bank_reference=money.bank_reference,
        payment_run_id=money.payment_run_id,
        purchase_order_id=money.purchase_order_id,
        **rate.columns,
    )
    work.session.add(made)
    work.session.flush()
    rows = _allocate(work, made, money.business_date, parts, bills)
    lines = [*_owed_no_longer(work, supplier_id, rows, bills)]
    if made.open_amount:
        advances = account_for(work, "supplier_advances")
        kept = Posting(account=advances, amount=made.open_amount, party_role_id=supplier.id)
        lines.append(in_currency(rate, kept, made.open_company_amount))
    post_in_currency(
        work,
        money.business_date,
        _("Payment to {supplier}").format(supplier=supplier.name),
        [*lines, in_currency(rate, Posting(account=bank, amount=-amount), -paid)],
        (payment.name, made.id),
    )
    work.announce(SupplierPaid(document_id=made.id, supplier_id=supplier_id, amount=amount))
    return made


def _source_amount(work: Work, part: BillPaid, paid: Bill, rate: FrozenRate, day: date) -> Decimal:
    """What a part takes of the money: the same in the bill's own currency, else as given or by the rates of the day."""
    if part.source_amount is not None and paid.currency != rate.currency:
        return part.source_amount
    return in_money_of(work, part.amount, paid.currency, rate, day)


def _allocate(
    work: Work, money: Payment, day: date, parts: Sequence[BillPaid], bills: dict[int, Bill]
) -> list[PaymentAllocation]:
    """Pay bills, which are locked, out of a payment.

    Raises:
        OtherSuppliersBill, BillIsHeld, AllocatedTooEarly, PaidTooMuch, AllocationExceedsPayment: nothing has been paid.
    """
    rate = rate_of_day(work, frozen_on(money), day, money.business_date)
    rows = []
    for part in parts:
        paid = bills[part.bill_id]
        if paid.supplier_id != money.supplier_id:
            raise OtherSuppliersBill(number=paid.number)
        if paid.state == "held":
            raise BillIsHeld(number=paid.number)
        if day < paid.business_date:
            raise AllocatedTooEarly(number=paid.number, day=paid.business_date.isoformat())
        settled = part.amount + part.discount_amount
        if settled > paid.open_amount:
            raise PaidTooMuch(amount=as_money(settled), number=paid.number, open=paid.open_amount)
        if part.discount_amount:
            _require_discount(work, paid, day, part.discount_amount)
        source = _source_amount(work, part, paid, rate, day)
        if source > money.open_amount:
            raise AllocationExceedsPayment(allocated=as_money(source), amount=money.open_amount, number=money.number)
        given_at = (
            rate if paid.currency == money.currency else freeze_rate(work.session, company_of(work), paid.currency, day)
        )
        carried = take_off(work, paid, settled)
        paid.state = "open" if paid.open_amount else "paid"
        rows.append(
            PaymentAllocation(
                company_id=work.company_id,
                payment_id=money.id,
                bill_id=paid.id,
                business_date=day,
                amount=part.amount,
                source_amount=source,
                discount_amount=part.discount_amount,
                discount_company_amount=in_company_currency(
                    work.session, company_of(work), part.discount_amount, given_at
                ),
                company_amount=carried,
                source_company_amount=take_off(work, money, source),
            )
        )
        money.state = "open" if money.open_amount else "allocated"
        work.link(paid, money)
    work.session.add_all(rows)
    work.session.flush()
    return rows


def _owed_no_longer(
    work: Work, supplier_id: int, rows: Sequence[PaymentAllocation], bills: dict[int, Bill]
) -> list[Posting]:
    """Dr payable with what was settled, currency by currency, at what it was carried at; Cr discounts taken of it."""
    lines = []
    for currency in sorted({bills[row.bill_id].currency for row in rows}):
        own = [row for row in rows if bills[row.bill_id].currency == currency]
        rate = frozen_on(bills[own[0].bill_id])
        discount = sum((row.discount_amount for row in own), Decimal(0))
        amount = sum((row.amount for row in own), Decimal(0)) + discount
        owed = Posting(account=account_for(work, "payable"), amount=amount, party_role_id=supplier_id)
        lines.append(in_currency(rate, owed, sum((row.company_amount for row in own), Decimal(0))))
        if discount:
            taken = Posting(account=account_for(work, "discount_taken"), amount=-discount, party_role_id=supplier_id)
            lines.append(in_currency(rate, taken, -sum((row.discount_company_amount for row in own), Decimal(0))))
    return lines
