"""Forms, made from what a command asks for: which inputs there are, what they begin with, and what was typed into them.

What is typed travels as a flat mapping from path to text (`lines.0.quantity` → "12.5"), so that a form that was refused can
be shown again exactly as it was. A reference has two entries: `customer_id` holds the row's number, `customer_id:text`
what the person reads or typed.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from operational_app.core.i18n import _
from operational_app.core.inputs import Field, fields_of, line_count, sent, typed
from operational_app.core.money import plain

__all__ = ["Field", "fields_of", "line_count", "sent", "typed"]

# An empty field of a line takes the value of this field of the document that was just chosen beside it, and the currency of
# the form that of the customer, supplier or bank account chosen in it. A list price is in the company's currency: it is not
# offered for a form in another, where the command converts it at the document's rate.
FILLED_FROM = {"unit_price": "list_price", "vat_code": "vat_code", "currency": "currency"}
MOST_LINES = 5000
CHOOSE_ONE = _("Choose one from the list.")


def with_choices(fields: tuple[Field, ...], choices: Mapping[str, tuple[tuple[str, str], ...]]) -> tuple[Field, ...]:
    """The same inputs, those that are named in `choices`, also in lines, as a choice among these."""

    def chosen(field: Field) -> Field:
        if field.name in choices:
            return replace(field, kind="choice", choices=choices[field.name])
        return replace(field, fields=tuple(chosen(inner) for inner in field.fields))

    return tuple(chosen(field) for field in fields)


def is_priced(field: Field) -> bool:
    """Whether a line's amount can be shown while it is typed: it has a quantity and a price."""
    return {"quantity", "unit_price"} <= {inner.name for inner in field.fields}


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


def with_decimals(fields: tuple[Field, ...], flat: Mapping[str, str], minor_units: int) -> dict[str, str]:
    """The amounts that a form begins with, written with the decimals of their currency: 15175.90, not 15175.9; and shares
    as people write them: 5%, not 0.05."""
    shown = {}
    for path, text in flat.items():
        field = field_at(fields, path)
        if field is not None and field.money and text:
            whole, _dot, decimals = text.partition(".")
            shown[path] = f"{whole}.{decimals.ljust(minor_units, '0')}" if minor_units else text
        elif field is not None and field.share and text not in ("", "0"):
            shown[path] = plain(Decimal(text).scaleb(2)) + "%"
    return shown


def field_at(fields: tuple[Field, ...], path: str) -> Field | None:
    """The input of a path, also within lines."""
    name, _dot, rest = path.partition(".")
    field = next((one for one in fields if one.name == name), None)
    return field_at(field.fields, rest.partition(".")[2]) if field is not None and rest else field


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
