"""What every part of the simulated company shares: its calendar, its chance, and the way it runs a command.

A day's actions come out of a calendar; an action may put later ones into it (an order its delivery, a delivery its
invoice, an invoice its payment). Randomness comes from one seeded generator, so the same seed and dates give the same
documents with the same numbers.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Engine, func, select

from operational_app.core import db
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import Refusal
from operational_app.core.execute import execute
from operational_app.core.list_indexes import is_large
from operational_app.core.models import AppUser, Company

Action = Callable[[date], None]


@dataclass
class Story:
    """One company's story.

    Args:
        company: code of a company that is there, with its years open.
        first, last: days of the story; nothing happens after `last`, so some orders, deliveries and bills stay open.
        progress: told after each action (day, commands so far).
    """

    company: str
    seed: int
    first: date
    last: date
    bind: Engine | None = None
    progress: Callable[[date, int], None] = lambda _day, _count: None
    commands: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.calendar: list[tuple[date, int, Action]] = []
        self.order_of_entry = 0
        self.place = 0
        # Row of the item → what it costs at first, and its group.
        self.cost: dict[int, Decimal] = {}
        self.groups: dict[int, str] = {}
        with db.reading(self.bind) as session:
            self.users = dict(session.execute(select(AppUser.username, AppUser.id)).all())

    def do(self, user: str, command: str, answer: dict[str, Any] | None = None, **body: Any) -> dict[str, Any]:
        """Run a command, on the document of an earlier answer where one is given."""
        self.commands += 1
        body |= {"company": self.company} if answer is None else {"id": answer["id"], "version": answer["version"]}
        key = f"{self.company}:{self.seed}:{self.first}:{self.commands}"
        return execute(self.users[user], command, body, key, bind=self.bind)

    def now(self, model: type[Any], row_id: int) -> dict[str, Any]:
        """A document as it is now, for a command that acts on it after others have."""
        with db.reading(self.bind) as session:
            return {"id": row_id, "version": session.scalars(select(model.version).where(model.id == row_id)).one()}

    def latest(self, model: type[Any], *where: Any) -> int:
        """Row of the newest document that these conditions fit."""
        with db.reading(self.bind) as session:
            return session.scalars(select(model.id).where(*where).order_by(model.id.desc()).limit(1)).one()

    def tried(
        self, user: str, command: str, answer: dict[str, Any] | None = None, **body: Any
    ) -> dict[str, Any] | None:
        """Run a command that the story allows to be refused (credit, stock); refusals are counted, not hidden."""
        try:
            return self.do(user, command, answer, **body)
        except Refusal as refusal:
            self.count(refusal)
            return None

    def count(self, refusal: Refusal) -> None:
        """Note a refusal that belongs to the story."""
        kind = type(refusal).__name__
        self.refused[kind] = self.refused.get(kind, 0) + 1

    def at(self, day: date, action: Action) -> None:
        """Let something happen on a day; what lies after the story's end stays undone."""
        if day <= self.last:
            self.order_of_entry += 1
            heapq.heappush(self.calendar, (workday(day), self.order_of_entry, action))

    def follow_calendar(self) -> None:
        """Let everything in the calendar happen, in order, until the story ends."""
        while self.calendar:
            day, _order, action = heapq.heappop(self.calendar)
            if day > self.last:
                break
            action(day)
            self.progress(day, self.commands)


def documents_of(company: str, bind: Engine | None = None) -> int:
    """How many dated documents with a number a company has."""
    kinds = [d.model for d in DOCUMENTS.values() if is_large(d) and "number" in d.model.__table__.columns]
    with db.reading(bind) as session:
        company_id = session.scalars(select(Company.id).where(Company.code == company)).one()
        return sum(
            session.scalar(select(func.count()).select_from(kind).where(kind.company_id == company_id)) or 0
            for kind in kinds
        )


def workday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day
