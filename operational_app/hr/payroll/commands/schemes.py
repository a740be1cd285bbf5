"""Verbs about what pay is worked out by: components, income tax, social insurance. Each holds from a day on."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.money import Money, Share
from operational_app.hr.payroll.models import (
    IncomeTaxBracket,
    IncomeTaxScheme,
    PayComponent,
    SocialInsuranceRate,
    SocialInsuranceScheme,
    income_tax_scheme,
    pay_component,
    social_insurance_scheme,
)
from operational_app.hr.payroll.queries import components_on
from operational_app.hr.payroll.rules.formula import LONGEST_FORMULA, FormulaUnreadable, names_in, parsed
from operational_app.hr.payroll.rules.months import VARIABLES
from operational_app.hr.payroll.rules.statutory import Bracket, TaxScheme, is_seamless

AREA = Path(__file__).resolve().parent.parent
TAX_SOURCE = "Individual Income Tax Law (2018), STA announcement 2018 No. 61"
INSURANCE_SOURCE = "Example scheme: enter your city's bases and rates"
BASIC_DEDUCTION = Decimal(5000)


class SetPayComponent(Body):
    code: str = Field(pattern="^[A-Z][A-Z0-9_]{0,19}$")
    name: str = Field(min_length=1, max_length=100)
    name_zh: str | None = Field(default=None, max_length=100)
    kind: Literal["earning", "benefit", "deduction"]
    formula: str | None = Field(
        default=None,
        max_length=LONGEST_FORMULA,
        description="Such as: full_salary / 21.75 * unpaid_days. Empty: what is entered for the month.",
    )
    is_taxable: bool = True
    is_retroactive: bool = True
    sort_no: int = Field(ge=1, le=10000)
    valid_from: date
    is_active: bool = True


class BracketBody(Body):
    taxable_up_to: Money | None = Field(default=None, gt=0, description="Empty in the last one: no bound.")
    rate: Share = Field(ge=0, le=1)
    quick_deduction: Money = Field(default=Decimal(0), ge=0)


class EnterTaxScheme(Body):
    valid_from: date
    basic_deduction: Money = Field(ge=0)
    source: str | None = Field(default=None, max_length=500)
    brackets: list[BracketBody] = Field(min_length=1, max_length=50)


class RateBody(Body):
    code: str = Field(pattern="^[A-Z][A-Z0-9_]{0,19}$")
    name: str = Field(min_length=1, max_length=100)
    name_zh: str | None = Field(default=None, max_length=100)
    employee_rate: Share = Field(ge=0, le=1)
    employer_rate: Share = Field(ge=0, le=1)
    base_floor: Money = Field(default=Decimal(0), ge=0)
    base_cap: Money = Field(ge=0)


class EnterInsuranceScheme(Body):
    valid_from: date
    source: str | None = Field(default=None, max_length=500)
    rates: list[RateBody] = Field(min_length=1, max_length=50)


@command(pay_component, _("Set pay component"))
def set_pay_component(work: Work, body: SetPayComponent) -> PayComponent:
    """Say how a component is worked out from a day on. Months before keep the version that they were paid by."""
    if body.formula is not None:
        _require_readable(work, body)
    made = PayComponent(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    work.session.flush()
    return made


def _require_readable(work: Work, body: SetPayComponent) -> None:
    """Refuse a formula that is none, or that asks for what is not known when its turn comes."""
    assert body.formula is not None
    try:
        names = names_in(parsed(body.formula))
    except FormulaUnreadable as error:
        sentence = _(
            "This is no formula from character {where} on. Use numbers, names, + - * / ( ) and min, max, round, if."
        )
        raise InvalidInput(fields={"formula": sentence.format(where=error.where)}) from error
    before = {
        c.code.lower()
        for c in components_on(work.session, work.company_id, body.valid_from)
        if c.sort_no < body.sort_no
    }
    if unknown := sorted(names - set(VARIABLES) - before):
        sentence = _("{name} is not known here. Known are: {names}, and components before this one.")
        raise InvalidInput(fields={"formula": sentence.format(name=unknown[0], names=", ".join(VARIABLES))})


@command(income_tax_scheme, _("Enter income tax scheme"))
def enter_income_tax_scheme(work: Work, body: EnterTaxScheme) -> IncomeTaxScheme:
    """Write down the brackets that hold from a day on, as the law has them."""
    brackets = tuple(Bracket(b.taxable_up_to, b.rate, b.quick_deduction) for b in body.brackets)
    if not is_seamless(TaxScheme(body.basic_deduction, brackets)):
        raise InvalidInput(
            fields={"brackets": _("At the bound of two brackets both must give the same tax; the last has no bound.")}
        )
    made = IncomeTaxScheme(company_id=work.company_id, **body.model_dump(exclude={"brackets"}))
    return _with_lines(work, made, IncomeTaxBracket, "income_tax_scheme_id", body.brackets)


@command(social_insurance_scheme, _("Enter social insurance scheme"))
def enter_social_insurance_scheme(work: Work, body: EnterInsuranceScheme) -> SocialInsuranceScheme:
    """Write down rates and bases that hold from a day on, as your city has them."""
    wrong = {
        f"rates.{place}.base_cap": _("The cap is not below the floor.")
        for place, rate in enumerate(body.rates)
        if rate.base_cap < rate.base_floor
    }
    if wrong:
        raise InvalidInput(fields=wrong)
    made = SocialInsuranceScheme(company_id=work.company_id, **body.model_dump(exclude={"rates"}))
    return _with_lines(work, made, SocialInsuranceRate, "social_insurance_scheme_id", body.rates)


def _with_lines(work: Work, made: Any, model: type[Any], parent: str, lines: list[Any]) -> Any:
    work.session.add(made)
    work.session.flush()
    work.session.add_all(
        model(**{"company_id": work.company_id, parent: made.id, **line.model_dump()}) for line in lines
    )
    work.session.flush()
    return made


def make_default_schemes(work: Work) -> None:
    """Give the company the components, China's tax on wages, and an example of social insurance."""
    for row in _rows(AREA / "components.csv"):
        set_pay_component(work, SetPayComponent.model_validate({**row, "valid_from": "2000-01-01"}))
    for day, rows in _by_day(AREA / "data" / "income_tax_wages.csv").items():
        brackets = [
            {"taxable_up_to": r["cumulative_taxable_up_to"], "rate": r["rate"], "quick_deduction": r["quick_deduction"]}
            for r in rows
        ]
        values = {"valid_from": day, "basic_deduction": BASIC_DEDUCTION, "source": TAX_SOURCE, "brackets": brackets}
        enter_income_tax_scheme(work, EnterTaxScheme.model_validate(values))
    for day, rows in _by_day(AREA / "data" / "social_insurance.csv").items():
        rates = [{"name": r.pop("name_en"), **{k: v for k, v in r.items() if k != "valid_from"}} for r in rows]
        values = {"valid_from": day, "source": INSURANCE_SOURCE, "rates": rates}
        enter_social_insurance_scheme(work, EnterInsuranceScheme.model_validate(values))


def _rows(file: Path) -> list[dict[str, Any]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(stream)]


def _by_day(file: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(file):
        found.setdefault(row["valid_from"], []).append(row)
    return found
