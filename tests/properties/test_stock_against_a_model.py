"""Stock, its value and what is promised against a plain model, for stories that nobody wrote: three methods, receipts in
any order of days, deliveries and losses in any order too, returns, counts, transfers, reservations.

The model knows nothing of the product: whole pieces, whole cents, and it works everything out anew after each step.
"""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from operational_app.checks import all_checks, facts_against
from operational_app.core.errors import Refusal
from tests.conftest import Store
from tests.warehouse import Warehouse, march

METHODS = ("moving_average", "fifo", "standard")
STANDARD = 333


@dataclass
class Happened:
    """One fact: `cents` is what came in at a known cost, `of` the delivery that comes back."""

    kind: str
    place: tuple[int, int]
    pieces: int
    cents: int = 0
    of: int | None = None


def share(cents: int, pieces: int, of: int) -> int:
    """Part of an amount, rounded half up, and all of it for all."""
    return cents if pieces == of else min((2 * cents * pieces + of) // (2 * of), cents)


@dataclass
class Model:
    """One item. `at` is what lies where, `promised` what is reserved at MAIN."""

    method: str
    facts: list[Happened] = field(default_factory=list)
    at: dict[str, int] = field(default_factory=lambda: {"MAIN": 0, "SHOP": 0})
    promised: int = 0

    @property
    def pieces(self) -> int:
        return sum(self.at.values())

    def last_day(self) -> int:
        return max((fact.place[0] for fact in self.facts), default=0)

    def add(self, kind: str, day: int, pieces: int, cents: int = 0, of: int | None = None, late: bool = False) -> int:
        costed = day if late and self.method != "standard" else max(day, self.last_day())
        if kind == "out" and late and self.method != "standard":
            costed = next(d for d in range(day, max(day, self.last_day()) + 1) if self._always_there(d, pieces))
        self.facts.append(Happened(kind, (costed, len(self.facts)), pieces, cents, of))
        return len(self.facts) - 1

    def _always_there(self, day: int, pieces: int) -> bool:
        """Whether so much can leave at the end of a day without ever making the stock negative."""
        here = 0
        for fact in sorted(self.facts, key=lambda one: one.place):
            if fact.place[0] > day and here < pieces:
                return False
            here += -fact.pieces if fact.kind == "out" else fact.pieces
        return here >= pieces

    def costs(self) -> tuple[int, dict[int, int]]:
        """What the stock is worth, and what each outgoing fact cost less what came back of it."""
        layers: list[list[int]] = []
        out: dict[int, list[int]] = {}
        for number, fact in sorted(enumerate(self.facts), key=lambda one: one[1].place):
            if fact.kind == "out":
                cost = self._take(layers, fact.pieces)
                out[number] = [fact.pieces, cost]
                continue
            cents = fact.cents
            if fact.of is not None:
                rest = out[fact.of]
                cents = share(rest[1], fact.pieces, rest[0])
                rest[0], rest[1] = rest[0] - fact.pieces, rest[1] - cents
            layers.append([fact.pieces, cents])
        if self.method == "standard":
            return self.pieces * STANDARD, {}
        return sum(cents for _pieces, cents in layers), {number: cost for number, (_pieces, cost) in out.items()}

    def _take(self, layers: list[list[int]], pieces: int) -> int:
        if self.method == "moving_average":
            here, worth = sum(layer[0] for layer in layers), sum(layer[1] for layer in layers)
            cost = share(worth, pieces, here)
            layers[:] = [[here - pieces, worth - cost]] if here > pieces else []
            return cost
        cost = 0
        while pieces:
            part = min(pieces, layers[0][0])
            cents = share(layers[0][1], part, layers[0][0])
            cost, pieces = cost + cents, pieces - part
            layers[0] = [layers[0][0] - part, layers[0][1] - cents]
            if not layers[0][0]:
                layers.pop(0)
        return cost


ITEM = st.sampled_from(range(len(METHODS)))
DAY = st.integers(1, 28)
PIECES = st.integers(1, 12)
CENTS = st.integers(0, 999)


def test_stock_value_and_promises_agree_with_a_plain_model(store: Store) -> None:
    warehouse = Warehouse(store)
    round_ = iter(range(10**6))

    class Story(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            number = next(round_)
            self.models = [Model(method) for method in METHODS]
            self.items = [
                warehouse.item(m, f"{m} {number}", standard_cost="3.33" if m == "standard" else None) for m in METHODS
            ]
            self.deliveries: list[tuple[int, dict, int, int]] = []
            self.orders: list[tuple[int, dict, int]] = []
            self.frozen: dict[int, Decimal] = {}

        @rule(item=ITEM, day=DAY, pieces=PIECES, cents=CENTS)
        def comes_in(self, item: int, day: int, pieces: int, cents: int) -> None:
            warehouse.adjust(self.items[item], day, str(pieces), f"{cents / 100:.2f}")
            self.models[item].add("in", day, pieces, pieces * cents, late=True)
            self.models[item].at["MAIN"] += pieces
            self.compare(item)

        @rule(item=ITEM, day=DAY, pieces=PIECES, shop=st.booleans())
        def is_lost(self, item: int, day: int, pieces: int, shop: bool) -> None:
            model, place = self.models[item], "SHOP" if shop else "MAIN"
            free = model.at[place] - (0 if shop else model.promised)
            place_id = warehouse.shop if shop else warehouse.main
            if pieces > free:
                with pytest.raises(Refusal, match="free"):
                    warehouse.adjust(self.items[item], day, f"-{pieces}", place=place_id)
                return
            warehouse.adjust(self.items[item], day, f"-{pieces}", place=place_id)
            model.add("out", day, pieces, late=True)
            model.at[place] -= pieces
            self.compare(item)

        @rule(item=ITEM, day=DAY, pieces=PIECES)
        def is_ordered(self, item: int, day: int, pieces: int) -> None:
            order = store.run(
                "sales",
                "enter_sales_order",
                customer_id=warehouse.customer,
                business_date=march(day),
                stock_location_id=warehouse.main,
                lines=[{"item_id": self.items[item], "quantity": str(pieces)}],
            )
            store.on("sales", "confirm_sales_order", order)
            model = self.models[item]
            if pieces <= model.at["MAIN"] - model.promised:
                model.promised += pieces
                self.orders.append((item, order, pieces))
            else:
                store.on("sales", "cancel_sales_order", order)
            self.compare(item)

        @precondition(lambda self: self.orders)
        @rule(data=st.data(), day=DAY, cancel=st.integers(0, 4))
        def is_delivered(self, data: st.DataObject, day: int, cancel: int) -> None:
            item, order, pieces = self.orders.pop(data.draw(st.integers(0, len(self.orders) - 1)))
            model = self.models[item]
            model.promised -= pieces
            if cancel == 0:
                store.on("sales", "cancel_sales_order", order)
            else:
                delivery = store.on("warehouse", "deliver_sales_order", order, business_date=march(day))
                self.deliveries.append((item, delivery, model.add("out", day, pieces, late=True), pieces))
                model.at["MAIN"] -= pieces
            self.compare(item)

        @precondition(lambda self: self.deliveries)
        @rule(data=st.data())
        def comes_back(self, data: st.DataObject) -> None:
            place = data.draw(st.integers(0, len(self.deliveries) - 1))
            item, delivery, number, left = self.deliveries[place]
            if not left:
                return
            pieces = data.draw(st.integers(1, left))
            warehouse.take_back(delivery, 28, str(pieces))
            self.deliveries[place] = (item, delivery, number, left - pieces)
            self.models[item].add("in", 28, pieces, of=number)
            self.models[item].at["MAIN"] += pieces
            self.compare(item)

        @rule(item=ITEM, day=DAY, pieces=PIECES, by_transit=st.booleans())
        def moves_to_the_shop(self, item: int, day: int, pieces: int, by_transit: bool) -> None:
            model = self.models[item]
            body = {
                "business_date": march(day),
                "from_location_id": warehouse.main,
                "to_location_id": warehouse.shop,
                "lines": [{"item_id": self.items[item], "quantity": str(pieces)}],
            }
            verb = "send_stock_transfer" if by_transit else "transfer_stock"
            if pieces > model.at["MAIN"] - model.promised:
                with pytest.raises(Refusal, match="free"):
                    store.run("warehouse", verb, **body)
                return
            sent = store.run("warehouse", verb, **body)
            if by_transit:
                store.on("warehouse", "receive_stock_transfer", sent, business_date=march(day))
            model.at["MAIN"] -= pieces
            model.at["SHOP"] += pieces
            self.compare(item)

        @rule(item=ITEM, day=DAY, more=st.integers(-3, 3))
        def is_counted(self, item: int, day: int, more: int) -> None:
            """A count of the shop; what is found is taken in at the average of that moment."""
            model = self.models[item]
            found = max(model.at["SHOP"] + more, 0)
            difference = found - model.at["SHOP"]
            if not model.pieces or not difference:
                return
            sheet = store.run(
                "warehouse",
                "start_stock_count",
                business_date=march(day),
                stock_location_id=warehouse.shop,
                lines=[{"item_id": self.items[item]}],
            )
            line = store.value("SELECT id FROM erp.stock_count_line WHERE stock_count_id = %s", sheet["id"])
            counted = [{"stock_count_line_id": line, "counted_quantity": str(found)}]
            store.on("warehouse", "enter_counted_quantities", sheet, lines=counted)
            store.on("warehouse", "hand_in_stock_count", sheet)
            store.on("accountant", "approve_stock_count", sheet)
            if difference < 0:
                model.add("out", day, -difference, late=True)
            else:
                worth = (2 * model.costs()[0] * difference + model.pieces) // (2 * model.pieces)
                model.add("in", day, difference, worth)
            model.at["SHOP"] = found
            self.compare(item)

        def compare(self, item: int) -> None:
            model, row = self.models[item], self.items[item]
            worth, costs = model.costs()
            assert warehouse.stock(row) == (model.pieces, Decimal(worth) / 100)
            for place, place_id in (("MAIN", warehouse.main), ("SHOP", warehouse.shop)):
                found = store.rows(
                    "SELECT quantity_on_hand, quantity_reserved FROM erp.stock_balance "
                    "WHERE item_id = %s AND stock_location_id = %s",
                    row,
                    place_id,
                )
                assert found in ([(model.at[place], model.promised if place == "MAIN" else 0)], []) and (
                    found or not model.at[place]
                )
            for of_item, delivery, number, _left in self.deliveries:
                if of_item == item and costs:
                    assert (
                        store.value(
                            "SELECT cost_amount + cost_adjustment - cost_returned FROM erp.delivery_line "
                            "WHERE delivery_id = %s",
                            delivery["id"],
                        )
                        == Decimal(costs[number]) / 100
                    )
            moves = dict(store.rows("SELECT id, value FROM erp.stock_move WHERE item_id = %s", row))
            assert {move: value for move, value in self.frozen.items() if moves.get(move, value) != value} == {}
            self.frozen |= moves

        def teardown(self) -> None:
            assert facts_against(all_checks("erp"), 5) == {}

    run_state_machine_as_test(Story, settings=settings(max_examples=5, stateful_step_count=20, deadline=None))
    store.verify()
