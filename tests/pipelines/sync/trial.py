"""A small store and a lake of its own for each test of the sync, made by copying templates.

The store has the real change log and the real triggers over tables of its own, so that a test may alter them as a
migration would. `expected_at` tells from the log alone how the store stood at any snapshot: an oracle that shares no
code with the sync.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    MetaData,
    Numeric,
    Table,
    Text,
    create_engine,
)
from sqlalchemy.dialects.postgresql import JSONB

import hub_settings
from operational_app.core import change_log, models, roles
from operational_app.core.db import SCHEMAS
from pipelines import lake
from pipelines.lake import identifier
from pipelines.sync import SyncResult, sync_store
from pipelines.sync.writing import Writer
from tests.conftest import pointed_at

METADATA = MetaData()
ITEM = Table(
    "item",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True, comment="Number of the row."),
    Column("name", Text, nullable=False, comment="What it is called."),
    Column("price", Numeric(20, 4)),
    Column("cost", Numeric(20, 6)),
    Column("since", Date),
    Column("seen_at", DateTime(timezone=True)),
    Column("active", Boolean),
    Column("extra", JSONB),
    Column("password", Text, info={"secret": True}),
    schema="erp",
)
STOCK = Table(
    "stock",
    METADATA,
    Column("place", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("quantity", Numeric(20, 6), nullable=False),
    schema="erp",
)
PAY = Table(
    "pay",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("person", Text, nullable=False),
    Column("amount", Numeric(20, 4), nullable=False),
    Column("note", JSONB),
    schema="hr",
)
TABLES = ("erp.item", "erp.stock", "hr.pay")

# How the lake carries what neither driver knows.
CASTS = {"jsonb": "::text", "xid8": "::text::bigint"}

Rows = list[tuple[Any, ...]]


@dataclass
class Trial:
    """One store with its lakes, and short words to act in them."""

    name: str

    def connect(self, **options: Any) -> psycopg.Connection:
        return psycopg.connect(hub_settings.database_url("hub_owner"), **options)

    def sql(self, statement: str, *values: Any) -> Rows:
        """One statement as the owner, committed."""
        with self.connect() as db:
            cursor = db.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def add(self, table: Table) -> None:
        """Make a table and log it, as a migration does."""
        engine = create_engine(hub_settings.sqlalchemy_url("hub_owner"))
        with engine.begin() as connection:
            table.create(connection)
        engine.dispose()
        self.log(table)

    def log(self, table: Table) -> None:
        """Generate the triggers and the grants of a table again, as each migration does."""
        open_columns = ", ".join(column.name for column in table.columns if not column.info.get("secret"))
        with self.connect() as db:
            db.execute(change_log.trigger_sql(table))
            db.execute(f"GRANT SELECT ({open_columns}) ON {table.fullname} TO hub_sync")

    def store_rows(self, table: str, db: psycopg.Connection | None = None) -> Rows:
        """All rows of a table of the store, secrets left out, JSON as text; in the transaction of `db`, or now."""
        if db is None:
            with self.connect() as own:
                return self.store_rows(table, own)
        names = db.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass "
            "AND attnum > 0 AND NOT attisdropped AND has_column_privilege('hub_sync', attrelid, attnum, 'SELECT') "
            "ORDER BY attname",
            (table,),
        ).fetchall()
        columns = ", ".join(identifier(name) + CASTS.get(kind, "") for name, kind in names)
        return ordered(db.execute(f"SELECT {columns} FROM {table}").fetchall())

    def lake_rows(self, table: str, catalog: str = "lake") -> Rows:
        """All rows of a table as a reader of the lake sees them now."""
        with lake.connect(confidential=catalog != "lake") as con:
            return lake_rows(con, table, catalog)

    def assert_equal(self, *tables: str) -> None:
        """The raw layer is the store as it stands now; nobody may be writing."""
        with lake.connect() as con, self.connect() as db:
            for table in tables or TABLES:
                assert lake_rows(con, table) == self.store_rows(table, db), table

    def expected_at(self, snapshot: str, table: str) -> list[dict[str, Any]]:
        """The rows of a table at a snapshot, told from the change log alone: the last image of each key."""
        schema, name = table.split(".")
        found = self.sql(
            "SELECT after FROM (SELECT DISTINCT ON (row_key) row_key, after FROM core.change_log "
            "WHERE schema_name = %s AND table_name = %s AND pg_visible_in_snapshot(xid, %s::pg_snapshot) "
            "ORDER BY row_key, sequence DESC) AS l WHERE after IS NOT NULL",
            schema, name, snapshot,
        )  # fmt: skip
        return [row[0] for row in found]


def ordered(rows: Rows) -> Rows:
    """In one order, with times in UTC: the two drivers name the zone by different objects."""
    alike = [tuple(v.astimezone(UTC) if isinstance(v, datetime) and v.tzinfo else v for v in row) for row in rows]
    return sorted(alike, key=repr)


def lake_rows(con: Any, table: str, catalog: str = "lake") -> Rows:
    """All rows of a table of the raw layer in a connection's transaction, without `_load_id`."""
    schema, name = table.split(".")
    columns = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? AND table_name = ? "
        "AND column_name <> '_load_id' ORDER BY column_name",
        (catalog, f"raw_{schema}", name),
    ).fetchall()
    names = ", ".join(identifier(column) for (column,) in columns)
    return ordered(con.execute(f'SELECT {names} FROM {catalog}.raw_{schema}."{name}"').fetchall())


def sync_and_see(trial: Trial, tables: tuple[str, ...] = TABLES) -> tuple[SyncResult, dict[str, Rows]]:
    """Sync, and read the store through the very snapshot of that sync, in a connection of our own."""
    seen: dict[str, Rows] = {}

    def look(writers: list[Writer], _shares: object) -> None:
        query = "SELECT snapshot FROM postgres_query('store', 'SELECT pg_export_snapshot() AS snapshot')"
        snapshot = writers[-1].reader.execute(query).fetchone()[0]
        with trial.connect() as db:
            db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            db.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            for table in tables:
                seen[table] = trial.store_rows(table, db)

    return sync_store(inspect=look), seen


@pytest.fixture(scope="session")
def trial_template(hub_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a store with the change log and three tables, and of its empty lakes, to copy from."""
    with psycopg.connect(hub_settings.maintenance_url()) as admin:
        # Each module that imports this fixture has one of its own; the template is made once.
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = 'trial_template'").fetchone():
            return "trial_template"
    with pointed_at("trial_template"), lake_folder(tmp_path_factory.mktemp("template")):
        roles.create_database()
        engine = create_engine(hub_settings.sqlalchemy_url("hub_owner"))
        with engine.begin() as connection:
            for schema in SCHEMAS:
                connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
                connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO hub_sync")
            models.ChangeLog.__table__.create(connection)
            METADATA.create_all(connection)
            connection.exec_driver_sql("GRANT SELECT ON core.change_log TO hub_sync")
        engine.dispose()
        with psycopg.connect(hub_settings.database_url("hub_owner")) as db:
            db.execute(change_log.TRUNCATE_GUARD)
        for table in METADATA.sorted_tables:
            Trial("trial_template").log(table)
        lake.create()
    return "trial_template"


@pytest.fixture
def trial(trial_template: str, tmp_path: Path) -> Iterator[Trial]:
    """A fresh store with its empty lakes."""
    name = f"trial_{uuid4().hex[:12]}"
    kinds = {"": "hub_owner", "_lake": "hub_lake", "_lake_confidential": "hub_lake"}
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        for suffix, owner in kinds.items():
            admin.execute(
                f"CREATE DATABASE {name}{suffix} OWNER {owner} TEMPLATE {trial_template}{suffix} STRATEGY FILE_COPY"
            )
        admin.execute(f"GRANT CONNECT ON DATABASE {name} TO hub_sync")
        admin.execute(f"GRANT CONNECT ON DATABASE {name}_lake TO hub_lake_reader, hub_lake_confidential")
        admin.execute(f"GRANT CONNECT ON DATABASE {name}_lake_confidential TO hub_lake_confidential")
    with pointed_at(name), lake_folder(tmp_path / "lake"):
        yield Trial(name)
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        for suffix in kinds:
            admin.execute(f"DROP DATABASE {name}{suffix} WITH (FORCE)")


@contextmanager
def lake_folder(folder: Path) -> Iterator[None]:
    before = os.environ.get("HUB_LAKE_PATH")
    os.environ["HUB_LAKE_PATH"] = str(folder)
    yield
    if before is None:
        os.environ.pop("HUB_LAKE_PATH")
    else:
        os.environ["HUB_LAKE_PATH"] = before
