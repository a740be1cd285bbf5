"""Customers and books: what a customer owes, and since when, stands on the customer at once.

The figures are computed where they are read, so that they can't be late; `credit_limit` is the customer's own.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import column_property

from operational_app.crm.contacts.models import Customer
from operational_app.finance.dunning.models import DunningNoticeLine
from operational_app.finance.receivables.models import CreditNote, ReceiptOfMoney, SalesInvoice
from operational_app.finance.terms.models import SalesInvoiceInstalment


def _open(model: type[SalesInvoice] | type[CreditNote] | type[ReceiptOfMoney]) -> object:
    """Sum of what is open on the customer's documents of one kind, as the books carry it in the company's currency."""
    return (
        select(func.coalesce(func.sum(model.open_company_amount), 0))
        .where(model.customer_id == Customer.id, model.state == "open")
        .correlate_except(model)
        .scalar_subquery()
    )


def _next_instalment() -> object:
    """When the first instalment is due that what came in has not paid in full; none where all is due on one day."""
    parts = (
        select(
            SalesInvoiceInstalment.due_date,
            func.sum(SalesInvoiceInstalment.amount).over(order_by=SalesInvoiceInstalment.due_date).label("up_to"),
        )
        .where(SalesInvoiceInstalment.sales_invoice_id == SalesInvoice.id)
        .correlate(SalesInvoice)
        .subquery()
    )
    settled = SalesInvoice.total_amount - SalesInvoice.open_amount
    return select(func.min(parts.c.due_date)).where(parts.c.up_to > settled).correlate(SalesInvoice).scalar_subquery()


def show_open_items_on_customers() -> None:
    """Give the customer record what it owes, the oldest due date, and how far it has been reminded. Safe to call again."""
    if "open_amount" in Customer.__mapper__.column_attrs:
        return
    figures = {
        "open_amount": _open(SalesInvoice) - _open(CreditNote) - _open(ReceiptOfMoney),  # type: ignore[operator]
        "oldest_due_date": select(func.min(func.coalesce(_next_instalment(), SalesInvoice.due_date)))
        .where(SalesInvoice.customer_id == Customer.id, SalesInvoice.state == "open")
        .correlate_except(SalesInvoice)
        .scalar_subquery(),
    }
    figures["dunning_level"] = (
        select(func.max(DunningNoticeLine.level))
        .join(SalesInvoice, SalesInvoice.id == DunningNoticeLine.sales_invoice_id)
        .where(SalesInvoice.customer_id == Customer.id, SalesInvoice.state == "open")
        .correlate_except(SalesInvoice, DunningNoticeLine)
        .scalar_subquery()
    )
    for name, figure in figures.items():
        # Not everybody who may see the customer may see what it owes.
        setattr(Customer, name, column_property(figure.label(name), info={"confidential": True}))
