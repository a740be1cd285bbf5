"""What all tests share: a real PostgreSQL for the run, a fresh store for each test, people to act as.

`hub_server` starts one embedded server for the run. `store` is a store of its own for one test: a copy of a template
that was migrated once, so that a test costs a file copy and not a migration.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select, text

import hub_settings

SHARED_DATA = hub_settings.ROOT.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the long fault and torture runs")


# A run holds millions of objects of imported libraries. Python's collector looks through them again and again by default,
# which took a seventh of the run's processor time (scenarios and erp: 76 s against 64 s).
gc.set_threshold(100_000, 50, 1_000)

# Several workers run beside one another: a DuckDB of one thread takes a tenth to a fifth less processor time than of two.
os.environ.setdefault("HUB_DUCKDB_THREADS", "1")

# What takes half a minute to set up for a run → the group of the tests that share it.
COSTLY = {"trading_template": "trading", "published_home": "dashboards"}


# First, since xdist's own hook reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests stay together where a run is spread over several workers: those of a file, and those that share a
    costly set-up, which each worker would make anew. These come first, so that no worker waits for them at the end."""
    if not hasattr(config, "workerinput"):
        return
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    # The sort keeps a group together: xdist hands groups out in the order in which their first tests stand.
    items.sort(key=lambda item: groups[item].startswith("tests/"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups that xdist does not hear of cost half an hour and no test fails: so that is an error of its own."""
    spread = hasattr(session.config, "workerinput") and session.config.getoption("loadgroup", default=False)
    if spread and not all("@" in item.nodeid for item in session.items):
        raise pytest.UsageError(
            "pytest-xdist and this pytest do not agree on the names of groups; see requirements.in."
        )


def _group(item: pytest.Item) -> str:
    shared = [COSTLY[name] for name in getattr(item, "fixturenames", ()) if name in COSTLY]
    return shared[0] if shared else item.nodeid.partition("::")[0]


@pytest.fixture(scope="session")
def adventureworks() -> Path:
    """The folder of the AdventureWorks data, which lies beside the checkout and is no part of it."""
    folder = SHARED_DATA / "adventureworks"
    if not folder.is_dir():
        pytest.skip("needs the AdventureWorks data in ../shared/data, which is not here")
    return folder


@pytest.fixture(scope="session")
def hub_server() -> Iterator[str]:
    """A server for this run, in a HUB_HOME of its own; the address of its administrator."""
    from operational_app.cli import embedded

    before = {name: os.environ.get(name) for name in ("HUB_HOME", "HUB_DATABASE_URL", "HUB_LAKE_PATH")}
    # Not below pytest's own folder: every pytest run on the machine closes that for all but its owner, and the server
    # of a root user runs as another.
    home = tempfile.mkdtemp(prefix="hub-tests-", dir=_memory())
    os.environ["HUB_HOME"] = home
    os.environ.pop("HUB_DATABASE_URL", None)
    os.environ.pop("HUB_LAKE_PATH", None)
    embedded.ensure()
    url = os.environ["HUB_DATABASE_URL"]
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        # A test's server need not survive a power cut; `tests/faults` that kill processes lose nothing by it.
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("ALTER SYSTEM SET full_page_writes = off")
        admin.execute("SELECT pg_reload_conf()")
    yield url
    embedded.leave(embedded.folder(), os.getpid())
    shutil.rmtree(home, ignore_errors=True)
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _memory() -> str | None:
    """A file system in memory, where the machine has one with room: a store is over a thousand small files, and copying
    them for a test takes a fifth of a second there, and seconds on a disk that others use too."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() and shutil.disk_usage(folder).free > 4 * 2**30 else None


@contextmanager
def pointed_at(database: str) -> Iterator[None]:
    """Everything in this process talks to this store for a while."""
    from operational_app.core import db

    before = os.environ["HUB_DATABASE_URL"]
    os.environ["HUB_DATABASE_URL"] = urlunsplit(urlsplit(before)._replace(path="/" + database))
    try:
        yield
    finally:
        db.close_engine()
        os.environ["HUB_DATABASE_URL"] = before


@pytest.fixture(scope="session")
def store_template(hub_server: str) -> str:
    """Name of a migrated store with a company DEMO, its year 2026 open, a place, and a user for each role."""
    from operational_app import migrations

    with pointed_at("store_template"):
        migrations.migrate()
        _furnish()
    return "store_template"


def _furnish() -> None:
    from operational_app.core import db
    from operational_app.core.execute import execute
    from operational_app.core.models import Role

    with db.reading() as session:
        operator = session.execute(text("SELECT id FROM core.app_user WHERE username = 'operator'")).scalar_one()
        roles = list(session.scalars(select(Role.code)))
    execute(
        operator, "found_company", {"code": "DEMO", "name": "Demo Ltd", "currency": "CNY", "chart": "cas"}, "company"
    )
    execute(operator, "open_year", {"company": "DEMO", "year": 2026}, "year")
    for role in roles:
        made = execute(
            operator, "add_user", {"username": role, "name": role.title(), "password": PASSWORD}, f"user {role}"
        )
        execute(operator, "give_role", {"id": made["id"], "version": made["version"], "role": role}, f"role {role}")


PASSWORD = "correct horse battery"


@dataclass
class Store:
    """A store for one test, with short words to act in it."""

    name: str
    users: dict[str, int]
    keys: Iterator[int] = field(default_factory=count)

    def run(self, user: str, command: str, key: str | None = None, **body: Any) -> dict[str, Any]:
        """Run a command as a user (named like a role); `company` is DEMO where a command makes a document."""
        from operational_app.core.command import COMMANDS
        from operational_app.core.execute import execute

        declared = COMMANDS[command]
        if declared.acts_on is None and declared.needs_company:
            body.setdefault("company", "DEMO")
        return execute(self.users[user], command, body, key or f"test {next(self.keys)}")

    def on(self, user: str, command: str, answer: dict[str, Any], **body: Any) -> dict[str, Any]:
        """Run a command on the document that an earlier answer names, in the version it has now."""
        from operational_app.core.document import DOCUMENTS

        table = DOCUMENTS[answer["document"]].model.__table__
        version = self.value(f"SELECT version FROM {table.schema}.{table.name} WHERE id = %s", answer["id"])
        return self.run(user, command, id=answer["id"], version=version, **body)

    def close(self, code: str) -> None:
        """The accountant closes every period up to this one, in their order."""
        open_periods = self.rows(
            "SELECT id, version FROM core.period WHERE state = 'open' AND code <= %s ORDER BY code", code
        )
        for row_id, version in open_periods:
            self.run("accountant", "close_period", id=row_id, version=version)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(hub_settings.database_url(None)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def value(self, sql: str, *parameters: Any) -> Any:
        return self.rows(sql, *parameters)[0][0]

    def verify(self) -> None:
        """All standing truths hold."""
        from operational_app.checks import broken

        assert broken() == {}


class Copies:
    """Copies of the template for tests, made one ahead and dropped behind while tests run."""

    def __init__(self, template: str) -> None:
        self.template = template
        # Read once: tests change the environment while the copies are made.
        self.admin_url = hub_settings.maintenance_url()
        self.worker = ThreadPoolExecutor(1)
        self.ahead = self.worker.submit(self._make)

    def take(self) -> str:
        name = self.ahead.result()
        self.ahead = self.worker.submit(self._make)
        return name

    def give_back(self, name: str) -> None:
        self.worker.submit(self._drop, name)

    def end(self) -> None:
        self.worker.submit(self._drop, self.ahead.result())
        self.worker.shutdown()

    def _make(self) -> str:
        name = f"store_{uuid4().hex[:12]}"
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} OWNER hub_owner TEMPLATE {self.template} STRATEGY FILE_COPY")
            for role in ("hub_owner", "hub_app", "hub_sync", "hub_reader"):
                admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {role}")
        return name

    def _drop(self, name: str) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def store_copies(store_template: str) -> Iterator[Copies]:
    copies = Copies(store_template)
    yield copies
    copies.end()


@pytest.fixture
def store(store_copies: Copies) -> Iterator[Store]:
    """A fresh store for this test: migrated, with company DEMO and a user for each role."""
    name = store_copies.take()
    with pointed_at(name):
        with psycopg.connect(hub_settings.database_url(None)) as connection:
            users = dict(connection.execute("SELECT username, id FROM core.app_user").fetchall())
        yield Store(name, users)
    store_copies.give_back(name)
