"""What pages are made of: cards, charts over months, tables by dimension, ageing, statements.

Each block says which measures it needs and makes its tables for a view; the screen and the file show these same tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dashboards import display
from dashboards.boards.view import Parts, Period, View, measures_of, name_of, ratio_of
from dashboards.figures import Part, Value
from dashboards.i18n import Text, _
from dashboards.labels import meaning_of
from dashboards.metrics import DIMENSIONS, MEASURES, RATIOS, Measure, Ratio
from dashboards.tables import Cell, Column, Row, Table

Keys = tuple[str | None, ...]


@dataclass(frozen=True)
class Cards:
    """A row of figures, each compared with before: names of measures and ratios."""

    names: tuple[str, ...]

    def tables(self, view: View) -> list[Table]:
        """The cards as a table, for a file."""
        rows = []
        for name in self.names:
            about = RATIOS.get(name) or MEASURES[name]
            rows.append(Row((Cell(str(about.label)), *(Cell(value) for value in values_of(view, name)))))
        columns = (Column(str(_("Figure"))), Column(str(view.period), "money"), Column(str(view.compared), "money"))
        return [Table("figures", str(_("Figures")), columns, rows)]


@dataclass(frozen=True)
class Chart:
    """One drawing over the last months: its title, and measures with how each is drawn (`bar` or `line`)."""

    title: Text
    series: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Charts:
    """Drawings side by side. They draw figures that stand in tables: a file has no need of them."""

    charts: tuple[Chart, ...]
    months: int = 24

    def tables(self, _view: View) -> list[Table]:
        return []


@dataclass(frozen=True)
class Breakdown:
    """A table of measures by dimensions.

    Attributes:
        by: dimensions of a row.
        names: columns: measures and ratios. The first measure decides the order, the largest first.
        compared: the first measure is shown beside that of the period compared with, and its change.
        falling: only rows whose first measure fell, the largest fall first.
        most: how many rows are shown.
    """

    name: str
    title: Text
    by: tuple[str, ...]
    names: tuple[str, ...]
    compared: bool = False
    falling: bool = False
    most: int = 15
    bars: bool = False

    @property
    def leading(self) -> Measure:
        return MEASURES[self.names[0]]

    def tables(self, view: View) -> list[Table]:
        found = {measure.name: self._parts(view, measure) for measure in measures_of(self.names)}
        before = view.parts(self.leading, self.by, view.compared) if self.compared else {}
        everything: dict[Keys, Part] = dict(before)
        for parts in found.values():
            everything |= parts
        # Parts of which every figure is nothing or zero say nothing.
        told = {k: p for k, p in everything.items() if any(amount_in(parts, k) for parts in (before, *found.values()))}
        keys = self._ordered(found[self.leading.name], before, told)
        shown = keys[: self.most]
        rows = [self._row(view, everything[key], found, before) for key in shown]
        if rows and not self.leading.own_currency and not self.falling:
            rows.append(self._total(view))
        return [Table(self.name, str(self.title), self._columns(view), rows, left_out=len(keys) - len(shown))]

    def _parts(self, view: View, measure: Measure, by: Sequence[str] | None = None) -> dict[Keys, Part]:
        return view.parts(measure, self.by if by is None else by, self._period(view, measure))

    def _period(self, view: View, measure: Measure) -> Period:
        """A measure that only a ratio over twelve months needs is asked for those."""
        if measure.name in self.names:
            return view.period
        ratios = [
            RATIOS[n]
            for n in self.names
            if n in RATIOS and measure.name in (RATIOS[n].numerator, RATIOS[n].denominator)
        ]
        return view.of_ratio(ratios[0])

    def _ordered(self, now: dict[Keys, Part], before: dict[Keys, Part], everything: dict[Keys, Part]) -> list[Keys]:
        def change(key: Keys) -> Decimal:
            return amount_in(now, key) - amount_in(before, key)

        def stands(key: Keys) -> tuple[str | None, ...]:
            return everything[key].names

        if self.falling:
            return sorted((key for key in everything if change(key) < 0), key=lambda key: (change(key), str(key)))
        if self.leading.name in ("debit", "budget"):
            return sorted(everything, key=lambda key: tuple(name or "" for name in stands(key)))
        return sorted(everything, key=lambda key: (-amount_in(now, key), -amount_in(before, key), str(key)))

    def _columns(self, view: View) -> tuple[Column, ...]:
        columns = [Column(str(DIMENSIONS[name].label)) for name in self.by]
        for name in self.names:
            about = RATIOS.get(name) or MEASURES[name]
            columns.append(Column(str(about.label), kind_of(name), meaning_of(about)))
            if self.compared and name == self.leading.name:
                columns.append(Column(str(view.compared), kind_of(name)))
                columns.append(Column(str(_("Change")), kind_of(name)))
                columns.append(Column(str(_("Change %")), "percent"))
        return tuple(columns)

    def _row(self, view: View, part: Part, found: dict[str, dict[Keys, Part]], before: dict[Keys, Part]) -> Row:
        chosen = tuple(zip(self.by, part.keys, strict=True))
        cells = [Cell(name_of(dimension, part, place)) for place, dimension in enumerate(self.by)]
        amounts = {name: parts[part.keys].amount if part.keys in parts else None for name, parts in found.items()}
        earlier = before[part.keys].amount if part.keys in before else None
        return Row((*cells, *self._figures(view, amounts, earlier, chosen)))

    def _total(self, view: View) -> Row:
        amounts = {}
        for measure in measures_of(self.names):
            whole = self._parts(view, measure, ())
            amounts[measure.name] = whole[()].amount if () in whole else None
        earlier = view.before(self.leading) if self.compared else None
        cells = [Cell(str(_("In all"))), *(Cell("") for _place in self.by[1:])]
        return Row((*cells, *self._figures(view, amounts, earlier, ())), "total")

    def _figures(self, view: View, amounts: dict[str, Value], earlier: Value, chosen: Parts) -> list[Cell]:
        cells = []
        for name in self.names:
            if ratio := RATIOS.get(name):
                cells.append(Cell(ratio_of(ratio, amounts[ratio.numerator], amounts[ratio.denominator])))
                continue
            measure = MEASURES[name]
            cells.append(opening(view, measure, amounts[name], view.period, chosen))
            if self.compared and name == self.leading.name:
                cells.append(opening(view, measure, earlier, view.compared, chosen))
                cells += change_cells(measure, amounts[name], earlier)
        return cells


@dataclass(frozen=True)
class Pivot:
    """A measure by dimensions, with a column for each value of one more: open items by days past due."""

    name: str
    title: Text
    measure: str
    by: tuple[str, ...]
    across: str
    most: int = 40

    def tables(self, view: View) -> list[Table]:
        measure, across = MEASURES[self.measure], DIMENSIONS[self.across]
        found = view.parts(measure, (*self.by, self.across))
        whole = view.parts(measure, self.by)
        keys = sorted(whole, key=lambda key: (-amount_in(whole, key), str(key)))
        rows = []
        for key in keys[: self.most]:
            chosen = tuple(zip(self.by, key, strict=True))
            cells = [Cell(name_of(dimension, whole[key], place)) for place, dimension in enumerate(self.by)]
            for value in across.words:
                part = found.get((*key, value))
                cells.append(
                    opening(view, measure, part.amount if part else None, view.period, (*chosen, (self.across, value)))
                )
            cells.append(opening(view, measure, whole[key].amount, view.period, chosen))
            rows.append(Row(tuple(cells)))
        columns = (
            *(Column(str(DIMENSIONS[name].label)) for name in self.by),
            *(Column(str(word), "money") for word in across.words.values()),
            Column(str(_("In all")), "money", meaning_of(measure)),
        )
        return [Table(self.name, str(self.title), columns, rows, left_out=max(0, len(keys) - self.most))]


@dataclass(frozen=True)
class Statement:
    """A statement of the books: sections with their lines and sums, beside those of the period compared with.

    Attributes:
        measure: split by `section` and `statement_line`.
        result: measure of its last line; empty for a balance sheet, whose last line is liabilities and equity.
    """

    name: str
    title: Text
    measure: str
    sections: tuple[str, ...]
    result: str = ""

    def tables(self, view: View) -> list[Table]:
        measure = MEASURES[self.measure]
        now = view.parts(measure, ("section", "statement_line"))
        before = view.parts(measure, ("section", "statement_line"), view.compared)
        budget = self._budget(view)
        rows: list[Row] = []
        for section in self.sections:
            lines = [
                key
                for key in {**before, **now}
                if key[0] == section and (amount_in(now, key) or amount_in(before, key))
            ]
            if not lines:
                continue
            name = str(DIMENSIONS["section"].words[section])
            rows.append(Row((Cell(name), *self._empty(budget)), "head"))
            lines.sort(key=lambda key: (key[1] == "result", ({**before, **now}[key].names[1] or "")))
            for key in lines:
                label = name_of("statement_line", {**before, **now}[key], 1)
                amounts = (amount_in(now, key), amount_in(before, key))
                planned = budget.get((key[1],)) if budget else None
                rows.append(self._line(view, label, amounts, _chosen(key), budget is not None, planned))
            sums = tuple(sum((amount_in(p, key) for key in lines), Decimal(0)) for p in (now, before))
            label = _("{section} in all").format(section=name)
            rows.append(self._line(view, label, sums, (("section", section),), budget is not None, None, "sum"))
        if rows:
            rows.append(self._last(view, now, before, budget is not None))
        return [Table(self.name, str(self.title), self._columns(view, budget is not None), rows)]

    def _budget(self, view: View) -> dict[Keys, Part] | None:
        """Budgets of the year by account, where the statement is of a year and there are any."""
        if not self.result:
            return None
        return view.parts(MEASURES["budget"], ("ledger_account",)) or None

    def _columns(self, view: View, budgeted: bool) -> tuple[Column, ...]:
        end = (lambda p: display.month_name(p.last)) if MEASURES[self.measure].kind == "level" else str
        budget = Column(_("Budget {year}").format(year=view.period.last.year), "money")
        return (
            Column(str(_("Line"))),
            Column(end(view.period), "money"),
            Column(end(view.compared), "money"),
            Column(str(_("Change")), "money"),
            Column(str(_("Change %")), "percent"),
            *([budget] if budgeted else []),
        )

    def _empty(self, budget: object) -> list[Cell]:
        return [Cell("")] * (5 if budget is not None else 4)

    def _line(
        self, view: View, label: str, amounts: tuple[Decimal, ...], chosen: Parts, budgeted: bool, planned: Part | None,
        level: str = "",
    ) -> Row:  # fmt: skip
        measure = MEASURES[self.measure]
        cells = [
            Cell(label),
            opening(view, measure, amounts[0], view.period, chosen),
            opening(view, measure, amounts[1], view.compared, chosen),
            *change_cells(measure, *amounts),
        ]
        if budgeted:
            part = (("ledger_account", chosen[-1][1]),)
            cells.append(opening(view, MEASURES["budget"], planned.amount, view.period, part) if planned else Cell(""))
        return Row(tuple(cells), level)  # type: ignore[arg-type]

    def _last(self, view: View, now: dict[Keys, Part], before: dict[Keys, Part], budgeted: bool) -> Row:
        more = [Cell("")] if budgeted else []
        if self.result:
            measure = MEASURES[self.result]
            value, earlier = view.value(measure), view.before(measure)
            cells = [opening(view, measure, value, view.period), opening(view, measure, earlier, view.compared)]
            return Row((Cell(str(measure.label)), *cells, *change_cells(measure, value, earlier), *more), "total")
        sums = [
            sum((amount_in(parts, key) for key in parts if key[0] != self.sections[0]), Decimal(0))
            for parts in (now, before)
        ]
        words = [str(DIMENSIONS["section"].words[section]) for section in self.sections[1:]]
        label = _("{first} and {second}").format(first=words[0], second=words[1].lower())
        cells = [Cell(sums[0]), Cell(sums[1]), *change_cells(MEASURES[self.measure], *sums)]
        return Row((Cell(label), *cells, *more), "total")


Block = Cards | Charts | Breakdown | Pivot | Statement


def _chosen(key: Keys) -> Parts:
    return (("section", key[0]), ("statement_line", key[1]))


def kind_of(name: str) -> str:
    ratio = RATIOS.get(name)
    return ratio.style if ratio else MEASURES[name].unit


def amount_in(parts: dict[Keys, Part], key: Keys) -> Decimal:
    return Decimal(parts[key].amount or 0) if key in parts else Decimal(0)


def opening(view: View, measure: Measure, value: Value, period: Period, parts: Parts = ()) -> Cell:
    """A figure that opens its rows."""
    return Cell(None) if value is None else Cell(value, view.link(measure, period, parts))


def change_cells(measure: Measure, now: Value, before: Value) -> list[Cell]:
    """Change on the period compared with, as amount and in percent, told as good or bad news where it is either."""
    if now is None and before is None:
        return [Cell(None), Cell(None)]
    change = (now or 0) - (before or 0)
    tone = ""
    if change and measure.more_is_better is not None:
        tone = "good" if (change > 0) == measure.more_is_better else "bad"
    return [Cell(change, tone=tone), Cell(display.share(change, before), tone=tone)]  # type: ignore[arg-type]


def values_of(view: View, name: str) -> tuple[Value, Value]:
    """A measure or a ratio in the period, and in the one compared with."""
    if ratio := RATIOS.get(name):
        numerator, denominator = MEASURES[ratio.numerator], MEASURES[ratio.denominator]
        now = view.of_ratio(ratio)
        value = ratio_of(ratio, view.value(numerator, now), view.value(denominator, now))
        if "now" in (numerator.kind, denominator.kind):
            return value, None
        then = view.compared
        return value, ratio_of(ratio, view.value(numerator, then), view.value(denominator, then))
    return view.value(MEASURES[name]), view.before(MEASURES[name])


def why_missing(view: View, name: str) -> str:
    """Why a card shows nothing."""
    ratio: Ratio | None = RATIOS.get(name)
    needed = [MEASURES[n] for n in ((ratio.numerator, ratio.denominator) if ratio else (name,))]
    return next(
        (why for measure in needed if (why := view.why_closed(measure))), str(_("Nothing of this in the period."))
    )
