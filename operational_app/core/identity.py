"""Who is there: passwords (argon2id), throttled sign-in, server-side sessions that end."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from operational_app.core.errors import SignInThrottled, WrongSignIn
from operational_app.core.models import AppUser, SignInFailure, UserSession

SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
COOKIE = "hub_session"
# Wrong tries that cost nothing; after them each doubles the wait, up to 15 minutes.
FREE_TRIES = 5


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
    now = datetime.now(UTC)
    failure = session.get(SignInFailure, username, with_for_update=True)
    if failure and failure.blocked_until and failure.blocked_until > now:
        raise SignInThrottled(seconds=int((failure.blocked_until - now).total_seconds()) + 1)
    user = session.scalars(select(AppUser).where(AppUser.username == username)).one_or_none()
    if user is not None and _matches(user, password):
        session.execute(delete(SignInFailure).where(SignInFailure.username == username))
        return user
    if user is None:
        _matches(None, password)
    session.execute(
        text(
            "INSERT INTO core.sign_in_failure AS f (username, failures) VALUES (:name, 1) "
            "ON CONFLICT (username) DO UPDATE SET failures = f.failures + 1, "
            "blocked_until = CASE WHEN f.failures + 1 > :free "
            "THEN now() + least(interval '15 minutes', interval '1 second' * power(2, f.failures + 1 - :free)) END"
        ),
        {"name": username, "free": FREE_TRIES},
    )
    raise WrongSignIn()


def start_session(session: Session, user: AppUser) -> str:
    """A new session for the user; returns the secret for the cookie, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    session.add(
        UserSession(
            token_hash=token_hash(token),
            user_id=user.id,
            csrf_token=secrets.token_urlsafe(24),
            expires_at=now + SESSION_LIFE,
        )
    )
    session.flush()
    return token


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
