"""Arithmetic of bills of material and routings, and what the states of a revision allow."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal, localcontext

# (from, to): every transition a revision of a bill or routing can make.
TRANSITIONS = frozenset({("draft", "active"), ("draft", "retired"), ("active", "retired")})


def rounded_up(quantity: Decimal, decimals: int) -> Decimal:
    """`quantity` with no more decimals than its unit has, never less than was asked: nobody issues 0.4 of a screw."""
    return quantity.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_UP)


def component_quantity(quantity: Decimal, quantity_per: Decimal, scrap_fraction: Decimal, decimals: int) -> Decimal:
    """How much of a component is needed to make `quantity`, the usual loss included, rounded up to its unit.

    Of what is taken, the part `scrap_fraction` is lost: 100 good ones at 0.2 take 125.
    """
    with localcontext() as context:
        context.prec = 50
        return rounded_up(quantity * quantity_per / (1 - scrap_fraction), decimals)


def operation_hours(quantity: Decimal, setup_hours: Decimal, run_hours: Decimal) -> Decimal:
    """Hours of an operation on `quantity` units: once to set up, then unit by unit; rounded up to the millionth."""
    return rounded_up(setup_hours + quantity * run_hours, 6)


def is_working(day: date, working_days: str, exceptions: Mapping[date, bool]) -> bool:
    """Whether work is done on a day: an exception decides, else the day of the week (Monday is 1)."""
    return exceptions[day] if day in exceptions else str(day.isoweekday()) in working_days


def working_days_between(first: date, last: date, working_days: str, exceptions: Mapping[date, bool]) -> int:
    """Working days from `first` to `last`, both counted."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return sum(is_working(day, working_days, exceptions) for day in days)


class Cycle(ValueError):
    """An item contains itself. `item` is one on the circle."""

    def __init__(self, item: int) -> None:
        self.item = item
        super().__init__(f"item {item} contains itself")


def low_level_codes(components: Mapping[int, Collection[int]], items: Collection[int]) -> dict[int, int]:
    """Item → how deep it is found at the deepest: 0 for what no other item contains.

    Planning goes by these codes: an item is planned when all demand for it is known.

    Args:
        components: item → the items that it is made of.

    Raises:
        Cycle: an item contains itself.
    """
    level = dict.fromkeys(items, 0)
    for item in components:
        level.setdefault(item, 0)
    for item in _from_top(components):
        for component in components.get(item, ()):
            level[component] = max(level.get(component, 0), level[item] + 1)
    return level


def _from_top(components: Mapping[int, Collection[int]]) -> Iterator[int]:
    """Every item after all that contain it (depth-first, without recursion: levels are as many as people make)."""
    done: list[int] = []
    state: dict[int, str] = {}
    for start in components:
        stack = [(start, iter(components[start]))] if start not in state else []
        state.setdefault(start, "open")
        while stack:
            item, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[item] = "done"
                done.append(item)
                stack.pop()
            elif state.get(following) == "open":
                raise Cycle(following)
            elif following not in state:
                state[following] = "open"
                stack.append((following, iter(components.get(following, ()))))
    return reversed(done)
