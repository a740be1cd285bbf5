"""Workbooks: each sheet a table, its first row the header, or the first below a title.

A workbook stores every number as a binary double and shows 15 digits of it. So do we: a number cell becomes the decimal
text of its 15 significant digits, which is the amount that whoever typed it saw. Text cells stay text even when they
look like numbers: somebody said so in the workbook.
"""

import datetime as dt
import io
from decimal import Decimal
from gettext import gettext as _
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pyarrow as pa

from connectors.base import SourceError
from connectors.files.layout import LOOKED_AT, title_rows

SUFFIX = ".xlsx"


def _open(content: bytes, file: str) -> Any:
    # Imported where it is used: most loads read no workbook, and it takes a while.
    import openpyxl

    try:
        return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, KeyError) as error:
        raise SourceError(_("{file} is no Excel workbook (.xlsx).").format(file=file)) from error


def sheets(path: Path) -> list[str]:
    """Names of the sheets that hold anything."""
    book = _open(path.read_bytes(), path.name)
    try:
        return [
            sheet.title
            for sheet in book.worksheets
            if any(value is not None for row in sheet.iter_rows(max_row=LOOKED_AT, values_only=True) for value in row)
        ]
    finally:
        book.close()


def rows(
    content: bytes, origin: str, sheet: str, header_row: int | None = None
) -> tuple[list[str], pa.Table, frozenset[int], int]:
    """Headings, the cells as columns c0, c1, … of text, the places of columns that hold text cells, rows above the header.

    Raises:
        SourceError: a cell outside the header's columns, or a cell that shows an error such as #DIV/0!; names the row.
    """
    book = _open(content, origin)
    try:
        above = header_row - 1 if header_row else _above(book[sheet])
        grid = book[sheet].iter_rows(min_row=above + 1)
        header = [_text(cell, origin) or "" for cell in next(grid, ())]
        while header and not header[-1]:
            header.pop()
        columns: list[list[str | None]] = [[] for _column in header]
        text_columns: set[int] = set()
        for number, cells in enumerate(grid, start=above + 2):
            values = [_text(cell, origin) for cell in cells]
            if all(value is None for value in values):
                continue
            if any(value is not None for value in values[len(header) :]):
                raise SourceError(
                    _("{file}, row {row}: a value outside the columns that have a heading.").format(
                        file=origin, row=number
                    )
                )
            for place, column in enumerate(columns):
                column.append(values[place] if place < len(values) else None)
                if place < len(cells) and isinstance(cells[place].value, str):
                    text_columns.add(place)
    finally:
        book.close()
    arrays = [pa.array(column, pa.string()) for column in columns]
    return header, pa.table(arrays, names=[f"c{place}" for place in range(len(header))]), frozenset(text_columns), above


def _above(sheet: Any) -> int:
    """Rows above the header: empty ones, and titles over a table."""
    first = [
        [None if value is None else str(value) for value in row]
        for row in sheet.iter_rows(max_row=LOOKED_AT, values_only=True)
    ]
    width = max(
        (len(row) - next((n for n, v in enumerate(reversed(row)) if v is not None), len(row)) for row in first),
        default=0,
    )
    empty = next((number for number, row in enumerate(first) if any(row)), 0)
    # Cut to the table's width: a sheet may have been wider once, and says so for ever.
    return max(empty, title_rows([[*row[:width], *[None] * (width - len(row))] for row in first]))


def _text(cell: Any, origin: str) -> str | None:
    """A cell as the text that a CSV file would hold."""
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "e":
        raise SourceError(
            _("{file}, cell {cell}: {value}. Correct the formula, then load again.").format(
                file=origin, cell=cell.coordinate, value=value
            )
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else str(value)
