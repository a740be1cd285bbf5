"""Arithmetic of journal entries, and the purposes that automatic postings need accounts for."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

# Purpose → what the postings use it for. A company's chart says which account serves it.
PURPOSES = {
    "receivable": "What customers owe: the control account of receivables.",
    "revenue": "Sales without tax.",
    "output_vat": "Tax on sales.",
    "inventory": "Stock at cost: the control account of item valuations.",
    "cost_of_goods_sold": "Cost of what was delivered.",
    "bank": "Money at the bank.",
    "opening_equity": "Counterpart of first stocks and balances.",
    "stock_difference": "Differences found in counts.",
    "scrap": "Stock written off.",
}

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A line to be posted: an account, a signed amount (debit positive), and whom or what it concerns.

    Attributes:
        amount: in `currency`, or in the company's currency where `currency` is None.
        company_amount: the same in the company's currency; None where the currencies are the same.
    """

    account: int
    amount: Decimal
    currency: str | None = None
    company_amount: Decimal | None = None
    description: str | None = None
    party_role_id: int | None = None
    item_id: int | None = None

    @property
    def value(self) -> Decimal:
        """Signed amount in the company's currency."""
        return self.amount if self.company_amount is None else self.company_amount


def differences(postings: Sequence[Posting]) -> dict[str | None, Decimal]:
    """Currency → how far its lines are from balance; empty where all balance. `None` is the company's currency."""
    sums: dict[str | None, Decimal] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, ZERO) + posting.amount
    return {currency: total for currency, total in sums.items() if total}


def gathered(postings: Sequence[Posting]) -> list[Posting]:
    """Lines of zero left out; the order kept."""
    return [posting for posting in postings if posting.amount or posting.value]
