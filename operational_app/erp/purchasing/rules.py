"""What the states of a purchase order allow, and the three-way match of bill, order and receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from operational_app.core.money import rounded

# (from, to): every transition an order can make.
TRANSITIONS = frozenset(
    {
        ("draft", "ordered"),
        ("draft", "cancelled"),
        ("ordered", "cancelled"),
        ("ordered", "partly_received"),
        ("ordered", "received"),
        ("partly_received", "partly_received"),
        ("partly_received", "received"),
    }
)

# A bill whose price is further from the order's than this is held: it is booked, and not paid until it is released.
PRICE_TOLERANCE = Decimal("0.05")


def state_after_receipt(lines: Iterable[tuple[Decimal, Decimal]]) -> str:
    """State of an order whose lines have (ordered, received) these quantities, after something came in."""
    return "received" if all(ordered == received for ordered, received in lines) else "partly_received"


def price_deviates(ordered: Decimal, billed: Decimal) -> bool:
    """Whether a billed price is so far from the ordered one that somebody has to look."""
    return abs(billed - ordered) > ordered * PRICE_TOLERANCE


def share_of_unbilled(
    quantity: Decimal, unbilled: Decimal, unbilled_value: Decimal, unit_price: Decimal, minor_units: int
) -> Decimal:
    """Value of `quantity` out of what came in and is not billed; the last of it takes all that is left.

    So the account of goods received not billed ends at nothing, however often something was rounded before.
    """
    return unbilled_value if quantity == unbilled else min(rounded(quantity * unit_price, minor_units), unbilled_value)


@dataclass(frozen=True)
class Variance:
    """The difference between what was billed and what the goods were taken in at.

    Attributes:
        inventory: the part on goods that are still here: it corrects their value.
        expense: the part on goods that are gone: the price variance.
    """

    inventory: Decimal
    expense: Decimal


def split_variance(
    difference: Decimal, quantity: Decimal, on_hand: Decimal, value: Decimal, minor_units: int
) -> Variance:
    """Split a price difference between goods that are still here and goods that are gone.

    Args:
        difference: billed amount less the value that the goods were received at.
        quantity: how many the bill is for.
        on_hand, value: how many of the item are here now and what they are worth; at most those carry a correction,
            and never below nothing.

    Source: moving average (IAS 2.25); the part on goods consumed is a cost of the period.
    """
    here = min(on_hand, quantity)
    inventory = difference if here == quantity else rounded(difference * here / quantity, minor_units)
    inventory = max(inventory, -value)
    return Variance(inventory, difference - inventory)
