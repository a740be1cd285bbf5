"""What the office announces."""

from dataclasses import dataclass

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(DomainEvent):
    """A step of an approval was opened: these users are asked."""

    document_type = "approval"
    announced_only = True
    step_no: int
    user_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ApprovalClosed(DomainEvent):
    """A request for approval came to its end: approved, rejected, returned or withdrawn."""

    document_type = "approval"
    subject_type: str
    subject_id: int
    outcome: str
