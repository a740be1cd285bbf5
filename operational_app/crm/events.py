"""What customer management announces."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CustomerRegistered(DomainEvent):
    """A party became a customer."""

    document_type = "customer"
    announced_only = True
    party_id: int


@dataclass(frozen=True, kw_only=True)
class LeadQualified(DomainEvent):
    """A lead became an opportunity."""

    document_type = "lead"
    announced_only = True
    party_id: int
    opportunity_id: int


@dataclass(frozen=True, kw_only=True)
class OfferedLine:
    """One line that a customer is to be offered."""

    item_id: int
    description: str | None
    quantity: Decimal
    unit_price: Decimal | None
    discount: Decimal


@dataclass(frozen=True, kw_only=True)
class QuoteAskedFor(DomainEvent):
    """Somebody is to be offered something for a deal."""

    document_type = "opportunity"
    party_id: int
    customer_id: int | None
    business_date: date
    valid_until: date
    stock_location_id: int
    lines: tuple[OfferedLine, ...]


@dataclass(frozen=True, kw_only=True)
class OpportunityWon(DomainEvent):
    """A deal was won; the party is a customer now."""

    document_type = "opportunity"
    customer_id: int
    business_date: date
    # True where it was won because a quote was accepted: that quote makes the order.
    by_quote: bool


@dataclass(frozen=True, kw_only=True)
class OpportunityLost(DomainEvent):
    """A deal was lost."""

    document_type = "opportunity"
    announced_only = True
    lost_reason: str
