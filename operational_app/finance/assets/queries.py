"""Which assets lose how much in a period."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.finance.assets.models import FixedAsset
from operational_app.finance.assets.rules import depreciated_after, months_until


def due(asset: FixedAsset, end: date, minor_units: int) -> Decimal:
    """What is still to be taken off an asset up to the month of `end`."""
    depreciable = asset.acquisition_cost - asset.residual_value
    months = months_until(asset.depreciate_from, end)
    return (
        depreciated_after(depreciable, asset.useful_life_months, months, minor_units) - asset.accumulated_depreciation
    )


def assets_due(
    session: Session, company_id: int, end: date, minor_units: int, *, lock: bool = False
) -> list[tuple[FixedAsset, Decimal]]:
    """The assets in use that lose something up to the month of `end`, and how much, in order of their row."""
    statement = (
        select(FixedAsset)
        .where(FixedAsset.company_id == company_id, FixedAsset.state == "in_use", FixedAsset.depreciate_from <= end)
        .order_by(FixedAsset.id)
    )
    assets = session.scalars(statement.with_for_update(key_share=True) if lock else statement)
    found = [(asset, due(asset, end, minor_units)) for asset in assets]
    return [(asset, amount) for asset, amount in found if amount > 0]
