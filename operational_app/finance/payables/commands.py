"""Verbs about payables: release a held bill, pay one, pay all that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import DEFAULTS, Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Currency, PartyRole
from operational_app.core.money import Money
from operational_app.core.tax import rate_on, tax_amount
from operational_app.finance.errors import NothingDue, PaidTooMuch, RoundingTooLarge, SameUserReleases
from operational_app.finance.events import BillPosted, SupplierPaid
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.models import (
    Bill,
    BillLine,
    Payment,
    PaymentAllocation,
    PaymentRun,
    bill,
    payment,
    payment_run,
)
from operational_app.finance.payables.rules import ROUNDING_LIMIT, rounding_difference


class PayBill(Body):
    business_date: date
    amount: Money = Field(gt=0)
    bank_reference: str | None = Field(default=None, max_length=200)


class RunPayments(Body):
    business_date: date
    due_until: date


@dataclass(frozen=True, kw_only=True)
class LineToBill:
    """A matched line of a bill: `net_amount` = `received_at` + `inventory_difference` + `price_variance`."""

    purchase_order_line_id: int
    item_id: int
    quantity: Decimal
    unit_price: Decimal
    vat_code: str
    net_amount: Decimal
    received_at: Decimal
    inventory_difference: Decimal
    price_variance: Decimal


@command(bill, _("Release"), states=("held",))
def release_bill(work: Work, bill: Bill) -> Bill:
    """Let a held bill be paid although it did not match. Whoever entered it may not release it."""
    if bill.created_by == work.principal.user_id:
        raise SameUserReleases(number=bill.number)
    bill.state = "open"
    bill.held_because = None
    return bill


@command(bill, _("Pay"), states=("open",))
def pay_bill(work: Work, bill: Bill, body: PayBill) -> Payment:
    """Pay this bill, whole or in part. A held bill cannot be paid."""
    if body.amount > bill.open_amount:
        raise PaidTooMuch(amount=body.amount, number=bill.number, open=bill.open_amount)
    return _pay(work, bill.supplier_id, [(bill, body.amount)], body.business_date, body.bank_reference)


DEFAULTS["pay_bill"] = lambda _session, bill: {"amount": bill.open_amount}


@command(payment_run, _("Pay bills due"))
def run_payments(work: Work, body: RunPayments) -> PaymentRun:
    """Pay every open bill due by a day, one payment a supplier. Held bills stay unpaid."""
    due = work.session.scalars(
        select(Bill)
        .where(Bill.company_id == work.company_id, Bill.state == "open", Bill.due_date <= body.due_until)
        .order_by(Bill.id)
        .with_for_update()
    ).all()
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
    for supplier_id in sorted({row.supplier_id for row in due}):
        bills = [(row, row.open_amount) for row in due if row.supplier_id == supplier_id]
        _pay(work, supplier_id, bills, body.business_date, run.number, run.id)
    return run


def post_bill(
    work: Work,
    supplier: PartyRole,
    business_date: date,
    supplier_reference: str,
    lines: Sequence[LineToBill],
    *,
    agreed_total: Decimal | None = None,
    held_because: str | None = None,
) -> Bill:
    """Make and post a bill: Dr goods received not billed, inventory, price variance, input VAT; Cr payable."""
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    rows = [_bill_line(work, number, line, business_date, minor_units) for number, line in enumerate(lines, start=1)]
    subtotal = sum((row.net_amount for row in rows), Decimal(0))
    tax = sum((row.tax_amount for row in rows), Decimal(0))
    rounding = rounding_difference(subtotal + tax, agreed_total)
    if abs(rounding) > ROUNDING_LIMIT:
        raise RoundingTooLarge(computed=subtotal + tax, agreed=agreed_total, limit=ROUNDING_LIMIT)
    total = subtotal + tax + rounding
    made = Bill(
        company_id=work.company_id,
        number=work.number(bill, business_date),
        state="held" if held_because else "open",
        business_date=business_date,
        created_by=work.principal.user_id,
        supplier_id=supplier.id,
        supplier_reference=supplier_reference,
        due_date=business_date + timedelta(days=supplier.payment_days),
        currency=work.company.currency,
        subtotal=subtotal,
        tax_amount=tax,
        rounding_amount=rounding,
        total_amount=total,
        open_amount=total,
        held_because=held_because,
    )
    work.session.add(made)
    work.session.flush()
    for row in rows:
        row.bill_id = made.id
    work.session.add_all(rows)
    work.session.flush()
    description = _("Bill {reference} {supplier}").format(reference=supplier_reference, supplier=supplier.name)
    postings = _postings(work, supplier, lines, tax, rounding, total)
    post(work, business_date, description, postings, document=(bill.name, made.id))
    work.announce(BillPosted(document_id=made.id, supplier_id=supplier.id, total_amount=total))
    return made


def _postings(
    work: Work, supplier: PartyRole, lines: Sequence[LineToBill], tax: Decimal, rounding: Decimal, total: Decimal
) -> list[Posting]:
    def by_item(purpose: str, amounts: dict[int, Decimal]) -> list[Posting]:
        account = account_for(work, purpose) if any(amounts.values()) else 0
        return [
            Posting(account=account, amount=amount, item_id=lines[i].item_id, party_role_id=supplier.id)
            for i, amount in amounts.items()
            if amount
        ]

    return [
        *by_item("goods_received_not_billed", {i: line.received_at for i, line in enumerate(lines)}),
        *by_item("inventory", {i: line.inventory_difference for i, line in enumerate(lines)}),
        *by_item("price_variance", {i: line.price_variance for i, line in enumerate(lines)}),
        Posting(account=account_for(work, "input_vat"), amount=tax),
        *([Posting(account=account_for(work, "rounding"), amount=rounding)] if rounding else []),
        Posting(account=account_for(work, "payable"), amount=-total, party_role_id=supplier.id),
    ]


def _bill_line(work: Work, number: int, line: LineToBill, day: date, minor_units: int) -> BillLine:
    rate = rate_on(work.session, line.vat_code, day)
    return BillLine(
        company_id=work.company_id,
        line_no=number,
        purchase_order_line_id=line.purchase_order_line_id,
        item_id=line.item_id,
        quantity=line.quantity,
        unit_price=line.unit_price,
        vat_code=line.vat_code,
        vat_rate=rate,
        net_amount=line.net_amount,
        tax_amount=tax_amount(line.net_amount, rate, minor_units),
    )


def _pay(
    work: Work,
    supplier_id: int,
    bills: Sequence[tuple[Bill, Decimal]],
    business_date: date,
    bank_reference: str | None,
    payment_run_id: int | None = None,
) -> Payment:
    """Dr payable, Cr bank; and note which bills it pays."""
    assert work.company is not None
    supplier = work.session.get_one(PartyRole, supplier_id)
    amount = sum((part for _row, part in bills), Decimal(0))
    made = Payment(
        company_id=work.company_id,
        number=work.number(payment, business_date),
        state="allocated",
        business_date=business_date,
        created_by=work.principal.user_id,
        supplier_id=supplier_id,
        currency=work.company.currency,
        amount=amount,
        open_amount=Decimal(0),
        bank_reference=bank_reference,
        payment_run_id=payment_run_id,
    )
    work.session.add(made)
    work.session.flush()
    for row, part in bills:
        row.open_amount -= part
        row.state = "open" if row.open_amount else "paid"
        work.session.add(PaymentAllocation(company_id=work.company_id, payment_id=made.id, bill_id=row.id, amount=part))
        work.link(row, made)
    post(
        work,
        business_date,
        _("Payment to {supplier}").format(supplier=supplier.name),
        [
            Posting(account=account_for(work, "payable"), amount=amount, party_role_id=supplier.id),
            Posting(account=account_for(work, "bank"), amount=-amount),
        ],
        document=(payment.name, made.id),
    )
    work.announce(SupplierPaid(document_id=made.id, supplier_id=supplier_id, amount=amount))
    return made
