"""The JSON API: one endpoint per command, two per document, all drawn from the declarations."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from operational_app.core import actions, column_texts, db, history, past, reading, remarks
from operational_app.core.command import COMMANDS, Command
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.errors import InvalidInput
from operational_app.core.execute import execute
from operational_app.core.i18n import _
from operational_app.core.identity import COOKIE
from operational_app.core.policy import Principal
from operational_app.core.validation import require_storable
from operational_app.web import schemas
from operational_app.web.errors import ForeignForm
from operational_app.web.problems import MEDIA_TYPE
from operational_app.web.visitor import Visitor, limited, visitor_of

session_cookie = APIKeyCookie(name=COOKIE, scheme_name="session", description="Set by the sign-in.", auto_error=False)
csrf_header = APIKeyHeader(
    name="X-CSRF-Token",
    scheme_name="csrf",
    description="The session's token, from GET /api/session; needed with the cookie on every POST.",
    auto_error=False,
)
api_token = HTTPBearer(
    scheme_name="token",
    description="A token of the API, made by make_api_token; stands in place of cookie and X-CSRF-Token.",
    auto_error=False,
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(api_token)]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=200, description="A text of your own, new for each command."
    ),
]
RowId = Annotated[int, Path(ge=1, le=column_texts.LARGEST_ID, description="Number of the document's row.")]
PastMoment = Annotated[
    str | None,
    Query(max_length=40, description="ISO 8601 time: the document as it was then, such as 2026-11-30T09:00:00Z."),
]
PARAMETERS = ("q", "state", "company", "sort", "cursor", "limit")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries of the refusals that an endpoint may give."""
    meaning = {
        401: "Not signed in",
        403: "Not permitted",
        404: "Not found",
        409: "State or concurrency does not allow it",
        413: "Too large",
        422: "Fields need attention",
        429: "Too many requests with this token",
        503: "The store does not answer",
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {s: {"description": meaning[s], "content": content} for s in (401, *statuses, 429, 503)}


def reader(request: Request, _cookie: Annotated[str | None, Depends(session_cookie)], _token: Credentials) -> Visitor:
    return visitor_of(request)


def writer(
    request: Request,
    _cookie: Annotated[str | None, Depends(session_cookie)],
    token: Annotated[str | None, Depends(csrf_header)],
    _token: Credentials,
) -> Visitor:
    """The visitor of a request that changes something; a cookie alone is no proof that the visitor meant it."""
    visitor = visitor_of(request)
    # A token is sent by nobody but who means it: browsers do not add it by themselves.
    if visitor.permissions is None and token != visitor.csrf_token:
        raise ForeignForm()
    return visitor


Reader = Annotated[Visitor, Depends(reader)]
Writer = Annotated[Visitor, Depends(writer)]


class SessionAnswer(BaseModel):
    """Who is signed in."""

    username: str
    name: str
    language: str
    roles: list[str]
    companies: list[str] = Field(description="Codes of the companies that the user may work in.")
    company: str | None
    csrf_token: str = Field(description="Send it as X-CSRF-Token with every POST.")


def router(bind: Engine | None) -> APIRouter:
    """All endpoints, from the documents and commands that are declared now."""
    api = APIRouter(prefix="/api")
    _add_session(api)
    for command in COMMANDS.values():
        _add_command(api, command, bind)
    for document in DOCUMENTS.values():
        _add_list(api, document, bind)
        _add_detail(api, document, bind)
    return api


def _add_session(api: APIRouter) -> None:
    @api.get("/session", response_model=SessionAnswer, responses=problems(), tags=["session"], operation_id="session")
    def session(visitor: Reader) -> SessionAnswer:
        """Who is signed in, with which companies, and the token for changes."""
        who = visitor.principal
        return SessionAnswer(
            username=who.username,
            name=who.name,
            language=who.language,
            roles=list(who.roles),
            companies=[company.code for company in visitor.companies],
            company=visitor.company.code if visitor.company else None,
            csrf_token=visitor.csrf_token,
        )


def _add_command(api: APIRouter, command: Command, bind: Engine | None) -> None:
    model = schemas.request_of(command)

    def endpoint(visitor: Writer, body: Any, key: IdempotencyKey) -> JSONResponse:
        sent = body.model_dump(mode="json", exclude_unset=True)
        require_storable(sent)
        answer = execute(visitor.principal.user_id, command.name, sent, key, bind=bind, permissions=visitor.permissions)
        return JSONResponse(answer)

    endpoint.__annotations__["body"] = model
    api.add_api_route(
        f"/{command.module}/{command.name}",
        endpoint,
        methods=["POST"],
        response_model=None,
        responses={200: {"model": schemas.Answer, "description": "Done"}, **problems(403, 404, 409, 422)},
        summary=str.__str__(command.title),
        description=command.help,
        operation_id=command.name,
        tags=[command.module],
    )


def query_of(document: Document, request: Request, besides: tuple[str, ...] = ()) -> reading.Query:
    """What the address asks for.

    Args:
        besides: parameters that say something else than what to read.

    Raises:
        InvalidInput: a parameter is given twice, or `limit` is no number.
    """
    given = request.query_params
    twice = {
        name for name, _value in given.multi_items() if name not in ("state", *besides) and len(given.getlist(name)) > 1
    }
    if twice:
        raise InvalidInput(fields={name: _("Give this only once.") for name in twice})
    limit = given.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 6):
        limit = "0"
    return reading.Query(
        text=given.get("q", ""),
        states=tuple(state for value in given.getlist("state") for state in value.split(",") if state),
        company=given.get("company", ""),
        filters={name: value for name, value in given.items() if name not in (*PARAMETERS, *besides)},
        sort=given.get("sort", ""),
        cursor=given.get("cursor", ""),
        limit=int(limit),
    )


def _parameters(document: Document) -> list[dict[str, Any]]:
    """OpenAPI of what a list can be asked for."""

    def parameter(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
        return {
            "name": name,
            "in": "query",
            "required": False,
            "description": description,
            "schema": schema or {"type": "string"},
        }

    states = {"type": "string"} | ({"enum": list(document.states)} if document.states else {})
    fields = [name for name in document.fields() if name not in PARAMETERS]
    return [
        parameter("q", "Words that must all occur.", {"type": "string", "maxLength": reading.LONGEST_SEARCH}),
        *([parameter("state", "State; several joined by commas.", states)] if "state" in document.fields() else []),
        *([parameter("company", "Code of a company.")] if "company_id" in document.fields() else []),
        parameter("sort", "Column to sort by, with - before it for descending."),
        parameter("cursor", "Where to go on: `next` of the page before."),
        parameter("limit", "Rows a page.", {"type": "integer", "minimum": 1, "maximum": reading.LONGEST_PAGE}),
        *(parameter(name, f"Only rows with this {name}; empty: rows without one.") for name in fields),
    ]


def _add_list(api: APIRouter, document: Document, bind: Engine | None) -> None:
    def endpoint(request: Request, visitor: Reader) -> JSONResponse:
        query = query_of(document, request)
        with db.reading(bind) as session:
            page = reading.read_page(limited(session, visitor), visitor.principal, document, query)
            rows = [reading.as_json(r, reading.fields_of(visitor.principal, document, r)) for r in page.rows]
        return JSONResponse({"items": rows, "next": page.next})

    if document.former_path:
        former = f"/{document.module}/{document.former_path}"
        api.add_api_route(former, endpoint, methods=["GET"], response_model=None, include_in_schema=False)
    api.add_api_route(
        f"/{document.module}/{document.path}",
        endpoint,
        methods=["GET"],
        response_model=None,
        responses={
            200: {"model": schemas.list_of(document), "description": "A page of the list"},
            **problems(403, 422),
        },
        summary=str.__str__(document.plural),
        description="A page of documents, those of your companies, with the fields that you may see.",
        operation_id=f"list_{document.path}",
        openapi_extra={"parameters": _parameters(document)},
        tags=[document.module],
    )


def _add_detail(api: APIRouter, document: Document, bind: Engine | None) -> None:
    def endpoint(row_id: RowId, visitor: Reader, at: PastMoment = None) -> JSONResponse:
        with db.reading(bind) as session:
            limited(session, visitor)
            if at is not None:
                moment = past.moment_from(at)
                return JSONResponse(detail_as_it_was(session, visitor, document, row_id, moment))
            row = reading.read_one(session, visitor.principal, document, row_id)
            return JSONResponse(detail(session, visitor, document, row))

    if document.former_path:
        former = f"/{document.module}/{document.former_path}/{{row_id}}"
        api.add_api_route(former, endpoint, methods=["GET"], response_model=None, include_in_schema=False)
    api.add_api_route(
        f"/{document.module}/{document.path}/{{row_id}}",
        endpoint,
        methods=["GET"],
        response_model=None,
        responses={
            200: {"model": schemas.detail_of(document), "description": "The document"},
            **problems(403, 404, 422),
        },
        summary=str.__str__(document.title),
        description="One document with its lines, history, related documents, postings, comments, files and possible "
        "commands; with `at` its fields, lines, history and postings as they were at that moment, and nothing else.",
        operation_id=f"read_{document.name}",
        tags=[document.module],
    )


def detail(session: Any, visitor: Visitor, document: Document, row: Any) -> dict[str, Any]:
    """One document as the API gives it."""
    who = visitor.principal
    wire: Callable[[Any], Any] = column_texts.wire
    answer = reading.as_json(row, reading.fields_of(who, document, row))
    for lines in document.lines:
        names = reading.fields_of_lines(who, document, lines, row)
        answer[lines.name] = [reading.as_json(r, names) for r in reading.read_lines(session, lines, row.id)]
    answer["history"] = history_as_json(history.history_of(session, who, document, row))
    answer["links"] = [
        {
            "document": one.document.name,
            "id": one.row.id,
            "number": getattr(one.row, "number", None),
            "title": reading.describe(one.document, one.row),
            "state": getattr(one.row, "state", None),
            "depth": one.depth,
            "earlier": [{"document": name, "id": row_id} for name, row_id in one.earlier],
        }
        for one in history.chain_of(session, who, document, row.id)
    ]
    answer["postings"] = postings_as_json(who, history.postings_of(session, who, document, row.id))
    answer["comments"] = [
        {"id": c.id, "recorded_at": wire(c.recorded_at), "author": author, "text": c.text}
        for c, author in remarks.comments_of(session, who, document, row.id)
    ]
    answer["files"] = [
        {
            "id": f.id,
            "recorded_at": wire(f.recorded_at),
            "author": author,
            "file_name": f.file_name,
            "size": f.size,
            "media_type": f.media_type,
            "content_hash": f.content_hash,
            "content": f"/api/files/{f.id}",
        }
        for f, author in remarks.attachments_of(session, who, document, row.id)
    ]
    answer["as_of"] = None
    answer["commands"] = [
        {
            "name": action.command.name,
            "title": str(action.command.title),
            "allowed": action.allowed,
            "reason": action.reason or None,
        }
        for action in actions.actions_on(who, document, row)
    ]
    return answer


def detail_as_it_was(
    session: Any, visitor: Visitor, document: Document, row_id: int, moment: datetime
) -> dict[str, Any]:
    """One document as it was at a moment, in the shape of `detail`; what does not belong to the past is empty."""
    who = visitor.principal
    then = past.as_it_was(session, who, document, row_id, moment)
    answer = reading.as_json(then.row, reading.fields_of(who, document, then.row))
    for lines in document.lines:
        names = reading.fields_of_lines(who, document, lines, then.row)
        answer[lines.name] = [reading.as_json(line, names) for line in then.lines.get(lines.name, ())]
    changes = [c for c in history.history_of(session, who, document, then.row) if c.recorded_at <= moment]
    postings = [p for p in history.postings_of(session, who, document, row_id) if p.entry.recorded_at <= moment]
    empty: dict[str, list[Any]] = {name: [] for name in ("links", "commands", "comments", "files")}
    return (
        answer
        | empty
        | {
            "history": history_as_json(changes),
            "postings": postings_as_json(who, postings),
            "as_of": column_texts.wire(moment),
        }
    )


def history_as_json(changes: list[history.Change]) -> list[dict[str, Any]]:
    return [
        {
            "recorded_at": column_texts.wire(change.recorded_at),
            "actor": change.actor,
            "command": change.command,
            "title": change.title,
            "fields": [vars(field) for field in change.fields],
        }
        for change in changes
    ]


def postings_as_json(who: Principal, postings: list[history.Posting]) -> list[dict[str, Any]]:
    return [
        reading.as_json(posting.entry, reading.fields_of(who, posting.document, posting.entry))
        | {
            posting.lines.name: [
                reading.as_json(line, reading.fields_of_lines(who, posting.document, posting.lines, posting.entry))
                for line in posting.rows
            ]
        }
        for posting in postings
    ]
