"""Verbs about quotes: offer, send, and what the customer makes of it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy import delete, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.exchange import freeze_rate, frozen_on
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Rate
from operational_app.erp.errors import CustomerBlocked, QuoteNotValid, QuoteStillValid, QuoteWithoutCustomer
from operational_app.erp.events import QuoteAccepted
from operational_app.erp.quoting.models import Quote, QuoteLine, quote
from operational_app.erp.sales.commands import EnterSalesOrder, OrderLine, enter_sales_order, price_line
from operational_app.erp.sales.models import SalesOrder


class EnterQuote(Body):
    customer_id: Ref("customer")
    business_date: date
    valid_until: date
    customer_reference: str | None = Field(default=None, max_length=100)
    stock_location_id: Ref("stock_location")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Empty: the currency agreed with the customer."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[OrderLine] = Field(min_length=1, max_length=1000)


class ChangeQuote(Body):
    business_date: date
    valid_until: date
    customer_reference: str | None = Field(default=None, max_length=100)
    stock_location_id: Ref("stock_location")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Empty: the currency agreed with the customer."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    lines: list[OrderLine] = Field(min_length=1, max_length=1000)


class ExtendQuote(Body):
    valid_until: date


class AcceptQuote(Body):
    business_date: date
    requested_date: date | None = None
    customer_reference: str | None = Field(default=None, max_length=100)


class DeclineQuote(Body):
    decline_reason: str | None = Field(default=None, max_length=500)


class ExpireQuote(Body):
    business_date: date


@command(quote, _("Enter quote"))
def enter_quote(work: Work, body: EnterQuote) -> Quote:
    """Write down what a customer is offered. Prices, VAT and texts come from the item where none is given."""
    customer = work.session.get_one(PartyRole, body.customer_id)
    if customer.state != "active":
        raise CustomerBlocked(customer=customer.name)
    terms = ChangeQuote(**body.model_dump(exclude={"customer_id"}))
    return make_quote(work, terms, party_id=customer.party_id, customer_id=customer.id)


@command(quote, _("Change"), states=("draft",))
def change_quote(work: Work, quote: Quote, body: ChangeQuote) -> Quote:
    """Write the quote anew while the customer does not have it; its number stays."""
    for name, value in _terms(work, body, quote.customer_id).items():
        setattr(quote, name, value)
    work.session.execute(delete(QuoteLine).where(QuoteLine.quote_id == quote.id))
    _write_lines(work, quote, body.lines)
    return quote


@command(quote, _("Send"), states=("draft",))
def send_quote(work: Work, quote: Quote) -> Quote:
    """The customer has the quote; from now on it stands as it is until it is answered or expires."""
    quote.state = "sent"
    return quote


@command(quote, _("Extend"), states=("sent",))
def extend_quote(work: Work, quote: Quote, body: ExtendQuote) -> Quote:
    """Let the quote be valid longer, or less long."""
    quote.valid_until = body.valid_until
    return quote


@command(quote, _("Accept"), states=("sent",))
def accept_quote(work: Work, quote: Quote, body: AcceptQuote) -> SalesOrder:
    """The customer says yes: the order is made with the same lines and prices, and the deal is won."""
    return order_quote(work, quote, body)


@command(quote, _("Decline"), states=("draft", "sent"))
def decline_quote(work: Work, quote: Quote, body: DeclineQuote) -> Quote:
    """The customer says no, or we take the quote back."""
    quote.decline_reason = body.decline_reason
    quote.state = "declined"
    return quote


@command(quote, _("Expire"), states=("sent",))
def expire_quote(work: Work, quote: Quote, body: ExpireQuote) -> Quote:
    """Nobody has answered in time: the quote holds no more."""
    if body.business_date <= quote.valid_until:
        raise QuoteStillValid(number=quote.number, day=quote.valid_until.isoformat())
    quote.state = "expired"
    return quote


def make_quote(
    work: Work, terms: ChangeQuote, *, party_id: int, customer_id: int | None, opportunity_id: int | None = None
) -> Quote:
    """Make a quote for a party, which need not be a customer yet."""
    assert work.company is not None
    made = Quote(
        company_id=work.company_id,
        number=work.number(quote, terms.business_date),
        state="draft",
        created_by=work.principal.user_id,
        party_id=party_id,
        customer_id=customer_id,
        opportunity_id=opportunity_id,
        subtotal=Decimal(0),
        tax_amount=Decimal(0),
        total_amount=Decimal(0),
        **_terms(work, terms, customer_id),
    )
    work.session.add(made)
    work.session.flush()
    _write_lines(work, made, terms.lines)
    return made


def order_quote(work: Work, quote: Quote, terms: AcceptQuote) -> SalesOrder:
    """Make the order of a quote, once, with the quote's lines and prices.

    Raises:
        QuoteNotValid, QuoteWithoutCustomer, CustomerBlocked: nothing is ordered.
    """
    if terms.business_date > quote.valid_until:
        raise QuoteNotValid(number=quote.number, day=quote.valid_until.isoformat())
    work.announce(
        QuoteAccepted(
            document_id=quote.id,
            party_id=quote.party_id,
            opportunity_id=quote.opportunity_id,
            business_date=terms.business_date,
        )
    )
    if quote.customer_id is None:
        raise QuoteWithoutCustomer(number=quote.number)
    lines = work.session.scalars(select(QuoteLine).where(QuoteLine.quote_id == quote.id).order_by(QuoteLine.line_no))
    order = enter_sales_order(
        work,
        EnterSalesOrder(
            customer_id=quote.customer_id,
            business_date=terms.business_date,
            requested_date=terms.requested_date,
            customer_reference=terms.customer_reference or quote.customer_reference,
            stock_location_id=quote.stock_location_id,
            currency=quote.currency,
            lines=[OrderLine(**{name: getattr(line, name) for name in OrderLine.model_fields}) for line in lines],
        ),
    )
    quote.sales_order_id = order.id
    quote.state = "accepted"
    work.session.flush()
    work.link(quote, order)
    return order


def _terms(work: Work, body: ChangeQuote, customer_id: int | None) -> dict[str, Any]:
    """What stands in the quote's head, with the rate that it freezes."""
    assert work.company is not None
    agreed = work.session.get_one(PartyRole, customer_id).currency if customer_id else None
    rate = freeze_rate(work.session, work.company, body.currency or agreed, body.business_date, body.exchange_rate)
    return body.model_dump(exclude={"lines", "currency", "exchange_rate"}) | rate.columns


def _write_lines(work: Work, quote: Quote, lines: Sequence[OrderLine]) -> None:
    written = [
        QuoteLine(
            company_id=quote.company_id,
            quote_id=quote.id,
            line_no=number,
            **price_line(work, line, quote.business_date, frozen_on(quote)),
        )
        for number, line in enumerate(lines, start=1)
    ]
    work.session.add_all(written)
    quote.subtotal = sum((line.net_amount for line in written), Decimal(0))
    quote.tax_amount = sum((line.tax_amount for line in written), Decimal(0))
    quote.total_amount = quote.subtotal + quote.tax_amount
    work.session.flush()
