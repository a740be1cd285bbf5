"""Orders at once on one budget: never more is promised than there is, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor

from operational_app.core.errors import Refusal
from tests.conftest import Store


def test_eight_orders_at_once_never_overspend(store: Store) -> None:
    office = store.value("SELECT id FROM finance.ledger_account WHERE code = '6602'")
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    paper = store.run("buyer", "add_item", number="PAPER", name="Paper", list_price="1", item_group="Office")
    supplier = store.run("buyer", "register_supplier", name="Anvil Paper")
    store.run("accountant", "set_item_account", item_id=paper["id"], ledger_account_id=office)
    lines = [{"ledger_account_id": office, "amount": "20"}]
    plan = store.run("accountant", "enter_budget", year=2026, description="Plan", lines=lines)
    store.on("manager", "approve_budget", plan)
    orders = [
        store.run(
            "buyer",
            "enter_purchase_order",
            supplier_id=supplier["id"],
            business_date="2026-03-02",
            stock_location_id=place["id"],
            lines=[{"item_id": paper["id"], "quantity": "6", "unit_price": "1"}],
        )
        for _each in range(8)
    ]

    def send(order: dict) -> bool:
        try:
            store.on("buyer", "send_purchase_order", order)
        except Refusal as refusal:
            assert "more than the 2.00 that the budget" in refusal.message
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(send, orders))
    assert sent.count(True) == 3
    assert store.rows("SELECT committed_amount, overrun_amount FROM finance.budget_balance") == [(18, 0)]
    store.verify()
