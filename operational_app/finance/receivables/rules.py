"""What a customer may keep for paying early, and what lies open."""

from decimal import Decimal

from operational_app.core.money import rounded

# Most that may be given away of an invoice's total for payment by its due date, over all its payments.
LARGEST_DISCOUNT = Decimal("0.03")


def discount_limit(total: Decimal, minor_units: int) -> Decimal:
    """Most that an invoice of this total may be discounted by, in its currency."""
    return rounded(total * LARGEST_DISCOUNT, minor_units)
