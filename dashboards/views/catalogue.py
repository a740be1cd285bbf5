"""The catalogue of measures: what each is, from which mart, at which grain, split by what, who may see it. Made from the
declarations that the pages themselves are made of."""

import streamlit as st

from dashboards import tables
from dashboards.boards import BOARDS
from dashboards.gate import DASHBOARD
from dashboards.i18n import Text, _
from dashboards.labels import meaning_of
from dashboards.metrics import CARDS, DIMENSIONS, MEASURES, RATIOS, Measure
from dashboards.tables import Cell, Column, Row, Table
from dashboards.visit import Visit

KINDS: dict[str, Text] = {
    "flow": _("of a period"),
    "level": _("at the end of a period"),
    "now": _("as of the publication"),
}
UNITS: dict[str, Text] = {"money": _("money"), "count": _("number"), "quantity": _("quantity")}
GOOD: dict[bool | None, Text] = {True: _("more is better"), False: _("less is better"), None: _("neither")}


def page(visit: Visit) -> None:
    """Draw the catalogue, of what this viewer may see and what not."""
    st.title(str(_("Catalogue of measures")), anchor=False)
    st.caption(
        str(_("Each figure of these pages is defined once, here: pages, files and rows all read this definition."))
    )
    wanted = st.text_input(str(_("Search")), key="wanted", placeholder=str(_("Name or meaning"))).casefold()
    for table in (measures_table(visit), ratios_table()):
        rows = [row for row in table.rows if wanted in " ".join(str(cell.value) for cell in row.cells).casefold()]
        st.subheader(table.title, anchor=False)
        if rows:
            st.html(tables.drawn(Table(table.name, table.title, table.columns, rows)))
        else:
            st.caption(str(_("None has these words.")))


def measures_table(visit: Visit) -> Table:
    columns = (
        _("Measure"), _("Meaning"), _("Known"), _("Unit"), _("Good news"), _("Split by"), _("Out of"), _("A row is"),
        _("Pages"), _("You see it"),
    )  # fmt: skip
    rows = [_row(visit, measure) for measure in MEASURES.values()]
    wide = {"Meaning", "Split by", "A row is", "Pages"}
    made = tuple(Column(str(label), wide=label in wide) for label in columns)
    return Table("measures", str(_("Measures")), made, rows)


def _row(visit: Visit, measure: Measure) -> Row:
    permitted = bool(visit.scope.companies(DASHBOARD, measure.entity, *measure.also))
    cells = (
        str(measure.label),
        meaning_of(measure),
        str(KINDS[measure.kind]),
        str(UNITS[measure.unit]),
        str(GOOD[measure.more_is_better]),
        ", ".join(str(DIMENSIONS[name].label) for name in measure.dimensions),
        measure.mart,
        str(measure.grain),
        ", ".join(pages_of(measure)),
        str(_("yes") if permitted else _("no")),
    )
    return Row(tuple(Cell(value) for value in cells))


def pages_of(measure: Measure) -> list[str]:
    """Titles of the pages that show a measure."""
    found = [str(board.title) for board in BOARDS if measure in board.measures()]
    return [*([str(_("Executive overview"))] if measure.name in (*CARDS, "sales_order_count") else []), *found]


def ratios_table() -> Table:
    columns = (_("Ratio"), _("Meaning"), _("Formula"), _("Good news"))
    rows = [
        Row(
            tuple(
                Cell(value)
                for value in (
                    str(ratio.label),
                    str(ratio.meaning),
                    f"{MEASURES[ratio.numerator].label} ÷ {MEASURES[ratio.denominator].label}",
                    str(GOOD[ratio.more_is_better]),
                )
            )
        )
        for ratio in RATIOS.values()
    ]
    return Table("ratios", str(_("Ratios")), tuple(Column(str(label)) for label in columns), rows)
