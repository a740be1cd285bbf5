"""Terms of payment as data, and the instalments that they make of invoices and bills."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, aliased, column_property

from operational_app.core.db import CompanyRow, column, money_column, reference, share_column
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class PaymentTerm(CompanyRow):
    __tablename__ = "payment_term"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("state in ('active', 'blocked')", "state"),
        CheckConstraint("discount_share > 0 AND discount_share < 1", "discount_share"),
        CheckConstraint("discount_days between 0 and 365", "discount_days"),
        CheckConstraint("num_nonnulls(discount_share, discount_days) <> 1", "discount_whole"),
        {
            "schema": "finance",
            "comment": "Terms of payment. Other terms are other rows: documents keep those that they were made with.",
            "info": {"posted": ("true", ("state", "version"))},
        },
    )
    code: Mapped[str] = column("Short name: N30, EOM10, 30-70.")
    name: Mapped[str] = column("What they say, as on an invoice.")
    discount_days: Mapped[int | None] = column("Days within which paying takes the discount.")
    discount_share: Mapped[Decimal | None] = share_column("Discount for paying early, as a fraction of the total.")
    state: Mapped[str] = column("active, or blocked: not for new documents.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class PaymentTermPart(CompanyRow):
    __tablename__ = "payment_term_part"
    __table_args__ = (
        UniqueConstraint("payment_term_id", "line_no"),
        CheckConstraint("share > 0 AND share <= 1", "share"),
        CheckConstraint("counting in ('days', 'end_of_month', 'day_of_month')", "counting"),
        CheckConstraint("days between 0 and 730", "days"),
        CheckConstraint("day_of_month between 1 and 31", "day_of_month"),
        CheckConstraint("(counting = 'day_of_month') = (day_of_month IS NOT NULL)", "day_where_counted"),
        {"schema": "finance", "comment": "Parts in which a document is due.", "info": {"immutable": True}},
    )
    payment_term_id: Mapped[int] = reference("The terms.", "finance.payment_term.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    share: Mapped[Decimal] = share_column("Part of the document's total, as a fraction.")
    counting: Mapped[str] = column(
        "days after the document's day; end_of_month, days after the end of its month; day_of_month, the first such day then."
    )
    days: Mapped[int] = column("Days to count.", default=0)
    day_of_month: Mapped[int | None] = column("Day of the month; in a shorter month its last.")


class SalesInvoiceInstalment(CompanyRow):
    __tablename__ = "sales_invoice_instalment"
    __table_args__ = (
        UniqueConstraint("sales_invoice_id", "due_date"),
        CheckConstraint("amount > 0", "amount"),
        {
            "schema": "finance",
            "comment": "When how much of an invoice is due, if not all on one day. What comes in pays the first first.",
            "info": {"immutable": True},
        },
    )
    sales_invoice_id: Mapped[int] = reference("The invoice.", "finance.sales_invoice.id", index=False)
    due_date: Mapped[date] = column("Day by which it is to be paid.")
    amount: Mapped[Decimal] = money_column("Part of the document's total.")


class BillInstalment(CompanyRow):
    __tablename__ = "bill_instalment"
    __table_args__ = (
        UniqueConstraint("bill_id", "due_date"),
        CheckConstraint("amount > 0", "amount"),
        {
            "schema": "finance",
            "comment": "When how much of a bill is due, if not all on one day. What is paid pays the first first.",
            "info": {"immutable": True},
        },
    )
    bill_id: Mapped[int] = reference("The bill.", "finance.bill.id", index=False)
    due_date: Mapped[date] = column("Day by which it is to be paid.")
    amount: Mapped[Decimal] = money_column("Part of the document's total.")


def show_what_is_open(instalment: type[Any], parent: Any, document: type[Any]) -> None:
    """Let instalments tell what is open of them: what has settled their document pays the one due first."""
    other = aliased(instalment)
    own = getattr(instalment, parent)
    up_to = (
        select(func.sum(other.amount))
        .where(getattr(other, parent) == own, other.due_date <= instalment.due_date)
        .correlate_except(other)
        .scalar_subquery()
    )
    settled = (
        select(document.total_amount - document.open_amount)
        .where(document.id == own)
        .correlate_except(document)
        .scalar_subquery()
    )
    open_amount = func.greatest(func.least(instalment.amount, up_to - settled), 0, type_=instalment.amount.type)
    instalment.open_amount = column_property(open_amount)


def payment_term_column() -> Any:
    return reference(
        "Terms of payment that it was made with; empty: the days agreed with the party.", "finance.payment_term.id"
    )


def discount_until_column() -> Any:
    return column("Last day on which paying takes the discount that its terms give.")


def discount_share_column() -> Any:
    return share_column("Discount that its terms give for paying early, as a fraction of the total.")


def discount_checks() -> tuple[CheckConstraint, ...]:
    return (CheckConstraint("num_nonnulls(discount_until, discount_share) <> 1", "discount_whole"),)


payment_term = Document(
    name="payment_term",
    module="finance",
    model=PaymentTerm,
    title=_("Payment terms"),
    plural=_("Payment terms"),
    label="name",
    columns=("code", "name", "discount_days", "discount_share", "state"),
    search=("code", "name"),
    states={"active": _("active"), "blocked": _("blocked")},
    lines=(
        Lines(
            name="parts",
            model=PaymentTermPart,
            parent="payment_term_id",
            title=_("Due"),
            columns=("line_no", "share", "counting", "days", "day_of_month"),
            order_by="line_no",
        ),
    ),
)
