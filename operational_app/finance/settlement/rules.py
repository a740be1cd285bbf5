"""Sharing a document's total in the company's currency out over its lines."""

from collections.abc import Sequence
from decimal import Decimal

from operational_app.core.money import allocate


def shared(total: Decimal, parts: Sequence[Decimal], minor_units: int) -> list[Decimal]:
    """`total` in proportion to `parts`, by largest remainder: the shares come to it exactly. Parts are not negative."""
    return allocate(total, parts, minor_units) if any(parts) else [Decimal(0)] * len(parts)
