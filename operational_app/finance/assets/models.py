"""Fixed assets, the monthly run that depreciates them, and what each run took off which asset."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class FixedAsset(DocumentRow):
    __tablename__ = "fixed_asset"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('in_use', 'disposed')", "state"),
        CheckConstraint("acquisition_cost > 0", "acquisition_cost"),
        CheckConstraint("residual_value between 0 and acquisition_cost", "residual_value"),
        CheckConstraint("useful_life_months between 1 and 1200", "useful_life_months"),
        CheckConstraint("accumulated_depreciation between 0 and acquisition_cost - residual_value", "depreciation"),
        CheckConstraint("(state = 'disposed') = (disposal_date is not null)", "disposed_means_dated"),
        {
            "schema": "finance",
            "comment": "Things that the company uses for more than a year.",
            "info": {
                "posted": ("true", ("state", "accumulated_depreciation", "disposal_date", "proceeds_amount", "version"))
            },
        },
    )
    name: Mapped[str] = column("What it is.")
    acquisition_cost: Mapped[Decimal] = money_column("What it cost without tax, in the company's currency.")
    residual_value: Mapped[Decimal] = money_column("What it will be worth at the end of its useful life.")
    useful_life_months: Mapped[int] = column("Months over which it loses the rest, the same amount each month.")
    depreciate_from: Mapped[date] = column("First day of the first month that is depreciated.")
    ledger_account_id: Mapped[int] = reference(
        "Account that bears the depreciation.", "finance.ledger_account.id", index=False
    )
    accumulated_depreciation: Mapped[Decimal] = money_column("Depreciated so far.", default=Decimal(0))
    disposal_date: Mapped[date | None] = column("Day on which it was sold or scrapped.")
    proceeds_amount: Mapped[Decimal | None] = money_column("What it was sold for, without tax.")


class DepreciationRun(DocumentRow):
    __tablename__ = "depreciation_run"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("company_id", "period_id"),
        CheckConstraint("state in ('posted')", "state"),
        {"schema": "finance", "comment": "Monthly runs that depreciate fixed assets.", "info": {"immutable": True}},
    )
    period_id: Mapped[int] = reference("Period that is depreciated.", "core.period.id", index=False)
    amount: Mapped[Decimal] = money_column("Depreciation of the run.")


class DepreciationLine(CompanyRow):
    __tablename__ = "depreciation_line"
    __table_args__ = (
        UniqueConstraint("fixed_asset_id", "period_id"),
        CheckConstraint("amount > 0", "amount"),
        {"schema": "finance", "comment": "What a run took off which asset.", "info": {"immutable": True}},
    )
    depreciation_run_id: Mapped[int] = reference("The run.", "finance.depreciation_run.id")
    fixed_asset_id: Mapped[int] = reference("The asset.", "finance.fixed_asset.id", index=False)
    period_id: Mapped[int] = reference("Period that is depreciated; each only once.", "core.period.id", index=False)
    amount: Mapped[Decimal] = money_column("Depreciation of the month, and of earlier months that had none yet.")


fixed_asset = Document(
    name="fixed_asset",
    module="finance",
    model=FixedAsset,
    title=_("Fixed asset"),
    plural=_("Fixed assets"),
    prefix="FA",
    label="name",
    columns=(
        "number",
        "name",
        "business_date",
        "acquisition_cost",
        "accumulated_depreciation",
        "useful_life_months",
        "state",
    ),
    search=("number", "name"),
    states={"in_use": _("in use"), "disposed": _("disposed")},
    lines=(
        Lines(
            name="depreciation_lines",
            model=DepreciationLine,
            parent="fixed_asset_id",
            title=_("Depreciation"),
            columns=("depreciation_run_id", "period_id", "amount"),
        ),
    ),
)

depreciation_run = Document(
    name="depreciation_run",
    module="finance",
    model=DepreciationRun,
    title=_("Depreciation run"),
    plural=_("Depreciation runs"),
    prefix="DR",
    columns=("number", "business_date", "period_id", "amount", "state"),
    states={"posted": _("posted")},
    lines=(
        Lines(
            name="depreciation_lines",
            model=DepreciationLine,
            parent="depreciation_run_id",
            title=_("Assets"),
            columns=("fixed_asset_id", "amount"),
        ),
    ),
)
