"""When a figure calls for a change, which, and what money is at stake. Pure arithmetic; the limits stand here as data."""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
ONE = Decimal(1)

BUSY = Decimal("0.90")  # A work centre above this has no room for what goes wrong.
IDLE = Decimal("0.60")  # Below this it costs more than it brings.
GOOD_YIELD = Decimal("0.98")
GOOD_TURNS = Decimal(4)  # Stock should be renewed so many times a year.
GOOD_OVERRUN = Decimal("0.05")
DAYS_A_YEAR = 365
# A figure is kept with 4 decimals: finer ones only look exact.
LARGEST = Decimal(9_999_999_999)
PLACES = Decimal("0.0001")

KEEP = "keep"


@dataclass(frozen=True)
class Verdict:
    """A figure, what to change (a code; its sentence is in core/value_labels.py), and the money at stake, never negative."""

    measure: Decimal
    proposal: str
    effect: Decimal


def utilisation(worked: Decimal, capacity: Decimal, cost_rate: Decimal) -> Verdict:
    """Hours worked of the hours that could have been.

    At stake: for a work centre that is too busy, the hours above the limit; for an idle one, the hours below the other.
    """
    measure = ratio(worked, capacity)
    if measure > BUSY:
        return Verdict(measure, "add_capacity", (worked - capacity * BUSY) * cost_rate)
    if measure < IDLE:
        return Verdict(measure, "move_work_here", (capacity * IDLE - worked) * cost_rate)
    return Verdict(measure, KEEP, ZERO)


def yield_of(completed: Decimal, scrapped: Decimal, scrap_cost: Decimal) -> Verdict:
    """Good units of all that were made; at stake is what the spoilt ones cost."""
    measure = ratio(completed, completed + scrapped)
    if measure < GOOD_YIELD:
        return Verdict(measure, "find_cause_of_scrap", scrap_cost)
    return Verdict(measure, KEEP, ZERO)


def stock_turns(issued: Decimal, days: int, value: Decimal) -> Verdict:
    """How often a year the stock is renewed: what left it in `days`, over a year, of what lies there now.

    At stake is the value beyond what so much use needs: all of it where nothing leaves.
    """
    yearly = issued * DAYS_A_YEAR / days
    measure = ratio(yearly, value)
    if not issued:
        return Verdict(measure, "sell_or_write_down", value)
    if measure < GOOD_TURNS:
        return Verdict(measure, "order_less", value - yearly / GOOD_TURNS)
    return Verdict(measure, KEEP, ZERO)


def supplier_lateness(late_days_times_value: Decimal, value: Decimal, days: int) -> Verdict:
    """Days that a supplier's goods came too late, weighted by their value.

    At stake is the stock that must be held against it: what comes from the supplier in as many days.
    """
    measure = ratio(late_days_times_value, value)
    if measure > 0:
        return Verdict(measure, "plan_longer_or_change_supplier", value / days * measure)
    return Verdict(measure, KEEP, ZERO)


def cost_variance(planned: Decimal, actual: Decimal) -> Verdict:
    """How far the cost of closed orders ran over their plan, as a fraction of it; at stake is the difference."""
    measure = ratio(actual - planned, planned)
    if measure > GOOD_OVERRUN:
        return Verdict(measure, "look_at_usage_and_hours", actual - planned)
    if measure < -GOOD_OVERRUN:
        return Verdict(measure, "correct_the_plan", planned - actual)
    return Verdict(measure, KEEP, ZERO)


def ratio(part: Decimal, whole: Decimal) -> Decimal:
    """`part` of `whole`, kept with 4 decimals; nothing of nothing is 0."""
    if not whole:
        return ZERO
    return max(min(part / whole, LARGEST), -LARGEST).quantize(PLACES)
