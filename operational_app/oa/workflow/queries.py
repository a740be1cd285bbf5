"""Reading approvals: what a document says, which rules are in force, who may decide, which facts matter, what waits."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args, get_origin

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from operational_app.core import approval as core_approval
from operational_app.core.command import COMMANDS, Body
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.i18n import Text
from operational_app.core.known import known
from operational_app.core.models import AppUser, UserRole
from operational_app.core.money import plain
from operational_app.core.platform_models import Attachment
from operational_app.core.reference_data import OPERATOR
from operational_app.core.row_policy import UNLIMITED
from operational_app.oa.errors import ApprovalRefused, ChangedAfterApproval, NotApproved, WaitsForApproval
from operational_app.oa.workflow.models import WorkflowCandidate, WorkflowCondition, WorkflowDefinition, approval
from operational_app.oa.workflow.rules import Condition

# What moves by itself while a document lives, and so is no part of what is approved.
MOVING = frozenset({"id", "state", "version", "recorded_at"})

# Line of management of a user in a company on a day, the nearest first: the office knows no departments; `links`
# registers this.
LINES_OF_MANAGEMENT: list[Callable[[Session, int, int, date], list[int]]] = []


@dataclass(frozen=True)
class Fact:
    """A live fact about documents of a type, for conditions and decision cards.

    Attributes:
        find: session and document → a value, or a mapping from what it is about (an item) to a value.
    """

    document_type: str
    name: str
    title: Text
    find: Callable[[Session, Any], Any]


FACTS: dict[tuple[str, str], Fact] = {}


def provide(fact: Fact) -> None:
    """Register a live fact; what other modules know comes in through `links`."""
    FACTS[(fact.document_type, fact.name)] = fact


def facts_of(session: Session, document: Document, row: Any) -> dict[str, Any]:
    """Every live fact about a document, computed now."""
    return {name: fact.find(session, row) for (kind, name), fact in FACTS.items() if kind == document.name}


def values_of(document: Document, row: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What conditions may compare: the document's fields, and the live facts."""
    return {name: getattr(row, name) for name in document.fields()} | dict(facts)


def exact_text(value: Any) -> str:
    """A fact as text, exact."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def subject_of(session: Session, document_type: str, row_id: int) -> tuple[Document, Any]:
    document = DOCUMENTS[document_type]
    return document, session.get_one(document.model, row_id)


def content_columns(document: Document) -> tuple[list[str], dict[str, list[str]]]:
    """The columns that a person fills in: of the document, and of each kind of its lines.

    Drawn from the command that makes the document: what later steps write (delivered quantities, states) is no part of
    what was approved. A document that no command asks for, such as an invoice made out of a delivery, counts whole.
    """
    bodies = [c.body for c in COMMANDS.values() if c.acts_on is None and c.document is document and c.body]
    model = document.model
    asked = {name for body in bodies for name in body.model_fields} or set(document.fields())
    head = [n for n in document.fields() if n in asked - MOVING]
    lines = {}
    for kind in document.own_lines:
        inner = {name for body in bodies if (part := _line_body(body, kind.name)) for name in part.model_fields}
        names = [a.key for a in kind.model.__mapper__.column_attrs]
        if inner or not bodies:
            skipped = MOVING | {kind.parent}
            lines[kind.name] = [n for n in names if n not in skipped and (n in inner or not bodies)]
    if hasattr(model, "total_amount") and "total_amount" not in head:
        head.append("total_amount")
    return head, lines


def _line_body(body: type[Body], name: str) -> type[Body] | None:
    field = body.model_fields.get(name)
    inner = get_args(field.annotation)[0] if field is not None and get_origin(field.annotation) is list else None
    return inner if isinstance(inner, type) and issubclass(inner, Body) else None


def content_hash(session: Session, document: Document, row: Any) -> str:
    """SHA-256 of what was entered; the same for whoever asks, so the lines are read whatever the asker's rights."""
    head, lines = content_columns(document)
    content: list[Any] = [document.name, row.id, [[n, _plain(getattr(row, n))] for n in head]]
    for kind in document.own_lines:
        if kind.name in lines:
            model = kind.model
            found = session.scalars(
                select(model)
                .where(getattr(model, kind.parent) == row.id)
                .order_by(getattr(model, kind.order_by), model.id),
                execution_options=UNLIMITED,
            )
            content.append([kind.name, [[_plain(getattr(line, n)) for n in lines[kind.name]] for line in found]])
    if document.binds_files:
        content.append(["files", _hashes_of_files(session, document, row)])
    text_of_it = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text_of_it.encode()).hexdigest()


def _hashes_of_files(session: Session, document: Document, row: Any) -> list[str]:
    found = select(Attachment.content_hash).where(
        Attachment.document_type == document.name, Attachment.document_id == row.id
    )
    return sorted(session.scalars(found, execution_options=UNLIMITED))


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, str)) else exact_text(value)


def active_definition(session: Session, company_id: int, document_type: str) -> WorkflowDefinition | None:
    return session.scalars(
        select(WorkflowDefinition).where(
            WorkflowDefinition.company_id == company_id,
            WorkflowDefinition.document_type == document_type,
            WorkflowDefinition.state == "active",
        )
    ).one_or_none()


def conditions_of(session: Session, definition_id: int) -> dict[int, list[Condition]]:
    """Step → its conditions."""
    found: dict[int, list[Condition]] = {}
    for row in session.scalars(
        select(WorkflowCondition).where(WorkflowCondition.workflow_definition_id == definition_id)
    ):
        found.setdefault(row.step_no, []).append(Condition(row.field, row.operator, row.operand))
    return found


def line_of_management(session: Session, company_id: int, user_id: int, day: date) -> list[int]:
    return [manager for find in LINES_OF_MANAGEMENT for manager in find(session, company_id, user_id, day)]


def holders(session: Session, company_id: int, role: str) -> list[int]:
    """Users who hold a role in the company or in all, and may sign in. Nobody sits behind the operator."""
    return list(
        session.scalars(
            select(AppUser.id)
            .join(UserRole, UserRole.user_id == AppUser.id)
            .where(
                UserRole.role_code == role,
                (UserRole.company_id == company_id) | UserRole.company_id.is_(None),
                AppUser.disabled_at.is_(None),
                AppUser.username != OPERATOR,
            )
            .distinct()
            .order_by(AppUser.id)
        )
    )


def deciders(
    session: Session, company_id: int, candidates: list[WorkflowCandidate], barred: set[int], owner: int, day: date
) -> list[int]:
    """The users who are asked in a step, in the order of its candidates.

    Whoever entered or submitted the document is left out. Where nobody else is named, it goes up that person's line of
    management; where nobody is named at all, or nobody stands above, to the administrators.
    """
    above = line_of_management(session, company_id, owner, day)
    free_above = [user for user in above if user not in barred]
    named: list[int] = []
    for candidate in candidates:
        if candidate.kind == "manager":
            named += free_above[int(candidate.who) - 1 : int(candidate.who)] or free_above[-1:]
        elif candidate.kind == "role":
            named += holders(session, company_id, candidate.who)
        else:
            named += session.scalars(
                select(AppUser.id).where(AppUser.username == candidate.who, AppUser.disabled_at.is_(None))
            )
    free = [user for user in dict.fromkeys(named) if user not in barred]
    if not free and named:
        free = free_above[:1]
    return free or [user for user in holders(session, company_id, "administrator") if user not in barred]


def names_of_asked(session: Session, approval_id: int) -> str:
    """Who is asked now, by name."""
    found = session.execute(
        text(
            "SELECT u.name FROM oa.approval_task t JOIN core.app_user u ON u.id = t.user_id "
            "WHERE t.approval_id = :id AND t.state = 'open' ORDER BY u.name"
        ),
        {"id": approval_id},
    ).scalars()
    return ", ".join(found)


# As text: what waits does not depend on the rights of whoever asks.
GATES = text(
    """
    SELECT g.command_name FROM oa.workflow_definition d JOIN oa.workflow_gate g ON g.workflow_definition_id = d.id
    WHERE d.company_id = :company AND d.document_type = :kind AND d.state = 'active'
    """
)
REQUESTS = text(
    """
    SELECT id, number, state, content_hash FROM oa.approval
    WHERE document_type = :kind AND document_id = :id ORDER BY id DESC
    """
)


def gated(session: Session, document_type: str, row: Any) -> Mapping[str, core_approval.ApprovalMissing]:
    """The commands on this document that its approval rule holds up now, each with what is missing."""
    company_id = getattr(row, "company_id", None)
    if company_id is None or document_type == approval.name:
        return {}
    commands = known(
        session,
        ("gates", company_id, document_type),
        lambda: tuple(session.scalars(GATES, {"company": company_id, "kind": document_type})),
    )
    if not commands:
        return {}
    requests = session.execute(REQUESTS, {"kind": document_type, "id": row.id}).all()
    approved = [r for r in requests if r.state == "approved"]
    document = DOCUMENTS[document_type]
    if approved and content_hash(session, document, row) in {r.content_hash for r in approved}:
        return {}
    return {name: _what_is_missing(session, document, name, requests, approved) for name in commands}


def _what_is_missing(
    session: Session, document: Document, name: str, requests: Any, approved: Any
) -> core_approval.ApprovalMissing:
    command = COMMANDS[name].title if name in COMMANDS else name
    if not requests:
        return NotApproved(command=command, entity=document.title)
    last = requests[0]
    if last.state == "pending":
        return WaitsForApproval(command=command, number=last.number, names=names_of_asked(session, last.id))
    if approved:
        return ChangedAfterApproval(command=command, entity=document.title, number=approved[0].number)
    return ApprovalRefused(command=command, number=last.number, state=approval.states[last.state])


core_approval.GUARDS.append(gated)
