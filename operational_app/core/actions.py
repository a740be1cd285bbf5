"""What a user may do: which commands there are for a document, which of them now, and what their forms begin with."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from operational_app.core import reading
from operational_app.core.command import COMMANDS, DEFAULTS, Command
from operational_app.core.document import Document
from operational_app.core.errors import NotPermitted, WrongState
from operational_app.core.policy import Principal


@dataclass(frozen=True)
class Action:
    """A command that could be run on a document, and why not, where it can't be run now."""

    command: Command
    reason: str

    @property
    def allowed(self) -> bool:
        return not self.reason


def commands_on(document: Document) -> list[Command]:
    """The commands that act on a document of this kind, in the order of their declaration."""
    return [c for c in COMMANDS.values() if c.acts_on is not None and issubclass(document.model, c.acts_on)]


def commands_that_make(document: Document) -> list[Command]:
    """The commands that make a new document of this kind out of nothing but what is filled in."""
    return [c for c in COMMANDS.values() if c.acts_on is None and c.document is document]


def actions_on(principal: Principal, document: Document, row: Any) -> list[Action]:
    """Every command on this document, those possible now first, each with the sentence that says why not.

    Commands that none of the user's roles gives are left out: they are other people's work.
    """
    company_id = getattr(row, "company_id", None)
    actions = []
    for command in commands_on(document):
        may = principal.may_run(command.document.name, command.name)
        if not may:
            continue
        reason = ""
        if company_id is not None and company_id not in may:
            reason = str(NotPermitted(permission=f"{command.document.name}.{command.name}"))
        elif command.states and (state := getattr(row, "state", None)) not in command.states:
            shown = document.states.get(str(state), state)
            reason = str(WrongState(command=command.title, entity=document.title, state=shown))
        actions.append(Action(command, reason))
    return sorted(actions, key=lambda action: not action.allowed)


def starting_values(session: Session, command: Command, document: Document | None, row: Any) -> dict[str, Any]:
    """What a command's form begins with: what the command's module offers, else the document's present values.

    The present values are offered only where the command changes the document that it acts on; a command that makes the
    next document of a chain begins empty unless its module says with what (`command.DEFAULTS`).
    """
    if command.body is None or row is None or document is None:
        return {}
    if (offer := DEFAULTS.get(command.name)) is not None:
        return offer(session, row)
    if command.document is not document:
        return {}
    names = set(command.body.model_fields)
    values = {name: getattr(row, name) for name in names if reading.has_column(document.model, name)}
    for lines in document.lines:
        if lines.name in names:
            values[lines.name] = [
                {a.key: getattr(line, a.key) for a in lines.model.__mapper__.column_attrs}
                for line in reading.read_lines(session, lines, row.id)
            ]
    return values
