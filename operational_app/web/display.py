"""How values look on a page: numbers and dates as the reader's language writes them, exact to the last digit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_datetime
from sqlalchemy import Boolean, Integer, Numeric
from sqlalchemy.types import TypeEngine

from operational_app.core.event_words import event_title
from operational_app.core.i18n import current_language
from operational_app.core.money import MONEY, RATE, ShareType
from operational_app.core.value_labels import value_label
from operational_app.core.wording import day_text, decimal_text, locale

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
    "released": "going",
    "in_progress": "going",
    "completed": "done",
    "superseded": "quiet",
    "retired": "stopped",
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
    "ended": "quiet",
    "paid": "done",
    "active": "done",
    "paused": "quiet",
    "waiting": "going",
    "sent": "done",
    "failed": "stopped",
    "ordered": "going",
    "partly_received": "going",
    "received": "done",
    "billed": "done",
    "held": "stopped",
    "allocated": "done",
    "settled": "done",
    "matched": "done",
    "won": "done",
    "lost": "stopped",
    "accepted": "done",
    "declined": "stopped",
    "expired": "quiet",
    "qualified": "done",
    "discarded": "stopped",
}

# Columns that hold the number of a user's row.
PEOPLE = frozenset({"created_by", "posted_by", "approved_by", "on_behalf_of"})

# Text columns whose values come from a short list and have a word of their own (core/value_labels.py).
CHOSEN = frozenset(
    {
        "kind",
        "type",
        "normal_side",
        "valuation_method",
        "exchange_rate_source",
        "supply_kind",
        "supply_type",
        "demand_type",
        "proposal",
        "operator",
        "action",
        "fact",
    }
)


def least_places(name: str, kind: TypeEngine[Any], minor_units: int) -> int:
    """Decimals that a column always shows: amounts and prices those of their currency, quantities and rates none."""
    if not isinstance(kind, Numeric):
        return 0
    if (kind.precision, kind.scale) == (MONEY.precision, MONEY.scale) or name.endswith(("price", "cost")):
        return minor_units
    return 0


def is_number(name: str, kind: TypeEngine[Any]) -> bool:
    """Whether a column stands to the right, digit below digit: amounts, quantities and counts, but no numbers of rows."""
    counts = isinstance(kind, Integer) and not name.endswith(("_id", "_no")) and name not in ("id", "year", *PEOPLE)
    return isinstance(kind, Numeric) or counts


def is_rate(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, Numeric) and (kind.precision, kind.scale) == (RATE.precision, RATE.scale)


def show(value: Any, name: str = "", kind: TypeEngine[Any] | None = None, minor_units: int = 2) -> str:
    """A value as text; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool) or isinstance(kind, Boolean):
        return value_label("true" if value else "false")
    if isinstance(value, Decimal) and isinstance(kind, ShareType):
        return decimal_text(value.scaleb(2)) + "%"
    if isinstance(value, Decimal):
        return decimal_text(value, least_places(name, kind, minor_units) if kind is not None else 0)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {part}" for key, part in value.items())
    if name == "event_name":
        return event_title(value)
    return value_label(value) if name in CHOSEN else str(value)


def moment(value: datetime) -> str:
    """Date and time in UTC; the browser turns it into the reader's own time (static/hub.js)."""
    return format_datetime(value.astimezone(UTC), format="medium", locale=locale(current_language())) + " UTC"


def filesize(size: int) -> str:
    """A length in bytes as people say it: 640 B, 12.5 kB, 3.1 MB."""
    for unit, bytes_a_unit in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= bytes_a_unit:
            return f"{decimal_text((Decimal(size) / bytes_a_unit).quantize(Decimal('0.1')))} {unit}"
    return f"{size} B"


def tone(state: str) -> str:
    return TONES.get(state, "quiet")
