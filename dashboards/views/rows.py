"""The rows behind one figure: with the same filters and rights, their exact sum beside the figure, each with its document."""

import html
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import display, documents, export, figures, i18n, labels, policy, reasons, workbook
from dashboards.address import BACK, RETURN, changes_query, figure_of
from dashboards.boards.view import name_of
from dashboards.figures import Figure, Rows, Value
from dashboards.filters import query_now
from dashboards.i18n import _
from dashboards.metrics import AMOUNTS, COLUMNS, DIMENSIONS, QUANTITIES
from dashboards.policy import Scope
from dashboards.visit import PUBLICATION, Visit, session_token

PAGE_ROWS = 100
WIDE = {"description", "item_name", "customer_name"}


def page(visit: Visit, pages: Mapping[str, st.Page]) -> None:
    """Draw the rows of the figure that the address names; `pages` are those that it may have come from."""
    query = query_now()
    origin = pages.get(next(iter(query.get("page", [])), ""), pages["executive"])
    back = [(name, value) for name in BACK if name != "page" for value in query.get(name, [])]
    # Rows of the earlier of two publications lead back to the page that compares them.
    back += [(PUBLICATION, value) for value in query.get(RETURN, [])]
    with st.container(key="back", horizontal=True):
        st.page_link(origin, label=origin.title, icon=":material/arrow_back:", query_params=back or None)
        changed = st.container(key="changed", width="content")
    overview = figures.overview(visit.shown, visit.scope)
    figure = figure_of(query, overview)
    if figure is None:
        st.info(str(_("There is no such figure for you in this publication. Choose one on the overview.")))
        return
    _way_to_changes(visit, figure, query, pages["changes"], changed)
    value = figures.value_of(visit.shown, visit.scope, overview, figure)
    _title(visit, figure, value)
    if value is None:
        st.info(reasons.why_missing(figure.measure, figure.companies, figure.month, overview, visit.scope))
        return
    order, number = _choose_page(figure)
    rows = figures.rows_of(
        visit.shown, visit.scope, figure, order=order, first=(number - 1) * PAGE_ROWS, at_most=PAGE_ROWS
    )
    _proof(figure, value, rows)
    _table(figure, rows)
    pages_of_rows = -(-rows.count // PAGE_ROWS)
    left, right = st.columns([2, 1], vertical_alignment="center")
    if pages_of_rows > 1:
        left.pagination(pages_of_rows, key="page_of_rows")
    with right:
        _download(visit, figure, rows)


def _way_to_changes(
    visit: Visit, figure: Figure, query: Mapping[str, list[str]], changes: st.Page, place: DeltaGenerator
) -> None:
    """What has changed in this figure: since the publication shown, or, of the latest, since the one before it."""
    earlier = visit.shown.id if visit.newer else None
    later = visit.newer or visit.shown
    filters = {name: values for name, values in query.items() if name in BACK}
    asked = changes_query(figure, filters, earlier, later.id)
    place.page_link(changes, label=str(_("What has changed")), icon=":material/history:", query_params=parse_qsl(asked))


def _title(visit: Visit, figure: Figure, value: Value) -> None:
    codes = ", ".join(company.code for company in figure.companies)
    st.title(f"{figure.measure.label} · {codes} · {period_words(figure)}", anchor=False)
    amount = display.exact(value, money=figure.measure.unit == "money")
    parts = "".join(
        f' <span class="hub-part">{html.escape(f"{label}: {name}")}</span>'
        for label, name in named_parts(visit, visit.scope, figure)
    )
    st.html(
        f'<div><span id="figure" style="font-size:1.6rem;font-weight:600;font-variant-numeric:tabular-nums">{amount}'
        f"{html.escape(currency_of(figure))}</span>{parts} "
        f'<span class="hub-quiet">{html.escape(labels.meaning_of(figure.measure))}</span></div>'
    )


def currency_of(figure: Figure) -> str:
    if figure.measure.unit != "money":
        return ""
    return f" {dict(figure.parts).get('currency') or figure.companies[0].currency}"


def period_words(figure: Figure) -> str:
    last = display.month_name(figure.month)
    if figure.measure.kind != "flow" or figure.since in (None, figure.month):
        return last
    return f"{display.month_name(figure.since)} – {last}"


def named_parts(visit: Visit, scope: Scope, figure: Figure) -> list[tuple[str, str]]:
    """Dimension and name of each part of a figure, as the pages call them."""
    names = [name for name, _value in figure.parts]
    found = figures.split(visit.shown, scope, figure, names) if names else []
    if not found:
        return []
    return [(str(DIMENSIONS[name].label), name_of(name, found[0], place)) for place, name in enumerate(names)]


def _choose_page(figure: Figure) -> tuple[str, int]:
    names = {"date": str(_("Newest first")), "amount": str(_("Largest first"))}
    if figure.measure.unit == "count":
        return "date", int(st.session_state.get("page_of_rows", 1))
    order = st.segmented_control(
        str(_("Order")),
        list(names),
        default="date",
        required=True,
        format_func=names.__getitem__,
        key="order_of_rows",
        label_visibility="collapsed",
        on_change=lambda: st.session_state.update(page_of_rows=1),
    )
    return str(order), int(st.session_state.get("page_of_rows", 1))


def _proof(figure: Figure, value: Value, rows: Rows) -> None:
    """The sum of all rows is the figure, to the last unit; where it is not, that is said and not hidden."""
    amount = display.exact(rows.amount, money=figure.measure.unit == "money")
    if (rows.amount or 0) == value:
        st.caption(
            _(":green[:material/check:] {count} rows, their sum {amount} is the figure.").format(
                count=display.exact(rows.count), amount=amount
            )
        )
    else:
        st.error(
            _("The {count} rows sum up to {amount}, which is not the figure. Tell your data engineers.").format(
                count=display.exact(rows.count), amount=amount
            )
        )


def _table(figure: Figure, rows: Rows) -> None:
    columns = tuple(name for name in figure.measure.columns if any(row[name] is not None for row in rows.rows))
    if figure.measure.unit != "money":
        # A count's part is one, and a quantity's stands in a column of its own.
        columns = columns[:-1]
    heads = "".join(f'<th class="{_kind(name)}">{html.escape(str(COLUMNS[name]))}</th>' for name in columns)
    lines = "".join(_line(columns, row) for row in rows.rows)
    foot = ""
    if figure.measure.unit == "money":
        text = _("Sum of all {count} rows").format(count=display.exact(rows.count))
        foot = (
            f'<tfoot><tr><td colspan="{len(columns)}">{html.escape(text)}</td>'
            f'<td class="amount" id="sum">{display.exact(rows.amount)}</td></tr></tfoot>'
        )
    st.html(
        f'<div class="hub-table-box"><table class="hub" aria-label="{html.escape(str(figure.measure.label))}">'
        f"<thead><tr><th>{_('Document')}</th>{heads}</tr></thead><tbody>{lines}</tbody>{foot}</table></div>"
    )


def _kind(column: str) -> str:
    return "amount" if column in AMOUNTS else "wide" if column in WIDE else ""


def _line(columns: tuple[str, ...], row: dict[str, Any]) -> str:
    source = (row["source_system"], row["source_document_type"], row["source_document_id"])
    address = documents.address(*source)
    opens = (
        f'<a href="{html.escape(address)}" target="_blank" rel="noopener">{documents.title(source[1])} ↗</a>'
        if address
        else f'<span class="hub-quiet">{html.escape(documents.source_name(*source))}</span>'
    )
    cells = []
    for column in columns:
        text = _text(column, row[column])
        cells.append(f'<td class="{_kind(column)}">{text}</td>')
    return f"<tr><td>{opens}</td>{''.join(cells)}</tr>"


def _text(column: str, value: Any) -> str:
    if column == "order_state":
        return html.escape(display.state_name(value))
    if column in QUANTITIES and value is not None:
        return display.exact(value, money=False)
    # A year is a name and not a number of things.
    return str(value) if column == "year_number" else display.cell(value)


def _download(visit: Visit, figure: Figure, rows: Rows) -> None:
    count = rows.count
    if count > export.MOST_ROWS:
        st.caption(str(_("Too many rows for a file: use ./hub query.")))
        return
    language, token = i18n.current(), session_token()

    def found() -> list[dict[str, Any]]:
        # Made when it is asked for, perhaps much later: so the rights are those of that moment.
        i18n.use(language)
        viewer = policy.find_viewer(token)
        if viewer is None:
            raise PermissionError("the session has ended")
        return figures.rows_of(visit.shown, viewer.scope, figure, at_most=export.MOST_ROWS).rows

    name = export.file_name(figure, visit.shown, count)
    as_csv, as_workbook = st.columns(2)
    as_csv.download_button(
        str(_("Download as CSV")),
        lambda: export.as_csv(figure, found()),
        file_name=name,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    if count <= export.MOST_ROWS_OF_WORKBOOK:
        as_workbook.download_button(
            str(_("Excel")),
            lambda: workbook.workbook(_about(visit, figure), [export.as_table(figure, found())], visit.shown),
            file_name=name.removesuffix("csv") + "xlsx",
            mime=workbook.MIME,
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )


def _about(visit: Visit, figure: Figure) -> dict[str, str]:
    """What the first sheet of the workbook says."""
    return {
        str(_("Figure")): str(figure.measure.label),
        str(_("Meaning")): labels.meaning_of(figure.measure),
        str(_("Company")): ", ".join(company.code for company in figure.companies),
        str(_("Period")): period_words(figure),
        **dict(named_parts(visit, visit.scope, figure)),
    }
