"""Alembic's environment: runs as hub_owner on the store, over the tables of all modules."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine

import hub_settings
from operational_app import modules
from operational_app.core import list_indexes
from operational_app.core.db import SCHEMAS, Base
from operational_app.core.models import Xid8
from operational_app.core.money import ShareType

modules.load()


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in SCHEMAS


def include_object(_item: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """The indexes of lists are made from the declarations after each migration, as triggers are."""
    return kind != "index" or not list_indexes.is_drawn(str(name))


def render_item(kind: str, item: object, autogen_context: Any) -> str | bool:
    """Our own column types are written with an import that the migration can run."""
    if kind == "type" and isinstance(item, Xid8):
        autogen_context.imports.add("from operational_app.core.models import Xid8")
        return "Xid8()"
    if kind == "type" and isinstance(item, ShareType):
        return f"sa.Numeric({item.precision}, {item.scale})"
    return False


engine = create_engine(hub_settings.sqlalchemy_url("hub_owner"))
with engine.begin() as connection:
    # One migration at a time, however many start together.
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('hub: migrate'))")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        include_object=include_object,
        version_table="alembic_version",
        version_table_schema="public",
        compare_type=True,
        render_item=render_item,
    )
    context.run_migrations()
engine.dispose()
