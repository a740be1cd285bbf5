"""Verbs about receivables: invoice, receive money, allocate it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from pydantic import Field
from sqlalchemy import func, select

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.errors import OtherCurrency
from operational_app.core.exchange import FrozenRate, freeze_rate, frozen_on, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, Rate
from operational_app.core.tax import net_amount, rate_on, tax_amount
from operational_app.finance.errors import (
    AllocatedTooEarly,
    AllocatedTooMuch,
    AllocationExceedsReceipt,
    DiscountTooLarge,
    DiscountTooLate,
    OtherCustomersInvoice,
)
from operational_app.finance.events import MoneyReceived, SalesInvoicePosted
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.receivables.models import (
    CreditNote,
    ReceiptAllocation,
    ReceiptOfMoney,
    SalesInvoice,
    SalesInvoiceLine,
    receipt_of_money,
    sales_invoice,
)
from operational_app.finance.receivables.rules import discount_limit
from operational_app.finance.settlement.commands import (
    company_of,
    company_shares,
    in_currency,
    money_account,
    post_in_currency,
    take_off,
)


class Allocation(Body):
    sales_invoice_id: Ref("sales_invoice")
    amount: Money = Field(gt=0)
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for early payment that settles the invoice beside the amount."
    )


class ReceiveMoney(Body):
    customer_id: Ref("customer")
    business_date: date
    amount: Money = Field(gt=0)
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Empty: that of the invoices it pays, else the customer's."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)
    allocations: list[Allocation] = Field(default_factory=list, max_length=1000)


class ReceivePayment(Body):
    business_date: date
    amount: Money = Field(gt=0)
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for early payment that settles the invoice beside the amount."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)


class AllocateReceipt(Body):
    business_date: date
    allocations: list[Allocation] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What allocations come to: money, discounts, what the invoices were carried at, what the money and discounts are."""

    amount: Decimal
    discount: Decimal
    company_amount: Decimal
    source_company_amount: Decimal
    discount_company_amount: Decimal

    @classmethod
    def of(cls, rows: Sequence[ReceiptAllocation]) -> Self:
        return cls(
            amount=sum((row.amount for row in rows), Decimal(0)),
            discount=sum((row.discount_amount for row in rows), Decimal(0)),
            company_amount=sum((row.company_amount for row in rows), Decimal(0)),
            source_company_amount=sum((row.source_company_amount for row in rows), Decimal(0)),
            discount_company_amount=sum((row.discount_company_amount for row in rows), Decimal(0)),
        )


@dataclass(frozen=True, kw_only=True)
class LineToInvoice:
    """What goes on an invoice's line; tax and amounts are worked out here."""

    item_id: int
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    vat_code: str
    delivery_line_id: int | None = None


@command(receipt_of_money, _("Receive money"))
def receive_money(work: Work, body: ReceiveMoney) -> ReceiptOfMoney:
    """Book money that came in from a customer, and say which invoices it pays. What is left is an advance for later."""
    return _receive(work, body, body.currency or _usual_currency(work, body))


@command(sales_invoice, _("Receive payment"), states=("open",))
def receive_payment_of_invoice(work: Work, invoice: SalesInvoice, body: ReceivePayment) -> ReceiptOfMoney:
    """Book the customer's payment of this invoice, whole or in part; what is paid too much is an advance for later."""
    paid = Allocation(
        sales_invoice_id=invoice.id,
        amount=min(body.amount, invoice.open_amount),
        discount_amount=body.discount_amount,
    )
    money = body.model_dump(exclude={"discount_amount"})
    body_of_receipt = ReceiveMoney(customer_id=invoice.customer_id, allocations=[paid], **money)
    return _receive(work, body_of_receipt, invoice.currency)


@command(receipt_of_money, _("Allocate"), states=("open",))
def allocate_receipt(work: Work, receipt: ReceiptOfMoney, body: AllocateReceipt) -> ReceiptOfMoney:
    """Say which invoices money that came in earlier pays: it is an advance no longer, and the customer owes less."""
    if body.business_date < receipt.business_date:
        raise AllocatedTooEarly(number=receipt.number, day=receipt.business_date.isoformat())
    paid = _allocate(work, receipt, body.business_date, body.allocations)
    rate, customer_id = frozen_on(receipt), receipt.customer_id
    advance = Posting(account=account_for(work, "customer_advances"), amount=paid.amount, party_role_id=customer_id)
    post_in_currency(
        work,
        body.business_date,
        _("Advance {number} allocated").format(number=receipt.number),
        [in_currency(rate, advance, paid.source_company_amount), *_settled(work, customer_id, rate, paid)],
        rate,
        (receipt_of_money.name, receipt.id),
    )
    return receipt


DEFAULTS["receive_payment_of_invoice"] = lambda _session, invoice: {"amount": invoice.open_amount}


def post_sales_invoice(
    work: Work,
    customer: PartyRole,
    business_date: date,
    lines: Sequence[LineToInvoice],
    customer_reference: str | None = None,
    currency: str | None = None,
    department_id: int | None = None,
) -> SalesInvoice:
    """Make and post an invoice: Dr receivable; Cr revenue by item, Cr output VAT.

    One in another currency takes the rate of its own day. The revenue is the department's, where one is named.
    """
    rate = freeze_rate(work.session, company_of(work), currency, business_date)
    minor_units = minor_units_of(work.session, rate.currency)
    rows = [_invoice_line(work, number, line, business_date, minor_units) for number, line in enumerate(lines, start=1)]
    subtotal = sum((row.net_amount for row in rows), Decimal(0))
    tax = sum((row.tax_amount for row in rows), Decimal(0))
    carried = in_company_currency(work.session, company_of(work), subtotal + tax, rate)
    invoice = SalesInvoice(
        company_id=work.company_id,
        number=work.number(sales_invoice, business_date),
        state="open" if subtotal + tax else "paid",
        business_date=business_date,
        created_by=work.principal.user_id,
        customer_id=customer.id,
        customer_reference=customer_reference,
        due_date=business_date + timedelta(days=customer.payment_days),
        subtotal=subtotal,
        tax_amount=tax,
        total_amount=subtotal + tax,
        open_amount=subtotal + tax,
        company_amount=carried,
        open_company_amount=carried,
        **rate.columns,
    )
    work.session.add(invoice)
    work.session.flush()
    shares = company_shares(work, rate, carried, [part for row in rows for part in (row.net_amount, row.tax_amount)])
    for row, net, share in zip(rows, shares[::2], shares[1::2], strict=True):
        row.sales_invoice_id, row.company_net_amount, row.company_tax_amount = invoice.id, net, share
    work.session.add_all(rows)
    work.session.flush()
    _post_invoice(work, customer, invoice, rows, rate, department_id)
    work.announce(
        SalesInvoicePosted(document_id=invoice.id, customer_id=customer.id, total_amount=invoice.total_amount)
    )
    return invoice


def _post_invoice(
    work: Work,
    customer: PartyRole,
    invoice: SalesInvoice,
    rows: Sequence[SalesInvoiceLine],
    rate: FrozenRate,
    department_id: int | None,
) -> None:
    owed = Posting(account=account_for(work, "receivable"), amount=invoice.total_amount, party_role_id=customer.id)
    tax = Posting(account=account_for(work, "output_vat"), amount=-invoice.tax_amount)
    revenue = account_for(work, "revenue")
    post_in_currency(
        work,
        invoice.business_date,
        _("Invoice {number} {customer}").format(number=invoice.number, customer=customer.name),
        [
            in_currency(rate, owed, invoice.company_amount),
            *(
                in_currency(
                    rate,
                    Posting(
                        account=revenue,
                        amount=-row.net_amount,
                        item_id=row.item_id,
                        party_role_id=customer.id,
                        department_id=department_id,
                    ),
                    -row.company_net_amount,
                )
                for row in rows
            ),
            in_currency(rate, tax, -sum((row.company_tax_amount for row in rows), Decimal(0))),
        ],
        rate,
        (sales_invoice.name, invoice.id),
    )


def _invoice_line(work: Work, number: int, line: LineToInvoice, day: date, minor_units: int) -> SalesInvoiceLine:
    rate = rate_on(work.session, line.vat_code, day)
    net = net_amount(line.quantity, line.unit_price, line.discount, minor_units)
    return SalesInvoiceLine(
        company_id=work.company_id,
        line_no=number,
        delivery_line_id=line.delivery_line_id,
        item_id=line.item_id,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        discount=line.discount,
        vat_code=line.vat_code,
        vat_rate=rate,
        net_amount=net,
        tax_amount=tax_amount(net, rate, minor_units),
    )


def _usual_currency(work: Work, body: ReceiveMoney) -> str:
    """The currency of the first invoice that is paid, else the one agreed with the customer."""
    if body.allocations:
        return work.session.get_one(SalesInvoice, body.allocations[0].sales_invoice_id).currency
    return work.session.get_one(PartyRole, body.customer_id).currency


def _receive(work: Work, body: ReceiveMoney, currency: str) -> ReceiptOfMoney:
    """Dr bank, Cr receivable for what pays invoices, Cr advances of customers for the rest."""
    customer = work.session.get_one(PartyRole, body.customer_id)
    rate = freeze_rate(work.session, company_of(work), currency, body.business_date, body.exchange_rate)
    bank = money_account(work, currency, body.bank_account_id)
    carried = in_company_currency(work.session, company_of(work), body.amount, rate)
    # Invoices before counters: a payment that begins at its invoice takes its locks in this order too.
    lock_invoices(work, {part.sales_invoice_id for part in body.allocations})
    receipt = ReceiptOfMoney(
        company_id=work.company_id,
        number=work.number(receipt_of_money, body.business_date),
        state="open",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        customer_id=customer.id,
        amount=body.amount,
        open_amount=body.amount,
        company_amount=carried,
        open_company_amount=carried,
        ledger_account_id=bank,
        bank_reference=body.bank_reference,
        **rate.columns,
    )
    work.session.add(receipt)
    work.session.flush()
    paid = _allocate(work, receipt, body.business_date, body.allocations)
    lines = [
        in_currency(rate, Posting(account=bank, amount=body.amount), carried),
        *_settled(work, customer.id, rate, paid),
    ]
    if receipt.open_amount:
        advances = account_for(work, "customer_advances")
        kept = Posting(account=advances, amount=-receipt.open_amount, party_role_id=customer.id)
        lines.append(in_currency(rate, kept, -receipt.open_company_amount))
    post_in_currency(
        work,
        body.business_date,
        _("Money from {customer}").format(customer=customer.name),
        lines,
        rate,
        (receipt_of_money.name, receipt.id),
    )
    work.announce(MoneyReceived(document_id=receipt.id, customer_id=customer.id, amount=receipt.amount))
    return receipt


def _settled(work: Work, customer_id: int, rate: FrozenRate, paid: Paid) -> list[Posting]:
    """Cr receivable for what invoices are settled by, of which the discount is a cost: Dr discount given."""
    settled = Posting(
        account=account_for(work, "receivable"), amount=-paid.amount - paid.discount, party_role_id=customer_id
    )
    receivable = in_currency(rate, settled, -paid.company_amount)
    if not paid.discount:
        return [receivable]
    given = Posting(account=account_for(work, "discount_given"), amount=paid.discount, party_role_id=customer_id)
    return [in_currency(rate, given, paid.discount_company_amount), receivable]


def settle_invoice(
    work: Work,
    invoice: SalesInvoice | None,
    invoice_id: int,
    source: CreditNote | ReceiptOfMoney,
    day: date,
    amount: Decimal,
    discount: Decimal = Decimal(0),
) -> tuple[SalesInvoice, Decimal]:
    """Take `amount` and `discount` off what is open on an invoice, which is locked.

    Args:
        source: what settles it: of the same customer, in the same currency.

    Returns:
        The invoice, and what the books carried the settled part at, in the company's currency.

    Raises:
        OtherCustomersInvoice, OtherCurrency, AllocatedTooEarly, AllocatedTooMuch: nothing has been settled.
    """
    if invoice is None or invoice.customer_id != source.customer_id:
        raise OtherCustomersInvoice(number=invoice.number if invoice else invoice_id)
    if invoice.currency != source.currency:
        raise OtherCurrency(number=invoice.number, currency=invoice.currency, other=source.currency)
    if day < invoice.business_date:
        raise AllocatedTooEarly(number=invoice.number, day=invoice.business_date.isoformat())
    if amount + discount > invoice.open_amount:
        raise AllocatedTooMuch(amount=amount + discount, number=invoice.number, open=invoice.open_amount)
    carried = take_off(work, invoice, amount + discount)
    invoice.state = "open" if invoice.open_amount else "paid"
    return invoice, carried


def _require_discount(work: Work, invoice: SalesInvoice, day: date, discount: Decimal) -> None:
    """A discount is for paying by the due date, and within the company's limit over all payments of the invoice."""
    if day > invoice.due_date:
        raise DiscountTooLate(number=invoice.number, day=invoice.due_date.isoformat())
    before = work.session.scalar(
        select(func.coalesce(func.sum(ReceiptAllocation.discount_amount), 0)).where(
            ReceiptAllocation.sales_invoice_id == invoice.id
        )
    )
    limit = discount_limit(invoice.total_amount, minor_units_of(work.session, invoice.currency))
    if Decimal(before or 0) + discount > limit:
        raise DiscountTooLarge(number=invoice.number, limit=limit)


def lock_invoices(work: Work, wanted: Collection[int]) -> dict[int, SalesInvoice]:
    """The invoices as they are now, locked in order of their row: two clerks never block in a circle."""
    found = work.session.scalars(
        select(SalesInvoice)
        .where(SalesInvoice.id.in_(wanted))
        .order_by(SalesInvoice.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {invoice.id: invoice for invoice in found}


def _allocate(work: Work, receipt: ReceiptOfMoney, day: date, allocations: Sequence[Allocation]) -> Paid:
    """Pay invoices out of a receipt."""
    total = sum((part.amount for part in allocations), Decimal(0))
    if total > receipt.open_amount:
        raise AllocationExceedsReceipt(allocated=total, amount=receipt.open_amount)
    work.session.flush()
    invoices = lock_invoices(work, {part.sales_invoice_id for part in allocations})
    made = []
    for part in sorted(allocations, key=lambda part: part.sales_invoice_id):
        at, discount = part.sales_invoice_id, part.discount_amount
        invoice, carried = settle_invoice(work, invoices.get(at), at, receipt, day, part.amount, discount)
        if discount:
            _require_discount(work, invoice, day, discount)
        source = take_off(work, receipt, part.amount)
        receipt.state = "open" if receipt.open_amount else "allocated"
        made.append(
            ReceiptAllocation(
                company_id=work.company_id,
                receipt_of_money_id=receipt.id,
                sales_invoice_id=invoice.id,
                business_date=day,
                amount=part.amount,
                discount_amount=discount,
                company_amount=carried,
                source_company_amount=source,
                discount_company_amount=in_company_currency(
                    work.session, company_of(work), discount, frozen_on(receipt)
                ),
            )
        )
        work.link(invoice, receipt)
    work.session.add_all(made)
    work.session.flush()
    return Paid.of(made)
