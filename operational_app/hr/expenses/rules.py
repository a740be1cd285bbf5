"""Arithmetic of receipts."""

from decimal import Decimal

from operational_app.core.money import rounded


def tax_within(amount: Decimal, rate: Decimal, minor_units: int) -> Decimal:
    """The tax in an amount that includes it."""
    return rounded(amount * rate / (1 + rate), minor_units)
