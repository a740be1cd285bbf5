"""The statements that read a table, in the words of any database: SQLAlchemy spells them.

What is asked of a table that was read before: only what is behind the cursor (less a margin for rows that were
committed late), only keys beyond the last, only blocks whose hash changed; and for a first load in blocks, what comes
after the last key.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from gettext import gettext as _
from typing import Any

import sqlalchemy as sa

from connectors.base import Column, SourceError, TableOptions

# How far behind the cursor to look when nobody said it: long transactions show rows later than they are stamped.
MARGIN = {"BIGINT": "1000", "DECIMAL": "1000", "DATE": "2 days", "TIMESTAMP": "10 minutes", "TIMESTAMPTZ": "10 minutes"}
UNITS = ("seconds", "minutes", "hours", "days", "weeks")
BLOCK = 10_000  # keys of one hash


def table(schema: str | None, name: str, columns: Sequence[Column]) -> sa.TableClause:
    return sa.table(name, *[sa.column(column.source_name) for column in columns], schema=schema)


def word(kind: str) -> str:
    return kind.partition("(")[0]


def behind(cursor: Column, options: TableOptions, last: str) -> Any:
    """The value from which to read again: the last one, less the margin.

    Raises:
        SourceError: the margin is none for a column of this type.
    """
    kind = word(cursor.type)
    margin = options.lookback or MARGIN.get(kind, "")
    try:
        if kind in ("BIGINT", "DECIMAL"):
            return Decimal(last) - Decimal(margin)
        if kind in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"):
            number, _space, unit = margin.partition(" ")
            unit = unit if unit in UNITS else f"{unit}s"
            distance = dt.timedelta(**{unit: float(number)})
            if kind == "DATE":
                return dt.date.fromisoformat(last) - distance
            return dt.datetime.fromisoformat(last) - distance
    except (ValueError, ArithmeticError, TypeError) as error:
        raise SourceError(
            _("“{margin}” is no lookback for {column}: write a number, or a time such as “10 minutes”.").format(
                margin=margin, column=cursor.name
            )
        ) from error
    return last


def plain(value: Any) -> str | None:
    """A key or cursor as text that `value` reads back."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return None if value is None else str(value)


def value(column: Column, text: str) -> Any:
    kind = word(column.type)
    if kind == "BIGINT":
        return int(text)
    if kind == "DECIMAL":
        return Decimal(text)
    if kind == "DATE":
        return dt.date.fromisoformat(text)
    return dt.datetime.fromisoformat(text) if kind.startswith("TIMESTAMP") else text


def literal(value_: Any) -> sa.ColumnElement:
    """A value as every database reads it: times as quoted text, which it compares as the column's type."""
    if isinstance(value_, int | Decimal):
        return sa.literal_column(format(value_, "f" if isinstance(value_, Decimal) else "d"))
    text = value_.isoformat(sep=" ") if isinstance(value_, dt.datetime) else str(value_)
    return sa.literal(text, sa.String())


def after(columns: Sequence[Column], last: Sequence[str]) -> sa.ColumnElement[bool]:
    """Rows whose key comes after `last`: (a, b) > (x, y), spelt so that every database can use its index."""
    clauses = []
    for place, column in enumerate(columns):
        equal = [sa.column(one.source_name) == literal(value(one, last[at])) for at, one in enumerate(columns[:place])]
        clauses.append(sa.and_(*equal, sa.column(column.source_name) > literal(value(column, last[place]))))
    return sa.or_(*clauses)


def block_hashes(
    dialect: sa.Dialect, source: sa.TableClause, key: Column, columns: Sequence[Column]
) -> sa.Select | None:
    """(block, rows, hash) of each block of keys, computed by the database; None where it cannot hash."""
    quote = dialect.identifier_preparer.quote
    name = quote(key.source_name)
    if dialect.name == "postgresql":
        listed = ", ".join(quote(column.source_name) for column in columns)
        block = f"CAST(floor(CAST({name} AS numeric) / {BLOCK}) AS bigint)"
        digest = f"md5(string_agg(md5(CAST(ROW({listed}) AS text)), '' ORDER BY {name}))"
    elif dialect.name in ("mysql", "mariadb"):
        # quote() tells NULL from empty text; bit_xor does not depend on the order of rows, and a key is in each of them.
        listed = ", ".join(f"QUOTE({quote(column.source_name)})" for column in columns)
        block = f"CAST(FLOOR({name} / {BLOCK}) AS SIGNED)"
        digest = f"BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(',', {listed})), 16), 16, 10) AS UNSIGNED))"
    else:
        return None
    first = sa.literal_column(block).label("block")
    return sa.select(first, sa.func.count(), sa.literal_column(digest)).select_from(source).group_by(first)


def changed_blocks(known: Mapping[str, Any], now: Mapping[str, Any]) -> list[int]:
    """Blocks that are new, gone or different."""
    return sorted(int(block) for block in {*known, *now} if known.get(block) != now.get(block))


def in_blocks(name: str, blocks: Sequence[int]) -> str:
    """SQL: this column's value lies in one of these blocks; neighbours become one range."""
    ranges: list[list[int]] = []
    for block in blocks:
        if ranges and ranges[-1][1] == block:
            ranges[-1][1] = block + 1
        else:
            ranges.append([block, block + 1])
    return " OR ".join(f"({name} >= {low * BLOCK} AND {name} < {high * BLOCK})" for low, high in ranges) or "1 = 0"
