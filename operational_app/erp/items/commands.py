"""Verbs about items."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Currency, Unit
from operational_app.core.money import Quantity, UnitPrice, plain
from operational_app.core.tax import rate_on
from operational_app.erp.errors import PriceNotExact, QuantityNotExact, StandardCostMissing, UnitUnknown
from operational_app.erp.items.models import Item, ItemUnit, item
from operational_app.erp.items.rules import converted, converted_price


class AddItem(Body):
    number: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(default="stocked", pattern="^(stocked|service)$")
    item_group: str | None = Field(default=None, max_length=100)
    unit: str = Field(default="PCS", max_length=10)
    list_price: UnitPrice = Field(ge=0)
    vat_code: str = Field(default="S13", max_length=10)
    valuation_method: Literal["moving_average", "fifo", "standard"] = "moving_average"
    standard_cost: UnitPrice | None = Field(default=None, ge=0)
    is_lot_tracked: bool = False


class SetItemUnit(Body):
    unit: str = Field(min_length=1, max_length=10)
    quantity_per: Quantity = Field(gt=0, description="How many of the item's own unit are in one of it.")


class ChangePrice(Body):
    list_price: UnitPrice = Field(ge=0)


@command(item, _("Add item"))
def add_item(work: Work, body: AddItem) -> Item:
    """Add an item to the company's range."""
    rate_on(work.session, body.vat_code, work.today)
    if body.valuation_method == "standard" and body.standard_cost is None:
        raise StandardCostMissing(item=f"{body.number} {body.name}")
    made = Item(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    work.session.flush()
    return made


@command(item, _("Change price"))
def change_list_price(work: Work, item: Item, body: ChangePrice) -> Item:
    """Set the list price; orders that exist keep theirs."""
    item.list_price = body.list_price
    return item


@command(item, _("Discontinue"), states=("active",))
def discontinue_item(work: Work, item: Item) -> Item:
    """Take no new orders for the item; what is in stock stays."""
    item.state = "discontinued"
    return item


@command(item, _("Set unit"), onward=False)
def set_item_unit(work: Work, item: Item, body: SetItemUnit) -> Item:
    """Say how many of the item's own unit are in one of another, such as 12 pieces in a box. Documents keep theirs."""
    if work.session.get(Unit, body.unit) is None or body.unit == item.unit:
        raise UnitUnknown(unit=body.unit, item=f"{item.number} {item.name}")
    found = work.session.scalars(
        select(ItemUnit).where(ItemUnit.item_id == item.id, ItemUnit.unit == body.unit)
    ).one_or_none()
    if found is None:
        found = ItemUnit(company_id=item.company_id, item_id=item.id, unit=body.unit)
        work.session.add(found)
    found.quantity_per = body.quantity_per
    work.session.flush()
    return item


def stock_quantity(work: Work, item_id: int, quantity: Decimal, unit: str | None) -> Decimal:
    """A quantity in the item's own unit, exactly.

    Raises:
        UnitUnknown: the item has no such unit.
        QuantityNotExact: the item's own unit has too few decimals for it.
    """
    item = work.session.get_one(Item, item_id)
    if unit is None or unit == item.unit:
        return quantity
    decimals = work.session.get_one(Unit, item.unit).decimals
    found = converted(quantity, _quantity_per(work, item, unit), decimals)
    if found is None:
        raise QuantityNotExact(quantity=quantity, unit=unit, own=item.unit, item=f"{item.number} {item.name}")
    return found


def stock_unit_price(work: Work, item_id: int, quantity: Decimal, price: Any, unit: str | None) -> Any:
    """The price of one of the item's own unit, where the price is for one of `unit`; `quantity` is in that too.

    Raises:
        PriceNotExact: the line would come to another amount.
    """
    item = work.session.get_one(Item, item_id)
    if price is None or unit is None or unit == item.unit:
        return price
    assert work.company is not None
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    found = converted_price(price, quantity, _quantity_per(work, item, unit), minor_units)
    if found is None:
        raise PriceNotExact(unit=unit, own=item.unit, item=f"{item.number} {item.name}")
    return found


def as_entered(item: Item, quantity: Decimal, unit: str | None) -> str | None:
    """A quantity as it was entered, where that was in another unit than the item's own: 2 BOX."""
    return None if unit is None or unit == item.unit else f"{plain(quantity)} {unit}"


def _quantity_per(work: Work, item: Item, unit: str) -> Decimal:
    found = work.session.scalars(
        select(ItemUnit.quantity_per).where(ItemUnit.item_id == item.id, ItemUnit.unit == unit)
    ).one_or_none()
    if found is None:
        raise UnitUnknown(unit=unit, item=f"{item.number} {item.name}")
    return found
