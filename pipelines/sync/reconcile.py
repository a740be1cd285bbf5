"""One table of the lake made equal to the store by reading all of it: first load, changed shape, restored server.

Only what differs is written, so that `_load_id` keeps naming the load that brought a row's present version.
"""

import time

from pipelines.lake import identifier
from pipelines.sync.tables import Table
from pipelines.sync.watermark import lake_columns
from pipelines.sync.writing import TableResult, Writer, since, wanted_columns


def reconcile(writer: Writer, table: Table, load_id: int) -> TableResult:
    """Bring all rows of a table, whatever the lake holds of it now."""
    begin = time.monotonic()
    present = writer.columns(table)
    before = writer.one(f"SELECT count(*) FROM {table.place(writer.catalog)}") if present else 0
    if present == wanted_columns(table) and before:
        inserted, updated, deleted = _write_differences(writer, table, load_id)
        status = "loaded"
    else:
        if present != wanted_columns(table):
            if present:
                writer.con.execute(f"DROP TABLE {table.place(writer.catalog)}")
            writer.create(table)
        inserted, updated, deleted = writer.insert(table, load_id, writer.incoming(table.query())), 0, before
        status = "replaced" if before else "loaded"
    return TableResult(
        writer.catalog, table.raw_schema, table.name, status, before, inserted, updated, deleted, since(begin)
    )


def remove(writer: Writer, table: str) -> TableResult:
    """Drop a table ("schema.table") that the store no longer has or that belongs into the other lake now."""
    begin = time.monotonic()
    schema, _dot, name = table.partition(".")
    place = f"{writer.catalog}.{identifier('raw_' + schema)}.{identifier(name)}"
    before = 0
    if lake_columns(writer.con, writer.catalog, f"raw_{schema}", name):
        before = writer.one(f"SELECT count(*) FROM {place}")
        writer.con.execute(f"DROP TABLE {place}")
    return TableResult(writer.catalog, f"raw_{schema}", name, "removed", before, 0, 0, before, since(begin))


def _write_differences(writer: Writer, table: Table, load_id: int) -> tuple[int, int, int]:
    """Compare by key and write what is new, different or gone; gives how many of each."""
    con, place = writer.con, table.place(writer.catalog)
    con.execute(f"CREATE OR REPLACE TEMP TABLE _incoming AS FROM {writer.incoming(table.query())}")
    same_key = " AND ".join(f"o.{identifier(name)} = n.{identifier(name)}" for name in table.key)
    # JSON is compared as text, since DuckDB would otherwise compare what it parses: 1.10 and 1.1 are not one text.
    different = " OR ".join(
        f"o.{name}::VARCHAR IS DISTINCT FROM n.{name}::VARCHAR"
        if column.type == "JSON"
        else f"o.{name} IS DISTINCT FROM n.{name}"
        for column in table.columns
        if (name := identifier(column.name))
    )
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _delta AS
        SELECT CASE WHEN old_row IS NULL THEN 'I' WHEN new_row IS NULL THEN 'D' ELSE 'U' END AS operation,
               old_row, new_row
        FROM (SELECT rowid AS old_row, * FROM {place}) AS o
        FULL OUTER JOIN (SELECT rowid AS new_row, * FROM _incoming) AS n ON {same_key}
        WHERE old_row IS NULL OR new_row IS NULL OR {different}
    """)
    count = dict(con.execute("SELECT operation, count(*) FROM _delta GROUP BY operation").fetchall())
    if count.get("U") or count.get("D"):
        con.execute(f"DELETE FROM {place} WHERE rowid IN (SELECT old_row FROM _delta WHERE operation <> 'I')")
    if count.get("U") or count.get("I"):
        chosen = "_incoming WHERE rowid IN (SELECT new_row FROM _delta WHERE operation <> 'D')"
        writer.insert(table, load_id, chosen)
    con.execute("DROP TABLE _delta")
    con.execute("DROP TABLE _incoming")
    return count.get("I", 0), count.get("U", 0), count.get("D", 0)
