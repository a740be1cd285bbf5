"""Contracts: the columns and types that a table had when it was first loaded, and what happens when they change.

| policy       | new column       | wider type    | type that does not fit    | column gone |
|--------------|------------------|---------------|---------------------------|-------------|
| `evolve`     | comes in         | table grows   | load stops                | load stops  |
| `freeze`     | load stops       | load stops    | load stops                | load stops  |
| `quarantine` | left out, told   | rows wait     | rows wait                 | load stops  |

A narrower type that arrives (all amounts whole today) is read as what was agreed. The contract as loaded is kept beside
the register of sources; a change that somebody accepts is a line in `contracts/<source>.yml`, under version control,
and goes before it: `table: {column: TYPE}`, or `column: gone`.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from gettext import gettext as _
from pathlib import Path

import yaml

import hub_settings
from connectors.base import Column, SourceError

GONE = "gone"
# The type of a column that never held a value: any that comes is right.
UNKNOWN = "UNKNOWN"
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
HEADER = (
    "# Changes of shape of this source's tables that somebody looked at and accepted.\n"
    "# `hub source accept` writes here, and so may you: table: {column: TYPE}, or column: gone.\n"
)


@dataclass(frozen=True)
class Agreement:
    """How a table that arrived is to be loaded.

    Attributes:
        columns: what is loaded, with the types in the lake.
        misfits: column → the type that its values must have, where rows that do not fit wait in quarantine.
        notes: sentences about what changed and was let in, or left out.
    """

    columns: tuple[Column, ...]
    misfits: Mapping[str, str]
    notes: tuple[str, ...] = ()


def folder() -> Path:
    """Where accepted changes are kept; HUB_CONTRACTS names another place than the checkout."""
    return Path(os.environ.get("HUB_CONTRACTS") or hub_settings.ROOT / "pipelines" / "contracts")


def accepted(source: str) -> dict[str, dict[str, str]]:
    """table → column → type or `gone`, as accepted for this source.

    Raises:
        SourceError: the file is not of that shape.
    """
    file = folder() / f"{source}.yml"
    if not file.exists():
        return {}
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return {table: {column: str(kind) for column, kind in columns.items()} for table, columns in found.items()}
    except (yaml.YAMLError, AttributeError) as error:
        raise SourceError(_("{file} cannot be read: {error}").format(file=file, error=error)) from error


def accept(source: str, table: str, changes: Mapping[str, str]) -> Path:
    """Write accepted changes into the file of the source; gives the file."""
    lines = accepted(source)
    lines.setdefault(table, {}).update(changes)
    file = folder() / f"{source}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    body = yaml.safe_dump(lines, allow_unicode=True, sort_keys=True, default_flow_style=False)
    fresh = file.with_suffix(".tmp")
    fresh.write_text(HEADER + body, encoding="utf-8")
    fresh.replace(file)
    return file


def in_force(recorded: Mapping[str, str], lines: Mapping[str, str]) -> dict[str, str]:
    """Column → type: what was recorded, with what was accepted put over it."""
    return {column: kind for column, kind in {**recorded, **lines}.items() if kind != GONE}


def agree(
    source: str,
    table: str,
    policy: str,
    contract: Mapping[str, str],
    arrived: Sequence[Column],
    empty: frozenset[str],
    sparse: bool = False,
) -> Agreement:
    """What a contract makes of a table that arrived.

    Args:
        contract: column → type in force; empty where the table was never loaded.
        empty: columns of `arrived` that hold no value.
        sparse: a column that did not arrive is empty and not gone.

    Raises:
        SourceError: the table changed in a way that the policy stops; says what, and how to accept it.
    """
    if not contract:
        return Agreement(tuple(arrived), {})
    columns: list[Column] = []
    misfits: dict[str, str] = {}
    stops: list[tuple[str, str, str]] = []
    notes: list[str] = []
    for column in arrived:
        agreed = contract.get(column.name)
        if agreed is None:
            if policy == "freeze":
                stops.append(
                    (
                        column.name,
                        column.type,
                        _("{column} ({type}) is new").format(column=column.name, type=column.type),
                    )
                )
            elif policy == "quarantine":
                notes.append(_("{table}: new column {column} is left out").format(table=table, column=column.name))
            else:
                notes.append(_("{table}: new column {column}").format(table=table, column=column.name))
                columns.append(column)
            continue
        kind = _together(agreed, UNKNOWN if column.name in empty else column.type)
        if kind == agreed:
            columns.append(replace(column, type=agreed if agreed != UNKNOWN else "VARCHAR"))
        elif kind is not None and (policy == "evolve" or agreed == UNKNOWN):
            if agreed != UNKNOWN:
                notes.append(
                    _("{table}: {column} was {old}, is {new}").format(
                        table=table, column=column.name, old=agreed, new=kind
                    )
                )
            columns.append(replace(column, type=kind))
        elif policy == "quarantine":
            misfits[column.name] = agreed
            columns.append(replace(column, type=agreed))
        else:
            said = _("{column} was {old} and comes as {new}").format(column=column.name, old=agreed, new=column.type)
            stops.append((column.name, column.type, said))
    present = {column.name for column in arrived}
    if sparse:
        columns += [
            Column(name, kind if kind != UNKNOWN else "VARCHAR", name)
            for name, kind in contract.items()
            if name not in present
        ]
        columns.sort(key=lambda column: [*contract, column.name].index(column.name))
        present |= set(contract)
    stops += [(name, GONE, _("{column} is gone").format(column=name)) for name in contract if name not in present]
    if stops:
        raise SourceError(_stopped(source, table, stops))
    return Agreement(tuple(columns), misfits, tuple(notes))


def _stopped(source: str, table: str, stops: Sequence[tuple[str, str, str]]) -> str:
    accepting = " ".join(f"'{name}={kind}'" for name, kind, _said in stops)
    return _(
        "raw_{source}.{table} has changed its shape: {changes}. Nothing was loaded. Correct it at the source; or, if it is "
        "meant: hub source accept {source} {table} {accepting}"
    ).format(source=source, table=table, changes="; ".join(said for _n, _k, said in stops), accepting=accepting)


def _together(agreed: str, arrived: str) -> str | None:
    """The narrowest type that holds values of both exactly; None where only text would."""
    if agreed == arrived or arrived == UNKNOWN:
        return agreed
    if agreed == UNKNOWN:
        return arrived
    if agreed == "VARCHAR":
        return agreed
    pair = {agreed, arrived}
    if pair == {"DATE", "TIMESTAMP"}:
        return "TIMESTAMP"
    numbers = [_digits(kind) for kind in (agreed, arrived)]
    if None in numbers:
        return None
    (whole, decimals), (other_whole, other_decimals) = numbers
    scale = max(decimals, other_decimals)
    if "BIGINT" in pair:
        # Whole numbers were inferred or declared wide; what is in them is tried when they are cast.
        kept = next(kind for kind in pair if kind != "BIGINT")
        return agreed if kept == agreed else kept
    inferred = {int(DECIMAL.fullmatch(kind)[1]) for kind in pair} <= {18, 38}
    if inferred and scale == decimals and whole + decimals >= other_whole + other_decimals:
        # Precisions of 18 and 38 are room, not what was seen: what does not fit after all fails when it is cast.
        return agreed
    needed = max(whole, other_whole) + scale
    if inferred:
        needed = 18 if needed <= 18 else 38
    kind = f"DECIMAL({needed},{scale})"
    return agreed if (whole, decimals) == (needed - scale, scale) else kind if needed <= 38 else None


def _digits(kind: str) -> tuple[int, int] | None:
    """Digits before and after the point of an exact number's type."""
    if kind == "BIGINT":
        return 18, 0
    found = DECIMAL.fullmatch(kind)
    return (int(found[1]) - int(found[2]), int(found[2])) if found else None
