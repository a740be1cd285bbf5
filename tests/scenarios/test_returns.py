"""Goods that come back, as warehouse and accountant live it: return, credit note, what it settles, money back."""

from decimal import Decimal

import psycopg
import pytest

import hub_settings
from operational_app.core.errors import Refusal
from tests.conftest import Store

DAY = "2026-03-02"


@pytest.fixture
def sale(store: Store) -> dict[str, dict]:
    """Three tables out of a stock that cost 100.00 for three, sold at 33.33 each and delivered."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    table = store.run("sales", "add_item", number="TABLE", name="Table", list_price="33.33")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-05",
        reason="opening",
        stock_location_id=place["id"],
        lines=[{"item_id": table["id"], "quantity": "3", "unit_cost": "33.333333"}],
    )
    customer = store.run("sales", "register_customer", name="Lily's Café")
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=customer["id"],
        business_date=DAY,
        stock_location_id=place["id"],
        lines=[{"item_id": table["id"], "quantity": "3"}],
    )
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("warehouse", "deliver_sales_order", order, business_date=DAY)
    return {"customer": customer, "delivery": delivery, "table": table, "place": place}


def back(store: Store, sale: dict[str, dict], quantity: str, day: str = "2026-03-10") -> dict:
    line = store.value("SELECT id FROM erp.delivery_line")
    return store.on(
        "warehouse",
        "return_from_customer",
        sale["delivery"],
        business_date=day,
        reason="damaged",
        lines=[{"delivery_line_id": line, "quantity": quantity}],
    )


def invoiced(store: Store, sale: dict[str, dict]) -> dict:
    return store.on("sales", "invoice_delivery", sale["delivery"], business_date=DAY)


def balance(store: Store, account: str) -> Decimal:
    return store.value(
        "SELECT coalesce(sum(l.debit - l.credit), 0) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = %s",
        account,
    )


def test_what_comes_back_in_parts_is_worth_exactly_what_left(store: Store, sale: dict[str, dict]) -> None:
    invoiced(store, sale)
    assert balance(store, "6401") == 100
    for _part in range(3):
        back(store, sale, "1")
        store.verify()
    assert store.rows("SELECT cost_amount FROM erp.customer_return_line ORDER BY id") == [
        (Decimal("33.33"),),
        (Decimal("33.34"),),
        (Decimal("33.33"),),
    ]
    assert (balance(store, "6401"), balance(store, "1405")) == (0, 100)
    assert store.rows("SELECT quantity_on_hand, value FROM erp.item_valuation") == [(3, 100)]
    with pytest.raises(Refusal, match="1 is more than the 0 of DN-2026-00001"):
        back(store, sale, "1")


def test_a_return_is_credited_and_the_customer_owes_less(store: Store, sale: dict[str, dict]) -> None:
    invoice = invoiced(store, sale)
    assert balance(store, "1122") == Decimal("112.99")
    returned = back(store, sale, "1")
    note = store.on("accountant", "credit_customer_return", returned, business_date="2026-03-11")
    assert (note["document"], note["number"], note["state"]) == ("credit_note", "CN-2026-00001", "settled")
    assert balance(store, "6001") == Decimal("-66.66")
    assert balance(store, "2221.01.06") == Decimal("-8.67")
    assert balance(store, "1122") == Decimal("75.33")
    assert store.value("SELECT open_amount FROM finance.sales_invoice") == Decimal("75.33")
    assert store.rows("SELECT to_type FROM core.document_link WHERE from_type = 'customer_return'") == [
        ("credit_note",)
    ]
    with pytest.raises(Refusal, match="3 is more than the 2 that is not credited yet"):
        line = store.value("SELECT id FROM finance.sales_invoice_line")
        store.on(
            "accountant",
            "credit_invoice",
            invoice,
            business_date="2026-03-12",
            lines=[{"sales_invoice_line_id": line, "quantity": "3"}],
        )
    store.verify()


def test_an_invoice_credited_in_parts_is_credited_to_the_last_cent(store: Store, sale: dict[str, dict]) -> None:
    invoice = invoiced(store, sale)
    line = store.value("SELECT id FROM finance.sales_invoice_line")
    for _part in range(2):
        store.on(
            "accountant",
            "credit_invoice",
            invoice,
            business_date="2026-03-12",
            reason="price",
            lines=[{"sales_invoice_line_id": line, "quantity": "1"}],
        )
    store.on("accountant", "credit_invoice", invoice, business_date="2026-03-12")
    assert [balance(store, account) for account in ("6001", "2221.01.06", "1122")] == [0, 0, 0]
    with pytest.raises(Refusal, match="Everything on SI-2026-00001 has been credited"):
        store.on("accountant", "credit_invoice", invoice, business_date="2026-03-12")
    store.verify()


def test_credit_of_a_paid_invoice_stays_open_settles_another_or_is_paid_back(
    store: Store, sale: dict[str, dict]
) -> None:
    invoice = invoiced(store, sale)
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date="2026-03-05", amount="112.99")
    note = store.on("accountant", "credit_invoice", invoice, business_date="2026-03-12")
    assert note["state"] == "open"
    assert balance(store, "1122") == Decimal("-112.99")

    back(store, sale, "3")
    second = store.run(
        "sales",
        "enter_sales_order",
        customer_id=sale["customer"]["id"],
        business_date="2026-03-12",
        stock_location_id=sale["place"]["id"],
        lines=[{"item_id": sale["table"]["id"], "quantity": "1"}],
    )
    store.on("sales", "confirm_sales_order", second)
    delivery = store.on("warehouse", "deliver_sales_order", second, business_date="2026-03-12")
    other = store.on("sales", "invoice_delivery", delivery, business_date="2026-03-12")
    store.on(
        "accountant",
        "allocate_credit_note",
        note,
        business_date="2026-03-13",
        allocations=[{"sales_invoice_id": other["id"], "amount": "37.66"}],
    )
    with pytest.raises(Refusal, match=r"112.99 is more than the 75.33 still open on CN-2026-00001"):
        store.on("accountant", "refund_customer", note, business_date="2026-03-14", amount="112.99")
    refund = store.on("accountant", "refund_customer", note, business_date="2026-03-14", amount="75.33")
    assert refund["number"] == "RF-2026-00001"
    assert [balance(store, account) for account in ("1122", "1002")] == [0, Decimal("37.66")]
    assert store.rows("SELECT state FROM finance.credit_note") == [("settled",)]
    store.verify()


def test_what_comes_back_before_the_invoice_is_not_invoiced(store: Store, sale: dict[str, dict]) -> None:
    assert back(store, sale, "1")["state"] == "not_invoiced"
    invoiced(store, sale)
    assert balance(store, "1122") == Decimal("75.33")
    assert store.value("SELECT quantity_invoiced FROM erp.sales_order_line") == 2
    store.verify()


def test_a_delivery_that_came_back_whole_is_never_invoiced(store: Store, sale: dict[str, dict]) -> None:
    back(store, sale, "3")
    with pytest.raises(Refusal, match="while the delivery is “returned”"):
        invoiced(store, sale)
    store.verify()


def test_the_store_itself_refuses_to_take_back_or_credit_more_than_there_was(
    store: Store, sale: dict[str, dict]
) -> None:
    invoiced(store, sale)
    for broken in (
        "UPDATE erp.delivery_line SET quantity_returned = quantity + 1",
        "UPDATE erp.delivery_line SET quantity_returned = quantity, cost_returned = cost_amount - 0.01",
        "UPDATE finance.sales_invoice_line SET quantity_credited = quantity + 1",
        "UPDATE finance.sales_invoice_line SET quantity_credited = quantity",
        "UPDATE erp.delivery_line SET cost_amount = 1",
    ):
        with psycopg.connect(hub_settings.database_url(None)) as admin, pytest.raises(psycopg.DatabaseError):
            admin.execute(broken)
