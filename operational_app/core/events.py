"""What the core announces."""

from dataclasses import dataclass
from datetime import date

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CompanyFounded(DomainEvent):
    """A company began to keep its books here."""

    document_type = "company"
    chart: str


@dataclass(frozen=True, kw_only=True)
class PeriodClosing(DomainEvent):
    """A period is about to be closed, in this transaction: whoever's books are not in order refuses."""

    document_type = "period"
    code: str
    end_date: date
