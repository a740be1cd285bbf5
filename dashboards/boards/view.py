"""What a page is asked for: a company, a period, what it is compared with; and the figures for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dashboards import display, figures
from dashboards.address import query_of
from dashboards.figures import Company, Figure, Overview, Part, Value, months_before
from dashboards.gate import DASHBOARD
from dashboards.i18n import Text, _
from dashboards.metrics import DIMENSIONS, MEASURES, RATIOS, Measure, Ratio
from dashboards.policy import Scope
from pipelines.publication import Publication

# Lengths of a period, by name: months, or from the first month of the year.
SPANS: dict[str, Text] = {
    "month": _("Month"),
    "quarter": _("Quarter to date"),
    "year": _("Year to date"),
    "twelve": _("12 months"),
}
VERSUS: dict[str, Text] = {"previous": _("Period before"), "year": _("Year before")}
YEAR = 12
Parts = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Period:
    """Whole months, by the first day of the first and of the last."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def earlier(self, months: int) -> "Period":
        return Period(months_before(self.first, months), months_before(self.last, months))

    def __str__(self) -> str:
        if self.first == self.last:
            return display.month_name(self.last)
        return f"{display.month_name(self.first)} – {display.month_name(self.last)}"


def period_of(span: str, last: date) -> Period:
    """The period of this length that ends with this month. A quarter is the calendar's, up to this month."""
    if span == "year":
        return Period(last.replace(month=1), last)
    if span == "quarter":
        return Period(last.replace(month=(last.month - 1) // 3 * 3 + 1), last)
    return Period(months_before(last, YEAR - 1) if span == "twelve" else last, last)


@dataclass(frozen=True)
class View:
    """What a page shows, of which publication, to whom.

    Attributes:
        filters: the query of its address, to return to from rows.
    """

    shown: Publication
    scope: Scope
    overview: Overview
    company: Company
    period: Period
    versus: str
    filters: Mapping[str, list[str]]

    @property
    def compared(self) -> Period:
        return self.period.earlier(YEAR if self.versus == "year" else self.period.length)

    def figure(self, measure: Measure, period: Period | None = None, parts: Parts = ()) -> Figure:
        asked = period or self.period
        return Figure(measure, (self.company,), asked.last, asked.first, parts)

    def parts(
        self, measure: Measure, by: Sequence[str], period: Period | None = None, parts: Parts = ()
    ) -> dict[tuple[str | None, ...], Part]:
        """A measure by dimensions; empty where the viewer may not see it."""
        if self.why_closed(measure):
            return {}
        return {
            part.keys: part for part in figures.split(self.shown, self.scope, self.figure(measure, period, parts), by)
        }

    def value(self, measure: Measure, period: Period | None = None, parts: Parts = ()) -> Value:
        """A measure of the company; nothing where the viewer may not see it, or it is not known of this company.

        Of a company that keeps its books here everything is known: where no row makes a figure up, it is zero. What nobody
        has budgeted is no budget of zero.
        """
        found = self.parts(measure, (), period, parts)
        if () in found:
            return found[()].amount
        known = self.company.keeps_books and not self.why_closed(measure) and measure.entity != "budget_balance"
        return (Decimal(0) if measure.unit != "count" else 0) if known else None

    def before(self, measure: Measure) -> Value:
        """The same of the period compared with; None for what is only known now."""
        return None if measure.kind == "now" else self.value(measure, self.compared)

    def course(self, measure: Measure, months: int) -> dict[date, Value]:
        """A measure by month, of so many months up to the last of the period."""
        if self.why_closed(measure):
            return {}
        figure = self.figure(measure, Period(self.period.last, self.period.last))
        return figures.course(self.shown, self.scope, figure, months_before(self.period.last, months - 1))

    def seen_by(self, scope: Scope) -> "View":
        """The same view with the rights of this moment."""
        return replace(self, scope=scope)

    def of_ratio(self, ratio: Ratio) -> Period:
        return period_of("twelve", self.period.last) if ratio.over == "year" else self.period

    def link(self, measure: Measure, period: Period | None = None, parts: Parts = ()) -> str:
        """Address of the rows of a figure."""
        return "rows?" + query_of(self.figure(measure, period, parts), self.filters, self.shown.id)

    def why_closed(self, measure: Measure) -> str:
        """Why this company has no such measure for this viewer; empty where it has."""
        if self.company.id not in self.scope.companies(DASHBOARD, measure.entity, *measure.also):
            return str(_("Your roles do not open this figure."))
        if measure.of_books and not self.company.keeps_books:
            return str(_("No books are kept here."))
        return ""


def ratio_of(ratio: Ratio, numerator: Value, denominator: Value) -> Value:
    """A ratio for display: percent with one decimal, times with one, whole days."""
    found = display.share(numerator, denominator)
    if found is None or ratio.style == "percent":
        return found
    assert numerator is not None and denominator is not None
    if ratio.style == "times":
        return display.rounded(numerator, denominator, "0.1")
    return display.rounded(numerator * 365, denominator, "1")


def name_of(dimension: str, part: Part, place: int) -> str:
    """What people call a part: its name, the word for its code, or that it has none."""
    words = DIMENSIONS[dimension].words
    if part.keys[place] in words:
        return str(words[part.keys[place]])
    return part.names[place] or str(_("not stated"))


def measures_of(names: Sequence[str]) -> list[Measure]:
    """The measures that these names of measures and ratios need."""
    found: dict[str, Measure] = {}
    for name in names:
        ratio = RATIOS.get(name)
        for needed in (ratio.numerator, ratio.denominator) if ratio else (name,):
            found[needed] = MEASURES[needed]
    return list(found.values())
