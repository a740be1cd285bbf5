"""Verbs about advances: say which bills one pays, take money back."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import DEFAULTS, Body, Work, command
from operational_app.core.exchange import frozen_on
from operational_app.core.i18n import _
from operational_app.finance.errors import (
    AllocatedTooEarly,
)
from operational_app.finance.events import AdvanceUsed
from operational_app.finance.ledger.commands import account_for
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.models import (
    Bill,
    Payment,
    PaymentAllocation,
    payment,
)
from operational_app.finance.paying.commands.money import BillPaid, allocate, lock_bills, owed_no_longer
from operational_app.finance.settlement.commands import (
    goods_share,
    in_currency,
    post_in_currency,
)
from operational_app.finance.supplier_credits.commands import ReceiveSupplierRefund, take_money_back
from operational_app.finance.supplier_credits.models import SupplierRefund


class AllocatePayment(Body):
    business_date: date
    allocations: list[BillPaid] = Field(min_length=1, max_length=1000)


@command(payment, _("Allocate"), states=("open",))
def allocate_payment(work: Work, payment: Payment, body: AllocatePayment) -> Payment:
    """Say which bills an advance pays: so much less is owed, and the advance is used up by it."""
    if body.business_date < payment.business_date:
        raise AllocatedTooEarly(number=payment.number, day=payment.business_date.isoformat())
    bills = lock_bills(work, {part.bill_id for part in body.allocations})
    rows = allocate(work, payment, body.business_date, body.allocations, bills)
    rate = frozen_on(payment)
    used = Posting(
        account=account_for(work, "supplier_advances"),
        amount=-sum((row.source_amount for row in rows), Decimal(0)),
        party_role_id=payment.supplier_id,
    )
    post_in_currency(
        work,
        body.business_date,
        _("Advance {number} allocated").format(number=payment.number),
        [
            *owed_no_longer(work, payment.supplier_id, rows, bills),
            in_currency(rate, used, -sum((row.source_company_amount for row in rows), Decimal(0))),
        ],
        ("payment", payment.id),
    )
    for row in rows:
        _tell_rate(work, payment, row, bills[row.bill_id])
    return payment


def _tell_rate(work: Work, payment: Payment, row: PaymentAllocation, paid: Bill) -> None:
    """The rate of an advance is the rate of what it buys (IFRIC 22): say what that changes of the goods' cost."""
    difference = row.source_company_amount - row.company_amount
    if payment.currency == paid.currency and payment.business_date < paid.business_date and difference:
        if changed := goods_share(work, difference, paid.subtotal, paid.total_amount):
            work.announce(
                AdvanceUsed(
                    document_id=payment.id,
                    bill_id=paid.id,
                    paid_on=payment.business_date,
                    business_date=row.business_date,
                    amount=changed,
                )
            )


def _bills_first_due(session: Session, payment: Payment) -> dict[str, object]:
    """The bills that an advance would pay, the first due first, on the first day on which it can pay them all."""
    bills = session.scalars(
        select(Bill)
        .where(Bill.supplier_id == payment.supplier_id, Bill.state == "open", Bill.currency == payment.currency)
        .order_by(Bill.due_date, Bill.id)
        .limit(100)
    )
    parts, left, day = [], payment.open_amount, payment.business_date
    for row in bills:
        if left > 0:
            parts.append({"bill_id": row.id, "amount": min(left, row.open_amount)})
            left, day = left - row.open_amount, max(day, row.business_date)
    return {"business_date": day, "allocations": parts}


DEFAULTS["allocate_payment"] = _bills_first_due


@command(payment, _("Money back"), states=("open",))
def take_back_advance(work: Work, payment: Payment, body: ReceiveSupplierRefund) -> SupplierRefund:
    """Book money that the supplier paid back of an advance: Dr bank, Cr advances to suppliers."""
    return take_money_back(work, payment, body, ("supplier_advances", "allocated"), payment_id=payment.id)


DEFAULTS["take_back_advance"] = lambda _session, payment: {"amount": payment.open_amount}
