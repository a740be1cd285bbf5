"""Workbooks: each sheet a table, its first row the header.

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
            if any(value is not None for row in sheet.iter_rows(max_row=1, values_only=True) for value in row)
        ]
    finally:
        book.close()


def rows(content: bytes, origin: str, sheet: str) -> tuple[list[str], pa.Table, frozenset[int]]:
    """Headings, the cells as columns c0, c1, … of text, and the places of columns that hold text cells.

    Raises:
        SourceError: a cell outside the header's columns, or a cell that shows an error such as #DIV/0!; names the row.
    """
    book = _open(content, origin)
    try:
        grid = book[sheet].iter_rows()
        header = [_text(cell, origin) or "" for cell in next(grid)]
        while header and not header[-1]:
            header.pop()
        columns: list[list[str | None]] = [[] for _column in header]
        text_columns: set[int] = set()
        for number, cells in enumerate(grid, start=2):
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
    return header, pa.table(arrays, names=[f"c{place}" for place in range(len(header))]), frozenset(text_columns)


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
