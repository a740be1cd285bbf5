"""The one gate between pages and the warehouse: every query sees only the rows and columns of its scope.

A page names marts bare (`FROM fct_sales_order`). The gate parses the statement with DuckDB's own parser, refuses whatever
is not a SELECT over the marts listed here, and puts in front of it a view of each mart that holds the permitted rows
only. So a page that forgets a filter, or misspells one, shows too little and never too much.

A mart that is not listed cannot be read; it is opened by a line in MARTS, or in the map that this one begins with.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import duckdb

from dashboards.policy import Companies, Scope
from pipelines.lake import identifier, quoted
from pipelines.policy import ENTITY_OF_MART, EVERYBODY

# Without the right to read this entity a company's figures are on no dashboard, whatever else one may read in the app.
DASHBOARD = "dashboard_executive"

# Functions that give rows without reading anything.
HARMLESS_FUNCTIONS = {"unnest", "range", "generate_series"}


class NotGated(Exception):
    """A page asked for something that the gate does not open: a mistake in the page, not of the user."""


@dataclass(frozen=True)
class Mart:
    """How the policy applies to one mart.

    Attributes:
        entity: entity of the policy that its rows are about.
        columns: further entity needed for a column; in companies where it may not be read, the column is empty. Where
            this is given, columns that are not listed do not exist for pages.
        found_in: for a dimension that all companies share, the facts in which a row must occur (mart, column), so that
            it shows to those who may see such a fact.
    """

    entity: str
    columns: Mapping[str, str] = field(default_factory=dict)
    found_in: tuple[str, tuple[str, ...]] | None = None


# The entity of each mart stands with the pipelines, for `hub query` and dashboards alike; here stands what it takes beside.
MARTS: dict[str, Mart] = {name: Mart(entity) for name, entity in ENTITY_OF_MART.items()} | {
    "dim_customer": Mart(
        "customer", found_in=("customer_id", ("fct_sales_order", "fct_margin_line", "fct_journal_line"))
    ),
    "dim_supplier": Mart("supplier", found_in=("supplier_id", ("fct_purchase_order", "fct_journal_line"))),
    "dim_item": Mart("item", found_in=("item_id", ("fct_sales_order_line", "fct_margin_line", "fct_journal_line"))),
    "fct_company_monthly": Mart(
        DASHBOARD,
        columns={
            "company_id": DASHBOARD,
            "month_start": DASHBOARD,
            "business_date": DASHBOARD,
            "currency": DASHBOARD,
            "keeps_books": DASHBOARD,
            "recorded_at": DASHBOARD,
            # What is earned and what it costs is read from the ledger, so it takes the right to read the ledger.
            "revenue": "journal_entry",
            "cost_of_goods_sold": "journal_entry",
            "margin": "journal_entry",
            "cash": "journal_entry",
            "receivables": "journal_entry",
            "sales_order_count": "sales_order",
            "sales_order_amount": "sales_order",
            "headcount": "employee",
        },
    ),
}


def gated(sql: str, scope: Scope, at: int | None = None) -> str:
    """The same query over the permitted rows only.

    Args:
        at: a snapshot of the lake to read, where it is not the one that is attached.

    Raises:
        NotGated: it is not one SELECT over marts of MARTS.
    """
    names = marts_of(sql)
    if not names:
        return sql
    version = "" if at is None else f" AT (VERSION => {int(at)})"
    views: dict[str, str] = {}
    for name in names:
        _add_view(name, scope, views, version)
    # Not materialised: the page's own filters then reach the files of the lake.
    parts = ",\n".join(f"{identifier(name)} AS NOT MATERIALIZED ({view})" for name, view in views.items())
    return f"WITH {parts}\nSELECT * FROM (\n{sql}\n)"


def gated_twice(rows: str, comparison: str, scope: Scope, earlier: int) -> str:
    """A comparison of the rows of one query at an earlier snapshot and at the attached one, both as this scope may see them.

    Args:
        rows: the query, which the gate narrows on either side.
        comparison: a SELECT that reads nothing but `earlier` and `later`, the two sides.
        earlier: the earlier snapshot.

    Raises:
        NotGated: either reads what the gate does not open.
    """
    if marts_of(f"WITH earlier AS (SELECT 1), later AS (SELECT 1) {comparison}"):
        raise NotGated("a comparison reads the two sides and no mart")
    return f"WITH earlier AS ({gated(rows, scope, earlier)}), later AS ({gated(rows, scope)})\n{comparison}"


@lru_cache(maxsize=512)
def marts_of(sql: str) -> tuple[str, ...]:
    """The marts that a query reads.

    Raises:
        NotGated: it reads anything else, or is no single SELECT.
    """
    parsed = json.loads(_parser().execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()[0])
    if parsed["error"]:
        raise NotGated(parsed["error_message"])
    if len(parsed["statements"]) != 1:
        raise NotGated("one statement at a time")
    own = {entry["key"] for node in _nodes(parsed) if "cte_map" in node for entry in node["cte_map"]["map"]}
    if shadowed := own & MARTS.keys():
        raise NotGated(f"the query calls something of its own like a mart: {', '.join(sorted(shadowed))}")
    names: dict[str, None] = {}
    for node in _nodes(parsed):
        if node.get("type") == "TABLE_FUNCTION" and node["function"]["function_name"] not in HARMLESS_FUNCTIONS:
            raise NotGated(f"the function {node['function']['function_name']} reads past the gate")
        if node.get("type") == "BASE_TABLE" and "table_name" in node:
            name = node["table_name"]
            if node["schema_name"] or node["catalog_name"] or (name not in MARTS and name not in own):
                raise NotGated(f"{'.'.join(filter(None, (node['schema_name'], name)))} is not opened by MARTS")
            if name in MARTS:
                names[name] = None
    return tuple(names)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All objects of a parsed statement."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


@lru_cache(maxsize=1)
def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"enable_external_access": "false", "threads": "1"})


def _parser() -> duckdb.DuckDBPyConnection:
    """A cursor of a DuckDB that can reach nothing, only to parse: cursors may be used by several threads at once."""
    return _connection().cursor()


def _add_view(name: str, scope: Scope, views: dict[str, str], version: str) -> None:
    """Add the view of a mart, after those that it needs."""
    if name in views:
        return
    mart = MARTS[name]
    place = f"lake.marts.{identifier(name)}{version}"
    if mart.entity == EVERYBODY:
        views[name] = f"SELECT * FROM {place} WHERE {'true' if scope.companies(DASHBOARD) else 'false'}"
        return
    if mart.found_in is not None:
        key, facts = mart.found_in
        if (companies := scope.companies(DASHBOARD, mart.entity)).everywhere:
            views[name] = f"SELECT * FROM {place}"
            return
        for fact in facts:
            _add_view(fact, scope, views, version)
        seen = " UNION ".join(f"SELECT {key} FROM {identifier(fact)}" for fact in facts)
        condition = f"{key} IN ({seen})" if companies else "false"
        views[name] = f"SELECT * FROM {place} WHERE {condition}"
        return
    rows = condition_of(scope.companies(DASHBOARD, mart.entity))
    columns = ", ".join(_column(column, entity, scope) for column, entity in mart.columns.items()) or "*"
    views[name] = f"SELECT {columns} FROM {place} WHERE {rows}"


def _column(column: str, entity: str, scope: Scope) -> str:
    condition = condition_of(scope.companies(DASHBOARD, entity))
    if condition == "true":
        return column
    return f"CASE WHEN {condition} THEN {column} END AS {column}"


def condition_of(companies: Companies) -> str:
    """SQL that holds for the rows of these companies."""
    if companies.everywhere:
        return "true"
    if not companies.ids:
        return "false"
    return f"company_id IN ({', '.join(quoted(company_id) for company_id in companies.ids)})"
