"""What the states of a production order allow, and what completed goods are worth."""

from decimal import Decimal

from operational_app.core.money import rounded

# (from, to): every transition an order can make.
TRANSITIONS = frozenset(
    {
        ("draft", "released"),
        ("draft", "cancelled"),
        ("released", "in_progress"),
        ("released", "cancelled"),
        ("in_progress", "completed"),
        ("in_progress", "closed"),
        ("completed", "closed"),
    }
)


def completion_value(
    work_in_progress: Decimal, quantity: Decimal, ordered: Decimal, completed: Decimal, minor_units: int
) -> Decimal:
    """What `quantity` good units take out of an order's work in progress: their share of it.

    The share is of all units that are not completed, spoilt ones included: what was put into spoilt units is worth
    nothing in stock, stays behind, and is the variance at the close. (The usual loss of components is no such variance:
    it is in the quantities of the bill, and so in the cost of the good units; IAS 2.12, 2.16.) Without spoilt units the
    last good one takes all that is left.
    """
    left = ordered - completed
    if work_in_progress <= 0:
        return Decimal(0)
    if quantity == left:
        return work_in_progress
    return min(rounded(work_in_progress * quantity / left, minor_units), work_in_progress)


def state_after_output(ordered: Decimal, completed: Decimal, scrapped: Decimal) -> str:
    """State of an order in work, after something was completed or spoilt."""
    return "completed" if completed + scrapped == ordered else "in_progress"
