"""Signing in and out, and what a person chooses for the session: language, company, light or dark."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine, text
from starlette.datastructures import FormData
from starlette.responses import Response

import hub_settings
from operational_app.core import db
from operational_app.core.errors import InvalidInput, Refusal, SignInThrottled, WrongSignIn
from operational_app.core.i18n import LANGUAGES, _
from operational_app.core.identity import (
    COOKIE,
    SESSION_LIFE,
    asks_for_code,
    check_code,
    check_password,
    end_session,
    start_session,
    ticket_after_password,
    token_hash,
    user_of_ticket,
)
from operational_app.core.validation import is_storable, require_storable
from operational_app.web.errors import ForeignForm
from operational_app.web.templates import page
from operational_app.web.visitor import LANGUAGE_COOKIE, Visitor, dashboards_url, visitor_of

YEAR = 31536000
LONGEST_PASSWORD = 1000
LONGEST_AGENT = 300


async def form_of(request: Request) -> dict[str, str]:
    """What a page's form sent, from this very session.

    Raises:
        NotSignedIn: the session is over.
        ForeignForm: the form's token is not the session's.
    """
    visitor = visitor_of(request)
    posted = text_fields(await request.form())
    if (request.headers.get("x-csrf-token") or posted.pop("csrf", "")) != visitor.csrf_token:
        raise ForeignForm()
    posted.pop("csrf", None)
    require_storable(posted)
    return posted


def text_fields(form: FormData) -> dict[str, str]:
    """The text inputs of a form; our forms have no others."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def foreign_safe_form(request: Request) -> dict[str, str]:
    """A form of somebody who is not signed in, sent from a page of ours: the browser says where it comes from."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if (origin and urlsplit(origin).netloc != request.headers.get("host")) or site == "cross-site":
        raise ForeignForm()
    return text_fields(await request.form())


PostedForm = Annotated[dict[str, str], Depends(form_of)]
SignInForm = Annotated[dict[str, str], Depends(foreign_safe_form)]


def safe_target(target: str) -> str:
    """Where to go next: a page of ours or of our dashboards, whatever was asked for."""
    parts = urlsplit(target)
    dashboards = dashboards_url()
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    ours = ours or bool(dashboards) and (target == dashboards or target.startswith(dashboards + "/"))
    return target if ours and target.isprintable() and "\\" not in target else "/"


def router(bind: Engine | None) -> APIRouter:
    pages = APIRouter(include_in_schema=False)

    @pages.get("/sign-in")
    def sign_in_page(request: Request) -> Response:
        target = safe_target(request.query_params.get("next", "/"))
        if request.state.visitor is not None:
            return RedirectResponse(target, 303)
        return refused_page(request, None, target=target)

    @pages.post("/sign-in")
    def sign_in(request: Request, form: SignInForm) -> Response:
        username, target = form.get("username", "")[:200], safe_target(form.get("next", "/"))
        try:
            token, ticket = _start(username, form.get("password", ""), agent_of(request), bind)
        except Refusal as refusal:
            return refused_page(request, refusal, username, target)
        if ticket:
            return page(request, "second_step.html", ticket=ticket, target=target, refusal=None)
        return signed_in(request, token, target)

    @pages.post("/sign-in/second")
    def second_step(request: Request, form: SignInForm) -> Response:
        ticket, target = form.get("ticket", ""), safe_target(form.get("next", "/"))
        try:
            token = _second(ticket, form.get("code", "")[:100], agent_of(request), bind)
        except WrongSignIn as refusal:
            return refused_page(request, refusal, target=target)
        except Refusal as refusal:
            shown = page(
                request, "second_step.html", ticket=ticket, target=target, refusal=refusal, status=refusal.status
            )
            if isinstance(refusal, SignInThrottled):
                shown.headers["retry-after"] = str(refusal.values["seconds"])
            return shown
        return signed_in(request, token, target)

    @pages.post("/sign-out")
    def sign_out(request: Request, form: PostedForm) -> Response:
        visitor = visitor_of(request)
        with db.transaction(actor=visitor.principal.username, command="sign_out", bind=bind) as session:
            end_session(session, visitor.token)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    @pages.post("/language")
    def choose_language(request: Request, form: SignInForm) -> Response:
        """Keep the language with the user, and before the sign-in in a cookie."""
        chosen = form.get("language", "")
        if chosen not in LANGUAGES:
            raise InvalidInput(fields={"language": _("Choose one from the list.")})
        visitor: Visitor | None = request.state.visitor
        if visitor is not None:
            if form.get("csrf") != visitor.csrf_token:
                raise ForeignForm()
            with db.transaction(actor=visitor.principal.username, command="choose_language", bind=bind) as session:
                session.execute(
                    text("UPDATE core.app_user SET language = :chosen WHERE id = :id AND language <> :chosen"),
                    {"chosen": chosen, "id": visitor.principal.user_id},
                )
        answer = RedirectResponse(safe_target(form.get("next", "/")), 303)
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, path="/", httponly=True, samesite="lax")
        return answer

    @pages.post("/company")
    def choose_company(request: Request, form: PostedForm) -> Response:
        visitor = visitor_of(request)
        chosen = next((c for c in visitor.companies if c.code == form.get("company")), None)
        if chosen is None:
            raise InvalidInput(fields={"company": _("Choose one from the list.")})
        with db.transaction(actor=visitor.principal.username, command="choose_company", bind=bind) as session:
            session.execute(
                text("UPDATE core.user_session SET company_id = :company WHERE token_hash = :key"),
                {"company": chosen.id, "key": token_hash(visitor.token)},
            )
        return RedirectResponse(safe_target(form.get("next", "/")), 303)

    return pages


def agent_of(request: Request) -> str:
    """What the browser says of itself, as far as it can be shown."""
    said = request.headers.get("user-agent", "")[:LONGEST_AGENT]
    return said if said.isprintable() else ""


def refused_page(request: Request, refusal: Refusal | None, username: str = "", target: str = "/") -> Response:
    """The page to sign in on, with what was wrong with the last try."""
    company = hub_settings.single_sign_on()
    shown = page(
        request,
        "sign_in.html",
        username=username,
        target=target,
        refusal=refusal,
        status=refusal.status if refusal else 200,
        company=(company.title or urlsplit(company.issuer).hostname) if company else None,
    )
    if isinstance(refusal, SignInThrottled):
        shown.headers["retry-after"] = str(refusal.values["seconds"])
    return shown


def signed_in(request: Request, token: str, target: str) -> Response:
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _second(ticket: str, code: str, agent: str, bind: Engine | None) -> str:
    """Check the code after the password and start a session; returns the cookie's secret. A wrong try must stay counted."""
    refused: Refusal | None = None
    token = ""
    with db.transaction(actor="?", command="sign_in", bind=bind) as session:
        user = user_of_ticket(session, ticket)
        db.set_actor(session, user.username)
        try:
            check_code(session, user, code)
            token = start_session(session, user, agent)
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
    return token


def _start(username: str, password: str, agent: str, bind: Engine | None) -> tuple[str, str]:
    """Check the password and start a session; returns the cookie's secret, or a ticket where a second step follows.

    A wrong try is a refusal whose count must stay: so the transaction ends well, and the refusal is raised after it.
    """
    if not is_storable(username) or not is_storable(password) or len(password) > LONGEST_PASSWORD:
        username, password = "?", ""
    refused: Refusal | None = None
    token = ticket = ""
    with db.transaction(actor=username or "?", command="sign_in", bind=bind) as session:
        try:
            user = check_password(session, username, password)
            if asks_for_code(session, user):
                ticket = ticket_after_password(user)
            else:
                token = start_session(session, user, agent)
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        raise refused
    return token, ticket
