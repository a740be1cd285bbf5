"""Who is there: passwords (argon2id), throttled sign-in, server-side sessions that end."""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import ColumnElement, delete, not_, or_, select, text
from sqlalchemy.orm import Session

import hub_settings
from operational_app.core import totp
from operational_app.core.errors import SignInThrottled, WrongCode, WrongSignIn
from operational_app.core.models import AppUser, SignInFailure, UserSession
from operational_app.core.platform_models import SecondFactor

SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
COOKIE = "hub_session"
# Wrong tries that cost nothing; after them each doubles the wait, up to 15 minutes.
FREE_TRIES = 5
TICKET_SECONDS = 300


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


def hash_password(password: str) -> str:
    """argon2id with the library's current parameters (RFC 9106)."""
    return _hasher().hash(password)


@cache
def _nobody() -> str:
    """A hash that no password matches in practice: a try on an unknown name takes as long as one on a known name."""
    return hash_password(secrets.token_hex())


def _matches(user: AppUser | None, password: str) -> bool:
    stored = user.password_hash if user and user.password_hash and user.disabled_at is None else None
    try:
        return _hasher().verify(stored or _nobody(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_password(session: Session, username: str, password: str) -> AppUser:
    """The user of that name and password.

    A failure is counted in a row of its own, which the caller must commit even when the sign-in is refused.

    Raises:
        SignInThrottled: too many wrong tries; nothing was looked at.
        WrongSignIn: name or password is wrong, or the user is disabled; which of them is not said.
    """
    username = username.strip().lower()
    _require_not_blocked(session, username)
    user = session.scalars(select(AppUser).where(AppUser.username == username)).one_or_none()
    if user is not None and _matches(user, password):
        return user
    if user is None:
        _matches(None, password)
    _count_failure(session, username)
    raise WrongSignIn()


def _require_not_blocked(session: Session, username: str) -> None:
    now = datetime.now(UTC)
    failure = session.get(SignInFailure, username, with_for_update=True)
    if failure and failure.blocked_until and failure.blocked_until > now:
        raise SignInThrottled(seconds=int((failure.blocked_until - now).total_seconds()) + 1)


def _count_failure(session: Session, username: str) -> None:
    session.execute(
        text(
            "INSERT INTO core.sign_in_failure AS f (username, failures) VALUES (:name, 1) "
            "ON CONFLICT (username) DO UPDATE SET failures = f.failures + 1, "
            "blocked_until = CASE WHEN f.failures + 1 > :free "
            "THEN now() + least(interval '15 minutes', interval '1 second' * power(2, f.failures + 1 - :free)) END"
        ),
        {"name": username, "free": FREE_TRIES},
    )


def asks_for_code(session: Session, user: AppUser) -> bool:
    """Whether this user's sign-in has a second step."""
    return _active_factor(session, user.id) is not None


def _active_factor(session: Session, user_id: int) -> SecondFactor | None:
    return session.scalars(
        select(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.state == "active").with_for_update()
    ).one_or_none()


def check_code(session: Session, user: AppUser, code: str) -> None:
    """The second step: a code of the user's device, or one of the recovery codes, which then is used up.

    Wrong codes count like wrong passwords, and only a whole sign-in clears the count: who knows the password could
    otherwise try codes without end.

    Raises:
        SignInThrottled, WrongCode: as in `check_password`.
    """
    _require_not_blocked(session, user.username)
    factor = _active_factor(session, user.id)
    if factor is None:
        return
    if not use_code(factor, code):
        _count_failure(session, user.username)
        raise WrongCode()


def use_code(factor: SecondFactor, code: str) -> bool:
    """Whether the code is right; if so, it is not right again."""
    step = totp.step_of(factor.secret, code, int(time.time()), factor.last_step)
    if step is not None:
        factor.last_step = step
        return True
    hashed = totp.recovery_hash(code)
    if hashed in factor.recovery_hashes:
        factor.recovery_hashes = [one for one in factor.recovery_hashes if one != hashed]
        return True
    return False


def ticket_after_password(user: AppUser) -> str:
    """Says for five minutes that this user's password was right; for the form of the second step."""
    said = f"{user.id}.{int(time.time()) + TICKET_SECONDS}"
    return f"{said}.{_ticket_seal(said, user)}"


def user_of_ticket(session: Session, ticket: str) -> AppUser:
    """The user whose password was right.

    Raises:
        WrongSignIn: it is no ticket of ours, or too old: begin again.
    """
    said, _dot, seal = ticket.rpartition(".")
    row_id, _dot, until = said.partition(".")
    if not (ticket.isascii() and row_id.isdigit() and until.isdigit() and len(ticket) < 200):
        raise WrongSignIn()
    user = session.get(AppUser, int(row_id)) if len(row_id) < 19 else None
    genuine = user is not None and hmac.compare_digest(seal, _ticket_seal(said, user))
    if user is None or not genuine or int(until) < time.time() or user.disabled_at is not None:
        raise WrongSignIn()
    return user


def _ticket_seal(said: str, user: AppUser) -> str:
    """Bound to the password: a new password ends the tickets of the old one."""
    key = hub_settings.secret("sign_in").encode()
    return hmac.new(key, f"{said}.{user.password_hash}".encode(), hashlib.sha256).hexdigest()


def start_session(session: Session, user: AppUser, agent: str = "") -> str:
    """A new session for the user; returns the secret for the cookie, of which only the hash is kept.

    Args:
        agent: what the browser says of itself, for the list of one's own sessions.
    """
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    session.execute(delete(SignInFailure).where(SignInFailure.username == user.username))
    session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user.id,
            csrf_token=secrets.token_urlsafe(24),
            expires_at=now + SESSION_LIFE,
            agent=agent,
        )
    )
    # Sessions that are over are of no use to anybody.
    session.execute(delete(UserSession).where(UserSession.user_id == user.id, is_over(now)))
    session.flush()
    return token


def is_over(now: datetime) -> ColumnElement[bool]:
    """Condition: the session has ended, by its age or because nobody was there."""
    return or_(UserSession.expires_at <= now, UserSession.last_seen_at <= now - SESSION_IDLE)


@dataclass(frozen=True)
class OpenSession:
    """One of a user's sessions as its list shows it; `handle` names it and opens nothing."""

    handle: str
    agent: str
    started_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    here: bool


def sessions_of(session: Session, user_id: int, token: str) -> list[OpenSession]:
    """The user's sessions that are alive, the one of this cookie first, then the latest."""
    alive = session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, not_(is_over(datetime.now(UTC))))
        .order_by(UserSession.last_seen_at.desc())
    )
    here = token_hash(token)
    found = [
        OpenSession(
            _handle(one.token_hash),
            one.agent,
            one.started_at,
            one.last_seen_at,
            min(one.expires_at, one.last_seen_at + SESSION_IDLE),
            one.token_hash == here,
        )
        for one in alive
    ]
    return sorted(found, key=lambda one: not one.here)


def end_session_named(session: Session, user_id: int, handle: str) -> None:
    """End the one of the user's own sessions that has this handle; nothing where it has ended already."""
    for one in session.scalars(select(UserSession).where(UserSession.user_id == user_id)).all():
        if hmac.compare_digest(_handle(one.token_hash), handle):
            session.delete(one)


def end_other_sessions(session: Session, user_id: int, token: str) -> None:
    """Sign the user out everywhere but here."""
    session.execute(
        delete(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != token_hash(token))
    )


def _handle(hashed: str) -> str:
    return hashlib.sha256(b"handle " + hashed.encode()).hexdigest()[:32]


def find_session(session: Session, token: str) -> UserSession | None:
    """The session of a cookie, if it is still alive and its user may sign in."""
    now = datetime.now(UTC)
    found = session.get(UserSession, token_hash(token))
    if found is None or found.expires_at <= now or found.last_seen_at <= now - SESSION_IDLE:
        return None
    user = session.get(AppUser, found.user_id)
    return found if user is not None and user.disabled_at is None else None


def end_session(session: Session, token: str) -> None:
    session.execute(delete(UserSession).where(UserSession.token_hash == token_hash(token)))


def end_all_sessions(session: Session, user_id: int) -> None:
    """Sign the user out everywhere: after a disabling or a new password."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))
