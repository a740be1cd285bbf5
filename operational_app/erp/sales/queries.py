"""Reading what can still be promised to customers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

# A purchase order of which nobody has said when it is wanted promises nothing.
SUPPLY_AND_DEMAND = text(
    """
    SELECT b.item_id, CAST(NULL AS date) AS day, b.quantity_on_hand - b.quantity_reserved AS quantity
    FROM erp.stock_balance b WHERE b.stock_location_id = :place AND b.item_id = ANY(:items)
    UNION ALL
    SELECT l.item_id, o.requested_date, l.quantity - l.quantity_received
    FROM erp.purchase_order_line l JOIN erp.purchase_order o ON o.id = l.purchase_order_id
    WHERE o.state IN ('ordered', 'partly_received') AND o.stock_location_id = :place AND l.item_id = ANY(:items)
      AND o.requested_date IS NOT NULL AND l.quantity > l.quantity_received
    UNION ALL
    SELECT l.item_id, coalesce(l.promised_date, o.requested_date, o.business_date),
           -(l.quantity - l.quantity_delivered - l.quantity_reserved)
    FROM erp.sales_order_line l JOIN erp.sales_order o ON o.id = l.sales_order_id
    WHERE o.state IN ('confirmed', 'partly_delivered') AND o.stock_location_id = :place AND l.item_id = ANY(:items)
      AND o.id <> :apart AND l.quantity > l.quantity_delivered + l.quantity_reserved
    """
)


@dataclass
class Supply:
    """What an item's promises rest on: what is free now, and what changes on which day (demand is negative)."""

    free: Decimal = Decimal(0)
    changes: list[tuple[date, Decimal]] = field(default_factory=list)


def supply_and_demand(
    session: Session, stock_location_id: int, item_ids: Sequence[int], apart_from_order: int = 0
) -> dict[int, Supply]:
    """Item → what is free at the place, what is ordered from suppliers, and what other confirmed orders still want.

    Args:
        apart_from_order: the sales order that asks; its own lines are no demand of others.
    """
    found: defaultdict[int, Supply] = defaultdict(Supply)
    asked = {"place": stock_location_id, "items": list(item_ids), "apart": apart_from_order}
    for row in session.execute(SUPPLY_AND_DEMAND, asked):
        if row.day is None:
            found[row.item_id].free += row.quantity
        else:
            found[row.item_id].changes.append((row.day, row.quantity))
    return found
