"""Rules of order to cash, for every input: shares of an amount, days that can be promised, who is the same party."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from operational_app.core.money import portion
from operational_app.crm.contacts.rules import same_party
from operational_app.crm.opportunities.rules import TRANSITIONS, probability
from operational_app.erp.sales.rules import earliest_promise
from operational_app.finance.settlement.rules import LARGEST_DISCOUNT, discount_limit

DAY = date(2026, 3, 2)
quantities = st.decimals(min_value=Decimal("0.000001"), max_value=10**6, places=6)
amounts = st.decimals(min_value=0, max_value=10**12, places=2)
few = st.integers(min_value=0, max_value=20).map(Decimal)


@given(amounts, st.lists(quantities, min_size=1, max_size=12))
def test_shares_of_an_amount_sum_to_it_and_none_is_negative(amount: Decimal, parts: list[Decimal]) -> None:
    whole, taken, shares = sum(parts, Decimal(0)), Decimal(0), []
    for part in parts:
        shares.append(portion(amount, whole, taken, part, 2))
        taken += part
    assert sum(shares, Decimal(0)) == amount
    assert min(shares) >= 0


@given(amounts, quantities, quantities)
def test_a_share_is_within_a_cent_of_its_proportion(amount: Decimal, taken: Decimal, quantity: Decimal) -> None:
    whole = taken + quantity + 1
    share = portion(amount, whole, taken, quantity, 2)
    assert abs(share - amount * quantity / whole) <= Decimal("0.01")


def by_trying_every_day(
    quantity: Decimal, day: date, free: Decimal, changes: list[tuple[date, Decimal]]
) -> date | None:
    """The same question answered the slow way: of the next days the first that leaves nobody short from then on."""
    days = [day + timedelta(days=number) for number in range(60)]

    def level(at: date) -> Decimal:
        return free + sum((change for when, change in changes if when <= at), Decimal(0))

    return next((at for at in days if all(level(later) >= quantity for later in days if later >= at)), None)


@given(
    few.filter(lambda quantity: quantity > 0),
    few,
    st.lists(
        st.tuples(
            st.integers(min_value=-5, max_value=40).map(lambda number: DAY + timedelta(days=number)),
            st.integers(min_value=-20, max_value=20).map(Decimal),
        ),
        max_size=8,
    ),
)
def test_a_promise_is_the_first_day_that_leaves_nobody_short(
    quantity: Decimal, free: Decimal, changes: list[tuple[date, Decimal]]
) -> None:
    assert earliest_promise(quantity, DAY, free, changes) == by_trying_every_day(quantity, DAY, free, changes)


@given(amounts)
def test_no_discount_takes_more_than_its_part_of_the_total(total: Decimal) -> None:
    assert discount_limit(total, LARGEST_DISCOUNT, 2) - total * LARGEST_DISCOUNT <= Decimal("0.005")
    assert 0 <= discount_limit(total, LARGEST_DISCOUNT, 2) <= total


marks = st.tuples(st.none() | st.sampled_from(["", "T1", "T2"]), st.none() | st.sampled_from(["", "a@b", "A@b", "c@d"]))


@given(marks, marks)
def test_being_the_same_party_goes_both_ways_and_never_against_the_tax_number(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None]
) -> None:
    assert same_party(one, other) == same_party(other, one)
    if one[0] and other[0] and one[0] != other[0]:
        assert not same_party(one, other)


def test_what_is_won_is_certain_and_what_is_lost_is_gone() -> None:
    likely = Decimal("0.25")
    assert [probability(state, likely) for state in ("open", "won", "lost")] == [likely, 1, 0]
    assert {before for before, _after in TRANSITIONS} == {"open"}
