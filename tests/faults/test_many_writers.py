"""Sixteen clerks at the served app, on the same items, accounts and numbers: nothing oversold (G17), nothing lost, no gap,
and no deadlock that any of them gets to see."""

import random
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Store
from tests.faults.served_app import Clerk, NoAnswer, Refused, ServedApp, assert_once, clerk
from tests.web.conftest import DAY, HOME_OF_ASSETS

WRITERS, SALES_EACH, LONG_SALES_EACH = 16, 3, 40
STOCK = 60
# What a clerk may be told; everything else is a fault of ours.
ALLOWED = {"NotEnoughStock", "StaleDocument", "NothingToDeliver", "WrongState", "CreditLimitExceeded"}


@pytest.fixture
def served(store: Store, tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(HOME_OF_ASSETS, tmp_path)
    app.start()
    yield app
    app.end()


def test_sixteen_writers_oversell_nothing_lose_nothing_and_meet_no_deadlock_g17(
    store: Store, served: ServedApp, request: pytest.FixtureRequest
) -> None:
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")["id"]
    customer = store.run("sales", "register_customer", name="Café")["id"]
    items = [store.run("sales", "add_item", number=f"I{n}", name=f"Item {n}", list_price="9")["id"] for n in range(3)]
    lines = [{"item_id": item, "quantity": str(STOCK), "unit_cost": "7.77"} for item in items]
    at = {"business_date": DAY, "stock_location_id": place}
    store.run("warehouse", "adjust_stock", reason="opening", lines=lines, **at)
    bank, costs = (
        row[0]
        for row in store.rows("SELECT id FROM finance.ledger_account WHERE code IN ('1002', '6602') ORDER BY code")
    )
    faults: list[BaseException] = []
    turns = LONG_SALES_EACH if request.config.getoption("--long") else SALES_EACH

    def sell(sales: Clerk, warehouse: Clerk, accountant: Clerk, chance: random.Random) -> None:
        wanted = [{"item_id": item, "quantity": str(chance.randint(1, 4))} for item in chance.sample(items, 3)]
        order = sales.send("erp/enter_sales_order", {"company": "DEMO", "customer_id": customer, "lines": wanted} | at)
        confirmed = sales.send("erp/confirm_sales_order", named(order))
        delivery = warehouse.send("erp/deliver_sales_order", named(confirmed) | {"business_date": DAY})
        sales.send("erp/invoice_delivery", named(delivery) | {"business_date": DAY})
        sides = [{"ledger_account_id": costs, "debit": "1.01"}, {"ledger_account_id": bank, "credit": "1.01"}]
        entry = {"company": "DEMO", "posting_date": DAY, "description": "rent", "lines": sides}
        accountant.send("finance/post_journal_entry", entry)

    def work(writer: int) -> None:
        chance = random.Random(writer)
        trio = [everybody[writer * 3 + n] for n in range(3)]
        for _turn in range(turns):
            try:
                sell(*trio, chance)
            except Refused as refused:
                kind = refused.args[0]["type"].rsplit(":", 1)[-1]
                if kind not in ALLOWED:
                    faults.append(refused)
            except NoAnswer as lost:
                faults.append(lost)

    roles = ("sales", "warehouse", "accountant")
    everybody = [clerk(served, store, role, f"clerk {n} {role}") for n in range(WRITERS) for role in roles]
    threads = [threading.Thread(target=work, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert faults == [], faults[:5]
    for on_hand, reserved in store.rows("SELECT quantity_on_hand, quantity_reserved FROM erp.stock_balance"):
        assert Decimal(0) <= reserved <= on_hand
    delivered = dict(store.rows("SELECT item_id, sum(quantity) FROM erp.delivery_line GROUP BY item_id"))
    left = dict(store.rows("SELECT item_id, quantity_on_hand FROM erp.stock_balance"))
    assert all(delivered.get(item, 0) + left[item] == STOCK for item in items)
    posted = sum(answer["document"] == "journal_entry" for one in everybody for answer in one.acknowledged.values())
    assert store.value("SELECT count(*) FROM finance.journal_entry WHERE description = 'rent'") == posted > 0
    assert_once(store, {key: answer for one in everybody for key, answer in one.acknowledged.items()})
    store.verify()


def named(answer: dict) -> dict:
    return {"id": answer["id"], "version": answer["version"]}
