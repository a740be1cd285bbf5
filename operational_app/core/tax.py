"""Value added tax: the rate of a code on a day, and the tax of a line. Source of the rates: data, with dates."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.errors import UnknownVatCode
from operational_app.core.known import known
from operational_app.core.models import VatRate
from operational_app.core.money import rounded


def rate_on(session: Session, code: str, day: date) -> Decimal:
    """The rate of a VAT code that is valid on `day`, as a fraction."""
    rates = known(session, ("vat rates", code), lambda: _rates(session, code))
    found = next((rate for start, end, rate in rates if start <= day and (end is None or end >= day)), None)
    if found is None:
        raise UnknownVatCode(code=code, date=day.isoformat())
    return found


def _rates(session: Session, code: str) -> list[tuple[date, date | None, Decimal]]:
    """The rates that a code has ever had, the latest first: first day, last day, rate."""
    rows = session.execute(
        select(VatRate.valid_from, VatRate.valid_to, VatRate.rate)
        .where(VatRate.code == code)
        .order_by(VatRate.valid_from.desc())
    )
    return [(start, end, rate) for start, end, rate in rows]


def net_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal, minor_units: int) -> Decimal:
    """Amount of a line without tax: quantity × unit price less a discount given as a fraction, rounded once."""
    return rounded(quantity * unit_price * (1 - discount), minor_units)


def tax_amount(net: Decimal, rate: Decimal, minor_units: int) -> Decimal:
    """Tax of a line, rounded per line: the invoice's tax is the sum of its lines' taxes."""
    return rounded(net * rate, minor_units)
