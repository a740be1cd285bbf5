"""A backup: what is in one, how it is written and checked, and how a home is made from it.

What belongs here: databases by pg_dump, folders by copying, and the list with a hash of everything. What is said to people
is `backup.py`.

Order makes it one whole: the lake's writers are held off, then the lakes are copied, then the store is dumped, then the
documents' files are copied. A clerk's commit meanwhile is in the store and not yet in the lake, as it is every day until
the next sync; and a file is there before the row that names it, so each row of the dump finds its file.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

import hub_settings
from operational_app.core.errors import Refusal
from operational_app.core.i18n import _

FORMAT = 1
LIST = "backup.json"
# Folder in the backup → where it belongs.
FOLDERS: dict[str, Callable[[], Path]] = {
    "lake": lambda: Path(hub_settings.lake_path()),
    "lake_confidential": lambda: Path(hub_settings.confidential_lake_path()),
    "files": lambda: hub_settings.home() / "files",
}
DATABASES = ("lake", "confidential", "dagster", "store")
SCHEMAS_OF_SERVER = ("pg_catalog", "information_schema", "pg_toast")
SECRETS = "secrets.json"
# Each home makes its roles' passwords itself.
NOT_KEPT = "password:"

Say = Callable[[str], None]


class NoBackup(Refusal):
    title = _("No backup")
    template = _("{path} is not a whole backup: {reason}")


class AlreadyThere(Refusal):
    title = _("Nothing is overwritten")
    template = _(
        "{what} is there already, and a restore overwrites nothing. Choose an empty HUB_HOME and an empty server."
    )


class NotCopied(Refusal):
    title = _("Backup failed")
    template = _("{program} failed: {words}")


class LakeElsewhere(Refusal):
    title = _("No backup")
    template = _(
        "The lake lies in an object store ({path}): keep its versions there, and back up a copy of it on a disk."
    )


def make(place: Path, say: Say) -> dict[str, Any]:
    """Write a backup into a new folder; what is in it. A folder that is there stays as it is.

    Raises:
        AlreadyThere, LakeElsewhere, NotCopied: nothing that could be taken for a backup is left behind.
    """
    from pipelines import lake

    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise AlreadyThere(what=place)
    if "://" in hub_settings.lake_path():
        raise LakeElsewhere(path=hub_settings.lake_path())
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.chmod(0o700)
    content: dict[str, Any] = {"format": FORMAT, "made_at": datetime.now(UTC).isoformat(), "databases": {}}
    with ExitStack() as held:
        for layer in ("raw", "build", "publish"):
            held.enter_context(lake.lock(layer))
        for kind in DATABASES[:-1]:
            _dump(kind, place, content, say)
        for name in ("lake", "lake_confidential"):
            _copy(FOLDERS[name](), place / name, say)
    _dump("store", place, content, say)
    _copy(FOLDERS["files"](), place / "files", say)
    known = json.loads(hub_settings.secrets_file().read_text()) if hub_settings.secrets_file().exists() else {}
    kept = {name: value for name, value in known.items() if not name.startswith(NOT_KEPT)}
    (place / SECRETS).write_text(json.dumps(kept, indent=1))
    content["files"] = {name: _hash(place / name) for name in _names(place)}
    # The list last, and whole: a folder without it is no backup.
    fresh = place / (LIST + ".tmp")
    fresh.write_text(json.dumps(content, indent=1))
    fresh.replace(place / LIST)
    return content


def read(place: Path, say: Say) -> dict[str, Any]:
    """What is in a backup, after every file of it was found whole.

    Raises:
        NoBackup: something is missing, damaged or more than there was.
    """
    try:
        content = json.loads((place / LIST).read_text())
    except (OSError, ValueError) as error:
        raise NoBackup(path=place, reason=str(error)) from error
    if content.get("format") != FORMAT:
        raise NoBackup(path=place, reason=_("it has the form {form}").format(form=content.get("format")))
    say(str(_("Looking through {count} files …")).format(count=len(content["files"])))
    there = set(_names(place)) - {LIST}
    for name in sorted(there ^ set(content["files"])):
        raise NoBackup(path=place, reason=_("{file} is missing, or should not be there").format(file=name))
    for name, wanted in content["files"].items():
        if _hash(place / name) != wanted:
            raise NoBackup(path=place, reason=_("{file} is damaged").format(file=name))
    return content


def refuse_to_overwrite() -> None:
    """Raises AlreadyThere where this home or its server holds anything that a restore would bring."""
    for path in (folder() for folder in FOLDERS.values()):
        if path.is_dir() and any(path.iterdir()):
            raise AlreadyThere(what=path)
    for kind in DATABASES:
        name = hub_settings.database_name(kind)
        with psycopg.connect(hub_settings.maintenance_url()) as admin:
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                continue
        with psycopg.connect(hub_settings.database_url(None, kind)) as database:
            if tables_of(database):
                raise AlreadyThere(what=_("the database {name}").format(name=name))


def restore(place: Path, content: dict[str, Any], say: Say) -> None:
    """Make databases and folders from a backup that `read` has found whole, and compare them with its list.

    Raises:
        AlreadyThere, NotCopied, NoBackup: what was written so far stays, to be looked at; nothing uses it yet.
    """
    from operational_app.core import roles
    from pipelines import lake_setup

    refuse_to_overwrite()
    hub_settings.keep_secrets(json.loads((place / SECRETS).read_text()))
    roles.create_database()
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        lake_setup.roles_and_databases(admin)
    for name, folder in FOLDERS.items():
        _copy(place / name, folder(), say)
        for file in _names(place / name):
            if _hash(folder() / file) != content["files"][f"{name}/{file}"]:
                raise NoBackup(path=place, reason=_("{file} is damaged").format(file=file))
    for kind, tables in content["databases"].items():
        say(str(_("Restoring the database “{name}” …")).format(name=kind))
        _run("pg_restore", kind, "--exit-on-error", "--single-transaction", str(place / f"{kind}.dump"))
        with psycopg.connect(hub_settings.database_url(None, kind)) as database:
            found = counts_of(database)
        for name in sorted(found.keys() | tables.keys()):
            if found.get(name) != tables.get(name):
                reason = _("{table} came out with {found} rows instead of {wanted}, or with others")
                raise NoBackup(
                    path=place,
                    reason=str(reason).format(
                        table=name, found=(found.get(name) or [0])[0], wanted=(tables.get(name) or [0])[0]
                    ),
                )


def end_sessions() -> None:
    """Whoever was signed in when the backup was made signs in anew: cookies may have been lost with the old machine."""
    with psycopg.connect(hub_settings.database_url("hub_app")) as database:
        database.execute("DELETE FROM core.user_session")


def _dump(kind: str, place: Path, content: dict[str, Any], say: Say) -> None:
    """Dump one database, with the count and hash of each table at the very instant of the dump."""
    say(str(_("Dumping the database “{name}” …")).format(name=kind))
    with psycopg.connect(hub_settings.database_url(None, kind)) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        [snapshot] = database.execute("SELECT pg_export_snapshot()").fetchone() or [""]
        content["databases"][kind] = counts_of(database)
        _run("pg_dump", kind, "--format=custom", f"--snapshot={snapshot}", f"--file={place / f'{kind}.dump'}")


def tables_of(database: psycopg.Connection) -> list[tuple[str, str]]:
    return database.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname <> ALL (%s) ORDER BY 1, 2",
        (list(SCHEMAS_OF_SERVER),),
    ).fetchall()


def counts_of(database: psycopg.Connection) -> dict[str, list[Any]]:
    """Table → number of rows and a hash over all of them, in whatever order they lie."""
    database.execute("SET LOCAL TimeZone = 'UTC'")
    database.execute("SET LOCAL extra_float_digits = 1")
    found: dict[str, list[Any]] = {}
    for schema, table in tables_of(database):
        place = sql.Identifier(schema, table)
        row = database.execute(
            sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {} t").format(place)
        ).fetchone()
        found[f"{schema}.{table}"] = list(row or ())
    return found


def _run(program: str, kind: str, *arguments: str) -> None:
    """Run a program of PostgreSQL against one of our databases, as the administrator; the password goes by the
    environment, which other users of the machine do not see."""
    from operational_app.cli import embedded

    parts = urlsplit(hub_settings.database_url(None, kind))
    user, _at, host = parts.netloc.rpartition("@")
    name, _colon, password = user.partition(":")
    address = urlunsplit(parts._replace(netloc=f"{name}@{host}" if name else host))
    done = subprocess.run(
        [str(embedded.programs() / program), f"--dbname={address}", *arguments],
        env=os.environ | ({"PGPASSWORD": unquote(password)} if password else {}),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise NotCopied(program=program, words=done.stderr.strip()[-500:])


def _copy(source: Path, target: Path, say: Say) -> None:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    names = list(_names(source)) if source.is_dir() else []
    say(str(_("Copying {count} files of “{name}” …")).format(count=len(names), name=source.name))
    for name in names:
        # What is arriving just now is no file yet.
        if Path(name).name.startswith(".arriving-"):
            continue
        (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
        (target / name).chmod(0o600)


def _names(place: Path) -> Iterator[str]:
    for path in sorted(place.rglob("*")):
        if path.is_file():
            yield path.relative_to(place).as_posix()


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
