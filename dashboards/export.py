"""Rows as a CSV file: every digit, and in the file's name what it holds."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from dashboards import display
from dashboards.address import month_text
from dashboards.figures import Figure
from dashboards.i18n import _
from dashboards.metrics import AMOUNTS, COLUMNS
from dashboards.tables import Cell, Column, Row, Table
from pipelines.publication import Publication

# A file of more rows is no longer for a spreadsheet: `hub query` gives it.
MOST_ROWS = 500_000
MOST_ROWS_OF_WORKBOOK = 50_000

SOURCE = ("source_system", "source_document_type", "source_document_id")


def file_name(figure: Figure, shown: Publication, count: int) -> str:
    """Measure, companies, month, publication and number of rows: `revenue_DEMO_2026-10_publication-7_812-rows.csv`."""
    codes = "-".join(company.code for company in figure.companies)
    since = f"{month_text(figure.since)}--" if figure.since and figure.since != figure.month else ""
    parts = "".join(f"_{name}-{value or 'none'}" for name, value in figure.parts)
    name = f"{figure.measure.name}_{codes}{parts}_{since}{month_text(figure.month)}_publication-{shown.id}_{count}-rows.csv"
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)


def _columns(figure: Figure) -> list[str]:
    return [*figure.measure.columns, *(["currency"] if figure.measure.unit == "money" else []), *SOURCE]


def as_table(figure: Figure, rows: Sequence[dict[str, Any]]) -> Table:
    """The same rows as a table, whose columns have the names that the page gives them."""
    names = {"currency": _("Currency"), "source_system": _("Source"), "source_document_type": _("Document")}
    columns = _columns(figure)
    heads = [
        Column(str(COLUMNS.get(name) or names.get(name) or _("Key")), "quantity" if name in AMOUNTS else "text")
        for name in columns
    ]
    made = [Row(tuple(Cell(row[name]) for name in columns)) for row in rows]
    return Table("rows", str(_("Rows")), tuple(heads), made)


def as_csv(figure: Figure, rows: Sequence[dict[str, Any]]) -> str:
    """The rows with the measure's columns, their currency, and where each document is. Columns keep their names."""
    columns = _columns(figure)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_safe(display.plain(row[column]), row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _safe(text: str, value: Any) -> str:
    """Text that a spreadsheet would run as a formula is marked as text; numbers stay numbers."""
    return f"'{text}" if isinstance(value, str) and text[:1] in "=+-@\t\r" else text
