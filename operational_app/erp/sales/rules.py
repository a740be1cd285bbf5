"""What the states of a sales order allow, and its arithmetic."""

from collections.abc import Iterable
from datetime import date
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


def earliest_promise(
    quantity: Decimal, day: date, free: Decimal, changes: Iterable[tuple[date, Decimal]]
) -> date | None:
    """The first day, from `day` on, on which `quantity` can be promised without taking it from what is promised already.

    Args:
        free: what lies there and is reserved for nobody.
        changes: what is to come in (positive) and what is promised to others and not reserved (negative), each with its
            day. What should have happened before `day` counts for `day`.

    Returns:
        The day; None where the known supply never covers it.
    """
    by_day = {day: free}
    for when, change in changes:
        at = max(when, day)
        by_day[at] = by_day.get(at, Decimal(0)) + change
    level, promise = Decimal(0), None
    for at in sorted(by_day):
        level += by_day[at]
        if level < quantity:
            # Whoever is promised something later would go without: an earlier day is no promise.
            promise = None
        elif promise is None:
            promise = at
    return promise
