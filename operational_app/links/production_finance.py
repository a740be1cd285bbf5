"""Production and books: what goes into an order, what comes out of it, and what is left over at the close."""

from operational_app.core.command import Work
from operational_app.core.i18n import Text, _
from operational_app.erp.events import (
    ComponentsIssued,
    ComponentsReturned,
    LabourRecorded,
    ProductionCompleted,
    ProductionOrderClosed,
)
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.rules import Posting, gathered

Fact = ComponentsIssued | ComponentsReturned | LabourRecorded | ProductionCompleted | ProductionOrderClosed


def book_components_issued(work: Work, fact: ComponentsIssued) -> None:
    """Dr work in progress, Cr inventory, component by component at the cost that the move froze."""
    _book(work, fact, _("Components issued {number}"), _components(work, fact, 1))


def book_components_returned(work: Work, fact: ComponentsReturned) -> None:
    """Dr inventory, Cr work in progress, at what the components were issued at."""
    _book(work, fact, _("Components returned {number}"), _components(work, fact, -1))


def book_labour(work: Work, fact: LabourRecorded) -> None:
    """Dr work in progress, Cr labour absorbed, at the rates of the work centres."""
    lines = [
        Posting(account=account_for(work, "work_in_progress"), amount=fact.amount, item_id=fact.item_id),
        Posting(account=account_for(work, "labour_absorbed"), amount=-fact.amount, item_id=fact.item_id),
    ]
    _book(work, fact, _("Labour {number}"), lines)


def book_production_completed(work: Work, fact: ProductionCompleted) -> None:
    """Dr inventory, Cr work in progress, at the share that the finished goods took."""
    lines = [
        Posting(account=account_for(work, "inventory"), amount=fact.value, item_id=fact.item_id),
        Posting(account=account_for(work, "work_in_progress"), amount=-fact.value, item_id=fact.item_id),
    ]
    _book(work, fact, _("Production completed {number}"), lines)


def book_production_closed(work: Work, fact: ProductionOrderClosed) -> None:
    """Dr production variance, Cr work in progress with what was left; the other way round where too much came out."""
    lines = [
        Posting(account=account_for(work, "production_variance"), amount=fact.variance, item_id=fact.item_id),
        Posting(account=account_for(work, "work_in_progress"), amount=-fact.variance, item_id=fact.item_id),
    ]
    _book(work, fact, _("Production order closed {number}"), lines)


def _components(work: Work, fact: ComponentsIssued | ComponentsReturned, sign: int) -> list[Posting]:
    """What the order takes and the stock gives, or the other way round. The two differ where a component comes back after
    its standard cost has changed: that is a price variance."""
    in_progress, inventory = account_for(work, "work_in_progress"), account_for(work, "inventory")
    variance = account_for(work, "price_variance")
    return [
        posting
        for line in fact.lines
        for posting in (
            Posting(account=in_progress, amount=sign * line.value, item_id=fact.item_id),
            Posting(account=variance, amount=sign * (line.stock_value - line.value), item_id=line.item_id),
            Posting(account=inventory, amount=-sign * line.stock_value, item_id=line.item_id),
        )
    ]


def _book(work: Work, fact: Fact, description: Text, lines: list[Posting]) -> None:
    """Post the lines, unless all are of nothing: goods without a value move no money."""
    if gathered(lines):
        text = description.format(number=fact.number)
        post(work, fact.business_date, text, lines, document=(fact.document_type, fact.document_id))
