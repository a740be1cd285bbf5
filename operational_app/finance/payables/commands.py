"""Verbs about payables: release a held bill, pay one, pay all that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.exchange import FrozenRate, freeze_rate, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, Rate
from operational_app.core.tax import rate_on, tax_amount
from operational_app.finance.errors import NothingDue, PaidTooMuch, RoundingTooLarge, SameUserReleases
from operational_app.finance.events import BillPosted, SupplierPaid
from operational_app.finance.ledger.commands import account_for
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
from operational_app.finance.settlement.commands import (
    company_of,
    company_shares,
    in_currency,
    money_account,
    post_in_currency,
    take_off,
)


class PayBill(Body):
    business_date: date
    amount: Money = Field(gt=0)
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)


class RunPayments(Body):
    business_date: date
    due_until: date


@dataclass(frozen=True, kw_only=True)
class LineToBill:
    """A matched line of a bill.

    `net_amount` and `received_at` are in its currency. What the two differ by, at the bill's rate, is
    `inventory_difference` + `price_variance`, in the company's currency.
    """

    purchase_order_line_id: int
    item_id: int
    quantity: Decimal
    unit_price: Decimal
    vat_code: str
    net_amount: Decimal
    received_at: Decimal
    company_received_at: Decimal
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
    terms = PaymentTerms(
        business_date=body.business_date,
        bank_reference=body.bank_reference,
        exchange_rate=body.exchange_rate,
        bank_account_id=body.bank_account_id,
    )
    return _pay(work, bill.supplier_id, bill.currency, [(bill, body.amount)], terms)


DEFAULTS["pay_bill"] = lambda _session, bill: {"amount": bill.open_amount}


@command(payment_run, _("Pay bills due"))
def run_payments(work: Work, body: RunPayments) -> PaymentRun:
    """Pay every open bill due by a day, one payment for each supplier and currency. Held bills stay unpaid."""
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
    terms = PaymentTerms(business_date=body.business_date, bank_reference=run.number, payment_run_id=run.id)
    for supplier_id, currency in sorted({(row.supplier_id, row.currency) for row in due}):
        bills = [(row, row.open_amount) for row in due if (row.supplier_id, row.currency) == (supplier_id, currency)]
        _pay(work, supplier_id, currency, bills, terms)
    return run


def post_bill(
    work: Work,
    supplier: PartyRole,
    business_date: date,
    supplier_reference: str,
    lines: Sequence[LineToBill],
    *,
    rate: FrozenRate,
    department_id: int | None = None,
    agreed_total: Decimal | None = None,
    held_because: str | None = None,
) -> Bill:
    """Make and post a bill: Dr goods received not billed, inventory, price variance, input VAT; Cr payable.

    In another currency the goods leave the account of what is not billed at the rates at which they came in, and the bill
    is owed at its own: the rest is an exchange difference.
    """
    minor_units = minor_units_of(work.session, rate.currency)
    rows = [_bill_line(work, number, line, business_date, minor_units) for number, line in enumerate(lines, start=1)]
    subtotal = sum((row.net_amount for row in rows), Decimal(0))
    tax = sum((row.tax_amount for row in rows), Decimal(0))
    rounding = rounding_difference(subtotal + tax, agreed_total)
    if abs(rounding) > ROUNDING_LIMIT:
        raise RoundingTooLarge(computed=subtotal + tax, agreed=agreed_total, limit=ROUNDING_LIMIT)
    total = subtotal + tax + rounding
    carried = in_company_currency(work.session, company_of(work), total, rate)
    made = Bill(
        company_id=work.company_id,
        number=work.number(bill, business_date),
        state="held" if held_because else "open",
        business_date=business_date,
        created_by=work.principal.user_id,
        supplier_id=supplier.id,
        supplier_reference=supplier_reference,
        due_date=business_date + timedelta(days=supplier.payment_days),
        subtotal=subtotal,
        tax_amount=tax,
        rounding_amount=rounding,
        total_amount=total,
        open_amount=total,
        company_amount=carried,
        open_company_amount=carried,
        **rate.columns,
        held_because=held_because,
    )
    work.session.add(made)
    work.session.flush()
    computed = in_company_currency(work.session, company_of(work), subtotal + tax, rate)
    shares = company_shares(work, rate, computed, [part for row in rows for part in (row.net_amount, row.tax_amount)])
    for row, net, share in zip(rows, shares[::2], shares[1::2], strict=True):
        row.bill_id, row.company_net_amount, row.company_tax_amount = made.id, net, share
    work.session.add_all(rows)
    work.session.flush()
    description = _("Bill {reference} {supplier}").format(reference=supplier_reference, supplier=supplier.name)
    postings = _postings(work, supplier, made, lines, rows, rate, department_id)
    post_in_currency(work, business_date, description, postings, rate, (bill.name, made.id))
    work.announce(BillPosted(document_id=made.id, supplier_id=supplier.id, total_amount=total))
    return made


def _postings(
    work: Work,
    supplier: PartyRole,
    made: Bill,
    lines: Sequence[LineToBill],
    rows: Sequence[BillLine],
    rate: FrozenRate,
    department_id: int | None,
) -> list[Posting]:
    def by_item(purpose: str, amounts: dict[int, Decimal]) -> list[Posting]:
        account = account_for(work, purpose) if any(amounts.values()) else 0
        return [
            Posting(
                account=account,
                amount=amount,
                item_id=lines[i].item_id,
                party_role_id=supplier.id,
                department_id=department_id if purpose == "price_variance" else None,
            )
            for i, amount in amounts.items()
            if amount
        ]

    tax = Posting(account=account_for(work, "input_vat"), amount=made.tax_amount)
    owed = Posting(account=account_for(work, "payable"), amount=-made.total_amount, party_role_id=supplier.id)
    # What was agreed beside the computed total, and in the company's currency what is left beside the lines' shares.
    company_rounding = made.company_amount - sum(row.company_net_amount + row.company_tax_amount for row in rows)
    received = by_item("goods_received_not_billed", {i: line.received_at for i, line in enumerate(lines)})
    carried = [line.company_received_at for line in lines if line.received_at]
    return [
        *(in_currency(rate, posting, value) for posting, value in zip(received, carried, strict=True)),
        *by_item("inventory", {i: line.inventory_difference for i, line in enumerate(lines)}),
        *by_item("price_variance", {i: line.price_variance for i, line in enumerate(lines)}),
        in_currency(rate, tax, sum((row.company_tax_amount for row in rows), Decimal(0))),
        *(
            [
                in_currency(
                    rate,
                    Posting(account=account_for(work, "rounding"), amount=made.rounding_amount),
                    company_rounding,
                )
            ]
            if made.rounding_amount
            else []
        ),
        in_currency(rate, owed, -made.company_amount),
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


@dataclass(frozen=True, kw_only=True)
class PaymentTerms:
    """When and how money goes out; without a rate that of the day, without a bank account the usual one."""

    business_date: date
    bank_reference: str | None = None
    exchange_rate: Decimal | None = None
    bank_account_id: int | None = None
    payment_run_id: int | None = None


def _pay(
    work: Work, supplier_id: int, currency: str, bills: Sequence[tuple[Bill, Decimal]], terms: PaymentTerms
) -> Payment:
    """Dr payable, Cr bank; and note which bills, all of this currency, it pays."""
    supplier = work.session.get_one(PartyRole, supplier_id)
    rate = freeze_rate(work.session, company_of(work), currency, terms.business_date, terms.exchange_rate)
    bank = money_account(work, currency, terms.bank_account_id)
    amount = sum((part for _row, part in bills), Decimal(0))
    paid = in_company_currency(work.session, company_of(work), amount, rate)
    made = Payment(
        company_id=work.company_id,
        number=work.number(payment, terms.business_date),
        state="allocated",
        business_date=terms.business_date,
        created_by=work.principal.user_id,
        supplier_id=supplier_id,
        amount=amount,
        open_amount=Decimal(0),
        company_amount=paid,
        ledger_account_id=bank,
        bank_reference=terms.bank_reference,
        payment_run_id=terms.payment_run_id,
        **rate.columns,
    )
    work.session.add(made)
    work.session.flush()
    shares = company_shares(work, rate, paid, [part for _row, part in bills])
    carried = Decimal(0)
    for (row, part), share in zip(bills, shares, strict=True):
        settled = take_off(work, row, part)
        carried += settled
        row.state = "open" if row.open_amount else "paid"
        work.session.add(
            PaymentAllocation(
                company_id=work.company_id,
                payment_id=made.id,
                bill_id=row.id,
                amount=part,
                company_amount=settled,
                source_company_amount=share,
            )
        )
        work.link(row, made)
    owed = Posting(account=account_for(work, "payable"), amount=amount, party_role_id=supplier.id)
    post_in_currency(
        work,
        terms.business_date,
        _("Payment to {supplier}").format(supplier=supplier.name),
        [in_currency(rate, owed, carried), in_currency(rate, Posting(account=bank, amount=-amount), -paid)],
        rate,
        (payment.name, made.id),
    )
    work.announce(SupplierPaid(document_id=made.id, supplier_id=supplier_id, amount=amount))
    return made
