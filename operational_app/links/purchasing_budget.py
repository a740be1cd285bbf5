"""Purchasing and budgets: what is ordered is promised, what is billed is used, what is cancelled is given back."""

from collections.abc import Mapping
from decimal import Decimal

from operational_app.core.command import Work
from operational_app.core.models import Currency
from operational_app.erp.events import PurchaseBilled, PurchaseCancelled, PurchaseOrdered
from operational_app.erp.items.models import Item
from operational_app.erp.purchasing.models import PurchaseOrderLine
from operational_app.finance.budget.commands import Need, commit, release, use
from operational_app.finance.budget.queries import Held, held_by
from operational_app.finance.budget.rules import taken_up


def commit_budget(work: Work, fact: PurchaseOrdered) -> None:
    """Promise what the order costs, on the account of each item; refuse the order where too little is left."""
    needs = [
        Need(
            document_line_id=line.purchase_order_line_id,
            amount=line.company_net_amount,
            item_id=line.item_id,
            item_group=line.item_group,
        )
        for line in fact.lines
    ]
    commit(work, fact.business_date, (fact.document_type, fact.document_id), needs)


def release_budget(work: Work, fact: PurchaseCancelled) -> None:
    """Give back what the order was promised."""
    release(work, (fact.document_type, fact.document_id))


def use_budget(work: Work, fact: PurchaseBilled) -> None:
    """Use what is billed, and take up the part of the promise that was for it."""
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    document = (fact.document_type, fact.document_id)
    held = {held.document_line_id: held for held in held_by(work.session, *document)}
    # Lines in the order in which everybody locks budgets: those with a promise by their budget, the others after them.
    for billed in sorted(fact.lines, key=lambda line: _place(held, line.purchase_order_line_id)):
        line = work.session.get_one(PurchaseOrderLine, billed.purchase_order_line_id)
        of_line = held.get(line.id)
        taken = (
            taken_up(
                of_line.committed, line.quantity, billed.quantity, line.quantity_billed - billed.quantity, minor_units
            )
            if of_line
            else Decimal(0)
        )
        need = Need(
            document_line_id=line.id,
            amount=billed.company_net_amount,
            item_id=line.item_id,
            item_group=work.session.get_one(Item, line.item_id).item_group,
        )
        use(work, fact.business_date, document, need, of_line, taken)


def _place(held: Mapping[int | None, Held], line_id: int) -> tuple[bool, int, int]:
    of_line = held.get(line_id)
    return (of_line is None, of_line.budget_balance_id if of_line else 0, line_id)
