"""What a command asks for, as inputs: drawn from its body, and turned back into one from text.

Pages make forms of them, files make columns of them. What was typed is a flat mapping from path to text
(`lines.0.quantity` → "12.5").
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from operational_app.core.i18n import Text
from operational_app.core.labels import label
from operational_app.core.money import plain
from operational_app.core.value_labels import value_label

Kind = Literal[
    "text", "reference", "date", "datetime", "decimal", "integer", "bool", "choice", "password", "lines", "file"
]

# Free text for which the usual values are known: field → schema.table.column of the store, or what the code declares.
SUGGESTED_FROM = {
    "vat_code": "core.vat_rate.code",
    "currency": "core.currency.code",
    "unit": "core.unit.code",
    "role": "core.role.code",
    "role_code": "core.role.code",
    "deputy": "core.app_user.username",
    "document_type": "declared.documents",
    "command_name": "declared.commands",
}
# Free text that is nearly always what stands on another document of the kind already: it is offered, so that one thing is
# written in one way.
REMEMBERED = frozenset({"item_group", "position", "campaign", "bank_name"})

# Nearly always left empty, for what is empty has a good meaning: Enter passes them by, Tab and the mouse lead to them.
SELDOM = frozenset({"currency", "exchange_rate"})
# Text of at most so many characters is a code: its column is narrow. From so many on it is a sentence: its field is wide.
SHORT, WIDE = 10, 200


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input.

    Attributes:
        document: for a reference, what it refers to.
        choices: for a choice, (value, what people call it).
        default: what an empty form begins with, as text.
        fields: for lines, the inputs of one line.
        least: for lines, how many there must be.
        money, share: for a decimal, whether it is an amount of money, or a part of a whole that people write as 5%.
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
    money: bool = False
    share: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind in ("decimal", "integer")

    @property
    def seldom(self) -> bool:
        return self.name in SELDOM and not self.required

    @property
    def short(self) -> bool:
        return self.kind == "text" and self.longest is not None and self.longest <= SHORT

    @property
    def wide(self) -> bool:
        return self.kind == "file" or (self.kind == "text" and self.longest is not None and self.longest >= WIDE)


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
        money=property_.get("x-kind") == "money",
        share=property_.get("x-kind") == "share",
        suggestions=SUGGESTED_FROM.get(name) or (f"own.{name}" if name in REMEMBERED else ""),
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
        # A file's text is taken as it is: commas and blanks are what it is made of.
        return "file" if property_["x-kind"] == "text" else "decimal"
    by_format: dict[str, Kind] = {"date": "date", "date-time": "datetime"}
    by_type: dict[str, Kind] = {"integer": "integer", "boolean": "bool"}
    return by_format.get(property_.get("format", "")) or by_type.get(property_.get("type", "")) or "text"


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


def line_count(field: Field, flat: Mapping[str, str]) -> int:
    """How many lines of this kind a form holds."""
    prefix = field.name + "."
    numbers = [
        int(m) for path in flat if path.startswith(prefix) and (m := path[len(prefix) :].split(".")[0]).isdigit()
    ]
    return max(numbers, default=-1) + 1


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
