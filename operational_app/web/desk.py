"""What lies on a visitor's desk: what is to be decided, what waits, what was worked on lately, and where a word leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from operational_app.core import actions, reading
from operational_app.core.command import Command
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.labels import label
from operational_app.core.models import ChangeLog
from operational_app.core.row_policy import UNLIMITED
from operational_app.oa.workflow.models import ApprovalTask, approval, deputised
from operational_app.web import display
from operational_app.web.tables import list_address, page_of
from operational_app.web.visitor import Visitor

# Counting further would cost a scan of the table, and nobody reads the digits.
MOST_COUNTED = 1000
MOST_TO_DECIDE = 15
MOST_LATELY = 8
MOST_PLACES = 8
# How far back in the log one's own work is looked for: the log has no order by person, and lately is not long ago.
LOOKED_BACK = 5000
# A command that is about another document, or that takes a whole file's text, begins on that document's page.
NOT_FROM_HOME = frozenset({"document_type", "content"})


@dataclass(frozen=True)
class Recent:
    """A document that the visitor worked on."""

    title: str
    name: str
    address: str
    state: str
    tone: str
    moment: Any


@dataclass(frozen=True)
class Place:
    """Somewhere in the app that a word leads to: a list, a form, a report."""

    title: str
    kind: str
    address: str


def allowed_makers(visitor: Visitor, document: Document) -> list[Command]:
    """Commands by which this visitor may make a document of this kind, in the company chosen."""
    company_id = visitor.company.id if visitor.company else None

    def allowed(command: Command) -> bool:
        may = visitor.principal.may_run(command.document.name, command.name)
        if command.anywhere:
            return bool(may) and not is_about_another(command)
        return company_id in may.anywhere if command.needs_company else may.everywhere

    # A file is brought in from the list of what it brings.
    return [c for c in actions.commands_that_make(document) if allowed(c) and c.name != "import_file"]


def is_about_another(command: Command) -> bool:
    """Whether the command begins on the page of another document, or takes a whole file's text."""
    return bool(command.body and set(command.body.model_fields) & NOT_FROM_HOME)


def to_decide(session: Session, visitor: Visitor) -> list[Any]:
    """Requests for approval that ask the visitor, or somebody whom the visitor stands in for; the oldest first."""
    if not visitor.principal.may_read(approval.name):
        return []
    me = visitor.principal.user_id
    asked = select(ApprovalTask.approval_id).where(
        ApprovalTask.state == "open",
        or_(ApprovalTask.user_id == me, ApprovalTask.user_id.in_(deputised([me], datetime.now(UTC).date()))),
    )
    model = approval.model
    return list(
        session.scalars(
            reading.visible(visitor.principal, approval)
            .where(model.id.in_(asked), model.state == "pending")
            .order_by(model.id)
            .limit(MOST_TO_DECIDE)
        )
    )


def waiting(session: Session, visitor: Visitor) -> list[dict[str, Any]]:
    """What waits for this visitor: how many documents are in a state from which one of the visitor's commands leads on.

    Only documents with a business date: a customer that could be blocked does not wait for it. Nor does an order wait to
    be cancelled or written anew. Requests for approval are listed one by one (`to_decide`): most wait for somebody else.
    """
    company = visitor.company.code if visitor.company else ""
    asked: list[tuple[Document, str, list[str]]] = []
    for document in DOCUMENTS.values():
        if document is approval or not visitor.principal.may_read(document.name):
            continue
        if not reading.has_column(document.model, "business_date"):
            continue
        onward = [c for c in actions.commands_on(document) if c.onward and not c.name.startswith("change_")]
        for state in document.states:
            commands = [
                str(c.title) for c in onward if state in c.states and visitor.principal.may_run(c.document.name, c.name)
            ]
            if commands:
                asked.append((document, state, commands))
    queries = [(document, reading.Query(states=(state,), company=company)) for document, state, _commands in asked]
    return [
        {
            "document": document,
            "state": state,
            "title": str(document.states[state]),
            "commands": commands,
            "count": f"{MOST_COUNTED}+" if number == MOST_COUNTED else str(number),
        }
        for (document, state, commands), number in zip(asked, counts(session, visitor, queries), strict=True)
        if number
    ]


def counts(session: Session, visitor: Visitor, asked: Sequence[tuple[Document, reading.Query]]) -> Sequence[int]:
    """How many documents match each query, counted no further than `MOST_COUNTED`: one statement for all."""
    if not asked:
        return ()
    found = []
    for document, query in asked:
        matching = reading.matching(session, visitor.principal, document, query).with_only_columns(document.model.id)
        found.append(select(func.count()).select_from(matching.limit(MOST_COUNTED).subquery()).scalar_subquery())
    return tuple(session.execute(select(*(one.label(f"n{at}") for at, one in enumerate(found)))).one())


def lately(session: Session, visitor: Visitor) -> list[Recent]:
    """The documents that the visitor changed last, of those that the visitor may read."""
    last = session.scalar(select(func.max(ChangeLog.sequence))) or 0
    entries = session.execute(
        select(
            ChangeLog.schema_name, ChangeLog.table_name, ChangeLog.row_key, func.max(ChangeLog.recorded_at).label("at")
        )
        .where(ChangeLog.sequence > last - LOOKED_BACK, ChangeLog.actor == visitor.principal.username)
        .group_by(ChangeLog.schema_name, ChangeLog.table_name, ChangeLog.row_key)
        .order_by(func.max(ChangeLog.sequence).desc())
        .limit(LOOKED_BACK),
        execution_options=UNLIMITED,
    )
    # A document whose address is not in the menu, such as a token or a view, is no work.
    documents = {
        (d.model.__table__.schema, d.model.__table__.name): d
        for d in DOCUMENTS.values()
        if d.in_menu and "number" in d.fields() and visitor.principal.may_read(d.name)
    }
    found: list[Recent] = []
    for schema, table, key, moment in entries:
        document = documents.get((schema, table))
        if document is None or not key.isdigit():
            continue
        row = session.scalars(
            reading.visible(visitor.principal, document).where(document.model.id == int(key))
        ).one_or_none()
        if row is None or getattr(row, "number", None) is None:
            continue
        state = getattr(row, "state", "") or ""
        found.append(
            Recent(
                str(document.title),
                reading.describe(document, row),
                page_of(document, row.id),
                str(document.states.get(state, state)),
                display.tone(state),
                moment,
            )
        )
        if len(found) == MOST_LATELY:
            break
    return found


def places(visitor: Visitor, words: str, reports: dict[str, Any]) -> list[Place]:
    """Lists, forms and reports whose names have all these words in them, in the reader's language or in English."""
    wanted = words.casefold().split()
    if not wanted:
        return []

    def fits(*texts: object) -> bool:
        # The English source is asked as well: a word learnt from a colleague leads there in any language.
        names = [name.casefold() for text in texts for name in (str(text), str.__str__(text))]  # type: ignore[arg-type]
        return any(all(word in name for word in wanted) for name in names)

    found: list[Place] = []
    for document in DOCUMENTS.values():
        if not document.in_menu:
            continue
        if visitor.principal.may_read(document.name) and fits(document.plural, document.title):
            found.append(Place(str(document.plural), "list", list_address(document)))
        for command in allowed_makers(visitor, document):
            if fits(command.title, document.title) and not is_about_another(command):
                found.append(Place(str(command.title), "form", f"/do/{command.name}"))
    found += [
        Place(label(name), "report", f"/reports/{name}")
        for name, report in reports.items()
        if fits(label(name), report.title, name.replace("-", " "))
    ]
    return found[:MOST_PLACES]


def about(session: Session, visitor: Visitor, document: Document, row: Any) -> list[tuple[Document, str, str]]:
    """What there is about a master record, such as a customer's orders: (document, how many, address of that list).

    Only for what has no business date of its own: what comes of an order stands in its chain.
    """
    if reading.has_column(document.model, "business_date") or reading.has_column(document.model, "posting_date"):
        return []
    column = document.name + "_id"
    others = [
        other
        for other in DOCUMENTS.values()
        if other.in_menu
        and reading.has_column(other.model, column)
        and visitor.principal.may_read(other.name)
        and reading.is_open(visitor.principal, other, column)
    ]
    query = reading.Query(filters={column: str(row.id)})
    numbers = counts(session, visitor, [(other, query) for other in others])
    return [
        (
            other,
            f"{MOST_COUNTED}+" if number == MOST_COUNTED else str(number),
            f"{list_address(other)}?{column}={row.id}",
        )
        for other, number in zip(others, numbers, strict=True)
        if number
    ]
