"""Measurements behind docs/decisions/0007: not a test, run by name.

.hub/venv/bin/python -m pytest -s tests/pipelines/sync/measure.py
"""

import time
from collections.abc import Callable

from sqlalchemy import BigInteger, Column, Date, DateTime, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from pipelines import lake
from pipelines.sync import sync_store
from tests.pipelines.sync.trial import Trial

ROWS = 1_000_000
LINE = Table(
    "line",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("entry_id", BigInteger),
    Column("debit", Numeric(20, 4)),
    Column("credit", Numeric(20, 4)),
    Column("currency", Text),
    Column("day", Date),
    Column("recorded_at", DateTime(timezone=True)),
    Column("note", Text),
    Column("extra", JSONB),
    schema="finance",
)
MAKE = (
    "INSERT INTO finance.line SELECT i, i / 4, i * 0.0001, 0, 'CNY', date '2026-01-01' + (i %% 365)::int, now(), "
    "'line ' || i, jsonb_build_object('n', i * 1.10) FROM generate_series(%s, %s) AS i"
)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The best of a few runs: other work on the machine only ever adds."""
    best = float("inf")
    for _ in range(times):
        begin = time.monotonic()
        work()
        best = min(best, time.monotonic() - begin)
    return best


def test_measure(trial: Trial) -> None:
    trial.add(LINE)
    trial.sql("ALTER TABLE finance.line DISABLE TRIGGER zz_log")
    trial.sql(MAKE, 1, ROWS)
    trial.sql("ALTER TABLE finance.line ENABLE TRIGGER zz_log")
    result = sync_store()
    [line] = [t for t in result.tables if t.table_name == "line"]
    print(
        f"\nfirst load: {ROWS} rows in {line.seconds} s, {ROWS / float(line.seconds):,.0f} rows/s; run {result.seconds} s"
    )
    print(
        f"nothing to do: {1000 * seconds(sync_store):.0f} ms, of which opening the lake {1000 * seconds(opened):.0f} ms"
    )
    for turn in range(3):
        first = ROWS + 1 + turn * 10_000
        trial.sql(MAKE, first, first + 3999)
        trial.sql(
            "UPDATE finance.line SET debit = debit + 1 WHERE id IN (SELECT i * %s FROM generate_series(1, 900) AS i)",
            1000 + turn,
        )
        trial.sql("DELETE FROM finance.line WHERE id IN (SELECT i * %s FROM generate_series(1, 100) AS i)", 7919 + turn)
        result = sync_store()
        parts = {t.table_name: int(1000 * t.seconds) for t in result.tables}
        print(
            f"batch of {result.changes} changes into {ROWS} rows: tables {parts} ms; run {int(1000 * result.seconds)} ms"
        )
    trial.sql(MAKE, 2 * ROWS, 2 * ROWS + 499_999)
    typing(trial)
    result = sync_store()
    print(f"batch of {result.changes} changes: run {result.seconds} s")
    writing()


def opened() -> None:
    lake.connect(writer=True).close()


def typing(trial: Trial) -> None:
    """500,000 images to typed rows: by PostgreSQL, and by DuckDB."""
    from pipelines.sync import store

    kinds = {"id": "BIGINT", "entry_id": "BIGINT", "debit": "DECIMAL(20,4)", "credit": "DECIMAL(20,4)"}
    kinds |= {"currency": "VARCHAR", "day": "DATE", "recorded_at": "TIMESTAMPTZ", "note": "VARCHAR", "extra": "JSON"}
    fields = ", ".join(f"v.{name}" for name in kinds if name != "extra") + ", v.extra::text AS extra"
    source = "FROM core.change_log AS r"
    late = f"WHERE r.row_key::bigint >= {2 * ROWS}"
    populated = f"SELECT {fields} {source}, jsonb_populate_record(NULL::finance.line, r.after) AS v {late}"
    images = f"SELECT r.after::text AS after {source} {late}"
    structure = "{" + ", ".join(f'"{name}": "{kind}"' for name, kind in kinds.items()) + "}"
    with lake.connect(writer=True) as con:
        store.attach(con)
        by_postgres = seconds(
            lambda: con.execute(f"CREATE OR REPLACE TEMP TABLE a AS FROM {store.relation(populated)}")
        )
        by_duckdb = seconds(
            lambda: con.execute(
                f"CREATE OR REPLACE TEMP TABLE b AS SELECT unnest(from_json(after, '{structure}')) FROM {store.relation(images)}"
            )
        )
        different = con.execute(
            "SELECT count(*) FROM (SELECT extra::VARCHAR FROM a EXCEPT SELECT extra::VARCHAR FROM b)"
        ).fetchone()
    print(f"500,000 images typed by jsonb_populate_record {by_postgres:.2f} s, by from_json {by_duckdb:.2f} s")
    print(f"JSON columns that from_json spelled otherwise than the table: {different[0]}")


def writing() -> None:
    """5,000 changed rows of a million: DELETE and INSERT, or MERGE."""
    with lake.connect(writer=True) as con:
        con.execute("CREATE TEMP TABLE changed AS FROM raw_finance.line WHERE hash(id) % 300 = 0")
        names = [row[0] for row in con.execute("SELECT column_name FROM (DESCRIBE changed)").fetchall()]
        sets = ", ".join(f"{name} = c.{name}" for name in names if name != "id")

        def rolled_back(*statements: str) -> None:
            con.execute("BEGIN")
            for statement in statements:
                con.execute(statement)
            con.execute("ROLLBACK")

        delete = "DELETE FROM raw_finance.line WHERE id IN (SELECT id FROM changed)"
        apart = seconds(lambda: rolled_back(delete, "INSERT INTO raw_finance.line FROM changed"), 5)
        merge = (
            f"MERGE INTO raw_finance.line AS t USING changed AS c ON t.id = c.id WHEN MATCHED THEN UPDATE SET {sets}"
        )
        merged = seconds(lambda: rolled_back(merge + " WHEN NOT MATCHED THEN INSERT"), 5)
        rows = con.execute("SELECT count(*) FROM changed").fetchone()[0]
    print(f"{rows} changed rows: DELETE + INSERT {1000 * apart:.0f} ms, MERGE {1000 * merged:.0f} ms")
