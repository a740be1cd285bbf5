"""Rows as a CSV file: every digit, and in the file's name what it holds."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from dashboards import display
from dashboards.address import month_text
from dashboards.figures import Figure
from pipelines.publication import Publication

# A file of more rows is no longer for a spreadsheet: `hub query` gives it.
MOST_ROWS = 500_000

SOURCE = ("source_system", "source_document_type", "source_document_id")


def file_name(figure: Figure, shown: Publication, count: int) -> str:
    """Measure, companies, month, publication and number of rows: `revenue_DEMO_2026-10_publication-7_812-rows.csv`."""
    codes = "-".join(company.code for company in figure.companies)
    name = f"{figure.measure.name}_{codes}_{month_text(figure.month)}_publication-{shown.id}_{count}-rows.csv"
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)


def as_csv(figure: Figure, rows: Sequence[dict[str, Any]]) -> str:
    """The rows with the measure's columns, their currency, and where each document is. Columns keep their names."""
    columns = [*figure.measure.columns, *(["currency"] if figure.measure.unit == "money" else []), *SOURCE]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_safe(display.plain(row[column]), row[column]) for column in columns] for row in rows)
    return text.getvalue()


def _safe(text: str, value: Any) -> str:
    """Text that a spreadsheet would run as a formula is marked as text; numbers stay numbers."""
    return f"'{text}" if isinstance(value, str) and text[:1] in "=+-@\t\r" else text
