"""What the hub remembers of each table of a source: its contract, and how far it was read.

Kept in the catalog's database, where only the pipelines' role reads it. Written after both lakes have committed: a
crash in between leaves the older state, from which the next load reads some rows again, which changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from pipelines import lake


@dataclass(frozen=True)
class Remembered:
    """A table of a source, as its last load left it.

    Attributes:
        load_id: that load.
        settings: fingerprint of the options it was read with; under others the state means nothing.
        contract: column → type.
        key: columns that identify a row.
        state: how far it was read, in the connector's words.
    """

    load_id: int
    settings: str
    contract: Mapping[str, str]
    state: Mapping[str, Any]
    key: Sequence[str] = ()


def read(source: str) -> dict[str, Remembered]:
    """table → what is remembered of it."""
    with lake.catalog(row_factory=tuple_row) as db:
        rows = db.execute(
            "SELECT table_name, load_id, settings, contract, state, key_columns FROM hub_meta.source_table WHERE source = %s",
            (source,),
        ).fetchall()
    # The contract is a list of pairs: jsonb would forget the order of columns.
    return {row[0]: Remembered(row[1], row[2], dict(row[3]), row[4], tuple(row[5])) for row in rows}


def write(source: str, tables: Mapping[str, Remembered]) -> None:
    """Remember these tables; others stay as they are."""
    with lake.catalog() as db, db.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO hub_meta.source_table (source, table_name, load_id, settings, contract, state, key_columns) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (source, table_name) DO UPDATE SET load_id = excluded.load_id, "
            "settings = excluded.settings, contract = excluded.contract, state = excluded.state, "
            "key_columns = excluded.key_columns, updated_at = now()",
            [
                (
                    source,
                    table,
                    one.load_id,
                    one.settings,
                    Jsonb(list(one.contract.items())),
                    Jsonb(dict(one.state)),
                    list(one.key),
                )
                for table, one in tables.items()
            ],
        )


def forget(source: str, tables: list[str]) -> None:
    """Forget tables that the source no longer has."""
    with lake.catalog() as db:
        db.execute("DELETE FROM hub_meta.source_table WHERE source = %s AND table_name = ANY(%s)", (source, tables))
