"""The accountant's verbs about how stock is valued."""

from datetime import date
from typing import Literal

from pydantic import Field

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import UnitPrice
from operational_app.erp.errors import MethodChangedWithStock, NotAtStandardCost, StandardCostMissing
from operational_app.erp.events import StockRevalued
from operational_app.erp.inventory.commands.balances import name_of
from operational_app.erp.inventory.commands.costing import correct_value, lock_valuation
from operational_app.erp.inventory.rules import standard_value
from operational_app.erp.items.models import Item, item


class ChangeValuationMethod(Body):
    valuation_method: Literal["moving_average", "fifo", "standard"]
    standard_cost: UnitPrice | None = Field(default=None, ge=0)


class SetStandardCost(Body):
    business_date: date
    standard_cost: UnitPrice = Field(ge=0)


@command(item, _("Change valuation"))
def change_valuation_method(work: Work, item: Item, body: ChangeValuationMethod) -> Item:
    """Value the item in another way from now on. Only while none of it is in stock: what left keeps its cost."""
    valuation = lock_valuation(work, item.id)
    if valuation.quantity_on_hand:
        raise MethodChangedWithStock(item=name_of(work, item.id), quantity=valuation.quantity_on_hand)
    if body.valuation_method == "standard" and body.standard_cost is None:
        raise StandardCostMissing(item=name_of(work, item.id))
    valuation.valued_since = valuation.last_costing_date
    item.valuation_method = valuation.valuation_method = body.valuation_method
    item.standard_cost = valuation.standard_cost = body.standard_cost if body.valuation_method == "standard" else None
    return item


@command(item, _("Set standard cost"))
def set_standard_cost(work: Work, item: Item, body: SetStandardCost) -> Item:
    """Give the item a new standard cost. What is in stock is revalued at once; what left keeps its cost."""
    valuation = lock_valuation(work, item.id)
    if valuation.valuation_method != "standard":
        raise NotAtStandardCost(item=name_of(work, item.id))
    value = standard_value(valuation.quantity_on_hand, body.standard_cost, work.minor_units)
    difference = value - valuation.value
    item.standard_cost = valuation.standard_cost = body.standard_cost
    if difference:
        line = correct_value(
            work,
            item_id=item.id,
            value=difference,
            business_date=body.business_date,
            kind="revaluation",
            document=("item", item.id, item.id),
        )
        work.announce(
            StockRevalued(
                document_id=item.id,
                number=item.number,
                cost_line_id=line.id,
                business_date=body.business_date,
                value=difference,
            )
        )
    return item
