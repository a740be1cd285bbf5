"""Outside sources into the lake: the whole source is read, what is different is written, in one transaction per lake.

A table whose fingerprint was loaded before is skipped. Any other is read, checked (its key must be one) and compared
with what the lake holds: by key where one is known, else by whole rows. Only rows that are new or different are
written, so `_load_id` on a row names the load that brought this version of it, and `meta.load.started_at` is when we
came to know it.

Confidential columns go to a table of the same name in the encrypted lake, with the key; the public table lacks them.
Every table is read and checked before anything is written: a bad file loads nothing. Then the confidential lake
commits, then the public one, each with its rows, its load record and its fingerprints. A crash between the two leaves
the public fingerprints old: the next load finds the confidential rows in place and completes the rest.
"""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from gettext import gettext as _

import duckdb

import hub_settings
from connectors.base import Column, Source, SourceError, TableData, TableRef, open_source
from pipelines import lake, sources
from pipelines.load_delta import Counts, write_table

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class TableResult:
    """What happened to one table in one lake.

    Attributes:
        catalog: `lake` or `confidential`.
        status: loaded, replaced (its columns changed), unchanged (not read) or removed.
        seconds: to read, compare and write; to the millisecond.
    """

    catalog: str
    schema_name: str
    table_name: str
    status: str
    rows_before: int
    inserted: int
    updated: int
    deleted: int
    quarantined: int
    rows_after: int
    seconds: Decimal


@dataclass(frozen=True)
class _Part:
    """The share of a source table that belongs into one lake."""

    catalog: str
    ref: TableRef
    fingerprint: str
    known: tuple[str, int] | None  # fingerprint and rows of the last load; None if it was never loaded


@dataclass(frozen=True)
class _Staged:
    """A table that was read: a temporary table `name` with typed columns and the row's origin."""

    name: str
    data: TableData
    seconds: float


def load_source(
    name: str, *, full: bool = False, progress: Progress | None = None, wait_seconds: float = 600
) -> list[TableResult]:
    """Bring a registered source into `raw_<name>`.

    Args:
        name: of the source.
        full: read every table, also unchanged ones, and drop those that the source no longer has.
        wait_seconds: for another load to end.
        progress: called with (tables done, tables in all, the table at work) as tables are read.

    Raises:
        SourceError: it cannot be read, a key is not unique, or a table that was loaded is gone; nothing was written.
        LakeBusy: another load holds the raw layer.
    """
    source = sources.get(name)
    with lake.lock("raw", wait_seconds=wait_seconds), lake.connect(writer=True, confidential=True) as con:
        load_id = lake.next_load_id()
        started_at = datetime.now(UTC)
        connector = open_source(source)
        refs = connector.tables()
        known = {catalog: _known(con, catalog, source) for catalog in ("confidential", "lake")}
        parts = [part for ref in refs for part in _parts(ref, known)]
        gone = _gone(source, parts, known, {ref.name for ref in refs}, full=full)
        work = [part for part in parts if full or part.known is None or part.known[0] != part.fingerprint]

        staged: dict[str, _Staged] = {}
        wanted = sorted({part.ref.name: part.ref for part in work}.items())
        for done, (table, ref) in enumerate(wanted):
            if progress:
                progress(done, len(wanted), table)
            staged[table] = _stage(con, connector.read, ref, f"_incoming_{done}")
        if progress:
            progress(len(wanted), len(wanted), "")

        results: list[TableResult] = []
        for catalog in ("confidential", "lake"):
            mine = [part for part in parts if part.catalog == catalog]
            leaving = [table for gone_catalog, table in gone if gone_catalog == catalog]
            if mine or leaving:
                with _transaction(con):
                    written = [_write(con, source, part, staged if part in work else {}, load_id) for part in mine]
                    written += [_drop(con, source, catalog, table) for table in leaving]
                    _record(con, source, catalog, load_id, started_at, mine, written)
                results += written
        return results


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
    settings = [ref.fingerprint, options.key, sorted(options.confidential), sorted(options.types.items())]
    # Keyed, for a plain hash in the public lake would let a reader try out what the confidential columns hold.
    secret = hub_settings.secret("load-fingerprint").encode()
    fingerprint = hmac.new(secret, repr(settings).encode(), hashlib.sha256).hexdigest()
    for catalog in catalogs:
        yield _Part(catalog, ref, fingerprint, known[catalog].get(ref.name))


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


def _stage(
    con: duckdb.DuckDBPyConnection,
    read: Callable[[duckdb.DuckDBPyConnection, TableRef], TableData],
    ref: TableRef,
    name: str,
) -> _Staged:
    """Read a table into a temporary one and make sure that its key is a key."""
    begin = time.monotonic()
    data = read(con, ref)
    con.execute(f"CREATE TEMP TABLE {name} AS {data.relation.sql_query()}")
    _check_key(con, ref, name)
    return _Staged(f"temp.main.{name}", replace(data, relation=None), time.monotonic() - begin)


def _check_key(con: duckdb.DuckDBPyConnection, ref: TableRef, name: str) -> None:
    key = ref.options.key
    if not key:
        return
    columns = ", ".join(map(lake.identifier, key))
    missing = " OR ".join(f"{lake.identifier(column)} IS NULL" for column in key)
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


@contextmanager
def _transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


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
    con: duckdb.DuckDBPyConnection, source: Source, part: _Part, staged: dict[str, _Staged], load_id: int
) -> TableResult:
    schema = f"raw_{source.name}"
    if part.ref.name not in staged:
        rows = part.known[1] if part.known else 0
        return TableResult(part.catalog, schema, part.ref.name, "unchanged", rows, 0, 0, 0, 0, rows, Decimal("0.000"))
    begin = time.monotonic()
    incoming = staged[part.ref.name]
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {part.catalog}.{lake.identifier(schema)}")
    counts = write_table(
        con,
        part.catalog,
        schema,
        part.ref.name,
        columns_of(part, incoming.data),
        part.ref.options.key,
        incoming.name,
        load_id,
    )
    seconds = Decimal(f"{incoming.seconds + time.monotonic() - begin:.3f}")
    return _result(part.catalog, schema, part.ref.name, "replaced" if counts.replaced else "loaded", counts, seconds)


def _drop(con: duckdb.DuckDBPyConnection, source: Source, catalog: str, table: str) -> TableResult:
    schema = f"raw_{source.name}"
    place = f"{catalog}.{lake.identifier(schema)}.{lake.identifier(table)}"
    before = con.execute(f"SELECT count(*) FROM {place}").fetchone()[0]
    con.execute(f"DROP TABLE {place}")
    return _result(catalog, schema, table, "removed", Counts(before, 0, 0, before), Decimal("0.000"))


def _result(catalog: str, schema: str, table: str, status: str, counts: Counts, seconds: Decimal) -> TableResult:
    return TableResult(
        catalog,
        schema,
        table,
        status,
        counts.before,
        counts.inserted,
        counts.updated,
        counts.deleted,
        0,
        counts.before + counts.inserted - counts.deleted,
        seconds,
    )


def _record(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    catalog: str,
    load_id: int,
    started_at: datetime,
    parts: list[_Part],
    results: list[TableResult],
) -> None:
    """The load record, in the transaction that wrote the rows."""
    fingerprints = {part.ref.name: part.fingerprint for part in parts}
    for r in results:
        row = {
            "load_id": load_id,
            "source": source.name,
            "schema_name": r.schema_name,
            "table_name": r.table_name,
            "status": r.status,
            "rows_before": r.rows_before,
            "inserted": r.inserted,
            "updated": r.updated,
            "deleted": r.deleted,
            "quarantined": r.quarantined,
            "rows_after": r.rows_after,
            "content_hash": fingerprints.get(r.table_name),
            "seconds": r.seconds,
        }
        _insert(con, f"{catalog}.meta.load_table", row)
    load = {
        "load_id": load_id,
        "source": source.name,
        "kind": "full",
        "started_at": started_at,
        "finished_at": datetime.now(UTC),
        "rows_inserted": sum(r.inserted for r in results),
        "rows_updated": sum(r.updated for r in results),
        "rows_deleted": sum(r.deleted for r in results),
        "rows_quarantined": sum(r.quarantined for r in results),
    }
    _insert(con, f"{catalog}.meta.load", load)


def _insert(con: duckdb.DuckDBPyConnection, table: str, row: dict[str, object]) -> None:
    con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
