"""What surrounds documents and is more than a form: files in and out, and the bell with what it rings for."""

from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from operational_app.core import db, files, platform_documents, reading
from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import FileLost, FileTooLarge, InvalidInput, NotPermitted, Refusal
from operational_app.core.execute import execute
from operational_app.core.i18n import _, translate
from operational_app.core.platform_models import Notification
from operational_app.web import schemas
from operational_app.web.routes.api import Reader, Writer, problems
from operational_app.web.routes.pages import id_of, page_of_document
from operational_app.web.routes.sign_in import PostedForm, form_of
from operational_app.web.tables import page_of
from operational_app.web.templates import page
from operational_app.web.visitor import BELL, Visitor, limited, visitor_of

# What a form has around its file.
FORM_BYTES = 100_000
MOST_NOTIFICATIONS = 100


async def form_with_file(request: Request) -> tuple[dict[str, str], UploadFile | None]:
    """A page's form that may bring a file; one that says it is too long is refused before it is read.

    The server sees to it that nothing comes after the length that was said.
    """
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > files.MOST_BYTES + FORM_BYTES:
        raise FileTooLarge(most=files.MOST_BYTES // (1024 * 1024))
    posted = await form_of(request)
    found = (await request.form()).get("file")
    return posted, found if isinstance(found, UploadFile) and found.filename else None


FormWithFile = Annotated[tuple[dict[str, str], UploadFile | None], Depends(form_with_file)]


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(files.CHUNK):
        yield chunk


def router(bind: Engine | None) -> APIRouter:
    routes = APIRouter()
    _add_upload(routes)
    _add_download(routes, bind)
    _add_attach(routes, bind)
    _add_bell(routes, bind)
    return routes


def _add_upload(routes: APIRouter) -> None:
    @routes.post(
        "/api/files",
        response_model=schemas.Uploaded,
        responses=problems(403, 413, 422),
        openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
        operation_id="upload_file",
        tags=["core"],
    )
    async def upload(request: Request, visitor: Writer) -> JSONResponse:
        """Keep the bytes of the request's body, at most 20 MB; the ticket in the answer is for attach_file."""
        if not visitor.principal.may_run("attachment", "attach_file"):
            raise NotPermitted(action=COMMANDS["attach_file"].title, entity=DOCUMENTS["attachment"].plural)
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > files.MOST_BYTES:
                raise FileTooLarge(most=files.MOST_BYTES // (1024 * 1024))
        stored = await run_in_threadpool(files.keep, [bytes(content)])
        ticket = files.ticket_for(stored, visitor.principal.user_id)
        return JSONResponse({"upload": ticket, "content_hash": stored.content_hash, "size": stored.size})


def _add_download(routes: APIRouter, bind: Engine | None) -> None:
    def content_of(visitor: Visitor, row_id: int) -> FileResponse:
        with db.reading(bind) as session:
            limited(session, visitor)
            found = reading.read_one(session, visitor.principal, platform_documents.attachment, row_id)
        path = files.path_of(found.content_hash)
        if not path.is_file():
            raise FileLost(name=found.file_name)
        # Never shown in the page's own origin, whatever it is: always saved.
        disposition = f"attachment; filename*=UTF-8''{quote(found.file_name, safe='')}"
        return FileResponse(path, media_type=found.media_type, headers={"content-disposition": disposition})

    @routes.get("/files/{row_id}", include_in_schema=False)
    def download(request: Request, row_id: str) -> Response:
        return content_of(visitor_of(request), id_of(row_id))

    @routes.get(
        "/api/files/{row_id}",
        response_class=Response,
        responses={200: {"description": "What is in the file"}, **problems(403, 404, 422)},
        operation_id="download_file",
        tags=["core"],
    )
    def download_by_program(row_id: str, visitor: Reader) -> Response:
        """What is in a file, for whoever may read its document."""
        return content_of(visitor, id_of(row_id))


def _add_attach(routes: APIRouter, bind: Engine | None) -> None:
    @routes.post("/attach", include_in_schema=False)
    def attach(request: Request, sent: FormWithFile) -> Response:
        visitor = visitor_of(request)
        posted, file = sent
        document = DOCUMENTS.get(posted.get("document_type", ""))
        row_id = id_of(posted.get("document_id", ""))
        if document is None:
            raise InvalidInput(fields={"document_type": _("There is no such document.")})
        try:
            if file is None:
                raise InvalidInput(fields={"file": _("Choose a file.")})
            if not visitor.principal.may_run("attachment", "attach_file"):
                raise NotPermitted(action=COMMANDS["attach_file"].title, entity=DOCUMENTS["attachment"].plural)
            user_id = visitor.principal.user_id
            body = {
                "document_type": document.name,
                "document_id": row_id,
                "file_name": file.filename,
                "upload": files.ticket_for(files.keep(chunks_of(file.file)), user_id),
            }
            execute(user_id, "attach_file", body, posted.get("key", ""), bind=bind)
        except Refusal as refusal:
            with db.reading(bind) as session:
                return page_of_document(request, limited(session, visitor), visitor, document, row_id, refusal)
        return RedirectResponse(page_of(document, row_id) + "?done=attach_file", 303)


def _add_bell(routes: APIRouter, bind: Engine | None) -> None:
    @routes.get("/notifications", include_in_schema=False)
    def list_page(request: Request) -> Response:
        visitor = visitor_of(request)
        with db.reading(bind) as session:
            return page(request, "notifications.html", told=told(limited(session, visitor), visitor))

    @routes.get(BELL, include_in_schema=False)
    def bell(request: Request) -> Response:
        visitor_of(request)
        return page(request, "bell.html")

    @routes.post("/notifications/read", include_in_schema=False)
    def read(request: Request, posted: PostedForm) -> Response:
        user_id = visitor_of(request).principal.user_id
        row_id, key = posted.get("id", ""), posted.get("key", "")
        if row_id:
            body = {"id": id_of(row_id), "version": id_of(posted.get("version", ""))}
            execute(user_id, "mark_as_read", body, key, bind=bind)
        else:
            execute(user_id, "mark_all_as_read", {}, key, bind=bind)
        return RedirectResponse("/notifications", 303)


def told(session: Any, visitor: Visitor) -> list[dict[str, Any]]:
    """What the visitor was told, unread first, then newest first, each as a sentence with the document it is about."""
    rows = session.scalars(
        reading.visible(visitor.principal, platform_documents.notification)
        .order_by(Notification.read_at.is_not(None), Notification.id.desc())
        .limit(MOST_NOTIFICATIONS)
    ).all()
    about: dict[tuple[str, int], str] = {}
    for kind in {row.document_type for row in rows}:
        document = DOCUMENTS.get(kind)
        if document is not None and visitor.principal.may_read(kind):
            ids = [row.document_id for row in rows if row.document_type == kind]
            seen = session.scalars(reading.visible(visitor.principal, document).where(document.model.id.in_(ids)))
            about |= {(kind, one.id): reading.describe(document, one) for one in seen}
    return [
        {
            "row": row,
            "sentence": translate(row.message).format(**row.details),
            "document": DOCUMENTS.get(row.document_type),
            "name": about.get((row.document_type, row.document_id)),
        }
        for row in rows
    ]
