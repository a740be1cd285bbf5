"""Where a lake's rows are written, and what was done to one of its tables.

DuckDB writes to one attached database per transaction, and only one transaction can hold the store's snapshot. So the
transaction that reads the store writes the public lake itself; the encrypted lake is written by a second connection of
the same DuckDB, which gets its rows through Arrow, typed as they are. Both commit: the encrypted lake first.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from pipelines import lake
from pipelines.lake import identifier
from pipelines.sync import store
from pipelines.sync.tables import Table
from pipelines.sync.watermark import lake_columns

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class TableResult:
    """What happened to one table in one lake.

    Attributes:
        catalog: `lake` or `confidential`.
        status: loaded, replaced (its columns changed, so it was made anew) or removed.
        seconds: to read, compare and write.
    """

    catalog: str
    schema_name: str
    table_name: str
    status: str
    rows_before: int
    inserted: int
    updated: int
    deleted: int
    seconds: Decimal

    @property
    def rows_after(self) -> int:
        return self.rows_before + self.inserted - self.deleted


class Writer:
    """One lake, as the transaction of one connection sees it."""

    def __init__(self, catalog: str, reader: duckdb.DuckDBPyConnection) -> None:
        """`reader` holds the store's snapshot; for the public lake it is the writer as well."""
        self.catalog = catalog
        self.reader = reader
        self.con = reader if catalog == "lake" else reader.cursor()
        if self.con is not reader:
            self.con.execute("SET TimeZone = 'UTC'")

    def incoming(self, sql: str) -> str:
        """PostgreSQL's SQL as something to select FROM, once, in a statement of `con`."""
        if self.con is self.reader:
            return store.relation(sql)
        self.con.register("_arriving", self.reader.execute(f"FROM {store.relation(sql)}").to_arrow_reader(100_000))
        return "_arriving"

    def one(self, sql: str) -> Any:
        """The one value that a statement gives; for INSERT and DELETE the number of rows."""
        return self.con.execute(sql).fetchone()[0]

    def columns(self, table: Table) -> list[tuple[str, str]]:
        """Name and type of the columns in the lake; empty when there is no such table."""
        return lake_columns(self.con, self.catalog, table.raw_schema, table.name)

    def create(self, table: Table) -> None:
        place = table.place(self.catalog)
        self.con.execute(f"CREATE SCHEMA IF NOT EXISTS {self.catalog}.{identifier(table.raw_schema)}")
        kinds = ", ".join(f"{identifier(name)} {kind}" for name, kind in wanted_columns(table))
        self.con.execute(f"CREATE TABLE {place} ({kinds})")
        sentences = {column.name: column.sentence for column in table.columns if column.sentence}
        sentences["_load_id"] = "The load that brought this version of the row; see meta.load."
        for name, sentence in sentences.items():
            self.con.execute(f"COMMENT ON COLUMN {place}.{identifier(name)} IS {lake.quoted(sentence)}")

    def insert(self, table: Table, load_id: int, origin: str) -> int:
        """Add the rows of `origin` (FROM …) to a table and give their number."""
        names = table.names()
        return self.one(
            f"INSERT INTO {table.place(self.catalog)} ({names}, _load_id) SELECT {names}, {int(load_id)} FROM {origin}"
        )


def wanted_columns(table: Table) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in table.columns] + [("_load_id", "BIGINT")]


def since(begin: float) -> Decimal:
    """Seconds since a reading of the monotonic clock, to the millisecond."""
    return Decimal(f"{time.monotonic() - begin:.3f}")
