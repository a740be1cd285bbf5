"""Arithmetic of money for every input: rounding, allocation, the text of a decimal."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from operational_app.core.money import Money, allocate, plain, rounded

MINOR_UNITS = st.integers(0, 4)
AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=4)


def minor(amount: int, minor_units: int) -> Decimal:
    return Decimal(amount).scaleb(-minor_units)


@given(st.integers(-(10**13), 10**13), st.lists(st.integers(0, 10**6), min_size=1, max_size=30), MINOR_UNITS)
def test_parts_sum_to_the_total_and_none_is_a_unit_away_from_its_share(
    units: int, weights: list[int], minor_units: int
) -> None:
    if not sum(weights):
        weights[0] = 1
    total = minor(units, minor_units)
    parts = allocate(total, [Decimal(weight) for weight in weights], minor_units)
    assert sum(parts, Decimal(0)) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < minor(1, minor_units) * sum(weights)
        assert part == rounded(part, minor_units)
        assert part * total >= 0
        if not weight:
            assert part == 0


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**4), min_size=2, max_size=8), MINOR_UNITS)
def test_a_heavier_part_never_gets_less(units: int, weights: list[int], minor_units: int) -> None:
    if not sum(weights):
        weights[0] = 1
    total = minor(units, minor_units)
    parts = allocate(total, [Decimal(weight) for weight in weights], minor_units)
    by_weight = sorted(zip(weights, map(abs, parts), strict=True))
    for (lighter, less), (heavier, more) in zip(by_weight, by_weight[1:], strict=False):
        if lighter < heavier:
            assert less <= more


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(2), Decimal(-1)]])
def test_weights_that_say_nothing_are_refused(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError):
        allocate(Decimal(1), weights, 2)


def test_a_total_that_is_no_whole_number_of_minor_units_is_refused() -> None:
    with pytest.raises(ValueError):
        allocate(Decimal("1.005"), [Decimal(1)], 2)


@given(AMOUNTS, MINOR_UNITS)
def test_rounding_is_to_the_nearest_and_half_goes_away_from_zero(amount: Decimal, minor_units: int) -> None:
    result = rounded(amount, minor_units)
    half = minor(1, minor_units) / 2
    assert abs(result - amount) <= half
    if abs(result - amount) == half:
        assert abs(result) > abs(amount)
    assert rounded(result, minor_units) == result
    assert rounded(-amount, minor_units) == -result


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_the_text_of_a_decimal_is_the_same_decimal_without_exponent(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text.upper() and not (("." in text) and text.endswith(("0", ".")))


@given(st.floats())
def test_no_float_becomes_money(value: float) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Money).validate_python(value)


@given(AMOUNTS)
def test_money_goes_to_json_and_back_unchanged(amount: Decimal) -> None:
    money = TypeAdapter(Money)
    text = money.dump_json(amount)
    assert text.startswith(b'"')
    assert money.validate_json(text) == amount
