"""What has changed between two publications: the figures of a page on either side, and behind each the documents that make
up the difference."""

import html
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboards import changes, display, figures, tables, warehouse, workbook
from dashboards.address import BACK, EARLIER, RETURN, changes_query, figure_of, month_text, query_of
from dashboards.boards import BOARDS, Board
from dashboards.boards.blocks import change_cells
from dashboards.boards.view import SPANS, Parts, View, name_of, period_of
from dashboards.changes import Documents, Pair, difference_of
from dashboards.documents import address, source_name, title
from dashboards.figures import Figure, Overview, Value
from dashboards.filters import query_now
from dashboards.i18n import Text, _
from dashboards.labels import meaning_of
from dashboards.metrics import COLUMNS, DIMENSIONS, Measure
from dashboards.policy import Scope
from dashboards.tables import Cell, Column, Row, Table
from dashboards.views import download
from dashboards.views.asked import Choices, known_months
from dashboards.views.rows import currency_of, named_parts, period_words
from dashboards.visit import PUBLICATION, Visit

NAME = "changes"
MOST_DOCUMENTS = 500
MOST_PARTS = 30
USUAL_SPAN = "year"
APPEARED, VANISHED, ALTERED = _("appeared"), _("vanished"), _("changed")


def page(visit: Visit, itself: st.Page) -> None:
    """Draw the page: the figure that the address names, else all figures of one page."""
    query = query_now()
    if "measure" in query:
        with st.container(key="back"):
            back = [(name, value) for name in BACK if name != "page" for value in query.get(name, [])]
            st.page_link(
                itself, label=str(_("What has changed")), icon=":material/arrow_back:", query_params=back or None
            )
    left, right = st.columns([5, 1.1], vertical_alignment="bottom")
    overview = figures.overview(visit.shown, visit.scope)
    pair = changes.pair_of(visit.shown, next(iter(query.get(EARLIER, [])), None))
    figure = _figure(visit, pair, query, overview)
    with left:
        st.title(f"{_('What has changed')}{_named(figure)}", anchor=False)
        st.caption(
            str(_("Which figures an earlier publication showed otherwise, and which documents make the difference."))
        )
    if pair is None:
        st.info(str(_("There is no publication before this one, so there is nothing to compare it with.")))
    elif not overview.values:
        st.info(str(_("This publication has no company that you may see.")))
    elif figure is not None:
        _of_figure(visit, pair, figure, query, right)
    elif "measure" in query:
        st.info(str(_("There is no such figure for you in this publication. Choose one on the overview.")))
    else:
        _of_page(visit, pair, overview, right)


def _figure(visit: Visit, pair: Pair | None, query: dict[str, list[str]], overview: Overview) -> Figure | None:
    """The figure that the address names, of the later publication; of the earlier one, where only that has its month."""
    found = figure_of(query, overview)
    if found is None and pair is not None and "measure" in query:
        found = figure_of(query, figures.overview(pair.earlier, visit.scope))
    return found


def _named(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f" · {figure.measure.label} · {', '.join(company.code for company in figure.companies)} · {period_words(figure)}"


def _choose_publications(pair: Pair, places: Sequence) -> None:
    """The two publications, as the address names them; another choice changes the address."""
    known = {str(one.id): one for one in warehouse.every()}
    ids = list(known)

    def words(number: str) -> str:
        return f"{number} · {display.moment(known[number].published_at).removesuffix(' UTC')}"

    def choose(place: object, label: Text, name: str, choices: list[str], now: int) -> None:
        key = f"changes-{name}"
        st.session_state[key] = str(now)
        place.selectbox(  # type: ignore[attr-defined]
            str(label), choices, key=key, format_func=words,
            on_change=lambda: st.query_params.update({name: st.session_state[key]}),
        )  # fmt: skip

    choose(places[0], _("Earlier publication"), EARLIER, [n for n in ids if int(n) < pair.later.id], pair.earlier.id)
    choose(places[1], _("Later publication"), PUBLICATION, ids[:-1], pair.later.id)


# --- all figures of a page


def _of_page(visit: Visit, pair: Pair, overview: Overview, right: object) -> None:
    choices = Choices(NAME)
    with st.container(key="asked"):
        places = st.columns([1.7, 1, 3.1, 1.6, 1.6])
    company, first = choices.company(places[0], overview)
    # The month that still runs, and the whole year: what was booked late may be of any month.
    usual = known_months(overview, company)[-1]
    to = choices.month(places[1], overview, company, usual)
    span = choices.segments(places[2], "span", _("Period"), SPANS, USUAL_SPAN)
    _choose_publications(pair, places[3:])
    boards = {board.name: board for board in BOARDS}
    titles = {name: board.title for name, board in boards.items()}
    tab = choices.segments(st.container(), "tab", _("Page"), titles, hidden=True)
    plain = {"company": first, "to": month_text(usual), "span": USUAL_SPAN, "tab": next(iter(boards))}
    chosen = {"company": company.code, "to": month_text(to), "span": span, "tab": tab}
    query = {name: value for name, value in chosen.items() if value != plain[name]}
    if EARLIER in st.query_params:
        query[EARLIER] = str(pair.earlier.id)
    choices.keep(query)
    filters = {"page": [NAME]} | {name: [value] for name, value in query.items()}
    view = View(visit.shown, visit.scope, overview, company, period_of(span, to), "previous", filters)
    table = figures_table(view, pair, boards[tab])
    changed = sum(1 for row in table.rows if row.cells[3].value)
    st.subheader(table.title, anchor=False)
    st.caption(
        _("{changed} of {all} figures differ. {period}, {currency}.").format(
            changed=changed, all=len(table.rows), period=view.period, currency=company.currency
        )
    )
    if table.rows:
        st.html(tables.drawn(table))
    else:
        st.caption(
            str(_("Your roles open none of the figures of this page. Ask your administrator for one that does."))
        )

    def file(scope: Scope) -> bytes:
        seen = view.seen_by(scope)
        about = _about(pair) | {
            str(_("Company")): f"{company.code} · {company.name}, {company.currency}",
            str(_("Period")): str(view.period),
        }
        return workbook.workbook(about, [figures_table(seen, pair, boards[tab])], pair.later)

    with right:  # type: ignore[attr-defined]
        download.excel(
            file, f"changes-{tab}_{company.code}_{month_text(to)}_publications-{pair.earlier.id}-{pair.later.id}"
        )


def figures_table(view: View, pair: Pair, board: Board) -> Table:
    """Every measure of a page on both sides: those that differ first, as the page has them, then the others."""
    rows: list[Row] = []
    for measure in board.measures():
        if view.why_closed(measure):
            continue
        # A statement is never one sum, and amounts of different currencies are none.
        by = tuple(name for name in ("section", "currency") if name in measure.dimensions)[:1]
        found = changes.parts_of(pair, view.scope, view.figure(measure), by)
        if not found and not by:
            rows.append(_row(view, pair, measure, "", (), (None, None)))
        for part, before, after in sorted(found, key=lambda one: str(one[0].keys)):
            parts = tuple(zip(by, part.keys, strict=True))
            name = f" · {name_of(by[0], part, 0)}" if by else ""
            rows.append(_row(view, pair, measure, name, parts, (before, after)))
    rows.sort(key=lambda row: not row.cells[3].value)
    columns = (
        Column(str(_("Figure"))),
        Column(_publication_words(pair.earlier), "quantity"),
        Column(_publication_words(pair.later), "quantity"),
        Column(str(_("Difference")), "quantity"),
        Column(str(_("Change %")), "percent"),
    )
    return Table("changes", str(board.title), columns, rows)


def _row(view: View, pair: Pair, measure: Measure, name: str, parts: Parts, values: tuple[Value, Value]) -> Row:
    figure = view.figure(measure, parts=parts)
    before, after = _known(measure, view, values)
    opening = f"{NAME}?{changes_query(figure, view.filters, pair.earlier.id, pair.later.id)}"
    change, share = change_cells(measure, after, before) if difference_of(before, after) else (Cell(None), Cell(None))
    difference = Cell(0, tone="quiet") if not change.value else change
    return Row(
        (
            Cell(f"{measure.label}{name}", note=meaning_of(measure)),
            _side(pair, figure, before, view.filters, earlier=True),
            _side(pair, figure, after, view.filters, earlier=False),
            replace(difference, link=opening, kind=measure.unit),
            share,
        )
    )


def _known(measure: Measure, view: View, values: tuple[Value, Value]) -> tuple[Value, Value]:
    """A side without rows is zero where the other has some, or where everything is on record here."""
    if view.company.keeps_books or any(value is not None for value in values):
        return values[0] or 0, values[1] or 0
    return values


def _side(pair: Pair, figure: Figure, value: Value, filters: dict[str, list[str]], *, earlier: bool) -> Cell:
    """A figure on one side, which opens its rows there."""
    if not value:
        return Cell(value, kind=figure.measure.unit)
    kept = {**filters, "page": [NAME], EARLIER: [str(pair.earlier.id)]}
    query = query_of(figure, kept, (pair.earlier if earlier else pair.later).id)
    return Cell(value, f"rows?{query}&{RETURN}={pair.later.id}", kind=figure.measure.unit)


def _publication_words(one: changes.Publication) -> str:
    return _("Publication {id}, {at}").format(id=one.id, at=display.moment(one.published_at))


def _about(pair: Pair) -> dict[str, str]:
    return {
        str(_("Page")): str(_("What has changed")),
        str(_("Earlier publication")): _publication_words(pair.earlier),
        str(_("Later publication")): _publication_words(pair.later),
    }


# --- one figure


def _of_figure(visit: Visit, pair: Pair, figure: Figure, query: dict[str, list[str]], right: object) -> None:
    _choose_publications(pair, st.columns([1.75, 1.75, 5])[:2])
    found = changes.parts_of(pair, visit.scope, figure, ())
    before, after = (found[0][1], found[0][2]) if found else (None, None)
    filters = {name: values for name, values in query.items() if name in BACK}
    try:
        documents = changes.documents_of(pair, visit.scope, figure, at_most=MOST_DOCUMENTS)
    except warehouse.NotKept:
        st.info(_("Publication {id} did not keep this yet: choose a later one.").format(id=pair.earlier.id))
        return
    _cards(pair, figure, (before, after), documents, named_parts(visit, visit.scope, figure))
    _proof(figure, difference_of(before, after), documents)
    made = figure_tables(pair, visit.scope, figure, filters, documents)
    for table in made:
        if table.rows:
            st.subheader(table.title, anchor=False)
            st.html(tables.drawn(table, tall=len(table.rows) > MOST_PARTS))
        if table.left_out:
            st.caption(_("{count} further rows are not in this table.").format(count=display.exact(table.left_out)))

    def file(scope: Scope) -> bytes:
        kept = changes.documents_of(pair, scope, figure, at_most=MOST_DOCUMENTS)
        about = _about(pair) | {
            str(_("Figure")): str(figure.measure.label),
            str(_("Meaning")): meaning_of(figure.measure),
            str(_("Company")): ", ".join(company.code for company in figure.companies),
            str(_("Period")): period_words(figure),
            **dict(named_parts(visit, scope, figure)),
        }
        return workbook.workbook(about, figure_tables(pair, scope, figure, filters, kept), pair.later)

    with right:  # type: ignore[attr-defined]
        codes = "-".join(company.code for company in figure.companies)
        numbers = f"publications-{pair.earlier.id}-{pair.later.id}"
        download.excel(file, f"changes-{figure.measure.name}_{codes}_{month_text(figure.month)}_{numbers}")


def _cards(
    pair: Pair, figure: Figure, values: tuple[Value, Value], documents: Documents, parts: Sequence[tuple[str, str]]
) -> None:
    difference = difference_of(*values)
    cards = (
        (_publication_words(pair.earlier), values[0] or 0, ""),
        (_publication_words(pair.later), values[1] or 0, ""),
        (str(_("Difference")), difference or 0, _("{count} documents").format(count=display.exact(documents.count))),
    )
    money = figure.measure.unit == "money"
    for place, (label, value, note) in zip(st.columns([1, 1, 1]), cards, strict=True):
        with place.container(border=True, height="stretch"):
            sign = "+" if label == str(_("Difference")) and value > 0 else ""
            st.metric(label, f"{sign}{display.exact(value, money=money)}{currency_of(figure)}")
            if note:
                st.caption(note)
    said = "".join(f' <span class="hub-part">{html.escape(f"{label}: {name}")}</span>' for label, name in parts)
    st.html(f'<div><span class="hub-quiet">{html.escape(meaning_of(figure.measure))}</span>{said}</div>')


def _proof(figure: Figure, difference: Value, documents: Documents) -> None:
    """The differences of all documents sum up to that of the figure; where they do not, that is said and not hidden."""
    amount = display.exact(documents.difference or 0, money=figure.measure.unit == "money")
    if not documents.count:
        st.caption(str(_(":green[:material/check:] No document makes a difference: both publications say the same.")))
    elif (documents.difference or 0) == (difference or 0):
        st.caption(
            _(":green[:material/check:] {count} documents, their differences sum up to {amount}: the figure's.").format(
                count=display.exact(documents.count), amount=amount
            )
        )
    else:
        st.error(
            _("The differences of {count} documents sum up to {amount}, which is not the figure's. Tell your data "
              "engineers.").format(count=display.exact(documents.count), amount=amount)
        )  # fmt: skip


def figure_tables(
    pair: Pair, scope: Scope, figure: Figure, filters: dict[str, list[str]], documents: Documents
) -> list[Table]:
    """A figure's difference by each dimension, and by document: what the page draws and the file holds."""
    chosen = {name for name, _value in figure.parts}
    by = [name for name in figure.measure.dimensions if name not in chosen]
    return [_documents_table(figure, documents), *(_parts_table(pair, scope, figure, filters, name) for name in by)]


def _parts_table(pair: Pair, scope: Scope, figure: Figure, filters: dict[str, list[str]], name: str) -> Table:
    found = [
        (part, before, after, difference_of(before, after) or 0)
        for part, before, after in changes.parts_of(pair, scope, figure, (name,))
    ]
    found = sorted((one for one in found if one[3]), key=lambda one: (-abs(one[3]), str(one[0].keys)))
    rows = []
    for part, before, after, difference in found[:MOST_PARTS]:
        narrow = replace(figure, parts=(*figure.parts, (name, part.keys[0])))
        opening = f"{NAME}?{changes_query(narrow, filters, pair.earlier.id, pair.later.id)}"
        cells = (Cell(name_of(name, part, 0)), Cell(before or 0), Cell(after or 0), Cell(difference, opening))
        rows.append(Row(cells))
    kind = figure.measure.unit
    label = str(DIMENSIONS[name].label)
    columns = (Column(label), *(Column(str(word), kind) for word in (_("Before"), _("After"), _("Difference"))))
    words = _("By {dimension}").format(dimension=label.lower())
    return Table(f"by-{name}", words, columns, rows, left_out=max(0, len(found) - MOST_PARTS))


def _documents_table(figure: Figure, documents: Documents) -> Table:
    names = [name for name in changes.described(figure) if any(row[name] is not None for row in documents.rows)]
    rows = []
    for row in documents.rows:
        source = (row["source_system"], row["source_document_type"], row["source_document_id"])
        link = address(*source) or ""
        opens = Cell(title(source[1]) if link else source_name(*source), link, "" if link else "quiet")
        how = APPEARED if row["before"] is None else VANISHED if row["after"] is None else ALTERED
        amounts = (Cell(row[side]) for side in ("before", "after", "difference"))
        rows.append(Row((opens, Cell(str(how)), *(Cell(row[name]) for name in names), *amounts)))
    if rows:
        empty = (Cell("") for _place in range(len(names) + 3))
        rows.append(Row((Cell(str(_("All documents"))), *empty, Cell(documents.difference)), "total"))
    kind = figure.measure.unit
    columns = (
        Column(str(_("Document"))),
        Column(str(_("How"))),
        *(Column(str(COLUMNS[name]), wide=name == "description") for name in names),
        *(Column(str(word), kind) for word in (_("Before"), _("After"), _("Difference"))),
    )
    left_out = documents.count - len(documents.rows)
    return Table("documents", str(_("Documents behind the difference")), columns, rows, left_out=left_out)
