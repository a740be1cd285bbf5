"""Income tax on wages, withheld cumulatively within the year, and social insurance with its bases and caps.

Source: Individual Income Tax Law (2018) and announcement 61 of 2018 of the State Taxation Administration: tax of the month =
cumulative taxable income × rate − quick deduction − tax withheld before in the year, never below nothing. Rates, brackets,
bases and caps are dated data of the company.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from operational_app.core.money import rounded

ZERO = Decimal(0)
MINOR_UNITS = 2


@dataclass(frozen=True)
class Bracket:
    """Up to a bound of the cumulative taxable income (None: without bound), a rate and the quick deduction."""

    up_to: Decimal | None
    rate: Decimal
    quick_deduction: Decimal


@dataclass(frozen=True)
class TaxScheme:
    """Brackets in rising order, and what every month of employment leaves free."""

    basic_deduction: Decimal
    brackets: tuple[Bracket, ...]


@dataclass(frozen=True)
class TaxYear:
    """What a year has brought so far: of months before, or including this one."""

    income: Decimal = ZERO
    insurance: Decimal = ZERO
    additional: Decimal = ZERO
    tax: Decimal = ZERO

    def plus(self, other: "TaxYear") -> "TaxYear":
        return TaxYear(
            self.income + other.income,
            self.insurance + other.insurance,
            self.additional + other.additional,
            self.tax + other.tax,
        )


def is_seamless(scheme: TaxScheme) -> bool:
    """Whether the brackets rise, the last has no bound, and at each bound both sides give the same tax."""
    bounds = [bracket.up_to for bracket in scheme.brackets]
    if not bounds or bounds[-1] is not None or any(bound is None for bound in bounds[:-1]):
        return False
    pairs = list(zip(scheme.brackets, scheme.brackets[1:], strict=False))
    rising = all(a.up_to < b.up_to for a, b in pairs if a.up_to is not None and b.up_to is not None)
    return (
        rising
        and scheme.brackets[0].quick_deduction == 0
        and all(
            a.up_to is not None and a.up_to * a.rate - a.quick_deduction == a.up_to * b.rate - b.quick_deduction
            for a, b in pairs
        )
    )


def tax_on(scheme: TaxScheme, taxable: Decimal) -> Decimal:
    """Tax on the cumulative taxable income of a year."""
    if taxable <= 0:
        return ZERO
    found = next(b for b in scheme.brackets if b.up_to is None or taxable <= b.up_to)
    return rounded(taxable * found.rate - found.quick_deduction, MINOR_UNITS)


def taxable_of(scheme: TaxScheme, year: TaxYear, months: int) -> Decimal:
    """Cumulative taxable income after `months` of employment in the year."""
    return max(ZERO, year.income - scheme.basic_deduction * months - year.insurance - year.additional)


def tax_to_withhold(scheme: TaxScheme, before: TaxYear, this: TaxYear, months: int) -> Decimal:
    """Tax of this payment. What was withheld too much stays until the yearly settlement, or later months use it up."""
    year = before.plus(this)
    return max(ZERO, tax_on(scheme, taxable_of(scheme, year, months)) - before.tax)


@dataclass(frozen=True)
class InsuranceRate:
    """One branch of social insurance or the housing fund."""

    code: str
    employee_rate: Decimal
    employer_rate: Decimal
    base_floor: Decimal
    base_cap: Decimal


def insurance_of(rate: InsuranceRate, base: Decimal) -> tuple[Decimal, Decimal]:
    """What employee and employer pay on a base, which counts between floor and cap."""
    counted = min(max(base, rate.base_floor), rate.base_cap)
    return rounded(counted * rate.employee_rate, MINOR_UNITS), rounded(counted * rate.employer_rate, MINOR_UNITS)


def insurance_sum(rates: Sequence[InsuranceRate], base: Decimal) -> tuple[Decimal, Decimal]:
    both = [insurance_of(rate, base) for rate in rates]
    return sum((e for e, _r in both), ZERO), sum((r for _e, r in both), ZERO)
