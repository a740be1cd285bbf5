"""Numbers inside sentences, numbers and dates on pages, as the reader's language writes them, exact to the last digit."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from operational_app.core.i18n import current_language
from operational_app.core.money import MONEY

LEAST_PLACES_OF_MONEY = 2
EXPONENTS_OF_MONEY = (-(MONEY.scale or 0), -LEAST_PLACES_OF_MONEY)


@cache
def locale(language: str) -> Any:
    # Babel is imported where it is used: the command line starts without it.
    from babel import Locale

    return Locale.parse(language)


def decimal_text(value: Decimal, least_places: int = 0) -> str:
    """A decimal with the language's separators, at least so many decimals, and never fewer digits than it has."""
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * least_places + "#" * (12 - least_places))
    return format_decimal(value, format=pattern, locale=locale(current_language()), decimal_quantization=False)


def day_text(value: date) -> str:
    from babel.dates import format_date

    return format_date(value, format="medium", locale=locale(current_language()))


def in_sentence(value: object) -> object:
    """A value as it stands in a sentence to a person: an amount as 1,130.00, a quantity as 12.5; anything else as it is.

    Amounts are told from quantities by their decimals: four, in which the store keeps money, or the two of most
    currencies after rounding. Days stay as ISO writes them: unmistakable in every language.
    """
    if isinstance(value, Decimal):
        is_money = value.as_tuple().exponent in EXPONENTS_OF_MONEY
        return decimal_text(value, LEAST_PLACES_OF_MONEY if is_money else 0)
    return value


def noun(title: object) -> str:
    """The title of a kind of document as it stands in a sentence: sales order, VAT return."""
    text = str(title)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
