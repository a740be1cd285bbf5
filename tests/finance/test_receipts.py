"""Money from customers: what it pays, what is left, and many clerks at once."""

import random
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from operational_app.core.errors import Refusal
from operational_app.finance.errors import AllocatedTooMuch, AllocationExceedsReceipt, OtherCustomersInvoice
from tests.conftest import Store

DAY = "2026-03-02"


@pytest.fixture
def invoices(store: Store) -> list[dict]:
    """Four invoices of 113.00 each to one customer, for a service."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")["id"]
    item = store.run("sales", "add_item", number="HOUR", name="Hour", kind="service", list_price="100", vat_code="S13")
    customer = store.run("sales", "register_customer", name="Café")["id"]
    made = []
    for _turn in range(4):
        order = store.run(
            "sales",
            "enter_sales_order",
            customer_id=customer,
            business_date=DAY,
            stock_location_id=place,
            lines=[{"item_id": item["id"], "quantity": "1"}],
        )
        store.on("sales", "confirm_sales_order", order)
        delivery = store.on("warehouse", "deliver_sales_order", order, business_date=DAY)
        made.append(store.on("sales", "invoice_delivery", delivery, business_date=DAY) | {"customer": customer})
    return made


def receive(store: Store, invoice: dict, amount: str, *paid: tuple[dict, str], **body: object) -> dict:
    allocations = [{"sales_invoice_id": one["id"], "amount": part} for one, part in paid]
    return store.run(
        "accountant",
        "receive_money",
        customer_id=invoice["customer"],
        business_date=DAY,
        amount=amount,
        allocations=allocations,
        **body,
    )


def test_money_is_not_paid_out_beyond_what_came_in_or_what_is_open(store: Store, invoices: list[dict]) -> None:
    first, second = invoices[:2]
    with pytest.raises(AllocationExceedsReceipt):
        receive(store, first, "100", (first, "60"), (second, "60"))
    with pytest.raises(AllocatedTooMuch, match="only 113"):
        receive(store, first, "200", (first, "113.01"))
    other = store.run("sales", "register_customer", name="Other")
    with pytest.raises(OtherCustomersInvoice):
        receive(store, first | {"customer": other["id"]}, "100", (first, "60"))
    assert store.value("SELECT count(*) FROM finance.receipt_of_money") == 0
    store.verify()


def test_a_part_pays_a_part_and_the_rest_later(store: Store, invoices: list[dict]) -> None:
    first = invoices[0]
    receipt = receive(store, first, "100")
    store.on(
        "accountant",
        "allocate_receipt",
        receipt,
        business_date=DAY,
        allocations=[{"sales_invoice_id": first["id"], "amount": "100"}],
    )
    assert store.rows("SELECT state, open_amount FROM finance.sales_invoice WHERE id = %s", first["id"]) == [
        ("open", Decimal(13))
    ]
    paid = store.on("accountant", "receive_payment_of_invoice", first, business_date=DAY, amount="20")
    assert store.rows("SELECT state, open_amount FROM finance.receipt_of_money WHERE id = %s", paid["id"]) == [
        ("open", Decimal(7))
    ]
    assert store.value("SELECT state FROM finance.sales_invoice WHERE id = %s", first["id"]) == "paid"
    store.verify()


def test_clerks_who_receive_money_for_the_same_invoices_at_once_meet_no_deadlock(
    store: Store, invoices: list[dict]
) -> None:
    """One way begins at the invoice, the other at the money: both must take locks in the same order."""

    def work(writer: int) -> list[str]:
        chance, met = random.Random(writer), []
        for turn in range(4):
            invoice = chance.choice(invoices)
            try:
                if chance.random() < 0.5:
                    store.on("accountant", "receive_payment_of_invoice", invoice, business_date=DAY, amount="1")
                else:
                    others = chance.sample(invoices, 3)
                    receive(store, invoice, "3", *((one, "1") for one in others), key=f"{writer} {turn}")
            except Refusal as refusal:
                met.append(type(refusal).__name__)
        return met

    with ThreadPoolExecutor(8) as pool:
        met = {name for names in pool.map(work, range(8)) for name in names}
    assert met <= {"StaleDocument"}
    store.verify()
    assert store.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
