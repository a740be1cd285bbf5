"""The cash of the coming weeks: what is expected in and out, each figure opening its documents, and what is then there."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dashboards.boards.blocks import amount_in, opening
from dashboards.boards.view import Period, View
from dashboards.i18n import Text, _
from dashboards.labels import meaning_of
from dashboards.metrics import DIMENSIONS, MEASURES
from dashboards.metrics.cash_forecast import WEEKS
from dashboards.tables import Cell, Column, Row, Table


@dataclass(frozen=True)
class CashWeeks:
    """A table of the coming weeks: cash at the beginning, what is expected by kind, cash at the end. A forecast."""

    name: str
    title: Text
    measure: str = "cash_forecast"

    def tables(self, view: View) -> list[Table]:
        measure, kinds = MEASURES[self.measure], DIMENSIONS["cash_kind"].words
        found = view.parts(measure, ("cash_week", "cash_kind"))
        cash, opened = cash_now(view)
        if not found or cash is None:
            return [Table(self.name, str(self.title), ())]
        weeks = view.parts(measure, ("cash_week",))
        rows, now = [], cash
        first = date.fromisoformat(min(key[0] or "" for key in weeks))
        for number in range(WEEKS):
            week = (first + timedelta(weeks=number)).isoformat()
            chosen = (("cash_week", week),)
            cells = [Cell(date.fromisoformat(week)), Cell(now) if number else opened]
            for kind in kinds:
                part = found.get((week, kind))
                amount = part.amount if part else None
                cells.append(opening(view, measure, amount, view.period, (*chosen, ("cash_kind", kind))))
            change = amount_in(weeks, (week,))
            now += change
            moved = opening(view, measure, change, view.period, chosen) if (week,) in weeks else Cell(change)
            cells += [moved, Cell(now, tone="bad" if now < 0 else "")]
            rows.append(Row(tuple(cells)))
        rows.append(_total(view, cash, now))
        columns = (
            Column(str(DIMENSIONS["cash_week"].label)),
            Column(str(_("Cash before")), "money", meaning_of(MEASURES["cash"])),
            *(Column(str(word), "money") for word in kinds.values()),
            Column(str(_("In and out")), "money", meaning_of(measure)),
            Column(str(_("Cash after")), "money"),
        )
        return [Table(self.name, str(self.title), columns, rows, note=str(HOW))]


HOW = _(
    "A forecast: the amounts are those of documents, the days are expected. Invoices come in when they are due, later by as "
    "many days as the customer usually is; what should have happened already is expected at once. Bills go out when they "
    "are due. What is ordered and not invoiced follows after the usual terms. VAT of a month is paid on the 15th of the "
    "next. Payments of the last whole month without an invoice, bill or asset behind them are expected again each month. "
    "Amounts in other currencies are not in it."
)


def cash_now(view: View) -> tuple[Decimal | None, Cell]:
    """Cash by all that is posted in this publication, whatever period the page shows, and the cell that opens its rows."""
    measure = MEASURES["cash"]
    month = view.overview.months([view.company])[-1]
    period = Period(month, month)
    value = view.value(measure, period)
    return (None if value is None else Decimal(value)), opening(view, measure, value, period)


def _total(view: View, before: Decimal, after: Decimal) -> Row:
    measure = MEASURES["cash_forecast"]
    kinds = view.parts(measure, ("cash_kind",))
    cells = [Cell(str(_("In all"))), Cell(before)]
    for kind in DIMENSIONS["cash_kind"].words:
        amount = kinds[(kind,)].amount if (kind,) in kinds else None
        cells.append(opening(view, measure, amount, view.period, (("cash_kind", kind),)))
    cells += [opening(view, measure, view.value(measure), view.period), Cell(after)]
    return Row(tuple(cells), "total")
