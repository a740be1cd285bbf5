"""Pages that read: home, lists, one document, search, and the type-ahead of forms."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from sqlalchemy import Date, Engine, Numeric
from sqlalchemy.orm import Session
from starlette.responses import Response

from operational_app.core import actions, db, files, history, past, reading, remarks
from operational_app.core.command import COMMANDS, Command
from operational_app.core.document import DOCUMENTS, Document, Lines
from operational_app.core.errors import InvalidInput, Refusal
from operational_app.core.labels import label
from operational_app.web import display, forms
from operational_app.web.errors import NoSuchPage
from operational_app.web.routes.api import query_of
from operational_app.web.tables import Painter, columns_of, list_address, page_of
from operational_app.web.templates import page
from operational_app.web.visitor import Visitor, limited, visitor_of

ROWS_A_PAGE = 50
# Counting further would cost a scan of the table, and nobody reads the digits.
MOST_COUNTED = 1000
MOST_FOUND_A_KIND = 6
MOST_EXPORTED = 200_000


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
                waiting=waiting(limited(session, visitor), visitor),
                making=[c for d in DOCUMENTS.values() if d.in_menu for c in allowed_makers(visitor, d)],
            )

    @pages.get("/search")
    def search(request: Request) -> Response:
        visitor = visitor_of(request)
        words = request.query_params.get("q", "").strip()
        with db.reading(bind) as session:
            found = everything_found(limited(session, visitor), visitor, words)
            exact = [
                (document, row)
                for document, rows in found
                for row in rows
                if (getattr(row, "number", None) or "").lower() == words.lower()
            ]
            if len(exact) == 1:
                return RedirectResponse(page_of(exact[0][0], exact[0][1].id), 303)
            tables = [(document, Painter(session, visitor).table_of_list(document, rows)) for document, rows in found]
            return page(request, "search.html", words_sought=words, tables=tables)

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


def allowed_makers(visitor: Visitor, document: Document) -> list[Command]:
    """Commands by which this visitor may make a document of this kind, in the company chosen."""
    company_id = visitor.company.id if visitor.company else None

    def allowed(command: Command) -> bool:
        may = visitor.principal.may_run(command.document.name, command.name)
        return company_id in may.anywhere if command.needs_company else may.everywhere

    return [command for command in actions.commands_that_make(document) if allowed(command)]


def waiting(session: Session, visitor: Visitor) -> list[dict[str, Any]]:
    """What waits for this visitor: how many documents are in a state from which one of the visitor's commands leads on.

    Only documents with a business date: a customer that could be blocked does not wait for it. Nor does an order wait to
    be cancelled.
    """
    company = visitor.company.code if visitor.company else ""
    found = []
    for document in DOCUMENTS.values():
        if not visitor.principal.may_read(document.name) or not reading.has_column(document.model, "business_date"):
            continue
        for state, title in document.states.items():
            commands = [
                c
                for c in actions.commands_on(document)
                if c.onward and state in c.states and visitor.principal.may_run(c.document.name, c.name)
            ]
            query = reading.Query(states=(state,), company=company)
            number = reading.count(session, visitor.principal, document, query, MOST_COUNTED) if commands else 0
            if number:
                found.append(
                    {
                        "document": document,
                        "state": state,
                        "title": str(title),
                        "commands": [str(c.title) for c in commands],
                        "count": f"{MOST_COUNTED}+" if number == MOST_COUNTED else str(number),
                    }
                )
    return found


def everything_found(session: Session, visitor: Visitor, words: str) -> list[tuple[Document, list[Any]]]:
    if not words:
        return []
    found = []
    for document in DOCUMENTS.values():
        if visitor.principal.may_read(document.name):
            rows = reading.lookup(session, visitor.principal, document, words, None, MOST_FOUND_A_KIND)
            if rows:
                found.append((document, rows))
    return found


def _add_pages(pages: APIRouter, document: Document, bind: Engine | None) -> None:
    @pages.get(list_address(document))
    def list_page(request: Request) -> Response:
        visitor = visitor_of(request)
        with db.reading(bind) as session:
            return list_of(request, limited(session, visitor), visitor, document)

    @pages.get(list_address(document) + ".csv")
    def csv_export(request: Request) -> Response:
        visitor = visitor_of(request)
        query = in_company(query_of(document, request), visitor, document)
        reading.require_read(visitor.principal, document)
        return StreamingResponse(
            csv_lines(bind, visitor, document, replace(query, limit=reading.LONGEST_PAGE, cursor="")),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{document.path}.csv"'},
        )

    @pages.get(list_address(document) + "/{row_id}")
    def document_page(request: Request, row_id: str) -> Response:
        visitor = visitor_of(request)
        with db.reading(bind) as session:
            return page_of_document(request, limited(session, visitor), visitor, document, id_of(row_id))


def id_of(text: str) -> int:
    """The number of a row from an address; what is none gives 0, which no row has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def in_company(query: reading.Query, visitor: Visitor, document: Document) -> reading.Query:
    """On pages a list shows the company that the visitor works in now."""
    if query.company or visitor.company is None or not reading.has_column(document.model, "company_id"):
        return query
    return replace(query, company=visitor.company.code)


def list_of(request: Request, session: Session, visitor: Visitor, document: Document) -> Response:
    """A list; a parameter that cannot be understood is told above it, with the list as if it were not there."""
    refusal: Refusal | None = None
    query = in_company(reading.Query(limit=ROWS_A_PAGE), visitor, document)
    try:
        asked = in_company(query_of(document, request), visitor, document)
        found = reading.read_page(session, visitor.principal, document, asked)
        query = asked
    except InvalidInput as error:
        refusal = error
        found = reading.read_page(session, visitor.principal, document, query)
    sortable = {name for name in columns_of(document) if reading.has_column(document.model, name)}
    return page(
        request,
        "list.html",
        status=refusal.status if refusal else 200,
        document=document,
        table=Painter(session, visitor).table_of_list(document, found.rows),
        query=query,
        sortable=sortable,
        next_cursor=found.next,
        makers=allowed_makers(visitor, document),
        refusal=refusal,
    )


def csv_lines(bind: Engine | None, visitor: Visitor, document: Document, query: reading.Query) -> Iterator[str]:
    """The whole list as CSV with stable column names: exact values as the API gives them, references also by name."""
    who = visitor.principal
    names = [name for name in document.fields() if name not in ("version",)]
    named = [name for name in names if reading.target_of(name) is not None or name == "company_id"]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    # The mark at the beginning makes spreadsheets read the file as UTF-8.
    buffer.write("\ufeff")
    writer.writerow([*names, *(name.removesuffix("_id") + "_name" for name in named)])
    written = 0
    with db.reading(bind) as session:
        limited(session, visitor)
        while written < MOST_EXPORTED:
            found = reading.read_page(session, who, document, query)
            called = reading.names_of(session, who, found.rows, named)
            for row in found.rows:
                readable = set(reading.fields_of(who, document, row))
                values = [reading.wire(getattr(row, n)) if n in readable else None for n in names]
                texts = [called.get((n, getattr(row, n)), ("", False))[0] if n in readable else "" for n in named]
                writer.writerow([safe_for_spreadsheets(value) for value in (*values, *texts)])
            written += len(found.rows)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
            if found.next is None:
                return
            query = replace(query, cursor=found.next)


def safe_for_spreadsheets(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers, also negative ones, stay."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return "'" + value
    return value


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


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
        lines=[
            (lines, painter.table_of_lines(document, lines, row, then.lines[lines.name] if then else lines_now(lines)))
            for lines in document.lines
        ],
        postings=[
            (posting, painter.table_of_lines(posting.document, posting.lines, posting.entry, posting.rows))
            for posting in history.postings_of(session, who, document, row.id)
            if then is None or posting.entry.recorded_at <= then.at
        ],
        chain=chain if len(chain) > 1 else [],
        history=changes,
        past=PastValues(session, visitor, document, row, changes),
        actions=actions.actions_on(who, document, row) if then is None else [],
        may_submit=then is None and actions.may_submit(who, document, row),
        then=then,
        remarks=remarks_on(session, visitor, document, row) if then is None else None,
        describe=reading.describe,
        refusal=refusal,
        done=str(done.title) if done and refusal is None else "",
    )


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
            value = reading.parse_value(kind, value, change.field)
        return display.show(value, change.field, kind)
