"""The moving average for every sequence of moves: never negative, zero is zero, nothing created or lost."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from operational_app.core.money import rounded
from operational_app.erp.inventory.rules import issue_value

# (comes in?, quantity in millionths, unit cost in millionths)
MOVES = st.lists(st.tuples(st.booleans(), st.integers(1, 10**8), st.integers(0, 10**9)), max_size=40)
QUANTITY = Decimal(1).scaleb(-6)


@given(MOVES, st.integers(0, 4))
def test_value_is_never_negative_and_zero_when_nothing_is_left_g6(
    moves: list[tuple[bool, int, int]], minor_units: int
) -> None:
    on_hand = value = brought = taken = Decimal(0)
    for comes_in, amount, cost in moves:
        quantity = amount * QUANTITY
        if comes_in:
            move_value = rounded(quantity * cost * QUANTITY, minor_units)
            on_hand, value, brought = on_hand + quantity, value + move_value, brought + move_value
        elif on_hand:
            quantity = min(quantity, on_hand)
            out = issue_value(on_hand, value, quantity, minor_units)
            assert 0 <= out <= value
            assert out == rounded(out, minor_units) or quantity == on_hand
            on_hand, value, taken = on_hand - quantity, value - out, taken + out
        assert on_hand >= 0 and value >= 0
        assert on_hand > 0 or value == 0
    assert brought == taken + value


@given(st.integers(1, 10**10), st.integers(0, 10**12), st.integers(1, 10**10))
def test_what_leaves_is_worth_its_share_to_half_a_unit(on_hand: int, cents: int, out: int) -> None:
    out = min(out, on_hand)
    value = Decimal(cents).scaleb(-2)
    found = issue_value(on_hand * QUANTITY, value, out * QUANTITY, 2)
    assert abs(found * on_hand - value * out) <= Decimal("0.005") * on_hand


def test_the_average_of_10_at_100_and_5_at_110_values_5_at_516_67_g2() -> None:
    assert issue_value(Decimal(15), Decimal(1550), Decimal(5), 2) == Decimal("516.67")
