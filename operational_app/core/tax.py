"""Value added tax: the rate of a code on a day, and the tax of a line. Source of the rates: data, with dates."""

from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from operational_app.core.errors import UnknownVatCode
from operational_app.core.models import VatRate
from operational_app.core.money import rounded


def rate_on(session: Session, code: str, day: date) -> Decimal:
    """The rate of a VAT code that is valid on `day`, as a fraction."""
    found = session.scalars(
        select(VatRate.rate)
        .where(
            VatRate.code == code, VatRate.valid_from <= day, or_(VatRate.valid_to.is_(None), VatRate.valid_to >= day)
        )
        .order_by(VatRate.valid_from.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise UnknownVatCode(code=code, date=day.isoformat())
    return found


def net_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal, minor_units: int) -> Decimal:
    """Amount of a line without tax: quantity × unit price less a discount given as a fraction, rounded once."""
    return rounded(quantity * unit_price * (1 - discount), minor_units)


def tax_amount(net: Decimal, rate: Decimal, minor_units: int) -> Decimal:
    """Tax of a line, rounded per line: the invoice's tax is the sum of its lines' taxes."""
    return rounded(net * rate, minor_units)
