"""All standing truths about the store: those of the areas' `checks.py`, and those drawn from the tables themselves.

Each is a query that must return no row.
"""

import importlib
import pkgutil
from typing import Any

from sqlalchemy import text

import operational_app
from operational_app import modules
from operational_app.core import db


def all_checks(module: str | None = None) -> dict[str, str]:
    """Sentence of the truth → query for what breaks it; of one module or of all."""
    found: dict[str, str] = {}
    for name in modules.MODULES if module is None else (module,):
        package = importlib.import_module(f"{operational_app.__name__}.{name}")
        for part in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if part.name.endswith(".checks"):
                found |= importlib.import_module(part.name).CHECKS
    return found | (within_company() if module is None else {})


def within_company() -> dict[str, str]:
    """No row refers to a row of another company, wherever both belong to one."""
    modules.load()
    found = {}
    for table in db.Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            other, column = key.column.table, key.parent.name
            if "company_id" in table.c and "company_id" in other.c and key.column.name == "id":
                found[f"{table.schema}.{table.name}.{column} stays within the company"] = (
                    f"SELECT a.*, b.company_id AS other_company_id FROM {table.schema}.{table.name} a "
                    f"JOIN {other.schema}.{other.name} b ON b.id = a.{column} WHERE b.company_id <> a.company_id"
                )
    return found


def broken(module: str | None = None, limit: int = 20) -> dict[str, list[dict[str, Any]]]:
    """Truth → the first rows that break it; empty where all hold. All are looked at in one instant of the store."""
    return facts_against(all_checks(module), limit)


def facts_against(checks: dict[str, str], limit: int) -> dict[str, list[dict[str, Any]]]:
    """Of these truths, those that are broken, each with the first rows that break it."""
    wrong: dict[str, list[dict[str, Any]]] = {}
    with db.reading() as session:
        for sentence, query in checks.items():
            rows = session.execute(text(f"SELECT * FROM ({query}) broken LIMIT {limit}")).mappings().all()
            if rows:
                wrong[sentence] = [dict(row) for row in rows]
    return wrong
