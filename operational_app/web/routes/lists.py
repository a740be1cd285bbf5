"""Lists: shown, narrowed, kept as a view, and taken along as CSV or Excel exactly as they are shown."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, StreamingResponse
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.responses import Response

from operational_app.core import bulk, column_texts, db, reading, sheets
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.errors import InvalidInput, Refusal
from operational_app.core.execute import execute
from operational_app.core.i18n import _
from operational_app.core.labels import label
from operational_app.web import display
from operational_app.web.desk import allowed_makers
from operational_app.web.errors import NoSuchPage
from operational_app.web.lists import (
    NO_VIEW,
    OF_PAGE,
    Asked,
    asked_in,
    columns_offered,
    default_view,
    exported,
    filters_for,
    views_of,
)
from operational_app.web.routes.api import query_of
from operational_app.web.routes.imports import may_import
from operational_app.web.routes.pages import id_of
from operational_app.web.routes.sign_in import PostedForm
from operational_app.web.tables import Painter, list_address
from operational_app.web.templates import page
from operational_app.web.visitor import Visitor, limited, visitor_of

ROWS_A_PAGE = 50
# More than this no spreadsheet opens with pleasure; CSV carries the whole list.
MOST_IN_WORKBOOK = 200_000


def router(bind: Engine | None) -> APIRouter:
    lists = APIRouter(include_in_schema=False)
    _add_views(lists, bind)
    for document in DOCUMENTS.values():
        if document.former_path:
            _add_former(lists, document)
        _add_list(lists, document, bind)
    return lists


def _add_former(lists: APIRouter, document: Document) -> None:
    """The address that a document had before leads on to the one that it has now, with all that stands behind it."""
    former = f"/{document.module}/{document.former_path}"

    @lists.get(former)
    @lists.get(former + "{rest:path}")
    def led_on(request: Request) -> Response:
        here = request.url.path.replace(former, list_address(document), 1)
        return RedirectResponse(here + ("?" + request.url.query if request.url.query else ""), 308)


def _add_list(lists: APIRouter, document: Document, bind: Engine | None) -> None:
    @lists.get(list_address(document))
    def list_page(request: Request) -> Response:
        visitor = visitor_of(request)
        if request.query_params.getlist("column"):
            # The form names the columns one by one; the address that stays is short.
            asked = asked_of(request, visitor, document)
            return RedirectResponse(f"{list_address(document)}?{asked.address(view='')}", 303)
        with db.reading(bind) as session:
            if not request.query_params and (view := default_view(session, visitor, document)):
                return RedirectResponse(f"{list_address(document)}?{with_view(view.query, view.id)}", 303)
            return list_of(request, limited(session, visitor), visitor, document)

    @lists.get(list_address(document) + ".csv")
    def csv_export(request: Request) -> Response:
        visitor = visitor_of(request)
        asked = whole_list(request, visitor, document)
        return StreamingResponse(
            csv_lines(bind, visitor, document, asked),
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{document.path}.csv"'},
        )

    @lists.get(list_address(document) + ".xlsx")
    def excel_export(request: Request) -> Response:
        visitor = visitor_of(request)
        asked = whole_list(request, visitor, document)
        return Response(
            workbook(bind, visitor, document, asked),
            media_type=sheets.WORKBOOK_TYPE,
            headers={"content-disposition": f'attachment; filename="{document.path}.xlsx"'},
        )


def _add_views(lists: APIRouter, bind: Engine | None) -> None:
    @lists.post("/views")
    def keep(request: Request, posted: PostedForm) -> Response:
        visitor = visitor_of(request)
        document = DOCUMENTS.get(posted.get("document_type", ""))
        if document is None:
            raise NoSuchPage()
        body = {
            "document_type": document.name,
            "name": posted.get("name", ""),
            "query": posted.get("query", ""),
            "is_shared": posted.get("is_shared") == "true",
            "is_default": posted.get("is_default") == "true",
        }
        answer = execute(visitor.principal.user_id, "save_view", body, posted.get("key", ""), bind=bind)
        target = f"{list_address(document)}?{with_view(body['query'], answer['id'])}"
        return RedirectResponse(target + "&done=save_view", 303)

    @lists.post("/views/remove")
    def remove(request: Request, posted: PostedForm) -> Response:
        visitor = visitor_of(request)
        document = DOCUMENTS.get(posted.get("document_type", ""))
        if document is None:
            raise NoSuchPage()
        body = {"id": id_of(posted.get("id", "")), "version": id_of(posted.get("version", ""))}
        execute(visitor.principal.user_id, "remove_view", body, posted.get("key", ""), bind=bind)
        return RedirectResponse(f"{list_address(document)}?view={NO_VIEW}&done=remove_view", 303)


def with_view(query: str, view_id: int) -> str:
    return f"{query}&view={view_id}".removeprefix("&")


def asked_of(request: Request, visitor: Visitor, document: Document) -> Asked:
    """What the address asks of a list, in the company that the visitor works in now.

    Raises:
        InvalidInput: a parameter is given twice, or `limit` is no number.
    """
    query = in_company(query_of(document, request, besides=OF_PAGE), visitor, document)
    return asked_in(query, visitor, document, request.query_params)


def whole_list(request: Request, visitor: Visitor, document: Document) -> Asked:
    reading.require_read(visitor.principal, document)
    asked = asked_of(request, visitor, document)
    return replace(asked, query=replace(asked.query, limit=reading.LONGEST_PAGE, cursor=""))


def in_company(query: reading.Query, visitor: Visitor, document: Document) -> reading.Query:
    """On pages a list shows the company that the visitor works in now."""
    if query.company or visitor.company is None or not reading.has_column(document.model, "company_id"):
        return query
    return replace(query, company=visitor.company.code)


def list_of(request: Request, session: Session, visitor: Visitor, document: Document) -> Response:
    """A list; a parameter that cannot be understood is told above it, with the list as if it were not there."""
    refusal: Refusal | None = None
    plain = in_company(reading.Query(limit=ROWS_A_PAGE), visitor, document)
    asked = asked_in(plain, visitor, document, request.query_params)
    try:
        wanted = asked_of(request, visitor, document)
        found = reading.read_page(session, visitor.principal, document, wanted.query)
        asked = wanted
    except InvalidInput as error:
        refusal = error
        found = reading.read_page(session, visitor.principal, document, plain)
    offered = columns_offered(visitor, document)
    filters = filters_for(session, visitor, document, asked.columns, asked.query.filters)
    shown = dict(offered)
    views = views_of(session, visitor, document)
    return page(
        request,
        "list.html",
        status=refusal.status if refusal else 200,
        document=document,
        table=Painter(session, visitor).table_of_list(document, found.rows, asked.columns),
        asked=asked,
        query=asked.query,
        filters=filters,
        narrowed=bool(asked.query.text or asked.query.states or asked.query.filters),
        # In the order of the list, then the others: so the form shows what the list shows.
        offered=[(n, shown.get(n, label(n)), True) for n in asked.columns]
        + [(n, text, False) for n, text in offered if n not in asked.columns],
        sortable={n for n in asked.columns if reading.is_open(visitor.principal, document, n)},
        views=views,
        view=next((view for view in views if str(view.id) == asked.view), None),
        done=request.query_params.get("done", ""),
        next_cursor=found.next,
        makers=(makers := allowed_makers(visitor, document)),
        importers=[c for c in makers if bulk.importable(c) and may_import(visitor, c)],
        refusal=refusal,
    )


def pages_of(bind: Engine | None, visitor: Visitor, document: Document, asked: Asked) -> Iterator[list[list[Any]]]:
    """The whole list, page by page, as cells of a file."""
    who, query = visitor.principal, asked.query
    with db.reading(bind) as session:
        limited(session, visitor)
        while True:
            found = reading.read_page(session, who, document, query)
            called = reading.names_of(session, who, found.rows, asked.columns)
            block = []
            for row in found.rows:
                readable = set(reading.fields_of(who, document, row))
                block.append(
                    [exported(visitor, document, row, n, called) if n in readable else None for n in asked.columns]
                )
            yield block
            if found.next is None:
                return
            query = replace(query, cursor=found.next)


def csv_lines(bind: Engine | None, visitor: Visitor, document: Document, asked: Asked) -> Iterator[str]:
    """The whole list as CSV: the columns shown, under their labels, with exact values and harmless text."""
    # The mark at the beginning makes spreadsheets read the file as UTF-8.
    yield "\ufeff" + sheets.csv_row([label(name) for name in asked.columns])
    for block in pages_of(bind, visitor, document, asked):
        yield "".join(sheets.csv_row([column_texts.wire(value) for value in row]) for row in block)


def workbook(bind: Engine | None, visitor: Visitor, document: Document, asked: Asked) -> bytes:
    """The whole list as a workbook with typed cells: the columns shown, under their labels."""
    writer = sheets.SheetWriter(str(document.plural), [label(name) for name in asked.columns])
    # The decimals of the company's currency would hide what a price has more of; the cell keeps the exact value anyway.
    places = [
        display.least_places(name, reading.column_type(document.model, name), 2) or None for name in asked.columns
    ]
    written = 0
    for block in pages_of(bind, visitor, document, asked):
        for row in block:
            writer.add(row, [p if isinstance(v, Decimal) else None for p, v in zip(places, row, strict=True)])
        written += len(block)
        if written >= MOST_IN_WORKBOOK:
            writer.add([str(_("Only the first {count} rows; CSV brings all.").format(count=written))])
            break
    return writer.content()
