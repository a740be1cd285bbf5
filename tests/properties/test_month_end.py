"""Arithmetic of the month end for every input: depreciation, foreign currencies, commitments."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from operational_app.core.money import carried_share, rounded
from operational_app.finance.assets.rules import depreciated_after, month_after, month_end, months_until
from operational_app.finance.budget.rules import taken_up
from operational_app.finance.ledger.rules import company_amounts

CENTS = st.integers(1, 10**10).map(lambda cents: Decimal(cents) / 100)
RATES = st.integers(1, 10**10).map(lambda units: Decimal(units) / 10**6)


@given(CENTS, st.integers(1, 240))
def test_depreciation_sums_to_the_amount_and_no_two_months_differ_by_more_than_a_unit(
    depreciable: Decimal, life: int
) -> None:
    totals = [depreciated_after(depreciable, life, months, 2) for months in range(life + 3)]
    assert totals[0] == 0 and totals[life] == totals[-1] == depreciable
    parts = [later - earlier for earlier, later in zip(totals, totals[1:], strict=False)][:life]
    assert max(parts) - min(parts) <= Decimal("0.01")
    assert all(part == rounded(part, 2) and part >= 0 for part in parts)


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)))
def test_months_are_counted_as_on_a_calendar(day: date) -> None:
    after = month_after(day)
    assert after.day == 1 and (after - month_end(day)).days == 1
    assert (months_until(day, day), months_until(day, after), months_until(after, day)) == (1, 2, 0)


@given(st.lists(CENTS, min_size=1, max_size=8), st.lists(CENTS, min_size=1, max_size=8), RATES)
def test_an_entry_that_balances_in_its_currency_balances_in_ours(
    debits: list[Decimal], credits_: list[Decimal], rate: Decimal
) -> None:
    difference = sum(debits) - sum(credits_)
    (credits_ if difference > 0 else debits).append(abs(difference))
    amounts = [amount for amount in [*debits, *(-credit for credit in credits_)] if amount]
    values = company_amounts([(amount, ("USD", rate)) for amount in amounts], 2)
    assert sum(values) == 0
    for amount, value in zip(amounts, values, strict=True):
        assert amount * value >= 0 and value == rounded(value, 2)
        assert abs(value - amount * rate) < Decimal("0.02")


@given(st.lists(st.tuples(CENTS, RATES), min_size=1, max_size=6))
def test_lines_at_several_rates_are_converted_one_by_one(lines: list[tuple[Decimal, Decimal]]) -> None:
    values = company_amounts([(amount, ("USD", rate)) for amount, rate in lines], 2)
    assert values == [rounded(amount * rate, 2) for amount, rate in lines]


@given(st.lists(CENTS, min_size=1, max_size=10), CENTS, st.sampled_from((1, -1)))
def test_what_a_balance_is_carried_at_leaves_with_it_to_the_last_unit(
    settlements: list[Decimal], carried: Decimal, sign: int
) -> None:
    balance, left = sign * sum(settlements), sign * carried
    for settled in settlements:
        share = carried_share(balance, left, sign * settled, 2)
        assert 0 <= sign * share <= sign * left
        balance, left = balance - sign * settled, left - share
    assert (balance, left) == (0, 0)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=10), CENTS)
def test_bills_take_up_a_commitment_and_the_last_leaves_nothing(bills: list[int], committed: Decimal) -> None:
    ordered, left, before = Decimal(sum(bills)), committed, Decimal(0)
    for billed in map(Decimal, bills):
        taken = taken_up(left, ordered, billed, before, 2)
        assert 0 <= taken <= left
        left, before = left - taken, before + billed
    assert left == 0
