"""What the states of a sales order allow, and its arithmetic."""

from collections.abc import Iterable
from decimal import Decimal

# (from, to): every transition an order can make.
TRANSITIONS = frozenset(
    {
        ("draft", "confirmed"),
        ("draft", "cancelled"),
        ("confirmed", "partly_delivered"),
        ("confirmed", "delivered"),
        ("confirmed", "cancelled"),
        ("partly_delivered", "delivered"),
    }
)


def state_after_delivery(lines: Iterable[tuple[Decimal, Decimal]]) -> str:
    """State of an order whose lines have (ordered, delivered) these quantities, after something was delivered."""
    return "delivered" if all(ordered == delivered for ordered, delivered in lines) else "partly_delivered"
