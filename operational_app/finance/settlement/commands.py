"""Posting documents in their own currency and the company's, and taking open items off the books at what they are carried at.

Rounding: a document's total is converted once; its lines share the total (`rules.shared`). Part of an open item leaves at its
share of the carrying amount, and the last part takes all that is left. What an entry then lacks in the company's currency is
what the rates have made, with at most a unit of rounding in it: a line on the account of exchange differences.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from pydantic import Field

from operational_app.core.command import Body, Ref, Work
from operational_app.core.exchange import OWN, FrozenRate, exchange_rate_on, minor_units_of
from operational_app.core.i18n import Text
from operational_app.core.models import Company
from operational_app.core.money import Money, Rate, carried_share, rounded
from operational_app.finance.errors import BankAccountOfOtherCurrency
from operational_app.finance.ledger.commands import account_for, post
from operational_app.finance.ledger.models import JournalEntry
from operational_app.finance.ledger.queries import money_accounts
from operational_app.finance.ledger.rules import Posting, differences, gathered
from operational_app.finance.settlement.rules import shared


class OpenItem(Protocol):
    """A document that is open in its currency and carried in the company's."""

    open_amount: Decimal
    open_company_amount: Decimal
    exchange_rate_source: str


class Payout(Body):
    """What is asked when money goes out for one document that is open."""

    business_date: date
    amount: Money = Field(gt=0, description="What is paid of the document, in its currency.")
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Currency of the money; empty: the document's."
    )
    source_amount: Money | None = Field(
        default=None, gt=0, description="What leaves in another currency; empty: by the rates of the day."
    )
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )
    bank_account_id: Ref("bank_account") | None = Field(
        default=None, description="Empty: the only bank account in the currency, else the main one."
    )
    bank_reference: str | None = Field(default=None, max_length=200)


def company_of(work: Work) -> Company:
    assert work.company is not None
    return work.company


def in_money_of(work: Work, amount: Decimal, currency: str, money: FrozenRate, day: date) -> Decimal:
    """What an amount of a document comes to in the money that pays it: the same, or by the rates of the day.

    Args:
        money: the currency of the money, and the rate that it bears if it came or went on this day.
    """
    if currency == money.currency:
        return amount
    own = company_of(work).currency
    value = amount if currency == own else amount * exchange_rate_on(work.session, work.company_id, currency, day)
    return rounded(value / money.exchange_rate, minor_units_of(work.session, money.currency))


def rate_of_day(work: Work, bears: FrozenRate, day: date, own_day: date) -> FrozenRate:
    """The rate by which money is turned into another currency on a day: on its own day the one that it bears."""
    if bears.exchange_rate_source == OWN or day == own_day:
        return bears
    rate = exchange_rate_on(work.session, work.company_id, bears.currency, day)
    return FrozenRate(bears.currency, rate, bears.exchange_rate_source, day)


def company_shares(work: Work, rate: FrozenRate, total: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """What each part of a document comes to in the company's currency: together `total`, which is converted already."""
    return list(parts) if rate.exchange_rate_source == OWN else shared(total, parts, work.minor_units)


def take_off(work: Work, item: OpenItem, amount: Decimal) -> Decimal:
    """Take `amount` off what is open, and return what the books carried that part at, in the company's currency."""
    if item.exchange_rate_source == OWN:
        share = amount
    else:
        share = carried_share(item.open_amount, item.open_company_amount, amount, work.minor_units)
    item.open_amount -= amount
    item.open_company_amount -= share
    return share


def money_account(work: Work, currency: str, bank_account_id: int | None) -> int:
    """The ledger account that money of a currency is on: of the bank account named, else of the only one in that currency.

    Without any bank account in the currency it is the company's main one.

    Raises:
        BankAccountOfOtherCurrency: the bank account named is in another currency.
    """
    known = money_accounts(work.session, work.company_id)
    if bank_account_id is not None:
        found = next(row for row in known if row.id == bank_account_id)
        if found.currency != currency:
            raise BankAccountOfOtherCurrency(account=found.code, currency=found.currency, other=currency)
        return int(found.ledger_account_id)
    same = {row.ledger_account_id for row in known if row.currency == currency}
    if currency != company_of(work).currency and len(same) == 1:
        return int(same.pop())
    return account_for(work, "bank")


def goods_share(work: Work, difference: Decimal, net_amount: Decimal, total_amount: Decimal) -> Decimal:
    """What of a difference of rates is the goods'; the rest is the tax's, which is owed at the document's own rate."""
    return rounded(difference * net_amount / total_amount, work.minor_units)


def in_currency(rate: FrozenRate, posting: Posting, company_amount: Decimal) -> Posting:
    """A posting in a document's currency with what it comes to in the company's; plain where the two are the same."""
    if rate.exchange_rate_source == OWN:
        return posting
    return replace(posting, currency=rate.currency, company_amount=company_amount)


def post_in_currency(
    work: Work,
    day: date,
    description: Text | str,
    lines: Sequence[Posting],
    document: tuple[str, int],
) -> JournalEntry | None:
    """Post a document's entry; what it lacks in the company's currency is an exchange difference.

    Returns None where there is nothing to post. A document in the company's own currency has to balance by itself.
    """
    postings = gathered(lines)
    # Money of one currency that pays a document of another has lines in both.
    foreign = any(line.currency is not None for line in postings)
    rest = sum((line.value for line in postings), Decimal(0))
    if foreign and rest:
        postings.append(Posting(account=account_for(work, "exchange_difference"), amount=-rest))
    if not postings:
        return None
    is_exchange = foreign and bool(differences(postings))
    return post(work, day, description, postings, document=document, is_exchange=is_exchange)
