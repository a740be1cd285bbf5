"""Purchasing and budgets: what is asked for is reserved, what is ordered promised, what is billed used; the rest goes back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import Work
from operational_app.core.i18n import _
from operational_app.core.models import Currency
from operational_app.erp.events import (
    PurchaseBilled,
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseOrdered,
    RequisitionGivenUp,
    RequisitionSubmitted,
)
from operational_app.erp.items.models import Item
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine
from operational_app.erp.requisition.models import PurchaseRequisition, PurchaseRequisitionLine
from operational_app.finance.budget.commands import Need, commit, release, release_part, reserve, use
from operational_app.finance.budget.models import BudgetBalance
from operational_app.finance.budget.queries import Held, balance_for, default_account, held_by
from operational_app.finance.budget.rules import available, taken_up
from operational_app.finance.ledger.models import LedgerAccount
from operational_app.links.core_hr import department_of
from operational_app.oa.workflow.queries import Fact, provide


def reserve_budget(work: Work, fact: RequisitionSubmitted) -> None:
    """Set aside what the requisition is estimated to cost, on the account of each item; refuse it where too little is left."""
    asked_by = work.session.get_one(PurchaseRequisition, fact.document_id).created_by
    department = department_of(work.session, work.company_id, asked_by, fact.business_date)
    needs = [
        Need(
            document_line_id=line.purchase_requisition_line_id,
            amount=line.net_amount,
            item_id=line.item_id,
            item_group=line.item_group,
            department_id=department,
        )
        for line in fact.lines
    ]
    reserve(work, fact.business_date, (fact.document_type, fact.document_id), needs)


def release_reservation(work: Work, fact: RequisitionGivenUp) -> None:
    """Give back what was set aside for what is not bought."""
    release(work, (fact.document_type, fact.document_id))


def buying_department(work: Work, purchase_order_id: int, day: date) -> int | None:
    """Whose purchase it is: the department of whoever asked for it, else of whoever entered the order."""
    asked_by = work.session.scalars(
        select(PurchaseRequisition.created_by)
        .join(PurchaseRequisitionLine, PurchaseRequisitionLine.purchase_requisition_id == PurchaseRequisition.id)
        .where(PurchaseRequisitionLine.purchase_order_id == purchase_order_id)
        .order_by(PurchaseRequisition.id)
        .limit(1)
    ).one_or_none()
    user_id = asked_by or work.session.get_one(PurchaseOrder, purchase_order_id).created_by
    return department_of(work.session, work.company_id, user_id, day)


def _release_requested(work: Work, purchase_order_id: int) -> None:
    """Give back what requisitions had set aside for lines that went to this order: the order holds its own, or nothing."""
    lines = work.session.execute(
        select(PurchaseRequisitionLine.purchase_requisition_id, PurchaseRequisitionLine.id)
        .where(PurchaseRequisitionLine.purchase_order_id == purchase_order_id)
        .order_by(PurchaseRequisitionLine.id)
    ).all()
    for requisition_id in sorted({row.purchase_requisition_id for row in lines}):
        release(work, ("purchase_requisition", requisition_id), {row.id for row in lines})


def commit_budget(work: Work, fact: PurchaseOrdered) -> None:
    """Promise what the order costs, on the account of each item; refuse the order where too little is left.

    What its requisition had set aside becomes part of the promise: nobody else can take it in between, since the budget's
    row is locked from the one to the other.
    """
    _release_requested(work, fact.document_id)
    department = buying_department(work, fact.document_id, fact.business_date)
    needs = [
        Need(
            document_line_id=line.purchase_order_line_id,
            amount=line.company_net_amount,
            item_id=line.item_id,
            item_group=line.item_group,
            department_id=department,
        )
        for line in fact.lines
    ]
    commit(work, fact.business_date, (fact.document_type, fact.document_id), needs)


def release_budget(work: Work, fact: PurchaseCancelled) -> None:
    """Give back what the order was promised, and what was still set aside for it."""
    _release_requested(work, fact.document_id)
    release(work, (fact.document_type, fact.document_id))


def release_rest(work: Work, fact: PurchaseClosed) -> None:
    """Give back what was promised for goods that will not come; what came is still to be billed."""
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    document = (fact.document_type, fact.document_id)
    closed = {line.purchase_order_line_id: line for line in fact.lines}
    for held in held_by(work.session, *document):
        line = closed.get(held.document_line_id or 0)
        if line is not None:
            rest = line.quantity_left + line.quantity_unbilled
            release_part(
                work, document, held, taken_up(held.committed, rest, line.quantity_left, Decimal(0), minor_units)
            )


def use_budget(work: Work, fact: PurchaseBilled) -> None:
    """Use what is billed, and take up the part of the promise that was for it."""
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    document = (fact.document_type, fact.document_id)
    held = {held.document_line_id: held for held in held_by(work.session, *document)}
    department = buying_department(work, fact.document_id, fact.business_date)
    is_complete = work.session.get_one(PurchaseOrder, fact.document_id).state == "received"
    # Lines in the order in which everybody locks budgets: those with a promise by their budget, the others after them.
    for billed in sorted(fact.lines, key=lambda line: _place(held, line.purchase_order_line_id)):
        line = work.session.get_one(PurchaseOrderLine, billed.purchase_order_line_id)
        of_line = held.get(line.id)
        # Of an order that is closed no more is billed than came.
        to_bill = line.quantity_received if is_complete else line.quantity
        taken = (
            taken_up(of_line.committed, to_bill, billed.quantity, line.quantity_billed - billed.quantity, minor_units)
            if of_line
            else Decimal(0)
        )
        need = Need(
            document_line_id=line.id,
            amount=billed.company_net_amount,
            item_id=line.item_id,
            item_group=work.session.get_one(Item, line.item_id).item_group,
            department_id=department,
        )
        use(work, fact.business_date, document, need, of_line, taken)


def _place(held: Mapping[int | None, Held], line_id: int) -> tuple[bool, int, int]:
    of_line = held.get(line_id)
    return (of_line is None, of_line.budget_balance_id if of_line else 0, line_id)


def budget_left(session: Session, requisition: PurchaseRequisition) -> dict[str, Decimal]:
    """Account → what is left of its budget beside all that is set aside, promised and used, this requisition included."""
    items = session.execute(
        select(Item.id, Item.item_group)
        .join(PurchaseRequisitionLine, PurchaseRequisitionLine.item_id == Item.id)
        .where(PurchaseRequisitionLine.purchase_requisition_id == requisition.id)
        .distinct()
    )
    accounts = {default_account(session, requisition.company_id, item_id, group) for item_id, group in items}
    day = requisition.business_date
    department = department_of(session, requisition.company_id, requisition.created_by, day)
    found = {}
    for account_id in sorted(account for account in accounts if account is not None):
        balance_id = balance_for(session, requisition.company_id, day.year, account_id, department)
        if balance_id is None:
            continue
        row = session.get_one(BudgetBalance, balance_id)
        left = available(row.amount, row.reserved_amount, row.committed_amount, row.used_amount)
        found[session.get_one(LedgerAccount, account_id).code] = left
    return found


def provide_facts() -> None:
    """Register what approvals may ask about budgets."""
    provide(Fact("purchase_requisition", "budget_left", _("Budget left"), budget_left))
