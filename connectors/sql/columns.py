"""Types: from what a database declares to what arrives in the lake, and how a value that has no such type is read.

| declared                                   | arrives as                                                      |
|--------------------------------------------|-----------------------------------------------------------------|
| integers of any width                      | BIGINT; unsigned 64 bits: DECIMAL(20,0)                         |
| numeric(p, s), decimal(p, s), p up to 38   | DECIMAL(p, s)                                                   |
| numeric without precision, or above 38     | DECIMAL(38, 9), refused where a value does not fit; say a type  |
| float, double, real                        | DOUBLE, as the source has it; say DECIMAL(p, s) for amounts     |
| boolean                                    | BOOLEAN                                                         |
| date, timestamp, timestamp with time zone  | DATE, TIMESTAMP, TIMESTAMPTZ                                    |
| bytea, blob, binary                        | BLOB                                                            |
| everything else (text, uuid, json, arrays) | VARCHAR, in the database's own spelling                         |
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
from sqlalchemy import types as sa

from connectors.base import Column

LOOSE_DECIMAL = "DECIMAL(38,9)"
SIMPLE = {
    "BIGINT": pa.int64(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(), "DATE": pa.date32(), "VARCHAR": pa.string(),
    "TIMESTAMP": pa.timestamp("us"), "TIMESTAMPTZ": pa.timestamp("us", "UTC"), "BLOB": pa.binary(),
}  # fmt: skip


def lake_type(declared: Any, unsigned_bigint: bool = False) -> str:
    """The DuckDB type for a type that SQLAlchemy's reflection found."""
    if isinstance(declared, sa.Boolean):
        return "BOOLEAN"
    if isinstance(declared, sa.Integer):
        # MySQL has no boolean: by convention it is tinyint(1).
        if getattr(declared, "display_width", None) == 1 and type(declared).__name__ == "TINYINT":
            return "BOOLEAN"
        return "DECIMAL(20,0)" if unsigned_bigint or _is_unsigned_bigint(declared) else "BIGINT"
    if isinstance(declared, sa.Float):
        return "DOUBLE"
    if isinstance(declared, sa.Numeric):
        precision, scale = declared.precision, declared.scale
        if precision is None or precision > 38:
            return LOOSE_DECIMAL
        return f"DECIMAL({precision},{scale or 0})"
    if isinstance(declared, sa.DateTime):
        return "TIMESTAMPTZ" if declared.timezone else "TIMESTAMP"
    if isinstance(declared, sa.Date):
        return "DATE"
    if isinstance(declared, sa.LargeBinary | sa.BINARY | sa.VARBINARY):
        return "BLOB"
    return "VARCHAR"


def _is_unsigned_bigint(declared: Any) -> bool:
    return bool(getattr(declared, "unsigned", False)) and isinstance(declared, sa.BigInteger)


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type that carries a DuckDB type exactly.

    Raises:
        ValueError: it is none that a table of a source may have.
    """
    if kind in SIMPLE:
        return SIMPLE[kind]
    if kind.startswith("DECIMAL(") and kind.endswith(")"):
        precision, _comma, scale = kind[8:-1].partition(",")
        return pa.decimal128(int(precision), int(scale or 0))
    raise ValueError(kind)


def batch(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """Rows of a driver as an Arrow batch.

    Raises:
        ValueError: a value does not fit its column exactly; the message names column and value.
    """
    arrays = []
    for column, values in zip(columns, zip(*rows, strict=True) if rows else [()] * len(columns), strict=True):
        kind = arrow_type(column.type)
        try:
            arrays.append(pa.array(values, kind))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            # Not what the driver should give for this type: value by value, which can also say which one is wrong.
            arrays.append(pa.array([_fitted(column, value) for value in values], kind))
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])


def _fitted(column: Column, value: Any) -> Any:
    if value is None:
        return None
    word = "DECIMAL" if column.type.startswith("DECIMAL") else column.type
    try:
        fitted = FITTED[word](value)
        if fitted is not None:
            pa.scalar(fitted, arrow_type(column.type))
            return fitted
    except (ValueError, TypeError, OverflowError, InvalidOperation, pa.ArrowException):
        pass  # Told below, in one sentence, whatever was wrong with it.
    raise ValueError(f"{column.source_name}: {value!r} is no {column.type}")


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, float):
        # SQLite keeps decimals as binary doubles; 15 digits of them are what somebody wrote.
        return Decimal(format(value, ".15g")) if math.isfinite(value) else None
    return Decimal(value) if isinstance(value, int | str | Decimal) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value)
    return int(value) if value == int(value) else None


def _boolean(value: Any) -> bool | None:
    words = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True, b"\0": False, b"\1": True}
    return words.get(value.lower() if isinstance(value, str) else value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dt.timedelta):
        seconds = int(value.total_seconds())
        sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
        return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, set | frozenset):
        return ",".join(sorted(value))
    return str(value)


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    return value if isinstance(value, dt.datetime) else None


def _aware(value: Any) -> dt.datetime | None:
    moment = _moment(value)
    return moment.replace(tzinfo=dt.UTC) if moment and moment.tzinfo is None else moment


def _date(value: Any) -> dt.date | None:
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    return value if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else None


def _double(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal | str) else None


def _blob(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


FITTED: dict[str, Callable[[Any], Any]] = {
    "BIGINT": _integer, "DECIMAL": _decimal, "DOUBLE": _double, "BOOLEAN": _boolean, "DATE": _date, "VARCHAR": _text,
    "TIMESTAMP": _moment, "TIMESTAMPTZ": _aware, "BLOB": _blob,
}  # fmt: skip
