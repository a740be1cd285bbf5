"""Verbs about suppliers' credit: post a credit note, say which bills it settles, take money back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.errors import OtherCurrency
from operational_app.core.exchange import FrozenRate, freeze_rate, frozen_on, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, Rate, as_money
from operational_app.core.tax import tax_amount
from operational_app.finance.errors import (
    AllocatedTooEarly,
    AllocationExceedsReceipt,
    CreditedMoreThanBilled,
    LineNotOnBill,
    OtherSuppliersBill,
    PaidTooMuch,
    RefundedTooMuch,
)
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.models import Bill, BillLine, Payment
from operational_app.finance.settlement.commands import (
    company_of,
    company_shares,
    in_currency,
    money_account,
    post_in_currency,
    take_off,
)
from operational_app.finance.supplier_credits.models import (
    SupplierCreditAllocation,
    SupplierCreditNote,
    SupplierCreditNoteLine,
    SupplierRefund,
    supplier_credit_note,
    supplier_refund,
)


class BillPart(Body):
    bill_id: Ref("bill")
    amount: Money = Field(gt=0)


class AllocateSupplierCredit(Body):
    business_date: date
    allocations: list[BillPart] = Field(min_length=1, max_length=1000)


class ReceiveSupplierRefund(Body):
    business_date: date
    amount: Money = Field(gt=0)
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)


@dataclass(frozen=True, kw_only=True)
class CreditTerms:
    """The head of a credit note as the supplier sent it."""

    business_date: date
    supplier_reference: str
    reason: str
    exchange_rate: Decimal | None = None
    department_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class LineToCredit:
    """A line of a credit note.

    `net_amount` and `billed_at`, what goods that went back were received at, are in its currency. What the two differ by is
    `inventory_difference` + `price_variance`, in the company's currency, negative where it lowers cost.
    """

    purchase_order_line_id: int
    item_id: int
    quantity: Decimal
    net_amount: Decimal
    billed_at: Decimal
    company_billed_at: Decimal
    inventory_difference: Decimal
    price_variance: Decimal


@command(supplier_credit_note, _("Allocate"), states=("open",))
def allocate_supplier_credit(work: Work, note: SupplierCreditNote, body: AllocateSupplierCredit) -> SupplierCreditNote:
    """Say which other bills of the supplier an open credit settles: so much less is to be paid."""
    total = sum((part.amount for part in body.allocations), Decimal(0))
    if total > note.open_amount:
        raise AllocationExceedsReceipt(allocated=as_money(total), amount=as_money(note.open_amount))
    bills = {
        row.id: row
        for row in work.session.scalars(
            select(Bill)
            .where(Bill.id.in_({part.bill_id for part in body.allocations}))
            .order_by(Bill.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    }
    for part in body.allocations:
        _settle(work, note, bills[part.bill_id], body.business_date, part.amount)
    return note


@command(supplier_credit_note, _("Receive refund"), states=("open",))
def receive_supplier_refund(work: Work, note: SupplierCreditNote, body: ReceiveSupplierRefund) -> SupplierRefund:
    """Book money that the supplier paid back for an open credit: Dr bank, Cr payable."""
    return take_money_back(work, note, body, ("payable", "settled"), supplier_credit_note_id=note.id)


def take_money_back(
    work: Work,
    source: SupplierCreditNote | Payment,
    body: ReceiveSupplierRefund,
    kind: tuple[str, str],
    **source_id: int,
) -> SupplierRefund:
    """Dr bank, Cr the account on which the source stands.

    Args:
        kind: purpose of that account, and the state of the source once nothing is open on it.
    """
    purpose, emptied = kind
    if body.amount > source.open_amount:
        raise RefundedTooMuch(amount=as_money(body.amount), open=source.open_amount, number=source.number)
    if body.business_date < source.business_date:
        raise AllocatedTooEarly(number=source.number, day=source.business_date.isoformat())
    rate = freeze_rate(work.session, company_of(work), source.currency, body.business_date, body.exchange_rate)
    bank = money_account(work, source.currency, body.bank_account_id)
    paid = in_company_currency(work.session, company_of(work), body.amount, rate)
    number = work.number(supplier_refund, body.business_date)
    carried = take_off(work, source, body.amount)
    source.state = "open" if source.open_amount else emptied
    made = SupplierRefund(
        company_id=work.company_id,
        number=number,
        state="received",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        supplier_id=source.supplier_id,
        amount=body.amount,
        company_amount=paid,
        source_company_amount=carried,
        bank_reference=body.bank_reference,
        **source_id,
        **rate.columns,
    )
    work.session.add(made)
    work.session.flush()
    supplier = work.session.get_one(PartyRole, source.supplier_id)
    back = Posting(account=account_for(work, purpose), amount=-body.amount, party_role_id=supplier.id)
    post_in_currency(
        work,
        body.business_date,
        _("Money back from {supplier}").format(supplier=supplier.name),
        [in_currency(rate, Posting(account=bank, amount=body.amount), paid), in_currency(rate, back, -carried)],
        (supplier_refund.name, made.id),
    )
    work.link(source, made)
    return made


DEFAULTS["receive_supplier_refund"] = lambda _session, note: {"amount": note.open_amount}


def post_supplier_credit(
    work: Work, credited: Bill, supplier_id: int, terms: CreditTerms, lines: Sequence[LineToCredit]
) -> SupplierCreditNote:
    """Make and post a supplier's credit note: Dr payable; Cr input VAT, goods received not billed, inventory, variance.

    It settles its bill as far as that is open; the rest stays open for other bills, or comes back as money.

    Raises:
        OtherSuppliersBill, AllocatedTooEarly, LineNotOnBill, CreditedMoreThanBilled: nothing has been credited.
    """
    if credited.supplier_id != supplier_id:
        raise OtherSuppliersBill(number=credited.number)
    if terms.business_date < credited.business_date:
        raise AllocatedTooEarly(number=credited.number, day=credited.business_date.isoformat())
    rate = freeze_rate(work.session, company_of(work), credited.currency, terms.business_date, terms.exchange_rate)
    rows = [_line(work, credited, line, minor_units_of(work.session, rate.currency)) for line in lines]
    subtotal = sum((row.net_amount for row in rows), Decimal(0))
    tax = sum((row.tax_amount for row in rows), Decimal(0))
    carried = in_company_currency(work.session, company_of(work), subtotal + tax, rate)
    note = SupplierCreditNote(
        company_id=work.company_id,
        number=work.number(supplier_credit_note, terms.business_date),
        state="open",
        business_date=terms.business_date,
        created_by=work.principal.user_id,
        supplier_id=supplier_id,
        bill_id=credited.id,
        supplier_reference=terms.supplier_reference,
        reason=terms.reason,
        subtotal=subtotal,
        tax_amount=tax,
        total_amount=subtotal + tax,
        open_amount=subtotal + tax,
        company_amount=carried,
        open_company_amount=carried,
        **rate.columns,
    )
    work.session.add(note)
    work.session.flush()
    shares = company_shares(work, rate, carried, [part for row in rows for part in (row.net_amount, row.tax_amount)])
    for row, net, share in zip(rows, shares[::2], shares[1::2], strict=True):
        row.supplier_credit_note_id, row.company_net_amount, row.company_tax_amount = note.id, net, share
    work.session.add_all(rows)
    work.session.flush()
    _post(work, note, lines, rows, rate, terms.department_id)
    work.link(credited, note)
    if settled := min(credited.open_amount, note.open_amount):
        _settle(work, note, credited, terms.business_date, settled)
    return note


def _line(work: Work, credited: Bill, line: LineToCredit, minor_units: int) -> SupplierCreditNoteLine:
    """Credit part of a bill's line with its tax; what is credited whole is credited to the last unit."""
    billed = work.session.scalars(
        select(BillLine)
        .where(BillLine.bill_id == credited.id, BillLine.purchase_order_line_id == line.purchase_order_line_id)
        .with_for_update()
    ).one_or_none()
    if billed is None:
        raise LineNotOnBill(number=credited.number, line=line.purchase_order_line_id)
    left = billed.net_amount - billed.net_credited
    if line.net_amount > left:
        raise CreditedMoreThanBilled(amount=as_money(line.net_amount), number=credited.number, left=as_money(left))
    tax_left = billed.tax_amount - billed.tax_credited
    whole = line.net_amount == left
    tax = tax_left if whole else min(tax_left, tax_amount(line.net_amount, billed.vat_rate, minor_units))
    billed.net_credited += line.net_amount
    billed.tax_credited += tax
    return SupplierCreditNoteLine(
        company_id=work.company_id,
        bill_line_id=billed.id,
        item_id=line.item_id,
        quantity=line.quantity,
        net_amount=line.net_amount,
        tax_amount=tax,
    )


def _post(
    work: Work,
    note: SupplierCreditNote,
    lines: Sequence[LineToCredit],
    rows: Sequence[SupplierCreditNoteLine],
    rate: FrozenRate,
    department_id: int | None,
) -> None:
    supplier = work.session.get_one(PartyRole, note.supplier_id)
    owed = Posting(account=account_for(work, "payable"), amount=note.total_amount, party_role_id=supplier.id)
    tax = Posting(account=account_for(work, "input_vat"), amount=-note.tax_amount)
    postings = [
        in_currency(rate, owed, note.company_amount),
        in_currency(rate, tax, -sum((row.company_tax_amount for row in rows), Decimal(0))),
    ]
    for line in lines:
        of_line = {"item_id": line.item_id, "party_role_id": supplier.id}
        back = Posting(account=account_for(work, "goods_received_not_billed"), amount=-line.billed_at, **of_line)
        postings += [
            in_currency(rate, back, -line.company_billed_at),
            Posting(account=account_for(work, "inventory"), amount=line.inventory_difference, **of_line),
            Posting(
                account=account_for(work, "price_variance"),
                amount=line.price_variance,
                department_id=department_id,
                **of_line,
            ),
        ]
    description = _("Credit note {reference} {supplier}").format(
        reference=note.supplier_reference, supplier=supplier.name
    )
    post_in_currency(work, note.business_date, description, postings, (supplier_credit_note.name, note.id))


def _settle(work: Work, note: SupplierCreditNote, settled: Bill, day: date, amount: Decimal) -> None:
    """Take a credit off a bill. Both stand on the payable account: only what rates have made is posted."""
    if settled.supplier_id != note.supplier_id:
        raise OtherSuppliersBill(number=settled.number)
    if settled.currency != note.currency:
        raise OtherCurrency(number=settled.number, currency=settled.currency, other=note.currency)
    if day < max(settled.business_date, note.business_date):
        raise AllocatedTooEarly(number=settled.number, day=max(settled.business_date, note.business_date).isoformat())
    if amount > settled.open_amount:
        raise PaidTooMuch(amount=as_money(amount), number=settled.number, open=as_money(settled.open_amount))
    carried = take_off(work, settled, amount)
    settled.state = settled.state if settled.open_amount else "paid"
    source = take_off(work, note, amount)
    note.state = "open" if note.open_amount else "settled"
    work.session.add(
        SupplierCreditAllocation(
            company_id=work.company_id,
            supplier_credit_note_id=note.id,
            bill_id=settled.id,
            business_date=day,
            amount=amount,
            company_amount=carried,
            source_company_amount=source,
        )
    )
    rate = frozen_on(note)
    payable = Posting(account=account_for(work, "payable"), amount=Decimal(0), party_role_id=note.supplier_id)
    post_in_currency(
        work,
        day,
        _("Credit note {number} settles {bill}").format(number=note.number, bill=settled.number),
        [in_currency(rate, payable, carried - source)],
        (supplier_credit_note.name, note.id),
    )
    work.link(settled, note)
