"""Quantities and prices in other units, exactly."""

from decimal import Decimal

from operational_app.core.money import rounded

PRICE_DECIMALS = 6


def converted(quantity: Decimal, quantity_per: Decimal, decimals: int) -> Decimal | None:
    """A quantity in the item's own unit; None where it cannot be told exactly in that unit's decimals."""
    exact = quantity * quantity_per
    return exact if exact == rounded(exact, decimals) else None


def converted_price(price: Decimal, quantity: Decimal, quantity_per: Decimal, minor_units: int) -> Decimal | None:
    """The price of one of the item's own unit; None where the amount of the line would not stay the same."""
    own = rounded(price / quantity_per, PRICE_DECIMALS)
    same = rounded(own * quantity * quantity_per, minor_units) == rounded(price * quantity, minor_units)
    return own if same else None
