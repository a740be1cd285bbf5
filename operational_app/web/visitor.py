"""Who sends a request: session, rights and language, found once per request before anything else runs.

A pure ASGI middleware and no dependency, because the language has to be set for the whole request: what it sets here is
seen by every thread that works for the request. It also gives each answer the headers that keep browsers safe.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from operational_app.core import api_tokens, db, policy, row_policy
from operational_app.core.errors import NotSignedIn, Refusal, TooManyRequests
from operational_app.core.i18n import LANGUAGES, language
from operational_app.core.identity import COOKIE, find_session
from operational_app.core.models import Company
from operational_app.core.platform_models import Notification
from operational_app.web.errors import StoreAway

# Writing "seen just now" at each request would turn every reading page into a writing one.
SEEN_EVERY = timedelta(seconds=60)
LANGUAGE_COOKIE = "hub_language"
# Open pages ask this by themselves; a session must end though its page stays open.
BELL = "/notifications/bell"
LIVE = "/live"
BY_ITSELF = "hub-by-itself"

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True)
class Visitor:
    """A signed-in user in one session.

    Attributes:
        companies: the companies that the user may work in, by code.
        company: the one chosen in this session; None where the user has no company at all.
        permissions: what the visitor is limited to, who came with a token of the API and without a session.
        unread: how many notifications wait at the bell.
    """

    principal: policy.Principal
    token: str
    csrf_token: str
    companies: tuple[Company, ...]
    company: Company | None
    permissions: tuple[str, ...] | None = None
    unread: int = 0


def find_visitor(token: str, bind: Engine | None, seen: bool = True) -> Visitor | None:
    """The user of a session cookie, with the rights of this moment; None where the session is over.

    Args:
        seen: the request shows that a person is there; a page that asks for news by itself does not.
    """
    with db.reading(bind) as session:
        found = find_session(session, token)
        principal = policy.load_principal(session, found.user_id) if found else None
        if found is None or principal is None:
            return None
        companies = _companies(session, principal)
        chosen = next((c for c in companies if c.id == found.company_id), companies[0] if companies else None)
        unread = session.scalar(
            select(func.count()).where(Notification.user_id == found.user_id, Notification.read_at.is_(None))
        )
        visitor = Visitor(principal, token, found.csrf_token, companies, chosen, unread=unread or 0)
        stale, key = seen and found.last_seen_at < datetime.now(UTC) - SEEN_EVERY, found.token_hash
    if stale:
        with db.transaction(actor=principal.username, command="seen", bind=bind) as session:
            session.execute(
                text("UPDATE core.user_session SET last_seen_at = now() WHERE token_hash = :key"), {"key": key}
            )
    return visitor


def find_program(token: str, bind: Engine | None) -> Visitor | None:
    """Who sends a token of the API: its user, with what the token leaves of the rights; None where it is not good.

    Raises:
        TooManyRequests: the token, or all tokens of its user together, ask too often.
    """
    with db.reading(bind) as session:
        found = api_tokens.find_token(session, token)
        principal = policy.load_principal(session, found.user_id) if found else None
        if found is None or principal is None:
            return None
        permissions = tuple(found.permissions)
        principal = policy.limited_to(principal, permissions)
        companies = _companies(session, principal)
        visitor = Visitor(principal, "", "", companies, companies[0] if companies else None, permissions)
        used_lately = api_tokens.used_lately(session, found)
    api_tokens.take_request(
        [("token", found.id, api_tokens.TOKEN_RATE), ("user", found.user_id, api_tokens.USER_RATE)], bind
    )
    if not used_lately:
        with db.transaction(actor=principal.username, command="use_token", bind=bind) as session:
            api_tokens.note_use(session, found.id)
    return visitor


def _companies(session: Session, principal: policy.Principal) -> tuple[Company, ...]:
    everything = policy.sum_of(principal)
    statement = select(Company).order_by(Company.code)
    if not everything.everywhere:
        statement = statement.where(Company.id.in_(sorted(everything.ids)))
    companies = tuple(session.scalars(statement))
    # The companies outlive this session: out of it before its end empties them.
    for company in companies:
        session.expunge(company)
    return companies


def visitor_of(request: Request) -> Visitor:
    """The visitor of a request.

    Raises:
        NotSignedIn: nobody is signed in, or the session is over.
    """
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise NotSignedIn()
    return visitor


def limited(session: Session, visitor: Visitor) -> Session:
    """The session, showing only what the visitor may read."""
    row_policy.limit(session, visitor.principal)
    return session


def language_of(request: Request, visitor: Visitor | None) -> str:
    """The user's language; before the sign-in the one chosen here earlier, else the first that the browser asks for."""
    if visitor is not None:
        return visitor.principal.language
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for wanted in request.headers.get("accept-language", "")[:200].split(","):
        tag = wanted.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh_Hans"
        if tag.startswith("en"):
            return "en"
    return "en"


def dashboards_url() -> str:
    """Where the dashboards are served, from HUB_DASHBOARDS_URL; empty where they are not."""
    return os.environ.get("HUB_DASHBOARDS_URL", "").rstrip("/")


def security_policy() -> str:
    """The content security policy: the sign-in form may lead on to the dashboards, which sent the person here."""
    policy = HEADERS["content-security-policy"]
    return policy.replace("form-action 'self'", f"form-action 'self' {dashboards_url()}".rstrip())


class VisitorMiddleware:
    """Finds the visitor, sets the language, and puts the safety headers on each answer.

    Args:
        answer: renders a refusal, for the case that the store cannot even be asked who sends the request.
    """

    def __init__(
        self, app: ASGIApp, answer: Callable[[Request, Refusal], Response], bind: Engine | None = None
    ) -> None:
        self.app = app
        self.answer = answer
        self.bind = bind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        scope.setdefault("state", {})["visitor"] = None
        static = scope["path"].startswith("/assets/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _value in message["headers"]}
                extra = HEADERS | {"content-security-policy": security_policy()}
                if not static:
                    extra |= {"cache-control": "no-store"}
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in extra.items() if n.encode() not in present),
                ]
            await send(message)

        if not static:
            try:
                scope["state"]["visitor"] = await self._visitor(request)
            except (OperationalError, TooManyRequests) as error:
                refusal = error if isinstance(error, TooManyRequests) else StoreAway()
                with language(language_of(request, None)):
                    await self.answer(request, refusal)(scope, receive, send_with_headers)
                return
        with language(language_of(request, scope["state"]["visitor"])):
            await self.app(scope, receive, send_with_headers)

    async def _visitor(self, request: Request) -> Visitor | None:
        """The visitor by token or by session; one who sends a token is that token's user or nobody."""
        path = request.url.path
        scheme, _blank, token = request.headers.get("authorization", "").partition(" ")
        if path.startswith("/api/") and scheme.lower() == "bearer":
            return await run_in_threadpool(find_program, token.strip()[:200], self.bind)
        if cookie := request.cookies.get(COOKIE, ""):
            by_itself = path in (BELL, LIVE) or BY_ITSELF in request.headers
            return await run_in_threadpool(find_visitor, cookie, self.bind, not by_itself)
        return None
