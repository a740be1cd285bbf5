"""Tokens by which programs use the API: made, found, limited in what they may and in how often they may ask.

A token acts as its user with less than the user may: the rights of this moment, cut down to the token's permissions.
"""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from operational_app.core import db
from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import InvalidInput, TooManyRequests
from operational_app.core.i18n import _
from operational_app.core.identity import token_hash
from operational_app.core.platform_models import ApiToken, ApiTokenUse
from operational_app.core.policy import NEVER_BY_TOKEN, Principal

# So that one that strayed into a file or a log is known for what it is.
PREFIX = "hub_"
MOST_PERMISSIONS = 200
# Requests a minute: of one token, and of all the tokens of one user together.
TOKEN_RATE = 600
USER_RATE = 1200


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def permissions_from(words: str, principal: Principal) -> list[str]:
    """The permissions that somebody wrote down, one a line or separated by commas.

    Raises:
        InvalidInput: names the first that is none, or that the user does not have.
    """
    found: list[str] = []
    for line in words.replace(",", "\n").split("\n"):
        permission = " ".join(line.split())
        if permission and permission not in found:
            if not _held(permission, principal):
                raise _not_possible(permission)
            found.append(permission)
    if not 1 <= len(found) <= MOST_PERMISSIONS:
        raise InvalidInput(fields={"permissions": _("Name what the token is for, such as “read sales_order”.")})
    return found


def _held(permission: str, principal: Principal) -> bool:
    verb, _blank, name = permission.partition(" ")
    if name == "*":
        return verb in ("read", "run")
    if verb == "read" and name in DOCUMENTS:
        return bool(principal.may_read(name))
    if verb == "run" and name in COMMANDS:
        command = COMMANDS[name]
        return command.document.name not in NEVER_BY_TOKEN and bool(principal.may_run(command.document.name, name))
    return False


def _not_possible(permission: str) -> InvalidInput:
    sentence = _(
        "“{permission}” is not possible. Write “read” and a document, or “run” and a command, that your roles allow."
    )
    return InvalidInput(fields={"permissions": sentence.format(permission=permission[:80])})


def find_token(session: Session, token: str) -> ApiToken | None:
    """The token, if it is still good."""
    if not token.startswith(PREFIX):
        return None
    found = session.scalars(select(ApiToken).where(ApiToken.token_hash == token_hash(token))).one_or_none()
    if found is None or found.revoked_at is not None or found.expires_at <= datetime.now(UTC):
        return None
    return found


def used_lately(session: Session, token: ApiToken) -> bool:
    """Whether the last use is on record to the minute; else `note_use` is due."""
    statement = text(
        "SELECT 1 FROM core.api_token_use WHERE api_token_id = :id AND last_used_at > now() - interval '1 minute'"
    )
    return session.scalar(statement, {"id": token.id}) is not None


def note_use(session: Session, token_id: int) -> None:
    statement = insert(ApiTokenUse).values(api_token_id=token_id, last_used_at=func.now())
    session.execute(statement.on_conflict_do_update(index_elements=["api_token_id"], set_={"last_used_at": func.now()}))


# A bucket that nobody has drawn from is full. Rows are met in one order, so that two requests never wait for each other.
TAKE = text(
    """
    INSERT INTO core.api_allowance AS a (kind, row_id, requests, counted_at)
    SELECT q.kind, q.row_id, q.rate - 1, clock_timestamp()
    FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS bigint[]), CAST(:rates AS integer[])) AS q (kind, row_id, rate)
    ORDER BY q.kind, q.row_id
    ON CONFLICT (kind, row_id) DO UPDATE
      SET counted_at = greatest(a.counted_at, excluded.counted_at),
          requests = least(excluded.requests + 1, a.requests + (excluded.requests + 1) / 60
            * greatest(extract(epoch FROM excluded.counted_at - a.counted_at), 0)) - 1
    RETURNING a.kind, a.requests
    """
)


def take_request(wanted: Collection[tuple[str, int, int]], bind: Engine | None = None) -> None:
    """Take one request out of each bucket (kind, id, requests a minute), or out of none.

    The store counts, for all processes of the app together; in a transaction of its own, so that whoever shares a bucket
    waits for this statement and not for a whole request.

    Raises:
        TooManyRequests: one is empty; says after how many seconds it is not.
    """
    kinds, ids, rates = (list(part) for part in zip(*wanted, strict=True))
    per_minute = {kind: rate for kind, _id, rate in wanted}
    with db.unnamed_transaction(bind) as session:
        left = session.execute(TAKE, {"kinds": kinds, "ids": ids, "rates": rates}).all()
        wait = max(-row.requests * 60 / per_minute[row.kind] for row in left)
        if wait > 0:
            # Takes back what the full buckets gave.
            raise TooManyRequests(seconds=int(wait) + 1)
