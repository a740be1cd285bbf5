"""JSON Lines: one object in each line; numbers exact, objects as columns, lists as JSON text."""

from gettext import gettext as _

import pyarrow as pa

from connectors import records
from connectors.base import SourceError

SUFFIXES = (".jsonl", ".ndjson")


def rows(text: str, origin: str) -> tuple[list[str], pa.Table, frozenset[int]]:
    """Headings, rows as text, and the places of columns that hold text.

    Raises:
        SourceError: a line holds no JSON object; names the line.
    """
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = records.parse(line)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                _("{file}, line {line}: no JSON ({error}).").format(file=origin, line=number, error=error)
            ) from error
        if not isinstance(record, dict):
            raise SourceError(_("{file}, line {line}: no JSON object.").format(file=origin, line=number))
        found.append(record)
    header, table, texts = records.table(found)
    if not header:
        raise SourceError(_("{file} holds no row, so that nobody knows its columns.").format(file=origin))
    return header, table, texts
