"""Verbs about receivables: invoice, receive money, allocate it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field
from sqlalchemy import func, select

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Currency, PartyRole
from operational_app.core.money import Money
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
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.receivables.models import (
    ReceiptAllocation,
    ReceiptOfMoney,
    SalesInvoice,
    SalesInvoiceLine,
    receipt_of_money,
    sales_invoice,
)
from operational_app.finance.receivables.rules import discount_limit


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
    bank_reference: str | None = Field(default=None, max_length=200)
    allocations: list[Allocation] = Field(default_factory=list, max_length=1000)


class ReceivePayment(Body):
    business_date: date
    amount: Money = Field(gt=0)
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for early payment that settles the invoice beside the amount."
    )
    bank_reference: str | None = Field(default=None, max_length=200)


class AllocateReceipt(Body):
    business_date: date
    allocations: list[Allocation] = Field(min_length=1, max_length=1000)


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
    return _receive(work, body)


@command(sales_invoice, _("Receive payment"), states=("open",))
def receive_payment_of_invoice(work: Work, invoice: SalesInvoice, body: ReceivePayment) -> ReceiptOfMoney:
    """Book the customer's payment of this invoice, whole or in part; what is paid too much is an advance for later."""
    paid = Allocation(
        sales_invoice_id=invoice.id,
        amount=min(body.amount, invoice.open_amount),
        discount_amount=body.discount_amount,
    )
    money = body.model_dump(exclude={"discount_amount"})
    return _receive(work, ReceiveMoney(customer_id=invoice.customer_id, allocations=[paid], **money))


@command(receipt_of_money, _("Allocate"), states=("open",))
def allocate_receipt(work: Work, receipt: ReceiptOfMoney, body: AllocateReceipt) -> ReceiptOfMoney:
    """Say which invoices money that came in earlier pays: it is an advance no longer, and the customer owes less."""
    if body.business_date < receipt.business_date:
        raise AllocatedTooEarly(number=receipt.number, day=receipt.business_date.isoformat())
    allocated, discount = _allocate(work, receipt, body.business_date, body.allocations)
    customer_id = receipt.customer_id
    post(
        work,
        body.business_date,
        _("Advance {number} allocated").format(number=receipt.number),
        [
            Posting(account=account_for(work, "customer_advances"), amount=allocated, party_role_id=customer_id),
            *_settled(work, customer_id, allocated, discount),
        ],
        document=(receipt_of_money.name, receipt.id),
    )
    return receipt


DEFAULTS["receive_payment_of_invoice"] = lambda _session, invoice: {"amount": invoice.open_amount}


def post_sales_invoice(
    work: Work,
    customer: PartyRole,
    business_date: date,
    lines: Sequence[LineToInvoice],
    customer_reference: str | None = None,
) -> SalesInvoice:
    """Make and post an invoice: Dr receivable; Cr revenue by item, Cr output VAT."""
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    rows = [_invoice_line(work, number, line, business_date, minor_units) for number, line in enumerate(lines, start=1)]
    subtotal = sum((row.net_amount for row in rows), Decimal(0))
    tax = sum((row.tax_amount for row in rows), Decimal(0))
    invoice = SalesInvoice(
        company_id=work.company_id,
        number=work.number(sales_invoice, business_date),
        state="open" if subtotal + tax else "paid",
        business_date=business_date,
        created_by=work.principal.user_id,
        customer_id=customer.id,
        customer_reference=customer_reference,
        due_date=business_date + timedelta(days=customer.payment_days),
        currency=work.company.currency,
        subtotal=subtotal,
        tax_amount=tax,
        total_amount=subtotal + tax,
        open_amount=subtotal + tax,
    )
    work.session.add(invoice)
    work.session.flush()
    for row in rows:
        row.sales_invoice_id = invoice.id
    work.session.add_all(rows)
    work.session.flush()
    revenue = account_for(work, "revenue")
    if invoice.total_amount:
        post(
            work,
            business_date,
            _("Invoice {number} {customer}").format(number=invoice.number, customer=customer.name),
            [
                Posting(
                    account=account_for(work, "receivable"), amount=invoice.total_amount, party_role_id=customer.id
                ),
                *(
                    Posting(account=revenue, amount=-row.net_amount, item_id=row.item_id, party_role_id=customer.id)
                    for row in rows
                ),
                Posting(account=account_for(work, "output_vat"), amount=-tax),
            ],
            document=(sales_invoice.name, invoice.id),
        )
    work.announce(
        SalesInvoicePosted(document_id=invoice.id, customer_id=customer.id, total_amount=invoice.total_amount)
    )
    return invoice


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


def _receive(work: Work, body: ReceiveMoney) -> ReceiptOfMoney:
    """Dr bank, Cr receivable for what pays invoices, Cr advances of customers for the rest."""
    assert work.company is not None
    customer = work.session.get_one(PartyRole, body.customer_id)
    # Invoices before counters: a payment that begins at its invoice takes its locks in this order too.
    lock_invoices(work, {part.sales_invoice_id for part in body.allocations})
    receipt = ReceiptOfMoney(
        company_id=work.company_id,
        number=work.number(receipt_of_money, body.business_date),
        state="open",
        business_date=body.business_date,
        created_by=work.principal.user_id,
        customer_id=customer.id,
        currency=work.company.currency,
        amount=body.amount,
        open_amount=body.amount,
        bank_reference=body.bank_reference,
    )
    work.session.add(receipt)
    work.session.flush()
    allocated, discount = _allocate(work, receipt, body.business_date, body.allocations)
    lines = [
        Posting(account=account_for(work, "bank"), amount=body.amount),
        *_settled(work, customer.id, allocated, discount),
    ]
    if receipt.open_amount:
        advances = account_for(work, "customer_advances")
        lines.append(Posting(account=advances, amount=-receipt.open_amount, party_role_id=customer.id))
    post(
        work,
        body.business_date,
        _("Money from {customer}").format(customer=customer.name),
        lines,
        document=(receipt_of_money.name, receipt.id),
    )
    work.announce(MoneyReceived(document_id=receipt.id, customer_id=customer.id, amount=receipt.amount))
    return receipt


def _settled(work: Work, customer_id: int, allocated: Decimal, discount: Decimal) -> list[Posting]:
    """Cr receivable for what invoices are settled by, of which the discount is a cost: Dr discount given."""
    receivable = Posting(
        account=account_for(work, "receivable"), amount=-allocated - discount, party_role_id=customer_id
    )
    if not discount:
        return [receivable]
    return [
        Posting(account=account_for(work, "discount_given"), amount=discount, party_role_id=customer_id),
        receivable,
    ]


def settle_invoice(
    invoice: SalesInvoice | None,
    invoice_id: int,
    customer_id: int,
    day: date,
    amount: Decimal,
    discount: Decimal = Decimal(0),
) -> SalesInvoice:
    """Take `amount` and `discount` off what is open on a customer's invoice, which is locked, and return it.

    Raises:
        OtherCustomersInvoice, AllocatedTooEarly, AllocatedTooMuch: nothing has been settled.
    """
    if invoice is None or invoice.customer_id != customer_id:
        raise OtherCustomersInvoice(number=invoice.number if invoice else invoice_id)
    if day < invoice.business_date:
        raise AllocatedTooEarly(number=invoice.number, day=invoice.business_date.isoformat())
    if amount + discount > invoice.open_amount:
        raise AllocatedTooMuch(amount=amount + discount, number=invoice.number, open=invoice.open_amount)
    invoice.open_amount -= amount + discount
    invoice.state = "open" if invoice.open_amount else "paid"
    return invoice


def _require_discount(work: Work, invoice: SalesInvoice, day: date, discount: Decimal) -> None:
    """A discount is for paying by the due date, and within the company's limit over all payments of the invoice."""
    if day > invoice.due_date:
        raise DiscountTooLate(number=invoice.number, day=invoice.due_date.isoformat())
    before = work.session.scalar(
        select(func.coalesce(func.sum(ReceiptAllocation.discount_amount), 0)).where(
            ReceiptAllocation.sales_invoice_id == invoice.id
        )
    )
    limit = discount_limit(invoice.total_amount, work.session.get_one(Currency, invoice.currency).minor_units)
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


def _allocate(
    work: Work, receipt: ReceiptOfMoney, day: date, allocations: Sequence[Allocation]
) -> tuple[Decimal, Decimal]:
    """Pay invoices out of a receipt, and return the money allocated and the discounts given with it."""
    total = sum((part.amount for part in allocations), Decimal(0))
    if total > receipt.open_amount:
        raise AllocationExceedsReceipt(allocated=total, amount=receipt.open_amount)
    work.session.flush()
    invoices = lock_invoices(work, {part.sales_invoice_id for part in allocations})
    for part in sorted(allocations, key=lambda part: part.sales_invoice_id):
        at = part.sales_invoice_id
        invoice = settle_invoice(invoices.get(at), at, receipt.customer_id, day, part.amount, part.discount_amount)
        if part.discount_amount:
            _require_discount(work, invoice, day, part.discount_amount)
        receipt.open_amount -= part.amount
        receipt.state = "open" if receipt.open_amount else "allocated"
        work.session.add(
            ReceiptAllocation(
                company_id=work.company_id,
                receipt_of_money_id=receipt.id,
                sales_invoice_id=invoice.id,
                business_date=day,
                amount=part.amount,
                discount_amount=part.discount_amount,
            )
        )
        work.link(invoice, receipt)
    work.session.flush()
    return total, sum((part.discount_amount for part in allocations), Decimal(0))
