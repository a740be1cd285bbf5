"""One batch: the difference of two snapshots of the store, applied to the tables it touches and to no others.

The images of the change log become typed rows in PostgreSQL itself (`jsonb_populate_record`), through the same
expressions as a full load. In DuckDB, `from_json` was tried and given up: it took 4-5 times as long, and it re-spells
numbers inside JSON columns, so that a batch wrote another text than a full load.
"""

import time
from gettext import gettext as _

from pipelines.sync import store
from pipelines.sync.errors import Diverged
from pipelines.sync.tables import Table
from pipelines.sync.watermark import Watermark
from pipelines.sync.writing import TableResult, Writer, since


def touched(writer: Writer, log: Table, last: Watermark) -> dict[str, int]:
    """The tables that changed since `last`, with the number of entries of the log."""
    found = store.rows(
        writer.reader,
        f"SELECT r.schema_name || '.' || r.table_name AS name, count(*) AS entries FROM {log.source} AS r "
        f"WHERE {store.difference(last)} AND {log.condition} GROUP BY 1 ORDER BY 1",
    )
    return dict(found)


def append_log(writer: Writer, log: Table, last: Watermark, load_id: int, rows_before: int) -> TableResult:
    """Add the new entries of the change log themselves: every change is kept, with both its times."""
    begin = time.monotonic()
    arriving = writer.incoming(f"{log.query()} AND {store.difference(last)}")
    inserted = writer.insert(log, load_id, arriving)
    return TableResult(writer.catalog, log.raw_schema, log.name, "loaded", rows_before, inserted, 0, 0, since(begin))


def apply(writer: Writer, table: Table, last: Watermark, load_id: int, rows_before: int) -> TableResult:
    """Bring the last state of every key of a table that changed since `last`.

    Raises:
        Diverged: the lake's table does not hold a row that the log says was there.
    """
    begin = time.monotonic()
    con = writer.con
    con.execute(f"CREATE OR REPLACE TEMP TABLE _events AS FROM {writer.incoming(_events(table, last))}")
    key = table.key_names()
    # The state that counts has the highest sequence, which was taken under the row's lock; a transaction that began
    # earlier may change a row later. A key whose first event is a birth was not there before.
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE _last AS
        SELECT *, NOT first_value(_born) OVER (PARTITION BY {key} ORDER BY _sequence, _alive) AS _existed
        FROM _events
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY _sequence DESC, _alive DESC) = 1
    """)
    inserted, updated, deleted, existed = con.execute(
        "SELECT count(*) FILTER (_alive AND NOT _existed), count(*) FILTER (_alive AND _existed), "
        "count(*) FILTER (NOT _alive AND _existed), count(*) FILTER (_existed) FROM _last"
    ).fetchone()
    if existed:
        # Rows that are new in this batch cost no search: only keys that were there are looked for.
        chosen = f"({key})" if len(table.key) > 1 else key
        gone = writer.one(
            f"DELETE FROM {table.place(writer.catalog)} WHERE {chosen} IN (SELECT {chosen} FROM _last WHERE _existed)"
        )
        if gone != existed:
            raise Diverged(
                table.full_name,
                _("{table}: the change log speaks of {existed} earlier rows, the lake has {gone} of them. Compare it "
                  "in full with hub sync store --full.").format(table=table.full_name, existed=existed, gone=gone),
            )  # fmt: skip
    if inserted or updated:
        writer.insert(table, load_id, "_last WHERE _alive")
    con.execute("DROP TABLE _events")
    con.execute("DROP TABLE _last")
    return TableResult(
        writer.catalog, table.raw_schema, table.name, "loaded", rows_before, inserted, updated, deleted, since(begin)
    )


def _events(table: Table, last: Watermark) -> str:
    """PostgreSQL's SQL: what happened to each key since `last`, with the row as it then was, typed.

    An entry whose key is another before and after (a key of several texts can hide that behind one `row_key`) is two
    events: the end of one row and the birth of another.
    """
    moved = " OR ".join(
        f"r.before -> '{_text(name)}' IS DISTINCT FROM r.after -> '{_text(name)}'" for name in table.key
    )
    fields = ", ".join(column.expression("v") for column in table.columns)
    return (
        f"SELECT r.sequence AS _sequence, e.alive AS _alive, e.born AS _born, {fields} FROM core.change_log AS r "
        f"CROSS JOIN LATERAL (SELECT r.after AS image, true AS alive, (r.operation = 'I' OR ({moved})) AS born "
        "WHERE r.operation <> 'D' UNION ALL SELECT r.before, false, false "
        f"WHERE r.operation = 'D' OR (r.operation = 'U' AND ({moved}))) AS e "
        f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{table.source}, e.image) AS v "
        f"WHERE {store.difference(last)} AND r.schema_name = '{_text(table.schema)}' "
        f"AND r.table_name = '{_text(table.name)}'"
    )


def _text(name: str) -> str:
    return name.replace("'", "''")
