"""Arithmetic of journal entries, and the purposes that automatic postings need accounts for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from operational_app.core.money import allocate, rounded

# Purpose → what the postings use it for. A company's chart says which account serves it.
PURPOSES = {
    "receivable": "What customers owe: the control account of receivables.",
    "customer_advances": "Money of customers that has paid no invoice yet: the control account of prepayments.",
    "discount_given": "Discounts that customers took for paying early.",
    "discount_taken": "Discounts that suppliers gave for paying early.",
    "revenue": "Sales without tax.",
    "output_vat": "Tax on sales.",
    "inventory": "Stock at cost: the control account of item valuations.",
    "cost_of_goods_sold": "Cost of what was delivered.",
    "supplier_advances": "Money paid to suppliers that has paid no bill yet: the control account of advances to suppliers.",
    "payable": "What is owed to suppliers: the control account of payables.",
    "goods_received_not_billed": "Goods that came in and are not billed yet.",
    "input_vat": "Tax on purchases.",
    "vat_transferred": "VAT of filed returns that is due, taken out of output and input tax.",
    "vat_unpaid": "VAT of filed returns that is to be paid.",
    "price_variance": "Differences between bill and order on goods that are gone.",
    "stock_revaluation": "What stock gains or loses when its standard cost changes.",
    "rounding": "Agreed differences of rounding.",
    "bank": "Money at the bank.",
    "cash_on_hand": "Money in the cash box.",
    "opening_equity": "Counterpart of first stocks and balances.",
    "stock_difference": "Differences found in counts.",
    "scrap": "Stock written off.",
    "work_in_progress": "What production orders have cost and not delivered: their control account.",
    "labour_absorbed": "Hours worked on production orders: the counterpart of what they add to work in progress.",
    "production_variance": "What was left in work in progress when production orders were closed.",
    "exchange_difference": "Gains and losses of exchange rates.",
    "fixed_assets": "Fixed assets at cost: the control account of fixed assets.",
    "accumulated_depreciation": "What fixed assets have lost: the control account of depreciation.",
    "depreciation": "Depreciation of the period.",
    "disposal_result": "Gains and losses on fixed assets that were sold or scrapped.",
    "pay_cost_administration": "Pay and the employer's social insurance of departments that administer.",
    "pay_cost_selling": "The same of departments that sell.",
    "pay_cost_production": "The same of departments that produce.",
    "payroll_payable": "Net pay owed to employees.",
    "social_insurance_payable": "Social insurance and housing fund owed, of both sides.",
    "income_tax_withheld": "Income tax withheld from pay and not paid to the tax office yet.",
    "employee_advances": "What employees owe: advances, and pay that did not cover what was taken off.",
    "pay_deductions": "Other amounts taken off pay, to be passed on.",
    "employee_payable": "What is owed to employees for what they laid out: its control account.",
} | {
    f"expense_{group}_{cost_kind}": f"{expense} that employees laid out, of departments that {work}."
    for group, expense in (
        ("travel", "Travel"),
        ("entertainment", "Entertainment of guests"),
        ("office", "Office costs"),
        ("other", "Other expenses"),
    )
    for cost_kind, work in (("administration", "administer"), ("selling", "sell"), ("production", "produce"))
}

# Purposes whose account is the sum of documents elsewhere: nobody posts to it by hand, or the two would part.
CONTROLLED = (
    "receivable",
    "customer_advances",
    "inventory",
    "supplier_advances",
    "payable",
    "goods_received_not_billed",
    "work_in_progress",
    "fixed_assets",
    "accumulated_depreciation",
    "employee_payable",
)

# Type → the side on which such an account grows.
ACCOUNT_TYPES = {
    "asset": "debit",
    "liability": "credit",
    "equity": "credit",
    "cost": "debit",
    "income": "credit",
    "expense": "debit",
}

# Words with one space between them and nothing that an export to hledger or a spreadsheet would take for something else:
# 1002, 2221.01.06, Assets:Bank, 应收账款.
ACCOUNT_CODE = r"^[^\s;\"()\[\]{}|*!#=@~:][^\s;\"()\[\]{}|]*(?: [^\s;\"()\[\]{}|]+)*$"
_account_code = re.compile(ACCOUNT_CODE)
LONGEST_ACCOUNT_CODE = 100

ZERO = Decimal(0)


def is_account_code(text: str) -> bool:
    """Whether an account can be called this. A colon joins the parts of a path, none of which is empty."""
    return (
        len(text) <= LONGEST_ACCOUNT_CODE
        and _account_code.fullmatch(text) is not None
        and all(part and part == part.strip() for part in text.split(":"))
    )


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
    department_id: int | None = None

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


def company_amounts(lines: Sequence[tuple[Decimal, tuple[str, Decimal] | None]], minor_units: int) -> list[Decimal]:
    """What lines come to in the company's currency.

    Lines of one currency that balance at one rate are converted as a whole and the result is shared out over each side by
    largest remainder: rounding line by line would leave an entry that balances in its currency and not in ours.

    Args:
        lines: signed amount, and (currency, rate) where it is not in the company's currency.
        minor_units: decimals of the company's currency.
    """
    converted = [amount if rate is None else rounded(amount * rate[1], minor_units) for amount, rate in lines]
    for currency in {rate[0] for _amount, rate in lines if rate}:
        own = [i for i, (_amount, rate) in enumerate(lines) if rate and rate[0] == currency]
        rates = {rate[1] for i in own if (rate := lines[i][1])}
        if len(rates) > 1 or sum(lines[i][0] for i in own):
            continue
        for side in ([i for i in own if lines[i][0] > 0], [i for i in own if lines[i][0] < 0]):
            weights = [abs(lines[i][0]) for i in side]
            total = rounded(sum(lines[i][0] for i in side) * next(iter(rates)), minor_units)
            for i, part in zip(side, allocate(total, weights, minor_units), strict=True):
                converted[i] = part
    return converted
