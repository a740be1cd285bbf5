"""How figures, dates and links look: exact where they are read, short on cards, plain in files.

Amounts come as decimals and are written out digit by digit; nothing here passes through a binary float.
"""

import html
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_date

from dashboards.i18n import _, current

NOTHING = "–"

# Size from which a unit is used, and its name: thousands in English, ten-thousands in Chinese.
SHORT = {
    "en": ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K")),
    "zh_Hans": ((Decimal(10) ** 8, " 亿"), (Decimal(10) ** 4, " 万")),
}


def exact(value: Decimal | int | None, *, money: bool = True) -> str:
    """Every digit that is there, grouped; money with at least two decimals."""
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return f"{value:,}"
    whole, _point, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0")
    if money:
        decimals = decimals.ljust(2, "0")
    text = f"{whole}.{decimals}" if decimals else whole
    return text.replace("-", "−")


def short(value: Decimal | int | None) -> str:
    """Three or four leading digits, for a card."""
    if value is None:
        return NOTHING
    amount = Decimal(value)
    sign = "−" if amount < 0 else ""
    amount = abs(amount)
    for size, unit in SHORT[current()]:
        if amount >= size:
            scaled = amount / size
            places = Decimal("0.01") if scaled < 100 else Decimal("0.1")
            return f"{sign}{scaled.quantize(places, ROUND_HALF_UP):,f}{unit}"
    places = Decimal(1) if amount == amount.to_integral_value() else Decimal("0.01")
    return f"{sign}{amount.quantize(places, ROUND_HALF_UP):,f}"


def share(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """A share in percent with one decimal; None where there is no whole to compare with."""
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / abs(Decimal(whole))).quantize(Decimal("0.1"), ROUND_HALF_UP)


def percent(part: Decimal | int | None, whole: Decimal | int | None, *, signed: bool = False) -> str | None:
    """A share as text with one decimal; None where there is no whole to compare with."""
    found = share(part, whole)
    return None if found is None else f"{found:{'+' if signed and found else ''},f}%"


def month_name(day: date) -> str:
    return format_date(day, "yyyy年M月" if current() == "zh_Hans" else "MMM yyyy", locale=current())


def day_name(day: date) -> str:
    return f"{day:%Y-%m-%d}"


def moment(at: datetime) -> str:
    """A moment in UTC, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def cell(value: Any) -> str:
    """A value of a row as HTML text."""
    return html.escape(cell_text(value))


def cell_text(value: Any) -> str:
    """A value of a row as text."""
    if value is None:
        return ""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return exact(value, money=isinstance(value, Decimal))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day_name(value)
    return str(value)


def plain(value: Any) -> str:
    """A value as a file keeps it: every digit, no grouping, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


# What the app calls the states of its documents; an outside source's own words are shown as they are.
STATES = {
    "confirmed": _("confirmed"),
    "partly_delivered": _("partly delivered"),
    "delivered": _("delivered"),
    "shipped": _("shipped"),
}


def state_name(state: str | None) -> str:
    return str(STATES.get(state, state)) if state else ""


def rounded(numerator: Decimal | int, denominator: Decimal | int, places: str) -> Decimal:
    """A quotient for display, with as many decimals as `places` has."""
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal(places), ROUND_HALF_UP)
