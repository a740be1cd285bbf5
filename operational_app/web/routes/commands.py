"""Forms of commands: shown, sent, refused without losing what was typed, and done."""

import secrets
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import Engine, or_, select
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Session
from starlette.responses import Response

from operational_app.core import actions, column_texts, db, reading
from operational_app.core.command import COMMANDS, Command, Work
from operational_app.core.document import DOCUMENTS, Document, document_of
from operational_app.core.errors import NotPermitted, Refusal
from operational_app.core.event_words import event_choices
from operational_app.core.execute import execute
from operational_app.core.models import Currency, VatRate
from operational_app.web import forms
from operational_app.web.errors import NoSuchPage
from operational_app.web.routes.pages import id_of, page_of_document
from operational_app.web.routes.sign_in import PostedForm
from operational_app.web.tables import page_of
from operational_app.web.templates import page, query_string
from operational_app.web.visitor import Visitor, limited, visitor_of

MOST_REMEMBERED = 300
ENVELOPE = ("id", "version", "key", "company", "then")


@dataclass(frozen=True)
class Acted:
    """The document that a command is to act on."""

    document: Document
    row: Any


def router(bind: Engine | None) -> APIRouter:
    """The form of every command, under its own address."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/do/{name}")
    def form_page(request: Request, name: str) -> Response:
        visitor = visitor_of(request)
        command = command_for(visitor, name)
        with db.reading(bind) as session:
            acted = acted_on(limited(session, visitor), visitor, command, id_of(request.query_params.get("id", "")))
            values = actions.starting_values(
                session, command, acted.document if acted else None, acted.row if acted else None
            )
            fields = fields_for(session, visitor, command, acted)
            flat = forms.beginning(fields, values, Work(session, visitor.principal, None, name).today)
            flat |= only_choices(session, visitor, fields, flat)
            flat |= forms.with_decimals(fields, flat, minor_units_for(session, visitor, acted))
            # An address may bring values along: /do/enter_sales_order?customer_id=7
            flat |= {n: v for n, v in request.query_params.items() if n in {f.name for f in fields} and n != "id"}
            made = made_before(session, visitor, request.query_params.get("made", ""))
            return render(request, session, visitor, command, acted, fields, flat, secrets.token_urlsafe(16), made=made)

    @pages.post("/do/{name}")
    def run(request: Request, name: str, posted: PostedForm) -> Response:
        visitor = visitor_of(request)
        command = command_for(visitor, name)
        fields = forms.fields_of(command.body)
        flat = forms.without_blank_lines(fields, {n: v for n, v in posted.items() if n not in ENVELOPE})
        key = posted.get("key", "")
        with db.reading(bind) as session:
            flat |= resolved(limited(session, visitor), visitor, fields, flat)
        body = forms.sent(fields, flat) | envelope(command, posted)
        try:
            answer = execute(visitor.principal.user_id, name, body, key, bind=bind)
        except Refusal as refusal:
            return refused(request, visitor, command, posted, flat, key, refusal)
        target = page_of(DOCUMENTS[answer["document"]], answer["id"]) + "?done=" + name
        if posted.get("then") == "next" and command.acts_on is None:
            target = next_form(command, answer, fields, flat)
        if "shown_once" in answer:
            return page(request, "shown_once.html", command=command, values=answer["shown_once"], target=target)
        if request.headers.get("hx-request"):
            return Response(status_code=200, headers={"hx-redirect": target})
        return RedirectResponse(target, 303)

    def refused(
        request: Request,
        visitor: Visitor,
        command: Command,
        posted: dict[str, str],
        flat: dict[str, str],
        key: str,
        refusal: Refusal,
    ) -> Response:
        """Show the form again as it was; where there is nothing to fill in, the document with the refusal above it.

        A body that was refused was never stored under its key, so the key stays good for the next try.
        """
        with db.reading(bind) as session:
            acted = acted_on(limited(session, visitor), visitor, command, id_of(posted.get("id", "")))
            if command.body is None and acted is not None:
                return page_of_document(request, session, visitor, acted.document, acted.row.id, refusal)
            fields = fields_for(session, visitor, command, acted)
            version = posted.get("version", "")
            return render(request, session, visitor, command, acted, fields, flat, key, refusal, version)

    return pages


def next_form(command: Command, answer: dict[str, Any], fields: tuple[forms.Field, ...], flat: dict[str, str]) -> str:
    """The empty form again, which says what was just made; days stay, since papers of one day lie on one pile."""
    days = {field.name: flat.get(field.name, "") for field in fields if field.kind == "date" and field.required}
    return f"/do/{command.name}?" + query_string(days, made=f"{answer['document']}:{answer['id']}")


def made_before(session: Session, visitor: Visitor, text: str) -> tuple[str, str] | None:
    """What the form before made, as (name, address); None where nothing, or nothing that the visitor may read."""
    name, _colon, row_id = text.partition(":")
    document = DOCUMENTS.get(name)
    if document is None or not visitor.principal.may_read(name) or not id_of(row_id):
        return None
    row = session.scalars(
        reading.visible(visitor.principal, document).where(
            document.model.id == min(id_of(row_id), column_texts.LARGEST_ID)
        )
    ).one_or_none()
    return (f"{document.title} {reading.describe(document, row)}", page_of(document, row.id)) if row else None


def command_for(visitor: Visitor, name: str) -> Command:
    """The command of an address.

    Raises:
        NoSuchPage: there is none of that name.
        NotPermitted: none of the visitor's roles gives it.
    """
    command = COMMANDS.get(name)
    if command is None:
        raise NoSuchPage()
    if not visitor.principal.may_run(command.document.name, command.name):
        raise NotPermitted(action=command.title, entity=command.document.title)
    return command


def acted_on(session: Session, visitor: Visitor, command: Command, row_id: int) -> Acted | None:
    """The document that the command is to act on; None for a command that makes a new one."""
    if command.acts_on is None:
        return None
    document = document_of(command.acts_on)
    return Acted(document, reading.read_one(session, visitor.principal, document, row_id))


def envelope(command: Command, posted: dict[str, str]) -> dict[str, Any]:
    if command.acts_on is not None:
        return {"id": id_of(posted.get("id", "")), "version": id_of(posted.get("version", ""))}
    return {"company": posted.get("company", "")} if command.needs_company else {}


def fields_for(session: Session, visitor: Visitor, command: Command, acted: Acted | None) -> tuple[forms.Field, ...]:
    """The form's inputs; a field that holds a line of the document acted on offers that document's lines, one
    for an event all events in words."""
    fields = forms.with_choices(forms.fields_of(command.body), {"event_name": event_choices()})
    if acted is None or not any(f.kind == "lines" for f in fields):
        return fields
    choices = {
        lines.model.__tablename__ + "_id": line_choices(session, visitor, acted, lines)
        for lines in acted.document.lines
    }
    return forms.with_choices(fields, choices)


def line_choices(session: Session, visitor: Visitor, acted: Acted, lines: Any) -> tuple[tuple[str, str], ...]:
    """A document's lines as choices: line number, what it is about, how much."""
    rows = reading.read_lines(session, lines, acted.row.id)
    called = reading.names_of(session, visitor.principal, rows, ["item_id"])

    def text(row: Any) -> str:
        about = called.get(("item_id", getattr(row, "item_id", None)), (getattr(row, "description", ""), False))[0]
        parts = (getattr(row, "line_no", row.id), about, getattr(row, "lot_number", None))
        return " · ".join(str(part) for part in parts if part)

    return tuple((str(row.id), text(row)) for row in rows)


def resolved(
    session: Session, visitor: Visitor, fields: tuple[forms.Field, ...], flat: dict[str, str]
) -> dict[str, str]:
    """References that were typed or pasted as a number and not chosen from the list: path → row, where exactly one fits."""
    company_id = visitor.company.id if visitor.company else None
    found: dict[str, str] = {}
    known: dict[tuple[str, str], str] = {}
    for path, field in forms.references(fields, flat).items():
        words = flat.get(path + ":text", "").strip()
        document = DOCUMENTS.get(field.document)
        if flat.get(path, "").strip() or not words or document is None:
            continue
        if (field.document, words) not in known:
            rows = reading.lookup(session, visitor.principal, document, words, company_id)
            exact = [r for r in rows if words.casefold() in reading.names_exactly(document, r)] or rows
            known[(field.document, words)] = str(exact[0].id) if len(exact) == 1 else ""
        if known[(field.document, words)]:
            found[path] = known[(field.document, words)]
    return found


def only_choices(
    session: Session, visitor: Visitor, fields: tuple[forms.Field, ...], flat: dict[str, str]
) -> dict[str, str]:
    """References that must be given and leave no choice, such as the only stock location: they are filled in already."""
    company_id = visitor.company.id if visitor.company else None
    # From the only place to the only place is no choice but a slip.
    kinds = [field.document for field in fields]
    found = {}
    for field in fields:
        document = DOCUMENTS.get(field.document) if kinds.count(field.document) == 1 else None
        if field.required and document and not flat.get(field.name) and visitor.principal.may_read(document.name):
            rows = reading.lookup(session, visitor.principal, document, "", company_id, limit=2)
            if len(rows) == 1:
                found[field.name] = str(rows[0].id)
    return found


def render(
    request: Request,
    session: Session,
    visitor: Visitor,
    command: Command,
    acted: Acted | None,
    fields: tuple[forms.Field, ...],
    flat: dict[str, str],
    key: str,
    refusal: Refusal | None = None,
    version: str = "",
    made: tuple[str, str] | None = None,
) -> Response:
    """The form, filled with `flat`, with each error beside its field and those that belong to no field above."""
    errors = {path: str(why) for path, why in refusal.fields.items()} if refusal else {}
    for path in forms.references(fields, flat):
        if flat.get(path + ":text", "").strip() and not flat.get(path, "").strip() and path in errors:
            errors[path] = str(forms.CHOOSE_ONE)
    shown = {f.name for f in fields} | {
        f"{f.name}.{i}.{inner.name}" for f in fields for i in range(forms.line_count(f, flat)) for inner in f.fields
    }
    return page(
        request,
        "form.html",
        status=refusal.status if refusal else 200,
        command=command,
        document=acted.document if acted else command.document,
        acted=acted,
        name=reading.describe(acted.document, acted.row) if acted else "",
        fields=fields,
        flat=flat | names_for(session, visitor, fields, flat),
        line_count=forms.line_count,
        key=key or secrets.token_urlsafe(16),
        version=version or (str(getattr(acted.row, "version", 0)) if acted else ""),
        made=made,
        errors=errors,
        other_errors={path: why for path, why in errors.items() if path not in shown},
        refusal=refusal,
        suggestions=suggestions(session, visitor, command.document, fields),
        minor_units=minor_units_for(session, visitor, acted),
        rates=vat_rates(session) if any(i.name == "vat_code" for f in fields for i in f.fields) else {},
    )


def minor_units_for(session: Session, visitor: Visitor, acted: Acted | None) -> int:
    """The decimals of the currency that a form's amounts are in: the document's own, else its company's."""
    company = reading.company_of(session, acted.row) if acted else visitor.company
    code = getattr(acted.row, "currency", None) if acted else None
    currency = session.get(Currency, code or company.currency) if company else None
    return currency.minor_units if currency else 2


def names_for(
    session: Session, visitor: Visitor, fields: tuple[forms.Field, ...], flat: dict[str, str]
) -> dict[str, str]:
    """The text of each reference that is chosen."""
    texts: dict[str, str] = {}
    by_document: dict[str, dict[int, list[str]]] = {}
    for path, field in forms.references(fields, flat).items():
        if row_id := id_of(flat.get(path, "")):
            by_document.setdefault(field.document, {}).setdefault(row_id, []).append(path)
    for name, paths in by_document.items():
        document = DOCUMENTS.get(name)
        if document is not None and visitor.principal.may_read(name):
            ids = [row_id for row_id in paths if row_id <= column_texts.LARGEST_ID]
            rows = reading.visible(visitor.principal, document).where(document.model.id.in_(ids))
            for row in session.scalars(rows):
                texts |= {f"{path}:text": reading.describe(document, row) for path in paths[row.id]}
    return texts


def suggestions(
    session: Session, visitor: Visitor, document: Document, fields: tuple[forms.Field, ...]
) -> dict[str, list[str]]:
    """The usual values of free-text fields: from the core's tables that hold them, or from other documents of the kind."""
    wanted = {f.suggestions for field in fields for f in (field, *field.fields) if f.suggestions}
    found = {}
    for source in sorted(wanted):
        table, _dot, column = source.rpartition(".")
        if table == "own":
            found[source] = remembered(session, visitor, document, column)
        elif table == "declared":
            found[source] = sorted(DOCUMENTS if column == "documents" else COMMANDS)
        else:
            # Names come from inputs.SUGGESTED_FROM, never from a request.
            statement = sql_text(f"SELECT DISTINCT {column} FROM {table} ORDER BY 1 LIMIT 500")
            found[source] = list(session.scalars(statement))
    return found


def remembered(session: Session, visitor: Visitor, document: Document, column: str) -> list[str]:
    """What stands in a column of the documents that the visitor may read; nothing where the column is hidden."""
    who = visitor.principal
    if not (who.may_read(document.name) and reading.has_column(document.model, column)):
        return []
    if not reading.is_open(who, document, column):
        return []
    seen = reading.visible(who, document).with_only_columns(getattr(document.model, column)).distinct()
    return sorted(text for text in session.scalars(seen.limit(MOST_REMEMBERED)) if text)


def vat_rates(session: Session) -> dict[str, str]:
    """The VAT rates of today by code, for the totals that a form shows while it is typed; the command works out its own."""
    today = sql_text("current_date")
    valid = select(VatRate).where(
        VatRate.valid_from <= today, or_(VatRate.valid_to.is_(None), VatRate.valid_to >= today)
    )
    return {rate.code: forms.typed(rate.rate) for rate in session.scalars(valid.order_by(VatRate.valid_from))}
