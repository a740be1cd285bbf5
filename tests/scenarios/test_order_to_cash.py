"""Order to cash, as the clerks live it: customer, order, delivery, invoice, money."""

from datetime import date
from decimal import Decimal

import pytest

from operational_app.core.errors import Refusal
from tests.conftest import Store

DAY = "2026-03-02"


@pytest.fixture
def shop(store: Store) -> dict[str, dict]:
    """A place, an item with 100 pieces at 60.00, and a customer."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    chair = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-05",
        reason="opening",
        stock_location_id=place["id"],
        lines=[{"item_id": chair["id"], "quantity": "100", "unit_cost": "60"}],
    )
    customer = store.run("sales", "register_customer", name="Lily's Café", credit_limit="50000")
    return {"place": place, "chair": chair, "customer": customer}


def order(store: Store, shop: dict[str, dict], quantity: str) -> dict:
    return store.run(
        "sales",
        "enter_sales_order",
        customer_id=shop["customer"]["id"],
        business_date=DAY,
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["chair"]["id"], "quantity": quantity}],
    )


def balance(store: Store, account: str) -> Decimal:
    return store.value(
        "SELECT coalesce(sum(l.debit - l.credit), 0) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = %s",
        account,
    )


def test_ten_chairs_are_ordered_delivered_in_two_parts_invoiced_and_paid(store: Store, shop: dict[str, dict]) -> None:
    made = order(store, shop, "10")
    assert made["number"] == "SO-2026-00001"
    store.on("sales", "confirm_sales_order", made)
    line = store.value("SELECT id FROM erp.sales_order_line")
    assert store.value("SELECT quantity_reserved FROM erp.stock_balance") == 10

    first = store.on(
        "warehouse",
        "deliver_sales_order",
        made,
        business_date=DAY,
        lines=[{"sales_order_line_id": line, "quantity": "4"}],
    )
    assert store.value("SELECT state FROM erp.sales_order") == "partly_delivered"
    second = store.on("warehouse", "deliver_sales_order", made, business_date=DAY)
    assert store.value("SELECT state FROM erp.sales_order") == "delivered"
    assert balance(store, "6401") == Decimal("600")
    assert balance(store, "1405") == Decimal("5400")

    invoices = [store.on("sales", "invoice_delivery", d, business_date=DAY) for d in (first, second)]
    assert [i["document"] for i in invoices] == ["sales_invoice", "sales_invoice"]
    assert balance(store, "1122") == Decimal("1130")
    assert balance(store, "6001") == Decimal("-1000")
    assert balance(store, "2221.01.06") == Decimal("-130")

    store.run(
        "accountant",
        "receive_money",
        customer_id=shop["customer"]["id"],
        business_date="2026-03-20",
        amount="1200",
        allocations=[
            {"sales_invoice_id": invoices[0]["id"], "amount": "452"},
            {"sales_invoice_id": invoices[1]["id"], "amount": "678"},
        ],
    )
    assert store.rows("SELECT DISTINCT state FROM finance.sales_invoice") == [("paid",)]
    assert balance(store, "1122") == 0
    assert balance(store, "2203") == Decimal("-70")
    store.verify()


def test_a_retry_after_a_lost_reply_gives_the_same_document_g22(store: Store, shop: dict[str, dict]) -> None:
    body = {
        "customer_id": shop["customer"]["id"],
        "business_date": DAY,
        "stock_location_id": shop["place"]["id"],
        "lines": [{"item_id": shop["chair"]["id"], "quantity": "1"}],
    }
    first = store.run("sales", "enter_sales_order", key="lost", **body)
    assert store.run("sales", "enter_sales_order", key="lost", **body) == first
    assert store.value("SELECT count(*) FROM erp.sales_order") == 1


def test_more_than_is_there_cannot_leave(store: Store, shop: dict[str, dict]) -> None:
    made = order(store, shop, "101")
    store.on("sales", "confirm_sales_order", made)
    with pytest.raises(Refusal, match="Chair only 100"):
        store.on("warehouse", "deliver_sales_order", made, business_date=DAY)
    store.verify()


def test_an_order_beyond_the_credit_limit_is_refused_and_nothing_is_reserved(
    store: Store, shop: dict[str, dict]
) -> None:
    shop["customer"] = store.run("sales", "register_customer", name="Small", credit_limit="500")
    made = order(store, shop, "10")
    with pytest.raises(Refusal, match="credit limit is 500"):
        store.on("sales", "confirm_sales_order", made)
    assert store.value("SELECT quantity_reserved FROM erp.stock_balance") == 0


def test_a_closed_period_stops_the_delivery_and_says_why(store: Store, shop: dict[str, dict]) -> None:
    made = order(store, shop, "1")
    store.on("sales", "confirm_sales_order", made)
    store.close("2026-03")
    with pytest.raises(Refusal, match="period of 2026-03-02 is closed in DEMO"):
        store.on("warehouse", "deliver_sales_order", made, business_date=date(2026, 3, 2).isoformat())
    assert store.value("SELECT count(*) FROM erp.delivery") == 0


def test_a_reference_to_another_company_is_refused_beside_its_field(store: Store, shop: dict[str, dict]) -> None:
    store.run("administrator", "found_company", code="OTHER", name="Other Ltd", currency="CNY", chart="ifrs")
    theirs = store.run("sales", "register_customer", company="OTHER", name="Their customer")
    with pytest.raises(Refusal) as refused:
        store.run(
            "sales",
            "enter_sales_order",
            customer_id=theirs["id"],
            business_date=DAY,
            stock_location_id=shop["place"]["id"],
            lines=[{"item_id": shop["chair"]["id"], "quantity": "1"}, {"item_id": 10**9, "quantity": "1"}],
        )
    assert set(refused.value.fields) == {"customer_id", "lines.1.item_id"}
