"""Customers: one party, one number, terms, blocked and unblocked."""

import pytest

from operational_app.core.errors import Refusal
from operational_app.crm.errors import CustomerExists
from operational_app.erp.errors import CustomerBlocked
from tests.conftest import Store


def test_the_same_tax_number_twice_names_the_customer_that_is_there(store: Store) -> None:
    store.run("sales", "register_customer", name="Café", tax_number="91310000X")
    with pytest.raises(CustomerExists, match="C-00001 Café"):
        store.run("sales", "register_customer", name="Cafe Ltd", tax_number="91310000X")
    assert store.value("SELECT count(*) FROM core.party") == 1


def test_a_party_is_a_customer_of_two_companies_with_terms_of_each(store: Store) -> None:
    store.run("administrator", "found_company", code="OTHER", name="Other", currency="EUR", chart="ifrs")
    store.run("sales", "register_customer", name="Café", tax_number="91310000X", payment_days=10)
    store.run("sales", "register_customer", company="OTHER", name="Café", tax_number="91310000X", payment_days=60)
    assert store.value("SELECT count(*) FROM core.party") == 1
    assert store.rows("SELECT number, currency, payment_days FROM core.party_role ORDER BY id") == [
        ("C-00001", "CNY", 10),
        ("C-00001", "EUR", 60),
    ]


def test_a_blocked_customer_orders_nothing_until_unblocked(store: Store) -> None:
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")
    item = store.run("sales", "add_item", number="A", name="A", list_price="1")
    customer = store.run("sales", "register_customer", name="Café")
    order = {
        "customer_id": customer["id"],
        "business_date": "2026-03-02",
        "stock_location_id": place["id"],
        "lines": [{"item_id": item["id"], "quantity": "1"}],
    }
    store.on("accountant", "block_customer", customer)
    with pytest.raises(CustomerBlocked, match="Café is blocked"):
        store.run("sales", "enter_sales_order", **order)
    store.on("accountant", "unblock_customer", customer)
    assert store.run("sales", "enter_sales_order", **order)["number"] == "SO-2026-00001"


def test_two_orders_at_once_do_not_both_fit_into_a_credit_that_takes_one(store: Store) -> None:
    from concurrent.futures import ThreadPoolExecutor

    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")
    item = store.run("sales", "add_item", number="A", name="A", list_price="100", vat_code="S13")
    customer = store.run("sales", "register_customer", name="Café", credit_limit="150")
    orders = [
        store.run(
            "sales",
            "enter_sales_order",
            customer_id=customer["id"],
            business_date="2026-03-02",
            stock_location_id=place["id"],
            lines=[{"item_id": item["id"], "quantity": "1"}],
        )
        for _turn in range(2)
    ]

    def confirm(order: dict) -> str:
        try:
            return str(store.on("sales", "confirm_sales_order", order)["state"])
        except Refusal as refusal:
            return str(refusal.title)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, orders)) == ["Credit limit exceeded", "confirmed"]
