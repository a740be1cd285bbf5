"""The raw layer against the load records of outside sources: nothing came in, went or changed beside a load."""

from collections.abc import Iterator
from gettext import gettext as _

import duckdb

from pipelines.certificate import figures
from pipelines.certificate.check import Check, columns, has
from pipelines.lake import identifier
from pipelines.sync.record import SOURCE


def checks(con: duckdb.DuckDBPyConnection, catalogs: dict[str, str]) -> Iterator[Check]:
    """One check per table of an outside source, in each lake.

    Args:
        catalogs: `lake` and `confidential` -> the name under which each is attached.
    """
    for lake, alias in catalogs.items():
        loaded = con.execute(
            "SELECT schema_name, table_name, arg_max(rows_after, load_id), max(load_id) "
            f"FROM {alias}.meta.load_table WHERE source <> ? GROUP BY ALL "
            "HAVING arg_max(status, load_id) <> 'removed' ORDER BY ALL",
            [SOURCE],
        ).fetchall()
        for schema, table, rows, load_id in loaded:
            prefix = "source" if lake == "lake" else f"source ({lake})"
            yield _compare(con, f"{prefix} {schema}.{table}", alias, schema, table, rows, load_id)


def _compare(
    con: duckdb.DuckDBPyConnection, name: str, alias: str, schema: str, table: str, rows: int, load_id: int
) -> Check:
    if not has(con, alias, schema, table):
        return Check(name, {"rows": None, "rows_loaded": rows}, [_("{table} is gone").format(table=table)])
    place = f"{alias}.{identifier(schema)}.{identifier(table)}"
    here = figures.of(con, place, columns(con, alias, schema, table))
    newest = con.execute(f"SELECT max(_load_id) FROM {place}").fetchone()[0]
    found = {"rows": here.rows, "sums": here.sums, "digest": here.digest, "load_id": load_id}
    wrong = []
    if here.rows != rows:
        wrong.append(_("{here} rows, the load recorded {rows}").format(here=here.rows, rows=rows))
    if newest is not None and newest > load_id:
        wrong.append(_("rows of load {newest}, which is not recorded").format(newest=newest))
    return Check(name, found, wrong)
