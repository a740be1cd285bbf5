"""One check of a certificate, and what all checks work with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb


@dataclass(frozen=True)
class Check:
    """What was compared and what came of it.

    Attributes:
        name: what was compared, stable from certificate to certificate.
        figures: amounts as text, counts as numbers.
        differences: the first documents or accounts that differ; empty where the check holds.
    """

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    differences: Sequence[str] = ()

    @property
    def passed(self) -> bool:
        return not self.differences

    def record(self) -> dict[str, Any]:
        kept = {"check": self.name, "passed": self.passed, "figures": self.figures}
        return kept if self.passed else kept | {"differences": list(self.differences)}


def has(con: duckdb.DuckDBPyConnection, catalog: str, schema: str, table: str) -> bool:
    """Whether a table or view is there, in the snapshot at which `catalog` is attached."""
    return bool(columns(con, catalog, schema, table))


def columns(con: duckdb.DuckDBPyConnection, catalog: str, schema: str, table: str) -> list[tuple[str, str]]:
    """Name and type of a table's columns, without those that the loader added."""
    return con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? "
        "AND table_name = ? AND column_name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY column_index",
        [catalog, schema, table],
    ).fetchall()
