"""Pay by brute force: cumulative tax against the yearly computation, formulas, cost centres, entitlements, proof."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operational_app.hr.payroll.rules.formula import FormulaUnreadable, evaluate, names_in, parsed
from operational_app.hr.payroll.rules.months import Agreement, PersonMonth, months_employed
from operational_app.hr.payroll.rules.posting import SMALLEST_GROUP, Centre, merged, proof_of
from operational_app.hr.payroll.rules.statutory import (
    Bracket,
    InsuranceRate,
    TaxScheme,
    TaxYear,
    insurance_of,
    is_seamless,
    tax_on,
    tax_to_withhold,
)
from operational_app.hr.time.rules import entitled, expired_of_carried

BOUNDS = (("36000", "0.03", "0"), ("144000", "0.10", "2520"), ("300000", "0.20", "16920"), ("420000", "0.25", "31920"),
          ("660000", "0.30", "52920"), ("960000", "0.35", "85920"), (None, "0.45", "181920"))  # fmt: skip
CHINA = TaxScheme(
    Decimal(5000),
    tuple(Bracket(Decimal(up) if up else None, Decimal(rate), Decimal(quick)) for up, rate, quick in BOUNDS),
)
cents = st.integers(0, 20_000_000).map(lambda n: Decimal(n).scaleb(-2))


def tax_by_slices(taxable: Decimal) -> Decimal:
    """Tax the long way: each slice of income at its own rate, no quick deduction."""
    total, lower = Fraction(0), Fraction(0)
    for bracket in CHINA.brackets:
        upper = Fraction(bracket.up_to) if bracket.up_to is not None else None
        part = min(Fraction(taxable), upper) if upper is not None else Fraction(taxable)
        total += max(Fraction(0), part - lower) * Fraction(bracket.rate)
        lower = upper if upper is not None else lower
    return Decimal(int(total * 100 + Fraction(1, 2))).scaleb(-2)


@given(st.integers(0, 300_000_000).map(lambda n: Decimal(n).scaleb(-2)))
def test_brackets_with_quick_deductions_are_the_sum_of_slices(taxable: Decimal) -> None:
    assert tax_on(CHINA, taxable) == tax_by_slices(taxable)


@given(st.lists(st.tuples(cents, cents, st.integers(0, 8000)), min_size=1, max_size=12), st.integers(1, 12))
def test_what_is_withheld_over_the_year_is_the_tax_of_the_year_where_nothing_is_owed_back(
    months: list[tuple[Decimal, Decimal, int]], first: int
) -> None:
    """However pay jumps: what was withheld is the highest that the year has called for so far."""
    year, highest = TaxYear(), Decimal(0)
    for count, (income, insurance, additional) in enumerate(months, start=1):
        this = TaxYear(income, min(insurance, income), Decimal(additional))
        tax = tax_to_withhold(CHINA, year, this, count)
        year = year.plus(this).plus(TaxYear(tax=tax))
        taxable = max(Decimal(0), year.income - 5000 * count - year.insurance - year.additional)
        highest = max(highest, tax_by_slices(taxable))
        assert year.tax == highest
        assert tax >= 0


def test_the_tax_authoritys_example() -> None:
    year, withheld = TaxYear(), []
    for count in (1, 2, 3):
        this = TaxYear(Decimal(30000), Decimal(4500), Decimal(2000))
        tax = tax_to_withhold(CHINA, year, this, count)
        year = year.plus(this).plus(TaxYear(tax=tax))
        withheld.append(tax)
    assert withheld == [555, 625, 1850]


def test_brackets_that_do_not_meet_are_seen() -> None:
    assert is_seamless(CHINA)
    broken = (*CHINA.brackets[:1], Bracket(None, Decimal("0.1"), Decimal(2500)))
    assert not is_seamless(TaxScheme(Decimal(5000), broken))
    assert not is_seamless(TaxScheme(Decimal(5000), CHINA.brackets[:-1]))


@given(cents, cents, cents)
def test_insurance_keeps_between_floor_and_cap(base: Decimal, floor: Decimal, more: Decimal) -> None:
    rate = InsuranceRate("X", Decimal("0.08"), Decimal("0.16"), floor, floor + more)
    own, theirs = insurance_of(rate, base)
    assert insurance_of(rate, floor)[0] <= own <= insurance_of(rate, floor + more)[0]
    assert insurance_of(rate, floor)[1] <= theirs <= insurance_of(rate, floor + more)[1]


@st.composite
def formulas(draw: st.DrawFn, depth: int = 0) -> tuple[str, Fraction]:
    """A formula without division, and what it comes to."""
    if depth > 4 or draw(st.booleans()):
        number = draw(st.integers(0, 999_999))
        return f"{Decimal(number).scaleb(-2)}", Fraction(number, 100)
    left, a = draw(formulas(depth + 1))
    right, b = draw(formulas(depth + 1))
    sign, value = draw(st.sampled_from([("+", a + b), ("-", a - b), ("*", a * b)]))
    if draw(st.booleans()):
        return f"min({left}, {right})", min(a, b)
    return f"({left} {sign} {right})", value


@given(formulas())
def test_a_formula_is_worked_out_exactly(formula: tuple[str, Fraction]) -> None:
    text, value = formula
    if abs(value) < Fraction(10) ** 20 and len(text) <= 500:
        assert Fraction(evaluate(text, {})) == value


@given(st.text(max_size=40))
def test_no_text_makes_a_formula_do_anything_but_compute_or_refuse(text: str) -> None:
    try:
        evaluate(text, {"salary": Decimal(1)})
    except FormulaUnreadable:
        pass


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "salary.__class__", "exec(1)", "1 +", "if(1, 2)", "((((1", "1 / 0", "a" * 600, "2 ** 3"],
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(FormulaUnreadable):
        evaluate(text, {"salary": Decimal(1)})


def test_a_formula_takes_only_the_branch_that_holds() -> None:
    assert evaluate("if(work_days = 0, 0, salary / work_days)", {"work_days": Decimal(0), "salary": Decimal(9)}) == 0
    assert names_in(parsed("min(base, full_salary / 21.75 * unpaid_days)")) == {"base", "full_salary", "unpaid_days"}


centres = st.lists(st.tuples(st.integers(1, 9), cents, cents), min_size=1, max_size=12)


@given(centres)
def test_merged_cost_centres_keep_the_whole_and_hide_the_few(rows: list[tuple[int, Decimal, Decimal]]) -> None:
    made = [Centre(place, "administration", heads, gross, own) for place, (heads, gross, own) in enumerate(rows)]
    found = merged(made)
    assert sum(c.total for c in found) == sum(c.total for c in made)
    assert sum(c.head_count for c in found) == sum(c.head_count for c in made)
    assert len(found) == 1 or all(c.head_count >= SMALLEST_GROUP for c in found)


@given(st.lists(st.tuples(st.uuids().map(str), cents, cents), min_size=1, max_size=5), st.data())
def test_the_proof_tells_any_other_amount_and_no_other_order(
    slips: list[tuple[str, Decimal, Decimal]], data: st.DataObject
) -> None:
    proof = proof_of(slips, "salt")
    assert proof_of(data.draw(st.permutations(slips)), "salt") == proof
    number, gross, own = slips[0]
    assert proof_of([(number, gross + Decimal("0.01"), own), *slips[1:]], "salt") != proof
    assert proof_of(slips, "pepper") != proof


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.integers(1, 30))
def test_a_year_of_months_earns_the_years_days(start: date, days: int) -> None:
    whole = entitled(Decimal(days), start, date(start.year, 12, 31))
    assert 0 <= whole <= days
    if (start.month, start.day) == (1, 1):
        assert whole == days
    assert entitled(Decimal(days), start, date(start.year + 1, 12, 31)) == days
    steps = [entitled(Decimal(days), start, date(start.year, month, 28)) for month in range(1, 13)]
    assert steps == sorted(steps)


@given(cents, cents)
def test_carried_days_are_used_before_others(carried: Decimal, taken: Decimal) -> None:
    assert expired_of_carried(carried, taken) == max(0, carried - taken)


@given(st.integers(1, 28), st.integers(1_000, 90_000))
def test_a_rise_in_the_middle_of_a_month_lies_between_the_two_salaries(day: int, salary: int) -> None:
    days = [date(2026, 3, n) for n in range(1, 32) if date(2026, 3, n).weekday() < 5]
    change = date(2026, 3, day)
    month = PersonMonth(
        agreements=[
            Agreement(date(2025, 1, 1), date.fromordinal(change.toordinal() - 1), Decimal(salary)),
            Agreement(change, date.max, Decimal(salary * 2)),
        ],
        work_days=days,
        employed=[(date(2025, 1, 1), date.max)],
    )
    assert salary <= round(month.variables()["salary"], 6) <= salary * 2


def test_months_of_employment_count_each_month_once() -> None:
    spans = [(date(2026, 2, 10), date(2026, 3, 5)), (date(2026, 3, 20), date.max)]
    assert [months_employed(spans, 2026, month) for month in (1, 2, 3, 4)] == [0, 1, 2, 3]
