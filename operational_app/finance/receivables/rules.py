"""What a customer may keep for paying early, and what lies open."""

from decimal import Decimal

from operational_app.core.money import rounded

# Most that may be given away of an invoice's total for payment by its due date, over all its payments, where its terms of
# payment say nothing of a discount.
LARGEST_DISCOUNT = Decimal("0.03")


def discount_limit(total: Decimal, share: Decimal, minor_units: int) -> Decimal:
    """Most that a document of this total may be discounted by, in its currency."""
    return rounded(total * share, minor_units)
