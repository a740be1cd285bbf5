"""Rows that are held back: why, whose they are, and what becomes of them.

A row of an outside source that breaks a rule is not written; it waits here, whole, with the reason. What was known of
its key before stays as it was. From then on:

- corrected at the source, it comes in with the next load, and the entry is `resolved` by itself;
- `release` writes it as it is, and lets the very same row pass from now on;
- `discard` keeps it out, and says no more about the very same row.

An entry lies in the lake where all of its row may be seen: the encrypted one, where any part of it is confidential.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from gettext import gettext as _
from typing import Any

import duckdb

import hub_settings
from connectors.base import BOOKKEEPING, Column, Source, SourceError, open_source
from pipelines import lake, load_record, sources
from pipelines.lake import identifier, quoted
from pipelines.load_delta import write_table
from pipelines.load_rules import Hold

# Entries are numbered from the load on that held them; no load holds more rows than this.
MOST_HELD = 1_000_000
WAITING, RELEASED, DISCARDED, RESOLVED = "waiting", "released", "discarded", "resolved"
NAMED = ("quarantine_id", "source", "table_name", "load_id", "row_key", "origin", "reason", "is_misfit", "owner", "row_text",
         "row_hash", "state", "held_at", "decided_at", "decided_by")  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A row that is or was held back; `row` is its columns as text."""

    quarantine_id: int
    source: str
    table_name: str
    load_id: int
    row_key: str
    origin: str
    reason: str
    is_misfit: bool
    owner: str
    row: Mapping[str, str | None]
    state: str
    held_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    catalog: str


def aside(name: str) -> str:
    """Name of the temporary table with the held rows of a staged one."""
    return f"_held{name}"


def key_rules(key: Sequence[str], name: str) -> list[Hold]:
    """Rows whose key is none: empty, or there more than once (none of those is known to be the right one)."""
    if not key:
        return []
    listed = ", ".join(map(identifier, key))
    missing = " OR ".join(f"{identifier(column)} IS NULL" for column in key)
    twice = f"({listed}) IN (SELECT {listed} FROM {name} GROUP BY {listed} HAVING count(*) > 1)"
    said = ", ".join(key)
    return [
        Hold(f"{said}: key is empty", f"({missing})", misfit=True),
        Hold(f"{said}: key is not unique", twice, misfit=True),
    ]


def flagged(flag: str, types: Mapping[str, str]) -> str:
    """SQL: the flag column says that the row is gone: true, a time, a number other than 0, or a word other than no."""
    column, kind = identifier(flag), types[flag]
    if kind == "BOOLEAN":
        return f"coalesce({column}, false)"
    if kind in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"):
        return f"{column} IS NOT NULL"
    return f"coalesce(lower(CAST({column} AS VARCHAR)) NOT IN ('', '0', 'n', 'no', 'f', 'false'), false)"


def set_aside(
    con: duckdb.DuckDBPyConnection, source: str, table: str, name: str, columns: Sequence[str], rules: Sequence[Hold]
) -> int:
    """Move the rows that break a rule out of a staged table into `aside(name)`; gives how many wait.

    A row that was released stays; one that was discarded goes, and is not told again.
    """
    if not rules:
        return 0
    reasons = ", ".join(f"CASE WHEN {rule.broken} THEN {quoted(rule.reason)} END" for rule in rules)
    misfit = " OR ".join(rule.broken for rule in rules if rule.misfit) or "false"
    text = f"to_json({{{', '.join(f'{quoted(c)}: CAST({identifier(c)} AS VARCHAR)' for c in columns)}}})"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {aside(name)} AS SELECT *, concat_ws('; ', {reasons}) AS _reason, {misfit} AS _misfit, "
        f"CAST({text} AS VARCHAR) AS _row FROM {name} WHERE {' OR '.join(rule.broken for rule in rules)}"
    )
    if not con.execute(f"SELECT count(*) FROM {aside(name)}").fetchone()[0]:
        return 0
    if not _has_function(con):
        con.create_function("hub_row_hash", _hash, ["VARCHAR"], "VARCHAR")
    con.execute(f"ALTER TABLE {aside(name)} ADD COLUMN _hash VARCHAR")
    con.execute(f"UPDATE {aside(name)} SET _hash = hub_row_hash(_row)")
    decided = " UNION ALL ".join(
        f"SELECT row_hash FROM {catalog}.meta.quarantine WHERE source = {quoted(source)} AND table_name = {quoted(table)} "
        f"AND state = '{RELEASED}'"
        for catalog in ("lake", "confidential")
    )
    con.execute(f"DELETE FROM {aside(name)} WHERE NOT _misfit AND _hash IN ({decided})")
    con.execute(f"DELETE FROM {name} WHERE _source_row IN (SELECT _source_row FROM {aside(name)})")
    return con.execute(f"SELECT count(*) FROM {aside(name)}").fetchone()[0]


def _has_function(con: duckdb.DuckDBPyConnection) -> bool:
    return bool(con.execute("SELECT 1 FROM duckdb_functions() WHERE function_name = 'hub_row_hash'").fetchone())


def _hash(row: str) -> str:
    # Keyed: a plain hash beside the public rows would let a reader try out what a row held.
    return hmac.new(hub_settings.secret("load-fingerprint").encode(), row.encode(), hashlib.sha256).hexdigest()


def record(
    con: duckdb.DuckDBPyConnection, catalog: str, source: str, table: str, load_id: int, staged: Any, owner: str
) -> None:
    """Keep the held rows of a load, and close entries whose row came again and was right; in the caller's transaction."""
    place = f"{catalog}.meta.quarantine"
    mine = f"source = {quoted(source)} AND table_name = {quoted(table)}"
    there = con.execute(f"SELECT count(*) FROM {place} WHERE {mine} AND state = '{WAITING}'").fetchone()[0]
    now = datetime.now(UTC)
    key = staged.data.ref.options.key
    spelt = f"concat_ws(' ', {', '.join(f'CAST({identifier(k)} AS VARCHAR)' for k in key)})" if key else "''"
    if there:
        still = f"row_hash IN (SELECT _hash FROM {staged.held})" if staged.held else "false"
        again = "true" if staged.data.complete else f"row_key IN (SELECT {spelt} FROM {staged.name})"
        if staged.held and not staged.data.complete:
            again += f" OR row_key IN (SELECT {spelt} FROM {staged.held})"
        con.execute(
            f"UPDATE {place} SET state = '{RESOLVED}', decided_at = ?, decided_by = 'load' "
            f"WHERE {mine} AND state = '{WAITING}' AND NOT ({still}) AND ({again})",
            [now],
        )
    if staged.held:
        known = f"SELECT row_hash FROM {place} WHERE {mine} AND state IN ('{WAITING}', '{DISCARDED}')"
        con.execute(
            f"""
            INSERT INTO {place} ({", ".join(NAMED)})
            SELECT {load_id * MOST_HELD} + row_number() OVER (ORDER BY _source_row), ?, ?, ?, {spelt},
                concat(_source_file, ' ', _source_row), _reason, _misfit, ?, _row, _hash, '{WAITING}', ?, NULL, NULL
            FROM {staged.held} WHERE _hash NOT IN ({known})
            """,
            [source, table, load_id, owner, now],
        )


def entries(*, source: str | None = None, state: str | None = WAITING, limit: int = 1000) -> list[Entry]:
    """Entries of both lakes, the oldest first.

    Args:
        source: only of this source.
        state: only in this state; None for all.
        limit: at most so many.
    """
    with lake.connect(confidential=True) as con:
        found = [entry for catalog in ("lake", "confidential") for entry in _read(con, catalog, source, state)]
    return sorted(found, key=lambda entry: entry.quarantine_id)[:limit]


def _read(con: duckdb.DuckDBPyConnection, catalog: str, source: str | None, state: str | None) -> list[Entry]:
    where = [f"source = {quoted(source)}"] if source else []
    where += [f"state = {quoted(state)}"] if state else []
    rows = con.execute(
        f"SELECT {', '.join(NAMED)} FROM {catalog}.meta.quarantine {'WHERE ' + ' AND '.join(where) if where else ''}"
    ).fetchall()
    found = [dict(zip(NAMED, row, strict=True)) for row in rows]
    return [
        Entry(row=json.loads(one.pop("row_text")), catalog=catalog, **{k: v for k, v in one.items() if k != "row_hash"})
        for one in found
    ]


def get(number: int) -> Entry:
    """The entry of that number.

    Raises:
        SourceError: there is none.
    """
    for entry in entries(state=None, limit=10**9):
        if entry.quarantine_id == number:
            return entry
    raise SourceError(
        _("There is no row {number} in quarantine; hub quarantine list shows them.").format(number=number)
    )


def discard(number: int, by: str) -> Entry:
    """Keep a waiting row out for good, as long as it stays the same at its source."""
    return _decide(number, by, DISCARDED)


def release(number: int, by: str) -> Entry:
    """Write a waiting row as it is, and let it pass from now on.

    Raises:
        SourceError: it does not wait, or it does not fit its columns or its key, so that nothing could hold it.
    """
    entry = get(number)
    if entry.is_misfit:
        raise SourceError(
            _("Row {number} cannot be written as it is ({reason}): correct it at its source, or accept another type "
              "(hub source accept).").format(number=number, reason=entry.reason)
        )  # fmt: skip
    return _decide(number, by, RELEASED)


def _decide(number: int, by: str, state: str) -> Entry:
    with lake.lock("raw"):
        entry = get(number)
        if entry.state != WAITING:
            raise SourceError(
                _("Row {number} does not wait any more: it was {state} by {by}.").format(
                    number=number, state=entry.state, by=entry.decided_by
                )
            )
        with lake.connect(writer=True, confidential=True) as con:
            if state == RELEASED:
                _replay(con, entry)
            con.execute(
                f"UPDATE {entry.catalog}.meta.quarantine SET state = ?, decided_at = ?, decided_by = ? WHERE quarantine_id = ?",
                [state, datetime.now(UTC), by, number],
            )
    return get(number)


def _replay(con: duckdb.DuckDBPyConnection, entry: Entry) -> None:
    """The row into the tables that it belongs into, by key where there is one; a crash in between is done again."""
    schema = f"raw_{entry.source}"
    load_id, started_at = lake.next_load_id(), datetime.now(UTC)
    key = _key_of(sources.get(entry.source), entry.table_name)
    for catalog in ("confidential", "lake"):
        there = con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE (database_name, schema_name, table_name) = (?, ?, ?) "
            "ORDER BY column_index",
            [catalog, schema, entry.table_name],
        ).fetchall()
        columns = [Column(name, kind, name) for name, kind in there if name not in BOOKKEEPING]
        if not columns:
            continue
        values = ", ".join(f"CAST(? AS {column.type}) AS {identifier(column.name)}" for column in columns)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE _released AS SELECT {values}, ? AS _source_file, 1::BIGINT AS _source_row",
            [*(entry.row.get(column.name) for column in columns), _("released from quarantine")],
        )
        with lake.transaction(con):
            counts = write_table(
                con, catalog, schema, entry.table_name, columns, key, "_released", load_id, gone="false", complete=False
            )
            told = load_record.result(catalog, schema, entry.table_name, "released", counts, Decimal("0.000"))
            load_record.write(con, entry.source, catalog, load_id, started_at, "released", [told], {})


def _key_of(source: Source, table: str) -> tuple[str, ...]:
    return next((ref.options.key for ref in open_source(source).tables() if ref.name == table), ())
