"""Read-only SQL of a person over the warehouse, at a publication or at the newest state.

What belongs here: opening the warehouse as the operator or as a user sees it, and running one admitted statement. What
may be asked stands in `query_guard.py`, what a user may see in `policy.py`.

The operator reads the lake itself. A user reads views instead, one per mart that the policy opens, with a condition on
companies; those views are all that a user's query can name.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

import duckdb

from pipelines import lake, publication
from pipelines.policy import NotAllowed, Viewer, viewer
from pipelines.query_guard import SCHEMAS, QueryRefused, Reach, admit

BLOCK = 1000
HEAD = "head"


class QueryFailed(Exception):
    """DuckDB could not run the query; the message is its own."""

    @property
    def hub_message(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Result:
    """What a query gives: names, DuckDB's types, and the rows, which are fetched in blocks as they are read."""

    columns: list[str]
    types: list[str]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def run(sql: str, *, at: str | None = None, user: str | None = None, confidential: bool = False) -> Iterator[Result]:
    """Run one query.

    Args:
        sql: one statement that only reads; tables with their schema, as in marts.fct_sales_order.
        at: id of a publication, or `head` for the newest state of the lake; None for the latest publication.
        user: whose rights apply; None for the operator.
        confidential: attach the encrypted lake too, as `confidential`.

    Raises:
        QueryRefused: it is not a query that may run.
        QueryFailed: DuckDB could not run it.
        NotAllowed: the user may not read this.
        PublicationError: there is no such publication.
    """
    rights = viewer(user) if user is not None else None
    if rights and confidential and not rights.sees_confidential:
        raise NotAllowed(_("{user} may not read the confidential lake.").format(user=rights.username))
    with _open(at, confidential) as con:
        reach = _show_to(con, rights, confidential) if rights else _reach_of_operator(confidential)
        statement = admit(con, sql, reach)
        try:
            con.execute(statement)
            names = [column[0] for column in con.description or ()]
            types = [str(column[1]) for column in con.description or ()]
            yield Result(names, types, _blocks(con))
        except duckdb.Error as error:
            raise QueryFailed(str(error).strip()) from error


@contextmanager
def _open(at: str | None, confidential: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    if at == HEAD:
        con = lake.connect(confidential=confidential, sealed=True)
    else:
        if at is not None and not at.isdigit():
            raise QueryRefused(_("“{at}” is no publication: give its number, or head.").format(at=at))
        chosen = publication.current() if at is None else publication.get(int(at))
        con = lake.connect(
            at=chosen.lake_snapshot,
            confidential=confidential,
            confidential_at=chosen.confidential_snapshot if confidential else None,
            sealed=True,
        )
    try:
        yield con
    finally:
        con.close()


def _reach_of_operator(confidential: bool) -> Reach:
    return Reach({name: SCHEMAS for name in ("", "lake", *(("confidential",) if confidential else ()))})


def _show_to(con: duckdb.DuckDBPyConnection, rights: Viewer, confidential: bool) -> Reach:
    """Make the views that this user may read, and make their schema the one that names are looked for in."""
    columns: dict[str, set[str]] = {}
    for table, column in con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND schema_name = 'marts'"
    ).fetchall():
        columns.setdefault(table, set()).add(column)
    con.execute("CREATE SCHEMA memory.marts")
    for mart, names in columns.items():
        condition = rights.condition(mart, names)
        if condition is not None:
            name = lake.identifier(mart)
            con.execute(f"CREATE VIEW memory.marts.{name} AS SELECT * FROM lake.marts.{name} WHERE {condition}")
    con.execute("USE memory")
    schemas = {"": re.compile("marts", re.IGNORECASE)}
    if confidential:
        schemas["confidential"] = SCHEMAS
    return Reach(schemas, about_the_lake=False)


def _blocks(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while block := con.fetchmany(BLOCK):
        yield from block
