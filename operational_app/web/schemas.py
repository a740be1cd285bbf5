"""Request and answer types of the JSON API, made from the declarations, so that OpenAPI says everything that holds."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model
from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric

from operational_app.core.command import Body, Command
from operational_app.core.document import Document, Lines

LargeId = Annotated[int, Field(ge=1, le=2**63 - 1)]
Version = Annotated[int, Field(ge=0, le=2**63 - 1)]


class Answer(BaseModel):
    """What a command made or changed."""

    document: str = Field(description="Kind of the document.")
    id: int = Field(description="Number of the document's row.")
    number: str | None = Field(description="Number by which people call the document; null where it has none.")
    state: str | None = Field(description="State after the command; null where the document has no states.")
    version: int | None = Field(description="Version to send with the next command on this document.")
    details: dict[str, Any] | None = Field(default=None, description="What else there is to tell.")
    shown_once: dict[str, str] | None = Field(
        default=None, description="What is told this one time, such as a new token; a repeated request does not get it."
    )


class Problem(BaseModel):
    """A refusal (RFC 9457). Nothing was changed."""

    type: str = Field(description="Stable name of the kind of refusal.")
    title: str = Field(description="Short name of the kind of refusal, in the user's language.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="One sentence for the user that says what to do.")
    fields: dict[str, str] | None = Field(
        default=None,
        description="For 422: path of each wrong field, such as lines.0.quantity, and what is wrong with it.",
    )


class FieldChange(BaseModel):
    where: str = Field(description="Empty for the document itself, else the name of the lines.")
    row_key: str
    field: str
    before: Any = None
    after: Any = None


class Change(BaseModel):
    recorded_at: datetime
    actor: str = Field(description="User name of who did it.")
    command: str
    title: str
    fields: list[FieldChange]


class Link(BaseModel):
    document: str
    id: int
    number: str | None
    title: str = Field(description="What people call it.")
    state: str | None
    depth: int = Field(description="Steps after the first document of the chain.")
    earlier: list[dict[str, Any]] = Field(description="Documents that it came from, as document and id.")


class PossibleCommand(BaseModel):
    name: str
    title: str
    allowed: bool
    reason: str | None = Field(description="Why it is not possible now; null where it is.")


class CommentOnIt(BaseModel):
    id: int
    recorded_at: datetime
    author: str
    text: str


class FileOfIt(BaseModel):
    id: int
    recorded_at: datetime
    author: str
    file_name: str
    size: int = Field(description="Length in bytes.")
    media_type: str
    content_hash: str = Field(description="SHA-256.")
    content: str = Field(description="Address of what is in the file.")


class Uploaded(BaseModel):
    """Content that was kept; `attach_file` puts it with a document."""

    upload: str = Field(description="Ticket to send with attach_file; good for this user only.")
    content_hash: str = Field(description="SHA-256.")
    size: int = Field(description="Length in bytes.")


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def request_of(command: Command) -> type[BaseModel]:
    """The body of a command's endpoint: its fields and its envelope."""
    envelope: dict[str, Any]
    if command.acts_on is not None:
        envelope = {
            "id": (LargeId, Field(description="Number of the document's row.")),
            "version": (Version, Field(description="Version of the document that you have read.")),
        }
    elif command.needs_company:
        envelope = {"company": (str, Field(min_length=1, max_length=50, description="Code of the company."))}
    else:
        envelope = {}
    return create_model(camel(command.name) + "Request", __base__=command.body or Body, **envelope)


def _json_type(kind: Any) -> tuple[Any, dict[str, Any]]:
    if isinstance(kind, Boolean):
        return bool, {}
    if isinstance(kind, BigInteger | Integer):
        return int, {}
    if isinstance(kind, Numeric):
        return str, {"pattern": r"^-?\d+(\.\d+)?$"}
    if isinstance(kind, DateTime):
        return datetime, {}
    if isinstance(kind, Date):
        return date, {}
    # Text, unless it is one of PostgreSQL's own types, such as JSONB.
    return (str if kind.python_type is str else Any), {}


def row_fields(model: type[Any], names: list[str]) -> dict[str, Any]:
    """The columns as optional fields: which of them arrive depends on the reader's rights."""
    fields = {}
    for name in names:
        column = model.__mapper__.column_attrs[name].columns[0]
        kind, limits = _json_type(column.type)
        fields[name] = (
            kind | None if kind is not Any else Any,
            Field(default=None, description=getattr(column, "comment", None), **limits),
        )
    return fields


def _lines_of(document: Document, lines: Lines) -> Any:
    names = [
        a.key for a in lines.model.__mapper__.column_attrs if a.key not in (lines.parent, "recorded_at", "company_id")
    ]
    return list[create_model(camel(f"{document.name}_{lines.name}_row"), **row_fields(lines.model, names))]  # type: ignore[misc]


def list_of(document: Document) -> type[BaseModel]:
    """The answer of a list."""
    row = create_model(camel(document.name) + "Row", **row_fields(document.model, document.fields()))
    return create_model(
        camel(document.name) + "List",
        items=(list[row], ...),  # type: ignore[valid-type]
        next=(str | None, Field(description="Cursor of the next page; null on the last one.")),
    )


def detail_of(document: Document) -> type[BaseModel]:
    """The answer of one document: its own fields, a list for each kind of lines, and what surrounds it."""
    return create_model(
        camel(document.name),
        **row_fields(document.model, document.fields()),
        **{lines.name: (_lines_of(document, lines), ...) for lines in document.lines},
        history=(list[Change], ...),
        links=(list[Link], ...),
        postings=(
            list[dict[str, Any]],
            Field(description="Journal entries that this document made, with their lines."),
        ),
        commands=(list[PossibleCommand], ...),
        comments=(list[CommentOnIt], ...),
        files=(list[FileOfIt], ...),
        as_of=(datetime | None, Field(description="The past moment that was asked for; null for the present.")),
        __config__=ConfigDict(extra="forbid"),
    )
