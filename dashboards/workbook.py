"""Tables of a page as an Excel workbook: what the screen shows, with every digit, and a first sheet that says what it is."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from dashboards import display
from dashboards.i18n import _
from dashboards.tables import NUMBERS, Table
from pipelines.publication import PASSED, Publication

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "money": "#,##0.00##",
    "count": "#,##0",
    "quantity": "#,##0.######",
    "percent": '0.0"%"',
    "times": "0.0",
    "days": "0",
}
BOLD = Font(bold=True)


def workbook(about: Mapping[str, str], tables: Sequence[Table], shown: Publication) -> bytes:
    """The file.

    Args:
        about: what the first sheet says: name → value, such as page, company, period.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(_("About")))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 70
    certified = shown.certificate.get("verdict") == PASSED
    facts = {
        **about,
        str(_("Publication")): str(shown.id),
        str(_("Published")): display.moment(shown.published_at),
        str(_("Certificate")): str(_("equal to the books") if certified else _("not certified")),
        str(_("Rows")): str(sum(len(table.rows) for table in tables)),
    }
    for name, value in facts.items():
        sheet.append([_bold(sheet, name), WriteOnlyCell(sheet, safe(value))])
    for table in tables:
        _add(book, table)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _add(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(_sheet_name(table.title))
    for number, column in enumerate(table.columns, start=1):
        texts = [len(str(row.cells[number - 1].value or "")) for row in table.rows[:200]]
        sheet.column_dimensions[get_column_letter(number)].width = min(60, max([len(column.label), *texts]) + 3)
    sheet.freeze_panes = "A2"
    heads = [_bold(sheet, column.label) for column in table.columns]
    for head, column in zip(heads, table.columns, strict=True):
        head.alignment = Alignment(horizontal="right" if column.kind in NUMBERS else "left")
    sheet.append(heads)
    for row in table.rows:
        cells = []
        for column, cell in zip(table.columns, row.cells, strict=True):
            written = WriteOnlyCell(sheet, safe(cell.value))
            kind = cell.kind or column.kind
            if kind in FORMATS and isinstance(cell.value, Decimal | int):
                written.number_format = FORMATS[kind]
            if row.level:
                written.font = BOLD
            cells.append(written)
        sheet.append(cells)
    if table.left_out:
        sheet.append([_("{count} further rows are not in this table.").format(count=table.left_out)])


def _sheet_name(title: str) -> str:
    """A title as a spreadsheet takes it: no more than 31 letters, none of those that it keeps for itself."""
    return "".join(letter for letter in title if letter not in r"[]:*?/\'")[:31]


def _bold(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, safe(text))
    cell.font = BOLD
    return cell


def safe(value: Any) -> Any:
    """A value that a spreadsheet keeps as it is: numbers and days stay such, a text is never taken for a formula."""
    if value is None or value == "":
        return None
    if isinstance(value, Decimal | int | date) and not isinstance(value, datetime | bool):
        return value
    text = display.cell_text(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
