"""Verbs about payables: release a held bill; and how a bill is made and posted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_app.core.command import Work, command
from operational_app.core.exchange import FrozenRate, in_company_currency, minor_units_of
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.tax import rate_on, tax_amount
from operational_app.finance.errors import RoundingTooLarge, SameUserReleases
from operational_app.finance.events import BillPosted
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.models import Bill, BillLine, bill
from operational_app.finance.payables.rules import ROUNDING_LIMIT, rounding_difference
from operational_app.finance.settlement.commands import (
    company_of,
    company_shares,
    in_currency,
    post_in_currency,
)
from operational_app.finance.terms.commands import due_of
from operational_app.finance.terms.models import BillInstalment


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
    payment_term_id: int | None = None,
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
    due = due_of(work, supplier, business_date, total, minor_units, payment_term_id)
    made = Bill(
        company_id=work.company_id,
        number=work.number(bill, business_date),
        state="held" if held_because else "open",
        business_date=business_date,
        created_by=work.principal.user_id,
        supplier_id=supplier.id,
        supplier_reference=supplier_reference,
        subtotal=subtotal,
        tax_amount=tax,
        rounding_amount=rounding,
        total_amount=total,
        open_amount=total,
        company_amount=carried,
        open_company_amount=carried,
        **rate.columns,
        **due.columns,
        held_because=held_because,
    )
    work.session.add(made)
    work.session.flush()
    work.session.add_all(
        BillInstalment(company_id=work.company_id, bill_id=made.id, due_date=day, amount=amount)
        for day, amount in due.instalments
    )
    computed = in_company_currency(work.session, company_of(work), subtotal + tax, rate)
    shares = company_shares(work, rate, computed, [part for row in rows for part in (row.net_amount, row.tax_amount)])
    for row, net, share in zip(rows, shares[::2], shares[1::2], strict=True):
        row.bill_id, row.company_net_amount, row.company_tax_amount = made.id, net, share
    work.session.add_all(rows)
    work.session.flush()
    description = _("Bill {reference} {supplier}").format(reference=supplier_reference, supplier=supplier.name)
    postings = _postings(work, supplier, made, lines, rows, rate, department_id)
    post_in_currency(work, business_date, description, postings, (bill.name, made.id))
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
