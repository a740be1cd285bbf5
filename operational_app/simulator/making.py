"""The workshop of the simulated company: what is made there, planned once a week by net requirements over all levels."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from operational_app.core import db
from operational_app.core.models import Company
from operational_app.erp.production.models import ProductionOperation, ProductionOrder
from operational_app.erp.purchasing.models import PurchaseOrder
from operational_app.simulator import world
from operational_app.simulator.purchasing import Purchasing
from operational_app.simulator.story import Story

# Spoilt units are one in so many orders.
SCRAP_ONE_IN = 5
OPENING = 400


class Making:
    """Bills, routings, plans and production orders within one simulation."""

    def __init__(self, story: Story, purchasing: Purchasing, items: dict[str, int]) -> None:
        self.story, self.purchasing, self.items = story, purchasing, items
        self.day = story.first.isoformat()
        supplier = story.do("buyer", "register_supplier", name="Frame and Foam", city="Wuxi", country="CN")
        for number, name, cost in world.COMPONENTS:
            made = story.do("sales", "add_item", number=number, name=name, item_group="Components", list_price=cost)
            items[number] = made["id"]
            self.plan(made["id"], "buy", 6, 150, supplier_id=supplier["id"], unit_price=cost)
        self.supplier = supplier
        self.workshop()
        for number, (components, hours) in world.RECIPES.items():
            self.recipe(items[number], components, hours)
            self.plan(items[number], "make", 5, 130)

    def opening_stock(self) -> list[dict[str, str | int]]:
        return [
            {"item_id": self.items[number], "quantity": str(OPENING), "unit_cost": cost}
            for number, _name, cost in world.COMPONENTS
        ]

    def plan(self, item: int, kind: str, lead_days: int, safety: int, **more: Any) -> None:
        self.story.do(
            "planner",
            "plan_item",
            item_id=item,
            supply_kind=kind,
            lead_days=lead_days,
            safety_stock=str(safety),
            lot_size="20",
            minimum_quantity="20",
            **more,
        )

    def workshop(self) -> None:
        calendar = self.story.do("planner", "add_work_calendar", code="WEEK", name="Five days a week")
        self.centres = {
            code: self.story.do(
                "planner",
                "add_work_centre",
                code=code,
                name=name,
                work_calendar_id=calendar["id"],
                capacity_hours=hours,
                cost_rate=rate,
            )["id"]
            for code, name, hours, rate in world.WORK_CENTRES
        }

    def recipe(self, item: int, components: dict[str, str], hours: dict[str, str]) -> None:
        """Bill of materials and routing of an item, both released."""
        head = {"item_id": item, "revision": "A", "valid_from": self.day}
        bill = self.story.do(
            "planner",
            "enter_bill_of_material",
            **head,
            lines=[
                {"item_id": self.items[number], "quantity_per": quantity, "scrap_fraction": "0.02"}
                for number, quantity in components.items()
            ],
        )
        self.story.do("planner", "release_bill_of_material", bill)
        routing = self.story.do(
            "planner",
            "enter_routing",
            **head,
            lines=[
                {
                    "work_centre_id": self.centres[code],
                    "description": code.title(),
                    "setup_hours": "0.5",
                    "run_hours": run,
                }
                for code, run in hours.items()
            ],
        )
        self.story.do("planner", "release_routing", routing)

    def plan_week(self, day: date) -> None:
        """What the plan proposes is ordered and made; some weeks it proposes nothing."""
        run = self.story.do(
            "planner",
            "run_planning",
            business_date=day.isoformat(),
            horizon_days=45,
            stock_location_id=self.story.place,
        )
        if run["state"] != "open":
            return
        self.story.tried("planner", "accept_proposals", run, business_date=day.isoformat())
        for order_id in self.drafts(PurchaseOrder):
            self.buy(day, order_id)
        for order_id in self.drafts(ProductionOrder):
            released = self.story.do("planner", "release_production_order", self.story.now(ProductionOrder, order_id))
            self.story.at(day + timedelta(days=1), lambda on, made=released: self.begin(on, made["id"]))

    def drafts(self, model: type[Any]) -> list[int]:
        with db.reading(self.story.bind) as session:
            mine = select(model.id).join(Company, Company.id == model.company_id).where(model.state == "draft")
            return list(session.scalars(mine.where(Company.code == self.story.company).order_by(model.id)))

    def buy(self, day: date, order_id: int) -> None:
        sent = self.story.do("buyer", "send_purchase_order", self.story.now(PurchaseOrder, order_id))
        late = self.story.random.choice((0, 0, 1, 4))
        self.story.at(day + timedelta(days=6 + late), lambda on: self.purchasing.receive(on, sent))

    def begin(self, day: date, order_id: int) -> None:
        """Components go into the workshop; where one is missing, again after the next delivery."""
        order = self.story.now(ProductionOrder, order_id)
        if self.story.tried("clerk", "issue_components", order, business_date=day.isoformat()) is None:
            self.story.at(day + timedelta(days=3), lambda on: self.begin(on, order_id))
            return
        self.story.at(day + timedelta(days=2), lambda on: self.work(on, order_id))

    def work(self, day: date, order_id: int) -> None:
        """The hours are written down, a little more or less than planned; sometimes units are spoilt."""
        random = self.story.random
        with db.reading(self.story.bind) as session:
            operations = session.scalars(
                select(ProductionOperation)
                .where(ProductionOperation.production_order_id == order_id)
                .order_by(ProductionOperation.line_no)
            ).all()
        hours = [
            {
                "production_operation_id": operation.id,
                "hours": str((operation.planned_hours * random.randint(92, 115) / 100).quantize(Decimal("0.01"))),
            }
            for operation in operations
        ]
        order = self.story.now(ProductionOrder, order_id)
        worked = self.story.do("clerk", "record_labour", order, business_date=day.isoformat(), operations=hours)
        if random.randrange(SCRAP_ONE_IN) == 0:
            self.story.do(
                "clerk", "report_scrap", worked, business_date=day.isoformat(), quantity="1", reason="Broken weld"
            )
        self.story.at(day + timedelta(days=1), lambda on: self.finish(on, order_id))

    def finish(self, day: date, order_id: int) -> None:
        made = self.story.do(
            "clerk",
            "complete_production",
            self.story.now(ProductionOrder, order_id),
            business_date=day.isoformat(),
        )
        self.story.at(day + timedelta(days=2), lambda on: self.close(on, made))

    def close(self, day: date, order: dict[str, Any]) -> None:
        self.story.do("accountant", "close_production_order", order, business_date=day.isoformat())
