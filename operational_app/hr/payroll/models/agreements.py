"""What is agreed with a person: pay by date, single amounts, advances; and who has looked at it."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, reference
from operational_app.core.document import Document
from operational_app.core.i18n import _


class PayAgreement(CompanyRow):
    __tablename__ = "pay_agreement"
    __table_args__ = (
        CheckConstraint("end_date >= start_date", "dates"),
        CheckConstraint("monthly_salary >= 0 AND insurance_base >= 0 AND additional_deduction >= 0", "amounts"),
        ExcludeConstraint(
            (text("int8range(employee_id, employee_id, '[]')"), "&&"),
            (text("daterange(start_date, end_date, '[]')"), "&&"),
            name="ex_pay_agreement_no_overlap",
            using="gist",
        ),
        {"schema": "hr", "comment": "Pay agreed with employees, by date; confidential.", "info": {"is_pay": True}},
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date | None] = column("Last day; empty: still holds.")
    monthly_salary: Mapped[Decimal] = money_column("Salary of a full month.")
    insurance_base: Mapped[Decimal | None] = money_column("Base of social insurance; empty: the salary.")
    additional_deduction: Mapped[Decimal] = money_column(
        "Special additional deductions of a month: children, parents, rent and so on, as the person has declared them."
    )
    is_insured: Mapped[bool] = column("Takes part in social insurance here.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class PayAmount(CompanyRow):
    __tablename__ = "pay_amount"
    __table_args__ = (
        CheckConstraint("amount <> 0", "amount"),
        {
            "schema": "hr",
            "comment": "Single amounts of a component for a month, such as a bonus; only added to.",
            "info": {"immutable": True, "is_pay": True},
        },
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    period_id: Mapped[int] = reference("Month that it is for.", "core.period.id")
    component: Mapped[str] = column("Code of the component.")
    amount: Mapped[Decimal] = money_column("Amount; a negative one takes back.")
    note: Mapped[str | None] = column("Why.")


class SalaryAdvance(DocumentRow):
    __tablename__ = "salary_advance"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'settled')", "state"),
        CheckConstraint("kind in ('advance', 'shortfall')", "kind"),
        CheckConstraint("amount > 0 AND open_amount between 0 and amount", "amounts"),
        CheckConstraint("(state = 'settled') = (open_amount = 0)", "settled"),
        {
            "schema": "hr",
            "comment": "Money that an employee has had before the pay, taken off the next payslips.",
            "info": {"is_pay": True},
        },
    )
    employee_id: Mapped[int] = reference("The employee.", "core.party_role.id")
    kind: Mapped[str] = column("advance, or shortfall: a month's pay did not cover insurance and deductions.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    amount: Mapped[Decimal] = money_column("Amount.")
    open_amount: Mapped[Decimal] = money_column("What is not taken off yet.")


class PayReading(CompanyRow):
    __tablename__ = "pay_reading"
    __table_args__ = (
        {"schema": "hr", "comment": "Who has looked at whose pay, and when.", "info": {"immutable": True}},
    )
    employee_id: Mapped[int] = reference("Whose pay.", "core.party_role.id")
    reader_id: Mapped[int] = reference("User who looked at it.", "core.app_user.id")
    document_type: Mapped[str] = column("What was looked at.")
    document_id: Mapped[int] = column("Row of it.")


pay_agreement = Document(
    name="pay_agreement",
    module="hr",
    model=PayAgreement,
    title=_("Pay agreement"),
    plural=_("Pay agreements"),
    label="id",
    columns=(
        "employee_id",
        "start_date",
        "end_date",
        "monthly_salary",
        "insurance_base",
        "additional_deduction",
        "is_insured",
    ),
    search=(),
)

pay_amount = Document(
    name="pay_amount",
    module="hr",
    model=PayAmount,
    title=_("Single pay amount"),
    plural=_("Single pay amounts"),
    label="id",
    columns=("employee_id", "period_id", "component", "amount", "note"),
    search=(),
)

salary_advance = Document(
    name="salary_advance",
    module="hr",
    model=SalaryAdvance,
    title=_("Salary advance"),
    plural=_("Salary advances"),
    prefix="SA",
    columns=("number", "employee_id", "kind", "business_date", "amount", "open_amount", "currency", "state"),
    states={"open": _("open"), "settled": _("settled")},
)

pay_reading = Document(
    name="pay_reading",
    module="hr",
    model=PayReading,
    title=_("Look at pay"),
    plural=_("Looks at pay"),
    label="id",
    columns=("recorded_at", "reader_id", "employee_id", "document_type", "document_id"),
    search=(),
)
