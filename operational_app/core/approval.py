"""Approval as a condition: an unapproved document is unusable downstream.

The core asks before a command runs on a document; it knows no workflow. Whoever keeps approvals (`oa/workflow`) registers a
guard here, and which verb on which document waits for an approval is data there.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session, object_session

from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import Refusal


class ApprovalMissing(Refusal):
    """A command waits for an approval. The subclasses say what is missing.

    Attributes:
        may_submit: whether submitting the document is what has to be done next.
    """

    may_submit = True


# The command by which any document is submitted: it asks for `document_type` and `document_id`.
SUBMIT = "submit_for_approval"

# Each looks at a document (session, the document's type, its row) and says which commands it holds up: name → the
# refusal, whose sentence says what is missing.
GUARDS: list[Callable[[Session, str, Any], Mapping[str, ApprovalMissing]]] = []


def missing(row: Any) -> dict[str, ApprovalMissing]:
    """The commands on this document that wait for an approval, each with what is missing."""
    session = object_session(row)
    document = next((d for d in DOCUMENTS.values() if d.model is type(row)), None)
    if session is None or document is None:
        return {}
    return {name: refusal for guard in GUARDS for name, refusal in guard(session, document.name, row).items()}


def require(row: Any, command: str) -> None:
    """Refuse a command that waits for an approval of the document.

    Raises:
        Refusal: the approval is missing, still under way, or was for another content.
    """
    refusal = missing(row).get(command)
    if refusal is not None:
        raise refusal
