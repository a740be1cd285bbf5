"""Files into documents: which columns a command's file has, how its headings are understood, and its rows as bodies.

Drawn from what the command asks for (`core/inputs.py`), so that every command that makes a document can take a file. Rows
that belong to one document bear the same word in the key column. Whatever is wrong is said by row and column, all at once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy.orm import Session

from operational_app.core import reading
from operational_app.core.command import COMMANDS, Command
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.i18n import LANGUAGES, Text, _, language
from operational_app.core.inputs import Field, fields_of, sent
from operational_app.core.labels import label
from operational_app.core.policy import Principal
from operational_app.core.validation import is_storable

KEY = "document"
KEY_LABEL = _("Document")
KEY_HELP = _("Any word that is the same in all rows of one document.")
YES = frozenset({"true", "yes", "y", "1", "是", "对"})
NO = frozenset({"false", "no", "n", "0", "否", "不"})
SLASHED_DAY = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?")
# Beyond this nobody reads on; the file is corrected and tried again.
MOST_MISTAKES = 500


@dataclass(frozen=True)
class Column:
    """One column of a command's file.

    Attributes:
        name: how programs head it: `customer_id`, or `lines.item_id` for a field of the lines.
        section: the lines that it belongs to; empty for the document's own fields.
    """

    name: str
    section: str
    field: Field

    @property
    def label(self) -> str:
        return label(self.field.name)


@dataclass
class Mistakes:
    """What is wrong in a file: `rows.7.quantity` → why, in order of the file."""

    found: dict[str, object] = field(default_factory=dict)

    def add(self, row: int, column: str, why: object) -> None:
        if len(self.found) < MOST_MISTAKES:
            self.found.setdefault(f"rows.{row}.{column}" if column else f"rows.{row}", why)

    def __bool__(self) -> bool:
        return bool(self.found)


@dataclass
class Draft:
    """One document of a file: what its rows say, and where each field stands.

    Attributes:
        row: the row in which it begins.
        flat: what its form would hold.
        rows: path of a field, or of a line (`lines.0`), → the row that it stands in.
    """

    row: int
    flat: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    def place(self, path: str) -> tuple[int, str]:
        """The row and the column that a field of the body stands in."""
        parts = path.split(".")
        if path in self.rows:
            return self.rows[path], parts[-1] if len(parts) > 1 else path
        line = ".".join(parts[:2])
        column = "" if path == "body" or parts[-1].isdigit() else parts[-1]
        return self.rows.get(line, self.row), column


def importable(command: Command) -> bool:
    """Whether a file can be brought in through this command: it makes a document of a company out of plain fields."""
    names = set(command.body.model_fields) if command.body else set()
    return (
        command.acts_on is None and command.needs_company and bool(names) and not names & {"content", "document_type"}
    )


def importable_commands(document: Document) -> list[Command]:
    return [c for c in COMMANDS.values() if c.document is document and importable(c)]


def columns_of(command: Command) -> list[Column]:
    """The columns of a command's file, in the order of its form; lines after the document's own fields."""
    fields = fields_of(command.body)
    own = [Column(f.name, "", f) for f in fields if f.kind not in ("lines", "password")]
    return own + [Column(f"{f.name}.{inner.name}", f.name, inner) for f in fields for inner in f.fields]


def has_lines(command: Command) -> bool:
    return any(column.section for column in columns_of(command))


def headings(command: Command) -> list[tuple[str, Column | None]]:
    """What a template says above its columns, in the language of the reader; None marks the key column."""
    columns = columns_of(command)
    labels = [column.label for column in columns]
    sections = {column.section for column in columns if column.section}
    named: list[tuple[str, Column | None]] = [(str(KEY_LABEL), None)] if sections else []
    for column in columns:
        alone = labels.count(column.label) == 1 or (not column.section and len(sections) < 2)
        named.append((column.label if alone else f"{label(column.section)}: {column.label}", column))
    return named


@cache
def known_headings(name: str) -> dict[str, Column | None]:
    """Every heading that is understood, in every language: field names, labels, labels with the lines before them."""
    command = COMMANDS[name]
    known: dict[str, Column | None] = {}
    columns = columns_of(command)
    for code in LANGUAGES:
        with language(code):
            if has_lines(command):
                known.setdefault(_normal(str(KEY_LABEL)), None)
            for column in columns:
                if column.section:
                    known.setdefault(_normal(f"{label(column.section)}: {column.label}"), column)
                known.setdefault(_normal(column.label), column)
    for column in columns:
        known.setdefault(_normal(column.name), column)
        known.setdefault(_normal(column.field.name), column)
        known.setdefault(_normal(column.field.name.removesuffix("_id")), column)
    if has_lines(command):
        known.setdefault(KEY, None)
    return known


def _normal(heading: str) -> str:
    return heading.strip().rstrip("*").strip().casefold().replace("：", ":")


def is_column(known: dict[str, Column | None], heading: str, name: str) -> bool:
    """Whether a heading of a file means the column that a mistake names."""
    if not name or _normal(heading) not in known:
        return bool(name) and heading == name
    column = known[_normal(heading)]
    return name == KEY if column is None else name in (column.name, column.field.name)


def drafts_of(command: Command, rows: Sequence[Sequence[str]], mistakes: Mistakes) -> list[Draft]:
    """The documents that the rows of a file describe; what cannot be understood is noted."""
    places = _places(command, rows[0] if rows else [], mistakes)
    if mistakes:
        return []
    keyed = any(column is None for _index, column in places)
    found: dict[str, Draft] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = {i: row[i] for i, _c in places if i < len(row) and row[i] != ""}
        if not cells:
            continue
        outside = [i for i, text in enumerate(row) if text and i not in {i for i, _c in places}]
        if outside:
            mistakes.add(number, "", _("There is a value outside the columns that have a heading."))
        key = next((cells.get(i, "") for i, column in places if column is None), "")
        if keyed and not key:
            mistakes.add(number, KEY, KEY_HELP)
        draft = found.setdefault(key if keyed else str(number), Draft(number))
        _take_row(draft, number, [(column, cells.get(i, "")) for i, column in places if column], mistakes)
    if not found:
        mistakes.add(2, "", _("The file has no rows below its headings."))
    return list(found.values())


def _places(command: Command, header: Sequence[str], mistakes: Mistakes) -> list[tuple[int, Column | None]]:
    """Which column of the file is which of the command's; None is the key."""
    known = known_headings(command.name)
    places: list[tuple[int, Column | None]] = []
    for index, heading in enumerate(header):
        if not heading.strip():
            continue
        if _normal(heading) not in known:
            mistakes.add(1, heading, _("There is no such column. Download the template to see which there are."))
        elif any(column == known[_normal(heading)] for _i, column in places):
            mistakes.add(1, heading, _("This column is there twice."))
        else:
            places.append((index, known[_normal(heading)]))
    there = {column.name for _i, column in places if column}
    for column in columns_of(command):
        if column.field.required and column.name not in there:
            mistakes.add(1, column.name, _("The column “{heading}” is missing.").format(heading=column.label))
    if has_lines(command) and header and all(column is not None for _i, column in places):
        mistakes.add(1, KEY, _("The column “{heading}” is missing.").format(heading=KEY_LABEL))
    return places


def _take_row(draft: Draft, number: int, cells: Iterable[tuple[Column, str]], mistakes: Mistakes) -> None:
    lines: dict[str, dict[str, str]] = {}
    for column, text in cells:
        name = column.field.name
        if column.section:
            if text:
                lines.setdefault(column.section, {})[name] = text
        elif text and name in draft.flat and draft.flat[name] != text:
            mistakes.add(number, name, _("Row {row} says something else.").format(row=draft.rows[name]))
        elif text:
            draft.flat[name] = text
            draft.rows.setdefault(name, number)
    for section, values in lines.items():
        index = draft.counts.get(section, 0)
        draft.counts[section] = index + 1
        draft.rows[f"{section}.{index}"] = number
        draft.flat |= {f"{section}.{index}.{name}": text for name, text in values.items()}


def fill_bodies(
    session: Session, principal: Principal, company_id: int, command: Command, drafts: list[Draft], mistakes: Mistakes
) -> None:
    """Give each draft its body: words of a reference become the row that they name, choices and days their values."""
    fields = fields_of(command.body)
    known = _references(session, principal, company_id, fields, drafts)
    for draft in drafts:
        flat: dict[str, str] = {}
        for path, one in _filled(fields, draft):
            text = draft.flat[path]
            if one.kind == "reference":
                ids = known.get((one.document, text.casefold()), set())
                if len(ids) != 1:
                    row, column = draft.place(path)
                    mistakes.add(row, column, _not_one(one, text, bool(ids)))
                text = str(next(iter(ids), 0))
            flat[path] = as_typed(one, text)
        draft.body = sent(fields, _with_defaults(fields, draft, flat))


def _filled(fields: Sequence[Field], draft: Draft) -> Iterator[tuple[str, Field]]:
    for one in fields:
        if one.kind == "lines":
            for index in range(draft.counts.get(one.name, 0)):
                for inner in one.fields:
                    if (path := f"{one.name}.{index}.{inner.name}") in draft.flat:
                        yield path, inner
        elif one.name in draft.flat:
            yield one.name, one


def _with_defaults(fields: Sequence[Field], draft: Draft, flat: dict[str, str]) -> dict[str, str]:
    """What is left empty in a file means what it means in a form that nobody touched."""
    filled = dict(flat)
    for one in fields:
        if one.kind != "lines":
            filled.setdefault(one.name, one.default)
        for index in range(draft.counts.get(one.name, 0)):
            for inner in one.fields:
                filled.setdefault(f"{one.name}.{index}.{inner.name}", inner.default)
    return filled


def as_typed(one: Field, text: str) -> str:
    """A cell as a form would have sent it: the word of a choice becomes its value, a day with slashes an ISO day."""
    if one.kind == "choice":
        return next((value for value, title in one.choices if text.casefold() in (value, title.casefold())), text)
    if one.kind == "bool":
        return "true" if text.casefold() in YES else "false" if text.casefold() in NO else text
    if one.kind == "date" and (match := SLASHED_DAY.fullmatch(text)):
        return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    return text


def _not_one(one: Field, text: str, several: bool) -> str:
    document = DOCUMENTS[one.document]
    sentence: Text = (
        _("Several are called “{text}”. Write the number of the {document}.")
        if several
        else _("There is no {document} “{text}” here. Write its number or its name.")
    )
    return sentence.format(document=document.title, text=text[:80])


def _references(
    session: Session, principal: Principal, company_id: int, fields: Sequence[Field], drafts: list[Draft]
) -> dict[tuple[str, str], set[int]]:
    """What the words of the references mean: (document, word) → rows, among those that the user may read."""
    wanted: dict[str, set[str]] = {}
    for draft in drafts:
        for path, one in _filled(fields, draft):
            if one.kind == "reference" and is_storable(draft.flat[path]):
                wanted.setdefault(one.document, set()).add(draft.flat[path])
    known: dict[tuple[str, str], set[int]] = {}
    for name, words in wanted.items():
        document = DOCUMENTS[name]
        if principal.may_read(name):
            for word, row_id in _named(session, principal, document, company_id, words):
                known.setdefault((name, word), set()).add(row_id)
    return known


def _named(
    session: Session, principal: Principal, document: Document, company_id: int, words: set[str]
) -> Iterator[tuple[str, int]]:
    model = document.model
    names = [n for n in ("number", "code", document.label, "name", "name_zh") if reading.has_column(model, n)]
    # “C-00001 Lily's Café” is how pages and exports write it: the number comes first.
    texts = sorted({t.casefold() for word in words for t in (word, word.split()[0])})
    statement = reading.visible(principal, document)
    if reading.has_column(model, "company_id"):
        statement = statement.where(or_(model.company_id == company_id, model.company_id.is_(None)))
    texts_of_row = [func.lower(getattr(model, n)).in_(texts) for n in dict.fromkeys(names) if _is_text(model, n)]
    for row in session.scalars(statement.where(or_(*texts_of_row))):
        for text in reading.names_exactly(document, row):
            yield text, row.id


def _is_text(model: type[Any], name: str) -> bool:
    return reading.column_type(model, name).python_type is str
