"""Reading documents: lists page by page, one document with its lines, and the names of what they refer to.

Drawn from the declarations in `core/document.py` and limited by the policy: rows of companies in which the user may read
the entity, and of each row only the fields that the user may see there. Knows no web framework; the JSON API, the pages,
CSV and `hub` commands read through it.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Select,
    and_,
    false,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from operational_app.core import list_indexes
from operational_app.core.column_texts import LARGEST_ID, parse_value, wire
from operational_app.core.document import DOCUMENTS, Document, Lines, referenced
from operational_app.core.errors import InvalidInput, NotFound, NotPermitted
from operational_app.core.i18n import _, current_language
from operational_app.core.models import AppUser, Company, PartyRole
from operational_app.core.policy import Principal, Reach, is_confidential
from operational_app.core.row_policy import UNLIMITED, condition, covers
from operational_app.core.validation import is_storable

LONGEST_PAGE = 500
LONGEST_SEARCH = 200
# Of how many documents that fit a word the best are chosen.
MOST_WEIGHED = 200
# Columns that are named by the part that the document plays, not by the document.
NAMED_BY_PART = {
    "created_by": "app_user",
    "posted_by": "app_user",
    "counted_by": "app_user",
    "from_location_id": "stock_location",
    "to_location_id": "stock_location",
    "returned_move_id": "stock_move",
    "corrects_id": "stock_cost_line",
    "approved_by": "app_user",
    "user_id": "app_user",
    "deputy_user_id": "app_user",
    "on_behalf_of": "app_user",
    "author_id": "app_user",
    "manager_id": "employee",
    "done_by": "app_user",
    "reader_id": "app_user",
    "booking_run_id": "payroll_run",
    "reversal_entry_id": "journal_entry",
    "reverses_id": "journal_entry",
    "previous_statement_id": "bank_statement",
    "parent_department_id": "department",
}
# States in which a master record is offered last: it is there, but hardly what a clerk looks for.
OUT_OF_USE = ("blocked", "discontinued", "closed", "cancelled")


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked of a list.

    Attributes:
        text: words that must all occur in the searched columns.
        states: only documents in one of these states; empty for all.
        company: code of a company; empty for all that the user may see.
        filters: column, or column with `_from` or `_to` for a range, `_has` for a part of a text → value as text.
        sort: a column, with `-` before it for descending; empty: newest first.
        cursor: where the page before ended, as that page gave it.
        limit: rows a page, 1 to 500.
    """

    text: str = ""
    states: tuple[str, ...] = ()
    company: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    cursor: str = ""
    limit: int = 50


@dataclass(frozen=True)
class Page:
    """One page of a list: the rows, and where the next page begins (None on the last one)."""

    rows: list[Any]
    next: str | None


def has_column(model: type[Any], name: str) -> bool:
    return name in model.__mapper__.column_attrs


def column_type(model: type[Any], name: str) -> TypeEngine[Any]:
    return model.__mapper__.column_attrs[name].columns[0].type


def require_read(principal: Principal, document: Document) -> Reach:
    """How far the user may read this kind of document.

    Raises:
        NotPermitted: nowhere.
    """
    may = principal.may_read(document.name)
    if not may:
        raise NotPermitted(action=_("read"), entity=document.plural)
    return may


def visible(principal: Principal, document: Document) -> Select[Any]:
    """SELECT of all documents of this kind that the user may read."""
    may = require_read(principal, document)
    if document.only is not None:
        return select(document.model).where(document.only(principal))
    theirs = condition(document.model, principal, may)
    return select(document.model) if theirs is None else select(document.model).where(theirs)


def read_one(session: Session, principal: Principal, document: Document, row_id: int) -> Any:
    """One document.

    Raises:
        NotFound: it does not exist, or is not among those that the user may see.
    """
    found = None
    if 0 < row_id <= LARGEST_ID:
        found = session.scalars(visible(principal, document).where(document.model.id == row_id)).one_or_none()
    if found is None:
        raise NotFound(entity=document.title, key=row_id)
    return found


def read_lines(session: Session, lines: Lines, parent_id: int) -> list[Any]:
    """Rows that belong to a document, in their order."""
    model = lines.model
    order = [getattr(model, lines.order_by)] + ([model.id] if lines.order_by != "id" else [])
    found = select(model).where(getattr(model, lines.parent) == parent_id)
    if lines.only is not None:
        found = found.where(lines.only(model))
    return list(session.scalars(found.order_by(*order)))


def read_page(session: Session, principal: Principal, document: Document, query: Query) -> Page:
    """One page of a list, by keyset: the page is the same however many rows were added before it meanwhile.

    Raises:
        InvalidInput: names the parameter that cannot be understood.
        NotPermitted: the user may not read this kind of document, or not filter by a field that is hidden from them.
    """
    statement = matching(session, principal, document, query)
    name, descending = _sorting(principal, document, query.sort)
    model = document.model
    if not query.cursor and (exact := by_whole_number(document, statement, query)) is not None:
        if rows := list(session.scalars(exact.limit(LONGEST_PAGE))):
            return Page(rows, None)
    key, row_id = getattr(model, name), model.id
    order = [row_id.desc() if descending else row_id]
    if name != "id":
        first = key.desc() if descending else key.asc()
        # Where nothing is empty, the words would only keep an index from being walked backwards.
        order.insert(0, first.nulls_last() if _nullable(model, name) else first)
    if query.cursor:
        value, last_id = _decode_cursor(query.cursor, document, name, descending)
        statement = statement.where(_after(key, row_id, value, last_id, descending, _nullable(model, name)))
    if not 1 <= query.limit <= LONGEST_PAGE:
        raise InvalidInput(fields={"limit": _("Ask for 1 to {most} rows.").format(most=LONGEST_PAGE)})
    rows = list(session.scalars(statement.order_by(*order).limit(query.limit + 1)))
    following = None
    if len(rows) > query.limit:
        rows = rows[: query.limit]
        following = _encode_cursor(name, descending, getattr(rows[-1], name), rows[-1].id)
    return Page(rows, following)


def matching(session: Session, principal: Principal, document: Document, query: Query) -> Select[Any]:
    """SELECT of the documents that a query asks for, in no order yet."""
    model = document.model
    statement = visible(principal, document)
    grams = list_indexes.grams_of(document)
    for word in words_of(query.text):
        if grams is not None and list_indexes.has_pieces(word):
            # Narrows down by the index to what is then looked at.
            statement = statement.where(grams.contains(list_indexes.pieces(literal(word))))
        pattern = pattern_of(word)
        statement = statement.where(or_(false(), *(getattr(model, name).ilike(pattern) for name in document.search)))
    if query.states:
        if not has_column(model, "state"):
            raise InvalidInput(fields={"state": _("This document has no states.")})
        unknown = [state for state in query.states if document.states and state not in document.states]
        if unknown:
            raise InvalidInput(fields={"state": _("States are: {states}.").format(states=", ".join(document.states))})
        statement = statement.where(model.state.in_(query.states))
    if query.company:
        statement = statement.where(_in_company(session, document, query.company))
    for name, text in query.filters.items():
        statement = statement.where(_filter(principal, document, name, text))
    return statement


def pattern_of(word: str) -> str:
    """What a text is like that has this word anywhere in it."""
    return "%" + _prefix(word)


def by_whole_number(document: Document, statement: Select[Any], query: Query) -> Select[Any] | None:
    """The same list for who typed a whole number, such as SO-2026-00017: found by its index, where a part of a number or a
    word has to be looked for in every row. None where the text is no whole number."""
    text = query.text.strip().upper()
    if not document.prefix or not re.fullmatch(rf"{re.escape(document.prefix)}-\d{{4}}-\d{{5,}}", text):
        return None
    return statement.where(document.model.number == text)


def words_of(text: str) -> list[str]:
    """The words that a search is for.

    Raises:
        InvalidInput: it is too long, or has characters in it that no text has.
    """
    if len(text) > LONGEST_SEARCH or not is_storable(text):
        raise InvalidInput(fields={"q": _("Search for at most {most} plain characters.").format(most=LONGEST_SEARCH)})
    return text.split()


def _in_company(session: Session, document: Document, code: str) -> Any:
    if not has_column(document.model, "company_id"):
        raise InvalidInput(fields={"company": _("This document belongs to no company.")})
    # A page asks about many documents of one company.
    met: dict[str, int] = session.info.setdefault("company_ids", {})
    if code not in met:
        found = session.scalars(select(Company.id).where(Company.code == code)) if is_storable(code) else None
        company_id = found.one_or_none() if found else None
        if company_id is None:
            raise InvalidInput(fields={"company": _("There is no company with this code.")})
        met[code] = company_id
    return document.model.company_id == met[code]


def is_open(principal: Principal, document: Document, name: str) -> bool:
    """A field may order or narrow a list only where it is readable in every row of that list."""
    where = principal.where(document.name, name, "read", confidential=is_confidential(document.model, name))
    return name in document.fields() and principal.may_read(document.name) <= where


def _require_open_field(principal: Principal, document: Document, name: str, parameter: str) -> None:
    if not is_open(principal, document, name):
        raise InvalidInput(fields={parameter: _("This document has no such field that you may see.")})


def _filter(principal: Principal, document: Document, name: str, text: str) -> Any:
    model = document.model
    for suffix, narrowed in SUFFIXES.items():
        column_name = name.removesuffix(suffix)
        if name.endswith(suffix) and not has_column(model, name) and has_column(model, column_name):
            _require_open_field(principal, document, column_name, name)
            return narrowed(getattr(model, column_name), column_type(model, column_name), text, name)
    if not has_column(model, name):
        raise InvalidInput(fields={name: _("This document has no such field that you may see.")})
    _require_open_field(principal, document, name, name)
    column = getattr(model, name)
    return column.is_(None) if text == "" else column == parse_value(column_type(model, name), text, name)


def _from(column: Any, kind: TypeEngine[Any], text: str, parameter: str) -> Any:
    return column >= parse_value(kind, text, parameter)


def _to(column: Any, kind: TypeEngine[Any], text: str, parameter: str) -> Any:
    last = parse_value(kind, text, parameter)
    if isinstance(kind, DateTime) and len(text) == len("2026-11-30") and last < datetime(9999, 12, 31):
        # A day without a time means the whole of it.
        return column < last + timedelta(days=1)
    return column <= last


def _has(column: Any, kind: TypeEngine[Any], text: str, parameter: str) -> Any:
    if kind.python_type is not str or not is_storable(text) or len(text) > LONGEST_SEARCH:
        raise InvalidInput(fields={parameter: _("“{text}” is not possible here.").format(text=text[:80])})
    return column.ilike("%" + _prefix(text))


# What may stand behind a column's name in a filter.
SUFFIXES = {"_from": _from, "_to": _to, "_has": _has}


def _sorting(principal: Principal, document: Document, sort: str) -> tuple[str, bool]:
    if not sort:
        return "id", True
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    _require_open_field(principal, document, name, "sort")
    return name, descending


def _nullable(model: type[Any], name: str) -> bool:
    """Whether the column may be empty; a computed one (a name from another table) counts as if it could."""
    return bool(getattr(model.__mapper__.column_attrs[name].columns[0], "nullable", True))


def _after(key: Any, row_id: Any, value: Any, last_id: int, descending: bool, nullable: bool) -> Any:
    """What comes after a row in the list's order; empty values are last either way."""
    if key is row_id:
        return row_id < last_id if descending else row_id > last_id
    later_id = row_id < last_id if descending else row_id > last_id
    if value is None:
        return and_(key.is_(None), later_id)
    if not nullable:
        pair = tuple_(key, row_id)
        last = tuple_(literal(value, key.type), literal(last_id, BigInteger))
        return pair < last if descending else pair > last
    later = key < value if descending else key > value
    return or_(later, and_(key == value, later_id), key.is_(None))


def _encode_cursor(name: str, descending: bool, value: Any, row_id: int) -> str:
    content = json.dumps([name, descending, wire(value), row_id], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _decode_cursor(cursor: str, document: Document, name: str, descending: bool) -> tuple[Any, int]:
    wrong = InvalidInput(fields={"cursor": _("Use the cursor of the page before, with the same sorting.")})
    try:
        content = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        sorted_by, was_descending, value, row_id = content
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise wrong from error
    whole = isinstance(row_id, int) and not isinstance(row_id, bool) and 0 < row_id <= LARGEST_ID
    if (sorted_by, was_descending) != (name, descending) or not whole:
        raise wrong
    if value is None:
        return None, row_id
    return parse_value(column_type(document.model, name), str(value), "cursor"), row_id


def fields_of(principal: Principal, document: Document, row: Any) -> list[str]:
    """The fields of this row that the user may see, in the table's order."""
    return _readable_in(principal, document, document.model, document.fields(), row)


def fields_of_lines(principal: Principal, document: Document, lines: Lines, row: Any) -> list[str]:
    """The columns that the user may see in the lines of this document; lines share the rights of their document."""
    hidden = {lines.parent, "recorded_at", "company_id"}
    names = [a.key for a in lines.model.__mapper__.column_attrs if a.key not in hidden]
    return _readable_in(principal, document, lines.model, names, row)


def _readable_in(principal: Principal, document: Document, model: type[Any], names: list[str], row: Any) -> list[str]:
    """Those of a table's columns that the user may see in this document or its lines."""
    decided: dict[int, bool] = {}

    def readable(name: str) -> bool:
        where = principal.where(document.name, name, "read", confidential=is_confidential(model, name))
        if id(where) not in decided:
            # Most fields share one reach: it is looked at once a row. Who meets a row that only some may see, sees it.
            decided[id(where)] = bool(where) if document.only is not None else covers(principal, where, row)
        return decided[id(where)]

    return [name for name in names if readable(name)]


def as_json(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: wire(getattr(row, name)) for name in names}


def company_of(session: Session, row: Any) -> Company | None:
    """The company that a document belongs to; None for one that stands above companies."""
    company_id = getattr(row, "company_id", None)
    return session.get(Company, company_id) if company_id is not None else None


def describe(document: Document, row: Any) -> str:
    """How people call one document: number and name, or what it has of them."""
    name = getattr(row, document.label, None)
    if document.label == "name" and current_language() == "zh_Hans":
        name = getattr(row, "name_zh", None) or name
    parts = [getattr(row, "number", None) or getattr(row, "code", None), name]
    return " ".join(dict.fromkeys(str(part) for part in parts if part)) or f"#{row.id}"


def names_exactly(document: Document, row: Any) -> set[str]:
    """Every text that means exactly this row, folded to small letters."""
    own = (getattr(row, name, None) for name in ("number", "code", "name", "name_zh", document.label))
    return {str(text).casefold() for text in (*own, describe(document, row)) if text}


def target_of(column_name: str) -> Document | None:
    """The document that a column refers to; also where its name says more than the document's: `created_by`."""
    return DOCUMENTS[known] if (known := NAMED_BY_PART.get(column_name)) in DOCUMENTS else referenced(column_name)


def names_of(
    session: Session, principal: Principal, rows: Sequence[Any], columns: Iterable[str]
) -> dict[tuple[str, int], tuple[str, bool]]:
    """What the references in these rows are called: (column, id) → (text, whether the user may open it).

    Companies and users are named for everybody: a number would say nothing, and their names stand on every document.
    """
    found: dict[tuple[str, int], tuple[str, bool]] = {}
    for column in columns:
        ids = {value for row in rows if isinstance(value := getattr(row, column, None), int)}
        target = target_of(column)
        if not ids:
            continue
        if column == "company_id":
            pairs = session.execute(
                select(Company.id, Company.code).where(Company.id.in_(ids)), execution_options=UNLIMITED
            )
            found |= {(column, row_id): (code, False) for row_id, code in pairs}
        elif column == "party_role_id":
            parties = session.execute(
                select(PartyRole.id, PartyRole.number, PartyRole.name).where(PartyRole.id.in_(ids)),
                execution_options=UNLIMITED,
            )
            found |= {(column, row_id): (f"{number} {name}", False) for row_id, number, name in parties}
        elif target is not None and target.model is AppUser:
            pairs = session.execute(
                select(AppUser.id, AppUser.name).where(AppUser.id.in_(ids)), execution_options=UNLIMITED
            )
            found |= {(column, row_id): (name, False) for row_id, name in pairs}
        elif target is not None and principal.may_read(target.name):
            seen = session.scalars(visible(principal, target).where(target.model.id.in_(ids)))
            found |= {(column, row.id): (describe(target, row), True) for row in seen}
    return found


def lookup(
    session: Session, principal: Principal, document: Document, text: str, company_id: int | None, limit: int = 12
) -> list[Any]:
    """Documents that a person may mean by what was typed: an exact number first, then any match, those out of use last."""
    model = document.model
    statement = matching(session, principal, document, Query(text=text))
    if company_id is not None and has_column(model, "company_id"):
        statement = statement.where(model.company_id == company_id)
    if text.strip() and list_indexes.is_large(document):
        # A part that very many have in common, such as the year: the newest of them.
        newest = statement.with_only_columns(model.id).order_by(model.id.desc()).limit(MOST_WEIGHED).subquery()
        statement = visible(principal, document).where(model.id.in_(select(newest.c.id)))
    first = document.search[0] if document.search else "id"
    key = getattr(model, first)
    if document.offered is not None:
        # What is not offered is meant by nobody who does not write it out in full.
        statement = statement.where(or_(document.offered(), key == text.strip()))
    order = [key == text.strip(), key.ilike(_prefix(text))] if text.strip() and first != "id" else []
    out_of_use = [model.state.in_(OUT_OF_USE)] if has_column(model, "state") else []
    ordered = statement.order_by(*(o.desc() for o in order), *out_of_use, key, model.id)
    return list(session.scalars(ordered.limit(limit)))


def _prefix(text: str) -> str:
    return text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
