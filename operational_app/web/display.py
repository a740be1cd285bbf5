"""How values look on a page: numbers and dates as the reader's language writes them, exact to the last digit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from sqlalchemy import Boolean, Numeric
from sqlalchemy.types import TypeEngine

from operational_app.core.i18n import current_language
from operational_app.core.labels import value_label
from operational_app.core.money import MONEY, RATE

# State → tone. A state that no list names is quiet; the word stands beside the colour, which never says it alone.
TONES = {
    "draft": "quiet",
    "cancelled": "stopped",
    "blocked": "stopped",
    "discontinued": "stopped",
    "refused": "stopped",
    "closed": "quiet",
    "confirmed": "going",
    "partly_delivered": "going",
    "open": "going",
    "shipped": "going",
    "delivered": "done",
    "invoiced": "done",
    "posted": "done",
    "pending": "going",
    "submitted": "going",
    "approved": "done",
    "rejected": "stopped",
    "returned": "stopped",
    "withdrawn": "quiet",
    "retired": "quiet",
    "ended": "quiet",
    "paid": "done",
    "active": "done",
}

# Text columns whose values come from a short list and have a word of their own (core/labels.py).
CHOSEN = frozenset({"kind", "type", "normal_side", "valuation_method", "operator", "action", "fact"})


@cache
def locale(language: str) -> Locale:
    return Locale.parse(language)


def decimal_text(value: Decimal, least_places: int = 0) -> str:
    """A decimal with the language's separators, at least so many decimals, and never fewer digits than it has."""
    pattern = "#,##0" + ("." + "0" * least_places + "#" * (12 - least_places))
    return format_decimal(value, format=pattern, locale=locale(current_language()), decimal_quantization=False)


def least_places(name: str, kind: TypeEngine[Any], minor_units: int) -> int:
    """Decimals that a column always shows: amounts and prices those of their currency, quantities and rates none."""
    if not isinstance(kind, Numeric):
        return 0
    if (kind.precision, kind.scale) == (MONEY.precision, MONEY.scale) or name.endswith(("price", "cost")):
        return minor_units
    return 0


def is_number(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, Numeric)


def is_rate(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, Numeric) and (kind.precision, kind.scale) == (RATE.precision, RATE.scale)


def show(value: Any, name: str = "", kind: TypeEngine[Any] | None = None, minor_units: int = 2) -> str:
    """A value as text; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool) or isinstance(kind, Boolean):
        return value_label("true" if value else "false")
    if isinstance(value, Decimal):
        return decimal_text(value, least_places(name, kind, minor_units) if kind is not None else 0)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return format_date(value, format="medium", locale=locale(current_language()))
    return value_label(value) if name in CHOSEN else str(value)


def moment(value: datetime) -> str:
    """Date and time in UTC; the browser turns it into the reader's own time (static/hub.js)."""
    return format_datetime(value.astimezone(UTC), format="medium", locale=locale(current_language())) + " UTC"


def tone(state: str) -> str:
    return TONES.get(state, "quiet")
