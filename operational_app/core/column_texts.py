"""Values of columns as texts: read from addresses, files and cursors, and written as JSON carries them."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric
from sqlalchemy.types import TypeEngine

from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.money import plain
from operational_app.core.validation import is_storable

LARGEST_ID = 2**63 - 1


def parse_value(kind: TypeEngine[Any], text: str, parameter: str) -> Any:
    """A value of a column from its text.

    Raises:
        InvalidInput: the text is none; named by `parameter`.
    """
    try:
        value = _parsed(kind, text)
    except (ValueError, InvalidOperation) as error:
        raise InvalidInput(fields={parameter: _("“{text}” is not possible here.").format(text=text[:80])}) from error
    return value


def _parsed(kind: TypeEngine[Any], text: str) -> Any:
    if not is_storable(text):
        raise ValueError("not storable")
    if isinstance(kind, Boolean):
        return {"true": True, "false": False}.get(text) if text in ("true", "false") else _refuse()
    if isinstance(kind, (BigInteger, Integer)):
        number = int(text) if len(text) <= 20 else _refuse()
        return number if -LARGEST_ID <= number <= LARGEST_ID else _refuse()
    if isinstance(kind, Numeric):
        amount = Decimal(text) if len(text) <= 40 else _refuse()
        return amount if amount.is_finite() and abs(amount.adjusted()) < 40 else _refuse()
    if isinstance(kind, DateTime):
        # A space stands where a "+" was sent unescaped in an address.
        return datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    if isinstance(kind, Date):
        return date.fromisoformat(text)
    return text


def _refuse() -> Any:
    raise ValueError("out of range")


def wire(value: Any) -> Any:
    """A value as JSON carries it: exact text for decimals, ISO 8601 for dates and times."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
