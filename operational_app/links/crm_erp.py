"""Deals and orders: a deal is quoted, a quote that is accepted wins it, and a won deal becomes one order."""

from sqlalchemy import select

from operational_app.core.command import Work
from operational_app.crm.errors import DealLost
from operational_app.crm.events import OpportunityWon, QuoteAskedFor
from operational_app.crm.opportunities.commands import win
from operational_app.crm.opportunities.models import Opportunity
from operational_app.erp.errors import SeveralQuotes
from operational_app.erp.events import QuoteAccepted
from operational_app.erp.quoting.commands import AcceptQuote, ChangeQuote, make_quote, order_quote
from operational_app.erp.quoting.models import Quote
from operational_app.erp.sales.commands import OrderLine


def make_quote_of_deal(work: Work, fact: QuoteAskedFor) -> None:
    """Make the quote; it is the outcome that the clerk sees."""
    terms = ChangeQuote(
        business_date=fact.business_date,
        valid_until=fact.valid_until,
        stock_location_id=fact.stock_location_id,
        lines=[
            OrderLine(
                item_id=line.item_id,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                discount=line.discount,
            )
            for line in fact.lines
        ],
    )
    made = make_quote(
        work, terms, party_id=fact.party_id, customer_id=fact.customer_id, opportunity_id=fact.document_id
    )
    work.link(work.session.get_one(Opportunity, fact.document_id), made)
    work.outcome = made


def win_deal_of_quote(work: Work, fact: QuoteAccepted) -> None:
    """Win the deal that the quote is for, where that has not happened yet, and order for its customer."""
    if fact.opportunity_id is None:
        return
    deal = work.session.scalars(
        select(Opportunity)
        .where(Opportunity.id == fact.opportunity_id)
        .with_for_update(of=Opportunity.__table__, key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    if deal.state == "lost":
        raise DealLost(number=deal.number)
    if deal.state == "open":
        win(work, deal, fact.business_date, by_quote=True)
    work.session.get_one(Quote, fact.document_id).customer_id = deal.customer_id
    work.session.flush()


def order_won_deal(work: Work, fact: OpportunityWon) -> None:
    """Make the order of a deal that was won, out of the quote that the customer has; it is what the clerk sees.

    Without a quote nothing is known of what is to be delivered: the deal waits for its quote, or the order is entered.
    """
    if fact.by_quote:
        return
    sent = work.session.scalars(
        select(Quote)
        .where(Quote.opportunity_id == fact.document_id, Quote.state == "sent")
        .order_by(Quote.id)
        .with_for_update(of=Quote.__table__, key_share=True)
    ).all()
    if len(sent) > 1:
        raise SeveralQuotes(numbers=", ".join(quote.number for quote in sent))
    for quote in sent:
        work.outcome = order_quote(work, quote, AcceptQuote(business_date=fact.business_date))
