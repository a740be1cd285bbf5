"""The executive page: revenue, margin, orders, cash, receivables and headcount by company and month.

Companies are shown by the currency of their books, and amounts of different currencies are never added. Every figure is a
link to the rows behind it.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl

import streamlit as st

from dashboards import charts, display, figures, labels, reasons, shell
from dashboards.address import figure_query, month_text
from dashboards.figures import Company, Overview, Value
from dashboards.filters import Filters, choose
from dashboards.i18n import _
from dashboards.metrics import CARDS, MEASURES, Measure
from dashboards.visit import Visit

# Columns of the table by month: measures, and between them the share that margin is of revenue.
SHARE = "margin_share"
UNCHANGED = "0.0%"
TABLE = (
    "revenue",
    "margin",
    SHARE,
    "sales_order_amount",
    "sales_order_count",
    "cash",
    "receivables",
    "headcount",
)


@dataclass(frozen=True)
class Group:
    """Companies of one currency, with the months that are shown and the rights they are shown under."""

    visit: Visit
    overview: Overview
    filters: Filters
    currency: str
    companies: tuple[Company, ...]
    months: list[date]

    @property
    def month(self) -> date:
        """The month on the cards: the last one that is over and in which something is known, or the one asked for.

        A month that still runs would be compared with whole ones.
        """
        known = [m for m in self.months if self.total("revenue", m) is not None] or self.months
        over = [m for m in known if figures.last_day(m) < self.visit.shown.published_at.date()]
        return (over if over and not self.filters.last else known)[-1]

    def total(self, measure: str, month: date) -> Value:
        return self.overview.total(self.companies, month, measure)

    def link(self, measure: str, month: date, companies: Sequence[Company] | None = None) -> str:
        """Query part of the address of the rows behind a figure."""
        known = [c for c in companies or self.companies if self.overview.value(c, month, measure) is not None]
        return figure_query(measure, known, month, self.filters.query, self.visit.shown.id)


def page(visit: Visit, behind: st.Page) -> None:
    """Draw the page for a visit; `behind` is the page with the rows of a figure."""
    st.title(str(_("Executive overview")), anchor=False)
    overview = figures.overview(visit.shown, visit.scope)
    if not overview.values:
        st.info(str(_("This publication has no company that you may see.")))
        return
    filters = choose(overview)
    groups = [
        Group(visit, overview, filters, currency, companies, months)
        for currency, companies in _by_currency(filters.companies)
        if (months := filters.months_of(overview, companies))
    ]
    if not groups:
        st.info(str(_("No figures in these months: choose others.")))
    for group in groups:
        _section(group, behind)


def _by_currency(companies: Sequence[Company]) -> list[tuple[str, tuple[Company, ...]]]:
    """Companies by currency; those with books come first, since they have more to show."""
    currencies: dict[str, list[Company]] = {}
    for company in sorted(companies, key=lambda company: (not company.keeps_books, company.code)):
        currencies.setdefault(company.currency, []).append(company)
    return [(currency, tuple(group)) for currency, group in currencies.items()]


def _section(group: Group, behind: st.Page) -> None:
    names = ", ".join(f"{company.name} ({company.code})" for company in group.companies)
    with st.container(border=False):
        st.subheader(f"{names} · {group.currency}", anchor=False)
        notes = [_("{month}, amounts in {currency}.").format(month=_month_title(group), currency=group.currency)]
        if not any(company.keeps_books for company in group.companies):
            notes.append(str(_("No books are kept here: revenue is what was ordered, cost is standard cost.")))
        st.caption(" ".join(notes))
        for column, name in zip(st.columns(len(CARDS)), CARDS, strict=True):
            with column:
                _card(group, MEASURES[name], behind)
        drawn, listed = st.tabs([str(_("Charts")), str(_("By company and month"))])
        with drawn:
            _charts(group)
        with listed:
            _table(group)


def _month_title(group: Group) -> str:
    name = display.month_name(group.month)
    if group.visit.shown.published_at.date() <= figures.last_day(group.month):
        return _("{month} to date").format(month=name)
    return name


def _missing(group: Group, name: str) -> str:
    return reasons.why_missing(MEASURES[name], group.companies, group.month, group.overview, group.visit.scope)


def _card(group: Group, measure: Measure, behind: st.Page) -> None:
    """One figure of the latest month, compared with the month and the year before, with its course and its rows."""
    value = group.total(measure.name, group.month)
    with st.container(border=True, height="stretch", key=f"card-{group.currency}-{measure.name}"):
        if value is None:
            st.metric(str(measure.label), display.NOTHING, help=labels.meaning(measure.name))
            st.caption(_missing(group, measure.name))
            return
        before = figures.previous_month(group.month)
        change = _change(group, measure, before)
        st.metric(
            str(measure.label),
            display.short(value),
            delta=change,
            delta_color="normal" if measure.more_is_better else "off",
            delta_arrow="off" if change == UNCHANGED else "auto",
            delta_description=_versus(before) if change else None,
            help=f"{display.exact(value, money=measure.unit == 'money')} — {labels.meaning(measure.name)}",
        )
        months = [m for m in group.months if m <= group.month][-13:]
        course = [v for m in months if (v := group.total(measure.name, m)) is not None]
        if len(course) > 1:
            st.html(shell.sparkline(course, bars=measure.kind == "flow", alt=_course(months)))
        st.caption("  \n".join(_remarks(group, measure, value)))
        st.page_link(
            behind,
            label=str(_("Rows")),
            icon=":material/table_rows:",
            query_params=parse_qsl(group.link(measure.name, group.month)),
        )


def _change(group: Group, measure: Measure, earlier: date) -> str | None:
    """Change of the shown month on an earlier one, in percent; None where there is nothing to compare with."""
    now, then = group.total(measure.name, group.month), group.total(measure.name, earlier)
    return display.percent(now - then, then, signed=True) if now is not None and then is not None else None


def _versus(month: date) -> str:
    return _("vs {month}").format(month=display.month_name(month))


def _course(months: Sequence[date]) -> str:
    return _("Course from {first} to {last}").format(
        first=display.month_name(months[0]), last=display.month_name(months[-1])
    )


def _remarks(group: Group, measure: Measure, value: Value) -> list[str]:
    """What else a card says: the year before, the share of revenue, the number of orders, who is missing."""
    year = figures.year_before(group.month)
    change = _change(group, measure, year)
    remarks = [f"{change} {_versus(year)}" if change else str(_("no year before to compare"))]
    if measure.name == "margin" and (share := display.percent(value, group.total("revenue", group.month))):
        remarks.append(_("{share} of revenue").format(share=share))
    if measure.name == "sales_order_amount" and (count := group.total("sales_order_count", group.month)) is not None:
        remarks.append(_("{count} orders").format(count=display.exact(count)))
    missing = group.overview.without(group.companies, group.month, measure.name)
    if missing:
        remarks.append(_("without {companies}").format(companies=", ".join(company.code for company in missing)))
    return remarks


def _charts(group: Group) -> None:
    def course(name: str, mark: str) -> tuple[str, list[tuple[date, Value]], str]:
        return str(MEASURES[name].label), [(month, group.total(name, month)) for month in group.months], mark

    people = str(_("people"))
    drawings = (
        ("revenue", _("Revenue and margin"), [course("revenue", "bar"), course("margin", "line")], group.currency),
        ("sales_order_amount", _("Orders received"), [course("sales_order_amount", "bar")], group.currency),
        ("cash", _("Cash and receivables"), [course("cash", "line"), course("receivables", "line")], group.currency),
        ("headcount", _("Headcount"), [course("headcount", "line")], people),
    )
    # What there is nothing to draw of needs no empty frame: its card says why.
    drawn = [
        (name, title, unit, chart)
        for name, title, series, unit in drawings
        if (chart := charts.by_month(series, unit)) is not None
    ]
    for pair in (drawn[first : first + 2] for first in range(0, len(drawn), 2)):
        for column, (name, title, unit, chart) in zip(st.columns(2), pair, strict=False):
            frame = column.container(border=True, height="stretch")
            frame.markdown(f"**{title}**, {unit}")
            frame.vega_lite_chart(chart, key=f"chart-{group.currency}-{name}", width="stretch")


def _table(group: Group) -> None:
    """Every company and month, the latest first; each number is a link to its rows."""
    heads = "".join(
        f'<th class="amount" title="{html.escape(_meaning(name))}">{html.escape(_label(name))}</th>' for name in TABLE
    )
    lines = [
        _line(group, company, month)
        for month in reversed(group.months)
        for company in group.companies
        if (company.id, month) in group.overview.values
    ]
    st.html(
        f'<div class="hub-table-box tall"><table class="hub" aria-label="{_("By company and month")}">'
        f"<thead><tr><th>{_('Month')}</th><th>{_('Company')}</th>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _label(name: str) -> str:
    return str(_("Margin %")) if name == SHARE else str(MEASURES[name].label)


def _meaning(name: str) -> str:
    return str(_("Margin as a share of revenue.")) if name == SHARE else labels.meaning(name)


def _line(group: Group, company: Company, month: date) -> str:
    cells = []
    for name in TABLE:
        if name == SHARE:
            margin, revenue = (group.overview.value(company, month, part) for part in ("margin", "revenue"))
            cells.append(f'<td class="amount">{display.percent(margin, revenue) or display.NOTHING}</td>')
            continue
        measure = MEASURES[name]
        value = group.overview.value(company, month, name)
        if value is None:
            reason = html.escape(reasons.why_missing(measure, [company], month, group.overview, group.visit.scope))
            cells.append(f'<td class="amount nothing" title="{reason}">{display.NOTHING}</td>')
            continue
        address = html.escape(f"rows?{group.link(name, month, [company])}")
        text = display.exact(value, money=measure.unit == "money")
        cells.append(f'<td class="amount"><a href="{address}">{text}</a></td>')
    return (
        f'<tr id="{company.code}-{month_text(month)}"><td>{display.month_name(month)}</td>'
        f"<td>{html.escape(company.code)}</td>{''.join(cells)}</tr>"
    )
