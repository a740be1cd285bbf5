"""Stock as the warehouse lives it: lots, boxes and pieces, counts, transfers, what is promised to the workshop."""

from decimal import Decimal

import pytest

from operational_app.core.errors import NotPermitted, Refusal
from tests.conftest import Store
from tests.warehouse import Warehouse, march


@pytest.fixture
def warehouse(store: Store) -> Warehouse:
    return Warehouse(store)


def test_goods_are_ordered_in_boxes_and_lie_in_pieces(warehouse: Warehouse) -> None:
    """2 boxes of 12 @ 60 a box are 24 pieces @ 5; half a box is 6 pieces; a third of one is none."""
    store, screw = warehouse.store, warehouse.item(number="SCREW")
    row = {"document": "item", "id": screw}
    store.on("warehouse", "set_item_unit", row, unit="BOX", quantity_per="12")
    line = {"item_id": screw, "quantity": "2", "unit": "BOX", "unit_price": "60"}
    head = {"supplier_id": warehouse.supplier, "business_date": march(1), "stock_location_id": warehouse.main}
    order = store.run("buyer", "enter_purchase_order", **head, lines=[line])
    assert store.rows("SELECT quantity, unit, ordered_as, unit_price, net_amount FROM erp.purchase_order_line") == [
        (24, "PCS", "2 BOX", 5, 120)
    ]
    store.on("buyer", "send_purchase_order", order)
    line_id = store.value("SELECT id FROM erp.purchase_order_line")
    box = {"purchase_order_line_id": line_id, "quantity": "1", "unit": "BOX"}
    store.on("warehouse", "receive_goods", order, business_date=march(2), lines=[box])
    assert warehouse.stock(screw) == (12, 60)
    warehouse.adjust(screw, 3, "-0.5", unit="BOX")
    assert warehouse.stock(screw) == (6, 30)
    with pytest.raises(Refusal, match="0.33 BOX of SCREW Screw are no exact number of PCS"):
        warehouse.adjust(screw, 3, "-0.33", unit="BOX")
    with pytest.raises(Refusal, match="KG is no other unit of SCREW"):
        warehouse.adjust(screw, 3, "-1", unit="KG")
    with pytest.raises(Refusal, match="no exact price for one PCS"):
        store.run("buyer", "enter_purchase_order", **head, lines=[line | {"quantity": "90000", "unit_price": "100"}])
    store.verify()


def test_lots_that_expire_first_leave_first_and_come_back_as_what_they_were(warehouse: Warehouse) -> None:
    store, glue = warehouse.store, warehouse.item(number="GLUE", is_lot_tracked=True)
    with pytest.raises(Refusal, match="say which lot"):
        warehouse.adjust(glue, 1, "5", "2")
    warehouse.adjust(glue, 1, "5", "2", lot_number="B", expiry_date="2026-12-31")
    warehouse.adjust(glue, 1, "5", "2", lot_number="A", expiry_date="2026-06-30")
    warehouse.adjust(glue, 1, "5", "2", lot_number="OLD", expiry_date="2026-02-28")
    with pytest.raises(Refusal, match="Lot A of GLUE Glue is known with 2026-06-30"):
        warehouse.adjust(glue, 1, "1", "2", lot_number="A", expiry_date="2026-07-01")
    delivery = warehouse.deliver(glue, 5, "7")
    assert warehouse.lots(glue, warehouse.main) == {"B": 3, "OLD": 5}
    with pytest.raises(Refusal, match="in lots that may leave"):
        warehouse.deliver(glue, 6, "4")
    warehouse.take_back(delivery, 7, "3")
    assert warehouse.lots(glue, warehouse.main) == {"A": 1, "B": 5, "OLD": 5}
    warehouse.adjust(glue, 8, "-5", reason="expired", lot_number="OLD")
    assert warehouse.lots(glue, warehouse.main) == {"A": 1, "B": 5}
    store.verify()


def test_a_delivery_in_several_lots_is_received_lot_by_lot(warehouse: Warehouse) -> None:
    store, glue = warehouse.store, warehouse.item(number="GLUE", is_lot_tracked=True)
    order = warehouse.ordered(glue, "10", "2")
    line = store.value("SELECT id FROM erp.purchase_order_line")
    parts = [
        {"purchase_order_line_id": line, "quantity": "4", "lot_number": "L1", "expiry_date": "2026-09-30"},
        {"purchase_order_line_id": line, "quantity": "6", "lot_number": "L2", "expiry_date": "2026-10-31"},
    ]
    with pytest.raises(Refusal, match="Line 1: 11"):
        store.on(
            "warehouse", "receive_goods", order, business_date=march(2), lines=[*parts, parts[0] | {"quantity": "1"}]
        )
    store.on("warehouse", "receive_goods", order, business_date=march(2), lines=parts)
    assert warehouse.lots(glue, warehouse.main) == {"L1": 4, "L2": 6}
    store.verify()


def test_a_transfer_is_in_transit_until_it_arrives_and_its_value_is_kept(warehouse: Warehouse) -> None:
    store, glue = warehouse.store, warehouse.item(number="GLUE", is_lot_tracked=True)
    warehouse.adjust(glue, 1, "3", "3.333333", lot_number="A", expiry_date="2026-06-30")
    warehouse.adjust(glue, 1, "4", "7.77", lot_number="B")
    value = warehouse.stock(glue)
    entries = store.value("SELECT count(*) FROM finance.journal_entry")
    body = {"from_location_id": warehouse.main, "to_location_id": warehouse.shop, "business_date": march(2)}
    with pytest.raises(Refusal, match="two different places"):
        store.run(
            "warehouse",
            "transfer_stock",
            **(body | {"to_location_id": warehouse.main}),
            lines=[{"item_id": glue, "quantity": "1"}],
        )
    sent = store.run("warehouse", "send_stock_transfer", **body, lines=[{"item_id": glue, "quantity": "5"}])
    assert sent["state"] == "in_transit"
    transit = store.value("SELECT id FROM erp.stock_location WHERE kind = 'transit'")
    assert warehouse.lots(glue, transit) == {"A": 3, "B": 2}
    store.verify()
    line = {"stock_transfer_line_id": store.value("SELECT id FROM erp.stock_transfer_line"), "quantity": "4"}
    assert store.on("warehouse", "receive_stock_transfer", sent, business_date=march(4), lines=[line])["state"] == (
        "in_transit"
    )
    with pytest.raises(Refusal, match="4 is more than the 1"):
        store.on("warehouse", "receive_stock_transfer", sent, business_date=march(5), lines=[line])
    assert store.on("warehouse", "receive_stock_transfer", sent, business_date=march(5))["state"] == "received"
    assert warehouse.lots(glue, warehouse.shop) == {"A": 3, "B": 2}
    assert warehouse.stock(glue) == value
    store.run("warehouse", "transfer_stock", **body, lines=[{"item_id": glue, "quantity": "2", "lot_number": "B"}])
    assert (warehouse.at(glue, warehouse.main)[0], warehouse.at(glue, warehouse.shop)[0]) == (0, 7)
    assert warehouse.stock(glue) == value
    assert store.value("SELECT count(*) FROM finance.journal_entry") == entries, "no value moves in the books"
    store.verify()


def test_what_is_promised_does_not_leave_by_a_transfer(warehouse: Warehouse) -> None:
    store, chair = warehouse.store, warehouse.item()
    warehouse.adjust(chair, 1, "10", "5")
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=warehouse.customer,
        business_date=march(2),
        stock_location_id=warehouse.main,
        lines=[{"item_id": chair, "quantity": "8"}],
    )
    store.on("sales", "confirm_sales_order", order)
    body = {"from_location_id": warehouse.main, "to_location_id": warehouse.shop, "business_date": march(2)}
    with pytest.raises(Refusal, match="only 2"):
        store.run("warehouse", "transfer_stock", **body, lines=[{"item_id": chair, "quantity": "3"}])
    store.verify()


def test_a_count_is_entered_by_one_and_posted_by_another(warehouse: Warehouse) -> None:
    """Ten chairs by the books, eight found; three tables found that nobody knew of, at 20 each. A delivery goes out while
    the sheet is being looked at."""
    store, chair, table = warehouse.store, warehouse.item(), warehouse.item(number="TABLE")
    warehouse.adjust(chair, 1, "10", "5")
    sheet = store.run(
        "warehouse",
        "start_stock_count",
        business_date=march(10),
        stock_location_id=warehouse.main,
        lines=[{"item_id": chair}, {"item_id": table}],
    )
    lines = dict(store.rows("SELECT item_id, id FROM erp.stock_count_line"))
    counted = [
        {"stock_count_line_id": lines[chair], "counted_quantity": "8"},
        {"stock_count_line_id": lines[table]},
    ]
    store.on("warehouse", "enter_counted_quantities", sheet, lines=counted)
    with pytest.raises(Refusal, match="1 lines of SC-2026-00001 have no counted quantity"):
        store.on("warehouse", "hand_in_stock_count", sheet)
    found = {"stock_count_line_id": lines[table], "counted_quantity": "3", "unit_cost": "20"}
    store.on("warehouse", "enter_counted_quantities", sheet, lines=[found])
    store.on("warehouse", "hand_in_stock_count", sheet)
    warehouse.deliver(chair, 10, "1")
    with pytest.raises(NotPermitted):
        store.on("warehouse", "approve_stock_count", sheet)
    # The operator may do anything, yet who counted does not post.
    store.rows("UPDATE erp.stock_count SET counted_by = (SELECT id FROM core.app_user WHERE username = 'accountant') "
               "RETURNING id")  # fmt: skip
    with pytest.raises(Refusal, match="You entered what was counted"):
        store.on("accountant", "approve_stock_count", sheet)
    store.rows("UPDATE erp.stock_count SET counted_by = (SELECT id FROM core.app_user WHERE username = 'warehouse') "
               "RETURNING id")  # fmt: skip
    assert store.on("accountant", "approve_stock_count", sheet)["state"] == "posted"
    assert warehouse.stock(chair) == (7, 35)
    assert warehouse.stock(table) == (3, 60)
    assert warehouse.balance("stock_difference") == 10 - 60 - 50
    store.verify()


def test_a_count_of_everything_lists_what_lies_there_lot_by_lot(warehouse: Warehouse) -> None:
    store, glue = warehouse.store, warehouse.item(number="GLUE", is_lot_tracked=True)
    warehouse.adjust(warehouse.item(), 1, "10", "5")
    warehouse.adjust(glue, 1, "2", "5", lot_number="A")
    warehouse.adjust(glue, 1, "3", "5", lot_number="B")
    body = {"business_date": march(10), "stock_location_id": warehouse.main}
    sheet = store.run("warehouse", "start_stock_count", **body)
    lines = store.rows("SELECT id, lot_number, book_quantity FROM erp.stock_count_line ORDER BY line_no")
    assert [line[1:] for line in lines] == [(None, 10), ("A", 2), ("B", 3)]
    counted = [
        {"stock_count_line_id": row, "counted_quantity": str(found)}
        for (row, _lot, _book), found in zip(lines, (10, 1, 3), strict=True)
    ]
    store.on("warehouse", "enter_counted_quantities", sheet, lines=counted)
    store.on("warehouse", "hand_in_stock_count", sheet)
    store.on("accountant", "approve_stock_count", sheet)
    assert warehouse.lots(glue, warehouse.main) == {"A": 1, "B": 3}
    with pytest.raises(Refusal, match="Nothing lies at Shop"):
        store.run("warehouse", "start_stock_count", **(body | {"stock_location_id": warehouse.shop}))
    store.verify()


@pytest.fixture
def made(warehouse: Warehouse) -> tuple[int, int, dict]:
    """A table of four legs, an order for ten, and 25 legs in stock."""
    store, leg, table = warehouse.store, warehouse.item(number="LEG"), warehouse.item(number="TABLE")
    warehouse.adjust(leg, 1, "25", "2")
    bill = store.run(
        "planner",
        "enter_bill_of_material",
        item_id=table,
        revision="A",
        valid_from=march(1),
        lines=[{"item_id": leg, "quantity_per": "4"}],
    )
    store.on("planner", "release_bill_of_material", bill)
    order = store.run(
        "planner",
        "enter_production_order",
        item_id=table,
        quantity="10",
        business_date=march(2),
        start_date=march(2),
        due_date=march(9),
        stock_location_id=warehouse.main,
    )
    return leg, table, order


def test_a_released_production_order_has_its_components_reserved(
    warehouse: Warehouse, made: tuple[int, int, dict]
) -> None:
    store, (leg, _table, order) = warehouse.store, made
    store.on("planner", "release_production_order", order)
    assert warehouse.at(leg, warehouse.main) == (25, 25)
    with pytest.raises(Refusal, match="only 0"):
        warehouse.deliver(leg, 3, "1")
    warehouse.adjust(leg, 3, "20", "2")
    store.on("planner", "reserve_components", order)
    assert warehouse.at(leg, warehouse.main) == (45, 40)
    component = store.value("SELECT id FROM erp.production_component")
    some = [{"production_component_id": component, "quantity": "8"}]
    store.on("warehouse", "issue_components", order, business_date=march(4), components=some)
    assert warehouse.at(leg, warehouse.main) == (37, 32)
    store.verify()
    store.on("planner", "close_production_order", order, business_date=march(5))
    assert warehouse.at(leg, warehouse.main) == (37, 0)
    store.verify()


def test_a_late_receipt_of_a_component_reaches_work_in_progress_or_the_variance(
    warehouse: Warehouse, made: tuple[int, int, dict]
) -> None:
    """20 legs issued at 2; 25 more at 1, dated earlier, make them 1.50: the order costs 10 less, before and after close."""
    store, (leg, _table, order) = warehouse.store, made
    store.on("planner", "release_production_order", order)
    component = store.value("SELECT id FROM erp.production_component")
    some = [{"production_component_id": component, "quantity": "20"}]
    store.on("warehouse", "issue_components", order, business_date=march(4), components=some)
    warehouse.receive(leg, 3, "25", "1")
    assert store.rows("SELECT material_amount FROM erp.production_order") == [(30,)]
    assert warehouse.balance("work_in_progress") == 30
    store.on("warehouse", "return_components", order, business_date=march(5), components=[some[0] | {"quantity": "5"}])
    assert warehouse.balance("work_in_progress") == Decimal("22.50")
    store.verify()
    store.on("planner", "close_production_order", order, business_date=march(6))
    warehouse.receive(leg, 3, "50", "1")
    assert warehouse.balance("work_in_progress") == 0
    assert warehouse.balance("production_variance") == Decimal("18.75")
    store.verify()
