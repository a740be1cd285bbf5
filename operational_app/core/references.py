"""References in a command's body: each must name a document that is there, in the command's company.

The check is drawn from the types (`Ref("customer")`), so that no command has to remember it: what a body refers to
exists, may be seen by the user, and belongs to the company that the command works for.
"""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, get_args, get_origin

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.command import Body, Reference
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _


@cache
def reference_of(body: type[BaseModel], name: str) -> str | None:
    """The document that a field of a body refers to; None where it is no reference."""
    field = body.model_fields[name]
    marks = list(field.metadata)
    for part in get_args(field.annotation):
        if get_origin(part) is Annotated:
            marks += get_args(part)[1:]
    return next((mark.document for mark in marks if isinstance(mark, Reference)), None)


def references_in(values: Body, path: str = "") -> Iterator[tuple[str, str, int]]:
    """(path of the field, document, row) of every reference that is filled in, lines included."""
    for name in type(values).model_fields:
        value = getattr(values, name)
        document = reference_of(type(values), name)
        if document is not None and value is not None:
            yield path + name, document, value
        elif isinstance(value, list):
            for index, part in enumerate(value):
                if isinstance(part, Body):
                    yield from references_in(part, f"{path}{name}.{index}.")


def require_references(session: Session, company_id: int | None, values: Body) -> None:
    """Refuse references to what is not there for this company, each beside its field."""
    wanted: dict[str, dict[int, list[str]]] = {}
    for path, document, row_id in references_in(values):
        wanted.setdefault(document, {}).setdefault(row_id, []).append(path)
    wrong: dict[str, object] = {}
    for name, rows in wanted.items():
        model = DOCUMENTS[name].model
        # Whole rows: the command will want them, and finds them in the session without another query.
        found = session.scalars(select(model).where(model.id.in_(rows)))
        known = {row.id: getattr(row, "company_id", row.id) for row in found}
        for row_id, paths in rows.items():
            elsewhere = company_id is not None and hasattr(model, "company_id") and known.get(row_id) != company_id
            if row_id not in known or elsewhere:
                sentence = _("There is no {document} {row} here. Choose one from the list.").format(
                    document=DOCUMENTS[name].title, row=row_id
                )
                wrong |= dict.fromkeys(paths, sentence)
    if wrong:
        raise InvalidInput(fields=wrong)
