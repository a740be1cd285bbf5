"""How an invoice to a customer is made and posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_app.core.command import Work
from operational_app.core.exchange import FrozenRate, freeze_rate, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.tax import net_amount, rate_on, tax_amount
from operational_app.finance.events import SalesInvoicePosted
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.receivables.models import (
    SalesInvoice,
    SalesInvoiceLine,
    sales_invoice,
)
from operational_app.finance.settlement.commands import (
    company_of,
    company_shares,
    in_currency,
    post_in_currency,
)
from operational_app.finance.terms.commands import due_of
from operational_app.finance.terms.models import SalesInvoiceInstalment


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


def post_sales_invoice(
    work: Work,
    customer: PartyRole,
    business_date: date,
    lines: Sequence[LineToInvoice],
    customer_reference: str | None = None,
    currency: str | None = None,
    department_id: int | None = None,
    payment_term_id: int | None = None,
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
    due = due_of(work, customer, business_date, subtotal + tax, minor_units, payment_term_id)
    invoice = SalesInvoice(
        company_id=work.company_id,
        number=work.number(sales_invoice, business_date),
        state="open" if subtotal + tax else "paid",
        business_date=business_date,
        created_by=work.principal.user_id,
        customer_id=customer.id,
        customer_reference=customer_reference,
        subtotal=subtotal,
        tax_amount=tax,
        total_amount=subtotal + tax,
        open_amount=subtotal + tax,
        company_amount=carried,
        open_company_amount=carried,
        **rate.columns,
        **due.columns,
    )
    work.session.add(invoice)
    work.session.flush()
    work.session.add_all(
        SalesInvoiceInstalment(company_id=work.company_id, sales_invoice_id=invoice.id, due_date=day, amount=amount)
        for day, amount in due.instalments
    )
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
