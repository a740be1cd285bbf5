"""A table of a source on its way into the lake: read, held against its contract and its rules, and still nowhere to see.

What comes out is a temporary table of rows that may be written, another of rows that wait, and a statement of which
rows of the lake are gone.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from gettext import gettext as _
from typing import Any

import duckdb

from connectors.base import Column, Connector, Source, SourceError, TableData, TableRef
from pipelines import backfill, contracts, load_rules, quarantine
from pipelines.lake import identifier
from pipelines.source_state import Remembered


@dataclass(frozen=True)
class Staged:
    """A table that was read.

    Attributes:
        name: temporary table with `data.columns`, `_source_file` and `_source_row`.
        gone: SQL about a row of the lake that did not arrive: whether it is gone from the source.
        held: temporary table with the rows that wait, and why; empty where none does.
        contract: column → type, as from now on.
    """

    name: str
    data: TableData
    gone: str
    held: str
    held_rows: int
    contract: Mapping[str, str]
    notes: tuple[str, ...]
    seconds: float


def stage(
    con: duckdb.DuckDBPyConnection,
    connector: Connector,
    source: Source,
    ref: TableRef,
    name: str,
    *,
    settings: str,
    remembered: Remembered | None,
    state: Mapping[str, Any] | None,
) -> Staged:
    """Read a table into temporary ones and hold it against its contract, its rules and its key.

    Args:
        name: of the temporary table.
        settings: fingerprint of its options.
        remembered: what the last load left.
        state: how far it was read; None to read everything.

    Raises:
        SourceError: it cannot be read, has changed its shape, or its key is none.
    """
    begin = time.monotonic()
    lines = contracts.accepted(source.name).get(ref.name, {})
    contract = contracts.in_force(remembered.contract if remembered else {}, lines) if remembered else {}
    data = _arrive(con, connector, source, _as_agreed(ref, contract), name, settings, state)
    policy = ref.options.contract
    empty = _empty(con, name, data.columns)
    agreement = contracts.agree(source.name, ref.name, policy, contract, data.columns, empty, data.sparse)
    there = {column.name for column in data.columns}
    rules = list(load_rules.holds(con, f"raw_{source.name}.{ref.name}", ref.options.expect, agreement.misfits, there))
    rules += quarantine.key_rules(ref.options.key, name) if policy == "quarantine" else []
    held_rows = quarantine.set_aside(con, source.name, ref.name, name, [column.name for column in data.columns], rules)
    held = quarantine.aside(name) if held_rows else ""
    gone = _gone(con, ref, name, data, held, contract)
    _cast(con, ref, name, data.columns, agreement.columns)
    _check_key(con, ref, name)
    types = {one.name: contracts.UNKNOWN if one.name in empty and contract.get(one.name, contracts.UNKNOWN) == contracts.UNKNOWN
             else one.type for one in agreement.columns}  # fmt: skip
    return Staged(
        f"temp.main.{name}", replace(data, ref=ref, relation=None, columns=agreement.columns), gone, held, held_rows,
        types, (*data.notes, *agreement.notes), time.monotonic() - begin,
    )  # fmt: skip


def _as_agreed(ref: TableRef, contract: Mapping[str, str]) -> TableRef:
    """Columns that are text by contract arrive as text, whatever today's values look like."""
    texts = {column: "VARCHAR" for column, kind in contract.items() if kind == "VARCHAR"}
    return replace(ref, options=replace(ref.options, types={**texts, **ref.options.types}))


def _arrive(
    con: duckdb.DuckDBPyConnection, connector: Connector, source: Source, ref: TableRef, name: str, settings: str,
    state: Mapping[str, Any] | None,
) -> TableData:  # fmt: skip
    try:
        if ref.options.chunk_rows and not state:
            data = backfill.read(con, connector, ref, source.name, settings)
        else:
            data = connector.read(con, ref, state)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {data.relation.sql_query()}")
    except duckdb.Error as error:
        # The reader of a driver's rows runs inside DuckDB: its sentence comes wrapped in DuckDB's.
        said = str(error).strip().splitlines()
        sentence = next((line for line in reversed(said) if line.strip()), str(error)).partition("SourceError: ")
        raise SourceError(
            _("{origin} cannot be read: {error} Nothing was loaded.").format(
                origin=ref.origin, error=sentence[2] or said[0]
            )
        ) from error
    return data


def _empty(con: duckdb.DuckDBPyConnection, name: str, columns: Sequence[Column]) -> frozenset[str]:
    """Text columns without any value: their type is not known yet."""
    texts = [column.name for column in columns if column.type == "VARCHAR"]
    if not texts:
        return frozenset()
    counts = con.execute(f"SELECT {', '.join(f'count({identifier(text)})' for text in texts)} FROM {name}").fetchone()
    return frozenset(text for text, count in zip(texts, counts, strict=True) if count == 0)


def _gone(
    con: duckdb.DuckDBPyConnection, ref: TableRef, name: str, data: TableData, held: str, contract: Mapping[str, str]
) -> str:
    """SQL about a row of the lake that did not arrive: whether it is gone. Takes rows that are flagged as gone away."""
    key = ref.options.key
    parts: list[str] = ["true"] if data.complete else []
    if ref.options.deletes and not key:
        raise SourceError(_("{table} has no key to find deleted rows by: name one.").format(table=ref.name))
    listed = ", ".join(map(identifier, key))
    # What arrived is compared with the lake's rows in the lake's types.
    kinds = {column: kind for column, kind in contract.items() if kind != contracts.UNKNOWN}
    casts = ", ".join(
        f"try_cast({identifier(k)} AS {kinds[k]}) AS {identifier(k)}" if k in kinds else identifier(k) for k in key
    )
    if ref.options.deletes == "flag":
        flagged = f"_flagged{name}"
        deleted = quarantine.flagged(ref.options.flag, {column.name: column.type for column in data.columns})
        con.execute(f"CREATE OR REPLACE TEMP TABLE {flagged} AS SELECT {casts} FROM {name} WHERE {deleted}")
        con.execute(f"DELETE FROM {name} WHERE {deleted}")
        parts.append(f"({listed}) IN (SELECT {listed} FROM {flagged})")
    if data.scope and not data.complete:
        parts.append(f"({data.scope})")
    if data.keys and not data.complete:
        present = f"_present{name}"
        con.execute(f"CREATE OR REPLACE TEMP TABLE {present} AS SELECT {casts} FROM ({data.keys})")
        parts.append(f"({listed}) NOT IN (SELECT {listed} FROM {present})")
    gone = " OR ".join(parts) or "false"
    if held and key and gone != "false":
        # A row that waits is not gone: what was known of it before stays.
        gone = f"({gone}) AND ({listed}) NOT IN (SELECT {casts} FROM {held})"
    return gone


def _cast(
    con: duckdb.DuckDBPyConnection, ref: TableRef, name: str, arrived: Sequence[Column], wanted: Sequence[Column]
) -> None:
    """Give the rows the types of their contract, where they came with others."""
    if [(one.name, one.type) for one in arrived] == [(one.name, one.type) for one in wanted]:
        return
    types = {one.name: one.type for one in arrived}
    listed = ", ".join(
        f"CAST(NULL AS {one.type}) AS {identifier(one.name)}"
        if one.name not in types
        else f"CAST({identifier(one.name)} AS {one.type}) AS {identifier(one.name)}" if types[one.name] != one.type
        else identifier(one.name)
        for one in wanted
    )  # fmt: skip
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE _agreed AS SELECT {listed}, _source_file, _source_row FROM {name}")
    except duckdb.ConversionException as error:
        raise SourceError(
            _(
                "{table}: a value is too large for its column ({error}). Accept a wider type, or correct it. Nothing was loaded."
            ).format(table=ref.name, error=str(error).strip().splitlines()[0])
        ) from error
    con.execute(f"DROP TABLE {name}")
    con.execute(f"ALTER TABLE temp.main._agreed RENAME TO {name}")


def _check_key(con: duckdb.DuckDBPyConnection, ref: TableRef, name: str) -> None:
    key = ref.options.key
    if not key:
        return
    columns = ", ".join(map(identifier, key))
    missing = " OR ".join(f"{identifier(column)} IS NULL" for column in key)
    empty = con.execute(f"SELECT min(_source_row) FROM temp.main.{name} WHERE {missing}").fetchone()[0]
    if empty is not None:
        raise SourceError(
            _("{origin}, row {row}: the key ({key}) is empty. Nothing was loaded.").format(
                origin=ref.origin, row=empty, key=", ".join(key)
            )
        )
    twice = con.execute(
        f"SELECT min(_source_row), max(_source_row) FROM temp.main.{name} GROUP BY {columns} HAVING count(*) > 1 "
        "ORDER BY 1 LIMIT 1"
    ).fetchone()
    if twice is not None:
        raise SourceError(
            _("{origin}: rows {one} and {other} have the same key ({key}). Nothing was loaded.").format(
                origin=ref.origin, one=twice[0], other=twice[1], key=", ".join(key)
            )
        )


def check_vanishing(
    con: duckdb.DuckDBPyConnection, source: Source, place: str, rows: int, staged: Staged, least: int = 100
) -> None:
    """Stop a load by which a great part of a table would vanish: a source that is half there looks like that.

    Raises:
        SourceError: it would; says how many, and how to do it if it is meant.
    """
    options = staged.data.ref.options
    if staged.gone == "false" or rows < least:
        return
    if options.key:
        listed = ", ".join(map(identifier, options.key))
        vanishing = con.execute(
            f"SELECT count(*) FROM {place} WHERE ({staged.gone}) "
            f"AND ({listed}) NOT IN (SELECT {listed} FROM {staged.name})"
        ).fetchone()[0]
    else:
        vanishing = rows - con.execute(f"SELECT count(*) FROM {staged.name}").fetchone()[0]
    if vanishing >= least and vanishing * 100 > rows * options.vanish_percent:
        raise SourceError(
            _(
                "{table}: {count} of {rows} rows would vanish, more than {percent} %. Nothing was loaded. See whether the "
                "source is whole; if it is meant: hub sync {source} --accept-deletes"
            ).format(
                table=staged.data.ref.name,
                count=vanishing,
                rows=rows,
                percent=options.vanish_percent,
                source=source.name,
            )
        )
