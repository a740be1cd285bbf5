"""Events: past-tense facts that one module announces and others act on, in the same transaction.

An event is a frozen dataclass that a module declares in its `events.py`. What other modules do about it stands in
`operational_app/links`, which fills `LINKS`; a handler that fails fails the command, so that both sides happen or none.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from operational_app.core.money import plain

EVENTS: dict[str, type["DomainEvent"]] = {}
LINKS: dict[type["DomainEvent"], list[Callable[[Any, Any], None]]] = {}


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """A fact about a document. Subclasses say which (`document_type`) and add the fact's values."""

    document_type = ""
    # True where nobody needs to act: a test asks that every event is in LINKS or says this.
    announced_only = False
    document_id: int

    def __init_subclass__(cls) -> None:
        EVENTS[cls.__name__] = cls


def as_json(value: Any) -> Any:
    """Values of an event as JSON, exact: decimals and dates as text."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def payload_of(event: DomainEvent) -> dict[str, Any]:
    return as_json(asdict(event))
