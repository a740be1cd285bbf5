"""Accruals: an entry at the end of a period and its reversal at the beginning of the next, as one document."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import DocumentRow, column, money_column, reference
from operational_app.core.document import Document
from operational_app.core.i18n import _


class Accrual(DocumentRow):
    __tablename__ = "accrual"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('posted')", "state"),
        CheckConstraint("reversal_date > business_date", "reversal_date"),
        CheckConstraint("amount > 0", "amount"),
        {
            "schema": "finance",
            "comment": "Costs and income of a period that no document has brought yet; they reverse by themselves.",
            "info": {"immutable": True},
        },
    )
    description: Mapped[str] = column("What is accrued.")
    amount: Mapped[Decimal] = money_column("Sum of the debit side, in the company's currency.")
    reversal_date: Mapped[date] = column("First day of the next period: the accrual is taken back on it.")
    journal_entry_id: Mapped[int] = reference("Entry of the accrual.", "finance.journal_entry.id", unique=True)
    reversal_entry_id: Mapped[int] = reference("Entry that takes it back.", "finance.journal_entry.id", unique=True)


accrual = Document(
    name="accrual",
    module="finance",
    model=Accrual,
    title=_("Accrual"),
    plural=_("Accruals"),
    prefix="AC",
    columns=("number", "business_date", "description", "amount", "reversal_date", "state"),
    search=("number", "description"),
    states={"posted": _("posted")},
)
