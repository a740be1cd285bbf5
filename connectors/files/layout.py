"""What people put around a table: title rows above it, total rows below it, a decimal comma inside it.

Found where the file leaves no doubt, and told; options `header_row`, `totals` and `decimal` say otherwise.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

# The first rows of a file show where its table begins.
LOOKED_AT = 50
MOST_TOTALS = 3
TOTAL = re.compile(
    r"\s*(grand\s+total|sub-?total|totals?|sum|summe|gesamt(summe)?|somme|合\s*计|总\s*计|小\s*计|共\s*计)\s*[:：]?\s*",
    re.IGNORECASE,
)
COMMA_NUMBER = r"^-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?$"
# A comma before two digits, or points and a comma in one number: nothing but a decimal comma writes so.
SURELY_COMMA = r"^-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+),([0-9]{1,2}|[0-9]{4,})$|^-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+$"
POINT_NUMBER = r"^-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?$"
SURELY_THOUSANDS = r"^-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+$"


def title_rows(rows: Sequence[Sequence[str | None]]) -> int:
    """How many rows stand above the header: each with one cell at most, over a table of at least two rows of equal width.

    Args:
        rows: the first rows of the file.
    """
    above = 0
    while above < len(rows) and sum(1 for cell in rows[above] if cell and cell.strip()) <= 1:
        above += 1
    table = [row for row in rows[above:] if any(row)]
    if above == 0 or len(table) < 2 or len({len(row) for row in table}) != 1:
        return 0
    # The header is the first row with text in all its cells; a title would leave cells empty.
    return above if len(table[0]) > 1 and all(cell and cell.strip() for cell in table[0]) else 0


def title_lines(text: str, delimiter: str, header_row: int | None) -> int:
    """How many lines of a text file stand above its header."""
    reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
            if len(rows) == max(LOOKED_AT, header_row or 0):
                break
    except csv.Error:
        pass  # The strict reader says what is wrong, and in which line.
    above = header_row - 1 if header_row else title_rows(rows)
    return ends[above - 1] if 0 < above <= len(ends) else 0


def without_totals(rows: pa.Table) -> tuple[pa.Table, int]:
    """The rows without those at the end whose first filled cell is a word for a total; and how many those were."""
    kept = rows.num_rows
    while kept > 0 and rows.num_rows - kept < MOST_TOTALS:
        cells = [column[kept - 1].as_py() for column in rows.columns]
        first = next((cell for cell in cells if cell and cell.strip()), "")
        if not TOTAL.fullmatch(first):
            break
        kept -= 1
    return rows.slice(0, kept), rows.num_rows - kept


def plain_numbers(rows: pa.Table, decimal: str | None, delimiter: str) -> tuple[pa.Table, bool]:
    """Numbers with a decimal comma, or with thousands set off, as plain ones; and whether any were.

    Args:
        decimal: `comma` or `point` where it was said. Unsaid, a comma is taken for a decimal one where the delimiter is
            another sign and some column leaves no doubt; thousands commas where some value has both signs.
    """
    numbers = [_all_match(column, COMMA_NUMBER) for column in rows.columns]
    comma = decimal == "comma" or (
        decimal is None
        and delimiter != ","
        and any(n and _any_match(column, SURELY_COMMA) for n, column in zip(numbers, rows.columns, strict=True))
        and not any(_any_match(column, SURELY_THOUSANDS) for column in rows.columns)
    )
    changed, columns = False, []
    for is_number, column in zip(numbers, rows.columns, strict=True):
        if comma and is_number:
            column = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
            changed = True
        elif not comma and _all_match(column, POINT_NUMBER) and _any_match(column, SURELY_THOUSANDS):
            column = pc.replace_substring(column, ",", "")
            changed = True
        columns.append(column)
    return (pa.table(columns, names=rows.column_names), True) if changed else (rows, False)


def _all_match(column: pa.ChunkedArray, pattern: str) -> bool:
    filled = column.drop_null()
    return len(filled) > 0 and pc.all(pc.match_substring_regex(filled, pattern)).as_py()


def _any_match(column: Iterable, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(column, pattern)).as_py())
