"""Where everything lies: the home folder, the databases, the roles and their addresses.

Every part of the hub (app, pipelines, connectors, dashboards) needs these few facts, and dashboards must never
import the app: so they stand here, at the root, in a module that imports nothing of ours.

Roles (what each may do is granted by `operational_app/core/roles.py` and `pipelines/lake.py`):

| role                | connects to         | may                                                        |
|---------------------|---------------------|------------------------------------------------------------|
| hub_owner           | store               | own the store's schemas; run migrations; nothing else uses it |
| hub_app             | store               | run the clerk app: read and write rows, own nothing        |
| hub_sync            | store               | read every table and the change log, for the raw layer     |
| hub_reader          | store               | read sessions, users, roles and policy, for the dashboards |
| hub_lake            | lake catalogs       | own both catalogs: the pipelines' role                     |
| hub_lake_reader     | lake catalog        | read the public lake                                       |
| hub_lake_confidential | both lake catalogs | read the public and the encrypted lake                    |
| hub_dagster         | dagster database    | own Dagster's storage                                      |
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent

ROLES = (
    "hub_owner",
    "hub_app",
    "hub_sync",
    "hub_reader",
    "hub_lake",
    "hub_lake_reader",
    "hub_lake_confidential",
    "hub_dagster",
)

# Database of each kind, as a suffix to the store's own database name.
DATABASES = {"store": "", "lake": "_lake", "confidential": "_lake_confidential", "dagster": "_dagster"}


class SettingsError(Exception):
    """Something the hub needs to know was not said, or was said wrongly; the message says what to do."""


def home() -> Path:
    """The folder that holds everything the hub makes (HUB_HOME, default `.hub/` in the checkout)."""
    return Path(os.environ.get("HUB_HOME") or ROOT / ".hub").resolve()


def lake_path() -> str:
    """Folder or object-store prefix of the lake's Parquet files (HUB_LAKE_PATH)."""
    return (os.environ.get("HUB_LAKE_PATH") or str(home() / "lake")).rstrip("/")


def confidential_lake_path() -> str:
    """Folder of the encrypted lake: beside the public one, never inside it."""
    return lake_path() + "_confidential"


def dagster_home() -> Path:
    return home() / "dagster"


def server_url() -> str:
    """Address of the PostgreSQL server and store, as its administrator.

    Set by the user for a real server, by the command line for the embedded one.

    Raises:
        SettingsError: when neither has set it.
    """
    url = os.environ.get("HUB_DATABASE_URL", "")
    if not url:
        raise SettingsError(
            "No operational store: run this through ./hub, which starts the embedded PostgreSQL, "
            "or set HUB_DATABASE_URL=postgresql://user:password@host/database."
        )
    return url


def database_url(role: str | None, kind: str = "store") -> str:
    """libpq URL of one of our databases as one of our roles (`None`: the administrator that HUB_DATABASE_URL names).

    Args:
        role: a name of ROLES, or None.
        kind: a key of DATABASES.
    """
    parts = urlsplit(server_url())
    name = (parts.path.lstrip("/") or "hub") + DATABASES[kind]
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0]
    if role is not None:
        user = f"{role}:{quote(password_of(role), safe='')}"
    netloc = f"{user}@{host}" if user else host
    return urlunsplit(("postgresql", netloc, "/" + name, urlencode(parse_qsl(parts.query), safe="/"), ""))


def sqlalchemy_url(role: str | None, kind: str = "store") -> str:
    return database_url(role, kind).replace("postgresql://", "postgresql+psycopg://", 1)


def maintenance_url() -> str:
    """The administrator's address of a database that always exists, to create ours from."""
    parts = urlsplit(server_url())
    return urlunsplit(parts._replace(path="/postgres"))


def database_name(kind: str = "store") -> str:
    return (urlsplit(server_url()).path.lstrip("/") or "hub") + DATABASES[kind]


def secrets_file() -> Path:
    return home() / "secrets.json"


def _secrets() -> dict[str, str]:
    file = secrets_file()
    return json.loads(file.read_text()) if file.exists() else {}


def password_of(role: str) -> str:
    """The password of a role: HUB_PASSWORD_<ROLE>, else the one that set-up made and keeps in HUB_HOME."""
    return os.environ.get(f"HUB_PASSWORD_{role.upper()}") or secret(f"password:{role}")


def kept_secret(name: str) -> str | None:
    """A secret that somebody gave us (the password of another system); None where nobody did."""
    return _secrets().get(name)


def secret(name: str) -> str:
    """A random secret of that name, made at its first use and kept in HUB_HOME with mode 0600."""
    return kept_secret(name) or keep_secret(name, secrets.token_urlsafe(24))


def keep_secret(name: str, value: str, *, over: bool = False) -> str:
    """Keep a secret in HUB_HOME with mode 0600, and give the one that is kept: with `over` this one, else the first."""
    with _changing_secrets() as known:
        if over or name not in known:
            known[name] = value
        return known[name]


def forget_secrets(prefix: str) -> None:
    """Forget the secrets whose names begin so."""
    if any(name.startswith(prefix) for name in _secrets()):
        with _changing_secrets() as known:
            for name in [name for name in known if name.startswith(prefix)]:
                del known[name]


def keep_secrets(values: dict[str, str | None]) -> None:
    """Keep these texts in HUB_HOME with mode 0600; None: forget what was kept under the name."""
    with _changing_secrets() as known:
        for name, value in values.items():
            if value is None:
                known.pop(name, None)
            else:
                known[name] = value


@contextmanager
def _changing_secrets() -> Iterator[dict[str, str]]:
    file = secrets_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may make their first secrets at once; each must keep the other's.
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = _secrets()
        before = dict(known)
        yield known
        if known != before:
            fresh = file.with_suffix(".tmp")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(known, indent=1))
            fresh.replace(file)


@dataclass(frozen=True)
class SingleSignOn:
    """The company's identity provider (OpenID Connect), as it knows this installation."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    title: str = ""


def single_sign_on() -> SingleSignOn | None:
    """The identity provider, from HUB_OIDC_ISSUER, …_CLIENT_ID, …_CLIENT_SECRET and …_TITLE, else as `hub single-sign-on`
    kept it; None where the company has none."""
    known = _secrets()

    def said(name: str) -> str:
        return os.environ.get(f"HUB_OIDC_{name.upper()}") or known.get(f"oidc:{name}", "")

    issuer, client_id = said("issuer"), said("client_id")
    return SingleSignOn(issuer, client_id, said("client_secret"), said("title")) if issuer and client_id else None
