"""Verbs about fixed assets: take one into use, depreciate all for a month, dispose of one."""

from datetime import date
from decimal import Decimal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Currency, Period
from operational_app.core.money import Money
from operational_app.finance.assets.models import (
    DepreciationLine,
    DepreciationRun,
    FixedAsset,
    depreciation_run,
    fixed_asset,
)
from operational_app.finance.assets.queries import assets_due, due
from operational_app.finance.assets.rules import month_after
from operational_app.finance.errors import DepreciatedAlready, DepreciationMissing, NothingToDepreciate
from operational_app.finance.ledger.commands import account_for, post, refuse_controlled_account
from operational_app.finance.ledger.rules import Posting


class AcquireFixedAsset(Body):
    name: str = Field(min_length=1, max_length=200)
    business_date: date
    acquisition_cost: Money = Field(gt=0)
    residual_value: Money = Field(default=Decimal(0), ge=0)
    useful_life_months: int = Field(ge=1, le=1200)
    depreciate_from: date | None = Field(
        default=None, description="First month to depreciate; empty: the month after the asset is taken into use."
    )
    counterpart_account_id: Ref("ledger_account")
    ledger_account_id: Ref("ledger_account") | None = None


class DepreciateAssets(Body):
    period_id: Ref("period")


class DisposeFixedAsset(Body):
    business_date: date
    proceeds_amount: Money = Field(default=Decimal(0), ge=0)
    counterpart_account_id: Ref("ledger_account") | None = Field(
        default=None, description="Where the proceeds go; empty: the bank."
    )


@command(fixed_asset, _("Take into use"))
def acquire_fixed_asset(work: Work, body: AcquireFixedAsset) -> FixedAsset:
    """Book what the asset has cost. From the month after (CAS 4, article 18), or the month given, it is depreciated."""
    refuse_controlled_account(work, body.counterpart_account_id, "counterpart_account_id")
    minor_units = _minor_units(work)
    values = body.model_dump(exclude={"counterpart_account_id", "depreciate_from", "ledger_account_id"})
    wrong = {
        name: _("Use at most {count} decimals.").format(count=minor_units)
        for name in ("acquisition_cost", "residual_value")
        if values[name] != round(values[name], minor_units)
    }
    if body.residual_value > body.acquisition_cost:
        wrong["residual_value"] = _("This is more than the asset cost.")
    if wrong:
        raise InvalidInput(fields=dict(wrong))
    made = FixedAsset(
        company_id=work.company_id,
        number=work.number(fixed_asset, body.business_date),
        state="in_use",
        created_by=work.principal.user_id,
        depreciate_from=(body.depreciate_from or month_after(body.business_date)).replace(day=1),
        ledger_account_id=body.ledger_account_id or account_for(work, "depreciation"),
        accumulated_depreciation=Decimal(0),
        **values,
    )
    work.session.add(made)
    work.session.flush()
    post(
        work,
        body.business_date,
        _("Fixed asset {name}").format(name=made.name),
        [
            Posting(account=account_for(work, "fixed_assets"), amount=made.acquisition_cost),
            Posting(account=body.counterpart_account_id, amount=-made.acquisition_cost),
        ],
        document=(fixed_asset.name, made.id),
    )
    return made


@command(depreciation_run, _("Depreciate"))
def depreciate_assets(work: Work, body: DepreciateAssets) -> DepreciationRun:
    """Take a month's depreciation off every asset in use, and what earlier months should have had and did not."""
    period = work.session.get_one(Period, body.period_id)
    later = work.session.scalars(
        select(Period.code)
        .join(DepreciationRun, DepreciationRun.period_id == Period.id)
        .where(DepreciationRun.company_id == work.company_id, Period.start_date >= period.start_date)
        .order_by(Period.start_date.desc())
        .limit(1)
    ).one_or_none()
    if later is not None:
        raise DepreciatedAlready(code=later)
    found = assets_due(work.session, work.company_id, period.end_date, _minor_units(work), lock=True)
    if not found:
        raise NothingToDepreciate(code=period.code)
    run = DepreciationRun(
        id=work.new_id(DepreciationRun),
        company_id=work.company_id,
        number=work.number(depreciation_run, period.end_date),
        state="posted",
        business_date=period.end_date,
        created_by=work.principal.user_id,
        period_id=period.id,
        amount=sum((amount for _asset, amount in found), Decimal(0)),
    )
    work.session.add(run)
    work.session.flush()
    for asset, amount in found:
        asset.accumulated_depreciation += amount
        work.session.add(
            DepreciationLine(
                company_id=work.company_id,
                depreciation_run_id=run.id,
                fixed_asset_id=asset.id,
                period_id=period.id,
                amount=amount,
            )
        )
    accumulated = account_for(work, "accumulated_depreciation")
    post(
        work,
        period.end_date,
        _("Depreciation {code}").format(code=period.code),
        [
            posting
            for asset, amount in found
            for posting in (
                Posting(account=asset.ledger_account_id, amount=amount, description=asset.name),
                Posting(account=accumulated, amount=-amount, description=asset.name),
            )
        ],
        document=(depreciation_run.name, run.id),
    )
    return run


@command(fixed_asset, _("Dispose of"), states=("in_use",), onward=False)
def dispose_fixed_asset(work: Work, asset: FixedAsset, body: DisposeFixedAsset) -> FixedAsset:
    """Sell or scrap the asset: cost and depreciation leave the books, and the difference is a gain or a loss.

    The month of the disposal is depreciated still, so its run comes first.
    """
    if body.counterpart_account_id is not None:
        refuse_controlled_account(work, body.counterpart_account_id, "counterpart_account_id")
    if due(asset, body.business_date, _minor_units(work)) > 0:
        raise DepreciationMissing(code=f"{body.business_date:%Y-%m}")
    book_value = asset.acquisition_cost - asset.accumulated_depreciation
    proceeds = body.counterpart_account_id or account_for(work, "bank")
    post(
        work,
        body.business_date,
        _("Disposal of {name}").format(name=asset.name),
        [
            Posting(account=account_for(work, "accumulated_depreciation"), amount=asset.accumulated_depreciation),
            Posting(account=proceeds, amount=body.proceeds_amount),
            Posting(account=account_for(work, "disposal_result"), amount=book_value - body.proceeds_amount),
            Posting(account=account_for(work, "fixed_assets"), amount=-asset.acquisition_cost),
        ],
        document=(fixed_asset.name, asset.id),
    )
    asset.state = "disposed"
    asset.disposal_date = body.business_date
    asset.proceeds_amount = body.proceeds_amount
    return asset


def _minor_units(work: Work) -> int:
    assert work.company is not None
    return work.session.get_one(Currency, work.company.currency).minor_units
