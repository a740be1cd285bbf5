"""What a list shows and how it can be narrowed: columns, filters, views; everything of it stands in the address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, Integer, Numeric, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams

from operational_app.core import column_texts, reading
from operational_app.core.desk_models import SavedView
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.labels import label
from operational_app.core.policy import is_confidential
from operational_app.core.value_labels import value_label
from operational_app.web import display
from operational_app.web.tables import columns_of
from operational_app.web.templates import query_string
from operational_app.web.visitor import Visitor

# Parameters of a list's page that are no filters; `done` is what was just done, told once.
OF_PAGE = ("columns", "column", "view", "done")
# The address says that no view is wanted, not even the one that the list opens with.
NO_VIEW = "0"
NOT_OFFERED = ("id", "version", "company_id", "role")
MOST_COLUMNS = 40


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One input, or two for a range, that narrows a list by a column.

    Attributes:
        kind: text, choice, reference, date or number.
        value, to: what is asked for now; `to` is the end of a range.
        shown: for a reference, what the chosen row is called.
    """

    name: str
    label: str
    kind: str
    value: str = ""
    to: str = ""
    shown: str = ""
    document: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def active(self) -> bool:
        return bool(self.value or self.to)

    @property
    def text(self) -> str:
        """What is asked for, in words, for the line above the list."""
        if self.kind in ("date", "number"):
            return f"{self.value} – {self.to}".strip()
        return self.shown or dict(self.choices).get(self.value, self.value)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks of a list.

    Attributes:
        query: what to read.
        columns: which columns, in order.
        view: row of the saved view that the address came from; empty where none.
        changed: whether the columns differ from the document's own.
    """

    query: reading.Query
    columns: tuple[str, ...]
    view: str = ""
    changed: bool = False
    chips: tuple[Filter, ...] = field(default=())

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The address of this list; `more` replaces single parameters."""
        own = {
            "q": self.query.text,
            "state": ",".join(self.query.states),
            **self.query.filters,
            "sort": self.query.sort,
            "columns": ",".join(self.columns) if self.changed else "",
            "view": self.view,
        }
        return own | more

    def address(self, **more: Any) -> str:
        return query_string(self.parameters(**more))


def columns_asked(visitor: Visitor, document: Document, given: QueryParams) -> tuple[str, ...]:
    """The columns that an address names, those that there are and that the visitor may see; else the document's own."""
    wanted = given.getlist("column") or [name for name in given.get("columns", "").split(",") if name]
    there = [name for name in dict.fromkeys(wanted) if name in document.fields()]
    found = tuple(name for name in there if _readable(visitor, document, name))[:MOST_COLUMNS]
    return found or tuple(columns_of(document))


def columns_offered(visitor: Visitor, document: Document) -> list[tuple[str, str]]:
    """Every column that a list can show this visitor: the document's own first, then the rest by their labels."""
    own = columns_of(document)
    rest = [name for name in document.fields() if name not in own and name not in NOT_OFFERED]
    seen = [name for name in (*own, *sorted(rest, key=label)) if reading.has_column(document.model, name)]
    return [(name, label(name)) for name in seen if _readable(visitor, document, name)]


def _readable(visitor: Visitor, document: Document, name: str) -> bool:
    confidential = is_confidential(document.model, name)
    return bool(visitor.principal.where(document.name, name, "read", confidential=confidential))


def filters_for(
    session: Session, visitor: Visitor, document: Document, columns: tuple[str, ...], filters: Mapping[str, str]
) -> list[Filter]:
    """The filters of the columns shown, and of others that the address narrows by."""
    named = [name for name in columns if reading.has_column(document.model, name)]
    asked = [base for name in filters if (base := column_of(document, name)) not in named]
    found = []
    for name in dict.fromkeys((*named, *asked)):
        if name and name not in ("state", "company_id") and reading.is_open(visitor.principal, document, name):
            made = _filter_of(session, visitor, document, name, filters)
            if made is not None:
                found.append(made)
    return found


def column_of(document: Document, parameter: str) -> str:
    """The column that a filter of the address is about; empty where there is none."""
    for suffix in ("", "_from", "_to", "_has"):
        name = parameter.removesuffix(suffix)
        if parameter.endswith(suffix) and reading.has_column(document.model, name):
            return name
    return ""


def _filter_of(
    session: Session, visitor: Visitor, document: Document, name: str, filters: Mapping[str, str]
) -> Filter | None:
    kind = reading.column_type(document.model, name)
    exact = filters.get(name, "")
    target = reading.target_of(name)
    if target is not None:
        return _reference(session, visitor, name, target, exact)
    if isinstance(kind, Boolean):
        choices = (("true", value_label("true")), ("false", value_label("false")))
        return Filter(name=name, label=label(name), kind="choice", value=exact, choices=choices)
    if values := choices_in(document.model, name):
        choices = tuple((value, value_label(value)) for value in values)
        return Filter(name=name, label=label(name), kind="choice", value=exact, choices=choices)
    if isinstance(kind, Date | DateTime | Numeric | Integer):
        start, end = filters.get(name + "_from", exact), filters.get(name + "_to", exact)
        ranged = "date" if isinstance(kind, Date | DateTime) else "number"
        return Filter(name=name, label=label(name), kind=ranged, value=start[:40], to=end[:40])
    if isinstance(kind, JSONB | ARRAY) or kind.python_type is not str:
        return None
    return Filter(name=name, label=label(name), kind="text", value=filters.get(name + "_has", exact))


def _reference(session: Session, visitor: Visitor, name: str, target: Document, value: str) -> Filter | None:
    if not visitor.principal.may_read(target.name) or target.name not in DOCUMENTS:
        return None
    shown = ""
    if value.isascii() and value.isdigit() and 0 < int(value) <= column_texts.LARGEST_ID:
        row = session.scalars(
            reading.visible(visitor.principal, target).where(target.model.id == int(value))
        ).one_or_none()
        shown = reading.describe(target, row) if row is not None else f"#{value}"
    return Filter(name=name, label=label(name), kind="reference", value=value, shown=shown, document=target.name)


@cache
def choices_in(model: type[Any], name: str) -> tuple[str, ...]:
    """The values that the store allows in a text column, where a CHECK lists them."""
    for constraint in model.__table__.constraints:
        if isinstance(constraint, CheckConstraint):
            match = re.fullmatch(rf"{name} in \(((?:'[^']*'(?:, )?)+)\)", str(constraint.sqltext))
            if match:
                return tuple(re.findall(r"'([^']*)'", match[1]))
    return ()


def asked_in(query: reading.Query, visitor: Visitor, document: Document, given: QueryParams) -> Asked:
    """What an address asks, beside what the API's lists understand as well; what was left empty asks nothing."""
    columns = columns_asked(visitor, document, given)
    filters = {name: value for name, value in query.filters.items() if value != ""}
    view = given.get("view", "")
    return Asked(
        query=replace(query, filters=filters),
        columns=columns,
        view=view if view.isascii() and view.isdigit() and len(view) < 19 else "",
        changed=columns != tuple(columns_of(document)),
    )


def views_of(session: Session, visitor: Visitor, document: Document) -> list[SavedView]:
    """The views of a list that the visitor is offered: own ones first, then those that others share."""
    saved = DOCUMENTS["saved_view"]
    if not visitor.principal.may_read(saved.name):
        return []
    found = session.scalars(
        reading.visible(visitor.principal, saved)
        .where(SavedView.document_type == document.name)
        .order_by(SavedView.user_id != visitor.principal.user_id, SavedView.name)
    )
    return list(found)


def default_view(session: Session, visitor: Visitor, document: Document) -> SavedView | None:
    """The view that this list opens with for the visitor."""
    return session.scalars(
        select(SavedView).where(
            SavedView.user_id == visitor.principal.user_id,
            SavedView.document_type == document.name,
            SavedView.is_default,
        )
    ).one_or_none()


def exported(visitor: Visitor, document: Document, row: Any, name: str, called: Mapping[Any, Any]) -> Any:
    """A cell as it leaves in a file: names for references, words for states and choices, exact and typed values."""
    value = getattr(row, name)
    if value is None:
        return None
    if isinstance(value, int) and (name, value) in called:
        return called[(name, value)][0]
    if name == "state":
        return str(document.states.get(value, value))
    if isinstance(value, bool) or (isinstance(value, str) and name in display.CHOSEN):
        return display.show(value, name)
    if isinstance(value, list | dict):
        return display.show(value)
    return value
