"""What is wrong with an input, as one sentence a field, in the language of the request.

Pydantic speaks English only and in a programmer's words; here each kind of its errors gets the sentence that a clerk reads.
A kind that has none keeps pydantic's own words: better English than silence.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import Text, _

SENTENCES: dict[str, Text] = {
    "missing": _("Fill this in."),
    "extra_forbidden": _("There is no such field."),
    "none_required": _("Leave this empty."),
    "string_type": _("Send text."),
    "string_too_short": _("Use at least {min_length} characters."),
    "string_too_long": _("Use at most {max_length} characters."),
    "string_pattern_mismatch": _("This does not have the expected form."),
    "int_type": _("Enter a whole number."),
    "int_parsing": _("Enter a whole number."),
    "int_parsing_size": _("This number is too large."),
    "int_from_float": _("Enter a whole number."),
    "bool_type": _("Answer yes or no."),
    "bool_parsing": _("Answer yes or no."),
    "decimal_type": _("Enter a number, such as 12.50."),
    "decimal_parsing": _("Enter a number, such as 12.50."),
    "finite_number": _("Enter a number, such as 12.50."),
    "decimal_max_digits": _("Use at most {max_digits} digits."),
    "decimal_max_places": _("Use at most {decimal_places} decimals."),
    "decimal_whole_digits": _("Use at most {whole_digits} digits before the decimal point."),
    "greater_than": _("Enter more than {gt}."),
    "greater_than_equal": _("Enter {ge} or more."),
    "less_than": _("Enter less than {lt}."),
    "less_than_equal": _("Enter {le} or less."),
    "date_type": _("Enter a date, such as 2026-11-30."),
    "date_parsing": _("Enter a date, such as 2026-11-30."),
    "date_from_datetime_parsing": _("Enter a date, such as 2026-11-30."),
    "date_from_datetime_inexact": _("Enter a date, such as 2026-11-30."),
    "datetime_parsing": _("Enter a date and time, such as 2026-11-30T09:00+08:00."),
    "datetime_from_date_parsing": _("Enter a date and time, such as 2026-11-30T09:00+08:00."),
    "enum": _("Choose one of: {expected}."),
    "literal_error": _("Choose one of: {expected}."),
    "list_type": _("Send a list."),
    "too_short": _("Enter at least {min_length} line."),
    "too_long": _("Enter at most {max_length} lines."),
    "model_attributes_type": _("Send an object with fields."),
    "model_type": _("Send an object with fields."),
    "dict_type": _("Send an object with fields."),
    "json_invalid": _("This is not valid JSON."),
}
SURROGATE = re.compile("[\ud800-\udfff]")
NOT_STORABLE = _("Remove the characters that cannot be stored (control character NUL, half characters).")


def sentence(error: Mapping[str, Any]) -> str:
    """The sentence for one of pydantic's errors."""
    kind = str(error["type"])
    if kind == "value_error":
        return str(error.get("ctx", {}).get("error", error["msg"]))
    template = SENTENCES.get(kind)
    if template is None:
        return str(error["msg"])
    return template.format(**{**error.get("ctx", {})})


def fields_of(errors: Iterable[Mapping[str, Any]], skip: int = 0) -> dict[str, object]:
    """Path of each wrong field, such as `lines.0.quantity`, and what is wrong with it.

    Args:
        skip: leading parts of each location to leave out (FastAPI begins with "body" or "query").
    """
    found: dict[str, object] = {}
    for error in errors:
        # An error of the whole body, such as broken JSON, has a position instead of a field.
        parts = [] if error["type"] == "json_invalid" else error["loc"][skip:]
        found.setdefault(".".join(str(part) for part in parts) or "body", sentence(error))
    return found


def require_storable(value: Any) -> None:
    """Refuse text that PostgreSQL cannot hold, wherever in the input it stands.

    Raises:
        InvalidInput: names each field with a NUL or a lone surrogate.
    """
    wrong = {path or "body": NOT_STORABLE for path in _not_storable(value, "")}
    if wrong:
        raise InvalidInput(fields=dict(wrong))


def _not_storable(value: Any, path: str) -> Iterable[str]:
    if isinstance(value, str):
        if not is_storable(value):
            yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if not is_storable(str(name)):
                yield path
            else:
                yield from _not_storable(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _not_storable(inner, f"{path}.{index}" if path else str(index))


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold this text: no NUL, and nothing that has no UTF-8."""
    return "\x00" not in text and SURROGATE.search(text) is None
