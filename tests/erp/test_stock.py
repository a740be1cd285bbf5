"""Stock: nothing oversold, nothing worth without quantity, moving average, and many clerks at once."""

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import psycopg
import pytest

import hub_settings
from operational_app.core.errors import Busy, Refusal, StaleDocument, StoreRefused
from tests.conftest import Store
from tests.warehouse import Warehouse, march

DAY = "2026-03-02"


class Shop:
    """A place, items, a customer, in the words of a test."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")["id"]
        self.customer = store.run("sales", "register_customer", name="Café")["id"]

    def item(self, number: str = "CHAIR") -> int:
        return self.store.run("sales", "add_item", number=number, name=number, list_price="100")["id"]

    def adjust(self, item: int, quantity: str, cost: str | None = None, reason: str = "count") -> dict:
        line = {"item_id": item, "quantity": quantity} | ({"unit_cost": cost} if cost else {})
        return self.store.run(
            "warehouse",
            "adjust_stock",
            business_date=DAY,
            reason=reason,
            stock_location_id=self.place,
            lines=[line],
        )

    def order(self, *lines: tuple[int, str]) -> dict:
        return self.store.run(
            "sales",
            "enter_sales_order",
            customer_id=self.customer,
            business_date=DAY,
            stock_location_id=self.place,
            lines=[{"item_id": item, "quantity": quantity} for item, quantity in lines],
        )

    def valuation(self, item: int) -> tuple[Decimal, Decimal]:
        [row] = self.store.rows("SELECT quantity_on_hand, value FROM erp.item_valuation WHERE item_id = %s", item)
        return row


@pytest.fixture
def shop(store: Store) -> Shop:
    return Shop(store)


def at_once(*actions) -> list[object]:
    """Run each action in a thread of its own, begun together; their results or errors."""
    barrier = Barrier(len(actions))

    def run(action) -> object:
        barrier.wait()
        try:
            return action()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@pytest.mark.parametrize("turn", range(3))
def test_two_simultaneous_orders_of_8_with_10_on_hand_reserve_exactly_once_g17(shop: Shop, turn: int) -> None:
    item = shop.item()
    shop.adjust(item, "10", "5", "opening")
    orders = [shop.order((item, "8")) for _turn in range(2)]
    done = at_once(*(lambda o=o: shop.store.on("sales", "confirm_sales_order", o) for o in orders))
    assert not [result for result in done if isinstance(result, Refusal)]
    reserved = shop.store.rows("SELECT quantity_reserved FROM erp.sales_order_line ORDER BY 1")
    assert reserved == [(Decimal(0),), (Decimal(8),)]
    assert shop.store.value("SELECT quantity_reserved FROM erp.stock_balance") == 8
    shop.store.verify()


def test_two_simultaneous_deliveries_of_8_with_10_on_hand_ship_exactly_one_g17(shop: Shop) -> None:
    item = shop.item()
    shop.adjust(item, "10", "5", "opening")
    orders = [shop.order((item, "8")) for _turn in range(2)]
    for order in orders:
        shop.store.on("sales", "confirm_sales_order", order)
    done = at_once(
        *(lambda o=o: shop.store.on("warehouse", "deliver_sales_order", o, business_date=DAY) for o in orders)
    )
    assert sum(isinstance(result, Refusal) for result in done) == 1
    assert shop.valuation(item)[0] == 2
    shop.store.verify()


def test_value_is_zero_when_the_quantity_is_after_costs_that_do_not_divide_g6(shop: Shop) -> None:
    item = shop.item()
    shop.adjust(item, "3", "3.333333", "opening")
    shop.adjust(item, "4", "0.015")
    for quantity in ("-1", "-1", "-1", "-1", "-1", "-1"):
        shop.adjust(item, quantity)
    assert shop.valuation(item)[0] == 1
    shop.adjust(item, "-1")
    assert shop.valuation(item) == (0, 0)
    inventory = shop.store.value(
        "SELECT sum(l.debit - l.credit) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = '1405'"
    )
    assert inventory == 0
    shop.store.verify()


def test_five_of_fifteen_leave_at_the_average_g2(shop: Shop) -> None:
    """In 10 @ 100, in 5 @ 110: the average is 103.33; five leave with 516.67, ten stay with 1033.33."""
    item = shop.item()
    shop.adjust(item, "10", "100", "opening")
    shop.adjust(item, "5", "110")
    shop.adjust(item, "-5")
    assert shop.valuation(item) == (10, Decimal("1033.33"))
    assert shop.store.value("SELECT value FROM erp.stock_move WHERE quantity < 0") == Decimal("-516.67")
    shop.store.verify()


def test_stock_that_comes_in_without_a_cost_takes_the_average_or_is_asked_for_one(shop: Shop) -> None:
    item = shop.item()
    with pytest.raises(Refusal, match="no average cost"):
        shop.adjust(item, "1")
    shop.adjust(item, "4", "2.50", "opening")
    shop.adjust(item, "2")
    assert shop.valuation(item) == (6, Decimal("15"))


def test_more_than_is_free_is_refused_with_what_is_free(shop: Shop) -> None:
    item = shop.item()
    shop.adjust(item, "10", "5", "opening")
    shop.store.on("sales", "confirm_sales_order", shop.order((item, "8")))
    with pytest.raises(Refusal, match="only 2"):
        shop.adjust(item, "-3")
    shop.store.verify()


def test_cancelling_gives_the_stock_back(shop: Shop) -> None:
    item = shop.item()
    shop.adjust(item, "10", "5", "opening")
    order = shop.order((item, "8"))
    shop.store.on("sales", "confirm_sales_order", order)
    shop.store.on("sales", "cancel_sales_order", order)
    assert shop.store.value("SELECT quantity_reserved FROM erp.stock_balance") == 0
    shop.store.verify()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE erp.stock_balance SET quantity_on_hand = -1",
        "UPDATE erp.stock_balance SET quantity_reserved = quantity_on_hand + 1",
        "UPDATE erp.item_valuation SET quantity_on_hand = 0",
        "UPDATE erp.item_valuation SET value = -1",
        "INSERT INTO erp.stock_move (company_id, item_id, stock_location_id, kind, quantity, value, business_date, "
        "document_type, document_id, document_line_id, sequence, costing_date) SELECT company_id, item_id, "
        "stock_location_id, kind, 1, -1, business_date, document_type, document_id, 0, 99, business_date "
        "FROM erp.stock_move",
    ],
)
def test_the_database_keeps_stock_sensible_whoever_writes(shop: Shop, statement: str) -> None:
    shop.adjust(shop.item(), "10", "5", "opening")
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        with pytest.raises(psycopg.errors.CheckViolation):
            app.execute(statement)


def test_sixteen_writers_on_the_same_items_meet_no_deadlock_and_the_truths_hold(shop: Shop) -> None:
    """Orders, deliveries, cancellations and counts over three items in any order of lines. What a clerk may be told: not
    enough stock, changed meanwhile; never a deadlock, never an error of the store."""
    items = [shop.item(f"ITEM {n}") for n in range(3)]
    for item in items:
        shop.adjust(item, "40", "7.77", "opening")

    def work(writer: int) -> list[Refusal]:
        chance, met = random.Random(writer), []
        for _turn in range(3):
            try:
                lines = [(item, str(chance.randint(1, 3))) for item in chance.sample(items, 3)]
                order = shop.order(*lines)
                shop.store.on("sales", "confirm_sales_order", order)
                if chance.random() < 0.6:
                    shop.store.on("warehouse", "deliver_sales_order", order, business_date=DAY)
                else:
                    shop.store.on("sales", "cancel_sales_order", order)
                shop.adjust(chance.choice(items), str(chance.choice([-1, 1, 2])))
            except Refusal as refusal:
                met.append(refusal)
        return met

    with ThreadPoolExecutor(16) as pool:
        met = [refusal for refusals in pool.map(work, range(16)) for refusal in refusals]
    assert not [refusal for refusal in met if isinstance(refusal, (Busy, StoreRefused, StaleDocument))]
    shop.store.verify()


def test_sixteen_writers_with_late_receipts_transfers_and_returns_keep_every_truth(store: Store) -> None:
    """Three items, one for each method. What a clerk may be told: not enough stock; never a deadlock or an error."""
    warehouse = Warehouse(store)
    items = [
        warehouse.item(method, method, standard_cost="5" if method == "standard" else None)
        for method in ("moving_average", "fifo", "standard")
    ]
    for item in items:
        warehouse.adjust(item, 1, "60", "7.77")

    def work(writer: int) -> list[Refusal]:
        chance, met = random.Random(writer), []
        for _turn in range(3):
            item = chance.choice(items)
            try:
                delivery = warehouse.deliver(item, chance.randint(10, 28), str(chance.randint(1, 4)))
                if chance.random() < 0.4:
                    warehouse.take_back(delivery, 28, "1")
                if chance.random() < 0.6:
                    warehouse.adjust(item, chance.randint(2, 9), "3", f"{chance.randint(1, 9)}.01")
                store.run(
                    "warehouse",
                    "transfer_stock",
                    business_date=march(28),
                    from_location_id=warehouse.main,
                    to_location_id=warehouse.shop,
                    lines=[{"item_id": one, "quantity": "1"} for one in chance.sample(items, 3)],
                )
            except Refusal as refusal:
                met.append(refusal)
        return met

    with ThreadPoolExecutor(16) as pool:
        met = [refusal for refusals in pool.map(work, range(16)) for refusal in refusals]
    assert {type(refusal).__name__ for refusal in met} <= {"NotEnoughStock"}
    store.verify()
