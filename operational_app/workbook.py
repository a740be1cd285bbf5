"""Reports as Excel workbooks, for the command line and the pages."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any


def write_workbook(file: Path | IO[bytes], title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A workbook of one sheet. A spreadsheet keeps 15 digits of a number: an amount with more is written as text."""
    # Imported where used: it is slow to import, and most commands write no workbook.
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.append(list(columns))
    for row in rows:
        sheet.append([format(v, "f") if isinstance(v, Decimal) and len(v.as_tuple().digits) > 15 else v for v in row])
    book.save(file)
