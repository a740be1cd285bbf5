"""Terms of payment: for every total and every terms the instalments are the total, and no day comes before the document's."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from operational_app.finance.terms.rules import Part, due_on, instalments

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
COUNTING = st.one_of(
    st.builds(lambda days: ("days", days, None), st.integers(0, 730)),
    st.builds(lambda days: ("end_of_month", days, None), st.integers(0, 730)),
    st.builds(lambda days, number: ("day_of_month", days, number), st.integers(0, 730), st.integers(1, 31)),
)


@given(DAYS, st.lists(st.tuples(st.integers(1, 100), COUNTING), min_size=1, max_size=12), st.integers(0, 10**9))
def test_instalments_are_the_total_each_on_a_day_of_its_own(
    day: date, drawn: list[tuple[int, tuple[str, int, int | None]]], cents: int
) -> None:
    whole = sum(weight for weight, _counting in drawn)
    parts = [Part(Decimal(weight) / whole, *counting) for weight, counting in drawn]
    total = Decimal(cents).scaleb(-2)
    found = instalments(parts, day, total, 2)
    assert sum(amount for _on, amount in found) == total
    days = [on for on, _amount in found]
    assert days == sorted(set(days)) and days[0] >= day
    assert len(found) == 1 or all(amount > 0 for _on, amount in found)
    assert set(days) <= {due_on(part, day) for part in parts}


def test_the_days_that_a_clerk_would_write() -> None:
    whole = Decimal(1)
    assert due_on(Part(whole, "days", 30), date(2026, 1, 31)) == date(2026, 3, 2)
    assert due_on(Part(whole, "end_of_month", 10), date(2026, 1, 15)) == date(2026, 2, 10)
    assert due_on(Part(whole, "end_of_month", 0), date(2028, 2, 3)) == date(2028, 2, 29)
    assert due_on(Part(whole, "day_of_month", 0, 25), date(2026, 3, 25)) == date(2026, 3, 25)
    assert due_on(Part(whole, "day_of_month", 0, 25), date(2026, 3, 26)) == date(2026, 4, 25)
    assert due_on(Part(whole, "day_of_month", 30, 31), date(2026, 1, 5)) == date(2026, 2, 28)
    assert due_on(Part(whole, "day_of_month", 0, 31), date(2026, 12, 31)) == date(2026, 12, 31)
