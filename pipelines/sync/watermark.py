"""How far each lake has come: one row per lake, written in the transaction that writes the rows.

The row is replaced, not added to, so that finding it costs the same after a million batches; the history of loads is in
`meta.load`. Since a DuckLake snapshot holds it too, a pinned reader finds the instant of exactly the rows it reads.
"""

import json
from dataclasses import dataclass, field

import duckdb

from pipelines import lake
from pipelines.sync.literal import row

TABLE = "store_watermark"
COLUMNS = {
    "load_id": ("BIGINT NOT NULL", "The load that brought the raw layer to this instant."),
    "snapshot": ("VARCHAR NOT NULL", "PostgreSQL snapshot of the store that the raw layer equals."),
    "taken_at": ("VARCHAR NOT NULL", "The server's clock when the snapshot was taken."),
    "system_identifier": ("VARCHAR NOT NULL", "Which PostgreSQL cluster the snapshot belongs to."),
    "database_oid": ("BIGINT NOT NULL", "Which database of that cluster."),
    "anchor_sequence": (
        "BIGINT",
        "Newest entry of the change log then; its absence later shows a store put back in time.",
    ),
    "anchor_xid": ("BIGINT", "Transaction of that entry."),
    "anchor_recorded_at": ("VARCHAR", "Time of that entry."),
    "highest_xid": ("BIGINT NOT NULL", "Highest transaction id of any entry then: above it, every entry is new."),
    "floor": ("BIGINT NOT NULL", "Entries up to this sequence came with a dump of another server and are never new."),
    "tables": ("VARCHAR NOT NULL", "JSON: for each table the fingerprint of its shape and its number of rows."),
}


@dataclass(frozen=True)
class TableState:
    """What the lake holds of one table."""

    shape: str
    rows: int


@dataclass(frozen=True)
class Watermark:
    """The instant of the store that a lake equals; the columns of COLUMNS."""

    load_id: int
    snapshot: str
    taken_at: str
    system_identifier: str
    database_oid: int
    anchor: tuple[int, int, str] | None
    highest_xid: int
    floor: int
    tables: dict[str, TableState] = field(default_factory=dict)


def lake_columns(con: duckdb.DuckDBPyConnection, catalog: str, schema: str, table: str) -> list[tuple[str, str]]:
    """Name and type of the columns of a table in the lake; empty when there is no such table.

    Not by duckdb_tables(): it fetches the statistics of every table of the lake, one query each, which came to more
    than the rest of a batch.
    """
    return con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        f"WHERE (database_name, schema_name, table_name) = {row(catalog, schema, table)} ORDER BY column_index"
    ).fetchall()


def read(con: duckdb.DuckDBPyConnection, catalog: str) -> Watermark | None:
    """The watermark of a lake, in the transaction of `con`; None before the first load."""
    if not lake_columns(con, catalog, "meta", TABLE):
        return None
    found = con.execute(f"SELECT {', '.join(COLUMNS)} FROM {catalog}.meta.{TABLE}").fetchone()
    if found is None:
        return None
    anchor = (found[5], found[6], found[7]) if found[5] is not None else None
    tables = {name: TableState(**state) for name, state in json.loads(found[10]).items()}
    return Watermark(*found[:5], anchor, found[8], found[9], tables)


def write(con: duckdb.DuckDBPyConnection, catalog: str, mark: Watermark) -> None:
    """Replace the watermark of a lake, in the transaction of `con`."""
    place = f"{catalog}.meta.{TABLE}"
    if lake_columns(con, catalog, "meta", TABLE):
        con.execute(f"DELETE FROM {place}")
    else:
        con.execute(f"CREATE TABLE {place} ({', '.join(f'{name} {kind}' for name, (kind, _) in COLUMNS.items())})")
        for name, (_kind, sentence) in COLUMNS.items():
            con.execute(f"COMMENT ON COLUMN {place}.{name} IS {lake.quoted(sentence)}")
    tables = json.dumps({name: {"shape": t.shape, "rows": t.rows} for name, t in sorted(mark.tables.items())})
    values = row(
        mark.load_id, mark.snapshot, mark.taken_at, mark.system_identifier, mark.database_oid,
        *(mark.anchor or (None, None, None)), mark.highest_xid, mark.floor, tables,
    )  # fmt: skip
    con.execute(f"INSERT INTO {place} VALUES {values}")
