"""Arithmetic of stock values: the moving average."""

from decimal import Decimal

from operational_app.core.money import rounded


def issue_value(on_hand: Decimal, value: Decimal, quantity: Decimal, minor_units: int) -> Decimal:
    """Value of `quantity` taken out of `on_hand` worth `value`, at the moving average, rounded to the currency.

    The last unit takes all that is left, so that no stock is worth nothing.
    """
    if quantity == on_hand:
        return value
    return min(rounded(value * quantity / on_hand, minor_units), value)
