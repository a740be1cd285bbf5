"""Exact money and quantities: the column types, the typed fields, and the only rounding in the product.

Precision is part of each type (DuckDB reads a NUMERIC without it as a binary float): money 4 decimals, unit prices,
quantities and unit costs 6, rates 8. A currency says how many decimals its amounts really have; rounding to it happens
here, half away from zero as in commerce, and nowhere else.
"""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from sqlalchemy import Numeric

MONEY = Numeric(20, 4)
QUANTITY = Numeric(20, 6)
UNIT_PRICE = Numeric(20, 6)
RATE = Numeric(18, 8)


class ShareType(Numeric):  # type: ignore[type-arg]
    """A part of a whole as a fraction: 0.13. To the database a rate; to people 13%."""


SHARE = ShareType(18, 8)

ZERO = Decimal(0)


def _exact(value: object) -> object:
    """Refuse binary floats at the door: an amount is text, an integer or a Decimal."""
    if isinstance(value, float):
        raise ValueError('send amounts as text, such as "12.50", not as a JSON number with a fraction')
    if isinstance(value, str):
        return value.strip().replace(" ", "").replace("\u00a0", "")
    return value


def _share(value: object) -> object:
    """People write shares with a percent sign: 10% is 0.1."""
    if isinstance(value, str) and value.strip().endswith("%"):
        number = _exact(value.strip()[:-1])
        try:
            return Decimal(str(number)).scaleb(-2)
        except InvalidOperation:
            return value
    return _exact(value)


def as_money(value: Decimal) -> Decimal:
    """The same amount with the decimals in which the store keeps money: a sentence then writes it as one, 400 as 400.00."""
    return value.quantize(Decimal(1).scaleb(-(MONEY.scale or 0)))


def plain(value: Decimal) -> str:
    """The shortest exact text of a decimal, without exponent or trailing zeros: 12.5000 → 12.5."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal_field(digits: int, places: int, kind: str, reader: Callable[[object], object] = _exact) -> object:
    return Annotated[
        Decimal,
        BeforeValidator(reader),
        Field(max_digits=digits, decimal_places=places, allow_inf_nan=False, json_schema_extra={"x-kind": kind}),
        PlainSerializer(plain, return_type=str, when_used="json"),
        WithJsonSchema(
            {"type": "string", "pattern": rf"^-?\d{{1,{digits - places}}}(\.\d{{1,{places}}})?$", "x-kind": kind}
        ),
    ]


Money = _decimal_field(20, 4, "money")
Quantity = _decimal_field(20, 6, "quantity")
UnitPrice = _decimal_field(20, 6, "unit_price")
Rate = _decimal_field(18, 8, "rate")
Share = _decimal_field(18, 8, "share", _share)


def rounded(amount: Decimal, minor_units: int) -> Decimal:
    """`amount` rounded half away from zero to `minor_units` decimals (2 for CNY, 0 for JPY)."""
    return amount.quantize(Decimal(1).scaleb(-minor_units), rounding=ROUND_HALF_UP)


def portion(amount: Decimal, whole: Decimal, taken: Decimal, quantity: Decimal, minor_units: int) -> Decimal:
    """The share of `amount` that falls to `quantity` out of `whole`, of which `taken` was shared out before.

    However often something is taken, the shares sum to what the quantity taken so far is worth, rounded once; the last one
    takes all that is left. `amount` is a whole number of minor units.
    """
    before = rounded(amount * taken / whole, minor_units)
    return rounded(amount * (taken + quantity) / whole, minor_units) - before


def carried_share(balance: Decimal, carried: Decimal, settled: Decimal, minor_units: int) -> Decimal:
    """The carrying amount, in the company's currency, of the part of a balance that is settled.

    At the average of the balance; the last of it takes all that is carried, so that nothing stays behind. All three have the
    balance's sign or are zero.
    """
    return carried if settled == balance else rounded(carried * settled / balance, minor_units)


def allocate(total: Decimal, weights: Sequence[Decimal], minor_units: int) -> list[Decimal]:
    """Split `total` in proportion to `weights` so that the parts sum to it exactly (largest remainder method).

    Ties go to the earlier part. Weights must not be negative and not all zero.
    """
    weight_sum = sum(weights, ZERO)
    if weight_sum <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    step = Decimal(1).scaleb(-minor_units)
    sign = -1 if total < 0 else 1
    units = abs(total) / step
    if units != units.to_integral_value():
        raise ValueError(f"{total} is not a whole number of minor units ({minor_units} decimals)")
    shares = [divmod(units * weight, weight_sum) for weight in weights]
    left = int(units - sum(whole for whole, _rest in shares))
    order = sorted(range(len(weights)), key=lambda i: (-shares[i][1], i))
    extra = set(order[:left])
    return [sign * step * (whole + (1 if i in extra else 0)) for i, (whole, _rest) in enumerate(shares)]
