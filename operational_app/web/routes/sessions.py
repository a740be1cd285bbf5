"""One's own sessions: where one is signed in, and the way to end what should not be."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine
from starlette.responses import Response

from operational_app.core import db, identity
from operational_app.web.routes.sign_in import PostedForm
from operational_app.web.templates import page
from operational_app.web.visitor import visitor_of

# What browsers call themselves, the more particular name first: all of them say Safari or Mozilla too.
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def device(agent: str) -> str:
    """What a person calls the browser: “Firefox, Windows”; what it said of itself where that is not known."""
    parts = [next((name for mark, name in marks.items() if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return ", ".join(part for part in parts if part) or agent[:60]


def router(bind: Engine | None) -> APIRouter:
    pages = APIRouter(include_in_schema=False)

    @pages.get("/sessions")
    def list_page(request: Request) -> Response:
        visitor = visitor_of(request)
        with db.reading(bind) as session:
            found = identity.sessions_of(session, visitor.principal.user_id, visitor.token)
        return page(request, "sessions.html", sessions=[(one, device(one.agent)) for one in found])

    @pages.post("/sessions/end")
    def end(request: Request, posted: PostedForm) -> Response:
        """End one session, or all but this one."""
        visitor = visitor_of(request)
        user_id = visitor.principal.user_id
        with db.transaction(actor=visitor.principal.username, command="end_session", bind=bind) as session:
            if handle := posted.get("handle", ""):
                identity.end_session_named(session, user_id, handle)
            else:
                identity.end_other_sessions(session, user_id, visitor.token)
        return RedirectResponse("/sessions", 303)

    return pages
