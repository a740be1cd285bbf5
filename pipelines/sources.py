"""The register of outside sources: names, kinds, addresses and options, in the lake's catalog database.

It is not in HUB_HOME, so that every machine that reaches the catalog knows the same sources.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from gettext import gettext as _
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

import hub_settings
from connectors.base import Source, SourceError, open_source
from pipelines import lake

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Our own store's schemas arrive as raw_core, raw_erp, …; `hub` is the store itself in load records, `store` in commands.
RESERVED = {*lake.OWN_SCHEMAS, "hub", "store"}


@dataclass(frozen=True)
class Registered:
    """A source, and since when it is known."""

    source: Source
    created_at: datetime


def add(
    name: str, kind: str, url: str, options: dict[str, Any] | None = None, secrets: Mapping[str, str] | None = None
) -> Source:
    """Register a source after checking that it can be read.

    Args:
        secrets: passwords and tokens by name; they are kept in HUB_HOME, as is a password that stands in the address.

    Raises:
        SourceError: the name is taken or not allowed, the kind unknown, or the source cannot be read.
    """
    if not NAME.fullmatch(name) or name in RESERVED:
        raise SourceError(
            _(
                "“{name}” cannot name a source: use up to 40 small letters, digits and _, beginning with a letter, "
                "and none of {reserved}."
            ).format(name=name, reserved=", ".join(sorted(RESERVED)))
        )
    if name in {entry.source.name for entry in registered()}:
        raise SourceError(_already(name))
    url, password = _without_password(url)
    for what, value in {**({"password": password} if password else {}), **(secrets or {})}.items():
        hub_settings.keep_secret(f"source:{name}:{what}", value, over=True)
    source = Source(name, kind, url, options or {})
    try:
        connector = open_source(source)
        connector.check()
        connector.tables()
    except SourceError:
        hub_settings.forget_secrets(f"source:{name}:")
        raise
    with lake.catalog() as db:
        added = db.execute(
            "INSERT INTO hub_meta.source (name, kind, url, options) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (name) DO NOTHING RETURNING name",
            (name, kind, url, Jsonb(source.options)),
        ).fetchone()
    if added is None:
        raise SourceError(_already(name))
    return source


def _already(name: str) -> str:
    return _("A source “{name}” is registered already; remove it first, or choose another name.").format(name=name)


def _without_password(url: str) -> tuple[str, str]:
    """An address and the password that stood in it: the register is read by people, HUB_HOME keeps secrets."""
    parts = urlsplit(url)
    if not parts.scheme or not parts.password:
        return url, ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}@{host}")), unquote(parts.password)


def registered() -> list[Registered]:
    """All sources, by name."""
    with lake.catalog(row_factory=tuple_row) as db:
        rows = db.execute("SELECT name, kind, url, options, created_at FROM hub_meta.source ORDER BY name").fetchall()
    return [Registered(Source(*row[:4]), row[4]) for row in rows]


def get(name: str) -> Source:
    """The source of that name.

    Raises:
        SourceError: there is none; the message lists those that are.
    """
    known = {entry.source.name: entry.source for entry in registered()}
    if name not in known:
        raise SourceError(
            _("There is no source “{name}”; registered are: {known}. Add one with hub source add.").format(
                name=name, known=", ".join(known) or _("none")
            )
        )
    return known[name]


def remove(name: str, *, drop_tables: bool = False) -> None:
    """Forget a source; with `drop_tables` also drop `raw_<name>` in both lakes (older snapshots keep the rows).

    Raises:
        SourceError: there is no such source.
    """
    get(name)
    if drop_tables:
        with lake.lock("raw"), lake.connect(writer=True, confidential=True) as con:
            for catalog in ("confidential", "lake"):
                with lake.transaction(con):
                    con.execute(f"DROP SCHEMA IF EXISTS {catalog}.{lake.identifier('raw_' + name)} CASCADE")
                    con.execute(f"DELETE FROM {catalog}.meta.load_table WHERE source = ?", (name,))
                    con.execute(f"DELETE FROM {catalog}.meta.load WHERE source = ?", (name,))
                    con.execute(f"DELETE FROM {catalog}.meta.quarantine WHERE source = ?", (name,))
    with lake.catalog() as db:
        db.execute("DELETE FROM hub_meta.source WHERE name = %s", (name,))
    hub_settings.forget_secrets(f"source:{name}:")
