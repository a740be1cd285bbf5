"""A published warehouse for the dashboards: two companies of our own, and AdventureWorks where its data is there."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import hub_settings
from dashboards import warehouse
from dashboards.policy import Viewer, find_viewer
from pipelines.publication import Publication
from tests.conftest import SHARED_DATA, Store
from tests.dashboards.company import live
from tests.pipelines.conftest import at_home, drop_lakes

DATABASE = "store_dashboards"


MADE = pytest.StashKey[tuple[Store, Path]]()


@pytest.fixture(scope="session")
def published_home(
    request: pytest.FixtureRequest, store_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Path]]:
    """The companies' life, synced, built, certified and published once for all tests.

    The browser's tests import this fixture, and pytest takes an imported one for another: what the first has made is
    kept with the run, and the second uses it.
    """
    if MADE in request.config.stash:
        yield request.config.stash[MADE]
        return
    from pipelines import build, certificate, lake, load, publication, sources
    from pipelines.sync import sync_store

    folder = tmp_path_factory.mktemp("dashboards") / "lake"
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {store_template} STRATEGY FILE_COPY")
        admin.execute(f"ALTER DATABASE {DATABASE} OWNER TO hub_owner")
        for role in ("hub_owner", "hub_app", "hub_sync", "hub_reader"):
            admin.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {role}")
    with at_home(DATABASE, folder):
        with psycopg.connect(hub_settings.database_url(None)) as db:
            store = Store(DATABASE, dict(db.execute("SELECT username, id FROM core.app_user").fetchall()))
        live(store)
        lake.create()
        if (SHARED_DATA / "adventureworks").is_dir():
            sources.add("adventureworks", "files", str(SHARED_DATA / "adventureworks"))
            load.load_source("adventureworks")
        sync_store()
        build.build()
        publication.publish(certificate.require(certificate.certify()))
    request.config.stash[MADE] = store, folder
    yield store, folder
    with at_home(DATABASE, folder):
        drop_lakes()
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


@pytest.fixture
def published(published_home: tuple[Store, Path]) -> Iterator[Store]:
    """The store behind the published warehouse; what a test changes in it, it undoes."""
    store, folder = published_home
    with at_home(store.name, folder):
        yield store
        warehouse.forget()


@pytest.fixture
def shown(published: Store) -> Publication:
    latest = warehouse.latest()
    assert latest is not None
    return latest


def begin_session(store: Store, username: str) -> str:
    """A session as the app's sign-in begins it; gives the cookie's value."""
    token = f"test session of {username}"
    with psycopg.connect(hub_settings.database_url(None)) as db:
        db.execute(
            "INSERT INTO core.user_session (token_hash, user_id, csrf_token, expires_at) "
            "VALUES (%s, %s, 'csrf', now() + interval '1 hour') ON CONFLICT (token_hash) DO UPDATE "
            "SET expires_at = excluded.expires_at, last_seen_at = now()",
            (hashlib.sha256(token.encode()).hexdigest(), store.users[username]),
        )
    return token


@pytest.fixture
def viewer(published: Store) -> Callable[[str], Viewer]:
    """The viewer that a user is, with the rights of the store."""

    def make(username: str) -> Viewer:
        found = find_viewer(begin_session(published, username))
        assert found is not None
        return found

    return make
