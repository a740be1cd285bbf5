"""Which SQL of a person may run over the warehouse: one statement that reads tables of the lake, and nothing else.

DuckDB's own parser says what a text is. The settings of a sealed connection keep files and settings out of reach; this
guard keeps out what they let through: functions that read files, catalogs or other databases, names of other catalogs,
and views of DuckDB about itself. What is allowed is listed; anything else is refused by name.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

import duckdb

TABLE_FUNCTIONS = {"unnest", "range", "generate_series", "json_each", "json_tree", "repeat"}
# Functions that reach outside the rows of the query: environment, settings, sequences, logs.
REFUSED_FUNCTIONS = {"getenv", "getvariable", "current_setting", "nextval", "currval", "write_log"}
ABOUT_THE_LAKE = {"duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_schemas", "duckdb_types"}
SCHEMAS = re.compile(r"raw_[a-z0-9_]+|staging|intermediate|marts|meta", re.IGNORECASE)
PLAIN_NAME = re.compile(r"\w+")
DUCKDBS_OWN = re.compile(r"(duckdb|pragma|pg|sqlite|ducklake|postgres)_", re.IGNORECASE)
EXPLAIN = re.compile(r"\s*EXPLAIN(\s+ANALYZE)?(\s*\(\s*FORMAT\s+\w+\s*\))?\s+", re.IGNORECASE)
LISTINGS = {"SHOW_UNQUALIFIED", "SHOW_FROM"}
LISTED = {"tables", "__show_tables_expanded", ""}  # SHOW TABLES, SHOW ALL TABLES, SHOW TABLES FROM …
LIST_OF_TABLES = "SELECT table_schema, table_name, table_type FROM information_schema.tables ORDER BY ALL"


class QueryRefused(Exception):
    """This is not a query that may run; the message says what in it may not."""

    @property
    def hub_message(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Reach:
    """What a query may name.

    Attributes:
        schemas: catalog as written in front of a schema ("" where there is none) -> pattern of the schemas there.
        about_the_lake: whether it may read the list of all tables and columns.
    """

    schemas: dict[str, re.Pattern[str]]
    about_the_lake: bool = True


def admit(con: duckdb.DuckDBPyConnection, sql: str, reach: Reach) -> str:
    """The statement to run for what a person wrote.

    Raises:
        QueryRefused: it is not one statement that only reads what `reach` names.
    """
    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused(str(error).strip()) from error
    if len(statements) != 1:
        raise QueryRefused(_("Give one statement; {count} were found.").format(count=len(statements)))
    text = statements[0].query
    explained = EXPLAIN.match(text) if statements[0].type == duckdb.StatementType.EXPLAIN else None
    query = text[explained.end() :] if explained else text
    tree = json.loads(con.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone()[0])
    if tree["error"]:
        raise QueryRefused(
            _("Only a query can run here (SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW TABLES, EXPLAIN).")
        )
    nodes = list(_nodes(tree["statements"]))
    own_names = {entry["key"].lower() for node in nodes for entry in node.get("cte_map", {}).get("map", ())}
    for node in nodes:
        _check(node, own_names, reach)
    if any(node.get("type") == "SHOW_REF" and node["query"] is None for node in nodes):
        # DuckDB's own list would show the empty schema `main`.
        return LIST_OF_TABLES
    return text


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def _check(node: dict[str, Any], own_names: set[str], reach: Reach) -> None:
    kind = node.get("type")
    if kind == "BASE_TABLE":
        _check_table(node, own_names, reach)
    elif kind == "TABLE_FUNCTION":
        function = node["function"]
        name = function["function_name"]
        listed = name.lower() in ABOUT_THE_LAKE and reach.about_the_lake
        if function["schema"] or function["catalog"] or not (listed or name.lower() in TABLE_FUNCTIONS):
            raise QueryRefused(_("The function {name} may not be used as a table here.").format(name=name))
    elif kind == "FUNCTION" and node["function_name"].lower() in REFUSED_FUNCTIONS:
        raise QueryRefused(_("The function {name} may not be used here.").format(name=node["function_name"]))
    elif kind == "SHOW_REF" and node["query"] is None:
        if node["show_type"] not in LISTINGS or node["table_name"].strip('"') not in LISTED:
            raise QueryRefused(_("Of the SHOW statements, only SHOW TABLES can run here."))
        if not reach.about_the_lake:
            raise QueryRefused(_("The list of all tables is for the operator."))


def _check_table(node: dict[str, Any], own_names: set[str], reach: Reach) -> None:
    catalog, schema, table = node["catalog_name"], node["schema_name"], node["table_name"]
    name = ".".join(part for part in (catalog, schema, table) if part)
    if node["at_clause"] is not None:
        raise QueryRefused(_("AT is not for queries: an earlier publication is read with --at."))
    if not PLAIN_NAME.fullmatch(table):
        raise QueryRefused(_("{name} is no table of the warehouse; files cannot be read here.").format(name=name))
    if not schema:
        about = table.lower() in ABOUT_THE_LAKE and reach.about_the_lake
        if not about and (table.lower() not in own_names or DUCKDBS_OWN.match(table)):
            raise QueryRefused(
                _("{name} is no table of the warehouse: write its schema too, as in marts.{name}.").format(name=name)
            )
        return
    if schema.lower() == "information_schema" and not catalog and reach.about_the_lake:
        return
    allowed = reach.schemas.get(catalog.lower())
    if allowed is None or not allowed.fullmatch(schema):
        raise QueryRefused(_("{name} may not be read here.").format(name=name))
