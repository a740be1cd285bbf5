"""The only connection of the dashboards to the warehouse: the lake at the snapshot of a publication, through the gate.

A run of a page looks up its publication once and hands it to every query, so that no page mixes two. The lake
is attached once for each publication and shared by all sessions, read-only, as the role hub_lake_reader, which cannot
reach the confidential lake. Results are Arrow tables: amounts stay decimals, no binary float is on their way.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import streamlit as st

from dashboards.gate import gated, gated_twice
from dashboards.policy import Scope
from pipelines import lake, publication
from pipelines.publication import Publication

# Pages that began before a publication end on the one before it; more than these are never needed at once.
ATTACHED_AT_MOST = 3
THREADS = 2
CACHED_RESULTS = 1024
CACHE_SECONDS = 3600


class WarehouseAway(Exception):
    """The lake or its catalog cannot be reached, or was never set up; the text says what the server said."""


class NotKept(Exception):
    """An earlier publication does not have what is asked for: it was made before this was kept."""


_NO_CATALOG = (psycopg.OperationalError, psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)


def latest() -> Publication | None:
    """The latest publication that was not withdrawn; None before the first one.

    Raises:
        WarehouseAway: the catalog does not answer, or has not been set up.
    """
    try:
        return publication.latest()
    except _NO_CATALOG as error:
        raise WarehouseAway(str(error)) from error


def earlier(publication_id: int) -> Publication | None:
    """A publication by its number; None where there is none, or it was withdrawn.

    Raises:
        WarehouseAway: the catalog does not answer, or has not been set up.
    """
    try:
        found = publication.get(publication_id)
    except publication.PublicationError:
        return None
    except _NO_CATALOG as error:
        raise WarehouseAway(str(error)) from error
    return found if found.withdrawn_at is None else None


def every() -> list[Publication]:
    """All publications that were not withdrawn, the newest first.

    Raises:
        WarehouseAway: the catalog does not answer, or has not been set up.
    """
    try:
        found = publication.every()
    except _NO_CATALOG as error:
        raise WarehouseAway(str(error)) from error
    return sorted((one for one in found if one.withdrawn_at is None), key=lambda one: one.id, reverse=True)


_attached: OrderedDict[tuple[int, int], duckdb.DuckDBPyConnection] = OrderedDict()
_attaching = threading.Lock()


def read(shown: Publication, scope: Scope, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
    """The rows of a query over the marts, as this scope may see them in this publication.

    Args:
        shown: the publication that this run of the page shows.
        scope: rights of the viewer.
        sql: a SELECT that names marts bare, with `$name` parameters.
        parameters: their values.

    Raises:
        NotGated: the query reads what the gate does not open.
        WarehouseAway: the lake cannot be attached.
    """
    # A cursor is a connection of its own to the same DuckDB: several threads may read at once.
    with _database(shown).cursor() as cursor:
        return cursor.execute(gated(sql, scope), dict(parameters or {})).to_arrow_table()


kept = st.cache_data(
    ttl=CACHE_SECONDS,
    max_entries=CACHED_RESULTS,
    show_spinner=False,
    # The number and the snapshot say all of a publication; its certificate is long.
    hash_funcs={Publication: lambda shown: _key(shown)},
)


@kept
def cached(shown: Publication, scope: Scope, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
    """`read`, kept for the next who asks the same with the same rights."""
    return read(shown, scope, sql, parameters)


@kept
def compared(
    earlier: Publication,
    shown: Publication,
    scope: Scope,
    rows: str,
    comparison: str,
    parameters: Mapping[str, Any] | None = None,
) -> pa.Table:
    """A comparison of the rows of a query in two publications, as this scope may see them now, kept like `cached`.

    Args:
        rows: a SELECT that names marts bare, read at the snapshots of both.
        comparison: a SELECT over `earlier` and `later`, the rows of either.

    Raises:
        NotGated: either reads what the gate does not open.
        NotKept: the earlier publication lacks a mart or a column that `rows` names.
        WarehouseAway: the lake cannot be attached.
    """
    sql = gated_twice(rows, comparison, scope, earlier.lake_snapshot)
    with _database(shown).cursor() as cursor:
        try:
            return cursor.execute(sql, dict(parameters or {})).to_arrow_table()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise NotKept(str(error)) from error


# What the lake itself records of loads and quality: counts over whole tables, so only for who sees all companies.
RECORDS = {
    "sources": "SELECT source, max(finished_at) AS at, count(*) AS loads, sum(rows_inserted)::BIGINT AS rows "
    "FROM lake.meta.load GROUP BY source ORDER BY source",
    "loads": "SELECT source, kind, finished_at, rows_inserted, rows_updated, rows_deleted, rows_quarantined "
    "FROM lake.meta.load ORDER BY load_id DESC LIMIT 20",
    "quality": "SELECT max(checked_at) AS checked_at, count(*) AS tables, sum(rows_checked)::BIGINT AS rows_checked, "
    "sum(expectations)::BIGINT AS expectations, sum(expectations_failed)::BIGINT AS expectations_failed, "
    "sum(rows_broken)::BIGINT AS rows_broken, sum(rows_waiting)::BIGINT AS rows_waiting "
    "FROM lake.meta.quality_history GROUP BY load_id ORDER BY load_id DESC LIMIT 20",
}


def record(shown: Publication, name: str) -> list[dict[str, Any]]:
    """What the lake records of its loads and their quality in this publication; nothing where it kept no such record yet.

    Raises:
        WarehouseAway: the lake cannot be attached.
    """
    with _database(shown).cursor() as cursor:
        try:
            return cursor.execute(RECORDS[name]).to_arrow_table().to_pylist()
        except duckdb.CatalogException:
            return []


def _key(shown: Publication) -> tuple[int, int]:
    return shown.id, shown.lake_snapshot


def _database(shown: Publication) -> duckdb.DuckDBPyConnection:
    with _attaching:
        found = _attached.get(_key(shown))
        if found is None:
            try:
                found = lake.connect(at=shown.lake_snapshot, sealed=True, threads=THREADS)
            except (lake.LakeError, duckdb.Error) as error:
                raise WarehouseAway(str(error)) from error
            _attached[_key(shown)] = found
            while len(_attached) > ATTACHED_AT_MOST:
                # Not closed by us: a query that still runs keeps its database until it is done.
                _attached.popitem(last=False)
        return found


def forget() -> None:
    """Let go of everything attached and cached: for tests, and after the lake was restored elsewhere."""
    with _attaching:
        _attached.clear()
    cached.clear()
    compared.clear()
