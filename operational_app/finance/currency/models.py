"""Revaluations of balances in foreign currencies, one a company and period."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, rate_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class CurrencyRevaluation(DocumentRow):
    __tablename__ = "currency_revaluation"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("company_id", "period_id"),
        CheckConstraint("state in ('posted')", "state"),
        CheckConstraint("reversal_date > business_date", "reversal_date"),
        {
            "schema": "finance",
            "comment": "Balances in foreign currencies at the rate of a period's end; taken back on the next day.",
            "info": {"immutable": True},
        },
    )
    period_id: Mapped[int] = reference("Period at whose end the balances are valued.", "core.period.id", index=False)
    difference_amount: Mapped[Decimal] = money_column("Unrealised gain (positive) or loss, in the company's currency.")
    reversal_date: Mapped[date] = column("First day of the next period: the difference is taken back on it.")


class CurrencyRevaluationLine(CompanyRow):
    __tablename__ = "currency_revaluation_line"
    __table_args__ = (
        UniqueConstraint("currency_revaluation_id", "ledger_account_id", "currency"),
        CheckConstraint("difference_amount = value_at_rate - carried_amount", "difference"),
        {"schema": "finance", "comment": "Balances that a revaluation looked at.", "info": {"immutable": True}},
    )
    currency_revaluation_id: Mapped[int] = reference("The revaluation.", "finance.currency_revaluation.id", index=False)
    ledger_account_id: Mapped[int] = reference("Account of the balance.", "finance.ledger_account.id", index=False)
    currency: Mapped[str] = column("Currency of the balance.", ForeignKey("core.currency.code"))
    balance: Mapped[Decimal] = money_column("Balance in its currency, debit positive.")
    carried_amount: Mapped[Decimal] = money_column("What the books carry it at, in the company's currency.")
    exchange_rate: Mapped[Decimal] = rate_column("Units of the company's currency for one unit of the foreign one.")
    value_at_rate: Mapped[Decimal] = money_column("What it is worth at the rate, in the company's currency.")
    difference_amount: Mapped[Decimal] = money_column("Unrealised gain (positive) or loss, in the company's currency.")


currency_revaluation = Document(
    name="currency_revaluation",
    module="finance",
    model=CurrencyRevaluation,
    title=_("Currency revaluation"),
    plural=_("Currency revaluations"),
    prefix="CR",
    columns=("number", "business_date", "period_id", "difference_amount", "reversal_date", "state"),
    states={"posted": _("posted")},
    lines=(
        Lines(
            name="lines",
            model=CurrencyRevaluationLine,
            parent="currency_revaluation_id",
            title=_("Lines"),
            columns=(
                "ledger_account_id",
                "currency",
                "balance",
                "carried_amount",
                "exchange_rate",
                "value_at_rate",
                "difference_amount",
            ),
        ),
    ),
)
