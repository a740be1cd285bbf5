"""Purchasing and books: what comes in is owed at once, and billed later."""

from sqlalchemy import func, select

from operational_app.core.command import Work
from operational_app.core.exchange import freeze_rate
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import allocate
from operational_app.core.period import open_day
from operational_app.erp.events import GoodsReceived, GoodsReturned, PurchaseBilled, PurchaseCredited, ReceivedGoods
from operational_app.erp.inventory.models import StockMove
from operational_app.erp.purchasing.commands import correct_cost
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine
from operational_app.erp.purchasing.queries import receipts_of
from operational_app.finance.events import AdvanceUsed
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting, differences, gathered
from operational_app.finance.payables.commands import LineToBill, post_bill
from operational_app.finance.payables.models import Bill, BillLine
from operational_app.finance.supplier_credits.commands import CreditTerms, LineToCredit, post_supplier_credit
from operational_app.links.purchasing_budget import buying_department


def book_goods_received(work: Work, fact: GoodsReceived) -> None:
    """Dr inventory, Cr goods received not billed, item by item; at standard cost the rest is price variance."""
    inventory, owed = account_for(work, "inventory"), account_for(work, "goods_received_not_billed")
    variance = account_for(work, "price_variance")
    lines = [
        posting
        for line in fact.lines
        for posting in (
            Posting(account=inventory, amount=line.stock_value, item_id=line.item_id),
            Posting(account=variance, amount=line.company_order_value - line.stock_value, item_id=line.item_id),
            _owed(work, fact, owed, line, -1),
        )
        if line.order_value or line.stock_value
    ]
    if lines:
        description = _("Goods receipt {number}").format(number=fact.number)
        _post(work, fact, description, lines)


def book_goods_returned(work: Work, fact: GoodsReturned) -> None:
    """Cr inventory at its average, Dr goods received not billed at the order's price, the rest is price variance."""
    inventory, owed = account_for(work, "inventory"), account_for(work, "goods_received_not_billed")
    variance = account_for(work, "price_variance")
    lines = [
        posting
        for line in fact.lines
        for posting in (
            _owed(work, fact, owed, line, 1),
            Posting(account=variance, amount=line.stock_value - line.company_order_value, item_id=line.item_id),
            Posting(account=inventory, amount=-line.stock_value, item_id=line.item_id),
        )
    ]
    description = _("Goods returned {number}").format(number=fact.number)
    _post(work, fact, description, lines)


def _owed(work: Work, fact: GoodsReceived | GoodsReturned, account: int, line: ReceivedGoods, sign: int) -> Posting:
    """What a line changes of what is owed and not billed, in the order's currency and the company's."""
    foreign = work.company is not None and fact.currency != work.company.currency
    return Posting(
        account=account,
        amount=sign * line.order_value,
        currency=fact.currency if foreign else None,
        company_amount=sign * line.company_order_value if foreign else None,
        item_id=line.item_id,
        party_role_id=fact.supplier_id,
    )


def _post(work: Work, fact: GoodsReceived | GoodsReturned, description: str, lines: list[Posting]) -> None:
    """Stock is in the company's currency, what is owed in the order's: together they balance in the company's.

    Goods that are entered after the books of their day were closed are booked on the first day that is open.
    """
    document = (fact.document_type, fact.document_id)
    assert work.company is not None
    day = open_day(work.session, work.company, fact.business_date)
    post(work, day, description, lines, document=document, is_exchange=bool(differences(lines)))


def book_bill(work: Work, fact: PurchaseBilled) -> None:
    """Book the matched bill; it is the outcome that the clerk sees."""
    assert work.company is not None
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
                company_received_at=line.company_received_at,
                inventory_difference=line.inventory_difference,
                price_variance=line.price_variance,
            )
            for line in fact.lines
        ],
        department_id=buying_department(work, fact.document_id, fact.business_date),
        rate=freeze_rate(work.session, work.company, fact.currency, fact.business_date, fact.exchange_rate),
        agreed_total=fact.agreed_total,
        payment_term_id=fact.payment_term_id,
        held_because=held,
    )
    work.link(work.session.get_one(PurchaseOrder, fact.document_id), bill)
    work.outcome = bill


def put_rate_of_advance_on_goods(work: Work, fact: AdvanceUsed) -> None:
    """The rate of an advance is the rate of the goods that it buys (IFRIC 22.9), of those that came after it was paid.

    What is still here of them, and the variance for the rest, take what was booked as an exchange difference.
    """
    rows = work.session.scalars(select(BillLine).where(BillLine.bill_id == fact.bill_id).order_by(BillLine.id)).all()
    shares = allocate(fact.amount, [row.company_net_amount for row in rows], work.minor_units)
    lines: list[Posting] = []
    for row, share in sorted(zip(rows, shares, strict=True), key=lambda one: one[0].item_id):
        order_line = work.session.get_one(PurchaseOrderLine, row.purchase_order_line_id)
        moves = receipts_of(work.session, order_line.id)
        came = work.session.scalar(select(func.min(StockMove.business_date)).where(StockMove.id.in_(moves)))
        if not share or came is None or came <= fact.paid_on:
            continue
        order = work.session.get_one(PurchaseOrder, order_line.purchase_order_id)
        variance = correct_cost(work, order, order_line, share, row.quantity, fact.business_date)
        lines += [
            Posting(account=account_for(work, "inventory"), amount=variance.inventory, item_id=row.item_id),
            Posting(
                account=account_for(work, "price_variance"),
                amount=variance.expense,
                item_id=row.item_id,
                department_id=buying_department(work, order.id, fact.business_date),
            ),
            Posting(account=account_for(work, "exchange_difference"), amount=-share),
        ]
    if postings := gathered(lines):
        description = _("Goods at the rate of their advance")
        post(work, fact.business_date, description, postings, document=(fact.document_type, fact.document_id))


def book_supplier_credit(work: Work, fact: PurchaseCredited) -> None:
    """Book the supplier's credit note against its bill; it is the outcome that the clerk sees."""
    note = post_supplier_credit(
        work,
        work.session.get_one(Bill, fact.bill_id, with_for_update={"key_share": True}),
        fact.supplier_id,
        CreditTerms(
            business_date=fact.business_date,
            supplier_reference=fact.supplier_reference,
            reason=fact.reason,
            exchange_rate=fact.exchange_rate,
            department_id=buying_department(work, fact.document_id, fact.business_date),
        ),
        [
            LineToCredit(
                purchase_order_line_id=line.purchase_order_line_id,
                item_id=line.item_id,
                quantity=line.quantity,
                net_amount=line.net_amount,
                billed_at=line.billed_at,
                company_billed_at=line.company_billed_at,
                inventory_difference=line.inventory_difference,
                price_variance=line.price_variance,
            )
            for line in fact.lines
        ],
    )
    work.link(work.session.get_one(PurchaseOrder, fact.document_id), note)
    work.outcome = note
