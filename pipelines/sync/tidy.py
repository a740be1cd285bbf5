"""Small files of many batches put together, so that reading the raw layer does not slow down with each batch.

Every batch leaves a file per table that it touched. Merging changes no row and no snapshot: a reader pinned at an earlier
one goes on reading the old files, which stay until the lake's expiry removes them.
"""

import duckdb

from pipelines.lake import OWN_SCHEMAS
from pipelines.sync.literal import literal, row

# A batch a second makes this many files per table in about a minute.
EVERY_LOADS = 50
OWN_RAW = tuple(f"raw_{schema}" for schema in OWN_SCHEMAS)
RECORDS = ("load", "load_table")


def is_due(previous_load: int, load: int) -> bool:
    """Whether a multiple of EVERY_LOADS lies between two loads. Outside sources use up numbers too."""
    return load // EVERY_LOADS > previous_load // EVERY_LOADS


def merge_small_files(con: duckdb.DuckDBPyConnection, catalog: str) -> None:
    """Merge the files of the store's raw tables and of the load records, outside any transaction of `con`.

    The caller holds the lock of the raw layer: nobody else writes to these tables.
    """
    tables = con.execute(
        f"SELECT DISTINCT schema_name, table_name FROM duckdb_columns() WHERE database_name = {literal(catalog)} "
        f"AND (schema_name IN {row(*OWN_RAW)} OR (schema_name = 'meta' AND table_name IN {row(*RECORDS)}))"
    ).fetchall()
    for schema, table in tables:
        con.execute(
            f"CALL ducklake_merge_adjacent_files({literal(catalog)}, {literal(table)}, schema => {literal(schema)})"
        ).fetchall()
