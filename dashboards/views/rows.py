"""The rows behind one figure: with the same filters and rights, their exact sum beside the figure, each with its document."""

import html
from typing import Any

import streamlit as st

from dashboards import display, documents, export, figures, i18n, labels, policy, reasons
from dashboards.address import figure_of
from dashboards.figures import Figure, Rows, Value
from dashboards.filters import query_now
from dashboards.i18n import _
from dashboards.metrics import AMOUNTS, COLUMNS
from dashboards.visit import Visit, session_token

PAGE_ROWS = 100
WIDE = {"description", "item_name", "customer_name"}


def page(visit: Visit, overview_page: st.Page) -> None:
    """Draw the rows of the figure that the address names."""
    query = query_now()
    back = [(name, value) for name in ("company", "from", "to") for value in query.get(name, [])]
    st.page_link(
        overview_page, label=str(_("Executive overview")), icon=":material/arrow_back:", query_params=back or None
    )
    overview = figures.overview(visit.shown, visit.scope)
    figure = figure_of(query, overview)
    if figure is None:
        st.info(str(_("There is no such figure for you in this publication. Choose one on the overview.")))
        return
    value = overview.total(figure.companies, figure.month, figure.measure.name)
    _title(figure, value)
    if value is None:
        st.info(reasons.why_missing(figure.measure, figure.companies, figure.month, overview, visit.scope))
        return
    order, number = _choose_page(figure)
    rows = figures.rows_of(
        visit.shown, visit.scope, figure, order=order, first=(number - 1) * PAGE_ROWS, at_most=PAGE_ROWS
    )
    _proof(figure, value, rows)
    _table(figure, rows)
    pages = -(-rows.count // PAGE_ROWS)
    left, right = st.columns([3, 1], vertical_alignment="center")
    if pages > 1:
        left.pagination(pages, key="page_of_rows")
    with right:
        _download(visit, figure, rows.count)


def _title(figure: Figure, value: Value) -> None:
    codes = ", ".join(company.code for company in figure.companies)
    month = display.month_name(figure.month)
    st.title(f"{figure.measure.label} · {codes} · {month}", anchor=False)
    currency = f" {figure.companies[0].currency}" if figure.measure.unit == "money" else ""
    amount = display.exact(value, money=figure.measure.unit == "money")
    st.html(
        f'<div><span id="figure" style="font-size:1.6rem;font-weight:600;font-variant-numeric:tabular-nums">{amount}'
        f'{currency}</span> <span class="hub-quiet">{html.escape(labels.meaning(figure.measure.name))}</span></div>'
    )


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
    if figure.measure.unit == "count":
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
        text = display.state_name(row[column]) if column == "order_state" else display.cell(row[column])
        cells.append(f'<td class="{_kind(column)}">{text}</td>')
    return f"<tr><td>{opens}</td>{''.join(cells)}</tr>"


def _download(visit: Visit, figure: Figure, count: int) -> None:
    if count > export.MOST_ROWS:
        st.caption(str(_("Too many rows for a file: use ./hub query.")))
        return
    language, token = i18n.current(), session_token()

    def make() -> str:
        # Made when it is asked for, perhaps much later: so the rights are those of that moment.
        i18n.use(language)
        viewer = policy.find_viewer(token)
        if viewer is None:
            raise PermissionError("the session has ended")
        found = figures.rows_of(visit.shown, viewer.scope, figure, at_most=export.MOST_ROWS)
        return export.as_csv(figure, found.rows)

    st.download_button(
        str(_("Download as CSV")),
        make,
        file_name=export.file_name(figure, visit.shown, count),
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
