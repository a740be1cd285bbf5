"""What an account is in ratios and in the cash flow statement, by the code it has in its chart; and the ratios."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

ZERO = Decimal(0)
CURRENT_ASSETS = ("cash", "quick", "receivable", "inventory", "other_current")
QUICK_ASSETS = ("cash", "quick", "receivable")
CURRENT_LIABILITIES = ("payable", "current_liability")
LIABILITIES = (*CURRENT_LIABILITIES, "non_current_liability")

# An account of a chart of its own is what its type says, as far as a type says it.
BY_TYPE = {
    "asset": "other_current",
    "cost": "inventory",
    "liability": "current_liability",
    "equity": "equity",
    "income": "revenue",
    "expense": "other_expense",
}
FLOW_BY_TYPE = {"equity": "financing"}


class Group(NamedTuple):
    """What an account counts as: in ratios, and as the other side of money."""

    group: str
    flow: str


@cache
def _ranges() -> list[tuple[str, str, str, Group]]:
    with (Path(__file__).resolve().parent / "groups.csv").open(newline="", encoding="utf-8") as stream:
        return [
            (row["chart"], row["first"], row["last"], Group(row["group"], row["flow"]))
            for row in csv.DictReader(stream)
        ]


def group_of(chart: str, code: str, account_type: str) -> Group:
    """The group of an account. Sub-accounts (2202.01) belong where their account does."""
    head = code[:4]
    for of_chart, first, last, group in _ranges():
        if chart == of_chart and len(head) == 4 and head.isdigit() and first <= head <= last:
            return group
    return Group(BY_TYPE[account_type], FLOW_BY_TYPE.get(account_type, "operating"))


@dataclass(frozen=True)
class Ratio:
    """A ratio with what it was made of; `result` is rounded and for people, nothing is worked out from it."""

    name: str
    numerator: Decimal
    denominator: Decimal
    factor: int = 1

    @property
    def result(self) -> Decimal | None:
        if not self.denominator:
            return None
        return (self.numerator * self.factor / self.denominator).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def ratios(closing: Mapping[str, Decimal], turnover: Mapping[str, Decimal], days: int) -> list[Ratio]:
    """The usual ratios.

    Args:
        closing: group → balance at the end, debit positive, of assets, liabilities and equity.
        turnover: group → of the days asked for, debit positive, of income and expenses.
        days: how many days those are.
    """

    def assets(*groups: str) -> Decimal:
        return sum((closing.get(group, ZERO) for group in groups), ZERO)

    def owed(*groups: str) -> Decimal:
        return -assets(*groups)

    revenue, cost = -turnover.get("revenue", ZERO), turnover.get("cost_of_sales", ZERO)
    result = -sum(turnover.values(), ZERO)
    # What nobody has closed to equity yet is equity all the same: assets less liabilities.
    equity = sum(closing.values(), ZERO) - assets("equity")
    return [
        Ratio("current_ratio", assets(*CURRENT_ASSETS), owed(*CURRENT_LIABILITIES)),
        Ratio("quick_ratio", assets(*QUICK_ASSETS), owed(*CURRENT_LIABILITIES)),
        Ratio("cash_ratio", assets("cash"), owed(*CURRENT_LIABILITIES)),
        Ratio("gross_margin", revenue - cost, revenue),
        Ratio("net_margin", result, revenue),
        Ratio("days_sales_outstanding", assets("receivable"), revenue, days),
        Ratio("days_inventory_outstanding", assets("inventory"), cost, days),
        Ratio("days_payables_outstanding", owed("payable"), cost, days),
        Ratio("debt_to_equity", owed(*LIABILITIES), equity),
    ]
