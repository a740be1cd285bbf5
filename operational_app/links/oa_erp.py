"""Approvals and the flow of goods: submitted documents, what a decision does to them, and the facts it is made on."""

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from operational_app.core.command import Work
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.erp.events import RequisitionGivenUp, RequisitionSubmitted
from operational_app.erp.inventory.models import StockBalance
from operational_app.erp.items.models import Item
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine
from operational_app.erp.requisition.models import PurchaseRequisition, PurchaseRequisitionLine
from operational_app.erp.sales.models import SalesOrder
from operational_app.links.sales_finance import exposure_of
from operational_app.oa.events import ApprovalClosed
from operational_app.oa.workflow.commands import flow
from operational_app.oa.workflow.queries import Fact, provide

# Outcome of a request → state of the requisition.
OUTCOMES = {"approved": "approved", "rejected": "rejected", "returned": "draft", "withdrawn": "draft"}


def ask_for_approval(work: Work, fact: RequisitionSubmitted) -> None:
    """Open the request; it is the outcome that the clerk sees."""
    work.outcome = flow.start(work, work.session.get_one(PurchaseRequisition, fact.document_id))


def move_requisition_on(work: Work, fact: ApprovalClosed) -> None:
    """The decision moves the requisition on."""
    if fact.subject_type == "purchase_requisition":
        requisition = work.session.get_one(PurchaseRequisition, fact.subject_id)
        requisition.state = OUTCOMES[fact.outcome]
        if requisition.state != "approved":
            work.announce(RequisitionGivenUp(document_id=requisition.id))


def stock_of_lines(session: Session, requisition: PurchaseRequisition) -> dict[str, Decimal]:
    """Item → what lies free of it in all places."""
    free = func.coalesce(func.sum(StockBalance.quantity_on_hand - StockBalance.quantity_reserved), 0)
    rows = session.execute(
        select(Item.number, free)
        .select_from(PurchaseRequisitionLine)
        .join(Item, Item.id == PurchaseRequisitionLine.item_id)
        .outerjoin(StockBalance, StockBalance.item_id == Item.id)
        .where(PurchaseRequisitionLine.purchase_requisition_id == requisition.id)
        .group_by(PurchaseRequisitionLine.id, Item.number)
    )
    return {number: Decimal(quantity) for number, quantity in rows}


def last_prices(session: Session, requisition: PurchaseRequisition) -> dict[str, Decimal]:
    """Item → price of its last order that went to a supplier, in the company's currency; never ordered, left out."""
    rows = session.execute(
        select(Item.number, func.round(PurchaseOrderLine.unit_price * PurchaseOrder.exchange_rate, 6))
        .join(Item, Item.id == PurchaseOrderLine.item_id)
        .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.purchase_order_id)
        .where(
            PurchaseOrder.state.in_(("ordered", "partly_received", "received")),
            PurchaseOrderLine.item_id.in_(
                select(PurchaseRequisitionLine.item_id).where(
                    PurchaseRequisitionLine.purchase_requisition_id == requisition.id
                )
            ),
        )
        .ext(distinct_on(PurchaseOrderLine.item_id))
        .order_by(PurchaseOrderLine.item_id, PurchaseOrderLine.id.desc())
    )
    return {number: price for number, price in rows}


def credit_exposure(session: Session, order: SalesOrder) -> Decimal:
    """What the customer owes and has ordered, firm; a draft is not counted yet."""
    return exposure_of(session, order.customer_id)


def credit_left(session: Session, order: SalesOrder) -> Any:
    """What is left of the credit limit once this order is firm; None where there is no limit."""
    limit = session.get_one(PartyRole, order.customer_id).credit_limit
    if limit is None:
        return None
    own = order.total_amount * order.exchange_rate if order.state == "draft" else Decimal(0)
    return limit - exposure_of(session, order.customer_id) - own


def provide_facts() -> None:
    """Register what approvals may ask about."""
    for fact in (
        Fact("purchase_requisition", "stock_free", _("Free stock"), stock_of_lines),
        Fact("purchase_requisition", "last_price", _("Last price"), last_prices),
        Fact("sales_order", "credit_exposure", _("Credit exposure"), credit_exposure),
        Fact("sales_order", "credit_left", _("Credit left"), credit_left),
    ):
        provide(fact)
