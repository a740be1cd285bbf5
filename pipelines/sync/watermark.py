"""How far each lake has come: one row per lake, written in the transaction that writes the rows.

The row is replaced, not added to, so that finding it costs the same after a million batches; the history of loads is in
`meta.load`. Since a DuckLake snapshot holds it too, a pinned reader finds the instant of exactly the rows it reads.
"""

import json
from dataclasses import dataclass, field

import duckdb

from pipelines import lake

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


def read(con: duckdb.DuckDBPyConnection, catalog: str) -> Watermark | None:
    """The watermark of a lake, in the transaction of `con`; None before the first load."""
    if not _exists(con, catalog):
        return None
    row = con.execute(f"SELECT {', '.join(COLUMNS)} FROM {catalog}.meta.{TABLE}").fetchone()
    if row is None:
        return None
    anchor = (row[5], row[6], row[7]) if row[5] is not None else None
    tables = {name: TableState(**state) for name, state in json.loads(row[10]).items()}
    return Watermark(*row[:5], anchor, row[8], row[9], tables)


def write(con: duckdb.DuckDBPyConnection, catalog: str, mark: Watermark) -> None:
    """Replace the watermark of a lake, in the transaction of `con`."""
    place = f"{catalog}.meta.{TABLE}"
    if _exists(con, catalog):
        con.execute(f"DELETE FROM {place}")
    else:
        con.execute(f"CREATE TABLE {place} ({', '.join(f'{name} {kind}' for name, (kind, _) in COLUMNS.items())})")
        for name, (_kind, sentence) in COLUMNS.items():
            con.execute(f"COMMENT ON COLUMN {place}.{name} IS {lake.quoted(sentence)}")
    tables = json.dumps({name: {"shape": t.shape, "rows": t.rows} for name, t in sorted(mark.tables.items())})
    con.execute(
        f"INSERT INTO {place} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (mark.load_id, mark.snapshot, mark.taken_at, mark.system_identifier, mark.database_oid,
         *(mark.anchor or (None, None, None)), mark.highest_xid, mark.floor, tables),
    )  # fmt: skip


def _exists(con: duckdb.DuckDBPyConnection, catalog: str) -> bool:
    return bool(
        con.execute(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'meta' AND table_name = ?",
            (catalog, TABLE),
        ).fetchone()
    )
