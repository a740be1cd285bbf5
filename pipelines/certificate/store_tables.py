"""The raw layer against our own store, table by table, at the instant of the watermark."""

from collections.abc import Iterator
from gettext import gettext as _

import duckdb

from pipelines.certificate import figures, store_side
from pipelines.certificate.check import Check
from pipelines.lake import quoted
from pipelines.sync import store, watermark
from pipelines.sync.run import confidential_tables
from pipelines.sync.tables import Table, discover, share_out
from pipelines.sync.watermark import Watermark


def checks(con: duckdb.DuckDBPyConnection, catalogs: dict[str, str]) -> Iterator[Check]:
    """One check per table of the store, and one for how far each lake has come.

    Args:
        con: in a transaction; lakes attached at the snapshots that the marts were built from, the store as `store`.
        catalogs: `lake` and `confidential` -> the name under which each is attached.
    """
    marks = {lake: mark for lake, alias in catalogs.items() if (mark := watermark.read(con, alias))}
    if not marks:
        yield Check("store", {"tables": 0, "watermark": None})
        return
    now = store.instant(con)
    shares = share_out(discover(lambda sql: store.rows(con, sql)), confidential_tables())
    for lake, mark in marks.items():
        share = shares[lake]
        why = store.why_not_continued(con, now, mark)
        moved = _moved(share, mark)
        name = "store" if lake == "lake" else f"store ({lake})"
        if why or moved:
            yield Check(name, {"watermark": mark.snapshot}, [_sentence(why, moved)])
            continue
        yield Check(name, {"watermark": mark.snapshot, "taken_at": mark.taken_at, "tables": len(share)})
        filled = _filled(con, share, mark, catalogs[lake])
        for table in share.values():
            if table.full_name in filled:
                yield _compare(con, table, mark, catalogs[lake])
            else:
                yield _agreed(table, figures.NOTHING)


def _moved(share: dict[str, Table], mark: Watermark) -> list[str]:
    """Tables that were altered, made or dropped since the watermark, so that the log cannot tell their rows then."""
    then = {name: state.shape for name, state in mark.tables.items()}
    now = {name: table.shape for name, table in share.items()}
    return sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))


def _sentence(why: str | None, moved: list[str]) -> str:
    if why:
        return _("The store cannot be put back to that instant ({why}): run hub sync and hub build.").format(why=why)
    return _("{tables} was altered since the sync: run hub sync and hub build.").format(tables=", ".join(moved))


def _filled(con: duckdb.DuckDBPyConnection, share: dict[str, Table], mark: Watermark, alias: str) -> set[str]:
    """The tables that have a row on either side. Most modules of a company stand empty; asking for their figures one by
    one would take longer than all the rest."""
    in_store = " UNION ALL ".join(
        f"(SELECT {quoted(name)} AS name FROM ({store_side.at(table, mark)}) AS rows LIMIT 1)"
        for name, table in share.items()
    )
    in_lake = " UNION ALL ".join(
        f"(SELECT {quoted(name)} AS name FROM {table.place(alias)} LIMIT 1)" for name, table in share.items()
    )
    return {
        name
        for origin in (store.relation(in_store), f"({in_lake})")
        for (name,) in con.execute(f"SELECT name FROM {origin}").fetchall()
    }


def _agreed(table: Table, found: figures.Figures) -> Check:
    return Check(f"store {table.full_name}", {"rows": found.rows, "sums": found.sums, "digest": found.digest})


def _compare(con: duckdb.DuckDBPyConnection, table: Table, mark: Watermark, alias: str) -> Check:
    columns = [(column.name, column.type) for column in table.columns]
    store_side_rows = store.relation(store_side.at(table, mark))
    lake_rows = table.place(alias)
    there = figures.of(con, store_side_rows, columns)
    here = figures.of(con, lake_rows, columns)
    if there == here:
        return _agreed(table, here)
    shown = [*table.key, *(["number"] if "number" in dict(columns) and "number" not in table.key else [])]
    differing = figures.differing(con, store_side_rows, lake_rows, columns, shown)
    found = {
        "rows": here.rows, "rows_in_store": there.rows, "sums": here.sums, "sums_in_store": there.sums,
    }  # fmt: skip
    return Check(
        f"store {table.full_name}",
        found,
        [f"{table.full_name} {document}" for document in differing] or [table.full_name],
    )
