"""Budgets in versions, what is in force, and the ledger of reservations, commitments and use.

`budget_balance` holds the sums that a conditional statement changes; `budget_movement` says how they came about. Nobody
writes one without the other (finance/budget/checks.py proves it).
"""

from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class Budget(DocumentRow):
    __tablename__ = "budget"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('draft', 'approved', 'replaced')", "state"),
        CheckConstraint("year between 1990 and 2200", "year"),
        Index("uq_budget_in_force", "company_id", "year", unique=True, postgresql_where=text("state = 'approved'")),
        {
            "schema": "finance",
            "comment": "Budgets of a year; each is a version, and the approved one is in force.",
            "info": {"posted": ("OLD.state <> 'draft'", ("state", "version"))},
        },
    )
    year: Mapped[int] = column("Year that the budget is for.")
    description: Mapped[str] = column("What this version is.")


class BudgetLine(CompanyRow):
    __tablename__ = "budget_line"
    __table_args__ = (
        Index("uq_budget_line", "budget_id", "ledger_account_id", text("coalesce(department_id, 0)"), unique=True),
        CheckConstraint("amount >= 0", "amount"),
        {"schema": "finance", "comment": "Amounts of a budget by account and department."},
    )
    budget_id: Mapped[int] = reference("The budget.", "finance.budget.id", index=False)
    ledger_account_id: Mapped[int] = reference("Account that is budgeted.", "finance.ledger_account.id")
    department_id: Mapped[int | None] = reference("Department; empty: the whole company.", "hr.department.id")
    amount: Mapped[Decimal] = money_column("What may be spent in the year, in the company's currency.")


class BudgetBalance(CompanyRow):
    __tablename__ = "budget_balance"
    __table_args__ = (
        Index(
            "uq_budget_balance",
            "company_id",
            "year",
            "ledger_account_id",
            text("coalesce(department_id, 0)"),
            unique=True,
        ),
        CheckConstraint("amount >= 0", "amount"),
        CheckConstraint("reserved_amount >= 0", "reserved"),
        CheckConstraint("committed_amount >= 0", "committed"),
        CheckConstraint("used_amount >= 0", "used"),
        CheckConstraint("overrun_amount >= 0", "overrun"),
        # The statement that reserves or commits never raises the overrun: nothing is promised beyond the budget.
        CheckConstraint("reserved_amount + committed_amount + used_amount <= amount + overrun_amount", "not_overspent"),
        {"schema": "finance", "comment": "What a budget in force still allows, by year, account and department."},
    )
    year: Mapped[int] = column("Year that the budget is for.")
    ledger_account_id: Mapped[int] = reference("Account that is budgeted.", "finance.ledger_account.id")
    department_id: Mapped[int | None] = reference("Department; empty: the whole company.", "hr.department.id")
    amount: Mapped[Decimal] = money_column("What may be spent in the year, in the company's currency.")
    reserved_amount: Mapped[Decimal] = money_column("Asked for, not ordered yet.", default=Decimal(0))
    committed_amount: Mapped[Decimal] = money_column("Ordered, not billed yet.", default=Decimal(0))
    used_amount: Mapped[Decimal] = money_column("Billed.", default=Decimal(0))
    overrun_amount: Mapped[Decimal] = money_column(
        "Beyond the budget: a bill that is owed is booked, and a budget may be cut below what is promised.",
        default=Decimal(0),
    )


class BudgetMovement(CompanyRow):
    __tablename__ = "budget_movement"
    __table_args__ = (
        CheckConstraint("kind in ('reserve', 'commit', 'use', 'release')", "kind"),
        CheckConstraint("reserved_change <> 0 or committed_change <> 0 or used_change <> 0", "not_empty"),
        CheckConstraint("kind <> 'release' or (reserved_change <= 0 and committed_change <= 0)", "release"),
        Index("ix_budget_movement_document", "document_type", "document_id"),
        {
            "schema": "finance",
            "comment": "Every reservation, commitment, use and release of a budget, for ever.",
            "info": {"immutable": True},
        },
    )
    budget_balance_id: Mapped[int] = reference("What it changes.", "finance.budget_balance.id")
    kind: Mapped[str] = column("reserve, commit, use or release.")
    reserved_change: Mapped[Decimal] = money_column("Added to what is reserved.")
    committed_change: Mapped[Decimal] = money_column("Added to what is committed.")
    used_change: Mapped[Decimal] = money_column("Added to what is used.")
    document_type: Mapped[str] = column("Type of the document that needs the money.")
    document_id: Mapped[int] = column("Row of that document.")
    document_line_id: Mapped[int | None] = column("Row of its line.")
    created_by: Mapped[int] = reference("User whose command moved it.", "core.app_user.id", index=False)


class ItemAccount(CompanyRow):
    __tablename__ = "item_account"
    __table_args__ = (
        Index(
            "uq_item_account",
            "company_id",
            text("coalesce(item_id, 0)"),
            text("coalesce(item_group, '')"),
            unique=True,
        ),
        CheckConstraint("(item_id is null) <> (item_group is null)", "item_or_group"),
        {"schema": "finance", "comment": "Account that purchases of an item, or of a group of items, are budgeted on."},
    )
    item_id: Mapped[int | None] = column("Item.", BigInteger, ForeignKey("erp.item.id"), index=True)
    item_group: Mapped[str | None] = column("Group for reports.")
    ledger_account_id: Mapped[int] = reference("Account that is budgeted.", "finance.ledger_account.id")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


budget = Document(
    name="budget",
    module="finance",
    model=Budget,
    title=_("Budget"),
    plural=_("Budgets"),
    prefix="BU",
    columns=("number", "year", "description", "business_date", "state"),
    search=("number", "description"),
    states={"draft": _("draft"), "approved": _("approved"), "replaced": _("replaced")},
    lines=(
        Lines(
            name="lines",
            model=BudgetLine,
            parent="budget_id",
            title=_("Lines"),
            columns=("ledger_account_id", "department_id", "amount"),
        ),
    ),
)

budget_balance = Document(
    name="budget_balance",
    module="finance",
    model=BudgetBalance,
    title=_("Budget in force"),
    plural=_("Budgets in force"),
    label="id",
    columns=(
        "year",
        "ledger_account_id",
        "department_id",
        "amount",
        "reserved_amount",
        "committed_amount",
        "used_amount",
        "overrun_amount",
    ),
    search=(),
    lines=(
        Lines(
            name="movements",
            model=BudgetMovement,
            parent="budget_balance_id",
            title=_("Movements"),
            columns=(
                "recorded_at",
                "kind",
                "reserved_change",
                "committed_change",
                "used_change",
                "document_type",
                "document_id",
            ),
        ),
    ),
)

item_account = Document(
    name="item_account",
    module="finance",
    model=ItemAccount,
    title=_("Account of an item"),
    plural=_("Accounts of items"),
    label="item_group",
    columns=("item_id", "item_group", "ledger_account_id"),
    search=("item_group",),
)
