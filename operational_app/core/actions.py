"""What a user may do: which commands there are for a document, which of them now, and what their forms begin with."""

from dataclasses import dataclass
from typing import Any, get_args, get_origin

from sqlalchemy.orm import Session

from operational_app.core import approval, reading
from operational_app.core.command import COMMANDS, DEFAULTS, Body, Command
from operational_app.core.document import Document
from operational_app.core.errors import NotPermitted, WrongState
from operational_app.core.i18n import _
from operational_app.core.policy import Principal
from operational_app.core.row_policy import covers

# Longer reasons stand behind a “Why?”: beside a button they would push everything else down.
LONGEST_BESIDE = 100


@dataclass(frozen=True)
class Action:
    """A command that could be run on a document, and why not, where it can't be run now.

    Attributes:
        reason: the whole sentence; empty where it can be run.
        short: what stands beside the button that cannot be pressed; empty where only the whole sentence would do.
    """

    command: Command
    reason: str
    short: str = ""

    @property
    def allowed(self) -> bool:
        return not self.reason


def commands_on(document: Document) -> list[Command]:
    """The commands that act on a document of this kind, in the order of their declaration."""
    return [c for c in COMMANDS.values() if c.acts_on is not None and issubclass(document.model, c.acts_on)]


def commands_that_make(document: Document) -> list[Command]:
    """The commands that make a new document of this kind out of nothing but what is filled in."""
    return [c for c in COMMANDS.values() if c.acts_on is None and c.document is document]


def may_act_on(principal: Principal, command: Command, row: Any) -> bool:
    """Whether the right to run a command reaches this document. What stands above companies is for who may in all of
    them, or for whom it is their own: else a right in one company would reach the rest. A command for anywhere needs the
    right in one: whose rows it takes, the document says (`only`)."""
    may = principal.may_run(command.document.name, command.name)
    if getattr(row, "company_id", None) is None:
        if command.anywhere:
            return bool(may)
        if not may.own:
            return may.everywhere
    return covers(principal, may, row)


def actions_on(principal: Principal, document: Document, row: Any) -> list[Action]:
    """Every command on this document, each with the sentence that says why not: first what leads it on its way now.

    Commands that none of the user's roles gives are left out: they are other people's work.
    """
    actions = []
    waiting = approval.missing(row)
    for command in commands_on(document):
        if not principal.may_run(command.document.name, command.name):
            continue
        reason = short = ""
        if not may_act_on(principal, command, row):
            reason = str(NotPermitted(action=command.title, entity=command.document.title))
        elif command.name in waiting:
            reason = str(waiting[command.name])
        elif command.states and (state := getattr(row, "state", None)) not in command.states:
            shown = document.states.get(str(state), state)
            reason = str(WrongState(command=command.title, entity=document.title, state=shown))
            short = _("not possible while “{state}”").format(state=shown)
        actions.append(Action(command, reason, str(short) or (reason if len(reason) <= LONGEST_BESIDE else "")))
    return sorted(actions, key=lambda action: (not action.allowed, not action.command.onward))


def may_submit(principal: Principal, document: Document, row: Any) -> bool:
    """Whether the next thing to do with this document is to submit it for approval, by the verb for all documents.

    A document with a submitting verb of its own is submitted by that: its state moves along.
    """
    command = COMMANDS.get(approval.SUBMIT)
    own = any(c.name.startswith("submit_") for c in commands_on(document))
    company_id = getattr(row, "company_id", None)
    if command is None or own or company_id not in principal.may_run(command.document.name, command.name):
        return False
    return any(refusal.may_submit for refusal in approval.missing(row).values())


def starting_values(session: Session, command: Command, document: Document | None, row: Any) -> dict[str, Any]:
    """What a command's form begins with: the document's present values where the command writes the document anew, and
    over them what the command's module offers (`command.DEFAULTS`).

    A command writes the document anew when every field that it asks for is a column of the document or of its lines. Any
    other, such as one that makes the next document of a chain, begins empty unless its module says with what.
    """
    if command.body is None or row is None or document is None:
        return {}
    values = _present_values(session, command.body, document, row)
    if (offer := DEFAULTS.get(command.name)) is not None:
        values |= offer(session, row)
    return values


def _present_values(session: Session, body: type[Body], document: Document, row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    kinds = {lines.name: lines for lines in document.lines}
    for name, field in body.model_fields.items():
        inner = _line_body(field.annotation)
        if inner is None and reading.has_column(document.model, name):
            values[name] = getattr(row, name)
        elif (
            inner is not None
            and name in kinds
            and all(reading.has_column(kinds[name].model, n) for n in inner.model_fields)
        ):
            rows = reading.read_lines(session, kinds[name], row.id)
            values[name] = [{n: getattr(line, n) for n in inner.model_fields} for line in rows]
        else:
            return {}
    return values


def _line_body(annotation: Any) -> type[Body] | None:
    """The body of one line, where a field is a list of lines."""
    inner = get_args(annotation)[0] if get_origin(annotation) is list else None
    return inner if isinstance(inner, type) and issubclass(inner, Body) else None
