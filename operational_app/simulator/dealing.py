"""The sales people of the simulated company: who shows interest, what becomes of it, and what is offered on the way."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from operational_app.core import db
from operational_app.core.models import Company
from operational_app.crm.opportunities.models import Opportunity, OpportunityStage
from operational_app.erp.quoting.models import Quote
from operational_app.erp.sales.models import SalesOrder
from operational_app.simulator import world
from operational_app.simulator.story import Story

SOURCES = ("web", "web", "fair", "referral", "call", "mail", "campaign")
REASONS = ("price", "price", "competitor", "no_budget", "timing")

# What happens to an order, by whom it came; the simulation's own way from confirmation to payment.
Follow = Callable[[date, dict[str, Any], world.Customer], None]


class Dealing:
    """Leads, deals and quotes within one simulation. Of ten leads about four become a deal, and of those two an order."""

    def __init__(self, story: Story, items: list[int], follow: Follow) -> None:
        self.story, self.items, self.follow = story, items, follow
        self.met = 0
        with db.reading(story.bind) as session:
            stages = select(OpportunityStage.id).join(Company, Company.id == OpportunityStage.company_id)
            ordered = stages.where(Company.code == story.company).order_by(OpportunityStage.stage_no)
            self.stages = list(session.scalars(ordered))

    def somebody_asks(self, day: date) -> None:
        """Somebody new shows interest: a lead, which is qualified or discarded in the days after."""
        random, self.met = self.story.random, self.met + 1
        name = f"{random.choice(world.FAMILY)} {random.choice(world.TRADES)} No. {self.met}"
        made = self.story.do(
            "sales",
            "enter_lead",
            business_date=day.isoformat(),
            name=name,
            contact_name=world.person(random),
            email=f"office{self.met}@example.com",
            city=random.choice(world.CITIES),
            country="CN",
            source=random.choice(SOURCES),
            interest=random.choice(("New office", "More desks", "A canteen", "Lamps for all rooms")),
        )
        later = day + timedelta(days=random.randint(1, 6))
        if random.random() < 0.4:
            self.story.at(later, lambda on: self.qualify(on, made, name))
        else:
            self.story.at(later, lambda on: self.discard(made))

    def discard(self, lead: dict[str, Any]) -> None:
        self.story.do("sales", "discard_lead", lead, discard_reason="Only wanted to look around")

    def qualify(self, day: date, lead: dict[str, Any], name: str) -> None:
        random = self.story.random
        deal = self.story.do(
            "sales",
            "qualify_lead",
            lead,
            business_date=day.isoformat(),
            title=f"Furniture for {name}",
            expected_amount=str(random.randint(8, 90) * 1000),
            expected_close_date=(day + timedelta(days=40)).isoformat(),
        )
        self.story.at(day + timedelta(days=random.randint(2, 8)), lambda on: self.move(on, deal["id"], 1, name))

    def move(self, day: date, deal_id: int, stage: int, name: str) -> None:
        """The deal goes to its next stage; at the third it is quoted, on the way some are lost."""
        random = self.story.random
        deal = self.story.now(Opportunity, deal_id)
        if random.random() < 0.18:
            self.lose(day, deal)
            return
        moved = self.story.do(
            "sales", "move_stage", deal, business_date=day.isoformat(), opportunity_stage_id=self.stages[stage]
        )
        later = day + timedelta(days=random.randint(3, 9))
        if stage == 2:
            self.quote(day, moved, name)
        else:
            self.story.at(later, lambda on: self.move(on, deal_id, stage + 1, name))

    def lose(self, day: date, deal: dict[str, Any]) -> None:
        reason = self.story.random.choice(REASONS)
        self.story.do("sales", "lose_opportunity", deal, business_date=day.isoformat(), lost_reason=reason)

    def quote(self, day: date, deal: dict[str, Any], name: str) -> None:
        random = self.story.random
        self.story.do(
            "sales",
            "quote_opportunity",
            deal,
            business_date=day.isoformat(),
            valid_until=(day + timedelta(days=30)).isoformat(),
            stock_location_id=self.story.place,
            lines=[
                {"item_id": item, "quantity": str(random.choice((4, 8, 10, 20))), "discount": "0.05"}
                for item in random.sample(self.items, random.randint(1, 3))
            ],
        )
        quote = self.story.now(Quote, self.story.latest(Quote, Quote.opportunity_id == deal["id"]))
        sent = self.story.do("sales", "send_quote", quote)
        later = day + timedelta(days=random.randint(3, 20))
        if random.random() < 0.6:
            self.story.at(later, lambda on: self.accept(on, sent, name))
        else:
            self.story.at(later, lambda on: self.decline(on, sent, deal["id"]))

    def decline(self, day: date, quote: dict[str, Any], deal_id: int) -> None:
        self.story.do("sales", "decline_quote", quote, decline_reason="Too dear")
        self.lose(day, self.story.now(Opportunity, deal_id))

    def accept(self, day: date, quote: dict[str, Any], name: str) -> None:
        """The customer says yes: the order goes the way of every other; a new customer pays on time."""
        requested = (day + timedelta(days=10)).isoformat()
        order = self.story.do("sales", "accept_quote", quote, business_date=day.isoformat(), requested_date=requested)
        who = world.Customer(name, "Shanghai", 30, None, 1, 0, 0.0, "")
        assert order["document"] == "sales_order", order
        self.follow(day, self.story.now(SalesOrder, order["id"]), who)

    def plan_month(self, days: list[date], growth: Decimal) -> None:
        """About a lead every second day, more as the company grows."""
        for _number in range(int(14 * growth)):
            self.story.at(self.story.random.choice(days), self.somebody_asks)
