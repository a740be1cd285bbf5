"""Documents as they were: rebuilt from the images in the change log, with the rights of today.

A row as it was at a moment is its last image at or before that moment. Rows come back as plain objects with the attributes
of the table, so that everything that reads a document reads its past alike. A document that has been deleted since is
found too; one that was not there yet, or no longer, is not.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, DateTime, Numeric, and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from operational_app.core import column_texts, reading
from operational_app.core.document import Document, Lines
from operational_app.core.errors import InvalidInput, NotFound
from operational_app.core.i18n import _
from operational_app.core.models import ChangeLog, Party
from operational_app.core.policy import Principal
from operational_app.core.row_policy import PastRow, covers


@dataclass(frozen=True)
class PastDocument:
    """A document as it was.

    Attributes:
        at: the moment.
        row: its fields, as attributes.
        lines: name of the lines → rows, in their order.
    """

    at: datetime
    row: Any
    lines: dict[str, list[Any]]


def moment_from(text: str) -> datetime:
    """The moment that an address names; without a zone it is UTC.

    Raises:
        InvalidInput: it is none.
    """
    moment = column_texts.parse_value(DateTime(), text, "at")
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(fields={"at": _("“{text}” is not possible here.").format(text=text[:80])}) from error


def as_it_was(session: Session, principal: Principal, document: Document, row_id: int, at: datetime) -> PastDocument:
    """The document at a moment.

    Raises:
        NotFound: it was not there then, or the user may not see it.
        NotPermitted: the user may not read this kind of document.
    """
    may = reading.require_read(principal, document)
    image = _last_image(session, document.model, row_id, at) if 0 < row_id <= column_texts.LARGEST_ID else None
    if image is not None and document.only is not None:
        # Who may see it is a condition on the row of today; such rows are not deleted.
        reading.read_one(session, principal, document, row_id)
    row = _row(session, document.model, image, at) if image is not None else None
    if row is not None:
        row.today = session.get(document.model, row_id)
        if document.only is None and not covers(principal, may, row):
            row = None
    if row is None or not _is_of_kind(document.model, row):
        raise NotFound(entity=document.title, key=row_id)
    return PastDocument(
        at, row, {lines.name: _lines(session, document, lines, row_id, at) for lines in document.own_lines}
    )


def _of_table(model: type[Any]) -> Any:
    table = model.__table__
    return and_(ChangeLog.schema_name == table.schema, ChangeLog.table_name == table.name)


def _last_image(session: Session, model: type[Any], row_id: int, at: datetime) -> dict[str, Any] | None:
    """The row's image after its last change up to then; None where it was not there."""
    last = session.scalars(
        select(ChangeLog)
        .where(_of_table(model), ChangeLog.row_key == str(row_id), ChangeLog.recorded_at <= at)
        .order_by(ChangeLog.sequence.desc())
        .limit(1)
    ).one_or_none()
    return last.after if last is not None else None


def _is_of_kind(model: type[Any], row: Any) -> bool:
    """Whether the row of a table that several kinds share, such as customers and suppliers, is of this kind."""
    mapper = model.__mapper__
    return mapper.polymorphic_on is None or getattr(row, mapper.polymorphic_on.key) == mapper.polymorphic_identity


def _row(session: Session, model: type[Any], image: dict[str, Any], at: datetime) -> Any:
    values: dict[str, Any] = {}
    for attribute in model.__mapper__.column_attrs:
        column = attribute.columns[0]
        if getattr(column, "table", None) is not None:
            values[attribute.key] = _value(column.type, image.get(column.name))
        elif attribute.key == "name" and image.get("party_id") is not None:
            # A customer is called as its party: as the party was called then.
            party = _last_image(session, Party, image["party_id"], at)
            values["name"] = party["name"] if party else None
        else:
            values[attribute.key] = None
    return PastRow(**values)


def _value(kind: Any, value: Any) -> Any:
    """A value of an image as the column gives it: images keep numbers and times as text."""
    if not isinstance(value, str):
        return value
    if isinstance(kind, Numeric):
        return Decimal(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, Date) else value


def _lines(session: Session, document: Document, lines: Lines, row_id: int, at: datetime) -> list[Any]:
    """The lines at a moment: of those that are there now or were touched together with the document."""
    now = [str(line.id) for line in reading.read_lines(session, lines, row_id)]
    transactions = select(ChangeLog.xid).where(_of_table(document.model), ChangeLog.row_key == str(row_id))
    entries = session.scalars(
        select(ChangeLog)
        .where(
            _of_table(lines.model),
            or_(ChangeLog.row_key.in_(now), ChangeLog.xid.in_(transactions)),
            ChangeLog.recorded_at <= at,
        )
        .order_by(ChangeLog.row_key, ChangeLog.sequence.desc())
        .ext(distinct_on(ChangeLog.row_key))
    )
    rows = [
        _row(session, lines.model, entry.after, at)
        for entry in entries
        if entry.after is not None and entry.after.get(lines.parent) == row_id
    ]
    return sorted(rows, key=lambda row: (getattr(row, lines.order_by), row.id))
