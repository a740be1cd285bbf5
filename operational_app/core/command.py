"""Commands: a clerk's verbs. One typed function yields endpoint, form, OpenAPI, permission, audit and events.

    @command(sales_order, _("Confirm"), states=("draft",))
    def confirm_sales_order(work: Work, order: SalesOrder) -> SalesOrder:
        \"""Promise the goods: reserve stock and take up credit.\"""

The signature says the rest: a second parameter typed as a table means that the command acts on that document (it is
loaded, locked, and its version and state are checked); a parameter typed as a `Body` is what the clerk fills in. The
function flushes and never commits; `core/execute.py` is the edge that does.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from operational_app.core import event as events
from operational_app.core import outbox
from operational_app.core.db import Base
from operational_app.core.document import Document, document_of
from operational_app.core.exchange import minor_units_of
from operational_app.core.i18n import Text
from operational_app.core.models import Company, DocumentLink, Event
from operational_app.core.numbering import next_number
from operational_app.core.platform_models import Notification, OutboxMessage
from operational_app.core.policy import Principal

COMMANDS: dict[str, "Command"] = {}

# What a command's form begins with, where that is more than the document's present values: command name → function of
# session and the document acted on, giving field values (for lines a list of dicts), such as an invoice's lines.
DEFAULTS: dict[str, Callable[[Session, Any], dict[str, Any]]] = {}


class Body(BaseModel):
    """What a clerk fills in. Unknown fields are refused, so that a misspelt one is never lost in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True)
class Reference:
    """Marks a body field that holds the row number of a document: the form offers a type-ahead for it."""

    document: str


def Ref(document: str) -> Any:
    """The type of a body field that refers to a document."""
    return Annotated[int, Reference(document), Field(ge=1, le=2**63 - 1, json_schema_extra={"x-reference": document})]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A declared verb.

    Attributes:
        acts_on: the table of the document that it changes; None where it makes a new one.
        body: what it asks for; None where nothing.
        states: states of the document in which it is possible; empty for any.
        needs_company: False for the few that stand above companies.
        onward: it leads the document on its way, so a document in one of the states waits for it. False for what takes
            back or is for exceptions: cancel, return, reverse.
        anywhere: the right in any company is enough: the command itself sees to what it is used on, such as a comment
            on a document that the user may read, or a token of the user's own.
    """

    name: str
    module: str
    title: Text
    document: Document
    function: Callable[..., Any]
    acts_on: type[Base] | None
    body: type[Body] | None
    states: tuple[str, ...]
    needs_company: bool
    onward: bool
    anywhere: bool

    @property
    def help(self) -> str:
        return inspect.cleandoc(self.function.__doc__ or "")

    def parameter(self, kind: type) -> str:
        return next(n for n, t in _hints(self.function).items() if n != "return" and t is kind)


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(function)


def command(
    document: Document,
    title: Text,
    *,
    states: tuple[str, ...] = (),
    needs_company: bool = True,
    onward: bool = True,
    anywhere: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the function below as a command on `document`."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        hints = {name: kind for name, kind in get_type_hints(function).items() if name != "return"}
        tables = [kind for kind in hints.values() if isinstance(kind, type) and issubclass(kind, Base)]
        bodies = [kind for kind in hints.values() if isinstance(kind, type) and issubclass(kind, Body)]
        if function.__name__ in COMMANDS:
            raise ValueError(f"command {function.__name__} is declared twice")
        if not function.__doc__:
            raise ValueError(f"command {function.__name__} needs a docstring: it is its help")
        COMMANDS[function.__name__] = Command(
            name=function.__name__,
            module=document.module,
            title=title,
            document=document,
            function=function,
            acts_on=tables[0] if tables else None,
            body=bodies[0] if bodies else None,
            states=states,
            needs_company=needs_company and not anywhere,
            onward=onward,
            anywhere=anywhere,
        )
        return function

    return declare


@dataclass
class Work:
    """What a command works with: the session of its transaction, who acts, for which company, and what day it is."""

    session: Session
    principal: Principal
    company: Company | None
    command: str
    # The document that answers the command where that is not the one the function returns: a handler in `links` that
    # makes the next document of the chain (an invoice out of a delivery) puts it here.
    outcome: Base | None = None
    # What else the answer tells, such as how many rows a file brought; JSON.
    details: dict[str, Any] = field(default_factory=dict)
    # What the answer tells this one time and nobody keeps, such as a new token: text.
    shown_once: dict[str, str] = field(default_factory=dict)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @property
    def company_id(self) -> int:
        if self.company is None:
            raise ValueError(f"{self.command} works without a company")
        return self.company.id

    @property
    def minor_units(self) -> int:
        """Decimals of amounts in the company's currency."""
        if self.company is None:
            raise ValueError(f"{self.command} works without a company")
        return minor_units_of(self.session, self.company.currency)

    def announce(self, fact: events.DomainEvent) -> None:
        """Record a fact and let the other modules act on it, now, in this transaction."""
        self.session.flush()
        event = Event(
            name=type(fact).__name__,
            document_type=fact.document_type,
            document_id=fact.document_id,
            payload=events.payload_of(fact),
            actor=self.principal.username,
        )
        self.session.add(event)
        if outbox.somebody_listens(self.session):
            self.session.flush()
            outbox.tell_webhooks(self.session, event.id)
        for handler in events.LINKS.get(type(fact), []):
            handler(self, fact)
        self.session.flush()

    def notify(self, user_id: int, message: Text, about: Base, **details: object) -> None:
        """Tell a user something about a document: a sentence with places for values, translated when it is read."""
        self.session.flush()
        self.session.add(
            Notification(
                user_id=user_id,
                message=str.__str__(message),
                details={name: str(value) for name, value in details.items()},
                document_type=document_of(type(about)).name,
                document_id=about.id,
            )
        )

    def mail(self, address: str, subject: str, text: str) -> None:
        """Send a mail once this transaction is there (`hub outbox send`)."""
        self.session.add(OutboxMessage(kind="mail", address=address, payload={"subject": subject, "text": text}))

    def new_id(self, model: type[Base]) -> int:
        """A row number to be, for rows that refer to one another and may not be changed once they are there."""
        return self.new_ids(model, 1)[0]

    def new_ids(self, model: type[Base], count: int) -> list[int]:
        """So many row numbers to be, at once."""
        table = model.__table__
        sequence = func.pg_get_serial_sequence(f"{table.schema}.{table.name}", "id")
        each = func.generate_series(1, count).table_valued("n")
        return list(self.session.scalars(select(func.nextval(sequence)).select_from(each)))

    def number(self, document: Document, day: date | None) -> str:
        """The next gapless number of this kind of document; a series a year where `day` is given."""
        return next_number(self.session, self.company_id, document.name, document.prefix, day.year if day else None)

    def link(self, earlier: Base, later: Base) -> None:
        """Note that `later` came from `earlier`; related documents are shown as a chain."""
        self.session.flush()
        self.session.execute(
            insert(DocumentLink)
            .values(
                from_type=document_of(type(earlier)).name,
                from_id=earlier.id,
                to_type=document_of(type(later)).name,
                to_id=later.id,
            )
            .on_conflict_do_nothing()
        )
