"""Verbs about money of customers: receive it, say which invoices it pays, in their currency or another.

Money that has paid no invoice yet is an advance: a debt in goods, kept at the rate of the day on which it came in.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Ref, Work, command
from operational_app.core.errors import OtherCurrency
from operational_app.core.exchange import FrozenRate, freeze_rate, frozen_on, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Money, Rate, as_money, rounded
from operational_app.finance.errors import (
    AllocatedTooEarly,
    AllocatedTooMuch,
    AllocationExceedsReceipt,
    DiscountTooLarge,
    DiscountTooLate,
    OtherCustomersInvoice,
)
from operational_app.finance.events import MoneyReceived
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.receivables.models import (
    CreditNote,
    ReceiptAllocation,
    ReceiptOfMoney,
    SalesInvoice,
    receipt_of_money,
    sales_invoice,
)
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
from operational_app.finance.settlement.rules import LARGEST_DISCOUNT, discount_limit


class Allocation(Body):
    sales_invoice_id: Ref("sales_invoice")
    amount: Money = Field(gt=0, description="What it pays of the invoice, in the invoice's currency.")
    discount_amount: Money = Field(
        default=Decimal(0), ge=0, description="Discount for early payment that settles the invoice beside the amount."
    )
    source_amount: Money | None = Field(
        default=None, gt=0, description="What it takes of money in another currency; empty: by the rates of the day."
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
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Currency of the money; empty: the invoice's."
    )
    settled_amount: Money | None = Field(
        default=None,
        gt=0,
        description="What money in another currency pays of the invoice, in its currency; empty: by the rates of the day.",
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


@command(receipt_of_money, _("Receive money"))
def receive_money(work: Work, body: ReceiveMoney) -> ReceiptOfMoney:
    """Book money that came in from a customer, and say which invoices it pays. What is left is an advance for later."""
    return _receive(work, body, body.currency or _usual_currency(work, body))


@command(sales_invoice, _("Receive payment"), states=("open",))
def receive_payment_of_invoice(work: Work, invoice: SalesInvoice, body: ReceivePayment) -> ReceiptOfMoney:
    """Book the customer's payment of this invoice, whole or in part; what is paid too much is an advance for later."""
    currency = body.currency or invoice.currency
    rate = freeze_rate(work.session, company_of(work), currency, body.business_date, body.exchange_rate)
    amount = min(_settled_by(work, invoice, body, rate), invoice.open_amount)
    source = None
    if currency != invoice.currency:
        source = min(in_money_of(work, amount, invoice.currency, rate, body.business_date), body.amount)
        if body.settled_amount is not None or amount < invoice.open_amount:
            source = body.amount
    paid = Allocation(
        sales_invoice_id=invoice.id, amount=amount, discount_amount=body.discount_amount, source_amount=source
    )
    money = body.model_dump(exclude={"discount_amount", "currency", "settled_amount"})
    return _receive(work, ReceiveMoney(customer_id=invoice.customer_id, allocations=[paid], **money), currency)


def _settled_by(work: Work, invoice: SalesInvoice, body: ReceivePayment, rate: FrozenRate) -> Decimal:
    """What money settles of an invoice, in the invoice's currency: as given, or by the rates of the day."""
    if rate.currency == invoice.currency:
        return body.amount
    if body.settled_amount is not None:
        return body.settled_amount
    own = company_of(work)
    of_invoice = freeze_rate(work.session, own, invoice.currency, body.business_date)
    value = in_company_currency(work.session, own, body.amount, rate)
    return rounded(value / of_invoice.exchange_rate, minor_units_of(work.session, invoice.currency))


@command(receipt_of_money, _("Allocate"), states=("open",))
def allocate_receipt(work: Work, receipt: ReceiptOfMoney, body: AllocateReceipt) -> ReceiptOfMoney:
    """Say which invoices money that came in earlier pays: it is an advance no longer, and the customer owes less."""
    if body.business_date < receipt.business_date:
        raise AllocatedTooEarly(number=receipt.number, day=receipt.business_date.isoformat())
    rows, invoices = _allocate(work, receipt, body.business_date, body.allocations)
    advance = Posting(
        account=account_for(work, "customer_advances"),
        amount=sum((row.source_amount for row in rows), Decimal(0)),
        party_role_id=receipt.customer_id,
    )
    carried = sum((row.source_company_amount for row in rows), Decimal(0))
    post_in_currency(
        work,
        body.business_date,
        _("Advance {number} allocated").format(number=receipt.number),
        [
            in_currency(frozen_on(receipt), advance, carried),
            *_settled(work, receipt.customer_id, rows, invoices),
            *_rate_of_advance(work, receipt, rows, invoices),
        ],
        (receipt_of_money.name, receipt.id),
    )
    return receipt


def _rate_of_advance(
    work: Work, receipt: ReceiptOfMoney, rows: Sequence[ReceiptAllocation], invoices: Mapping[int, SalesInvoice]
) -> list[Posting]:
    """The rate of an advance is the rate of the revenue that it pays (IFRIC 22): the invoice's own was another."""
    lines = []
    for row in rows:
        invoice = invoices[row.sales_invoice_id]
        difference = row.source_company_amount - row.company_amount
        # Money that came after the invoice settles a claim: what rates have made of that is an exchange difference.
        if receipt.currency == invoice.currency and receipt.business_date < invoice.business_date and difference:
            changed = goods_share(work, difference, invoice.subtotal, invoice.total_amount)
            account = account_for(work, "revenue")
            lines.append(Posting(account=account, amount=-changed, party_role_id=receipt.customer_id))
    return lines


def _payment_due(session: Session, invoice: SalesInvoice) -> dict[str, object]:
    """All that is open; with the discount of its terms while they still give one and nothing has been paid."""
    whole = invoice.open_amount == invoice.total_amount
    if invoice.discount_share is None or not whole or date.today() > (invoice.discount_until or invoice.due_date):
        return {"amount": invoice.open_amount}
    units = minor_units_of(session, invoice.currency)
    discount = discount_limit(invoice.total_amount, invoice.discount_share, units)
    return {"amount": invoice.open_amount - discount, "discount_amount": discount}


DEFAULTS["receive_payment_of_invoice"] = _payment_due


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
    rows, invoices = _allocate(work, receipt, body.business_date, body.allocations)
    lines = [
        in_currency(rate, Posting(account=bank, amount=body.amount), carried),
        *_settled(work, customer.id, rows, invoices),
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
        (receipt_of_money.name, receipt.id),
    )
    work.announce(MoneyReceived(document_id=receipt.id, customer_id=customer.id, amount=receipt.amount))
    return receipt


def _settled(
    work: Work, customer_id: int, rows: Sequence[ReceiptAllocation], invoices: Mapping[int, SalesInvoice]
) -> list[Posting]:
    """Cr receivable for what invoices are settled by, currency by currency, of which discounts are a cost."""
    lines = []
    for currency in sorted({invoices[row.sales_invoice_id].currency for row in rows}):
        own = [row for row in rows if invoices[row.sales_invoice_id].currency == currency]
        rate = frozen_on(invoices[own[0].sales_invoice_id])
        discount = sum((row.discount_amount for row in own), Decimal(0))
        amount = sum((row.amount for row in own), Decimal(0)) + discount
        settled = Posting(account=account_for(work, "receivable"), amount=-amount, party_role_id=customer_id)
        if discount:
            given = Posting(account=account_for(work, "discount_given"), amount=discount, party_role_id=customer_id)
            lines.append(in_currency(rate, given, sum((row.discount_company_amount for row in own), Decimal(0))))
        lines.append(in_currency(rate, settled, -sum((row.company_amount for row in own), Decimal(0))))
    return lines


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
        source: what settles it: of the same customer, and a credit in the same currency.

    Returns:
        The invoice, and what the books carried the settled part at, in the company's currency.

    Raises:
        OtherCustomersInvoice, OtherCurrency, AllocatedTooEarly, AllocatedTooMuch: nothing has been settled.
    """
    if invoice is None or invoice.customer_id != source.customer_id:
        raise OtherCustomersInvoice(number=invoice.number if invoice else invoice_id)
    if isinstance(source, CreditNote) and invoice.currency != source.currency:
        raise OtherCurrency(number=invoice.number, currency=invoice.currency, other=source.currency)
    if day < invoice.business_date:
        raise AllocatedTooEarly(number=invoice.number, day=invoice.business_date.isoformat())
    if amount + discount > invoice.open_amount:
        raise AllocatedTooMuch(amount=as_money(amount + discount), number=invoice.number, open=invoice.open_amount)
    carried = take_off(work, invoice, amount + discount)
    invoice.state = "open" if invoice.open_amount else "paid"
    return invoice, carried


def _require_discount(work: Work, invoice: SalesInvoice, day: date, discount: Decimal) -> None:
    """A discount is for paying in time, and within its limit over all payments of the invoice: what its terms give, else
    what the company gives to whoever pays by the due date."""
    last = invoice.discount_until or invoice.due_date
    if day > last:
        raise DiscountTooLate(number=invoice.number, day=last.isoformat())
    before = work.session.scalar(
        select(func.coalesce(func.sum(ReceiptAllocation.discount_amount), 0)).where(
            ReceiptAllocation.sales_invoice_id == invoice.id
        )
    )
    share = LARGEST_DISCOUNT if invoice.discount_share is None else invoice.discount_share
    limit = discount_limit(invoice.total_amount, share, minor_units_of(work.session, invoice.currency))
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
) -> tuple[list[ReceiptAllocation], dict[int, SalesInvoice]]:
    """Pay invoices out of a receipt."""
    work.session.flush()
    invoices = lock_invoices(work, {part.sales_invoice_id for part in allocations})
    bears = frozen_on(receipt)
    rate = rate_of_day(work, bears, day, receipt.business_date)
    made = []
    for part in sorted(allocations, key=lambda part: part.sales_invoice_id):
        at, discount = part.sales_invoice_id, part.discount_amount
        invoice, carried = settle_invoice(work, invoices.get(at), at, receipt, day, part.amount, discount)
        if discount:
            _require_discount(work, invoice, day, discount)
        crosses = invoice.currency != receipt.currency
        taken = part.source_amount if crosses else part.amount
        if taken is None:
            taken = in_money_of(work, part.amount, invoice.currency, rate, day)
        if taken > receipt.open_amount:
            allocated = receipt.amount - receipt.open_amount + taken
            raise AllocationExceedsReceipt(allocated=as_money(allocated), amount=receipt.amount)
        given_at = freeze_rate(work.session, company_of(work), invoice.currency, day) if crosses else bears
        source = take_off(work, receipt, taken)
        receipt.state = "open" if receipt.open_amount else "allocated"
        made.append(
            ReceiptAllocation(
                company_id=work.company_id,
                receipt_of_money_id=receipt.id,
                sales_invoice_id=invoice.id,
                business_date=day,
                amount=part.amount,
                source_amount=taken,
                discount_amount=discount,
                company_amount=carried,
                source_company_amount=source,
                discount_company_amount=in_company_currency(work.session, company_of(work), discount, given_at),
            )
        )
        work.link(invoice, receipt)
    work.session.add_all(made)
    work.session.flush()
    return made, invoices
