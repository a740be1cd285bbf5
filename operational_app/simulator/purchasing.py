"""The buyers' side of the simulated company: what runs low is ordered, comes in, is billed and paid."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text

from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.erp.inventory.models import StockBalance
from operational_app.erp.purchasing.models import PurchaseOrder, PurchaseOrderLine
from operational_app.erp.requisition.models import PurchaseRequisition, PurchaseRequisitionLine
from operational_app.simulator import world
from operational_app.simulator.story import Story

# An item is ordered when what is free and on its way falls below the first, up to the second.
REORDER_AT, ORDER_UP_TO = 90, 240
PENDING = text(
    "SELECT id, version FROM oa.approval WHERE document_type = 'purchase_requisition' AND document_id = :id "
    "AND state = 'pending'"
)


class Purchasing:
    """Suppliers and the orders to them, within one simulation."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.suppliers: dict[str, list[tuple[dict[str, Any], int]]] = {}
        early = story.do(
            "accountant",
            "add_payment_term",
            code="2-10-30",
            name="30 days; 2 % within 10 days",
            discount_days=10,
            discount_share="0.02",
            parts=[{"days": 30}],
        )
        for place, (name, city, group, payment_days, lead_days) in enumerate(world.SUPPLIERS):
            # The first supplier gives a discount for paying early; the last wants part of the money with the order.
            terms = {"payment_days": payment_days} | ({} if place else {"payment_term_id": early["id"]})
            made = story.do("buyer", "register_supplier", name=name, city=city, country="CN", **terms)
            self.suppliers.setdefault(group, []).append((made, lead_days))
            self.paid_ahead = made["id"]
        self.advances: dict[int, tuple[dict[str, Any], Decimal]] = {}

    def order_what_runs_low(self, day: date) -> None:
        """One order a group of items that has something low, to one of the group's suppliers."""
        low = self.low()
        for group, suppliers in self.suppliers.items():
            items = {item: quantity for item, quantity in low.items() if self.story.groups[item] == group}
            if items:
                supplier, lead_days = self.story.random.choice(suppliers)
                self.order(day, supplier, lead_days, items)

    def low(self) -> dict[int, Decimal]:
        """Item → how many are to be ordered, for items of which too few are free and on their way."""
        on_the_way = (
            select(
                PurchaseOrderLine.item_id, func.sum(PurchaseOrderLine.quantity - PurchaseOrderLine.quantity_received)
            )
            .join(PurchaseOrder, PurchaseOrder.id == PurchaseOrderLine.purchase_order_id)
            .where(PurchaseOrder.state.in_(("ordered", "partly_received")))
            .group_by(PurchaseOrderLine.item_id)
        )
        with db.reading(self.story.bind) as session:
            coming = dict(session.execute(on_the_way).all())
            free = session.execute(
                select(StockBalance.item_id, StockBalance.quantity_on_hand - StockBalance.quantity_reserved)
                .where(StockBalance.stock_location_id == self.story.place)
                .order_by(StockBalance.item_id)
            ).all()
        have = {item: quantity + coming.get(item, Decimal(0)) for item, quantity in free}
        return {item: ORDER_UP_TO - quantity for item, quantity in have.items() if quantity < REORDER_AT}

    def price(self, day: date, item: int) -> Decimal:
        """What a supplier asks: the first cost, 3 % more a year, and a little chance."""
        years = Decimal((day - self.story.first).days) / 365
        drift = (1 + years * Decimal("0.03")) * self.story.random.randint(98, 102) / 100
        return (self.story.cost[item] * drift).quantize(Decimal("0.01"))

    def order(self, day: date, supplier: dict[str, Any], lead_days: int, items: dict[int, Decimal]) -> None:
        lines = [
            {"item_id": item, "quantity": str(int(quantity)), "unit_price": str(self.price(day, item))}
            for item, quantity in items.items()
        ]
        made = self.story.do(
            "buyer",
            "enter_purchase_order",
            supplier_id=supplier["id"],
            business_date=day.isoformat(),
            requested_date=(day + timedelta(days=lead_days)).isoformat(),
            stock_location_id=self.story.place,
            lines=lines,
        )
        sent = self.story.do("buyer", "send_purchase_order", made)
        if supplier["id"] == self.paid_ahead:
            self.pay_ahead(day, supplier, sent, lines)
        # Every sixth delivery is late.
        late = self.story.random.choice([0, 0, 0, 0, 1, 6])
        self.story.at(day + timedelta(days=lead_days + late), lambda on: self.receive(on, sent))

    def pay_ahead(
        self, day: date, supplier: dict[str, Any], order: dict[str, Any], lines: list[dict[str, Any]]
    ) -> None:
        """Three tenths of the order's net amount leave with it, in whole yuan."""
        net = sum((Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in lines), Decimal(0))
        amount = (net * Decimal("0.3")).quantize(Decimal(1))
        paid = self.story.do(
            "accountant",
            "pay_supplier",
            supplier_id=supplier["id"],
            business_date=day.isoformat(),
            amount=str(amount),
            purchase_order_id=order["id"],
        )
        self.advances[order["id"]] = (paid, amount)

    def use_advance(self, day: date, order: dict[str, Any], bill: dict[str, Any]) -> None:
        """What was paid with the order pays its bill first."""
        if order["id"] in self.advances:
            paid, amount = self.advances.pop(order["id"])
            part = {"bill_id": bill["id"], "amount": str(amount)}
            self.story.do("accountant", "allocate_payment", paid, business_date=day.isoformat(), allocations=[part])

    def receive(self, day: date, order: dict[str, Any]) -> None:
        note = f"LS{self.story.random.randrange(10**6):06d}"
        self.story.do("clerk", "receive_goods", order, business_date=day.isoformat(), delivery_note=note)
        later = day + timedelta(days=self.story.random.choice([1, 2, 3, 5]))
        self.story.at(later, lambda on: self.bill(on, order))

    def bill(self, day: date, order: dict[str, Any]) -> None:
        """Most bills are as ordered; one in fifteen asks for more, is held, and released by the manager."""
        with db.reading(self.story.bind) as session:
            version = session.get_one(PurchaseOrder, order["id"]).version
            lines = session.scalars(
                select(PurchaseOrderLine)
                .where(PurchaseOrderLine.purchase_order_id == order["id"])
                .order_by(PurchaseOrderLine.line_no)
            ).all()
        factor = Decimal("1.08") if self.story.random.random() < 1 / 15 else Decimal(1)
        made = self.story.do(
            "accountant",
            "bill_purchase_order",
            {"id": order["id"], "version": version},
            business_date=day.isoformat(),
            supplier_reference=f"INV{self.story.random.randrange(10**8):08d}",
            lines=[
                {
                    "purchase_order_line_id": line.id,
                    "quantity": str(line.quantity),
                    "unit_price": str((line.unit_price * factor).quantize(Decimal("0.01"))),
                }
                for line in lines
            ],
        )
        if made["state"] == "held":
            self.story.at(day + timedelta(days=4), lambda on: self.release(made))
        else:
            self.use_advance(day, order, made)

    def ask_for_more(self, day: date) -> None:
        """The warehouse asks for supplies: small wishes need nobody's consent, large ones the head of the warehouse's and
        an accountant's. What is granted is ordered; what is not stays rejected."""
        random = self.story.random
        group = random.choice(sorted(self.suppliers))
        items = [item for item, of in self.story.groups.items() if of == group]
        lines = [
            {
                "item_id": item,
                "quantity": str(random.choice((4, 10, 20))),
                "needed_by": (day + timedelta(days=21)).isoformat(),
                "unit_price": str(self.price(day, item)),
            }
            for item in random.sample(items, min(2, len(items)))
        ]
        made = self.story.do(
            "clerk", "enter_purchase_requisition", business_date=day.isoformat(), reason="For the fair", lines=lines
        )
        submitted = self.story.do("clerk", "submit_purchase_requisition", made)
        self.story.at(day + timedelta(days=2), lambda on: self.decide(on, submitted["id"], group))

    def decide(self, day: date, requisition_id: int, group: str) -> None:
        """First the manager, then an accountant; one in six is refused."""
        for user in ("manager", "accountant"):
            waiting = self._approval(requisition_id)
            if waiting is None:
                break
            if user == "manager" and self.story.random.randrange(6) == 0:
                self.story.do("manager", "reject", waiting, note="Not in this quarter")
                return
            self.story.do(user, "approve", waiting)
        supplier, lead_days = self.suppliers[group][0]
        with db.reading(self.story.bind) as session:
            lines = session.scalars(
                select(PurchaseRequisitionLine.id)
                .where(PurchaseRequisitionLine.purchase_requisition_id == requisition_id)
                .order_by(PurchaseRequisitionLine.line_no)
            ).all()
        self.story.do(
            "buyer",
            "convert_to_purchase_order",
            self.story.now(PurchaseRequisition, requisition_id),
            business_date=day.isoformat(),
            stock_location_id=self.story.place,
            lines=[{"purchase_requisition_line_id": line, "supplier_id": supplier["id"]} for line in lines],
        )
        order = self.story.now(
            PurchaseOrder, self.story.latest(PurchaseOrder, PurchaseOrder.supplier_id == supplier["id"])
        )
        sent = self.story.do("buyer", "send_purchase_order", order)
        self.story.at(day + timedelta(days=lead_days), lambda on: self.receive(on, sent))

    def _approval(self, requisition_id: int) -> dict[str, Any] | None:
        """What is asked about a requisition and not decided yet."""
        with db.reading(self.story.bind) as session:
            found = session.execute(PENDING, {"id": requisition_id}).one_or_none()
        return None if found is None else {"id": found.id, "version": found.version}

    def release(self, bill: dict[str, Any]) -> None:
        self.story.do("manager", "release_bill", bill)

    def pay_what_is_due(self, day: date) -> None:
        """Once a week all bills due by the next week are paid; some weeks nothing is due."""
        try:
            self.story.do(
                "accountant",
                "run_payments",
                business_date=day.isoformat(),
                due_until=(day + timedelta(days=6)).isoformat(),
            )
        except Refusal as refusal:
            self.story.count(refusal)
