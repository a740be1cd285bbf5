"""Files of rows: a CSV text or the first sheet of a workbook in, exact and typed cells out.

A workbook stores every number as a binary double and shows 15 digits of it. So do we: a number cell is read as the decimal
text of its 15 significant digits, the amount that whoever typed it saw; an amount with more digits leaves as text.
"""

import base64
import binascii
import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from operational_app.core.errors import FileUnreadable, WorkbookUnreadable

WORKBOOK = ".xlsx"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a double can carry without loss, and so a cell of a workbook.
EXACT_DIGITS = 15
WIDEST = 48
# Signs from here on, such as Chinese ones, are twice as wide as letters.
WIDE_FROM = 0x2E80
MOST_ROWS = 50_000
# A workbook is packed; a small file may hold more than the memory does.
MOST_UNPACKED = 300_000_000
MOST_COLUMNS = 300


def is_workbook(file_name: str) -> bool:
    return file_name.lower().endswith(WORKBOOK)


def as_content(file_name: str, content: bytes) -> str:
    """The bytes of a file as the text that a command takes: a CSV file's own text, a workbook in base64.

    Raises:
        FileUnreadable: the bytes are no text, neither in UTF-8 nor as Excel saves CSV in China (GB 2312).
    """
    if is_workbook(file_name):
        return base64.b64encode(content).decode("ascii")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        position = error.start
    try:
        # Not its larger successors: to those the bytes of a European file, such as “Müller”, would be Chinese signs too.
        return content.decode("gb2312")
    except UnicodeDecodeError as error:
        raise FileUnreadable(file=file_name, position=position) from error


def read_rows(file_name: str, content: str) -> list[list[str]]:
    """The rows of a file as text, headings first; blank rows stay, so that a row's place is its number in the file.

    Args:
        content: as `as_content` gives it.
    """
    rows = _workbook_rows(file_name, content) if is_workbook(file_name) else _csv_rows(file_name, content)
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) > MOST_ROWS or any(len(row) > MOST_COLUMNS for row in rows[:1]):
        raise WorkbookUnreadable(file=file_name)
    return rows


def _csv_rows(file_name: str, content: str) -> list[list[str]]:
    content = content.removeprefix("\ufeff")
    first = content.split("\n", 1)[0]
    # Excel writes semicolons where the comma is the decimal sign, and tabs where it is told to.
    delimiter = max(",;\t", key=first.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(content), delimiter=delimiter)]
    except csv.Error as error:
        raise WorkbookUnreadable(file=file_name) from error


def _workbook_rows(file_name: str, content: str) -> list[list[str]]:
    try:
        packed = io.BytesIO(base64.b64decode(content, validate=True))
        with ZipFile(packed) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise WorkbookUnreadable(file=file_name)
        book = load_workbook(packed, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, binascii.Error, OSError) as error:
        raise WorkbookUnreadable(file=file_name) from error
    try:
        sheet = book.worksheets[0]
        found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
        return _trimmed([cell_text(value) for value in row] for row in found)
    except IndexError as error:
        raise WorkbookUnreadable(file=file_name) from error
    finally:
        book.close()


def _trimmed(rows: Iterable[list[str]]) -> list[list[str]]:
    """The rows without the empty cells on the right, each at least as long as the headings."""
    trimmed: list[list[str]] = []
    for row in rows:
        length = max((place for place, text in enumerate(row, start=1) if text), default=0)
        width = len(trimmed[0]) if trimmed else length
        trimmed.append(row[: max(length, width)])
    return trimmed


def cell_text(value: Any) -> str:
    """A cell as the text that a CSV file would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(format(value, f".{EXACT_DIGITS}g")), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value).strip()


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers, also negative ones, stay."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def csv_row(values: Iterable[Any]) -> str:
    """One line of a CSV file; text that looks like a formula is harmless."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([harmless(value) for value in values])
    return buffer.getvalue()


class SheetWriter:
    """A workbook with one sheet that is written row by row, with typed cells: dates are dates, amounts are numbers.

    The first rows are held back to see how wide the columns are: widths have to be said before the first row is written.
    """

    HELD_BACK = 200

    def __init__(self, title: str, headings: Sequence[str]) -> None:
        self.book = Workbook(write_only=True)
        self.sheet = self.book.create_sheet(sheet_title(title))
        self.headings = headings
        self.held: list[list[tuple[Any, str]]] | None = []

    def add(self, values: Sequence[Any], places: Sequence[int | None] = ()) -> None:
        """One row; `places` says how many decimals a number shows at least."""
        row = [_typed(value, places[index] if index < len(places) else None) for index, value in enumerate(values)]
        if self.held is None:
            self._write(row)
            return
        self.held.append(row)
        if len(self.held) >= self.HELD_BACK:
            self._begin()

    def _begin(self) -> None:
        held, self.held = self.held or [], None
        for index, heading in enumerate(self.headings):
            texts = [heading, *(str(row[index][0]) for row in held if index < len(row) and row[index][0] is not None)]
            width = max(sum(2 if ord(sign) > WIDE_FROM else 1 for sign in text) for text in texts) + 2
            self.sheet.column_dimensions[letter(index)].width = min(WIDEST, width)
        self.sheet.freeze_panes = "A2"
        self.sheet.append([_cell(self.sheet, heading, bold=True) for heading in self.headings])
        for row in held:
            self._write(row)

    def _write(self, row: list[tuple[Any, str]]) -> None:
        self.sheet.append([_cell(self.sheet, value, number_format) for value, number_format in row])

    def content(self, second: tuple[str, Sequence[Sequence[str]]] | None = None) -> bytes:
        """The workbook; `second` is another sheet of text, by its title and its rows, headings first."""
        if self.held is not None:
            self._begin()
        if second is not None:
            guide = self.book.create_sheet(sheet_title(second[0]))
            for number, row in enumerate(second[1]):
                guide.append([_cell(guide, value, bold=number == 0) for value in row])
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def sheet_title(title: str) -> str:
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in title)[:31] or "1"


def letter(index: int) -> str:
    """What spreadsheets call a column: 0 is A."""
    return str(get_column_letter(index + 1))


def _typed(value: Any, places: int | None) -> tuple[Any, str]:
    """A value as a cell holds it, and how the cell shows it."""
    if isinstance(value, Decimal):
        if len(value.as_tuple().digits) > EXACT_DIGITS and len(value.normalize().as_tuple().digits) > EXACT_DIGITS:
            return format(value, "f"), "@"
        return value, "#,##0" + ("." + "0" * places if places else ".######" if places is None else "")
    if isinstance(value, datetime):
        return value.replace(tzinfo=None), "yyyy-mm-dd hh:mm"
    if isinstance(value, date):
        return value, "yyyy-mm-dd"
    return value, "General"


def _cell(sheet: Any, value: Any, number_format: str = "General", bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        # Text stays text: without this a cell that begins with = would be a formula.
        cell.data_type = "s"
    cell.number_format = number_format
    if bold:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EBF0")
    return cell
