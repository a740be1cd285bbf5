"""Comments and files of documents: who sees them, and what is there."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from operational_app.core import policy, reading, row_policy
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import AppUser, Company
from operational_app.core.platform_models import Attachment, Comment
from operational_app.core.policy import Principal

# @lily, but not the domain of a mail address.
MENTION = re.compile(r"(?<![\w.@])@([a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)*)")
MOST_MENTIONED = 20


def takes_remarks(document: Document) -> bool:
    """Whether there can be comments and files: on all but what belongs to one user, and on comments and files."""
    return document.only is None


def of_readable_documents(model: type[Comment] | type[Attachment]) -> Any:
    """Condition for the rows whose document the user may read."""

    def condition(principal: Principal) -> ColumnElement[bool]:
        allowed: list[ColumnElement[bool]] = [false()]
        for document in filter(takes_remarks, DOCUMENTS.values()):
            may = principal.may_read(document.name)
            if not may:
                continue
            here = model.document_type == document.name
            theirs = row_policy.condition(document.model, principal, may)
            if theirs is None:
                allowed.append(here)
            elif _in_company(document) and not (may.own or may.department):
                allowed.append(and_(here, model.company_id.in_(sorted(may.companies.ids))))
            else:
                allowed.append(and_(here, model.document_id.in_(select(document.model.id).where(theirs))))
        return or_(*allowed)

    return condition


def _in_company(document: Document) -> bool:
    return document.model is Company or reading.has_column(document.model, "company_id")


def company_of(document: Document, row: Any) -> int | None:
    """The company by which a remark on this document is limited."""
    return row.id if document.model is Company else getattr(row, "company_id", None)


def document_and_row(
    session: Session, principal: Principal, document_type: str, document_id: int
) -> tuple[Document, Any]:
    """The document that a remark is about.

    Raises:
        InvalidInput: there is no such kind of document, or it takes no remarks.
        NotFound, NotPermitted: as in reading it.
    """
    document = DOCUMENTS.get(document_type)
    if document is None or not takes_remarks(document):
        raise InvalidInput(fields={"document_type": _("There is no such document.")})
    return document, reading.read_one(session, principal, document, document_id)


def comments_of(session: Session, principal: Principal, document: Document, row_id: int) -> list[tuple[Comment, str]]:
    """The comments on a document and who wrote each, oldest first; none where the user may not read comments."""
    return _with_authors(session, principal, Comment, document, row_id)


def attachments_of(
    session: Session, principal: Principal, document: Document, row_id: int
) -> list[tuple[Attachment, str]]:
    """The files of a document and who brought each, oldest first."""
    return _with_authors(session, principal, Attachment, document, row_id)


def _with_authors(session: Session, principal: Principal, model: Any, document: Document, row_id: int) -> list[Any]:
    if not takes_remarks(document) or not principal.may_read(model.__tablename__):
        return []
    statement = (
        select(model, AppUser.name)
        .join(AppUser, AppUser.id == model.author_id)
        .where(model.document_type == document.name, model.document_id == row_id)
        .order_by(model.id)
    )
    return [(found, name) for found, name in session.execute(statement, execution_options=row_policy.UNLIMITED)]


def mentioned_in(session: Session, text: str) -> list[int]:
    """The users named in a text by @username."""
    names = list(dict.fromkeys(MENTION.findall(text)))[:MOST_MENTIONED]
    if not names:
        return []
    return list(session.scalars(select(AppUser.id).where(AppUser.username.in_(names), AppUser.disabled_at.is_(None))))


def may_see(session: Session, user_id: int, document: Document, row: Any) -> bool:
    """Whether another user may read this very document."""
    principal = policy.load_principal(session, user_id)
    if principal is None:
        return False
    return row_policy.covers(principal, principal.may_read(document.name), row)
