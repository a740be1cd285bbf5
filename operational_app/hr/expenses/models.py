"""Kinds of expense, and claims of employees for what they laid out. What is owed for a claim is in finance."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    ConvertedRow,
    DocumentRow,
    column,
    money_column,
    rate_checks,
    reference,
    share_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _

# What the books tell apart: each has an account for administration, selling and production.
GROUPS = ("travel", "entertainment", "office", "other")


class ExpenseKind(CompanyRow):
    __tablename__ = "expense_kind"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint(f"expense_group in {GROUPS}", "expense_group"),
        CheckConstraint("state in ('active', 'retired')", "state"),
        {"schema": "hr", "comment": "Kinds of expense that employees may claim."},
    )
    code: Mapped[str] = column("Short code.")
    name: Mapped[str] = column("Name.")
    name_zh: Mapped[str | None] = column("Name in Chinese.")
    expense_group: Mapped[str] = column("Where it is booked: travel, entertainment, office or other.")
    is_vat_deductible: Mapped[bool] = column("Tax on its receipts may be deducted; not that of meals, for one.")
    state: Mapped[str] = column("active, or retired: no longer claimed.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class ExpenseClaim(ConvertedRow, DocumentRow):
    __tablename__ = "expense_claim"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint(
            "state in ('draft', 'submitted', 'approved', 'rejected', 'cancelled', 'booked', 'paid', 'reversed')",
            "state",
        ),
        CheckConstraint("total_amount > 0 AND company_amount > 0", "amounts"),
        CheckConstraint("tax_amount between 0 and total_amount", "tax_amount"),
        *rate_checks(),
        {
            "schema": "hr",
            "comment": "Claims of employees for what they laid out for the company.",
            "info": {"posted": ("OLD.state in ('booked', 'paid', 'reversed', 'cancelled')", ("state", "version"))},
        },
    )
    employee_id: Mapped[int] = reference("Who laid the money out.", "core.party_role.id")
    reason: Mapped[str] = column("What it was for.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    total_amount: Mapped[Decimal] = money_column("What is claimed, tax included.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax in it that may be deducted.")
    company_amount: Mapped[Decimal] = money_column("The total in the company's currency, at the claim's rate.")


class ExpenseClaimLine(CompanyRow):
    __tablename__ = "expense_claim_line"
    __table_args__ = (
        UniqueConstraint("expense_claim_id", "line_no"),
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("tax_amount >= 0 AND tax_amount < amount", "tax_amount"),
        CheckConstraint("(vat_code IS NULL) = (vat_rate IS NULL) AND (vat_code IS NOT NULL OR tax_amount = 0)", "vat"),
        {"schema": "hr", "comment": "What was laid out, receipt by receipt."},
    )
    expense_claim_id: Mapped[int] = reference("The claim.", "hr.expense_claim.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    expense_date: Mapped[date] = column("Day of the receipt.")
    expense_kind_id: Mapped[int] = reference("Kind of expense.", "hr.expense_kind.id")
    description: Mapped[str] = column("What was paid for.")
    amount: Mapped[Decimal] = money_column("Amount of the receipt, tax included.")
    vat_code: Mapped[str | None] = column("Code of the VAT rate on the receipt; empty: nothing is deducted.")
    vat_rate: Mapped[Decimal | None] = share_column("The rate as it was on the receipt's day, as a fraction.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax in the amount that may be deducted.")
    department_id: Mapped[int] = reference("Department that bears it.", "hr.department.id")


expense_kind = Document(
    name="expense_kind",
    module="hr",
    model=ExpenseKind,
    title=_("Kind of expense"),
    plural=_("Kinds of expense"),
    label="name",
    columns=("code", "name", "name_zh", "expense_group", "is_vat_deductible", "state"),
    search=("code", "name", "name_zh"),
    states={"active": _("active"), "retired": _("retired")},
    offered=lambda: ExpenseKind.state == "active",
)

expense_claim = Document(
    name="expense_claim",
    module="hr",
    model=ExpenseClaim,
    title=_("Expense claim"),
    plural=_("Expense claims"),
    prefix="EX",
    columns=("number", "business_date", "employee_id", "reason", "total_amount", "currency", "state"),
    search=("number", "reason"),
    states={
        "draft": _("draft"),
        "submitted": _("submitted"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "cancelled": _("cancelled"),
        "booked": _("booked"),
        "paid": _("paid"),
        "reversed": _("reversed"),
    },
    lines=(
        Lines(
            name="lines",
            model=ExpenseClaimLine,
            parent="expense_claim_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "expense_date",
                "expense_kind_id",
                "description",
                "amount",
                "vat_code",
                "tax_amount",
                "department_id",
            ),
            order_by="line_no",
        ),
    ),
    binds_files=True,
)
