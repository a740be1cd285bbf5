"""What the models need of our own store is there, in the types that they count on."""

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric, Text

from operational_app import modules
from operational_app.core.db import Base
from tests.dbt_project.warehouse import declared_sources

OUTSIDE = {"adventureworks", "meta"}


def warehouse_type(kind: object) -> str:
    """The type in which a column of the store reaches the lake."""
    match kind:
        case Numeric():
            return f"decimal({kind.precision},{kind.scale})"
        case BigInteger():
            return "bigint"
        case Integer():
            return "integer"
        case Boolean():
            return "boolean"
        case DateTime():
            return "timestamp with time zone"
        case Date():
            return "date"
        case Text():
            return "varchar"
    raise AssertionError(f"no type in the lake is known for {kind!r}")


def test_every_declared_column_of_our_store_exists_in_its_type() -> None:
    modules.load()
    for source, tables in declared_sources().items():
        if source in OUTSIDE:
            continue
        for name, columns in tables.items():
            table = Base.metadata.tables[f"{source}.{name}"]
            there = {column.name: warehouse_type(column.type) for column in table.columns}
            assert {column: there.get(column) for column in columns} == columns, name
