"""Who looks at the dashboards, and which rows of the warehouse that person may see.

Session and rights are read from the operational store at every run of a page, as the role hub_reader: a session that has
ended, a user who was disabled and a right that was taken away count from the next run on. Nothing of it is cached.

What belongs here: the session, the user, the rights as a `Scope`. How a scope narrows a query stands in `gate.py`.

How the store's rules are read:

- Only `read` rules on all plain fields (`*`) count: an aggregate over some fields is an aggregate over all of them.
- Only the scopes `company` and `all` count: a figure of a company cannot be cut down to one's own rows or department.
- A role held in all companies opens companies of outside sources too; a role held in one company opens that one.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass

import psycopg

import hub_settings
from pipelines.policy import RIGHTS

COOKIE = "hub_session"
LANGUAGE_COOKIE = "hub_language"
CONNECT_SECONDS = 5

SESSION = """
SELECT u.id, u.username, u.name, u.language
FROM core.user_session s JOIN core.app_user u ON u.id = s.user_id
WHERE s.token_hash = %s AND u.disabled_at IS NULL
  AND s.expires_at > now() AND s.last_seen_at > now() - interval '2 hours'
"""

# At most once a minute, as in the app; `now()` of one statement, so that no clock but the store's counts.
SEEN = """
UPDATE core.user_session SET last_seen_at = now()
WHERE token_hash = %s AND last_seen_at < now() - interval '1 minute'
"""


class StoreAway(Exception):
    """The operational store cannot be reached, so nobody's rights are known."""


@dataclass(frozen=True)
class Companies:
    """A set of companies by the warehouse's ids (`hub:1`): all of them, outside ones included, or the listed ones."""

    everywhere: bool = False
    ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.ids)

    def __contains__(self, company_id: str) -> bool:
        return self.everywhere or company_id in self.ids

    def __and__(self, other: "Companies") -> "Companies":
        if self.everywhere:
            return other
        if other.everywhere:
            return self
        return Companies(ids=tuple(sorted(set(self.ids) & set(other.ids))))


NOWHERE = Companies()


@dataclass(frozen=True)
class Scope:
    """What one user may read: entity of the policy → companies. An argument of every query, also of cached ones.

    Two users with equal rights have equal scopes, so they share what is cached; nobody else does.
    """

    rights: tuple[tuple[str, Companies], ...] = ()

    def companies(self, *entities: str) -> Companies:
        """Companies in which all of these entities may be read."""
        known = dict(self.rights)
        found = Companies(everywhere=True)
        for entity in entities:
            found &= known.get(entity, NOWHERE)
        return found


@dataclass(frozen=True)
class Viewer:
    """The signed-in person, with the rights of this moment."""

    user_id: int
    username: str
    name: str
    language: str
    scope: Scope


def find_viewer(token: str) -> Viewer | None:
    """The person behind a session cookie; None where the session is over, unknown, or its user is disabled.

    Each run of a page comes from a person who clicked, so it counts as use of the session.

    Raises:
        StoreAway: the store does not answer.
    """
    if not token:
        return None
    digest = hashlib.sha256(token.encode()).hexdigest()
    try:
        with _connect() as store:
            user = store.execute(SESSION, (digest,)).fetchone()
            if user is None:
                return None
            store.execute(SEEN, (digest,))
            rights = store.execute(RIGHTS, (user[0],)).fetchall()
    except psycopg.OperationalError as error:
        raise StoreAway from error
    return Viewer(*user, scope=scope_of(rights))


def scope_of(rights: list[tuple[str, int | None]]) -> Scope:
    """The scope of (entity, company) pairs, a company of None meaning all."""
    companies: defaultdict[str, set[int | None]] = defaultdict(set)
    for entity, company_id in rights:
        companies[entity].add(company_id)
    return Scope(
        tuple(
            (
                entity,
                Companies(everywhere=True) if None in ids else Companies(ids=tuple(sorted(map(warehouse_id, ids)))),
            )
            for entity, ids in sorted(companies.items())
        )
    )


def warehouse_id(company_id: int | None) -> str:
    """The golden id that a company of our own has in the warehouse."""
    return f"hub:{company_id}"


def _connect() -> psycopg.Connection:
    # A connection for each run: over the local socket it costs a few milliseconds, and no stale one can answer.
    return psycopg.connect(
        hub_settings.database_url("hub_reader"),
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        application_name="hub dashboards",
    )
