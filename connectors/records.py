"""JSON objects as rows: numbers exact, nested objects as columns, lists as JSON text. For JSON Lines files and for APIs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa


class Number(str):
    """A JSON number as it was written: a binary double would lose its last digits."""

    __slots__ = ()


def parse(text: str | bytes) -> Any:
    """JSON with its numbers as `Number`.

    Raises:
        ValueError: it is no JSON; NaN and Infinity are none.
    """
    return json.loads(text, parse_float=_number, parse_int=Number, parse_constant=_refuse)


def _number(text: str) -> Number:
    if "e" not in text.lower():
        return Number(text)
    exact = Decimal(text)
    # 1e5 is 100000, but 1e400 is not written out.
    return Number(format(exact, "f") if abs(exact.adjusted()) < 40 else text)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def dump(value: Any) -> str:
    """JSON text again, with numbers as they were."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{dump(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def at(value: Any, path: str) -> Any:
    """What lies at a dotted path (`data.items`, `data.0.id`); None where nothing does, the value itself for an empty path."""
    for word in filter(None, path.split(".")):
        if isinstance(value, Mapping):
            value = value.get(word)
        elif isinstance(value, list) and word.isdigit() and int(word) < len(value):
            value = value[int(word)]
        else:
            return None
    return value


def flat(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | None, bool]]:
    """(dotted name, text, whether it is a string in JSON) of each leaf."""
    for name, value in record.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | Mapping):
            yield f"{prefix}{name}", dump(value), True
        elif isinstance(value, bool):
            yield f"{prefix}{name}", "true" if value else "false", False
        else:
            yield f"{prefix}{name}", value, isinstance(value, str) and not isinstance(value, Number)


def table(records: Sequence[Mapping[str, Any]]) -> tuple[list[str], pa.Table, frozenset[int]]:
    """Headings in the order of their first appearance, rows as columns c0, c1, … of text, and the places of text columns.

    A record that lacks a column has NULL there.
    """
    places: dict[str, int] = {}
    columns: list[list[str | None]] = []
    texts: set[int] = set()
    for number, record in enumerate(records):
        for name, text, is_text in flat(record):
            place = places.setdefault(name, len(places))
            if place == len(columns):
                columns.append([])
            column = columns[place]
            column.extend([None] * (number - len(column)))
            column.append(text)
            if is_text:
                texts.add(place)
    for column in columns:
        column.extend([None] * (len(records) - len(column)))
    arrays = [pa.array(column, pa.string()) for column in columns]
    return list(places), pa.table(arrays, names=[f"c{place}" for place in range(len(places))]), frozenset(texts)
