"""Verbs about foreign currencies: value balances at a period's end, settle a balance and book what the rate has brought."""

from datetime import date, timedelta
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.exchange import exchange_rate_on
from operational_app.core.i18n import _
from operational_app.core.models import Currency, Period
from operational_app.core.money import Money, Rate, as_money, carried_share, rounded
from operational_app.finance.currency.models import (
    CurrencyRevaluation,
    CurrencyRevaluationLine,
    currency_revaluation,
)
from operational_app.finance.currency.queries import foreign_balances
from operational_app.finance.errors import NoForeignBalance, RevaluedAlready, SettledTooMuch
from operational_app.finance.ledger.commands import account_for, post, post_reversal, refuse_controlled_account
from operational_app.finance.ledger.models import JournalEntry, LedgerAccount, journal_entry
from operational_app.finance.ledger.rules import Posting


class RevalueCurrencies(Body):
    period_id: Ref("period")


class SettleForeignBalance(Body):
    posting_date: date
    description: str = Field(min_length=1, max_length=500)
    ledger_account_id: Ref("ledger_account")
    counterpart_account_id: Ref("ledger_account") = Field(description="Account of the money, such as a bank account.")
    currency: str = Field(pattern="^[A-Z]{3}$")
    amount: Money = Field(gt=0)
    exchange_rate: Rate | None = Field(
        default=None, gt=0, description="Company's currency for one unit; empty: the rate of the day."
    )


@command(currency_revaluation, _("Revalue currencies"))
def revalue_currencies(work: Work, body: RevalueCurrencies) -> CurrencyRevaluation:
    """Value every balance of money and claims in a foreign currency at the rate of the period's end.

    The difference is unrealised: it is booked on the last day and taken back on the next, so that a settlement later brings
    the whole difference since the balance arose.
    """
    period = work.session.get_one(Period, body.period_id)
    lines = _valued(work, period.end_date)
    if not any(line.difference_amount for line in lines):
        raise NoForeignBalance(code=period.code)
    known = work.session.scalars(
        select(CurrencyRevaluation.number).where(
            CurrencyRevaluation.company_id == work.company_id, CurrencyRevaluation.period_id == period.id
        )
    ).one_or_none()
    if known is not None:
        raise RevaluedAlready(code=period.code, number=known)
    made = CurrencyRevaluation(
        id=work.new_id(CurrencyRevaluation),
        company_id=work.company_id,
        number=work.number(currency_revaluation, period.end_date),
        state="posted",
        business_date=period.end_date,
        created_by=work.principal.user_id,
        period_id=period.id,
        difference_amount=sum((line.difference_amount for line in lines), Decimal(0)),
        reversal_date=period.end_date + timedelta(days=1),
    )
    work.session.add(made)
    work.session.flush()
    for line in lines:
        line.currency_revaluation_id = made.id
    work.session.add_all(lines)
    document = (currency_revaluation.name, made.id)
    gain = account_for(work, "exchange_difference")
    entry = post(
        work,
        period.end_date,
        _("Currency revaluation {code}").format(code=period.code),
        [
            posting
            for line in lines
            for posting in (
                Posting(account=line.ledger_account_id, amount=line.difference_amount, description=line.currency),
                Posting(account=gain, amount=-line.difference_amount, description=line.currency),
            )
        ],
        document=document,
    )
    post_reversal(work, entry, made.reversal_date, document=document)
    return made


@command(journal_entry, _("Settle foreign balance"))
def settle_foreign_balance(work: Work, body: SettleForeignBalance) -> JournalEntry:
    """Receive or pay money in a foreign currency for a balance that stands in the ledger.

    The balance leaves at what the books carry it at, the money comes or goes at the rate of the day; the difference is a
    realised gain or loss.
    """
    assert work.company is not None
    refuse_controlled_account(work, body.ledger_account_id, "ledger_account_id")
    refuse_controlled_account(work, body.counterpart_account_id, "counterpart_account_id")
    account = work.session.scalars(
        select(LedgerAccount).where(LedgerAccount.id == body.ledger_account_id).with_for_update()
    ).one()
    found = next(iter(foreign_balances(work.session, work.company_id, date.max, account.id, body.currency)), None)
    if found is None or body.amount > abs(found.balance):
        open_amount = abs(found.balance) if found else Decimal(0)
        raise SettledTooMuch(
            amount=as_money(body.amount), currency=body.currency, open=as_money(open_amount), account=account.code
        )
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    settled = body.amount if found.balance > 0 else -body.amount
    rate = body.exchange_rate or exchange_rate_on(work.session, work.company_id, body.currency, body.posting_date)
    money = rounded(settled * rate, minor_units)
    carried = carried_share(found.balance, found.carried, settled, minor_units)
    return post(
        work,
        body.posting_date,
        body.description,
        [
            Posting(account=body.counterpart_account_id, amount=settled, currency=body.currency, company_amount=money),
            Posting(account=account.id, amount=-settled, currency=body.currency, company_amount=-carried),
            Posting(account=account_for(work, "exchange_difference"), amount=carried - money),
        ],
        # What the rate has brought has no other side in the foreign currency.
        is_exchange=True,
    )


def _valued(work: Work, end: date) -> list[CurrencyRevaluationLine]:
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    lines = []
    for row in foreign_balances(work.session, work.company_id, end):
        rate = exchange_rate_on(work.session, work.company_id, row.currency, end)
        value = rounded(row.balance * rate, minor_units)
        lines.append(
            CurrencyRevaluationLine(
                company_id=work.company_id,
                ledger_account_id=row.ledger_account_id,
                currency=row.currency,
                balance=row.balance,
                carried_amount=row.carried,
                exchange_rate=rate,
                value_at_rate=value,
                difference_amount=value - row.carried,
            )
        )
    return lines
