"""The store as it stood at one instant, read by DuckDB as hub_sync.

Every statement goes to PostgreSQL word for word (`postgres_query`), in the PostgreSQL transaction that belongs to the
DuckDB transaction: REPEATABLE READ, read-only, so all of them see one snapshot, the one that its first statement took.
Filters and casts therefore run in PostgreSQL, on its indexes, and nothing depends on a catalog that DuckDB has cached.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import duckdb
import psycopg

import hub_settings
from pipelines import lake
from pipelines.sync.watermark import Watermark

# Columns of the change log that say where a log entry was; a watermark remembers the newest one.
ANCHOR = "sequence, xid::text::bigint AS xid, recorded_at::text AS recorded_at"


@dataclass(frozen=True)
class Instant:
    """What identifies the moment of the store that this transaction sees.

    Attributes:
        snapshot: PostgreSQL's snapshot, `xmin:xmax:xip_list`.
        system_identifier: of the cluster; a restored one may bear another.
        database_oid: of the store's database; one that was dropped and restored bears another.
        taken_at: the server's clock then.
    """

    snapshot: str
    system_identifier: str
    database_oid: int
    taken_at: str


def attach(con: duckdb.DuckDBPyConnection) -> None:
    """Attach the store as `store`, read-only."""
    con.execute(lake.secret_statement("store", "hub_sync", "store"))
    # What a secret cannot hold, such as sslmode.
    query = parse_qsl(urlsplit(hub_settings.database_url("hub_sync")).query)
    options = {key: value for key, value in query if key not in {"host", "port"}} | {"application_name": "hub_sync"}
    text = " ".join(f"{key}={value}" for key, value in options.items())
    # DuckDB's own catalog views (duckdb_tables() and the like) read the tables of every attached database. Of the store
    # nothing is needed but its connection, so it is shown a schema that is not there.
    con.execute(f"ATTACH {lake.quoted(text)} AS store (TYPE postgres, SECRET store, READ_ONLY, SCHEMA 'hub_nothing')")


def relation(sql: str) -> str:
    """PostgreSQL's SQL as a table in DuckDB's."""
    return f"postgres_query('store', {lake.quoted(sql)})"


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(f"FROM {relation(sql)}").fetchall()


def direct() -> psycopg.Connection:
    """A connection of its own to the store, outside the snapshot: to see what has changed meanwhile."""
    return psycopg.connect(hub_settings.database_url("hub_sync"), autocommit=True, application_name="hub_sync")


def instant(con: duckdb.DuckDBPyConnection) -> Instant:
    """Take the snapshot (this must be the transaction's first statement to the store) and name it."""
    [row] = rows(
        con,
        "SELECT pg_current_snapshot()::text AS snapshot, system_identifier::text AS system_identifier, "
        "(SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database_oid, "
        "clock_timestamp()::text AS taken_at FROM pg_control_system()",
    )
    return Instant(*row)


def why_not_continued(con: duckdb.DuckDBPyConnection, now: Instant, last: Watermark) -> str | None:
    """Why the change log cannot tell what happened since `last`: another server, or one put back in time; else None."""
    if last.system_identifier != now.system_identifier:
        return "another server: its system_identifier differs"
    if last.database_oid != now.database_oid:
        return "another database: its oid differs"
    snapshot = lake.quoted(last.snapshot)
    [(ahead,)] = rows(
        con,
        f"SELECT pg_snapshot_xmax({snapshot}::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()) AS ahead",
    )
    if ahead:
        return "the server was put back: the last snapshot lies in its future"
    if last.anchor and rows(con, f"SELECT {ANCHOR} FROM core.change_log WHERE sequence = {last.anchor[0]}") != [
        last.anchor
    ]:
        return f"the change log was put back: its entry {last.anchor[0]} is gone or is another"
    return None


def newest_entry(con: duckdb.DuckDBPyConnection) -> tuple[int, int, str] | None:
    """The visible entry of the change log with the highest sequence."""
    found = rows(con, f"SELECT {ANCHOR} FROM core.change_log ORDER BY change_log.sequence DESC LIMIT 1")
    return found[0] if found else None


def highest_xid(con: duckdb.DuckDBPyConnection, floor: int) -> int:
    """The highest transaction id of any visible entry above `floor`; 0 when there is none."""
    found = rows(
        con,
        f"SELECT xid::text::bigint AS xid FROM core.change_log AS r WHERE r.sequence > {floor} "
        "AND r.xid < pg_snapshot_xmax(pg_current_snapshot()) ORDER BY r.xid DESC LIMIT 1",
    )
    return found[0][0] if found else 0


def foreign_floor(con: duckdb.DuckDBPyConnection) -> int:
    """The highest sequence of entries that no transaction of this server can have written; 0 when there is none.

    A dump carries the transaction ids of the server it was taken from. On the new server these lie in the future or
    among the running ones, and would look like changes again and again: entries up to here are never a difference.
    """
    [(floor,)] = rows(
        con,
        "SELECT coalesce(max(sequence), 0) AS floor FROM core.change_log "
        "WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()) "
        "AND NOT pg_visible_in_snapshot(xid, pg_current_snapshot())",
    )
    return floor


def difference(last: Watermark) -> str:
    """PostgreSQL's condition on the change log `r`: what is visible now and was not at the last snapshot.

    Two ways to be new. Above the highest transaction id that any entry had then: certainly new. This also holds after a
    crash of the server, when ids are given again that the last snapshot took for ended (they had been aborted and
    never reached the disk). At or below it: new when the transaction was still running then.
    """
    snapshot = f"{lake.quoted(last.snapshot)}::pg_snapshot"
    high = f"'{last.highest_xid}'::xid8"
    first = f"LEAST(pg_snapshot_xmin({snapshot})::text::numeric, {last.highest_xid + 1})::text::xid8"
    return (
        f"r.xid >= {first} AND r.sequence > {last.floor} AND r.xid < pg_snapshot_xmax(pg_current_snapshot()) "
        f"AND (r.xid > {high} OR NOT pg_visible_in_snapshot(r.xid, {snapshot}))"
    )
