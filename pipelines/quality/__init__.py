"""The gate on what was loaded: the raw layer as its suites expect it, or no build and no publication.

A run looks at one snapshot of the lake and records every result in `lake.meta.quality_result`, under the load that the
snapshot ends with: as long as nothing is loaded, the answer stays the same and is not asked again.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from gettext import gettext as _
from typing import Any

import duckdb

from pipelines import lake
from pipelines.build_record import has_table, make_table
from pipelines.lake import identifier, quoted
from pipelines.quality.generated import suites
from pipelines.quality.result import Result
from pipelines.quality.suites import ERROR, Suite, fingerprint
from pipelines.sync import watermark

Progress = Callable[[int, int, str], None]
NAMED_FAILURES = 8

QUALITY_RESULT = {
    "load_id": ("BIGINT NOT NULL", "The newest load in the state that was looked at."),
    "suites": ("VARCHAR NOT NULL", "Fingerprint of the suites that were applied."),
    "checked_at": ("TIMESTAMPTZ NOT NULL", "When."),
    "table_name": ("VARCHAR NOT NULL", "Table that was looked at; one of the encrypted lake has its name in front."),
    "expectation": ("VARCHAR NOT NULL", "What was expected, in the words of the suites."),
    "columns": ("VARCHAR NOT NULL", "Columns concerned, joined by a comma; empty for the number of rows."),
    "severity": ("VARCHAR NOT NULL", "`error` stops builds and publications, `warn` does not."),
    "passed": ("BOOLEAN NOT NULL", "Whether it held."),
    "rows_checked": ("BIGINT NOT NULL", "Rows that were looked at."),
    "rows_broken": ("BIGINT NOT NULL", "Rows that break it."),
    "examples": ("VARCHAR NOT NULL", "Keys of the first of them."),
}

QUALITY_HISTORY = {
    "load_id": ("BIGINT NOT NULL", "The newest load in the state that was looked at."),
    "checked_at": ("TIMESTAMPTZ NOT NULL", "When."),
    "table_name": ("VARCHAR NOT NULL", "Table that was looked at; one of the encrypted lake has its name in front."),
    "rows_checked": ("BIGINT NOT NULL", "Rows that were looked at."),
    "expectations": ("BIGINT NOT NULL", "Expectations that were evaluated."),
    "expectations_failed": ("BIGINT NOT NULL", "Of these, how many did not hold."),
    "rows_broken": ("BIGINT NOT NULL", "Rows that break one, counted once for each that they break."),
    "rows_waiting": ("BIGINT NOT NULL", "Rows of this table that waited in quarantine at that time."),
}


class QualityFailed(lake.LakeError):
    """Something that must hold of the loaded rows does not; nothing is built from them."""


@dataclass(frozen=True)
class Report:
    """What a run of the gate found.

    Attributes:
        load_id: the newest load in what was looked at; 0 where nothing was ever loaded.
        tables, expectations: how many were looked at.
        failures: the sentences of errors that do not hold; warnings: of the others.
    """

    load_id: int
    tables: int
    expectations: int
    failures: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: Decimal

    def require(self) -> "Report":
        """Itself, if nothing failed.

        Raises:
            QualityFailed: naming tables, expectations and rows.
        """
        if self.failures:
            named = "; ".join(self.failures[:NAMED_FAILURES])
            more = len(self.failures) - NAMED_FAILURES
            raise QualityFailed(
                _("The loaded rows are not as they must be, so nothing is built from them. {named}{more}. Correct them "
                  "at their source and sync again.").format(
                      named=named, more=_("; and {count} more").format(count=more) if more > 0 else "")
            )  # fmt: skip
        return self


def gate(
    at: int | None = None, progress: Progress | None = None, *, head: duckdb.DuckDBPyConnection | None = None
) -> Report:
    """Look at everything that is loaded, unless this very state was looked at before; records the results.

    Args:
        at: snapshot of the public lake; None for the newest.
        progress: called with (tables done, tables in all, the table at work).
        head: a connection to the newest state of the lake, where the caller has one.
    """
    begun = time.monotonic()
    with lake.connect(at=at, confidential=True) as con:
        load_id = _newest_load(con)
        asked = suites()
        if load_id and (known := _known(load_id, asked, head or (con if at is None else None))):
            return known
        results = list(_validate(con, asked, progress))
        waiting = dict(_waiting(con))
    report = _report(load_id, results, Decimal(f"{time.monotonic() - begun:.3f}"))
    if results:
        _record(load_id, asked, results, waiting)
    return report


def _newest_load(con: duckdb.DuckDBPyConnection) -> int:
    return con.execute("SELECT coalesce(max(load_id), 0) FROM lake.meta.load").fetchone()[0]


def _validate(con: duckdb.DuckDBPyConnection, asked: Sequence[Suite], progress: Progress | None) -> Iterator[Result]:
    expected = dict(_expected_rows(con))
    work = [suite for suite in asked if suite.name in expected]
    if not work:
        return
    from pipelines.quality.expectations import Validator

    validator = Validator(_currencies(con))
    for done, suite in enumerate(work):
        if progress:
            progress(done, len(work), suite.name)
        columns = ", ".join(map(identifier, suite.columns()))
        place = ".".join(map(identifier, (suite.catalog, suite.schema, suite.table)))
        released = _released(con, suite)
        rows = con.execute(f"SELECT {columns} FROM {place} WHERE NOT ({released})").to_arrow_table()
        let_pass = (
            con.execute(f"SELECT count(*) FROM {place} WHERE {released}").fetchone()[0] if released != "false" else 0
        )
        yield from validator.validate(suite, rows, expected[suite.name] - let_pass)
    if progress:
        progress(len(work), len(work), "")


def _released(con: duckdb.DuckDBPyConnection, suite: Suite) -> str:
    """SQL about a row: somebody looked at it in quarantine and let it pass, so that it breaks no rule any more."""
    if suite.source in lake.OWN_SCHEMAS or not has_table(con, "quarantine"):
        return "false"
    keys = [
        key
        for catalog in ("lake", "confidential")
        for (key,) in con.execute(
            f"SELECT row_key FROM {catalog}.meta.quarantine WHERE (source, table_name, state) = (?, ?, 'released')",
            [suite.source, suite.table],
        ).fetchall()
        if key
    ]
    if not keys:
        return "false"
    spelt = ", ".join(f"CAST({identifier(name)} AS VARCHAR)" for name in suite.key)
    return f"concat_ws(' ', {spelt}) IN ({', '.join(map(quoted, keys))})"


def _waiting(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    """Table as suites call it → rows that wait in quarantine; every source's, whichever lake they wait in."""
    if has_table(con, "quarantine"):
        yield from con.execute(
            "SELECT concat('raw_', source, '.', table_name), count(*) FROM (SELECT * FROM lake.meta.quarantine UNION ALL "
            "SELECT * FROM confidential.meta.quarantine) WHERE state = 'waiting' GROUP BY ALL"
        ).fetchall()


def _expected_rows(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, int]]:
    """Name of each loaded table as suites call it, and the number of rows that its load recorded."""
    for catalog in ("lake", "confidential"):
        prefix = "" if catalog == "lake" else f"{catalog}."
        mark = watermark.read(con, catalog)
        for name, state in (mark.tables if mark else {}).items():
            yield f"{prefix}raw_{name}", state.rows
        for schema, table, rows in con.execute(
            "SELECT schema_name, table_name, arg_max(rows_after, load_id) "
            f"FROM {catalog}.meta.load_table WHERE source <> 'hub' GROUP BY ALL "
            "HAVING arg_max(status, load_id) <> 'removed'"
        ).fetchall():
            yield f"{prefix}{schema}.{table}", rows


def _currencies(con: duckdb.DuckDBPyConnection) -> list[str]:
    there = con.execute(
        "SELECT 1 FROM duckdb_columns() WHERE (database_name, schema_name, table_name) = ('lake', 'raw_core', 'currency')"
    ).fetchone()
    return [row[0] for row in con.execute("SELECT code FROM lake.raw_core.currency").fetchall()] if there else []


def _report(load_id: int, results: list[Result], seconds: Decimal) -> Report:
    failed = [one for one in results if not one.passed]
    return Report(
        load_id, len({one.table for one in results}), len(results),
        tuple(str(one) for one in failed if one.severity == ERROR),
        tuple(str(one) for one in failed if one.severity != ERROR), seconds,
    )  # fmt: skip


def _record(load_id: int, asked: Sequence[Suite], results: list[Result], waiting: Mapping[str, int]) -> None:
    now = datetime.now(UTC)
    values = [
        [
            load_id,
            fingerprint(asked),
            now,
            r.table,
            r.expectation,
            r.columns,
            r.severity,
            r.passed,
            r.rows,
            r.broken,
            r.examples,
        ]
        for r in results
    ]
    with lake.connect(writer=True) as con:
        make_table(con, "quality_result", QUALITY_RESULT)
        row = f"({', '.join('?' * len(QUALITY_RESULT))})"
        con.execute(
            f"INSERT INTO lake.meta.quality_result ({', '.join(QUALITY_RESULT)}) VALUES {', '.join([row] * len(values))}",
            [value for line in values for value in line],
        )
        make_table(con, "quality_history", QUALITY_HISTORY)
        con.executemany(
            f"INSERT INTO lake.meta.quality_history ({', '.join(QUALITY_HISTORY)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [[load_id, now, *line] for line in _history(results, waiting)],
        )


def _history(results: list[Result], waiting: Mapping[str, int]) -> Iterator[list[Any]]:
    """A line per table: what was asked of it and what came of it."""
    for table in dict.fromkeys(one.table for one in results):
        mine = [one for one in results if one.table == table]
        failed = [one for one in mine if not one.passed]
        yield [table, mine[0].rows, len(mine), len(failed), sum(one.broken for one in failed), waiting.get(table, 0)]


def _known(load_id: int, asked: Sequence[Suite], head: duckdb.DuckDBPyConnection | None) -> Report | None:
    """What an earlier run found in this very state; None where there was none."""
    with nullcontext(head) if head else lake.connect() as con:
        if not has_table(con, "quality_result"):
            return None
        rows = con.execute(
            "SELECT table_name, expectation, columns, severity, passed, rows_checked, rows_broken, examples "
            "FROM lake.meta.quality_result WHERE load_id = ? AND suites = ? QUALIFY checked_at = max(checked_at) OVER ()",
            [load_id, fingerprint(asked)],
        ).fetchall()
    return _report(load_id, [Result(*row) for row in rows], Decimal("0.000")) if rows else None
