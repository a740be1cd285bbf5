"""What the core announces."""

from dataclasses import dataclass

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CompanyFounded(DomainEvent):
    """A company began to keep its books here."""

    document_type = "company"
    chart: str
