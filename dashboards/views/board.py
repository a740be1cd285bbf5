"""Draws whatever page is declared in `boards`: its filters, sections, cards, charts and tables, and the file of them."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import parse_qsl

import streamlit as st

from dashboards import charts, display, figures, tables, workbook
from dashboards.boards.blocks import Breakdown, Cards, Chart, Charts, Pivot, kind_of, values_of, why_missing
from dashboards.boards.board import AnyBlock, Board, Section
from dashboards.boards.cash import CashWeeks
from dashboards.boards.expected import Expected, ExpectedBy
from dashboards.boards.view import VERSUS, View
from dashboards.figures import Value
from dashboards.gate import DASHBOARD
from dashboards.i18n import _
from dashboards.labels import meaning_of
from dashboards.metrics import MEASURES, RATIOS
from dashboards.tables import Table
from dashboards.views import download
from dashboards.views.asked import ask
from dashboards.visit import Visit


def page(visit: Visit, board: Board, behind: st.Page) -> None:
    """Draw a board for a visit; `behind` is the page with the rows of a figure."""
    left, right = st.columns([5, 1.1], vertical_alignment="bottom")
    with left:
        st.title(str(board.title), anchor=False)
        st.caption(str(board.question))
    overview = figures.overview(visit.shown, visit.scope)
    if not overview.values:
        st.info(str(_("This publication has no company that you may see.")))
        return
    if not any(visit.scope.companies(DASHBOARD, entity) for entity in entities(board)):
        st.info(str(_("Your roles open none of the figures of this page. Ask your administrator for one that does.")))
        return
    asked = ask(visit, overview, board)
    view, section = asked.view, asked.section
    for number, block in enumerate(section.blocks):
        _draw(view, block, behind, f"{board.name}-{section.name}-{number}")
    with right:
        name = f"{board.name}-{section.name}_{view.company.code}_{view.period.last:%Y-%m}_publication-{visit.shown.id}"
        download.excel(lambda scope: file_of(board, section, view.seen_by(scope)), name)


def entities(board: Board) -> set[str]:
    """What one may have to be allowed to read in the app to see anything of a board."""
    return {measure.entity for measure in board.measures()}


def _draw(view: View, block: AnyBlock, behind: st.Page, key: str) -> None:
    if isinstance(block, Cards):
        _cards(view, block, behind, key)
    elif isinstance(block, Charts):
        _charts(view, block.charts, block.months, key)
    else:
        for table in block.tables(view):
            _table(view, block, table, key)


def _cards(view: View, block: Cards, behind: st.Page, key: str) -> None:
    # As wide as on a page with six of them, however few there are.
    with st.container(key=f"cards-{key}"):
        places = st.columns(max(4, len(block.names)))
    for place, name in zip(places, block.names, strict=False):
        with place, st.container(border=True, height="stretch", key=f"card-{key}-{name}"):
            _card(view, name, behind)


def _card(view: View, name: str, behind: st.Page) -> None:
    about, kind = RATIOS.get(name) or MEASURES[name], kind_of(name)
    value, before = values_of(view, name)
    if value is None:
        st.metric(str(about.label), display.NOTHING, help=meaning_of(about))
        st.caption(why_missing(view, name))
        return
    st.metric(
        str(about.label),
        _short(value, kind),
        delta=_delta(value, before, kind),
        delta_color="off"
        if about.more_is_better is None or value == before
        else "normal"
        if about.more_is_better
        else "inverse",
        delta_arrow="off" if before is None or value == before else "auto",
        delta_description=_("vs {month}").format(month=view.compared) if _delta(value, before, kind) else None,
        help=f"{tables.text_of(value, kind)} — {meaning_of(about)}",
    )
    if name in MEASURES:
        measure = MEASURES[name]
        if measure.kind == "now":
            st.caption(str(_("as of the publication")))
        if not value:
            return
        st.page_link(
            behind,
            label=str(_("Rows")),
            icon=":material/table_rows:",
            query_params=parse_qsl(view.link(measure).partition("?")[2]),
        )
    else:
        st.caption(_of_what(name))


def _of_what(name: str) -> str:
    ratio = RATIOS[name]
    parts = [str(MEASURES[part].label) for part in (ratio.numerator, ratio.denominator)]
    words = _("{numerator} ÷ {denominator}").format(numerator=parts[0], denominator=parts[1])
    return words if ratio.over == "period" else _("{words}, 12 months").format(words=words)


def _short(value: Value, kind: str) -> str:
    if kind in ("percent", "times", "days"):
        text = tables.text_of(value, kind)
        return _("{count} days").format(count=text) if kind == "days" else text
    return display.short(value)


def _delta(value: Value, before: Value, kind: str) -> str | None:
    if value is None or before is None:
        return None
    if kind == "percent":
        change = value - before
        return _("{points} points").format(points=f"{change:{'+' if change else ''},f}")
    return display.percent(value - before, before, signed=True)


def _charts(view: View, drawn: Sequence[Chart], months: int, key: str) -> None:
    for number, (place, chart) in enumerate(zip(st.columns(2), drawn, strict=False)):
        measures = [(MEASURES[name], mark) for name, mark in chart.series]
        unit = {"money": view.company.currency, "count": "", "quantity": str(_("units of the items"))}[
            measures[0][0].unit
        ]
        series = [
            (str(measure.label), _filled(view.course(measure, months), measure.kind == "flow"), mark)
            for measure, mark in measures
        ]
        drawing = charts.by_month(series, unit or str(_("number")))
        if drawing is None:
            continue
        frame = place.container(border=True, height="stretch")
        frame.markdown(f"**{chart.title}**" + (f", {unit}" if unit else ""))
        frame.vega_lite_chart(drawing, key=f"chart-{key}-{number}", width="stretch")


def _filled(course: dict[date, Value], flows: bool) -> list[tuple[date, Value]]:
    """Every month from the first known on; one in which nothing happened is a zero, and not left out."""
    if not course:
        return []
    first, last = min(course), max(course)
    months = [first]
    while months[-1] < last:
        months.append(figures.months_before(months[-1], -1))
    return [(month, course.get(month, 0 if flows else None)) for month in months]


def _table(view: View, block: AnyBlock, table: Table, key: str) -> None:
    st.subheader(table.title, anchor=False)
    if not table.rows:
        measure = MEASURES[block.measure if not isinstance(block, Breakdown) else block.names[0]]  # type: ignore[union-attr]
        why = view.why_closed(measure)
        if isinstance(block, Expected | ExpectedBy) and not why:
            why = str(_("Too few months are known for a forecast: it takes six."))
        falling = isinstance(block, Breakdown) and block.falling
        st.caption(why or str(_("Nothing fell: none bought less.") if falling else _("Nothing of this in the period.")))
        return
    if table.note:
        st.caption(table.note)
    if isinstance(block, Expected) and table.name == block.name:
        drawing = charts.by_month(block.series(view), view.company.currency)
        st.vega_lite_chart(drawing, key=f"expected-{key}", width="stretch")
    if bars := _bars(view, block, table):
        st.vega_lite_chart(bars, key=f"bars-{key}", width="stretch")
    st.html(tables.drawn(table, tall=len(table.rows) > 30))
    if table.left_out:
        st.caption(_("{count} further rows are not in this table.").format(count=display.exact(table.left_out)))


def _bars(view: View, block: AnyBlock, table: Table) -> dict | None:
    """The first figure of a table as bars, or the sums of a pivot by its columns."""
    kind = table.columns[1].kind if isinstance(block, Breakdown) else "money"
    if isinstance(block, Breakdown) and block.bars:
        rows = [row for row in table.rows if not row.level][:12]
        values = [(str(row.cells[0].value), row.cells[1].value) for row in rows]
    elif isinstance(block, Pivot):
        # Only what is in the company's currency: amounts of different currencies are never added.
        at = block.by.index("currency")
        rows = [row for row in table.rows if row.cells[at].value == view.company.currency]
        values = [
            (column.label, sum(row.cells[place].value or 0 for row in rows))
            for place, column in enumerate(table.columns[:-1])
            if place >= len(block.by)
        ]
    elif isinstance(block, CashWeeks):
        values = [
            (tables.text_of(row.cells[0].value, "text"), row.cells[-1].value) for row in table.rows if not row.level
        ]
    else:
        return None
    return charts.by_name([(name, value, tables.text_of(value, kind)) for name, value in values], view.company.currency)


def file_of(board: Board, section: Section, view: View) -> bytes:
    """A section as a workbook: the very tables of the page."""
    about = {
        str(_("Page")): f"{board.title} · {section.title}",
        str(_("Company")): f"{view.company.code} · {view.company.name}, {view.company.currency}",
        str(_("Period")): str(view.period),
        str(_("Compared with")): f"{VERSUS[view.versus]}: {view.compared}",
    }
    made = [table for block in section.blocks for table in block.tables(view)]
    return workbook.workbook(about, made, view.shown)
