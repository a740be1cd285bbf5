"""The raw layer against the store, table by table, at one instant: `hub verify lake`.

The comparison runs inside a sync, in the transaction that has the store's snapshot and the batch just applied: so it
may run while clerks work, and a difference is a fault, never a change that came in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from gettext import gettext as _

from pipelines.lake import identifier
from pipelines.sync.run import sync_store
from pipelines.sync.tables import Table
from pipelines.sync.writing import Progress, Writer

EXAMPLES = 3


@dataclass(frozen=True)
class Difference:
    """A table of the raw layer that is not the store's.

    Attributes:
        table: as it is called in the lake, with the lake.
        store_rows, lake_rows: how many rows each has.
        keys: keys of a few rows that differ or that only one of the two has.
    """

    table: str
    store_rows: int
    lake_rows: int
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return _(
            "{table}: {store} rows in the store, {lake} in the lake; different, for example: {keys}. "
            "hub sync store --full brings it right."
        ).format(table=self.table, store=self.store_rows, lake=self.lake_rows, keys="; ".join(self.keys))


def compare(progress: Progress | None = None) -> list[Difference]:
    """Sync, then compare every table by the number of its rows and a hash over all their columns.

    Args:
        progress: called with (tables done, tables in all, the table at work) during the comparison.
    """
    found: list[Difference] = []

    def look(writers: list[Writer], shares: dict[str, dict[str, Table]]) -> None:
        pairs = [(writer, table) for writer in writers for table in shares[writer.catalog].values()]
        for done, (writer, table) in enumerate(pairs):
            if progress:
                progress(done, len(pairs), table.full_name)
            if difference := compare_table(writer, table):
                found.append(difference)
        if progress:
            progress(len(pairs), len(pairs), "")

    sync_store(inspect=look)
    return found


def compare_table(writer: Writer, table: Table) -> Difference | None:
    """One table, inside the transaction of a sync."""
    place = table.place(writer.catalog)
    store_side = _digest(writer, table, writer.incoming(table.query()))
    lake_side = _digest(writer, table, place)
    if store_side == lake_side:
        return None
    return Difference(place.replace('"', ""), store_side[0], lake_side[0], tuple(_examples(writer, table, place)))


def _digest(writer: Writer, table: Table, origin: str) -> Sequence[object]:
    """Number of rows and the sum of their hashes: independent of their order, and it tells duplicates."""
    columns = ", ".join(f"CAST({identifier(c.name)} AS {_comparable(c.type)})" for c in table.columns)
    return writer.con.execute(f"SELECT count(*), coalesce(sum(hash({columns})::HUGEINT), 0) FROM {origin}").fetchone()


def _examples(writer: Writer, table: Table, place: str) -> list[str]:
    columns = ", ".join(
        f"CAST({identifier(c.name)} AS {_comparable(c.type)}) AS {identifier(c.name)}" for c in table.columns
    )
    key = " || ',' || ".join(f"{identifier(name)}::VARCHAR" for name in table.key)
    writer.con.execute(
        f"CREATE OR REPLACE TEMP TABLE _incoming AS SELECT {columns} FROM {writer.incoming(table.query())}"
    )
    rows = writer.con.execute(
        f"SELECT DISTINCT {key} FROM ((FROM _incoming EXCEPT ALL SELECT {columns} FROM {place}) UNION ALL "
        f"(SELECT {columns} FROM {place} EXCEPT ALL FROM _incoming)) ORDER BY 1 LIMIT {EXAMPLES}"
    ).fetchall()
    writer.con.execute("DROP TABLE _incoming")
    return [row[0] for row in rows]


def _comparable(kind: str) -> str:
    """JSON is compared as the text it is."""
    return "VARCHAR" if kind == "JSON" else kind
