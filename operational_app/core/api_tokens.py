"""Tokens by which programs use the API: made, found, limited in what they may and in how often they may ask.

A token acts as its user with less than the user may: the rights of this moment, cut down to the token's permissions.
"""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

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


@dataclass
class Throttle:
    """Buckets that fill with time, in this process: each app process counts for itself."""

    buckets: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def take(self, wanted: Collection[tuple[str, int, int]], now: float | None = None) -> None:
        """Take one request out of each bucket (kind, id, requests a minute), or out of none.

        Raises:
            TooManyRequests: one is empty; says after how many seconds it is not.
        """
        now = time.monotonic() if now is None else now
        with self.lock:
            left: dict[tuple[str, int], float] = {}
            for kind, row_id, rate in wanted:
                amount, since = self.buckets.get((kind, row_id), (rate, now))
                left[(kind, row_id)] = min(rate, amount + (now - since) * rate / 60)
            waits = [(1 - left[(kind, row_id)]) * 60 / rate for kind, row_id, rate in wanted]
            if max(waits) > 0:
                raise TooManyRequests(seconds=int(max(waits)) + 1)
            for key, amount in left.items():
                self.buckets[key] = (amount - 1, now)


throttle = Throttle()
