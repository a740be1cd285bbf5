"""What stock costs, as an accountant would check it: first in first out, standard cost, receipts entered late."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest

import hub_settings
from operational_app.core.errors import Refusal
from operational_app.erp.inventory.queries import stock_ledger, stock_valuation
from tests.conftest import Store
from tests.warehouse import Warehouse, march


@pytest.fixture
def warehouse(store: Store) -> Warehouse:
    return Warehouse(store)


def cost_lines(store: Store) -> list[tuple]:
    return store.rows(
        "SELECT l.kind, m.kind, m.document_type, l.value, l.business_date FROM erp.stock_cost_line l "
        "LEFT JOIN erp.stock_move m ON m.id = l.stock_move_id ORDER BY l.id"
    )


def test_g3_first_in_first_out_takes_the_oldest_layers(warehouse: Warehouse) -> None:
    """In 10 @ 5, in 10 @ 6, out 12: cost of goods sold 62; eight are left, worth 48."""
    chair = warehouse.item("fifo")
    warehouse.receive(chair, 1, "10", "5")
    warehouse.receive(chair, 2, "10", "6")
    warehouse.deliver(chair, 3, "12")
    assert warehouse.balance("cost_of_goods_sold") == 62
    assert warehouse.stock(chair) == (8, 48)
    warehouse.store.verify()


def test_g4_a_late_receipt_at_the_average_books_its_delta_and_the_move_keeps_its_cost(warehouse: Warehouse) -> None:
    store, chair = warehouse.store, warehouse.item()
    warehouse.receive(chair, 1, "10", "5")
    delivery = warehouse.deliver(chair, 3, "8")
    known = datetime.now(UTC)
    before = valuation(known, 3)
    assert before == [(Decimal(2), Decimal(10))]

    warehouse.receive(chair, 2, "10", "3")

    assert warehouse.stock(chair) == (12, 48)
    assert store.value("SELECT value FROM erp.stock_move WHERE kind = 'delivery'") == -40
    assert cost_lines(store) == [("late_receipt", "delivery", "delivery", Decimal(8), date(2026, 3, 3))]
    assert warehouse.balance("cost_of_goods_sold") == 32
    assert warehouse.balance("inventory") == 48
    [[entry]] = store.rows(
        "SELECT array_agg((p.purpose, l.debit - l.credit)::text ORDER BY l.line_no) FROM finance.journal_entry e "
        "JOIN finance.journal_line l ON l.journal_entry_id = e.id "
        "JOIN finance.posting_account p ON p.ledger_account_id = l.ledger_account_id "
        "WHERE e.document_type = 'delivery' AND e.document_id = %s AND e.description LIKE 'Late receipt%%' GROUP BY e.id",
        delivery["id"],
    )
    assert entry == ["(inventory,8.0000)", "(cost_of_goods_sold,-8.0000)"]
    assert valuation(known, 3) == before, "the report as known on day 3 is unchanged"
    assert valuation(None, 3) == [(Decimal(12), Decimal(48))]
    store.verify()


def valuation(known: datetime | None, day: int) -> list[tuple]:
    from operational_app.core import db

    with db.reading() as session:
        company = session.connection().exec_driver_sql("SELECT id FROM core.company").scalar_one()
        return [(row.quantity, row.value) for row in stock_valuation(session, company, date(2026, 3, day), known)]


def test_g4_the_delta_goes_into_the_open_period_when_the_books_of_the_day_are_closed(warehouse: Warehouse) -> None:
    """Goods of 20 March are entered in April, when March is closed: its books stay as they are."""
    store, chair = warehouse.store, warehouse.item()
    warehouse.receive(chair, 1, "10", "5")
    warehouse.deliver(chair, 25, "8")
    late = warehouse.ordered(chair, "10", "3")
    store.close("2026-03")
    before = store.rows("SELECT * FROM finance.journal_entry ORDER BY id")
    store.on("warehouse", "receive_goods", late, business_date=march(20))
    assert store.rows("SELECT * FROM finance.journal_entry ORDER BY id")[: len(before)] == before
    assert {row[0] for row in store.rows(
        "SELECT posting_date FROM finance.journal_entry ORDER BY id OFFSET %s", len(before)
    )} == {date(2026, 4, 1)}  # fmt: skip
    assert store.value(
        "SELECT business_date FROM erp.stock_move WHERE kind = 'receipt' ORDER BY id DESC LIMIT 1"
    ) == date(2026, 3, 20)
    assert warehouse.stock(chair) == (12, 48)
    assert warehouse.balance("cost_of_goods_sold") == 32
    store.verify()


def test_a_late_receipt_first_in_first_out_takes_its_place_among_the_layers(warehouse: Warehouse) -> None:
    """Day 1: 5 @ 10. Day 4: 10 @ 20. Day 5: 8 leave at 110. A receipt of day 2, 5 @ 12, makes them 86."""
    store, chair = warehouse.store, warehouse.item("fifo")
    warehouse.receive(chair, 1, "5", "10")
    warehouse.receive(chair, 4, "10", "20")
    warehouse.deliver(chair, 5, "8")
    assert warehouse.balance("cost_of_goods_sold") == 110
    warehouse.receive(chair, 2, "5", "12")
    assert warehouse.balance("cost_of_goods_sold") == 86
    assert warehouse.stock(chair) == (12, 224)
    assert store.rows("SELECT quantity_left, value_left FROM erp.stock_layer ORDER BY costing_date, sequence") == [
        (2, 24),
        (10, 200),
    ]
    warehouse.deliver(chair, 6, "3")
    assert warehouse.balance("cost_of_goods_sold") == 86 + 44
    store.verify()


def test_a_late_issue_at_the_average_gives_what_left_later_its_right_cost(warehouse: Warehouse) -> None:
    """Day 1: 10 @ 5. Day 3: 10 @ 7, so 20 @ 6. Day 4: 5 leave at 30. A delivery of day 2, 4 pieces, is entered on day 6:
    it cost 20 (4 @ 5), and the average of day 4 was 100 / 16 = 6.25, so the delivery of that day cost 31.25."""
    store, chair = warehouse.store, warehouse.item()
    warehouse.receive(chair, 1, "10", "5")
    warehouse.receive(chair, 3, "10", "7")
    warehouse.deliver(chair, 4, "5")
    assert warehouse.balance("cost_of_goods_sold") == 30

    warehouse.deliver(chair, 2, "4")

    assert store.rows("SELECT value FROM erp.stock_move WHERE kind = 'delivery' ORDER BY id") == [(-30,), (-20,)]
    assert cost_lines(store) == [("late_issue", "delivery", "delivery", Decimal("-1.25"), date(2026, 3, 4))]
    assert store.rows("SELECT cost_amount, cost_adjustment FROM erp.delivery_line ORDER BY id") == [
        (30, Decimal("1.25")),
        (20, 0),
    ]
    assert warehouse.balance("cost_of_goods_sold") == Decimal("51.25")
    assert warehouse.stock(chair) == (11, Decimal("68.75"))
    assert warehouse.balance("inventory") == Decimal("68.75")
    assert (
        store.value("SELECT count(*) FROM finance.journal_entry WHERE description LIKE 'Late issue: cost of DN-%%'")
        == 1
    )
    store.verify()


def test_a_late_issue_first_in_first_out_takes_the_layer_of_its_day(warehouse: Warehouse) -> None:
    """Day 1: 5 @ 10. Day 3: 10 @ 20. Day 4: 6 leave at 5 @ 10 + 1 @ 20 = 70. A loss of 4 on day 2 took 4 @ 10 = 40, so
    that the delivery of day 4 took 1 @ 10 + 5 @ 20 = 110."""
    store, chair = warehouse.store, warehouse.item("fifo")
    warehouse.receive(chair, 1, "5", "10")
    warehouse.receive(chair, 3, "10", "20")
    warehouse.deliver(chair, 4, "6")
    warehouse.adjust(chair, 2, "-4")
    assert store.value("SELECT value FROM erp.stock_move WHERE kind = 'adjustment'") == -40
    assert warehouse.balance("cost_of_goods_sold") == 110
    assert store.rows("SELECT quantity_left, value_left FROM erp.stock_layer") == [(5, 100)]
    store.verify()


def test_a_late_issue_takes_its_place_where_the_goods_were_there(warehouse: Warehouse) -> None:
    """Nothing was there on day 2, and too little until day 5: what is entered for day 2 leaves at the cost of day 5."""
    store, chair = warehouse.store, warehouse.item()
    warehouse.receive(chair, 3, "4", "5")
    warehouse.deliver(chair, 4, "3")
    warehouse.receive(chair, 5, "9", "8")
    warehouse.receive(chair, 7, "10", "2")
    warehouse.deliver(chair, 2, "2")
    assert store.rows("SELECT costing_date, business_date, value FROM erp.stock_move ORDER BY id DESC LIMIT 1") == [
        (date(2026, 3, 5), date(2026, 3, 2), Decimal("-15.40"))
    ]
    assert warehouse.stock(chair) == (18, Decimal("81.60"))
    store.verify()


def test_a_late_issue_books_its_deltas_in_the_open_period(warehouse: Warehouse) -> None:
    """March is closed with a delivery in it; in April a delivery of 2 April is entered after one of 20 April."""
    store, chair = warehouse.store, warehouse.item()
    warehouse.receive(chair, 1, "10", "5")
    warehouse.deliver(chair, 25, "2")
    store.close("2026-03")
    before = store.rows("SELECT * FROM finance.journal_entry ORDER BY id")
    late = warehouse.ordered(chair, "8", "7")
    store.on("warehouse", "receive_goods", late, business_date="2026-04-10")
    sent = warehouse.order(chair, "4"), warehouse.order(chair, "4")
    store.on("warehouse", "deliver_sales_order", sent[0], business_date="2026-04-20")
    store.on("warehouse", "deliver_sales_order", sent[1], business_date="2026-04-02")
    assert store.rows("SELECT * FROM finance.journal_entry ORDER BY id")[: len(before)] == before
    # 4 left @ 5 on 2 April; then 4 @ 5 and 8 @ 7 lay there, 76 for 12; the 4 of 20 April cost 25.33 instead of 24.
    assert cost_lines(store) == [("late_issue", "delivery", "delivery", Decimal("-1.33"), date(2026, 4, 20))]
    assert warehouse.stock(chair) == (8, Decimal("50.67"))
    store.verify()


def test_g5_the_method_changes_at_zero_stock_and_what_left_keeps_its_cost(warehouse: Warehouse) -> None:
    store, chair = warehouse.store, warehouse.item()
    row = {"document": "item", "id": chair}
    warehouse.receive(chair, 1, "4", "5")
    warehouse.receive(chair, 2, "6", "8")
    warehouse.deliver(chair, 3, "7")
    with pytest.raises(Refusal, match="3 of CHAIR Chair are in stock"):
        store.on("accountant", "change_valuation_method", row, valuation_method="fifo")
    warehouse.deliver(chair, 3, "3")
    store.on("accountant", "change_valuation_method", row, valuation_method="fifo")
    warehouse.receive(chair, 4, "10", "7")
    warehouse.deliver(chair, 5, "7")
    assert warehouse.stock(chair) == (3, 21)
    assert warehouse.balance("cost_of_goods_sold") == 68 + 49
    # A receipt of the time before the change changes nothing that left then; it is the first layer since.
    warehouse.receive(chair, 1, "1", "1")
    assert warehouse.balance("cost_of_goods_sold") == 68 + 49 - 6
    assert warehouse.stock(chair) == (4, 28)
    store.verify()


def test_g6_zero_is_zero_after_costs_changed_late(warehouse: Warehouse) -> None:
    for number, method in enumerate(("moving_average", "fifo", "standard")):
        item = warehouse.item(method, f"ITEM {number}", standard_cost="3.333333" if method == "standard" else None)
        warehouse.receive(item, 5, "3", "3.333333")
        warehouse.deliver(item, 6, "1")
        warehouse.receive(item, 4, "4", "0.015")
        warehouse.deliver(item, 7, "5")
        assert warehouse.stock(item)[0] == 1
        warehouse.deliver(item, 8, "1")
        assert warehouse.stock(item) == (0, 0)
    assert warehouse.balance("inventory") == 0
    warehouse.store.verify()


def test_g7_the_margins_cost_is_the_ledgers_line_by_line_also_with_late_receipts_and_returns(
    warehouse: Warehouse,
) -> None:
    store, chair = warehouse.store, warehouse.item()
    warehouse.receive(chair, 1, "10", "5")
    first = warehouse.deliver(chair, 3, "8")
    warehouse.take_back(first, 4, "4")
    warehouse.deliver(chair, 5, "3")
    warehouse.receive(chair, 2, "10", "3")
    assert store.rows("SELECT cost_amount, cost_adjustment, cost_returned FROM erp.delivery_line ORDER BY id") == [
        (40, -8, 16),
        (15, -3, 0),
    ]
    # The rest of the delivery comes back at what it cost with the correction.
    warehouse.take_back(first, 9, "4")
    assert store.value("SELECT cost_returned FROM erp.delivery_line ORDER BY id LIMIT 1") == 32
    assert warehouse.balance("cost_of_goods_sold") == 12
    assert warehouse.stock(chair) == (17, 68)
    store.verify()


def test_standard_cost_takes_goods_in_at_standard_and_the_rest_is_price_variance(warehouse: Warehouse) -> None:
    """Standard 10. Received 100 @ 10.50, billed at 11: stock 1,000; variance 100. New standard 12: stock 1,200."""
    store, chair = warehouse.store, warehouse.item("standard", standard_cost="10")
    order = warehouse.receive(chair, 2, "100", "10.50")
    assert warehouse.stock(chair) == (100, 1000)
    assert warehouse.balance("price_variance") == 50
    assert warehouse.balance("goods_received_not_billed") == -1050
    [[line]] = store.rows("SELECT id FROM erp.purchase_order_line")
    store.on(
        "accountant",
        "bill_purchase_order",
        order,
        supplier_reference="B-1",
        business_date=march(3),
        lines=[{"purchase_order_line_id": line, "quantity": "100", "unit_price": "11"}],
    )
    assert warehouse.balance("price_variance") == 100
    assert warehouse.balance("goods_received_not_billed") == 0
    delivery = warehouse.deliver(chair, 4, "10")
    assert warehouse.balance("cost_of_goods_sold") == 100
    row = {"document": "item", "id": chair}
    store.on("accountant", "set_standard_cost", row, business_date=march(5), standard_cost="12")
    assert warehouse.stock(chair) == (90, 1080)
    assert warehouse.balance("stock_revaluation") == -180
    # What left at 10 comes back into a stock at 12: cost of goods sold gets back what it had, the rest is variance.
    warehouse.take_back(delivery, 6, "10")
    assert warehouse.balance("cost_of_goods_sold") == 0
    assert warehouse.stock(chair) == (100, 1200)
    assert warehouse.balance("price_variance") == 80
    store.verify()


def test_a_bill_at_another_price_corrects_the_layers_that_came_for_it(warehouse: Warehouse) -> None:
    store, chair = warehouse.store, warehouse.item("fifo")
    order = warehouse.receive(chair, 1, "10", "5")
    warehouse.receive(chair, 2, "10", "6")
    warehouse.deliver(chair, 3, "4")
    [[line]] = store.rows("SELECT id FROM erp.purchase_order_line ORDER BY id LIMIT 1")
    store.on(
        "accountant",
        "bill_purchase_order",
        order,
        supplier_reference="B-1",
        business_date=march(4),
        lines=[{"purchase_order_line_id": line, "quantity": "10", "unit_price": "7"}],
    )
    assert warehouse.balance("price_variance") == 8
    assert warehouse.stock(chair) == (16, 102)
    warehouse.deliver(chair, 5, "6")
    assert warehouse.stock(chair) == (10, 60)
    store.verify()


def test_the_store_lets_nobody_change_what_a_move_cost(warehouse: Warehouse) -> None:
    warehouse.receive(warehouse.item(), 1, "10", "5")
    with psycopg.connect(hub_settings.database_url(None)) as administrator:
        with pytest.raises(psycopg.Error, match="immutable"):
            administrator.execute("UPDATE erp.stock_move SET value = value + 1")


def test_the_stock_card_runs_to_the_quantity_and_value_that_are_there(warehouse: Warehouse) -> None:
    from operational_app.core import db

    chair = warehouse.item()
    warehouse.item(number="TABLE")
    warehouse.receive(chair, 1, "10", "5")
    warehouse.deliver(chair, 3, "8")
    warehouse.receive(chair, 2, "10", "3")
    with db.reading() as session:
        company = session.connection().exec_driver_sql("SELECT id FROM core.company").scalar_one()
        rows = stock_ledger(session, company, date(2026, 3, 2), date(2026, 3, 31), item="CHAIR")
    assert [(row.kind, row.quantity, row.value, row.balance_quantity, row.balance_value) for row in rows] == [
        ("receipt", 10, 30, 20, 80),
        ("delivery", -8, -40, 12, 40),
        ("late_receipt", 0, 8, 12, 48),
    ]
