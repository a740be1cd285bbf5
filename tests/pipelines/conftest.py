"""A warehouse for one test: both lakes beside the test's own store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import hub_settings


@pytest.fixture
def warehouse(store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The fixture `store`, with fresh lakes of its own."""
    from pipelines import lake

    monkeypatch.setenv("HUB_LAKE_PATH", str(tmp_path / "lake"))
    lake.create()
    yield store
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        for kind in ("lake", "confidential", "dagster"):
            admin.execute(f"DROP DATABASE IF EXISTS {hub_settings.database_name(kind)} WITH (FORCE)")
