"""The record of builds, `lake.meta.build`: what was begun and what came of it, in the lake that the build writes.

A build takes many transactions, so a reader of the newest state cannot see from the marts whether they belong together.
The record says it: a build that began and has no end was cut off, and what it left may not be certified.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import duckdb

from pipelines import lake
from pipelines.lake import quoted

BUILD = {
    "build_id": ("BIGINT NOT NULL", "Number of the build; it has one row when it begins and one when it ends."),
    "state": ("VARCHAR NOT NULL", "`begun`, `succeeded` or `failed`."),
    "recorded_at": ("TIMESTAMPTZ NOT NULL", "When this row was written."),
    "raw_snapshot": ("BIGINT NOT NULL", "Snapshot of the lake at which every model read `raw`."),
    "selection": ("VARCHAR", "The part that was built, in dbt's words, as a JSON list; null for the whole."),
    "models": ("BIGINT", "Tables and views that were built."),
    "tests_passed": ("BIGINT", "Tests that held."),
    "tests_warned": ("BIGINT", "Tests of severity `warn` that found something."),
    "message": ("VARCHAR", "Why it failed."),
}


class Build(NamedTuple):
    """The last build, as a snapshot of the lake tells it; the columns of BUILD."""

    build_id: int
    state: str
    recorded_at: datetime
    raw_snapshot: int
    selection: str | None
    models: int | None
    tests_passed: int | None
    tests_warned: int | None
    message: str | None


def begin(raw_snapshot: int, selection: Sequence[str]) -> Build:
    """Record that a build begins; the caller holds the lock of builds."""
    with lake.connect(writer=True) as con:
        make_table(con, "build", BUILD)
        number = con.execute("SELECT coalesce(max(build_id), 0) + 1 FROM lake.meta.build").fetchone()[0]
        named = json.dumps(list(selection)) if selection else None
        build = Build(number, "begun", datetime.now(UTC), raw_snapshot, named, None, None, None, None)
        _write(con, build)
    return build


def succeed(build: Build, models: int, tests_passed: int, tests_warned: int) -> int:
    """Record that it came to its end, and give the snapshot of the lake that says so: the one to certify."""
    with lake.connect(writer=True) as con:
        _write(con, build._replace(
            state="succeeded", recorded_at=datetime.now(UTC), models=models, tests_passed=tests_passed,
            tests_warned=tests_warned,
        ))  # fmt: skip
        return lake.current_snapshot(con)


def fail(build: Build, message: str) -> None:
    """Record that it failed."""
    with lake.connect(writer=True) as con:
        _write(con, build._replace(state="failed", recorded_at=datetime.now(UTC), message=message))


def last(con: duckdb.DuckDBPyConnection) -> Build | None:
    """The build that began last, in the state recorded last, as the snapshot that `con` reads tells it."""
    if not has_table(con, "build"):
        return None
    row = con.execute(
        f"SELECT {', '.join(BUILD)} FROM lake.meta.build ORDER BY build_id DESC, state = 'begun' LIMIT 1"
    ).fetchone()
    return Build(*row) if row else None


def _write(con: duckdb.DuckDBPyConnection, build: Build) -> None:
    con.execute(f"INSERT INTO lake.meta.build ({', '.join(BUILD)}) VALUES ({', '.join('?' * len(BUILD))})", list(build))


def has_table(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether `lake.meta` has this table in the snapshot that `con` reads.

    By its columns: duckdb_tables() would fetch the statistics of every table of the lake.
    """
    return bool(
        con.execute(
            "SELECT 1 FROM duckdb_columns() WHERE (database_name, schema_name, table_name) = ('lake', 'meta', ?)",
            [table],
        ).fetchone()
    )


def make_table(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, tuple[str, str]]) -> None:
    """Make a table of `lake.meta` with a sentence for each column, where it is missing."""
    if has_table(con, table):
        return
    place = f"lake.meta.{table}"
    with lake.transaction(con):
        con.execute(
            f"CREATE TABLE {place} ({', '.join(f'{name} {kind}' for name, (kind, _sentence) in columns.items())})"
        )
        for name, (_kind, sentence) in columns.items():
            con.execute(f"COMMENT ON COLUMN {place}.{name} IS {quoted(sentence)}")
