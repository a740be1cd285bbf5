"""Drivers of cost (square metres, heads, hours) and the allocations made by them."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, quantity_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class CostDriver(CompanyRow):
    __tablename__ = "cost_driver"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        {"schema": "finance", "comment": "What costs are spread by: square metres, heads, hours."},
    )
    code: Mapped[str] = column("Short code of the driver, unique in the company.")
    name: Mapped[str] = column("What is measured.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class CostDriverLine(CompanyRow):
    __tablename__ = "cost_driver_line"
    __table_args__ = (
        Index(
            "uq_cost_driver_line_bearer",
            "cost_driver_id",
            "ledger_account_id",
            text("coalesce(department_id, 0)"),
            unique=True,
        ),
        CheckConstraint("driver_quantity > 0", "driver_quantity"),
        {"schema": "finance", "comment": "How much of a driver falls on which account."},
    )
    cost_driver_id: Mapped[int] = reference("The driver.", "finance.cost_driver.id", index=False)
    ledger_account_id: Mapped[int] = reference("Account that bears a part.", "finance.ledger_account.id")
    department_id: Mapped[int | None] = reference("Department that earns or bears it.", "hr.department.id")
    driver_quantity: Mapped[Decimal] = quantity_column("How much of the driver falls on the account.")


class CostAllocation(DocumentRow):
    __tablename__ = "cost_allocation"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("company_id", "period_id", "ledger_account_id"),
        CheckConstraint("state in ('posted')", "state"),
        CheckConstraint("amount <> 0", "amount"),
        {
            "schema": "finance",
            "comment": "Costs of a period spread over other accounts.",
            "info": {"immutable": True},
        },
    )
    period_id: Mapped[int] = reference("Period whose cost is spread.", "core.period.id", index=False)
    ledger_account_id: Mapped[int] = reference("Account whose cost is spread.", "finance.ledger_account.id")
    cost_driver_id: Mapped[int] = reference("What it was spread by.", "finance.cost_driver.id")
    amount: Mapped[Decimal] = money_column("What was spread: the turnover of the account in the period.")


class CostAllocationLine(CompanyRow):
    __tablename__ = "cost_allocation_line"
    __table_args__ = (
        Index(
            "uq_cost_allocation_line_bearer",
            "cost_allocation_id",
            "ledger_account_id",
            text("coalesce(department_id, 0)"),
            unique=True,
        ),
        {"schema": "finance", "comment": "What fell on which account, and by how much.", "info": {"immutable": True}},
    )
    cost_allocation_id: Mapped[int] = reference("The allocation.", "finance.cost_allocation.id", index=False)
    ledger_account_id: Mapped[int] = reference("Account that bears a part.", "finance.ledger_account.id")
    department_id: Mapped[int | None] = reference("Department that earns or bears it.", "hr.department.id")
    driver_quantity: Mapped[Decimal] = quantity_column("How much of the driver fell on the account then.")
    amount: Mapped[Decimal] = money_column("The part that fell on the account.")


cost_driver = Document(
    name="cost_driver",
    module="finance",
    model=CostDriver,
    title=_("Cost driver"),
    plural=_("Cost drivers"),
    label="name",
    columns=("code", "name"),
    search=("code", "name"),
    lines=(
        Lines(
            name="lines",
            model=CostDriverLine,
            parent="cost_driver_id",
            title=_("Lines"),
            columns=("ledger_account_id", "department_id", "driver_quantity"),
        ),
    ),
)

cost_allocation = Document(
    name="cost_allocation",
    module="finance",
    model=CostAllocation,
    title=_("Cost allocation"),
    plural=_("Cost allocations"),
    prefix="CA",
    columns=("number", "business_date", "period_id", "ledger_account_id", "cost_driver_id", "amount"),
    states={"posted": _("posted")},
    lines=(
        Lines(
            name="lines",
            model=CostAllocationLine,
            parent="cost_allocation_id",
            title=_("Lines"),
            columns=("ledger_account_id", "department_id", "driver_quantity", "amount"),
        ),
    ),
)
