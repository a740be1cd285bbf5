"""Purchasing and books: what comes in is owed at once, and billed later."""

from operational_app.core.command import Work
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.period import open_day
from operational_app.erp.events import GoodsReceived, GoodsReturned, PurchaseBilled
from operational_app.erp.purchasing.models import PurchaseOrder
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.payables.commands import LineToBill, post_bill


def book_goods_received(work: Work, fact: GoodsReceived) -> None:
    """Dr inventory, Cr goods received not billed, item by item; at standard cost the rest is price variance.

    Goods that are entered after the books of their day were closed are booked on the first day that is open.
    """
    assert work.company is not None
    inventory, owed = account_for(work, "inventory"), account_for(work, "goods_received_not_billed")
    variance = account_for(work, "price_variance")
    lines = [
        posting
        for line in fact.lines
        for posting in (
            Posting(account=inventory, amount=line.stock_value, item_id=line.item_id),
            Posting(account=variance, amount=line.order_value - line.stock_value, item_id=line.item_id),
            Posting(account=owed, amount=-line.order_value, item_id=line.item_id, party_role_id=fact.supplier_id),
        )
        if line.order_value or line.stock_value
    ]
    if lines:
        description = _("Goods receipt {number}").format(number=fact.number)
        day = open_day(work.session, work.company, fact.business_date)
        post(work, day, description, lines, document=(fact.document_type, fact.document_id))


def book_goods_returned(work: Work, fact: GoodsReturned) -> None:
    """Cr inventory at its average, Dr goods received not billed at the order's price, the rest is price variance."""
    inventory, owed = account_for(work, "inventory"), account_for(work, "goods_received_not_billed")
    variance = account_for(work, "price_variance")
    lines = [
        posting
        for line in fact.lines
        for posting in (
            Posting(account=owed, amount=line.order_value, item_id=line.item_id, party_role_id=fact.supplier_id),
            Posting(account=variance, amount=line.stock_value - line.order_value, item_id=line.item_id),
            Posting(account=inventory, amount=-line.stock_value, item_id=line.item_id),
        )
    ]
    description = _("Goods returned {number}").format(number=fact.number)
    post(work, fact.business_date, description, lines, document=(fact.document_type, fact.document_id))


def book_bill(work: Work, fact: PurchaseBilled) -> None:
    """Book the matched bill; it is the outcome that the clerk sees."""
    held = (
        _("Price differs from the order in line {lines}").format(lines=", ".join(map(str, fact.deviating_lines)))
        if fact.deviating_lines
        else None
    )
    bill = post_bill(
        work,
        work.session.get_one(PartyRole, fact.supplier_id),
        fact.business_date,
        fact.supplier_reference,
        [
            LineToBill(
                purchase_order_line_id=line.purchase_order_line_id,
                item_id=line.item_id,
                quantity=line.quantity,
                unit_price=line.unit_price,
                vat_code=line.vat_code,
                net_amount=line.net_amount,
                received_at=line.received_at,
                inventory_difference=line.inventory_difference,
                price_variance=line.price_variance,
            )
            for line in fact.lines
        ],
        agreed_total=fact.agreed_total,
        held_because=held,
    )
    work.link(work.session.get_one(PurchaseOrder, fact.document_id), bill)
    work.outcome = bill
