"""The row side of the policy: how far a right reaches, as a condition on rows, at the lowest layer.

`limit()` puts the conditions into force for a session that reads for somebody: whatever query runs in it meets only the
rows of each entity that the user may read, joined and nested ones included. What is not readable at all is not there.

A command's own work runs under `limit_to_companies()`: posting a delivery reads ledger accounts that the warehouse may
not look at. What the caller hands over, the document and the references in the body, is resolved under `limit()`.
"""

from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, and_, event, false, literal, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, object_session, with_loader_criteria
from sqlalchemy.sql import visitors

from operational_app.core import policy
from operational_app.core.db import CompanyRow
from operational_app.core.document import DOCUMENTS, Document, Lines
from operational_app.core.models import AppUser, Company
from operational_app.core.policy import Companies, People, Principal, Reach

# Columns that say whose row it is → which of a person's ids stands in them.
OWNERS: dict[str, Callable[[People], frozenset[int]]] = {
    "created_by": lambda people: people.user_ids,
    "user_id": lambda people: people.user_ids,
    "party_id": lambda people: people.party_ids,
    "employee_id": lambda people: people.party_role_ids,
}
# Whose rows they are where no column of the table says so: table → condition for these people.
OWNED: dict[type[Any], Callable[[People], ColumnElement[bool]]] = {
    AppUser: lambda people: AppUser.id.in_(sorted(people.user_ids)),
}
# Execution options of a query that is not narrowed by entity: users and companies are named for everybody, and whether a
# document is approved does not depend on who asks.
UNLIMITED = {"unlimited": True}


def has_owner(model: type[Any]) -> bool:
    """Whether `own` and `department` mean anything for this table."""
    return model in OWNED or any(hasattr(model, name) for name in OWNERS)


def belongs_to(model: type[Any], people: People) -> ColumnElement[bool]:
    """Condition for rows of these people; a table that knows no owner has none."""
    if model in OWNED:
        return OWNED[model](people)
    return or_(
        false(),
        *(getattr(model, name).in_(sorted(ids(people))) for name, ids in OWNERS.items() if hasattr(model, name)),
    )


def condition(model: type[Any], principal: Principal, reach: Reach) -> ColumnElement[bool] | None:
    """Condition for the rows of a document's table that a right covers; None for all of them."""
    if model is Company:
        return None if reach.everywhere else Company.id.in_(sorted(reach.companies.ids))
    within = hasattr(model, "company_id")
    if reach.above if not within else reach.everywhere:
        return None
    parts = [model.company_id.in_(sorted(reach.companies.ids))] if within and reach.companies else []
    for where, people in ((reach.department, principal.department), (reach.own, principal.me)):
        if where:
            theirs = belongs_to(model, people)
            parts.append(theirs if not within or where.everywhere else and_(_in_companies(model, where), theirs))
    return or_(false(), *parts)


def _in_companies(model: type[Any], where: Companies) -> ColumnElement[bool]:
    return model.company_id.in_(sorted(where.ids))


def condition_on_lines(document: Document, lines: Lines, principal: Principal, reach: Reach) -> Any:
    """Condition for the lines of the documents that a right covers; None for all of them."""
    head = condition(document.model, principal, reach)
    if head is None:
        return None
    if hasattr(lines.model, "company_id") and not (reach.own or reach.department):
        return lines.model.company_id.in_(sorted(reach.companies.ids))
    return getattr(lines.model, lines.parent).in_(select(document.model.id).where(head))


class PastRow(SimpleNamespace):
    """A row as it was. Whose it is, the row of today says: `today`, None where there is none any more."""

    today: Any = None


def covers(principal: Principal, reach: Reach, row: Any) -> bool:
    """Whether a right covers this row, which must still be with its session."""
    if isinstance(row, PastRow) and row.today is not None:
        row = row.today
    company_id = row.id if isinstance(row, Company) else getattr(row, "company_id", None)
    if company_id in reach.companies if company_id is not None else reach.above:
        return True
    if isinstance(row, PastRow) or not (reach.own or reach.department):
        return False
    session = object_session(row)
    if session is None:
        return False
    model = type(row)
    theirs = condition(model, principal, reach)
    return theirs is None or bool(session.scalar(select(literal(True)).where(model.id == row.id, theirs)))


@cache
def _kept_in(model: type[Any], _declared: int) -> list[tuple[Document, Lines | None]]:
    """The documents that a table keeps, and those whose lines it keeps; asked anew when more have been declared."""
    found: list[tuple[Document, Lines | None]] = []
    for document in DOCUMENTS.values():
        if document.model is model:
            found.append((document, None))
        found += [(document, lines) for lines in document.lines if lines.model is model]
    return found


class Limits:
    """What a session shows to one user. Conditions are made when a table is first met, since most never are."""

    def __init__(self, principal: Principal, *, by_entity: bool) -> None:
        self.principal = principal
        self.by_entity = by_entity
        self.options: dict[type[Any], Any] = {}
        companies = policy.sum_of(principal)
        ids = sorted(companies.ids)
        self.floor = (
            []
            if companies.everywhere
            else [with_loader_criteria(CompanyRow, lambda cls: cls.company_id.in_(ids), include_aliases=True)]
        )

    def option(self, model: type[Any]) -> Any:
        """The loader option that narrows one table; None where all of it may be seen or it is no entity's."""
        if model not in self.options:
            found = list(self.conditions(model))
            narrow = None if not found or any(c is None for c in found) else or_(false(), *found)
            self.options[model] = None if narrow is None else with_loader_criteria(model, narrow, include_aliases=True)
        return self.options[model]

    def conditions(self, model: type[Any]) -> Iterator[Any]:
        """A condition for each way in which the rows may be read: as documents, or as lines of documents."""
        for document, lines in _kept_in(model, len(DOCUMENTS)):
            reach = self.principal.may_read(document.name)
            if lines is not None:
                yield condition_on_lines(document, lines, self.principal, reach)
            elif document.only is None:
                yield condition(model, self.principal, reach)
            else:
                yield document.only(self.principal) if reach else false()


def limit(session: Session, principal: Principal) -> None:
    """From now on this session shows only what the user may read."""
    session.info["limits"] = Limits(principal, by_entity=True)


def limit_to_companies(session: Session, principal: Principal) -> None:
    """From now on this session shows rows of the user's companies: the work of a command that the user may run."""
    session.info["limits"] = Limits(principal, by_entity=False)


def models_in(statement: Any) -> set[type[Any]]:
    """The mapped classes that a statement reads from, joined and nested ones included."""
    return {
        mapper.class_
        for part in visitors.iterate(statement)
        if (mapper := part._annotations.get("parentmapper")) is not None
    }


@event.listens_for(Session, "do_orm_execute")
def _limit_rows(state: ORMExecuteState) -> None:
    limits: Limits | None = state.session.info.get("limits")
    if limits is None or not state.is_select:
        return
    options = list(limits.floor)
    if limits.by_entity and not state.execution_options.get("unlimited"):
        options += [o for model in models_in(state.statement) if (o := limits.option(model)) is not None]
    if options:
        state.statement = state.statement.options(*options)
