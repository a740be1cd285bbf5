"""What the coming months are expected to bring: sales as a whole and demand by item, beside the error on months not known.

Forecast and fact stand in tables of their own and are never added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from dashboards import display, figures
from dashboards.boards.blocks import amount_in, opening
from dashboards.boards.view import Period, View, name_of
from dashboards.figures import Value, months_before
from dashboards.forecast import Forecast, forecast
from dashboards.i18n import Text, _
from dashboards.metrics import DIMENSIONS, MEASURES
from dashboards.tables import Cell, Column, Row, Table

MONTHS_AHEAD = 6
# So many months are looked at: enough for growth of years, and for what was held out.
KNOWN_MONTHS = 60
SEASONAL = _(
    "A forecast: the same month of the year before, times the growth of the last twelve months on the twelve before them. "
    "Naive means: as in the year before."
)
LEVEL = _(
    "A forecast: the mean of the last three months, since fewer than 30 months are known. Naive means: as in the last month."
)
BOUNDS = _("Four of five months should fall between the bounds, which rest on the errors in the months held out.")


@dataclass(frozen=True)
class Expected:
    """A measure in the coming months after the end of the period, and how well the last ones would have been forecast."""

    name: str
    title: Text
    measure: str

    def tables(self, view: View) -> list[Table]:
        known, made = self._made(view)
        if made is None:
            return [Table(self.name, str(self.title), ())]
        return [self._coming(view, made), self._held_out(view, known, made)]

    def series(self, view: View) -> list[tuple[str, list[tuple[date, Value]], str]]:
        """What a chart draws: the months known, and apart from them those expected."""
        known, made = self._made(view)
        if made is None:
            return []
        coming = [
            (months_before(view.period.last, -n), _guessed(v[0]).value) for n, v in enumerate(made.values, start=1)
        ]
        return [
            (str(MEASURES[self.measure].label), list(known.items())[-24:], "bar"),
            (str(_("Forecast")), coming, "line"),
        ]

    def _made(self, view: View) -> tuple[dict[date, Value], Forecast | None]:
        known = filled(view.course(MEASURES[self.measure], KNOWN_MONTHS), view.period.last)
        return known, forecast([float(value or 0) for value in known.values()], MONTHS_AHEAD)

    def _coming(self, view: View, made: Forecast) -> Table:
        rows = [
            Row((Cell(display.month_name(months_before(view.period.last, -number))), *map(_guessed, values)))
            for number, values in enumerate(made.values, start=1)
        ]
        columns = (
            Column(str(_("Month"))),
            Column(str(_("Forecast")), "count"),
            Column(str(_("Lower bound")), "count"),
            Column(str(_("Upper bound")), "count"),
        )
        return Table(self.name, str(self.title), columns, rows, note=f"{SEASONAL if made.seasonal else LEVEL} {BOUNDS}")

    def _held_out(self, view: View, known: Mapping[date, Value], made: Forecast) -> Table:
        measure, months = MEASURES[self.measure], list(known)
        rows = []
        for trial in made.trials:
            month = months[trial.place]
            errors = (abs(trial.forecast - trial.actual), abs(trial.naive - trial.actual))
            cells = (
                Cell(display.month_name(month)),
                opening(view, measure, known[month], Period(month, month)),
                _guessed(trial.forecast),
                _guessed(errors[0]),
                _guessed(trial.naive),
                _guessed(errors[1]),
            )
            rows.append(Row(cells))
        better = "good" if made.error < made.naive_error else "bad" if made.error > made.naive_error else ""
        mean = (Cell(""), Cell(""), _guessed(made.error, better), Cell(""), _guessed(made.naive_error))
        rows.append(Row((Cell(str(_("Mean error"))), *mean), "total"))
        columns = (
            Column(str(_("Month"))),
            Column(str(_("Actual")), measure.unit),
            Column(str(_("Forecast a month before")), "count"),
            Column(str(_("Its error")), "count"),
            Column(str(_("Naive forecast")), "count"),
            Column(str(_("Its error")), "count"),
        )
        return Table(f"{self.name}-held-out", str(_("How good the forecast was")), columns, rows)


@dataclass(frozen=True)
class ExpectedBy:
    """A measure in the next month by a dimension, the largest parts of the last months first."""

    name: str
    title: Text
    measure: str
    by: str
    most: int = 20

    def tables(self, view: View) -> list[Table]:
        measure, last = MEASURES[self.measure], view.period.last
        recent = view.parts(measure, (self.by,), Period(months_before(last, 11), last))
        keys = sorted(recent, key=lambda key: (-amount_in(recent, key), str(key)))
        rows = []
        for key in keys[: self.most]:
            figure = view.figure(measure, Period(last, last), ((self.by, key[0]),))
            course = figures.course(view.shown, view.scope, figure, months_before(last, KNOWN_MONTHS - 1))
            known = filled(course, last)
            made = forecast([float(value or 0) for value in known.values()], 1)
            part = ((self.by, key[0]),)
            now = opening(view, measure, known.get(last, 0), Period(last, last), part) if last in course else Cell(0)
            cells = [Cell(name_of(self.by, recent[key], 0)), now]
            if made is None:
                rows.append(Row((*cells, *(Cell(None) for _place in range(5)))))
                continue
            better = "good" if made.error < made.naive_error else "bad" if made.error > made.naive_error else ""
            errors = (_guessed(made.error, better), _guessed(made.naive_error))
            rows.append(Row((*cells, *map(_guessed, made.values[0]), *errors)))
        columns = (
            Column(str(DIMENSIONS[self.by].label)),
            Column(display.month_name(last), measure.unit),
            Column(_("Forecast {month}").format(month=display.month_name(months_before(last, -1))), "count"),
            Column(str(_("Lower bound")), "count"),
            Column(str(_("Upper bound")), "count"),
            Column(str(_("Mean error")), "count"),
            Column(str(_("Naive mean error")), "count"),
        )
        return [Table(self.name, str(self.title), columns, rows, left_out=max(0, len(keys) - self.most))]


def filled(course: Mapping[date, Value], last: date) -> dict[date, Value]:
    """Every month from the first known one to this one; one in which nothing happened is a zero."""
    found: dict[date, Value] = {}
    month = min(course, default=None)
    while month is not None and month <= last:
        found[month] = course.get(month, 0)
        month = months_before(month, -1)
    return found


def _guessed(value: float, tone: str = "") -> Cell:
    """A guessed number: whole, since more digits would only seem to be known."""
    return Cell(int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)), tone=tone)  # type: ignore[arg-type]
