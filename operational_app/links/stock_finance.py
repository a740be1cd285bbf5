"""Stock and books: what is found out about costs later. Each correction is booked against what it corrects.

A late receipt or issue changes what deliveries, components and losses had cost. The moves keep their values; the documents carry
the difference beside them, and the books get it in the open period, in its transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select, update

from operational_app.core.command import Work
from operational_app.core.document import DOCUMENTS
from operational_app.core.i18n import _
from operational_app.erp.events import RecostedLine, StockRecosted, StockRevalued
from operational_app.erp.inventory.models import StockAdjustment
from operational_app.erp.production.models import ProductionComponent, ProductionOrder
from operational_app.erp.shipping.models import CustomerReturn, Delivery, DeliveryLine
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting
from operational_app.links.sales_finance import COUNTERPARTS

LATE_RECEIPT = _("Late receipt: cost of {document}")


def spread_late_costs(work: Work, fact: StockRecosted) -> None:
    """Put what a late entry changed on the delivery lines, components and production orders concerned."""
    added: defaultdict[int, Decimal] = defaultdict(Decimal)
    returned: defaultdict[int, Decimal] = defaultdict(Decimal)
    components: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in fact.lines:
        if line.document_type == "delivery":
            added[line.document_line_id] -= line.value
        elif line.document_type == "customer_return" and line.returned_line_id is not None:
            returned[line.returned_line_id] += line.value
        elif line.document_type == "production_order":
            components[line.document_line_id] -= line.value
    for row_id in sorted({*added, *returned}):
        work.session.execute(
            update(DeliveryLine)
            .where(DeliveryLine.id == row_id)
            .values(
                cost_adjustment=DeliveryLine.cost_adjustment + added[row_id],
                cost_returned=DeliveryLine.cost_returned + returned[row_id],
            )
        )
    _spread_over_production(work, components)


def _spread_over_production(work: Work, components: dict[int, Decimal]) -> None:
    """A closed order keeps no work in progress: what it used up changes by as much as its variance."""
    rows = work.session.execute(
        select(ProductionComponent.id, ProductionComponent.production_order_id).where(
            ProductionComponent.id.in_(components)
        )
    ).all()
    by_order: defaultdict[int, Decimal] = defaultdict(Decimal)
    for row_id, order_id in sorted(rows, key=lambda row: (row[1], row[0])):
        by_order[order_id] += components[row_id]
    for order_id, cost in by_order.items():
        order = work.session.scalars(
            select(ProductionOrder)
            .where(ProductionOrder.id == order_id)
            .with_for_update(of=ProductionOrder.__table__)
            .execution_options(populate_existing=True)
        ).one()
        values = {"material_amount": ProductionOrder.material_amount + cost}
        if order.state == "closed":
            values["variance_amount"] = ProductionOrder.variance_amount + cost
        work.session.execute(update(ProductionOrder).where(ProductionOrder.id == order_id).values(**values))
    for row_id, cost in components.items():
        work.session.execute(
            update(ProductionComponent)
            .where(ProductionComponent.id == row_id)
            .values(issued_amount=ProductionComponent.issued_amount + cost)
        )


def book_late_costs(work: Work, fact: StockRecosted) -> None:
    """Dr inventory, Cr what the goods were used for, in an entry for each document concerned and day."""
    groups: defaultdict[tuple[object, str, int], list[RecostedLine]] = defaultdict(list)
    for line in fact.lines:
        groups[(line.business_date, line.document_type, line.document_id)].append(line)
    inventory = account_for(work, "inventory")
    for (_day, document_type, document_id), lines in sorted(groups.items(), key=lambda group: str(group[0])):
        purpose, party = _used_for(work, document_type, document_id)
        other = account_for(work, purpose)
        postings = [
            posting
            for line in lines
            for posting in (
                Posting(account=inventory, amount=line.value, item_id=line.item_id),
                Posting(account=other, amount=-line.value, item_id=line.item_id, party_role_id=party),
            )
        ]
        because = _("Late issue: cost of {document}") if lines[0].because == "late_issue" else LATE_RECEIPT
        description = because.format(document=_number(work, document_type, document_id))
        post(work, lines[0].business_date, description, postings, document=(document_type, document_id))


def _used_for(work: Work, document_type: str, document_id: int) -> tuple[str, int | None]:
    """Purpose of the account that bears the cost of what a document took, and the customer whom it was for."""
    if document_type == "delivery":
        return "cost_of_goods_sold", work.session.get_one(Delivery, document_id).customer_id
    if document_type == "customer_return":
        return "cost_of_goods_sold", work.session.get_one(CustomerReturn, document_id).customer_id
    if document_type == "production_order":
        order = work.session.get_one(ProductionOrder, document_id)
        return ("production_variance" if order.state == "closed" else "work_in_progress"), None
    if document_type == "stock_adjustment":
        return COUNTERPARTS[work.session.get_one(StockAdjustment, document_id).reason], None
    return "price_variance", None


def _number(work: Work, document_type: str, document_id: int) -> str:
    return str(getattr(work.session.get_one(DOCUMENTS[document_type].model, document_id), "number", document_id))


def book_revaluation(work: Work, fact: StockRevalued) -> None:
    """Dr inventory, Cr stock revaluation with what the stock is worth more; the other way round for less."""
    postings: Sequence[Posting] = [
        Posting(account=account_for(work, "inventory"), amount=fact.value, item_id=fact.document_id),
        Posting(account=account_for(work, "stock_revaluation"), amount=-fact.value, item_id=fact.document_id),
    ]
    description = _("New standard cost of {item}").format(item=fact.number)
    post(work, fact.business_date, description, postings, document=(fact.document_type, fact.document_id))
