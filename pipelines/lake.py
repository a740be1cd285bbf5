"""The lake: the only place that attaches it, and the locks that keep its writers apart.

Here belongs how a process reaches the two lakes (addresses, roles, extensions, snapshots, locks). What is stored in
them belongs elsewhere: the set-up of databases, roles and schemas in `lake_setup.py`, rows in `load.py` and `sync`.

Two lakes, each a DuckLake with its catalog in a PostgreSQL database of its own:

- `lake`: catalog in hub_lake, files in `lake_path()`; read by the roles hub_lake_reader and hub_lake_confidential;
- `confidential`: catalog in hub_lake_confidential, encrypted files in `confidential_lake_path()`; read by the role
  hub_lake_confidential only.

The pipelines' role hub_lake owns and writes both.

One DuckDB transaction reads both lakes, but DuckDB lets it write to one only ("a single transaction can only write to a
single attached database"). Work that touches both therefore commits the confidential lake first and the public one
second, under one `load_id`: whoever sees the public rows can rely on the confidential ones being there.
"""

import importlib.util
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import duckdb
import psycopg

import hub_settings
from pipelines import lake_setup

LAKES = {"lake": "lake", "confidential": "confidential"}  # attached name -> kind of database in hub_settings
OWN_SCHEMAS = ("core", "erp", "crm", "oa", "hr", "finance")
SCHEMAS = (*(f"raw_{name}" for name in OWN_SCHEMAS), "staging", "intermediate", "marts", "meta")

# Advisory locks are numbers: the first names the hub, the second the layer.
LOCK_SPACE = 0x4855
LAYERS = {"raw": 1, "build": 2, "publish": 3, "setup": 4}

MEMORY_LIMIT = os.environ.get("HUB_DUCKDB_MEMORY", "4GB")


class LakeError(Exception):
    """The lake cannot be used as asked; the message says why and what to do."""

    @property
    def hub_message(self) -> str:
        return str(self)


class LakeMissing(LakeError):
    """The lake was never set up here."""

    hub_exit_code = 3

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("The lake is not set up yet: run ./hub migrate, which makes it ({reason}).").format(
                reason=reason.strip().splitlines()[-1]
            )
        )


class LakeBusy(LakeError):
    """Another process holds the lock of this layer."""


def extension_file(name: str) -> Path:
    """The signed extension file inside its wheel, for the DuckDB that is running.

    Args:
        name: ducklake, postgres_scanner or httpfs.

    Raises:
        LakeError: when the wheel is missing or was made for another DuckDB.
    """
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" if spec and spec.origin else None
    files = sorted(folder.glob("*.duckdb_extension")) if folder else []
    if not files:
        raise LakeError(
            _("DuckDB {version} has no extension “{name}”: install requirements.lock again (./hub does).").format(
                version=duckdb.__version__, name=name
            )
        )
    return files[0]


def most_threads() -> int:
    """HUB_DUCKDB_THREADS: how many threads a DuckDB may have at most, for a machine on which many run beside one another."""
    return int(os.environ.get("HUB_DUCKDB_THREADS") or 64)


def session_config(*, threads: int = 2) -> dict[str, str]:
    """Settings that every DuckDB of ours is opened with: nothing fetched from the network, signed extensions only.

    Spilled data goes to a folder of this process under HUB_HOME, encrypted, since it may hold confidential rows.
    """
    return {
        "threads": str(min(threads, most_threads())),
        "memory_limit": MEMORY_LIMIT,
        "temp_directory": str(hub_settings.home() / "tmp" / f"duckdb-{os.getpid()}"),
        "temp_file_encryption": "true",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_persistent_secrets": "false",
    }


def prepare(con: duckdb.DuckDBPyConnection, *, extensions: tuple[str, ...] = ()) -> None:
    """Time zone and extensions, for a connection that was opened with `session_config` (by us or by dbt)."""
    con.execute("SET TimeZone = 'UTC'")
    for name in extensions:
        con.execute(f"LOAD {quoted(str(extension_file(name)))}")
    if "ducklake" in extensions:
        # Build and change stream commit to one catalog; the loser of a race tries again. By default it gives up after
        # ten ever longer waits, which a build did lose against a steady stream of small commits.
        for setting, value in (("max_retry_count", 500), ("retry_wait_ms", 20), ("retry_backoff", 1)):
            con.execute(f"SET GLOBAL ducklake_{setting} = {value}")


def session(*, threads: int = 2, extensions: tuple[str, ...] = ()) -> duckdb.DuckDBPyConnection:
    """A DuckDB of our own in memory, opened with `session_config`, with these extensions loaded."""
    con = duckdb.connect(config=session_config(threads=threads))
    prepare(con, extensions=extensions)
    return con


def connect(
    *,
    writer: bool = False,
    at: int | None = None,
    confidential: bool = False,
    threads: int = 2,
    confidential_at: int | None = None,
    sealed: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Attach the lake as `lake` (and the encrypted one as `confidential`) and make `lake` the default catalog.

    Args:
        writer: as the pipelines' role, which may write; otherwise read-only as the role of a reader.
        at: snapshot of the lake to read; only for readers. Without it, the newest at each transaction.
        confidential: attach the encrypted lake too; a reader then needs the role hub_lake_confidential.
        threads: of this DuckDB.
        confidential_at: snapshot of the encrypted lake.
        sealed: for SQL that a person wrote: no files outside the lake, no further ATTACH, no change of settings. It
            does not stop COPY into the lake's folder nor `postgres_scan`: the caller admits SELECT over tables only.

    Raises:
        LakeError: the lake is not set up, or this role may not read it.
    """
    if writer and (at is not None or confidential_at is not None or sealed):
        raise ValueError(
            "a writer works on the newest state of the lake: at, confidential_at and sealed are for readers"
        )
    extensions = ["postgres_scanner", "ducklake"]
    # Encrypted Parquet can only be written through OpenSSL, which httpfs carries; object stores need it in any case.
    if confidential or "://" in hub_settings.lake_path():
        extensions.append("httpfs")
    con = session(threads=threads, extensions=tuple(extensions))
    role = "hub_lake" if writer else "hub_lake_confidential" if confidential else "hub_lake_reader"
    try:
        attach(con, "lake", role=role, at=at, read_only=not writer)
        if confidential:
            attach(con, "confidential", role=role, at=confidential_at, read_only=not writer)
        con.execute("USE lake")
        if sealed:
            _seal(con, confidential)
    except BaseException:
        con.close()
        raise
    return con


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


def attach(
    con: duckdb.DuckDBPyConnection,
    lake: str,
    *,
    role: str,
    alias: str | None = None,
    at: int | None = None,
    read_only: bool = True,
    create: bool = False,
) -> None:
    """Attach one of LAKES, perhaps under another name: a build attaches the lake once more, pinned, to read `raw`.

    Nothing is inlined into the catalog: rows lie in Parquet only, so that one rule (files, encrypted where they must
    be) covers every row, and no confidential value can reach the catalog by being few.

    Args:
        con: a connection made by `session` or `connect`.
        lake: a key of LAKES.
        role: the PostgreSQL role that reads the catalog.
        alias: the name in SQL, default the lake's own.
        at: snapshot to pin; implies read-only.
        read_only: refuse writes in DuckDB already (the roles refuse them in PostgreSQL).
        create: initialise the DuckLake where the catalog database is still empty.
    """
    for statement in attach_statements(lake, role=role, alias=alias, at=at, read_only=read_only, create=create):
        try:
            con.execute(statement)
        except duckdb.Error as error:
            if "ATTACH" not in statement:
                raise
            raise _why_not_attached(lake, role, at, str(error)) from error


def attach_statements(
    lake: str,
    *,
    role: str,
    alias: str | None = None,
    at: int | None = None,
    read_only: bool = True,
    create: bool = False,
) -> list[str]:
    """The SQL of `attach`, for a tool that makes its own DuckDB connection (dbt). Holds the role's password."""
    alias = alias or lake
    path = hub_settings.lake_path() if lake == "lake" else hub_settings.confidential_lake_path()
    options = [
        f"DATA_PATH {quoted(path + '/')}",
        # Paths in the catalog are relative: a lake that was moved or restored elsewhere is read where it is now.
        "OVERRIDE_DATA_PATH true",
        f"META_SECRET {quoted('catalog_' + alias)}",
        "DATA_INLINING_ROW_LIMIT 0",
        f"CREATE_IF_NOT_EXISTS {'true' if create else 'false'}",
    ]
    if lake == "confidential" and not read_only:
        options.append("ENCRYPTED")
    if at is not None:
        options.append(f"SNAPSHOT_VERSION {int(at)}")
    if read_only or at is not None:
        options.append("READ_ONLY")
    return [
        secret_statement(f"catalog_{alias}", role, LAKES[lake]),
        f"ATTACH 'ducklake:postgres:{_other_parameters(role, LAKES[lake])}' AS {alias} ({', '.join(options)})",
    ]


def secret_statement(name: str, role: str, kind: str) -> str:
    """SQL that gives DuckDB the address of one of our PostgreSQL databases as a temporary secret of that name.

    A secret keeps the password out of `duckdb_databases()` and of error messages. Use: `ATTACH '' AS store (TYPE
    postgres, SECRET name, READ_ONLY)`.

    Args:
        name: of the secret.
        role: one of hub_settings.ROLES.
        kind: one of hub_settings.DATABASES.
    """
    parts = urlsplit(hub_settings.database_url(role, kind))
    query = dict(parse_qsl(parts.query))
    values = {
        "HOST": query.get("host") or parts.hostname or "localhost",
        "PORT": query.get("port") or (str(parts.port) if parts.port else None),
        "DATABASE": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
    }
    fields = ", ".join(f"{key} {quoted(value)}" for key, value in values.items() if value)
    return f"CREATE OR REPLACE TEMPORARY SECRET {name} (TYPE postgres, {fields})"


def _other_parameters(role: str, kind: str) -> str:
    """Connection parameters that a secret cannot hold (sslmode, connect_timeout, …), as a libpq string."""
    query = parse_qsl(urlsplit(hub_settings.database_url(role, kind)).query)
    return " ".join(f"{key}={value}" for key, value in query if key not in {"host", "port"}).replace("'", "''")


def _seal(con: duckdb.DuckDBPyConnection, confidential: bool) -> None:
    folders = [hub_settings.lake_path(), *([hub_settings.confidential_lake_path()] if confidential else [])]
    con.execute(f"SET allowed_directories = [{', '.join(quoted(folder + '/') for folder in folders)}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def _why_not_attached(lake: str, role: str, at: int | None, error: str) -> LakeError:
    if "permission denied" in error or "CONNECT privilege" in error:
        return LakeError(_("The role {role} may not read {lake}.").format(role=role, lake=lake))
    if at is not None and "napshot" in error:
        return LakeError(
            _("There is no snapshot {at} in {lake}: it has expired, or never was.").format(at=at, lake=lake)
        )
    if "does not exist" in error:
        return LakeMissing(error)
    return LakeError(_("{lake} cannot be attached: {error}").format(lake=lake, error=error.strip()))


def current_snapshot(con: duckdb.DuckDBPyConnection, lake: str = "lake") -> int:
    """Number of the newest committed snapshot that this connection sees (or of the one it is pinned at)."""
    return con.execute(f"SELECT id FROM {lake}.current_snapshot()").fetchone()[0]


def catalog(role: str = "hub_lake", kind: str = "lake", **options: Any) -> psycopg.Connection:
    """A PostgreSQL connection to a catalog database, for the tables of `hub_meta`; commits at the end of `with`.

    Raises:
        LakeMissing: the lake was never set up.
    """
    try:
        return psycopg.connect(hub_settings.database_url(role, kind), application_name="hub", **options)
    except psycopg.OperationalError as error:
        # PostgreSQL gives refused connections no SQLSTATE here; a missing role or database is told in words only.
        if "does not exist" in str(error):
            raise LakeMissing(str(error)) from error
        raise


def next_load_id() -> int:
    """A number for a load, taken before it begins, since both lakes record the same one. Unused numbers leave gaps."""
    with catalog() as db:
        return db.execute("SELECT nextval('hub_meta.load_id')").fetchone()[0]


@contextmanager
def lock(layer: str, *, wait_seconds: float = 600) -> Iterator[None]:
    """Hold the one lock of a layer, so that no two syncs, builds or publications interleave.

    A PostgreSQL advisory lock on the public catalog, held by a connection of its own: when the process dies, however it
    dies, the server frees it.

    Args:
        layer: a key of LAYERS.
        wait_seconds: how long to wait for the present holder.

    Raises:
        LakeBusy: another process holds it for longer; the message names it.
    """
    number = LAYERS[layer]
    with catalog(autocommit=True) as db:
        deadline = time.monotonic() + wait_seconds
        db.execute("SELECT set_config('application_name', %s, false)", (f"hub {layer} (process {os.getpid()})",))
        db.execute("SELECT set_config('lock_timeout', %s, false)", (str(max(1, int(wait_seconds * 1000))),))
        try:
            db.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_SPACE, number))
        except psycopg.errors.LockNotAvailable as error:
            waited = wait_seconds - max(0.0, deadline - time.monotonic())
            raise LakeBusy(_who_holds(db, layer, waited)) from error
        yield


def _who_holds(db: psycopg.Connection, layer: str, waited: float) -> str:
    holder = db.execute(
        "SELECT a.application_name, a.pid, a.backend_start FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        (LOCK_SPACE, LAYERS[layer]),
    ).fetchone()
    if holder is None:
        return _("The lock of “{layer}” was busy for {waited:.0f} s and is free now: try again.").format(
            layer=layer, waited=waited
        )
    return _(
        "Other work on “{layer}” runs since {since:%Y-%m-%d %H:%M:%S}: {name}, database session {pid}; "
        "waited {waited:.0f} s. Wait for it to end; if that process hangs, stop it, and the lock is freed by itself."
    ).format(layer=layer, since=holder[2], name=holder[0], pid=holder[1], waited=waited)


def quoted(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def create() -> None:
    """Make roles, databases, lakes, schemas and grants, as administrator; to run again changes nothing.

    Safe at every start, and by two processes at once.
    """
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_SPACE, LAYERS["setup"]))
        lake_setup.roles_and_databases(admin)
        lake_setup.folders()
        with session(extensions=("postgres_scanner", "ducklake", "httpfs")) as con:
            for name in LAKES:
                attach(con, name, role="hub_lake", read_only=False, create=True)
                _furnish(con, name)
        for name in LAKES:
            lake_setup.grants(LAKES[name])


def _furnish(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """The schemas and load records of a lake, as far as they are missing."""
    schemas = con.execute("SELECT schema_name FROM duckdb_schemas() WHERE database_name = ?", (name,)).fetchall()
    tables = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'meta'", (name,)
    ).fetchall()
    with transaction(con):
        for schema in SCHEMAS:
            if (schema,) not in schemas:
                con.execute(f"CREATE SCHEMA {name}.{schema}")
        for table, columns in lake_setup.META_TABLES.items():
            if (table,) not in tables:
                for statement in lake_setup.table_statements(f"{name}.meta.{table}", columns):
                    con.execute(statement)
