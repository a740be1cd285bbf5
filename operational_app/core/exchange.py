"""Exchange rates: what a currency is worth in the company's currency on a day."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.errors import ExchangeRateMissing
from operational_app.core.models import ExchangeRate


def exchange_rate_on(session: Session, company_id: int, currency: str, day: date) -> Decimal:
    """The rate of the day, or the latest before it: units of the company's currency for one of `currency`.

    Raises:
        ExchangeRateMissing: none has been entered for that day or before.
    """
    found = session.scalars(
        select(ExchangeRate.exchange_rate)
        .where(ExchangeRate.company_id == company_id, ExchangeRate.currency == currency, ExchangeRate.rate_date <= day)
        .order_by(ExchangeRate.rate_date.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise ExchangeRateMissing(currency=currency, date=day.isoformat())
    return found
