"""Exchange rates: what a currency is worth in the company's currency on a day, and the rate that a document freezes.

A document in a foreign currency keeps the rate of its own day for ever, and where the rate came from. Its total is turned
into the company's currency once and rounded once; lines share that total out by largest remainder, so that nothing is left
over. What a later rate makes of an open item is a difference of its own (finance/currency).
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.errors import CurrencyUnknown, ExchangeRateMissing, RateOfOwnCurrency
from operational_app.core.models import Company, Currency, ExchangeRate
from operational_app.core.money import rounded

OWN, TABLE, ENTERED = "own", "table", "entered"


@dataclass(frozen=True)
class FrozenRate:
    """The rate of a document: one unit of its currency in the company's, and where it came from."""

    currency: str
    exchange_rate: Decimal = Decimal(1)
    exchange_rate_source: str = OWN
    exchange_rate_date: date | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """Its four columns on a document."""
        return asdict(self)


def exchange_rate_on(session: Session, company_id: int, currency: str, day: date) -> Decimal:
    """The rate of the day, or the latest before it: units of the company's currency for one of `currency`.

    Raises:
        ExchangeRateMissing: none has been entered for that day or before.
    """
    return _rate_row(session, company_id, currency, day).exchange_rate


def freeze_rate(
    session: Session, company: Company, currency: str | None, day: date, entered: Decimal | None = None
) -> FrozenRate:
    """The rate that a document of a day takes: the one entered for it, else that of the table.

    Args:
        currency: of the document; None for the company's.
        entered: rate agreed or charged by the bank; None for the table's.

    Raises:
        CurrencyUnknown, ExchangeRateMissing, RateOfOwnCurrency: what to enter or to leave out.
    """
    if currency in (None, company.currency):
        if entered not in (None, Decimal(1)):
            raise RateOfOwnCurrency(currency=company.currency)
        return FrozenRate(company.currency)
    assert currency is not None
    if session.get(Currency, currency) is None:
        raise CurrencyUnknown(currency=currency)
    if entered is not None:
        return FrozenRate(currency, entered, ENTERED)
    found = _rate_row(session, company.id, currency, day)
    return FrozenRate(currency, found.exchange_rate, TABLE, found.rate_date)


def known_currency(session: Session, company: Company, currency: str | None) -> str:
    """The currency that was asked for, or the company's.

    Raises:
        CurrencyUnknown: no such currency is known here.
    """
    if currency is not None and session.get(Currency, currency) is None:
        raise CurrencyUnknown(currency=currency)
    return currency or company.currency


def frozen_on(document: Any) -> FrozenRate:
    """The rate that a document bears."""
    return FrozenRate(
        document.currency, document.exchange_rate, document.exchange_rate_source, document.exchange_rate_date
    )


def minor_units_of(session: Session, currency: str) -> int:
    """Decimals that amounts of a currency have."""
    return session.get_one(Currency, currency).minor_units


def in_company_currency(session: Session, company: Company, amount: Decimal, rate: FrozenRate) -> Decimal:
    """An amount at a document's rate in the company's currency, rounded once; its own amounts stay what they are."""
    if rate.currency == company.currency:
        return amount
    return rounded(amount * rate.exchange_rate, minor_units_of(session, company.currency))


def _rate_row(session: Session, company_id: int, currency: str, day: date) -> ExchangeRate:
    found = session.scalars(
        select(ExchangeRate)
        .where(ExchangeRate.company_id == company_id, ExchangeRate.currency == currency, ExchangeRate.rate_date <= day)
        .order_by(ExchangeRate.rate_date.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise ExchangeRateMissing(currency=currency, date=day.isoformat())
    return found
