"""Procure to pay, as buyer, warehouse and accountant live it: order, goods, bill, money."""

from decimal import Decimal

import pytest

from operational_app.core.errors import Refusal
from tests.conftest import Store


@pytest.fixture
def yard(store: Store) -> dict[str, dict]:
    """A place, an item without stock, and a supplier."""
    return {
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "plate": store.run("buyer", "add_item", number="PLATE", name="Steel plate", list_price="30"),
        "supplier": store.run("buyer", "register_supplier", name="Anvil Steel", tax_number="9131"),
    }


def ordered(store: Store, yard: dict[str, dict], quantity: str, price: str, day: str = "2026-03-02") -> dict:
    made = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=yard["supplier"]["id"],
        business_date=day,
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["plate"]["id"], "quantity": quantity, "unit_price": price}],
    )
    store.on("buyer", "send_purchase_order", made)
    return made


def line_of(store: Store, order: dict) -> int:
    return store.value("SELECT id FROM erp.purchase_order_line WHERE purchase_order_id = %s", order["id"])


def entry(store: Store, document: dict) -> dict[str, Decimal]:
    """Account → signed amount of the entry that a document made."""
    rows = store.rows(
        "SELECT a.code, sum(l.debit - l.credit) FROM finance.journal_line l "
        "JOIN finance.journal_entry e ON e.id = l.journal_entry_id JOIN finance.ledger_account a "
        "ON a.id = l.ledger_account_id WHERE e.document_type = %s AND e.document_id = %s GROUP BY 1",
        document["document"],
        document["id"],
    )
    return dict(rows)


def use_up(store: Store, yard: dict[str, dict], quantity: str) -> None:
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-03-03",
        reason="scrap",
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["plate"]["id"], "quantity": f"-{quantity}"}],
    )


def test_a_price_difference_goes_to_stock_as_far_as_the_goods_are_here_g1(store: Store, yard: dict[str, dict]) -> None:
    order = ordered(store, yard, "100", "10")
    receipt = store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    assert entry(store, receipt) == {"1405": 1000, "2202.01": -1000}
    use_up(store, yard, "60")
    bill = store.on(
        "accountant",
        "bill_purchase_order",
        order,
        business_date="2026-03-05",
        supplier_reference="R-77",
        lines=[{"purchase_order_line_id": line_of(store, order), "quantity": "100", "unit_price": "12"}],
    )
    assert entry(store, bill) == {"2202.01": 1000, "1405": 80, "6401.01": 120, "2221.01.01": 156, "2202": -1356}
    assert store.value("SELECT value FROM erp.item_valuation") == 480
    store.verify()


def test_goods_go_back_at_the_average_and_what_is_owed_at_the_orders_price_g2(
    store: Store, yard: dict[str, dict]
) -> None:
    first, second = ordered(store, yard, "10", "100"), ordered(store, yard, "5", "110")
    for order in (first, second):
        store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    back = store.on(
        "warehouse",
        "return_goods",
        first,
        business_date="2026-03-04",
        lines=[{"purchase_order_line_id": line_of(store, first), "quantity": "5"}],
    )
    assert entry(store, back) == {"1405": Decimal("-516.67"), "2202.01": 500, "6401.01": Decimal("16.67")}
    assert store.rows("SELECT quantity_on_hand, value FROM erp.item_valuation") == [(10, Decimal("1033.33"))]
    store.verify()


def test_a_bill_whose_price_deviates_is_held_until_somebody_else_releases_it(
    store: Store, yard: dict[str, dict]
) -> None:
    order = ordered(store, yard, "100", "10")
    store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    bill = store.on(
        "accountant",
        "bill_purchase_order",
        order,
        business_date="2026-03-05",
        supplier_reference="R-77",
        lines=[{"purchase_order_line_id": line_of(store, order), "quantity": "100", "unit_price": "12"}],
    )
    assert bill["state"] == "held"
    with pytest.raises(Refusal, match="“Pay” is not possible while the bill is “held”"):
        store.on("accountant", "pay_bill", bill, business_date="2026-03-20", amount="1356")
    with pytest.raises(Refusal, match="Your roles do not allow this"):
        store.on("accountant", "release_bill", bill)
    # Not even a second role lets the person who entered it release it.
    store.on("administrator", "give_role", {"document": "app_user", "id": store.users["accountant"]}, role="manager")
    with pytest.raises(Refusal, match="may not release it"):
        store.on("accountant", "release_bill", bill)
    store.on("manager", "release_bill", bill)
    store.run("accountant", "run_payments", business_date="2026-04-10", due_until="2026-04-30")
    assert store.rows("SELECT state, open_amount FROM finance.bill") == [("paid", 0)]
    assert store.rows("SELECT amount FROM finance.payment") == [(1356,)]
    store.verify()


def test_more_than_was_received_cannot_be_billed(store: Store, yard: dict[str, dict]) -> None:
    order = ordered(store, yard, "100", "10")
    line = {"purchase_order_line_id": line_of(store, order), "quantity": "40"}
    store.on("warehouse", "receive_goods", order, business_date="2026-03-02", lines=[line])
    with pytest.raises(Refusal, match="100 is billed, but only 40"):
        store.on(
            "accountant",
            "bill_purchase_order",
            order,
            business_date="2026-03-05",
            supplier_reference="R-78",
            lines=[line | {"quantity": "100", "unit_price": "10"}],
        )


def test_an_agreed_total_within_the_limit_makes_one_rounding_line_g10(store: Store, yard: dict[str, dict]) -> None:
    order = ordered(store, yard, "1", "199947.39")
    store.on("warehouse", "receive_goods", order, business_date="2026-03-02")
    terms = {"business_date": "2026-03-05", "supplier_reference": "R-79"}
    with pytest.raises(Refusal, match="more than the 2.00 taken as rounding"):
        store.on("accountant", "bill_purchase_order", order, agreed_total="225938.00", **terms)
    bill = store.on("accountant", "bill_purchase_order", order, agreed_total="225938.70", **terms)
    assert entry(store, bill) == {
        "2202.01": Decimal("199947.39"),
        "2221.01.01": Decimal("25993.16"),
        "6603.01": Decimal("-1.85"),
        "2202": Decimal("-225938.70"),
    }
    store.verify()


def test_what_came_in_three_parts_and_is_billed_in_two_leaves_nothing_unbilled(
    store: Store, yard: dict[str, dict]
) -> None:
    order = ordered(store, yard, "3", "0.333333")
    line = {"purchase_order_line_id": line_of(store, order)}
    for _part in range(3):
        store.on("warehouse", "receive_goods", order, business_date="2026-03-02", lines=[line | {"quantity": "1"}])
    for number, quantity in enumerate(("2", "1")):
        store.on(
            "accountant",
            "bill_purchase_order",
            order,
            business_date="2026-03-05",
            supplier_reference=f"R-8{number}",
            lines=[line | {"quantity": quantity, "unit_price": "0.333333"}],
        )
    assert store.value("SELECT value_received - value_billed FROM erp.purchase_order_line") == 0
    store.verify()


def test_one_party_may_be_supplier_and_customer(store: Store, yard: dict[str, dict]) -> None:
    store.run("sales", "register_customer", name="Anvil", tax_number="9131")
    assert store.value("SELECT count(*) FROM core.party WHERE tax_number = '9131'") == 1
    assert store.value("SELECT count(*) FROM core.party_role WHERE role IN ('customer', 'supplier')") == 2
