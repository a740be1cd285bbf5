"""One table of the lake made equal to what has arrived, by writing only what is different. Knows SQL, no sources."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from connectors.base import BOOKKEEPING, Column
from pipelines.lake import identifier, quoted


@dataclass(frozen=True)
class Counts:
    """Rows before, and what was done to them. `replaced`: the columns changed, so the table was made anew."""

    before: int
    inserted: int
    updated: int
    deleted: int
    replaced: bool = False


def write_table(
    con: duckdb.DuckDBPyConnection,
    catalog: str,
    schema: str,
    table: str,
    columns: Sequence[Column],
    key: Sequence[str],
    incoming: str,
    load_id: int,
    *,
    gone: str = "true",
    complete: bool = True,
) -> Counts:
    """Make `catalog.schema.table` hold the rows of `incoming`, inside the caller's transaction.

    Args:
        columns: the table's own columns, in order.
        key: columns that identify a row; empty: rows are told apart by their whole content, and equal rows by number.
        incoming: a temporary table with these columns, `_source_file` and `_source_row`.
        load_id: written into `_load_id` of every row that is new or different.
        gone: SQL about a row of the table that is not in `incoming`: whether it is to be deleted.
        complete: `incoming` is all that the source has; otherwise a table whose columns changed keeps its other rows.
    """
    place = f"{catalog}.{identifier(schema)}.{identifier(table)}"
    present = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index",
        (catalog, schema, table),
    ).fetchall()
    wanted = [(column.name, column.type) for column in columns]
    wanted += [(name, kind) for name, (kind, _sentence) in BOOKKEEPING.items()]
    if not present:
        _create(con, place, columns, wanted)
        return Counts(0, _insert(con, place, columns, incoming, load_id), 0, 0)
    before = con.execute(f"SELECT count(*) FROM {place}").fetchone()[0]
    if present != wanted and not complete:
        _reshape(con, place, columns, wanted, {name for name, _kind in present})
    elif present != wanted:
        con.execute(f"DROP TABLE {place}")
        _create(con, place, columns, wanted)
        return Counts(before, _insert(con, place, columns, incoming, load_id), 0, before, replaced=True)
    con.execute(f"CREATE OR REPLACE TEMP TABLE _delta AS {_delta(place, columns, key, incoming, gone)}")
    counted = dict(con.execute("SELECT operation, count(*) FROM _delta GROUP BY operation").fetchall())
    if counted.get("U") or counted.get("D"):
        con.execute(f"DELETE FROM {place} WHERE rowid IN (SELECT old_row FROM _delta WHERE operation IN ('U', 'D'))")
    if counted.get("U") or counted.get("I"):
        chosen = "_source_row IN (SELECT new_row FROM _delta WHERE operation IN ('U', 'I'))"
        _insert(con, place, columns, f"{incoming} WHERE {chosen}", load_id)
    con.execute("DROP TABLE _delta")
    return Counts(before, counted.get("I", 0), counted.get("U", 0), counted.get("D", 0))


def _create(
    con: duckdb.DuckDBPyConnection, place: str, columns: Sequence[Column], wanted: list[tuple[str, str]]
) -> None:
    con.execute(f"CREATE TABLE {place} ({', '.join(f'{identifier(name)} {kind}' for name, kind in wanted)})")
    sentences = {column.name: f"{column.source_name} of the source, unchanged." for column in columns}
    sentences |= {name: sentence for name, (_kind, sentence) in BOOKKEEPING.items()}
    for name, sentence in sentences.items():
        con.execute(f"COMMENT ON COLUMN {place}.{identifier(name)} IS {quoted(sentence)}")


def _reshape(
    con: duckdb.DuckDBPyConnection,
    place: str,
    columns: Sequence[Column],
    wanted: list[tuple[str, str]],
    there: set[str],
) -> None:
    """Give a table other columns and keep its rows, each with the load that it came with."""
    listed = ", ".join(
        f"CAST({identifier(name) if name in there else 'NULL'} AS {kind}) AS {identifier(name)}"
        for name, kind in wanted
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE _kept AS SELECT {listed} FROM {place}")
    con.execute(f"DROP TABLE {place}")
    _create(con, place, columns, wanted)
    con.execute(f"INSERT INTO {place} SELECT * FROM _kept")
    con.execute("DROP TABLE _kept")


def _insert(con: duckdb.DuckDBPyConnection, place: str, columns: Sequence[Column], incoming: str, load_id: int) -> int:
    names = ", ".join(identifier(column.name) for column in columns)
    con.execute(
        f"INSERT INTO {place} ({names}, _load_id, _source_file, _source_row) "
        f"SELECT {names}, {int(load_id)}, _source_file, _source_row FROM {incoming}"
    )
    return con.execute(f"SELECT count(*) FROM {incoming}").fetchone()[0]


def _delta(place: str, columns: Sequence[Column], key: Sequence[str], incoming: str, gone: str) -> str:
    """SQL with one row per difference: operation I, U or D, `old_row` (rowid in the lake), `new_row` (_source_row)."""
    names = [identifier(column.name) for column in columns]
    if key:
        match = [f"o.{identifier(name)} = n.{identifier(name)}" for name in key]
        different = " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in names)
        number = ""
    else:
        # Equal rows are numbered, so that three copies instead of two are one insertion.
        match = [f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in names] + ["o._copy = n._copy"]
        different = "false"
        number = f", row_number() OVER (PARTITION BY {', '.join(names)}) AS _copy"
    listed = ", ".join(names)
    # Where nothing can be gone, rows of the lake that nothing arrived for are not even looked at.
    join = "RIGHT" if gone == "false" else "FULL OUTER"
    return f"""
        SELECT
            CASE WHEN o.old_row IS NULL THEN 'I' WHEN n.new_row IS NULL THEN 'D' ELSE 'U' END AS operation,
            o.old_row,
            n.new_row
        FROM (SELECT {listed}, rowid AS old_row, ({gone}) AS is_gone{number} FROM {place}) AS o
        {join} JOIN (SELECT {listed}, _source_row AS new_row{number} FROM {incoming}) AS n ON {" AND ".join(match)}
        WHERE o.old_row IS NULL OR (n.new_row IS NULL AND o.is_gone) OR (n.new_row IS NOT NULL AND ({different}))
    """
