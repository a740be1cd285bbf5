"""Money of claims, split: the tax in a receipt, and a claim's lines in the company's currency."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from operational_app.core.money import rounded
from operational_app.finance.settlement.rules import shared
from operational_app.hr.expenses.rules import tax_within

CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "0.03", "0.05", "0.06", "0.09", "0.13")])


@given(CENTS, RATES)
def test_the_tax_in_a_receipt_is_the_rate_of_what_is_left(amount: Decimal, rate: Decimal) -> None:
    tax = tax_within(amount, rate, 2)
    assert 0 <= tax < amount
    # To half a unit: no other tax in cents is nearer.
    assert abs((amount - tax) * rate - tax) <= Decimal("0.005") * (1 + rate)


@given(st.lists(st.tuples(CENTS, RATES), min_size=1, max_size=12), st.decimals("0.0001", "1000", places=4))
def test_the_lines_of_a_foreign_claim_come_to_its_total_in_the_companys_currency(
    receipts: list[tuple[Decimal, Decimal]], exchange_rate: Decimal
) -> None:
    taxes = [tax_within(amount, rate, 2) for amount, rate in receipts]
    parts = [part for (amount, _rate), tax in zip(receipts, taxes, strict=True) for part in (amount - tax, tax)]
    total = rounded(sum(parts, Decimal(0)) * exchange_rate, 2)
    shares = shared(total, parts, 2)
    assert sum(shares) == total
    # Each is within a cent of its own conversion, so no line is worth nothing of its own.
    assert all(
        abs(share - part * total / sum(parts)) < Decimal("0.01") for share, part in zip(shares, parts, strict=True)
    )
