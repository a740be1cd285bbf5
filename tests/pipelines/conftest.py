"""Warehouses for tests: both lakes beside the test's own store."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

import hub_settings
from tests.conftest import Store, pointed_at
from tests.pipelines.trading import furnish, sell


@pytest.fixture
def warehouse(store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The fixture `store`, with fresh lakes of its own."""
    from pipelines import lake

    monkeypatch.setenv("HUB_LAKE_PATH", str(tmp_path / "lake"))
    lake.create()
    yield store
    drop_lakes()


MADE = pytest.StashKey[tuple[Store, Path]]()


@pytest.fixture(scope="session")
def trading_template(
    request: pytest.FixtureRequest, store_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Path]]:
    """A trading company, synced and built once: a whole build takes many times longer than what is tested on it.

    Other folders import this fixture, and pytest takes an imported one for another: the first is kept with the run.
    """
    if MADE in request.config.stash:
        yield request.config.stash[MADE]
        return
    folder = tmp_path_factory.mktemp("trading") / "lake"
    with trading_company("store_trading", store_template, folder) as store:
        request.config.stash[MADE] = store, folder
        yield store, folder


@pytest.fixture
def trading(trading_template: tuple[Store, Path]) -> Iterator[Store]:
    """The trading company, shared by all tests: what a test does to its lake, it undoes."""
    store, folder = trading_template
    with at_home(store.name, folder):
        yield store


@contextmanager
def trading_company(database: str, template: str, folder: Path) -> Iterator[Store]:
    """A store and lakes of that name with a trading company in them, synced and built; dropped afterwards."""
    from pipelines import build, lake
    from pipelines.sync import sync_store

    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {database} TEMPLATE {template} STRATEGY FILE_COPY")
        admin.execute(f"ALTER DATABASE {database} OWNER TO hub_owner")
        for role in ("hub_owner", "hub_app", "hub_sync", "hub_reader"):
            admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
    with at_home(database, folder):
        lake.create()
        with psycopg.connect(hub_settings.database_url(None)) as db:
            store = Store(database, dict(db.execute("SELECT username, id FROM core.app_user").fetchall()))
        shop = furnish(store)
        sell(store, shop, 3)
        sell(store, shop, 5, paid=True)
        sync_store()
        build.build()
    # Copies are made of a copy that nobody trades in: what is synced and built in it stays all that there is.
    kept = _make_copy((store, folder), f"{database}_kept", folder.with_name("kept"))
    # Nothing is left pointing at it: the fixture lives as long as the run, beside tests that have stores of their own.
    yield store
    _drop(kept.name, folder.with_name("kept"))
    _drop(database, folder)


@contextmanager
def copy_of(template: tuple[Store, Path], database: str, folder: Path) -> Iterator[Store]:
    """A copy of the trading company with its warehouse, to be changed at will; everything points at it meanwhile."""
    original, lake_folder = template
    kept = replace(original, name=f"{original.name}_kept"), lake_folder.with_name("kept")
    store = _make_copy(kept, database, folder)
    with at_home(database, folder):
        yield store
    _drop(database, folder)


def _make_copy(template: tuple[Store, Path], database: str, folder: Path) -> Store:
    from pipelines import lake

    store, original = template
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        for kind, owner in (("store", "hub_owner"), ("lake", "hub_lake"), ("confidential", "hub_lake")):
            suffix = hub_settings.DATABASES[kind]
            admin.execute(
                f"CREATE DATABASE {database}{suffix} OWNER {owner} TEMPLATE {store.name}{suffix} STRATEGY FILE_COPY"
            )
        for role in ("hub_owner", "hub_app", "hub_sync", "hub_reader"):
            admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
    for suffix in ("", "_confidential"):
        shutil.copytree(f"{original}{suffix}", f"{folder}{suffix}")
    with at_home(database, folder):
        # Rights to a database are not copied with it.
        lake.create()
    # Its own counter of keys begins where the template's stands, whose commands' keys are used up in the copy too.
    return replace(store, name=database, keys=copy(store.keys))


def _drop(database: str, folder: Path) -> None:
    with at_home(database, folder):
        drop_lakes()
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {database} WITH (FORCE)")


@contextmanager
def at_home(database: str, folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, pointed_at(database):
        patch.setenv("HUB_LAKE_PATH", str(folder))
        yield


def drop_lakes() -> None:
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        for kind in ("lake", "confidential", "dagster"):
            admin.execute(f"DROP DATABASE IF EXISTS {hub_settings.database_name(kind)} WITH (FORCE)")
