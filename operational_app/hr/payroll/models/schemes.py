"""What pay is worked out by, as dated data that a company edits: components, income tax, social insurance."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, column, money_column, reference, share_column
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class PayComponent(CompanyRow):
    __tablename__ = "pay_component"
    __table_args__ = (
        UniqueConstraint("company_id", "code", "valid_from"),
        CheckConstraint("kind in ('earning', 'benefit', 'deduction')", "kind"),
        CheckConstraint("code ~ '^[A-Z][A-Z0-9_]*$'", "code"),
        {
            "schema": "hr",
            "comment": "Components of pay, each in the version that holds from a day on.",
            "info": {"immutable": True},
        },
    )
    code: Mapped[str] = column("Short code; formulas of later components name it in lower case.")
    name: Mapped[str] = column("Name.")
    name_zh: Mapped[str | None] = column("Name in Chinese.")
    kind: Mapped[str] = column("earning (paid), benefit (in kind: taxed and not paid) or deduction (after tax).")
    formula: Mapped[str | None] = column("How it is worked out; empty: what is entered for the month.")
    is_taxable: Mapped[bool] = column("Counts for income tax.")
    is_retroactive: Mapped[bool] = column("Worked out anew when the facts of a paid month change.")
    sort_no: Mapped[int] = column("Order in which components are worked out and shown.")
    valid_from: Mapped[date] = column("First day of this version; until a later one.")
    is_active: Mapped[bool] = column("Whether it is used from then on.", default=True)


class IncomeTaxScheme(CompanyRow):
    __tablename__ = "income_tax_scheme"
    __table_args__ = (
        UniqueConstraint("company_id", "valid_from"),
        CheckConstraint("basic_deduction >= 0", "basic_deduction"),
        {"schema": "hr", "comment": "Withholding of income tax on wages, by date.", "info": {"immutable": True}},
    )
    valid_from: Mapped[date] = column("First day on which it holds; until a later one.")
    basic_deduction: Mapped[Decimal] = money_column("Income of every month that is free.")
    source: Mapped[str | None] = column("Where it stands.")


class IncomeTaxBracket(CompanyRow):
    __tablename__ = "income_tax_bracket"
    __table_args__ = (
        CheckConstraint("rate >= 0 AND rate <= 1", "rate"),
        CheckConstraint("quick_deduction >= 0", "quick_deduction"),
        CheckConstraint("taxable_up_to > 0", "taxable_up_to"),
        {"schema": "hr", "comment": "Brackets of the cumulative taxable income.", "info": {"immutable": True}},
    )
    income_tax_scheme_id: Mapped[int] = reference("The scheme.", "hr.income_tax_scheme.id")
    taxable_up_to: Mapped[Decimal | None] = money_column("Cumulative taxable income up to which; empty: no bound.")
    rate: Mapped[Decimal] = share_column("Rate.")
    quick_deduction: Mapped[Decimal] = money_column("Quick deduction.")


class SocialInsuranceScheme(CompanyRow):
    __tablename__ = "social_insurance_scheme"
    __table_args__ = (
        UniqueConstraint("company_id", "valid_from"),
        {"schema": "hr", "comment": "Social insurance and housing fund, by date.", "info": {"immutable": True}},
    )
    valid_from: Mapped[date] = column("First day on which it holds; until a later one.")
    source: Mapped[str | None] = column("Where it stands.")


class SocialInsuranceRate(CompanyRow):
    __tablename__ = "social_insurance_rate"
    __table_args__ = (
        UniqueConstraint("social_insurance_scheme_id", "code"),
        CheckConstraint("employee_rate between 0 and 1 AND employer_rate between 0 and 1", "rates"),
        CheckConstraint("base_floor >= 0 AND base_cap >= base_floor", "base"),
        {"schema": "hr", "comment": "Rates, lowest and highest base of each branch.", "info": {"immutable": True}},
    )
    social_insurance_scheme_id: Mapped[int] = reference("The scheme.", "hr.social_insurance_scheme.id", index=False)
    code: Mapped[str] = column("Short code of the branch.")
    name: Mapped[str] = column("Name.")
    name_zh: Mapped[str | None] = column("Name in Chinese.")
    employee_rate: Mapped[Decimal] = share_column("The employee's part.")
    employer_rate: Mapped[Decimal] = share_column("The employer's part.")
    base_floor: Mapped[Decimal] = money_column("Lowest base.")
    base_cap: Mapped[Decimal] = money_column("Highest base.")


pay_component = Document(
    name="pay_component",
    module="hr",
    model=PayComponent,
    title=_("Pay component"),
    plural=_("Pay components"),
    label="name",
    columns=("code", "name", "name_zh", "kind", "formula", "is_taxable", "valid_from", "is_active"),
    search=("code", "name", "name_zh"),
)

income_tax_scheme = Document(
    name="income_tax_scheme",
    module="hr",
    model=IncomeTaxScheme,
    title=_("Income tax on wages"),
    plural=_("Income tax on wages"),
    label="valid_from",
    columns=("valid_from", "basic_deduction", "source"),
    search=(),
    lines=(
        Lines(
            name="brackets",
            model=IncomeTaxBracket,
            parent="income_tax_scheme_id",
            title=_("Brackets"),
            columns=("taxable_up_to", "rate", "quick_deduction"),
        ),
    ),
)

social_insurance_scheme = Document(
    name="social_insurance_scheme",
    module="hr",
    model=SocialInsuranceScheme,
    title=_("Social insurance"),
    plural=_("Social insurance"),
    label="valid_from",
    columns=("valid_from", "source"),
    search=(),
    lines=(
        Lines(
            name="rates",
            model=SocialInsuranceRate,
            parent="social_insurance_scheme_id",
            title=_("Rates"),
            columns=("code", "name", "name_zh", "employee_rate", "employer_rate", "base_floor", "base_cap"),
        ),
    ),
)
