"""Outside sources into the lake: the whole source is read, what is different is written, in one transaction per lake.

A table whose fingerprint was loaded before is skipped. Any other is read, checked (its key must be one) and compared
with what the lake holds: by key where one is known, else by whole rows. Only rows that are new or different are
written, so `_load_id` on a row names the load that brought this version of it, and `meta.load.started_at` is when we
came to know it.

A table that can say what is new is read by that (see connectors.base.TableOptions): then only rows that came are
compared, and what is gone is what a flag, a sweep of all keys or a block of keys says. How far each table was read is
remembered after both lakes have committed.

Confidential columns go to a table of the same name in the encrypted lake, with the key; the public table lacks them.
Every table is read and checked before anything is written: a bad file loads nothing. Then the confidential lake
commits, then the public one, each with its rows, its load record and its fingerprints. A crash between the two leaves
the public fingerprints old: the next load finds the confidential rows in place and completes the rest.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from gettext import gettext as _
from typing import Any

import duckdb

import hub_settings
from connectors.base import Column, Source, SourceError, TableData, TableRef, open_source
from pipelines import backfill, lake, load_record, quarantine, source_state, sources
from pipelines.load_delta import Counts, write_table
from pipelines.load_record import TableResult
from pipelines.load_stage import Staged, check_vanishing, stage
from pipelines.source_state import Remembered

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class _Part:
    """The share of a source table that belongs into one lake."""

    catalog: str
    ref: TableRef
    fingerprint: str
    settings: str
    known: tuple[str, int] | None  # fingerprint and rows of the last load; None if it was never loaded

    def is_current(self) -> bool:
        """Whether the source says that nothing has changed since the last load."""
        return self.ref.fingerprint is not None and self.known is not None and self.known[0] == self.fingerprint


def load_source(
    name: str,
    *,
    full: bool = False,
    accept_deletes: bool = False,
    progress: Progress | None = None,
    wait_seconds: float = 600,
) -> list[TableResult]:
    """Bring a registered source into `raw_<name>`.

    Args:
        name: of the source.
        full: read every table whole, also unchanged ones, and drop those that the source no longer has.
        accept_deletes: let a great part of a table vanish, if that is what the source says.
        wait_seconds: for another load to end.
        progress: called with (tables done, tables in all, the table at work) as tables are read.

    Raises:
        SourceError: it cannot be read, changed its shape, a key is not unique, too much would vanish, or a table that
            was loaded is gone; nothing was written.
        LakeBusy: another load holds the raw layer.
    """
    source = sources.get(name)
    with lake.lock("raw", wait_seconds=wait_seconds), lake.connect(writer=True, confidential=True) as con:
        load_id = lake.next_load_id()
        started_at = datetime.now(UTC)
        connector = open_source(source)
        refs = connector.tables()
        known = {catalog: _known(con, catalog, source) for catalog in ("confidential", "lake")}
        remembered = source_state.read(source.name)
        parts = [part for ref in refs for part in _parts(ref, known)]
        gone = _gone(source, parts, known, {ref.name for ref in refs}, full=full)
        work = [part for part in parts if full or not part.is_current()]

        staged: dict[str, Staged] = {}
        wanted = sorted({part.ref.name: part for part in work}.items())
        for done, (table, part) in enumerate(wanted):
            if progress:
                progress(done, len(wanted), table)
            before = remembered.get(table)
            state = None if full else _state(before, part, [one for one in parts if one.ref.name == table])
            staged[table] = stage(
                con,
                connector,
                source,
                part.ref,
                f"_incoming_{done}",
                settings=part.settings,
                remembered=before,
                state=state,
            )
        if progress:
            progress(len(wanted), len(wanted), "")
        if not accept_deletes:
            for part in work:
                if part.known:
                    check_vanishing(con, source, _place(source, part), part.known[1], staged[part.ref.name])

        results: list[TableResult] = []
        kind = "full" if all(one.data.complete for one in staged.values()) else "changes"
        for catalog in ("confidential", "lake"):
            mine = [part for part in parts if part.catalog == catalog]
            leaving = [table for gone_catalog, table in gone if gone_catalog == catalog]
            if mine or leaving:
                with lake.transaction(con):
                    written = [_write(con, source, part, staged if part in work else {}, load_id) for part in mine]
                    written += [_drop(con, source, catalog, table) for table in leaving]
                    fingerprints = {part.ref.name: part.fingerprint for part in mine}
                    load_record.write(con, source.name, catalog, load_id, started_at, kind, written, fingerprints)
                results += written
        _remember(source, load_id, dict(wanted), staged, sorted({table for _catalog, table in gone}))
        return results


def _place(source: Source, part: _Part) -> str:
    return f"{part.catalog}.{lake.identifier(f'raw_{source.name}')}.{lake.identifier(part.ref.name)}"


def _state(before: Remembered | None, part: _Part, parts: list[_Part]) -> Mapping[str, Any] | None:
    """How far a table was read; None where that cannot be relied on: other options, or the lake lacks the table."""
    if before is None or before.settings != part.settings or any(one.known is None for one in parts):
        return None
    return before.state or None


def _remember(
    source: Source, load_id: int, parts: Mapping[str, _Part], staged: Mapping[str, Staged], gone: list[str]
) -> None:
    """Keep how far each table was read, now that its rows are there, and drop the blocks of first loads."""
    source_state.write(
        source.name,
        {
            table: Remembered(
                load_id, parts[table].settings, one.contract, one.data.state or {}, one.data.ref.options.key
            )
            for table, one in staged.items()
        },
    )
    source_state.forget(source.name, [table for table in gone if table not in staged])
    for table in staged:
        backfill.forget(source.name, table)


def _known(con: duckdb.DuckDBPyConnection, catalog: str, source: Source) -> dict[str, tuple[str, int]]:
    """Table → (fingerprint, rows) of its last load, for tables that are there."""
    rows = con.execute(
        "SELECT table_name, arg_max(content_hash, load_id), arg_max(rows_after, load_id) "
        f"FROM {catalog}.meta.load_table WHERE source = ? GROUP BY table_name "
        "HAVING arg_max(status, load_id) <> 'removed'",
        (source.name,),
    ).fetchall()
    return {table: (fingerprint, count) for table, fingerprint, count in rows}


def _parts(ref: TableRef, known: dict[str, dict[str, tuple[str, int]]]) -> Iterator[_Part]:
    """Where a table goes: into the encrypted lake what is confidential, into the public one the rest."""
    catalogs = []
    if ref.options.all_confidential or ref.options.confidential:
        catalogs.append("confidential")
        if not ref.options.key and not ref.options.all_confidential:
            raise SourceError(
                _("{table} has confidential columns and no key to find them again by: name its key as well.").format(
                    table=ref.name
                )
            )
    if not ref.options.all_confidential:
        catalogs.append("lake")
    options = ref.options
    said = repr([one if not isinstance(one, frozenset | dict) else sorted(one) for one in vars(options).values()])
    words = said + repr(sorted(options.types.items())) + repr(options.expect)
    # Keyed, for a plain hash in the public lake would let a reader try out what the confidential columns hold.
    secret = hub_settings.secret("load-fingerprint").encode()
    fingerprint, settings = (
        hmac.new(secret, text.encode(), hashlib.sha256).hexdigest() for text in (repr([ref.fingerprint, words]), words)
    )
    for catalog in catalogs:
        yield _Part(catalog, ref, fingerprint, settings, known[catalog].get(ref.name))


def _gone(
    source: Source,
    parts: list[_Part],
    known: dict[str, dict[str, tuple[str, int]]],
    offered: set[str],
    *,
    full: bool,
) -> list[tuple[str, str]]:
    """(lake, table) of tables that were loaded and are not wanted there any more.

    A table that moved from one lake to the other is dropped where it was; one that the source lost only on demand, for
    a file that is missing by mistake must not empty the marts.
    """
    wanted = {(part.catalog, part.ref.name) for part in parts}
    gone = [(catalog, table) for catalog in known for table in known[catalog] if (catalog, table) not in wanted]
    lost = sorted({table for _catalog, table in gone if table not in offered})
    if lost and not full:
        raise SourceError(
            _(
                "{source} no longer has {tables}, loaded before. Put the file back, or drop the table with "
                "hub sync {source} --full. Nothing was loaded."
            ).format(source=source.name, tables=", ".join(lost))
        )
    return gone


def columns_of(part: _Part, data: TableData) -> list[Column]:
    """The columns of a table that belong into this lake: the key into both, each other column into one."""
    options = part.ref.options
    if options.all_confidential:
        return list(data.columns)
    confidential = options.confidential - set(options.key)
    if part.catalog == "confidential":
        return [column for column in data.columns if column.name in confidential or column.name in options.key]
    return [column for column in data.columns if column.name not in confidential]


def _write(
    con: duckdb.DuckDBPyConnection, source: Source, part: _Part, staged: dict[str, Staged], load_id: int
) -> TableResult:
    schema = f"raw_{source.name}"
    if part.ref.name not in staged:
        rows = part.known[1] if part.known else 0
        return TableResult(part.catalog, schema, part.ref.name, "unchanged", rows, 0, 0, 0, 0, rows, Decimal("0.000"))
    begin = time.monotonic()
    incoming = staged[part.ref.name]
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {part.catalog}.{lake.identifier(schema)}")
    ref = part.ref
    counts = write_table(
        con, part.catalog, schema, ref.name, columns_of(part, incoming.data), ref.options.key, incoming.name, load_id,
        gone=incoming.gone, complete=incoming.data.complete,
    )  # fmt: skip
    held = incoming.held_rows
    # The whole row waits, so it waits where all of it may be seen; it is counted once.
    if part.catalog == ("confidential" if ref.options.all_confidential or ref.options.confidential else "lake"):
        quarantine.record(con, part.catalog, source.name, ref.name, load_id, incoming, ref.options.owner)
    seconds = Decimal(f"{incoming.seconds + time.monotonic() - begin:.3f}")
    status = "replaced" if counts.replaced else "loaded"
    return load_record.result(part.catalog, schema, ref.name, status, counts, seconds, held, incoming.notes)


def _drop(con: duckdb.DuckDBPyConnection, source: Source, catalog: str, table: str) -> TableResult:
    schema = f"raw_{source.name}"
    place = f"{catalog}.{lake.identifier(schema)}.{lake.identifier(table)}"
    before = con.execute(f"SELECT count(*) FROM {place}").fetchone()[0]
    con.execute(f"DROP TABLE {place}")
    return load_record.result(catalog, schema, table, "removed", Counts(before, 0, 0, before), Decimal("0.000"))
