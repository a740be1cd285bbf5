"""A lake of its own to build in, and short words to fill its raw layer by hand."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from pipelines import build, lake

Columns = dict[str, str]


@contextmanager
def lake_of_its_own(name: str, folder: Path) -> Iterator[None]:
    """Everything in this process works on a lake that no other test knows."""
    before = {key: os.environ.get(key) for key in ("HUB_DATABASE_URL", "HUB_LAKE_PATH")}
    os.environ["HUB_DATABASE_URL"] = urlunsplit(urlsplit(os.environ["HUB_DATABASE_URL"])._replace(path="/" + name))
    os.environ["HUB_LAKE_PATH"] = str(folder / "lake")
    try:
        lake.create()
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


@cache
def declared_sources() -> dict[str, dict[str, Columns]]:
    """Source → table → column → type, as the project declares them."""
    found: dict[str, dict[str, Columns]] = {}
    for file in sorted(build.PROJECT.glob("models/staging/**/_*__sources.yml")):
        for source in yaml.safe_load(file.read_text())["sources"]:
            found[source["name"]] = {
                table["name"]: {column["name"]: column["data_type"] for column in table["columns"]}
                for table in source["tables"]
            }
    return found


def put(source: str, table: str, *rows: dict[str, Any]) -> None:
    """Add rows to a raw table, which is made at its first use; a column not named is empty, `recorded_at` is not."""
    columns = declared_sources()[source][table]
    with lake.connect(writer=True) as con:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS lake.raw_{source}")
        definition = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        con.execute(f"CREATE TABLE IF NOT EXISTS lake.raw_{source}.{table} ({definition})")
        for row in rows:
            values = {"recorded_at": "2026-03-01 08:00:00+00"} if "recorded_at" in columns else {}
            values |= row
            names = ", ".join(f'"{name}"' for name in values)
            marks = ", ".join("?" for _name in values)
            con.execute(f"INSERT INTO lake.raw_{source}.{table} ({names}) VALUES ({marks})", list(values.values()))


def rows(sql: str, at: int | None = None) -> list[tuple[Any, ...]]:
    """Rows of the newest state of the lake, or of a snapshot, as a reader sees them."""
    with lake.connect(at=at) as con:
        con.execute("USE lake.marts")
        return con.execute(sql).fetchall()
