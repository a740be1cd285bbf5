"""Forms, made from what a command asks for: which inputs there are, what they begin with, and what was typed into them.

What is typed travels as a flat mapping from path to text (`lines.0.quantity` → "12.5"), so that a form that was refused can
be shown again exactly as it was. A reference has two entries: `customer_id` holds the row's number, `customer_id:text`
what the person reads or typed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from operational_app.core.i18n import Text, _
from operational_app.core.labels import label
from operational_app.core.money import plain
from operational_app.core.value_labels import value_label

Kind = Literal["text", "reference", "date", "datetime", "decimal", "integer", "bool", "choice", "password", "lines"]

# An empty field of a line takes the value of this field of the document that was just chosen beside it, and the currency of
# the form that of the customer, supplier or bank account chosen in it. A list price is in the company's currency: it is not
# offered for a form in another, where the command converts it at the document's rate.
FILLED_FROM = {"unit_price": "list_price", "vat_code": "vat_code", "currency": "currency"}
# Free text for which the store knows the usual values: field → (schema.table, column).
SUGGESTED_FROM = {
    "vat_code": "core.vat_rate.code",
    "currency": "core.currency.code",
    "unit": "core.unit.code",
    "role": "core.role.code",
}
MOST_LINES = 5000
CHOOSE_ONE = _("Choose one from the list.")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input.

    Attributes:
        document: for a reference, what it refers to.
        choices: for a choice, (value, what people call it).
        default: what an empty form begins with, as text.
        fields: for lines, the inputs of one line.
        least: for lines, how many there must be.
    """

    name: str
    kind: Kind
    label: str
    required: bool = False
    nullable: bool = False
    help: str = ""
    default: str = ""
    document: str = ""
    longest: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    suggestions: str = ""
    fields: tuple["Field", ...] = ()
    least: int = 0

    @property
    def numeric(self) -> bool:
        return self.kind in ("decimal", "integer")


def fields_of(body: type[BaseModel] | None) -> tuple[Field, ...]:
    """The inputs for a body, in the order of its declaration."""
    if body is None:
        return ()
    schema = body.model_json_schema()
    return _fields(schema, schema.get("$defs", {}))


def _fields(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[Field, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        _field(name, property_, name in required, definitions)
        for name, property_ in schema.get("properties", {}).items()
    )


def _field(name: str, declared: Mapping[str, Any], required: bool, definitions: Mapping[str, Any]) -> Field:
    property_, nullable = _without_null(declared)
    property_ = {**property_, **{k: v for k, v in declared.items() if k in ("default", "description")}}
    if "$ref" in property_:
        property_ = {**definitions[property_["$ref"].rsplit("/", 1)[-1]], **property_}
    items = property_.get("items", {})
    common: dict[str, Any] = {
        "name": name,
        "label": label(name),
        "required": required,
        "nullable": nullable,
        "help": str(Text(property_["description"])) if property_.get("description") else "",
        "default": typed(property_.get("default")),
    }
    if property_.get("type") == "array" and "$ref" in items:
        inner = _fields(definitions[items["$ref"].rsplit("/", 1)[-1]], definitions)
        return Field(kind="lines", **{**common, "default": ""}, fields=inner, least=property_.get("minItems", 0))
    if choices := _choices(property_):
        return Field(kind="choice", **common, choices=choices)
    return Field(
        kind="password" if name.endswith("password") else _kind(property_),
        **common,
        document=property_.get("x-reference", ""),
        longest=property_.get("maxLength"),
        suggestions=SUGGESTED_FROM.get(name, ""),
    )


def with_choices(fields: tuple[Field, ...], choices: Mapping[str, tuple[tuple[str, str], ...]]) -> tuple[Field, ...]:
    """The same inputs, those of lines that are named in `choices` as a choice among these."""
    return tuple(
        replace(
            field,
            fields=tuple(
                replace(inner, kind="choice", choices=choices[inner.name]) if inner.name in choices else inner
                for inner in field.fields
            ),
        )
        for field in fields
    )


def _without_null(property_: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    alternatives = property_.get("anyOf", ())
    others = [one for one in alternatives if one.get("type") != "null"]
    if len(others) == 1 and len(alternatives) == 2:
        return others[0], True
    return property_, False


def _choices(property_: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The values of a short list: an enumeration, or text whose pattern is nothing but alternatives."""
    values = property_.get("enum", ())
    if not values and (match := re.fullmatch(r"\^\(([\w|]+)\)\$", property_.get("pattern", ""))):
        values = match[1].split("|")
    return tuple((str(value), value_label(str(value))) for value in values)


def _kind(property_: Mapping[str, Any]) -> Kind:
    if "x-reference" in property_:
        return "reference"
    if "x-kind" in property_:
        return "decimal"
    by_format: dict[str, Kind] = {"date": "date", "date-time": "datetime"}
    by_type: dict[str, Kind] = {"integer": "integer", "boolean": "bool"}
    return by_format.get(property_.get("format", "")) or by_type.get(property_.get("type", "")) or "text"


def is_priced(field: Field) -> bool:
    """Whether a line's amount can be shown while it is typed: it has a quantity and a price."""
    return {"quantity", "unit_price"} <= {inner.name for inner in field.fields}


def typed(value: Any) -> str:
    """A value as a person would have typed it; decimals exact and without grouping."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def beginning(fields: tuple[Field, ...], values: Mapping[str, Any], today: date) -> dict[str, str]:
    """What a form begins with: the values offered, else each field's default; a date that must be given is today."""
    flat: dict[str, str] = {}
    for field in fields:
        if field.kind == "lines":
            for index, line in enumerate(values.get(field.name) or ()):
                for inner in field.fields:
                    flat[f"{field.name}.{index}.{inner.name}"] = typed(line.get(inner.name))
        elif field.name in values:
            flat[field.name] = typed(values[field.name])
        else:
            flat[field.name] = today.isoformat() if field.kind == "date" and field.required else field.default
    return flat


def line_count(field: Field, flat: Mapping[str, str]) -> int:
    """How many lines of this kind a form holds."""
    prefix = field.name + "."
    numbers = [
        int(m) for path in flat if path.startswith(prefix) and (m := path[len(prefix) :].split(".")[0]).isdigit()
    ]
    return max(numbers, default=-1) + 1


def without_blank_lines(fields: tuple[Field, ...], posted: Mapping[str, str]) -> dict[str, str]:
    """What was typed, with the lines numbered anew from 0 and the blank ones left out.

    A line is blank when each of its inputs is empty or holds what an empty line begins with.
    """
    flat = {path: text for path, text in posted.items() if ":" in path or "." not in path}
    for field in fields:
        if field.kind != "lines":
            continue
        pattern = re.compile(rf"{re.escape(field.name)}\.(\d{{1,6}})\.(\w+)(:text)?")
        lines: dict[int, dict[str, str]] = {}
        for path, text in posted.items():
            if match := pattern.fullmatch(path):
                flat.pop(path, None)
                lines.setdefault(int(match[1]), {})[match[2] + (match[3] or "")] = text
        defaults = {inner.name: inner.default for inner in field.fields}
        filled = [
            line
            for _number, line in sorted(lines.items())
            if any(text.strip() and text != defaults.get(name, "") for name, text in line.items())
        ]
        for index, line in enumerate(filled[:MOST_LINES]):
            flat |= {f"{field.name}.{index}.{name}": text for name, text in line.items()}
    return flat


def sent(fields: tuple[Field, ...], flat: Mapping[str, str]) -> dict[str, Any]:
    """The command's body from what was typed. What is left empty is not sent, so that the body's own default holds."""
    body: dict[str, Any] = {}
    for field in fields:
        if field.kind == "lines":
            lines = []
            for index in range(line_count(field, flat)):
                inner = {name.removeprefix(f"{field.name}.{index}."): text for name, text in flat.items()}
                lines.append(sent(field.fields, inner))
            if lines or field.least:
                body[field.name] = lines
            continue
        text = flat.get(field.name, "")
        if field.kind == "bool":
            body[field.name] = text == "true"
        elif text.strip() == "" and field.nullable:
            # An emptied field of a form that began filled means "none", whatever the default is.
            body[field.name] = None
        elif text.strip() != "":
            body[field.name] = number_text(text) if field.numeric or field.kind == "reference" else text
    return body


def number_text(text: str) -> str:
    """A number as people type it, as the machine reads it: full-width digits, grouping commas and blanks are put right."""
    return unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").replace("\u00a0", "").strip()


def references(fields: tuple[Field, ...], flat: Mapping[str, str]) -> dict[str, Field]:
    """Every path of a form that holds a reference, and its field."""
    found: dict[str, Field] = {}
    for field in fields:
        if field.kind == "reference":
            found[field.name] = field
        elif field.kind == "lines":
            for index in range(line_count(field, flat)):
                found |= {f"{field.name}.{index}.{i.name}": i for i in field.fields if i.kind == "reference"}
    return found
