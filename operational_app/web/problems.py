"""Refusals as answers: a problem document (RFC 9457) for machines, a page for people. Rendered here and nowhere else."""

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from operational_app.core.errors import InvalidInput, NotSignedIn, Refusal
from operational_app.core.validation import fields_of
from operational_app.web.errors import (
    Broken,
    HttpProblem,
    NoSuchMethod,
    NoSuchPage,
    StoreAway,
    StoreFull,
    ValueTooLarge,
)
from operational_app.web.templates import page

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


def problem(refusal: Refusal) -> dict[str, Any]:
    """The problem document of a refusal."""
    body: dict[str, Any] = {
        "type": "urn:hub:refusal:" + type(refusal).__name__,
        "title": str(refusal.title),
        "status": refusal.status,
        "detail": refusal.message,
    }
    if refusal.fields:
        body["fields"] = {name: str(why) for name, why in refusal.fields.items()}
    return body


def wants_json(request: Request) -> bool:
    path = request.url.path
    return path.startswith(("/api/", "/lookup/")) or path == "/openapi.json"


def answer_to(request: Request, refusal: Refusal) -> Response:
    """The answer to a refused request, in the form that its sender reads."""
    headers = {"retry-after": str(refusal.values["seconds"])} if refusal.status == 429 else {}
    if wants_json(request):
        if isinstance(refusal, NotSignedIn):
            headers = {"www-authenticate": "Bearer"}
        return JSONResponse(problem(refusal), refusal.status, headers=headers, media_type=MEDIA_TYPE)
    if isinstance(refusal, NotSignedIn):
        return to_sign_in(request)
    answer = page(request, "problem.html", refusal=refusal, status=refusal.status)
    answer.headers.update(headers)
    return answer


def to_sign_in(request: Request) -> Response:
    """The way to the sign-in page and, after it, back to where the visitor was: a form keeps in the browser what was typed."""
    here = urlsplit(request.headers.get("referer", "") if request.method == "POST" else str(request.url))
    back = here.path + ("?" + here.query if here.query else "")
    target = "/sign-in?" + urlencode({"next": back if here.netloc == request.url.netloc else "/"})
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"hx-redirect": target})
    return RedirectResponse(target, 303)


def register(app: FastAPI) -> None:
    """Have every refusal and every mistake answered in our form."""

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        return answer_to(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer_to(request, InvalidInput(fields=fields_of(error.errors(), skip=1)))

    @app.exception_handler(HTTPException)
    async def http_refused(request: Request, error: HTTPException) -> Response:
        known = {404: NoSuchPage(), 405: NoSuchMethod(method=request.method)}
        answer = answer_to(request, known.get(error.status_code) or HttpProblem(error.status_code))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(DBAPIError)
    async def store_refused(request: Request, error: DBAPIError) -> Response:
        # Class 22 of SQL states: a value that its column cannot hold. The sender has to change it.
        state = getattr(error.orig, "sqlstate", None) or ""
        if state.startswith("22"):
            return answer_to(request, ValueTooLarge())
        log.error("store failed at %s %s", request.method, request.url.path, exc_info=error)
        if state in ("53100", "54P99") or "File too large" in str(error.orig):
            return answer_to(request, StoreFull())
        return answer_to(request, StoreAway() if isinstance(error, OperationalError) else Broken())

    @app.exception_handler(TimeoutError)
    async def store_busy(request: Request, error: TimeoutError) -> Response:
        log.error("no connection free at %s %s", request.method, request.url.path, exc_info=error)
        return answer_to(request, StoreAway())

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        return answer_to(request, Broken())
