"""Arithmetic of stock values: moving average, first in first out, standard cost; and what a late entry changes.

The live moves and the replay of history use the same two classes, so that a replay without a late fact finds exactly the
values that were booked.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from operational_app.core.money import rounded

ZERO = Decimal(0)

# What came in from outside at a known cost and can be entered late: it changes the cost of what left after its day.
LATE_KINDS = frozenset({"receipt", "adjustment", "completion"})


def issue_value(on_hand: Decimal, value: Decimal, quantity: Decimal, minor_units: int) -> Decimal:
    """Value of `quantity` taken out of `on_hand` worth `value`, at the average, rounded to the currency.

    The last unit takes all that is left, so that no stock is worth nothing.
    """
    if quantity == on_hand:
        return value
    return min(rounded(value * quantity / on_hand, minor_units), value)


def standard_value(quantity: Decimal, standard_cost: Decimal, minor_units: int) -> Decimal:
    """What a quantity is worth at standard cost. A move is worth the difference of this before and after it."""
    return rounded(quantity * standard_cost, minor_units)


@dataclass
class Average:
    """Stock at the moving average."""

    minor_units: int
    quantity: Decimal = ZERO
    value: Decimal = ZERO

    def put(self, key: int, quantity: Decimal, value: Decimal) -> None:
        self.quantity += quantity
        self.value += value

    def take(self, quantity: Decimal) -> Decimal:
        """Value of what leaves."""
        value = issue_value(self.quantity, self.value, quantity, self.minor_units)
        self.quantity -= quantity
        self.value -= value
        return value

    def correct(self, key: int | None, value: Decimal) -> Decimal:
        """Correct the value of what is here, never below nothing; returns what could be put on it."""
        fits = max(value, -self.value) if self.quantity else ZERO
        self.value += fits
        return fits


@dataclass
class Layer:
    """What is left of one receipt: `key` is the move that brought it."""

    key: int
    quantity: Decimal
    value: Decimal


@dataclass
class Fifo:
    """Stock in layers; the oldest leaves first."""

    minor_units: int
    layers: deque[Layer] = field(default_factory=deque)

    @property
    def quantity(self) -> Decimal:
        return sum((layer.quantity for layer in self.layers), ZERO)

    @property
    def value(self) -> Decimal:
        return sum((layer.value for layer in self.layers), ZERO)

    def put(self, key: int, quantity: Decimal, value: Decimal) -> None:
        self.layers.append(Layer(key, quantity, value))

    def take(self, quantity: Decimal) -> Decimal:
        """Value of what leaves, out of the oldest layers."""
        taken = ZERO
        while quantity:
            layer = self.layers[0]
            part = min(layer.quantity, quantity)
            value = issue_value(layer.quantity, layer.value, part, self.minor_units)
            layer.quantity -= part
            layer.value -= value
            quantity -= part
            taken += value
            if not layer.quantity:
                self.layers.popleft()
        return taken

    def correct(self, key: int | None, value: Decimal) -> Decimal:
        """Correct the value of the layer that `key` brought, or of the oldest, never below nothing; returns what fits."""
        fits = ZERO
        for layer in sorted(self.layers, key=lambda one: one.key != key):
            part = max(value - fits, -layer.value)
            layer.value += part
            fits += part
            if fits == value:
                break
        return fits


@dataclass(frozen=True)
class Fact:
    """One fact of an item's history, in the order in which it is costed.

    Attributes:
        kind: `in` at a known value; `out`; `back`, what had gone out comes in again at its share of what that had cost;
            `correction` of the value of what is here, quantity 0.
        quantity: without sign.
        value: booked so far, corrections that came later included; signed as it changes the stock.
        key: the move; for a correction the move whose layer it corrects.
        pool: of `out` and `back`: which outgoing line it belongs to.
    """

    kind: str
    quantity: Decimal
    value: Decimal
    key: int | None = None
    pool: Hashable = None


Pool = tuple[Decimal, Decimal]


def replayed(
    stock: Average | Fifo, facts: Iterable[Fact], pools: Mapping[Hashable, Pool], minor_units: int
) -> list[Decimal]:
    """What each fact is worth now that all of them are known, signed; `stock` ends as the stock after the last one.

    Args:
        stock: what was here before the first fact.
        pools: outgoing line → quantity and cost of it that was out before the first fact.
    """
    out = dict(pools)
    worth = []
    for fact in facts:
        quantity, cost = out.get(fact.pool, (ZERO, ZERO))
        if fact.kind == "out":
            value = -stock.take(fact.quantity)
            out[fact.pool] = (quantity + fact.quantity, cost - value)
        elif fact.kind == "back" and fact.quantity <= quantity:
            value = issue_value(quantity, cost, fact.quantity, minor_units)
            out[fact.pool] = (quantity - fact.quantity, cost - value)
            stock.put(fact.key or 0, fact.quantity, value)
        elif fact.kind == "correction":
            value = stock.correct(fact.key, fact.value)
        else:
            value = fact.value
            stock.put(fact.key or 0, fact.quantity, value)
        worth.append(value)
    return worth
