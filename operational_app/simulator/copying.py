"""COPY into the tables of the store: rows as text, columns named, ids taken from the tables' own sequences."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

NULL = "\\N"


def cents(amount: int) -> str:
    """An amount in cents as exact text."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100}.{amount % 100:02d}"


class Sheet:
    """Rows to be copied into one table. What the caller does not name takes the store's default, or the table's own.

    Args:
        same: column → the named column whose value it shares, where the table has such a column: an amount in the
            company's currency is the amount itself, for who knows one currency only.
        known: named columns, the last ones, of which the table may not have any.
    """

    def __init__(
        self,
        model: type[Any],
        *columns: str,
        same: Mapping[str, str] | None = None,
        known: tuple[str, ...] = (),
        **constant: object,
    ) -> None:
        self.model = model
        table = model.__table__
        columns = (*columns, *(name for name in known if name in table.columns))
        self.named = len(columns)
        shared = {name: of for name, of in (same or {}).items() if name in table.columns}
        self.copied = [columns.index(of) for of in shared.values()]
        columns = (*columns, *shared)
        rest = {
            c.name: c.default.arg
            for c in table.columns
            if c.name not in columns
            and c.name not in constant
            and c.server_default is None
            and c.default is not None
            and c.default.is_scalar
        }
        fixed = constant | rest
        self.columns = (*columns, *fixed)
        self.tail = "".join("\t" + _text(value) for value in fixed.values()) + "\n"
        self.lines: list[str] = []

    def add(self, *values: object) -> None:
        """A row: values as the text that PostgreSQL reads, None for an empty one; no tabs, line ends or backslashes."""
        texts = [NULL if v is None else str(v) for v in values[: self.named]]
        self.lines.append("\t".join([*texts, *(texts[at] for at in self.copied)]) + self.tail)


def _text(value: object) -> str:
    if value is None:
        return NULL
    return str(value).lower() if isinstance(value, bool) else str(value)


def write(session: Session, sheets: Iterable[Sheet]) -> None:
    """Copy the sheets, one after another, in the session's transaction."""
    raw = session.connection().connection.driver_connection
    with raw.cursor() as cursor:
        for sheet in sheets:
            if not sheet.lines:
                continue
            table = sheet.model.__table__
            with cursor.copy(f"COPY {table.schema}.{table.name} ({', '.join(sheet.columns)}) FROM STDIN") as copy:
                copy.write("".join(sheet.lines))


def take_ids(session: Session, model: type[Any], count: int) -> list[int]:
    """So many row numbers of a table, which nobody else gets."""
    table = model.__table__
    found = session.execute(
        text("SELECT nextval(CAST(pg_get_serial_sequence(:table, 'id') AS regclass)) FROM generate_series(1, :count)"),
        {"table": f"{table.schema}.{table.name}", "count": count},
    )
    return list(found.scalars())
