"""Parquet files: typed by whoever wrote them. Amounts stay decimals; what the lake has no word for becomes text."""

from gettext import gettext as _
from pathlib import Path

import duckdb

from connectors import naming
from connectors.base import Column, SourceError, TableData, TableRef

SUFFIX = ".parquet"
KEPT = ("BOOLEAN", "BIGINT", "DATE", "TIMESTAMP", "VARCHAR", "BLOB", "DOUBLE")
WIDER = {
    "TINYINT": "BIGINT", "SMALLINT": "BIGINT", "INTEGER": "BIGINT", "UTINYINT": "BIGINT", "USMALLINT": "BIGINT",
    "UINTEGER": "BIGINT", "UBIGINT": "DECIMAL(20,0)", "HUGEINT": "DECIMAL(38,0)", "FLOAT": "DOUBLE",
    "TIMESTAMP_NS": "TIMESTAMP", "TIMESTAMP_MS": "TIMESTAMP", "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
}  # fmt: skip


def read(con: duckdb.DuckDBPyConnection, ref: TableRef, path: Path) -> TableData:
    """The rows of a file.

    Raises:
        SourceError: it is no Parquet file, or a damaged one.
    """
    place = "'" + str(path).replace("'", "''") + "'"
    try:
        there = con.execute(f"DESCRIBE SELECT * FROM read_parquet({place})").fetchall()
        count = con.execute(f"SELECT count(*) FROM read_parquet({place})").fetchone()[0]
    except duckdb.Error as error:
        raise SourceError(
            _("{file} is no Parquet file, or a damaged one: {error}").format(
                file=ref.origin, error=str(error).strip().splitlines()[0]
            )
        ) from error
    names = naming.column_names([row[0] for row in there])
    columns = tuple(
        Column(name, ref.options.types.get(name) or _type(kind), spelt)
        for name, (spelt, kind, *_rest) in zip(names, there, strict=True)
    )
    shown = ", ".join(
        f"{_cast(column, kind)} AS {_quoted(column.name)}"
        for column, (_spelt, kind, *_r) in zip(columns, there, strict=True)
    )
    origin = "'" + ref.origin.replace("'", "''") + "'"
    relation = con.sql(
        f"SELECT {shown}, {origin} AS _source_file, file_row_number + 1 AS _source_row "
        f"FROM read_parquet({place}, file_row_number = true)"
    )
    return TableData(ref, columns, count, relation)


def _type(kind: str) -> str:
    return kind if kind in KEPT or kind.startswith("DECIMAL(") and "[" not in kind else WIDER.get(kind, "VARCHAR")


def _cast(column: Column, kind: str) -> str:
    name = _quoted(column.source_name)
    if kind.startswith(("STRUCT", "MAP")) or kind.endswith("]"):
        return f"CAST(to_json({name}) AS VARCHAR)"
    return name if kind == column.type else f"CAST({name} AS {column.type})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
