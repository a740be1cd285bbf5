"""Commands of a clerk's desk: bring a file in through another command, keep a list as a view."""

import hashlib
from dataclasses import replace
from typing import Any

from pydantic import ConfigDict, Field, ValidationError
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from operational_app.core import bulk, desk_documents, policy, sheets
from operational_app.core.command import COMMANDS, Body, Command, Work, command
from operational_app.core.desk_models import FileImport, FileImportLine, SavedView
from operational_app.core.document import DOCUMENTS, document_of
from operational_app.core.errors import FileKnown, FileMistaken, InvalidInput, NotFromFile, NotPermitted, Refusal
from operational_app.core.execute import carry_out, is_contention, refusal_for
from operational_app.core.i18n import _
from operational_app.core.reference_data import OPERATOR
from operational_app.core.validation import fields_of

LONGEST_CONTENT = 30_000_000
# A file whose documents are refused one after the other has one cause; the first ones tell it.
MOST_REFUSED = 50


class ImportFile(Body):
    # The text is taken as it is: a row that ends in an empty cell would otherwise lose it.
    model_config = ConfigDict(str_strip_whitespace=False)

    command: str = Field(min_length=1, max_length=100, description="Command that each document is entered by.")
    file_name: str = Field(min_length=1, max_length=255, description="With its ending: .csv, or .xlsx for a workbook.")
    content: str = Field(
        min_length=1,
        max_length=LONGEST_CONTENT,
        description="The text of a CSV file, or an Excel workbook in base64.",
        json_schema_extra={"x-kind": "text"},
    )


class SaveView(Body):
    document_type: str = Field(min_length=1, max_length=50)
    name: str = Field(min_length=1, max_length=60)
    query: str = Field(default="", max_length=4000, description="What stands after the ? of the list's address.")
    is_shared: bool = False
    is_default: bool = False


@command(desk_documents.file_import, _("Bring in file"))
def import_file(work: Work, body: ImportFile) -> FileImport:
    """Bring in a CSV or Excel file through the command that enters one document: all of it or, where anything in it is
    refused, nothing. The first row names the columns; references are numbers or names."""
    entering = COMMANDS.get(body.command)
    if entering is None or not bulk.importable(entering):
        raise NotFromFile(command=body.command)
    acting = _acting(work.principal, entering)
    if work.company_id not in acting.may_run(entering.document.name, entering.name).anywhere:
        raise NotPermitted(action=entering.title, entity=entering.document.title)
    file_hash = hashlib.sha256(body.content.encode()).hexdigest()
    _refuse_known(work, body, file_hash)
    drafts = _drafts(work, entering, body)
    made = _enter(work, acting, entering, drafts, body.file_name)
    imported = FileImport(
        company_id=work.company_id,
        number=work.number(desk_documents.file_import, work.today),
        command_name=entering.name,
        file_name=body.file_name,
        file_hash=file_hash,
        document_count=len(made),
        created_by=work.principal.user_id,
    )
    work.session.add(imported)
    work.session.flush()
    kind = entering.document.name
    work.session.add_all(
        FileImportLine(file_import_id=imported.id, file_row=row, document_type=document_type, document_id=row_id)
        for row, document_type, row_id, _number in made
    )
    numbers = [number for _row, _type, _id, number in made if number]
    work.details = {"document": kind, "document_count": len(made), "first": numbers[:1], "last": numbers[-1:]}
    return imported


def _refuse_known(work: Work, body: ImportFile, file_hash: str) -> None:
    known = work.session.scalars(
        select(FileImport).where(
            FileImport.company_id == work.company_id,
            FileImport.command_name == body.command,
            FileImport.file_hash == file_hash,
        )
    ).one_or_none()
    if known is not None:
        raise FileKnown(file=body.file_name, number=known.number, day=known.recorded_at.date())


def _drafts(work: Work, entering: Command, body: ImportFile) -> list[bulk.Draft]:
    """The documents of the file, each with a body that the command can take.

    Raises:
        FileMistaken: every mistake that can be found without entering anything.
    """
    mistakes = bulk.Mistakes()
    drafts = bulk.drafts_of(entering, sheets.read_rows(body.file_name, body.content), mistakes)
    bulk.fill_bodies(work.session, _user(work, entering), work.company_id, entering, drafts, mistakes)
    assert entering.body is not None
    for draft in drafts:
        try:
            entering.body.model_validate(draft.body)
        except ValidationError as error:
            for path, why in fields_of(error.errors()).items():
                mistakes.add(*draft.place(path), why)
    if mistakes:
        raise FileMistaken(file=body.file_name, fields=mistakes.found)
    return drafts


def _user(work: Work, entering: Command) -> policy.Principal:
    """The user with all rights: a program that may run a command may refer to what its user may read."""
    return _acting(policy.load_principal(work.session, work.principal.user_id) or work.principal, entering)


def _acting(principal: policy.Principal, entering: Command) -> policy.Principal:
    """Who enters the documents: the user; the operator with the right to this one command and to what it refers to.

    The operator is whoever sits at the machine of the store (`hub import` without --as): nobody can sign in as the
    operator, and bringing in what other systems kept is part of setting up. The log names the operator.
    """
    if principal.username != OPERATOR:
        return principal
    everything = policy.Reach(companies=policy.Companies(everywhere=True), above=True)
    named = {column.field.document for column in bulk.columns_of(entering) if column.field.document}
    rights = {(name, "*", "read"): everything for name in named | {entering.document.name}}
    rights[(entering.document.name, entering.name, "execute")] = everything
    return replace(principal, grants=policy.Grants(principal.grants | rights))


def _enter(
    work: Work, acting: policy.Principal, entering: Command, drafts: list[bulk.Draft], file_name: str
) -> list[tuple[int, str, int, str | None]]:
    """Enter each document: (row, document, its row in the store, its number).

    Each in a savepoint of its own, so that the refusal of one does not hide those of the others.

    Raises:
        FileMistaken: the refusals, by row and column.
    """
    mistakes, refused = bulk.Mistakes(), 0
    made: list[tuple[int, str, int, str | None]] = []
    assert work.company is not None
    limits = work.session.info.get("limits")
    user = _user(work, entering)
    for draft in drafts:
        try:
            with work.session.begin_nested():
                done, document = carry_out(
                    work.session, user, acting, entering, draft.body | {"company": work.company.code}
                )
                # What is checked at the commit would be said of no row.
                work.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
                work.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            made.append((draft.row, document_of(type(document)).name, document.id, getattr(document, "number", None)))
            work.shown_once |= done.shown_once
        except Refusal as refusal:
            _note(draft, refusal, mistakes)
            refused += 1
        except DBAPIError as error:
            if is_contention(error) or not isinstance(found := refusal_for(error), Refusal):
                raise
            _note(draft, found, mistakes)
            refused += 1
        if refused >= MOST_REFUSED:
            break
    work.session.info["limits"] = limits
    if mistakes:
        raise FileMistaken(file=file_name, fields=mistakes.found)
    return made


def _note(draft: bulk.Draft, refusal: Refusal, mistakes: bulk.Mistakes) -> None:
    if not refusal.fields:
        mistakes.add(draft.row, "", refusal.message)
    for path, why in refusal.fields.items():
        mistakes.add(*draft.place(path), why)


@command(desk_documents.saved_view, _("Keep view"), anywhere=True)
def save_view(work: Work, body: SaveView) -> SavedView:
    """Keep a list as it is shown, with filters, order and columns, under a name; the same name again replaces it."""
    if body.document_type not in DOCUMENTS or not work.principal.may_read(body.document_type):
        raise InvalidInput(fields={"document_type": _("There is no such document.")})
    mine: Any = (SavedView.user_id == work.principal.user_id, SavedView.document_type == body.document_type)
    if body.is_default:
        work.session.execute(
            update(SavedView).where(*mine, SavedView.is_default).values(is_default=False, version=SavedView.version + 1)
        )
    view = work.session.scalars(select(SavedView).where(*mine, SavedView.name == body.name)).one_or_none()
    if view is None:
        view = SavedView(user_id=work.principal.user_id, document_type=body.document_type, name=body.name)
        work.session.add(view)
    view.query, view.is_shared, view.is_default = body.query.removeprefix("?"), body.is_shared, body.is_default
    return view


@command(desk_documents.saved_view, _("Remove view"), anywhere=True, onward=False)
def remove_view(work: Work, view: SavedView) -> SavedView:
    """Forget a view of your own; the documents in it stay."""
    if view.user_id != work.principal.user_id:
        raise NotPermitted(action=COMMANDS["remove_view"].title, entity=desk_documents.saved_view.title)
    work.session.delete(view)
    return view
