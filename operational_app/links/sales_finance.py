"""Stock, sales and books: every move of stock is in the ledger in the same transaction."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from operational_app.core.command import Work
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.erp.errors import CreditExceeded
from operational_app.erp.events import (
    CustomerReturnReleasedForCredit,
    DeliveryReleasedForInvoice,
    GoodsDelivered,
    GoodsTakenBack,
    SalesOrderConfirmed,
    StockAdjusted,
)
from operational_app.erp.sales.models import SalesOrder, SalesOrderLine
from operational_app.erp.shipping.models import CustomerReturn, Delivery
from operational_app.finance.collecting.commands import lock_invoices
from operational_app.finance.crediting.commands import post_credit_note
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.queries import department_of_entry
from operational_app.finance.ledger.rules import Posting
from operational_app.finance.receivables.commands import LineToInvoice, post_sales_invoice
from operational_app.finance.receivables.models import SalesInvoiceLine
from operational_app.finance.receivables.queries import owed_by
from operational_app.links.core_hr import department_of

# Reason of an adjustment → purpose of the account on the other side.
COUNTERPARTS = {
    "opening": "opening_equity",
    "count": "stock_difference",
    "found": "stock_difference",
    "lost": "stock_difference",
    "scrap": "scrap",
    "damaged": "scrap",
    "expired": "scrap",
}


def book_stock_adjustment(work: Work, fact: StockAdjusted) -> None:
    """Dr inventory, Cr the counterpart of the reason, for each item; the other way round for what went out.

    What is lost or found is the department's of whoever entered it.
    """
    department = department_of(work.session, work.company_id, work.principal.user_id, fact.business_date)
    inventory, counterpart = account_for(work, "inventory"), account_for(work, COUNTERPARTS[fact.reason])
    lines = [
        posting
        for line in fact.lines
        for posting in (
            Posting(account=inventory, amount=line.value, item_id=line.item_id),
            Posting(account=counterpart, amount=-line.value, item_id=line.item_id, department_id=department),
        )
        if line.value
    ]
    if lines:
        description = _("Stock adjustment {number}").format(number=fact.number)
        post(work, fact.business_date, description, lines, document=(fact.document_type, fact.document_id))


def take_up_credit(work: Work, fact: SalesOrderConfirmed) -> None:
    """Refuse an order that would take the customer over the credit limit.

    Exposure is what the customer owes and what is ordered, firm and still to be invoiced, this order with it. The
    customer's row is locked: two orders at once cannot both fit into what only one may take.
    """
    customer = work.session.scalars(
        select(PartyRole).where(PartyRole.id == fact.customer_id).with_for_update(of=PartyRole.__table__)
    ).one()
    if customer.credit_limit is None:
        return
    exposure = exposure_of(work.session, customer.id)
    if exposure > customer.credit_limit:
        raise CreditExceeded(customer=customer.name, exposure=exposure, limit=customer.credit_limit)


def exposure_of(session: Session, customer_id: int) -> Decimal:
    """What the customer owes, and what is ordered, firm and not invoiced yet, in the company's currency."""
    ordered = session.scalar(
        select(
            func.coalesce(
                func.sum(
                    func.round(
                        (SalesOrderLine.net_amount + SalesOrderLine.tax_amount)
                        * SalesOrder.exchange_rate
                        * (
                            SalesOrderLine.quantity
                            - SalesOrderLine.quantity_invoiced
                            - SalesOrderLine.quantity_taken_back
                        )
                        / SalesOrderLine.quantity,
                        4,
                    )
                ),
                0,
            )
        )
        .join(SalesOrder, SalesOrder.id == SalesOrderLine.sales_order_id)
        .where(
            SalesOrder.customer_id == customer_id,
            SalesOrder.state.in_(("confirmed", "partly_delivered", "delivered")),
            # What is invoiced adds nothing, and has no place in the index of lines that are not.
            SalesOrderLine.quantity_invoiced + SalesOrderLine.quantity_taken_back < SalesOrderLine.quantity,
        )
    )
    return owed_by(session, customer_id) + Decimal(ordered or 0)


def _department(work: Work, delivery_id: int, day: date) -> int | None:
    """Who sold it: the department of whoever entered the order that a delivery is for."""
    order = work.session.get_one(SalesOrder, work.session.get_one(Delivery, delivery_id).sales_order_id)
    return department_of(work.session, work.company_id, order.created_by, day)


def book_cost_of_goods_sold(work: Work, fact: GoodsDelivered) -> None:
    """Dr cost of goods sold, Cr inventory, line by line at the cost that the move froze."""
    department = _department(work, fact.document_id, fact.business_date)
    cost, inventory = account_for(work, "cost_of_goods_sold"), account_for(work, "inventory")
    lines = [
        posting
        for line in fact.lines
        for posting in (
            Posting(
                account=cost,
                amount=line.cost,
                item_id=line.item_id,
                party_role_id=fact.customer_id,
                department_id=department,
            ),
            Posting(account=inventory, amount=-line.cost, item_id=line.item_id),
        )
        if line.cost
    ]
    if lines:
        description = _("Delivery {number}").format(number=fact.number)
        post(work, fact.business_date, description, lines, document=(fact.document_type, fact.document_id))


def invoice_delivered_goods(work: Work, fact: DeliveryReleasedForInvoice) -> None:
    """Make the invoice of a delivery; it is the outcome that the clerk sees."""
    invoice = post_sales_invoice(
        work,
        work.session.get_one(PartyRole, fact.customer_id),
        fact.business_date,
        [
            LineToInvoice(
                item_id=line.item_id,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount=line.discount,
                vat_code=line.vat_code,
                delivery_line_id=line.delivery_line_id,
            )
            for line in fact.lines
        ],
        fact.customer_reference,
        fact.currency,
        _department(work, fact.document_id, fact.business_date),
        fact.payment_term_id,
    )
    work.link(work.session.get_one(Delivery, fact.document_id), invoice)
    work.outcome = invoice


def book_goods_taken_back(work: Work, fact: GoodsTakenBack) -> None:
    """Dr inventory, Cr cost of goods sold, line by line at the cost at which the goods had left. Where the standard cost has
    changed meanwhile, the stock takes the present one and the rest is price variance."""
    delivery_id = work.session.get_one(CustomerReturn, fact.document_id).delivery_id
    department = department_of_entry(work.session, "delivery", delivery_id)
    cost, inventory = account_for(work, "cost_of_goods_sold"), account_for(work, "inventory")
    variance = account_for(work, "price_variance")
    lines = [
        posting
        for line in fact.lines
        for posting in (
            Posting(account=inventory, amount=line.stock_value, item_id=line.item_id),
            Posting(account=variance, amount=line.cost - line.stock_value, item_id=line.item_id),
            Posting(
                account=cost,
                amount=-line.cost,
                item_id=line.item_id,
                party_role_id=fact.customer_id,
                department_id=department,
            ),
        )
        if line.cost or line.stock_value
    ]
    if lines:
        description = _("Customer return {number}").format(number=fact.number)
        post(work, fact.business_date, description, lines, document=(fact.document_type, fact.document_id))


def credit_goods_taken_back(work: Work, fact: CustomerReturnReleasedForCredit) -> None:
    """Make the credit note of a return; it is the outcome that the clerk sees. A delivery has one invoice."""
    quantities = {line.delivery_line_id: line.quantity for line in fact.lines}
    lines = work.session.scalars(
        select(SalesInvoiceLine).where(SalesInvoiceLine.delivery_line_id.in_(quantities))
    ).all()
    invoice = lock_invoices(work, {lines[0].sales_invoice_id})[lines[0].sales_invoice_id]
    note = post_credit_note(
        work,
        invoice,
        fact.business_date,
        "returned",
        {line.id: quantities[line.delivery_line_id] for line in lines if line.delivery_line_id is not None},
    )
    work.link(work.session.get_one(CustomerReturn, fact.document_id), note)
    work.outcome = note
