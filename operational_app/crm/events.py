"""What customer management announces."""

from dataclasses import dataclass

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class CustomerRegistered(DomainEvent):
    """A party became a customer."""

    document_type = "customer"
    announced_only = True
    party_id: int
