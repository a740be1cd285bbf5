"""Files into documents: the page with its template, and the endpoint that takes a file as it is."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from operational_app.core import bulk, files, sheets
from operational_app.core.command import COMMANDS, Command
from operational_app.core.errors import FileMistaken, FileTooLarge, InvalidInput, NotFromFile, NotPermitted, Refusal
from operational_app.core.execute import execute
from operational_app.core.i18n import _
from operational_app.core.labels import label
from operational_app.web import schemas
from operational_app.web.routes.api import IdempotencyKey, Writer, problems
from operational_app.web.routes.around import FormWithFile
from operational_app.web.tables import page_of
from operational_app.web.templates import page
from operational_app.web.visitor import Visitor, visitor_of

IMPORT = "import_file"


def router(bind: Engine | None) -> APIRouter:
    routes = APIRouter()
    _add_pages(routes, bind)
    _add_endpoint(routes, bind)
    return routes


def entering(visitor: Visitor, name: str) -> Command:
    """The command that a file is to be brought in through.

    Raises:
        NotFromFile: there is none of that name that takes files.
        NotPermitted: the visitor may not run it, or not bring files in.
    """
    command = COMMANDS.get(name)
    if command is None or not bulk.importable(command):
        raise NotFromFile(command=name)
    if not may_import(visitor, command):
        raise NotPermitted(action=command.title, entity=command.document.title)
    return command


def may_import(visitor: Visitor, command: Command) -> bool:
    """Whether the visitor may bring files in through this command, in the company chosen."""
    company_id = visitor.company.id if visitor.company else None
    who = visitor.principal
    return all(
        company_id in who.may_run(entity, name).anywhere
        for entity, name in ((command.document.name, command.name), ("file_import", IMPORT))
    )


def _add_pages(routes: APIRouter, bind: Engine | None) -> None:
    @routes.get("/import", include_in_schema=False)
    def index(request: Request) -> Response:
        visitor = visitor_of(request)
        taking = [c for c in COMMANDS.values() if bulk.importable(c) and may_import(visitor, c)]
        return page(request, "imports.html", commands=taking)

    @routes.get("/import/{name}", include_in_schema=False)
    def import_page(request: Request, name: str) -> Response:
        stem, _dot, ending = name.partition(".")
        command = entering(visitor_of(request), stem)
        if ending:
            return template_of(command, ending)
        return render(request, command)

    @routes.post("/import/{name}", include_in_schema=False)
    def bring_in(request: Request, name: str, sent: FormWithFile) -> Response:
        visitor = visitor_of(request)
        command = entering(visitor, name)
        posted, file = sent
        try:
            if file is None:
                raise InvalidInput(fields={"file": _("Choose a file.")})
            file_name, raw = (file.filename or "")[:255], file.file.read()
            content = sheets.as_content(file_name, raw)
        except Refusal as refusal:
            return render(request, command, refusal)
        body = {
            "company": visitor.company.code if visitor.company else "",
            "command": name,
            "file_name": file_name,
            "content": content,
        }
        only_check = posted.get("check") == "true"
        # The form's key and the file together: the same file sent twice is one import, a corrected one is another try.
        key = f"{posted.get('key', '')[:120]} {hashlib.sha256(raw).hexdigest()}"
        try:
            answer = execute(visitor.principal.user_id, IMPORT, body, key, bind=bind, dry_run=only_check)
        except FileMistaken as mistaken:
            rows = sheets.read_rows(file_name, content)
            return render(request, command, mistaken, findings(command, mistaken, rows), file_name)
        except Refusal as refusal:
            return render(request, command, refusal, file_name=file_name)
        if only_check:
            return render(request, command, file_name=file_name, fine=answer["details"]["document_count"])
        return RedirectResponse(page_of(imports_document(), answer["id"]) + f"?done={IMPORT}", 303)


def imports_document() -> Any:
    return COMMANDS[IMPORT].document


def render(
    request: Request,
    command: Command,
    refusal: Refusal | None = None,
    found: list[dict[str, Any]] | None = None,
    file_name: str = "",
    fine: int = 0,
) -> Response:
    headings = bulk.headings(command)
    return page(
        request,
        "import.html",
        status=refusal.status if refusal else 200,
        command=command,
        document=command.document,
        columns=[(heading, column, help_of(column)) for heading, column in headings],
        has_lines=bulk.has_lines(command),
        refusal=refusal,
        found=found or [],
        most=bulk.MOST_MISTAKES,
        file_name=file_name,
        fine=fine,
        most_megabytes=files.MOST_BYTES // (1024 * 1024),
    )


def help_of(column: bulk.Column | None) -> str:
    """What belongs in a column."""
    if column is None:
        return str(bulk.KEY_HELP)
    field = column.field
    kinds = {
        "reference": _("Number or name"),
        "date": _("Date, such as 2026-11-30"),
        "decimal": _("Number"),
        "integer": _("Whole number"),
        "bool": _("yes or no"),
    }
    if field.kind == "choice":
        return " / ".join(title for _value, title in field.choices)
    said = str(kinds.get(field.kind, _("Any text")))
    return f"{said}. {field.help}" if field.help else said


def findings(command: Command, mistaken: FileMistaken, rows: list[list[str]]) -> list[dict[str, Any]]:
    """The mistakes of a file as a table: row, column, what stands there, what is wrong with it."""
    header = rows[0] if rows else []
    known = bulk.known_headings(command.name)
    found = []
    for path, why in mistaken.fields.items():
        _rows, number, *rest = path.split(".", 2)
        column = rest[0] if rest else ""
        index = next((i for i, text in enumerate(header) if bulk.is_column(known, text, column)), None)
        row = rows[int(number) - 1] if int(number) <= len(rows) else []
        found.append(
            {
                "row": int(number),
                "column": header[index] if index is not None else label(column.rpartition(".")[2]) if column else "",
                "letter": sheets.letter(index) if index is not None else "",
                "value": row[index] if index is not None and index < len(row) and number != "1" else "",
                "why": str(why),
            }
        )
    return sorted(found, key=lambda one: one["row"])


def template_of(command: Command, ending: str) -> Response:
    """An empty file with the headings; the workbook has a second sheet that says what belongs in each column."""
    headings = [heading for heading, _column in bulk.headings(command)]
    name = f"{command.name}.{ending}"
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    if ending == "csv":
        return Response("\ufeff" + sheets.csv_row(headings), media_type="text/csv; charset=utf-8", headers=disposition)
    if ending != "xlsx":
        raise NotFromFile(command=name)
    writer = sheets.SheetWriter(str(command.document.plural), headings)
    guide = [[str(_("Column")), str(_("In programs")), str(_("Needed")), str(_("What belongs there"))]]
    for heading, column in bulk.headings(command):
        needed = column is None or column.field.required
        guide.append([heading, column.name if column else bulk.KEY, str(_("yes")) if needed else "", help_of(column)])
    content = writer.content((str(_("Columns")), guide))
    return Response(content, media_type=sheets.WORKBOOK_TYPE, headers=disposition)


def _add_endpoint(routes: APIRouter, bind: Engine | None) -> None:
    @routes.post(
        "/api/imports/{command}",
        response_model=None,
        responses={200: {"model": schemas.Answer, "description": "Done"}, **problems(403, 404, 409, 413, 422)},
        openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {}, sheets.WORKBOOK_TYPE: {}}}},
        operation_id="import_documents",
        summary="Bring in file",
        tags=["core"],
    )
    async def import_documents(
        request: Request,
        visitor: Writer,
        key: IdempotencyKey,
        command: Annotated[str, Path(max_length=100, description="Command that each document is entered by.")],
        company: Annotated[str, Query(max_length=50, description="Code of the company.")],
        dry_run: Annotated[bool, Query(description="Check everything and save nothing.")] = False,
        content_type: Annotated[str, Header(include_in_schema=False)] = "text/csv",
    ) -> JSONResponse:
        """Take the request's body as a file, CSV or Excel by its Content-Type, all or nothing; wrong fields are named by
        row and column, such as rows.7.quantity."""
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > files.MOST_BYTES:
                raise FileTooLarge(most=files.MOST_BYTES // (1024 * 1024))
        file_name = f"{command}.xlsx" if content_type.startswith(sheets.WORKBOOK_TYPE) else f"{command}.csv"
        body = {
            "company": company,
            "command": command,
            "file_name": file_name,
            "content": sheets.as_content(file_name, bytes(raw)),
        }

        def carried_out() -> dict[str, Any]:
            return execute(
                visitor.principal.user_id,
                IMPORT,
                body,
                key,
                bind=bind,
                dry_run=dry_run,
                permissions=visitor.permissions,
            )

        return JSONResponse(await run_in_threadpool(carried_out))
