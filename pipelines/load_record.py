"""What is kept of a load: written in the transaction that writes the rows, in the lake that holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import duckdb

from pipelines.load_delta import Counts


@dataclass(frozen=True)
class TableResult:
    """What happened to one table in one lake.

    Attributes:
        catalog: `lake` or `confidential`.
        status: loaded, replaced (its columns changed), unchanged (not read), removed or released (from quarantine).
        seconds: to read, compare and write; to the millisecond.
        notes: what changed in its shape and was let in, or left out.
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
    notes: tuple[str, ...] = ()


def result(
    catalog: str, schema: str, table: str, status: str, counts: Counts, seconds: Decimal, held: int = 0,
    notes: tuple[str, ...] = (),
) -> TableResult:  # fmt: skip
    after = counts.before + counts.inserted - counts.deleted
    return TableResult(
        catalog, schema, table, status, counts.before, counts.inserted, counts.updated, counts.deleted, held, after,
        seconds, notes,
    )  # fmt: skip


def write(
    con: duckdb.DuckDBPyConnection,
    source: str,
    catalog: str,
    load_id: int,
    started_at: datetime,
    kind: str,
    results: Sequence[TableResult],
    fingerprints: Mapping[str, str | None],
) -> None:
    """The load, and a line for each table of it, inside the caller's transaction."""
    for r in results:
        row = {
            "load_id": load_id,
            "source": source,
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
        "source": source,
        "kind": kind,
        "started_at": started_at,
        "finished_at": datetime.now(UTC),
        "rows_inserted": sum(r.inserted for r in results),
        "rows_updated": sum(r.updated for r in results),
        "rows_deleted": sum(r.deleted for r in results),
        "rows_quarantined": sum(r.quarantined for r in results),
    }
    _insert(con, f"{catalog}.meta.load", load)


def _insert(con: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, object]) -> None:
    con.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
