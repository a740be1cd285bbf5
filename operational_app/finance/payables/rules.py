"""Arithmetic of bills: the agreed difference of rounding."""

from decimal import Decimal

# The most by which an agreed total may differ from the computed one and still be taken as rounding, in the company's
# currency. A larger difference is a price difference, and somebody has to say of what.
ROUNDING_LIMIT = Decimal("2.00")


def rounding_difference(computed: Decimal, agreed: Decimal | None) -> Decimal:
    """What has to be added to the computed total to reach the agreed one; zero where none is agreed."""
    return Decimal(0) if agreed is None else agreed - computed
