"""Verbs about items."""

from pydantic import Field

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import UnitPrice
from operational_app.core.tax import rate_on
from operational_app.erp.items.models import Item, item


class AddItem(Body):
    number: str = Field(min_length=1, max_length=40)
    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(default="stocked", pattern="^(stocked|service)$")
    item_group: str | None = Field(default=None, max_length=100)
    unit: str = Field(default="PCS", max_length=10)
    list_price: UnitPrice = Field(ge=0)
    vat_code: str = Field(default="S13", max_length=10)


class ChangePrice(Body):
    list_price: UnitPrice = Field(ge=0)


@command(item, _("Add item"))
def add_item(work: Work, body: AddItem) -> Item:
    """Add an item to the company's range."""
    rate_on(work.session, body.vat_code, work.today)
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
