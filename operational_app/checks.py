"""All standing truths about the store, gathered from the areas' `checks.py`: queries that must return no row."""

import importlib
import pkgutil
from typing import Any

from sqlalchemy import text

import operational_app
from operational_app.core import db
from operational_app.modules import MODULES


def all_checks(module: str | None = None) -> dict[str, str]:
    """Sentence of the truth → query for what breaks it; of one module or of all."""
    found: dict[str, str] = {}
    for name in MODULES if module is None else (module,):
        package = importlib.import_module(f"{operational_app.__name__}.{name}")
        for part in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if part.name.endswith(".checks"):
                found |= importlib.import_module(part.name).CHECKS
    return found


def broken(module: str | None = None, limit: int = 20) -> dict[str, list[dict[str, Any]]]:
    """Truth → the first rows that break it; empty where all hold. All are looked at in one instant of the store."""
    wrong: dict[str, list[dict[str, Any]]] = {}
    with db.reading() as session:
        for sentence, query in all_checks(module).items():
            rows = session.execute(text(f"SELECT * FROM ({query}) broken LIMIT {limit}")).mappings().all()
            if rows:
                wrong[sentence] = [dict(row) for row in rows]
    return wrong
