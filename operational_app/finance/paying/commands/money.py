"""Money that goes out: what it takes of bills, what it leaves as an advance, and what is posted for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.core.command import Body, Ref, Work
from operational_app.core.exchange import FrozenRate, freeze_rate, frozen_on, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, as_money
from operational_app.finance.errors import (
    AllocatedTooEarly,
    AllocationExceedsPayment,
    BillIsHeld,
    DiscountTooLarge,
    DiscountTooLate,
    NoDiscountAgreed,
    OtherSuppliersBill,
    PaidTooMuch,
)
from operational_app.finance.events import SupplierPaid
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.models import (
    Bill,
    Payment,
    PaymentAllocation,
    payment,
)
from operational_app.finance.settlement.commands import (
    company_of,
    in_currency,
    in_money_of,
    money_account,
    post_in_currency,
    rate_of_day,
    take_off,
)
from operational_app.finance.settlement.rules import discount_limit


class BillPaid(Body):
    bill_id: Ref("bill")
    amount: Money = Field(gt=0, description="What is paid of the bill, in its currency.")
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for paying early, which settles the bill beside the amount."
    )
    source_amount: Money | None = Field(
        default=None, gt=0, description="What it takes of money in another currency; empty: by the rates of the day."
    )


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


def pay(work: Work, supplier_id: int, money: MoneyOut, parts: Sequence[BillPaid], bills: dict[int, Bill]) -> Payment:
    """Dr payable for what pays bills, Dr advances for the rest, Cr bank."""
    supplier = work.session.get_one(PartyRole, supplier_id)
    rate = freeze_rate(work.session, company_of(work), money.currency, money.business_date, money.exchange_rate)
    bank = money_account(work, rate.currency, money.bank_account_id)
    taken = [source_amount_of(work, part, bills[part.bill_id], rate, money.business_date) for part in parts]
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
    rows = allocate(work, made, money.business_date, parts, bills)
    lines = [*owed_no_longer(work, supplier_id, rows, bills)]
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


def source_amount_of(work: Work, part: BillPaid, paid: Bill, rate: FrozenRate, day: date) -> Decimal:
    """What a part takes of the money: the same in the bill's own currency, else as given or by the rates of the day."""
    if part.source_amount is not None and paid.currency != rate.currency:
        return part.source_amount
    return in_money_of(work, part.amount, paid.currency, rate, day)


def allocate(
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
        source = source_amount_of(work, part, paid, rate, day)
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


def owed_no_longer(
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
