"""Forecasts of monthly figures by a plain formula, with the error that it had on months it did not know.

What belongs here: arithmetic on series of numbers. Here, and nowhere else in the dashboards, binary floats are used: for what
is guessed, never for what happened.

- With 30 months and more: the same month of the year before, times the growth of the last twelve months on the twelve before
  them (held between a half and twice). It is compared with the naive forecast that this month comes as a year before.
- With 6 months and more: the mean of the last three months. It is compared with the naive forecast that the month comes as
  the last one.
- With fewer months there is none.

Errors are those of the last six months (three where there are few), each forecast with what was known a month before. The
interval, in which four of five months should fall, is 1.28 times the root of the mean squared error to either side, wider
by the root of the number of months ahead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

SEASONAL_MONTHS, FEWEST_MONTHS = 30, 6
YEAR, RECENT = 12, 3
HELD_OUT, HELD_OUT_OF_FEW = 6, 3
FOUR_OF_FIVE = 1.28
GROWTH = (0.5, 2.0)


@dataclass(frozen=True)
class Trial:
    """A month that was forecast with what was known a month before: what happened, what was forecast, and naively so."""

    place: int
    actual: float
    forecast: float
    naive: float


@dataclass(frozen=True)
class Forecast:
    """What is expected: value, lower and upper bound of each coming month, and the trials that the bounds rest on."""

    seasonal: bool
    values: tuple[tuple[float, float, float], ...]
    trials: tuple[Trial, ...]

    @property
    def error(self) -> float:
        """Mean absolute error of the forecast on the held-out months."""
        return sum(abs(trial.forecast - trial.actual) for trial in self.trials) / len(self.trials)

    @property
    def naive_error(self) -> float:
        """The same of the naive forecast."""
        return sum(abs(trial.naive - trial.actual) for trial in self.trials) / len(self.trials)


def forecast(known: Sequence[float], months: int) -> Forecast | None:
    """The coming months of a series without gaps; None where too few months are known."""
    if len(known) < FEWEST_MONTHS:
        return None
    seasonal = len(known) >= SEASONAL_MONTHS
    ahead: Callable[[Sequence[float], int], list[float]] = _seasonal if seasonal else _level
    held_out = HELD_OUT if len(known) >= YEAR else HELD_OUT_OF_FEW
    trials = []
    for place in range(len(known) - held_out, len(known)):
        naive = known[place - YEAR] if seasonal else known[place - 1]
        trials.append(Trial(place, known[place], ahead(known[:place], 1)[0], naive))
    spread = FOUR_OF_FIVE * sqrt(sum((trial.forecast - trial.actual) ** 2 for trial in trials) / len(trials))
    values = []
    for number, value in enumerate(ahead(known, months), start=1):
        aside = spread * sqrt(number)
        # Neither sales nor demand fall below nothing.
        values.append((value, max(0.0, value - aside), value + aside))
    return Forecast(seasonal, tuple(values), tuple(trials))


def _seasonal(known: Sequence[float], months: int) -> list[float]:
    last, before = sum(known[-YEAR:]), sum(known[-2 * YEAR : -YEAR])
    growth = min(max(last / before, GROWTH[0]), GROWTH[1]) if before > 0 else 1.0
    # Beyond a year ahead the year repeats itself.
    return [max(0.0, known[-YEAR + number % YEAR] * growth) for number in range(months)]


def _level(known: Sequence[float], months: int) -> list[float]:
    return [max(0.0, sum(known[-RECENT:]) / RECENT)] * months
