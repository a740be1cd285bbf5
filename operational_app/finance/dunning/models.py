"""Levels of reminders, runs, and the reminders that they sent, each with the invoices it named and its letter."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class DunningLevel(CompanyRow):
    __tablename__ = "dunning_level"
    __table_args__ = (
        UniqueConstraint("company_id", "level"),
        CheckConstraint("level between 1 and 9", "level"),
        CheckConstraint("days_overdue >= 0", "days_overdue"),
        {"schema": "finance", "comment": "Reminders that a company sends to who pays late."},
    )
    level: Mapped[int] = column("Level of the reminder: 1 is the first.")
    days_overdue: Mapped[int] = column("Days after the due date from which the reminder is sent.")
    letter: Mapped[str] = column("Text of the letter; words in braces are filled in.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class DunningRun(DocumentRow):
    __tablename__ = "dunning_run"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('sent')", "state"),
        {"schema": "finance", "comment": "Days on which reminders were sent.", "info": {"immutable": True}},
    )
    notice_count: Mapped[int] = column("Number of reminders sent.")


class DunningNotice(DocumentRow):
    __tablename__ = "dunning_notice"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('sent')", "state"),
        CheckConstraint("total_amount > 0", "total_amount"),
        {
            "schema": "finance",
            "comment": "Reminders to customers, one for each customer and currency of a run.",
            "info": {"immutable": True},
        },
    )
    dunning_run_id: Mapped[int] = reference("Run that sent it.", "finance.dunning_run.id")
    customer_id: Mapped[int] = reference("Customer who is reminded.", "core.party_role.id")
    level: Mapped[int] = column("Level of the reminder: 1 is the first.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    total_amount: Mapped[Decimal] = money_column("What was overdue in this currency.")
    letter: Mapped[str] = column("The letter as it was sent.")
    mailed_to: Mapped[str | None] = column("Address that the letter was mailed to; empty: print and post it.")


class DunningNoticeLine(CompanyRow):
    __tablename__ = "dunning_notice_line"
    __table_args__ = (
        UniqueConstraint("dunning_notice_id", "sales_invoice_id"),
        {"schema": "finance", "comment": "Invoices that a reminder named.", "info": {"immutable": True}},
    )
    dunning_notice_id: Mapped[int] = reference("The reminder.", "finance.dunning_notice.id", index=False)
    sales_invoice_id: Mapped[int] = reference("The overdue invoice.", "finance.sales_invoice.id")
    due_date: Mapped[date] = column("Day by which it is to be paid.")
    days_overdue: Mapped[int] = column("Days since the due date on the day of the reminder.")
    open_amount: Mapped[Decimal] = money_column("What was open of it then.")
    level: Mapped[int] = column("Level of the reminder for this invoice.")


dunning_level = Document(
    name="dunning_level",
    module="finance",
    model=DunningLevel,
    title=_("Reminder level"),
    plural=_("Reminder levels"),
    label="level",
    columns=("level", "days_overdue", "letter"),
    search=("letter",),
)

dunning_run = Document(
    name="dunning_run",
    module="finance",
    model=DunningRun,
    title=_("Reminder run"),
    plural=_("Reminder runs"),
    prefix="RR",
    columns=("number", "business_date", "notice_count", "state"),
    states={"sent": _("sent")},
    lines=(
        Lines(
            name="notices",
            model=DunningNotice,
            parent="dunning_run_id",
            title=_("Reminders"),
            columns=("number", "customer_id", "level", "total_amount", "currency", "mailed_to"),
        ),
    ),
)

dunning_notice = Document(
    name="dunning_notice",
    module="finance",
    model=DunningNotice,
    title=_("Reminder"),
    plural=_("Reminders"),
    prefix="RN",
    columns=("number", "business_date", "customer_id", "level", "total_amount", "currency", "mailed_to", "state"),
    search=("number",),
    states={"sent": _("sent")},
    lines=(
        Lines(
            name="lines",
            model=DunningNoticeLine,
            parent="dunning_notice_id",
            title=_("Lines"),
            columns=("sales_invoice_id", "due_date", "days_overdue", "open_amount", "level"),
        ),
    ),
)
