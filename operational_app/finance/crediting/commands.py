"""Verbs about credit: credit an invoice, say what the credit settles, pay money back."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.exchange import freeze_rate, frozen_on, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, Quantity, Rate, as_money, portion
from operational_app.finance.collecting.commands import lock_invoices, settle_invoice
from operational_app.finance.errors import (
    AllocatedTooEarly,
    AllocationExceedsReceipt,
    CreditedTooMuch,
    LineOfAnotherInvoice,
    NothingToCredit,
    RefundedTooMuch,
)
from operational_app.finance.events import CreditNotePosted, CustomerRefunded
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.queries import department_of_entry
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.receivables.models import (
    CreditAllocation,
    CreditNote,
    CreditNoteLine,
    ReceiptOfMoney,
    Refund,
    SalesInvoice,
    SalesInvoiceLine,
    credit_note,
    receipt_of_money,
    refund,
    sales_invoice,
)
from operational_app.finance.settlement.commands import (
    company_of,
    in_currency,
    money_account,
    post_in_currency,
    take_off,
)

Reason = Literal["returned", "price", "damaged", "other"]


class CreditLine(Body):
    sales_invoice_line_id: int = Field(ge=1, description="Line of the invoice that is credited.")
    quantity: Quantity = Field(gt=0)


class CreditInvoice(Body):
    business_date: date
    reason: Reason = "returned"
    lines: list[CreditLine] = Field(default_factory=list, max_length=1000)


class CreditPart(Body):
    sales_invoice_id: Ref("sales_invoice")
    amount: Money = Field(gt=0)


class AllocateCredit(Body):
    business_date: date
    allocations: list[CreditPart] = Field(min_length=1, max_length=1000)


class PayBack(Body):
    business_date: date
    amount: Money = Field(gt=0)
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)


@command(sales_invoice, _("Issue credit note"), states=("open", "paid"), onward=False)
def credit_invoice(work: Work, invoice: SalesInvoice, body: CreditInvoice) -> CreditNote:
    """Take back lines of an invoice, with their VAT. Without lines, all that is not credited yet.

    The credit settles the invoice as far as it is open; the rest stays open for other invoices or to be paid back.
    """
    wanted: dict[int, Decimal] = {}
    for line in body.lines:
        wanted[line.sales_invoice_line_id] = wanted.get(line.sales_invoice_line_id, Decimal(0)) + line.quantity
    return post_credit_note(work, invoice, body.business_date, body.reason, wanted)


DEFAULTS["credit_invoice"] = lambda session, invoice: {
    "lines": [
        {"sales_invoice_line_id": line.id, "quantity": line.quantity - line.quantity_credited}
        for line in session.scalars(
            select(SalesInvoiceLine)
            .where(SalesInvoiceLine.sales_invoice_id == invoice.id)
            .order_by(SalesInvoiceLine.line_no)
        )
        if line.quantity > line.quantity_credited
    ]
}


@command(credit_note, _("Allocate"), states=("open",))
def allocate_credit_note(work: Work, note: CreditNote, body: AllocateCredit) -> CreditNote:
    """Say which other invoices of the customer an open credit settles."""
    if body.business_date < note.business_date:
        raise AllocatedTooEarly(number=note.number, day=note.business_date.isoformat())
    total = sum((part.amount for part in body.allocations), Decimal(0))
    if total > note.open_amount:
        raise AllocationExceedsReceipt(allocated=total, amount=note.open_amount)
    invoices = lock_invoices(work, {part.sales_invoice_id for part in body.allocations})
    for part in body.allocations:
        at = part.sales_invoice_id
        settled = settle_invoice(work, invoices.get(at), at, note, body.business_date, part.amount)
        _allocate(work, note, *settled, body.business_date, part.amount)
    return note


@command(credit_note, _("Pay back"), states=("open",))
def refund_customer(work: Work, note: CreditNote, body: PayBack) -> Refund:
    """Pay an open credit out to the customer."""
    return _refund(work, note, body, ("receivable", "settled"), credit_note_id=note.id)


@command(receipt_of_money, _("Pay back"), states=("open",))
def refund_advance(work: Work, receipt: ReceiptOfMoney, body: PayBack) -> Refund:
    """Pay money back that came in and paid no invoice."""
    return _refund(work, receipt, body, ("customer_advances", "allocated"), receipt_of_money_id=receipt.id)


DEFAULTS["refund_customer"] = lambda _session, note: {"amount": note.open_amount}
DEFAULTS["refund_advance"] = lambda _session, receipt: {"amount": receipt.open_amount}


def post_credit_note(
    work: Work, invoice: SalesInvoice, day: date, reason: str, wanted: Mapping[int, Decimal]
) -> CreditNote:
    """Make and post a credit note: Dr revenue by item, Dr output VAT; Cr receivable. Its rate is the invoice's.

    Args:
        wanted: line of the invoice → quantity; empty for all that is not credited yet.

    Raises:
        AllocatedTooEarly, LineOfAnotherInvoice, CreditedTooMuch, NothingToCredit: nothing has been credited.
    """
    if day < invoice.business_date:
        raise AllocatedTooEarly(number=invoice.number, day=invoice.business_date.isoformat())
    units = (minor_units_of(work.session, invoice.currency), work.minor_units)
    lines = [_credit(line, quantity, *units) for line, quantity in _to_credit(work, invoice, wanted)]
    subtotal = sum((line.net_amount for line in lines), Decimal(0))
    tax = sum((line.tax_amount for line in lines), Decimal(0))
    if not subtotal + tax:
        raise NothingToCredit(number=invoice.number)
    carried = sum((line.company_net_amount + line.company_tax_amount for line in lines), Decimal(0))
    note = CreditNote(
        company_id=work.company_id,
        number=work.number(credit_note, day),
        state="open",
        business_date=day,
        created_by=work.principal.user_id,
        customer_id=invoice.customer_id,
        sales_invoice_id=invoice.id,
        reason=reason,
        subtotal=subtotal,
        tax_amount=tax,
        total_amount=subtotal + tax,
        open_amount=subtotal + tax,
        company_amount=carried,
        open_company_amount=carried,
        **frozen_on(invoice).columns,
    )
    work.session.add(note)
    work.session.flush()
    for line in lines:
        line.credit_note_id = note.id
    work.session.add_all(lines)
    work.session.flush()
    _post(work, note, lines)
    work.link(invoice, note)
    if settled := min(invoice.open_amount, note.open_amount):
        _allocate(work, note, *settle_invoice(work, invoice, invoice.id, note, day, settled), day, settled)
    work.announce(CreditNotePosted(document_id=note.id, customer_id=note.customer_id, total_amount=note.total_amount))
    return note


def _to_credit(
    work: Work, invoice: SalesInvoice, wanted: Mapping[int, Decimal]
) -> list[tuple[SalesInvoiceLine, Decimal]]:
    """The invoice's lines that are credited, each with its quantity."""
    lines = work.session.scalars(
        select(SalesInvoiceLine)
        .where(SalesInvoiceLine.sales_invoice_id == invoice.id)
        .order_by(SalesInvoiceLine.line_no)
        .execution_options(populate_existing=True)
    ).all()
    left = {line.id: line.quantity - line.quantity_credited for line in lines}
    asked = wanted or left
    if unknown := set(asked) - set(left):
        raise LineOfAnotherInvoice(line=min(unknown), number=invoice.number)
    for line in lines:
        if asked.get(line.id, Decimal(0)) > left[line.id]:
            raise CreditedTooMuch(line=line.line_no, number=invoice.number, wanted=asked[line.id], left=left[line.id])
    return [(line, asked[line.id]) for line in lines if asked.get(line.id)]


def _credit(line: SalesInvoiceLine, quantity: Decimal, minor_units: int, own_units: int) -> CreditNoteLine:
    """Credit a quantity of an invoice's line, in proportion, to the last cent when the line is credited whole."""

    def part(amount: Decimal, units: int) -> Decimal:
        return portion(amount, line.quantity, before, quantity, units)

    before = line.quantity_credited
    net, tax = part(line.net_amount, minor_units), part(line.tax_amount, minor_units)
    line.quantity_credited += quantity
    line.net_credited += net
    line.tax_credited += tax
    return CreditNoteLine(
        company_id=line.company_id,
        sales_invoice_line_id=line.id,
        item_id=line.item_id,
        quantity=quantity,
        net_amount=net,
        tax_amount=tax,
        company_net_amount=part(line.company_net_amount, own_units),
        company_tax_amount=part(line.company_tax_amount, own_units),
    )


def _post(work: Work, note: CreditNote, lines: Sequence[CreditNoteLine]) -> None:
    revenue = account_for(work, "revenue")
    customer = work.session.get_one(PartyRole, note.customer_id)
    rate, department = frozen_on(note), department_of_entry(work.session, sales_invoice.name, note.sales_invoice_id)
    tax = Posting(account=account_for(work, "output_vat"), amount=note.tax_amount)
    owed = Posting(account=account_for(work, "receivable"), amount=-note.total_amount, party_role_id=customer.id)
    post_in_currency(
        work,
        note.business_date,
        _("Credit note {number} {customer}").format(number=note.number, customer=customer.name),
        [
            *(
                in_currency(
                    rate,
                    Posting(
                        account=revenue,
                        amount=line.net_amount,
                        item_id=line.item_id,
                        party_role_id=customer.id,
                        department_id=department,
                    ),
                    line.company_net_amount,
                )
                for line in lines
            ),
            in_currency(rate, tax, sum((line.company_tax_amount for line in lines), Decimal(0))),
            in_currency(rate, owed, -note.company_amount),
        ],
        (credit_note.name, note.id),
    )


def _allocate(
    work: Work, note: CreditNote, invoice: SalesInvoice, carried: Decimal, day: date, amount: Decimal
) -> None:
    """Note that a credit settled an invoice. Both stand on the receivable account: only what rates have made is posted.

    Args:
        carried: what the books carried the settled part of the invoice at, in the company's currency.
    """
    source = take_off(work, note, amount)
    note.state = "open" if note.open_amount else "settled"
    rate = frozen_on(note)
    receivable = Posting(account=account_for(work, "receivable"), amount=Decimal(0), party_role_id=note.customer_id)
    post_in_currency(
        work,
        day,
        _("Credit note {number} settles {invoice}").format(number=note.number, invoice=invoice.number),
        [in_currency(rate, receivable, source - carried)],
        (credit_note.name, note.id),
    )
    work.session.add(
        CreditAllocation(
            company_id=work.company_id,
            credit_note_id=note.id,
            sales_invoice_id=invoice.id,
            business_date=day,
            amount=amount,
            company_amount=carried,
            source_company_amount=source,
        )
    )
    work.link(invoice, note)


def _refund(work: Work, source: CreditNote | ReceiptOfMoney, body: PayBack, kind: tuple[str, str], **of: int) -> Refund:
    """Dr the account on which the customer's money stands, Cr bank.

    Args:
        kind: purpose of that account, and the state of the source once nothing is open on it.
    """
    purpose, emptied = kind
    if body.amount > source.open_amount:
        raise RefundedTooMuch(amount=as_money(body.amount), open=source.open_amount, number=source.number)
    if body.business_date < source.business_date:
        raise AllocatedTooEarly(number=source.number, day=source.business_date.isoformat())
    customer = work.session.get_one(PartyRole, source.customer_id)
    rate = freeze_rate(work.session, company_of(work), source.currency, body.business_date, body.exchange_rate)
    bank = money_account(work, source.currency, body.bank_account_id)
    paid = in_company_currency(work.session, company_of(work), body.amount, rate)
    number = work.number(refund, body.business_date)
    carried = take_off(work, source, body.amount)
    source.state = "open" if source.open_amount else emptied
    made = Refund(
        company_id=work.company_id,
        number=number,
        state="paid",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        customer_id=customer.id,
        amount=body.amount,
        company_amount=paid,
        source_company_amount=carried,
        bank_reference=body.bank_reference,
        **rate.columns,
        **of,
    )
    work.session.add(made)
    work.session.flush()
    owed = Posting(account=account_for(work, purpose), amount=body.amount, party_role_id=customer.id)
    post_in_currency(
        work,
        body.business_date,
        _("Money back to {customer}").format(customer=customer.name),
        [
            in_currency(rate, owed, carried),
            in_currency(rate, Posting(account=bank, amount=-body.amount), -paid),
        ],
        (refund.name, made.id),
    )
    work.link(source, made)
    work.announce(CustomerRefunded(document_id=made.id, customer_id=customer.id, amount=made.amount))
    return made
