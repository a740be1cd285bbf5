"""What may be kept for paying early, and sharing a document's total in the company's currency out over its lines."""

from collections.abc import Sequence
from decimal import Decimal

from operational_app.core.money import allocate, rounded

# Most that may be given away of an invoice's total for payment by its due date, over all its payments, where its terms of
# payment say nothing of a discount.
LARGEST_DISCOUNT = Decimal("0.03")


def discount_limit(total: Decimal, share: Decimal, minor_units: int) -> Decimal:
    """Most that a document of this total may be discounted by, in its currency."""
    return rounded(total * share, minor_units)


def shared(total: Decimal, parts: Sequence[Decimal], minor_units: int) -> list[Decimal]:
    """`total` in proportion to `parts`, by largest remainder: the shares come to it exactly. Parts are not negative."""
    return allocate(total, parts, minor_units) if any(parts) else [Decimal(0)] * len(parts)
