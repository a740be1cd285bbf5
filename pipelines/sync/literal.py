"""Values as SQL literals.

DuckDB's Python client takes parameters too, but the first one makes it import pandas: a second or more, several times
what a batch costs. A value here is our own text, number or time, and quoting is exact for each.
"""

from datetime import datetime
from decimal import Decimal

from pipelines.lake import quoted


def literal(value: str | int | Decimal | datetime | None) -> str:
    """A value as DuckDB reads it back unchanged.

    Raises:
        TypeError: for any other type.
    """
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ {quoted(value.isoformat())}"
    if isinstance(value, int | Decimal):
        return f"{value}"
    raise TypeError(f"no SQL literal for {type(value).__name__}")


def row(*values: str | int | Decimal | datetime | None) -> str:
    """One row of VALUES."""
    return "(" + ", ".join(map(literal, values)) + ")"
