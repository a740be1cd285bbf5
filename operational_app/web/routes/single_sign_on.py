"""The way in through the company's identity provider: out to its page, and back with a code. See core/single_sign_on.py."""

import os
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from starlette.responses import Response

from operational_app.core import db, single_sign_on
from operational_app.core.errors import ProviderRefused, Refusal
from operational_app.core.i18n import _
from operational_app.core.identity import asks_for_code, start_session, ticket_after_password
from operational_app.core.validation import is_storable
from operational_app.web.routes.sign_in import agent_of, refused_page, safe_target, signed_in
from operational_app.web.templates import page

COOKIE = "hub_sign_in"
OUT, BACK = "/sign-in/company", "/sign-in/company/return"
LONGEST_CODE = 4000


def back_address(request: Request) -> str:
    """Where the provider sends people back to, as it has been told; behind a proxy HUB_APP_URL says our address."""
    return (os.environ.get("HUB_APP_URL", "").rstrip("/") or str(request.base_url).rstrip("/")) + BACK


def router(bind: Engine | None) -> APIRouter:
    pages = APIRouter(include_in_schema=False)

    @pages.get(OUT)
    def out(request: Request) -> Response:
        try:
            address, begun = single_sign_on.provider().begin(
                back_address(request), safe_target(request.query_params.get("next", "/"))
            )
        except Refusal as refusal:
            return refused_page(request, refusal)
        answer = RedirectResponse(address, 303)
        answer.set_cookie(COOKIE, begun.sealed(), max_age=single_sign_on.BEGUN_SECONDS, **_about_cookie(request))
        return answer

    @pages.get(BACK)
    def back(request: Request) -> Response:
        try:
            answer = _come_back(request, bind)
        except Refusal as refusal:
            answer = refused_page(request, refusal)
        # What was begun counts once.
        answer.delete_cookie(COOKIE, **_about_cookie(request))
        return answer

    return pages


def _about_cookie(request: Request) -> dict[str, Any]:
    """`lax`: the provider leads back from elsewhere, by a link that the browser follows as a page."""
    return {"path": OUT, "httponly": True, "samesite": "lax", "secure": request.url.scheme == "https"}


def _come_back(request: Request, bind: Engine | None) -> Response:
    """Check what the provider's answer says and begin a session.

    Raises:
        Refusal: the person is not signed in; the class says why.
    """
    given = request.query_params
    begun = single_sign_on.Begun.unsealed(request.cookies.get(COOKIE, ""), given.get("state", ""))
    provider = single_sign_on.provider()
    if "error" in given:
        raise ProviderRefused(reason=single_sign_on.plain_reason(given["error"]) or _("it gave no reason"))
    # A provider that names itself must be ours (RFC 9207): a code of another one is not for us.
    if given.get("iss", provider.settings.issuer) != provider.settings.issuer:
        raise ProviderRefused(reason=_("the answer came from elsewhere"))
    code = given.get("code", "")
    if not 0 < len(code) <= LONGEST_CODE or not is_storable(code):
        raise ProviderRefused(reason=_("it gave no code"))
    person = provider.person_of(code, begun, back_address(request))
    token = ticket = ""
    with db.transaction(actor="?", command="sign_in", bind=bind) as session:
        user = single_sign_on.user_of(session, person)
        db.set_actor(session, user.username)
        # Who has set up a second step here is asked for it, whichever way they come.
        if asks_for_code(session, user):
            ticket = ticket_after_password(user)
        else:
            token = start_session(session, user, agent_of(request))
    target = safe_target(begun.target)
    if ticket:
        return page(request, "second_step.html", ticket=ticket, target=target, refusal=None)
    return signed_in(request, token, target)
