"""What the store's logged tables are: columns, exact types, keys, and a fingerprint of their shape.

Everything is read from PostgreSQL's catalog, so that a migration needs no second place to be told of: a table belongs
to the raw layer when it bears the trigger `zz_log`. Columns that hub_sync may not read (secrets) are left out, as they
are left out of the change log's images.

Each column has one expression in PostgreSQL's SQL, used alike on the table and on a record made from a log image: so
what a batch writes is by construction what a full load would have written.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from gettext import gettext as _
from itertools import groupby
from typing import Any

from pipelines.lake import identifier
from pipelines.sync.errors import SyncError

CHANGE_LOG = "core.change_log"
TRIGGER = "zz_log"

# PostgreSQL type -> DuckDB type, where the binary copy carries the value exactly.
DIRECT = {
    "int2": "SMALLINT", "int4": "INTEGER", "int8": "BIGINT", "bool": "BOOLEAN", "text": "VARCHAR", "varchar": "VARCHAR",
    "bpchar": "VARCHAR", "date": "DATE", "timestamptz": "TIMESTAMP WITH TIME ZONE", "timestamp": "TIMESTAMP",
    "time": "TIME", "uuid": "UUID", "bytea": "BLOB", "float4": "FLOAT", "float8": "DOUBLE",
}  # fmt: skip
MOST_DIGITS = 38  # of DuckDB's DECIMAL

# relfilenode changes whenever PostgreSQL rewrites a table (a type change, TRUNCATE): something that row triggers
# cannot see. It is part of the fingerprint, so that a rewritten table is compared in full by itself.
DISCOVERY = f"""
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name, c.oid::bigint AS oid,
       c.relfilenode::bigint AS file, g.tgenabled::text AS enabled, a.attnum::int AS position, a.attname::text AS name,
       b.typname::text AS type, b.typcategory::text AS category,
       (CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END)::int AS modifier,
       has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable,
       array_position(i.indkey::int2[], a.attnum)::int AS key_position,
       col_description(c.oid, a.attnum) AS sentence
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_trigger g ON g.tgrelid = c.oid AND g.tgname = '{TRIGGER}' AND NOT g.tgisinternal
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (g.oid IS NOT NULL OR (n.nspname = 'core' AND c.relname = 'change_log'))
ORDER BY 1, 2, a.attnum
"""


@dataclass(frozen=True)
class Column:
    """A column as it arrives.

    Attributes:
        type: DuckDB's type in the lake.
        cast: pattern of its expression in PostgreSQL; `{}` stands for the quoted column.
        sentence: what it means, from the store's own comment.
    """

    name: str
    type: str
    cast: str
    sentence: str

    def expression(self, row: str) -> str:
        """The column of a row variable in PostgreSQL's SQL, under its own name."""
        return f"{self.cast.format(f'{row}.{identifier(self.name)}')} AS {identifier(self.name)}"


@dataclass(frozen=True)
class Table:
    """A table of the store that belongs into the raw layer.

    Attributes:
        columns: those that hub_sync may read, in the store's order.
        key: names of the primary key's columns.
        shape: fingerprint of the table's definition; another one means that its rows must be compared in full.
        condition: limits the rows that belong here (the change log is shared out between the two lakes).
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    shape: str
    condition: str = "true"

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def raw_schema(self) -> str:
        return f"raw_{self.schema}"

    @property
    def source(self) -> str:
        """The table's quoted name in PostgreSQL."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    def place(self, catalog: str) -> str:
        return f"{catalog}.{identifier(self.raw_schema)}.{identifier(self.name)}"

    def select(self, row: str = "r") -> str:
        """The columns of a row variable, as PostgreSQL's SQL."""
        return ", ".join(column.expression(row) for column in self.columns)

    def query(self) -> str:
        """PostgreSQL's SQL for all rows that belong here."""
        return f"SELECT {self.select()} FROM {self.source} AS r WHERE {self.condition}"

    def names(self) -> str:
        return ", ".join(identifier(column.name) for column in self.columns)

    def key_names(self) -> str:
        return ", ".join(map(identifier, self.key))


def discover(rows: Callable[[str], Sequence[Sequence[Any]]]) -> dict[str, Table]:
    """All tables of the raw layer by "schema.table", the change log among them.

    Args:
        rows: runs a statement on the store and gives its rows.

    Raises:
        SyncError: a table cannot be taken over exactly, or has no key, or its changes are not logged.
    """
    found = {}
    for (schema, name), group in groupby(rows(DISCOVERY), key=lambda row: (row[0], row[1])):
        found[f"{schema}.{name}"] = _table(schema, name, list(group))
    if CHANGE_LOG not in found:
        raise SyncError(_("The store has no change log yet: run ./hub migrate, which makes it."))
    return found


def _table(schema: str, name: str, rows: Iterable[Sequence[Any]]) -> Table:
    columns, key, shape = [], {}, []
    for _s, _n, oid, file, enabled, position, column, kind, category, modifier, readable, key_at, sentence in rows:
        if enabled == "D":
            raise SyncError(
                _("The trigger {trigger} of {schema}.{table} is switched off, so its changes are not logged: switch it "
                  "on (ALTER TABLE … ENABLE TRIGGER) and run hub sync store --full.").format(
                    trigger=TRIGGER, schema=schema, table=name)
            )  # fmt: skip
        if key_at is not None:
            key[key_at] = column
        if readable:
            lake_type, cast = _type(f"{schema}.{name}.{column}", kind, category, modifier)
            columns.append(Column(column, lake_type, cast, sentence or ""))
            shape.append((oid, file, position, column, kind, modifier, key_at))
    names = tuple(key[position] for position in sorted(key))
    if not names:
        raise SyncError(
            _("{schema}.{table} is logged and has no primary key: its rows cannot be told apart. Give it one.").format(
                schema=schema, table=name
            )
        )
    if missing := sorted(set(names) - {column.name for column in columns}):
        raise SyncError(
            _(
                "hub_sync may not read {columns} of {schema}.{table}, which is its key: run ./hub migrate, which "
                "grants it."
            ).format(columns=", ".join(missing), schema=schema, table=name)
        )
    return Table(schema, name, tuple(columns), names, hashlib.sha256(repr(shape).encode()).hexdigest()[:32])


def _type(column: str, kind: str, category: str, modifier: int) -> tuple[str, str]:
    """DuckDB's type of a column and the pattern of its expression in PostgreSQL."""
    if kind == "numeric":
        return _decimal(column, modifier), "{}"
    if kind in DIRECT:
        return DIRECT[kind], "{}"
    if kind == "xid8":
        return "BIGINT", "{}::text::bigint"
    # As text in PostgreSQL's own spelling: DuckDB's JSON would pass numbers through a double. The JSON value null
    # becomes no value: a log image cannot tell the two apart, so neither may the table.
    if kind in {"json", "jsonb"} or category in {"A", "C"}:
        return "JSON", "nullif(to_jsonb({}), 'null'::jsonb)::text"
    return "VARCHAR", "{}::text"


def _decimal(column: str, modifier: int) -> str:
    if modifier < 4:
        raise SyncError(
            _("{column} is a NUMERIC without precision and scale, which would arrive as a binary float: declare it, "
              "for example NUMERIC(20,4).").format(column=column)
        )  # fmt: skip
    precision = (modifier - 4) >> 16 & 0xFFFF
    scale = (modifier - 4 & 0x7FF ^ 1024) - 1024  # eleven bits with sign
    if precision > MOST_DIGITS or not 0 <= scale <= precision:
        raise SyncError(
            _("{column} is NUMERIC({precision},{scale}); the lake holds {most} digits at most, and a scale between 0 "
              "and the precision: declare it so.").format(
                column=column, precision=precision, scale=scale, most=MOST_DIGITS)
        )  # fmt: skip
    return f"DECIMAL({precision},{scale})"


def share_out(found: dict[str, Table], confidential: Iterable[str]) -> dict[str, dict[str, Table]]:
    """Which table belongs into which lake. The change log goes into both, each with the entries of its own tables.

    The change log's fingerprint takes in the list of confidential tables: when one is added, the log is compared in
    full and the entries move over.
    """
    hidden = sorted(set(confidential))
    log = found[CHANGE_LOG]
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in hidden)
    inside = f"(r.schema_name || '.' || r.table_name) IN ({listed})" if hidden else "false"
    shape = hashlib.sha256(repr((log.shape, hidden)).encode()).hexdigest()[:32]
    public = {name: table for name, table in found.items() if name not in hidden}
    public[CHANGE_LOG] = replace(log, shape=shape, condition=f"NOT ({inside})" if hidden else "true")
    secret = {name: table for name, table in found.items() if name in hidden}
    if secret:
        secret[CHANGE_LOG] = replace(log, shape=shape, condition=inside)
    return {"confidential": secret, "lake": public}
