"""Pages that read: home, one document, search, and the type-ahead of forms."""

from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy import Date, Engine, Numeric, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from operational_app.core import actions, column_texts, db, files, history, past, reading, remarks, searching
from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS, Document, Lines
from operational_app.core.errors import Refusal
from operational_app.core.i18n import _
from operational_app.core.labels import label
from operational_app.core.models import AppUser
from operational_app.core.row_policy import UNLIMITED
from operational_app.oa.workflow.models import approval
from operational_app.reports import REPORTS
from operational_app.web import desk, display, forms, navigation
from operational_app.web.errors import NoSuchPage
from operational_app.web.routes.reports import readable
from operational_app.web.tables import Painter, list_address, page_of
from operational_app.web.templates import page, query_string
from operational_app.web.visitor import Visitor, limited, visitor_of

MOST_FOUND_A_KIND = 6


def router(bind: Engine | None) -> APIRouter:
    """Pages for all documents that are declared now."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/")
    def home(request: Request) -> Response:
        visitor = visitor_of(request)
        with db.reading(bind) as session:
            return page(
                request,
                "home.html",
                waiting=desk.waiting(limited(session, visitor), visitor),
                deciding=Painter(session, visitor).table_of_list(approval, desk.to_decide(session, visitor)),
                lately=desk.lately(session, visitor),
                making=navigation.makers(visitor),
            )

    @pages.get("/search")
    def search(request: Request) -> Response:
        visitor = visitor_of(request)
        words = request.query_params.get("q", "").strip()
        with db.reading(bind) as session:
            found = searching.everywhere(limited(session, visitor), visitor.principal, words, MOST_FOUND_A_KIND)
            exact = [
                (document, row)
                for document, rows in found
                for row in rows
                if (getattr(row, "number", None) or "").lower() == words.lower()
            ]
            if len(exact) == 1:
                return RedirectResponse(page_of(exact[0][0], exact[0][1].id), 303)
            tables = [(document, Painter(session, visitor).table_of_list(document, rows)) for document, rows in found]
            found_places = desk.places(visitor, words, readable(visitor))
            return page(request, "search.html", words_sought=words, tables=tables, places=found_places)

    @pages.get("/search/suggestions")
    def suggestions(request: Request) -> Response:
        visitor = visitor_of(request)
        words = request.query_params.get("q", "").strip()[: reading.LONGEST_SEARCH]
        with db.reading(bind) as session:
            found = navigation.suggestions(limited(session, visitor), visitor, words, readable(visitor))
        everything = {"text": str(_("Search everywhere")), "note": words, "address": "/search?" + query_string(q=words)}
        return JSONResponse([*found, everything] if words else [])

    @pages.get("/lookup/{name}")
    def lookup(request: Request, name: str) -> Response:
        visitor = visitor_of(request)
        document = DOCUMENTS.get(name)
        if document is None:
            raise NoSuchPage()
        fill = [f for f in request.query_params.get("fill", "").split(",") if f in forms.FILLED_FROM]
        with db.reading(bind) as session:
            company_id = visitor.company.id if visitor.company else None
            words = request.query_params.get("q", "")
            rows = reading.lookup(limited(session, visitor), visitor.principal, document, words, company_id)
            return JSONResponse([option(visitor, document, row, fill) for row in rows])

    for document in DOCUMENTS.values():
        _add_pages(pages, document, bind)
    return pages


def option(visitor: Visitor, document: Document, row: Any, fill: list[str]) -> dict[str, Any]:
    """One choice of a type-ahead, with the values that it brings to the fields beside it."""
    readable = set(reading.fields_of(visitor.principal, document, row))
    sources = {name: forms.FILLED_FROM[name] for name in fill if hasattr(row, forms.FILLED_FROM[name])}
    state = getattr(row, "state", None)
    return {
        "id": row.id,
        "number": getattr(row, "number", None) or getattr(row, "code", None),
        "text": reading.describe(document, row),
        "note": str(document.states.get(state, state)) if state in reading.OUT_OF_USE else "",
        "priced_in": visitor.company.currency if visitor.company else None,
        "fill": {name: forms.typed(getattr(row, source)) for name, source in sources.items() if source in readable},
    }


def _add_pages(pages: APIRouter, document: Document, bind: Engine | None) -> None:
    @pages.get(list_address(document) + "/{row_id}")
    def document_page(request: Request, row_id: str) -> Response:
        visitor = visitor_of(request)
        with db.reading(bind) as session:
            return page_of_document(request, limited(session, visitor), visitor, document, id_of(row_id))


def id_of(text: str) -> int:
    """The number of a row from an address; what is none gives 0, which no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def page_of_document(
    request: Request,
    session: Session,
    visitor: Visitor,
    document: Document,
    row_id: int,
    refusal: Refusal | None = None,
) -> Response:
    """The page of one document, also with the refusal of a command that was tried on it."""
    who = visitor.principal
    asked = request.query_params.get("at", "") if request.method == "GET" else ""
    then = past.as_it_was(session, who, document, row_id, past.moment_from(asked)) if asked else None
    row = then.row if then else reading.read_one(session, who, document, row_id)
    painter = Painter(session, visitor)
    changes = [c for c in history.history_of(session, who, document, row) if then is None or c.recorded_at <= then.at]
    chain = history.chain_of(session, who, document, row.id) if then is None else []

    def lines_now(lines: Lines) -> list[Any]:
        return reading.read_lines(session, lines, row.id)

    done = COMMANDS.get(request.query_params.get("done", ""))
    return page(
        request,
        "document.html",
        status=refusal.status if refusal else 200,
        document=document,
        row=row,
        name=reading.describe(document, row),
        state=getattr(row, "state", None),
        fields=painter.fields(document, row),
        sums=painter.sums(document, row),
        lines=[
            (lines, painter.table_of_lines(document, lines, row, then.lines[lines.name] if then else lines_now(lines)))
            for lines in (document.own_lines if then else document.lines)
        ],
        postings=[
            (posting, painter.table_of_lines(posting.document, posting.lines, posting.entry, posting.rows))
            for posting in history.postings_of(session, who, document, row.id)
            if then is None or posting.entry.recorded_at <= then.at
        ],
        chain=chain if len(chain) > 1 else [],
        about=desk.about(session, visitor, document, row) if then is None else [],
        history=changes,
        past=PastValues(session, visitor, document, row, changes),
        actions=actions.actions_on(who, document, row) if then is None else [],
        may_submit=then is None and actions.may_submit(who, document, row),
        then=then,
        remarks=remarks_on(session, visitor, document, row) if then is None else None,
        describe=reading.describe,
        report=document.report if then is None and may_see_report(visitor, document) else "",
        refusal=refusal,
        done=str(done.title) if done and refusal is None else "",
    )


def may_see_report(visitor: Visitor, document: Document) -> bool:
    """Whether the document has a report of its own that the visitor may read in the company chosen."""
    if not document.report or visitor.company is None:
        return False
    return visitor.company.id in visitor.principal.may_read(REPORTS[document.report].entity)


def remarks_on(session: Session, visitor: Visitor, document: Document, row: Any) -> dict[str, Any] | None:
    """Comments and files of a document, and whether the visitor may add some; None where there can be none."""
    who = visitor.principal
    if not remarks.takes_remarks(document):
        return None
    return {
        "comments": remarks.comments_of(session, who, document, row.id),
        "files": remarks.attachments_of(session, who, document, row.id),
        "may_comment": bool(who.may_run("comment", "comment_on_document")),
        "may_attach": bool(who.may_run("attachment", "attach_file")),
        "most_megabytes": files.MOST_BYTES // (1024 * 1024),
    }


class PastValues:
    """What the values in a history are called: the log keeps numbers of rows, amounts as text, and words of the store."""

    def __init__(
        self, session: Session, visitor: Visitor, document: Document, row: Any, changes: list[history.Change]
    ) -> None:
        self.document = document
        self.models = {"": document.model} | {lines.name: lines.model for lines in document.lines}
        self.line_numbers = {
            (lines.name, str(line.id)): getattr(line, "line_no", None)
            for lines in document.lines
            for line in reading.read_lines(session, lines, row.id)
        }
        wanted: dict[str, set[int]] = {}
        for field in (field for change in changes for field in change.fields):
            for value in (field.before, field.after):
                if isinstance(value, int) and not isinstance(value, bool):
                    wanted.setdefault(field.field, set()).add(value)
        users = select(AppUser.username, AppUser.name).where(AppUser.username.in_({c.actor for c in changes}))
        self.people = {username: name for username, name in session.execute(users, execution_options=UNLIMITED)}
        self.names: dict[tuple[str, Any], str] = {}
        for name, ids in wanted.items():
            stand_ins = [SimpleNamespace(**{name: value}) for value in ids]
            called = reading.names_of(session, visitor.principal, stand_ins, [name])
            self.names |= {key: text for key, (text, _may_open) in called.items()}

    def field(self, change: history.FieldChange) -> str:
        """What changed: the field, with the line that it stands in."""
        if not change.where:
            return label(change.field)
        number = self.line_numbers.get((change.where, change.row_key))
        return " · ".join(str(part) for part in (label(change.where), number, label(change.field)) if part)

    def text(self, change: history.FieldChange, value: Any) -> str:
        if value is None:
            return "–"
        if isinstance(value, int) and (change.field, value) in self.names:
            return self.names[(change.field, value)]
        if change.field == "state" and not change.where:
            return str(self.document.states.get(value, value))
        kind = reading.column_type(self.models[change.where], change.field)
        if isinstance(kind, Numeric | Date) and isinstance(value, str):
            value = column_texts.parse_value(kind, value, change.field)
        return display.show(value, change.field, kind)
