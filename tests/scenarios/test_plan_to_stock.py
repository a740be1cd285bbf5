"""Plan to stock, as planner, buyer, warehouse and workshop live it: bill, planning, orders, components, labour, goods."""

from datetime import date
from decimal import Decimal

import pytest

from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.erp.planning.queries import proposals as proposed
from tests.conftest import Store

DAY = "2026-03-02"  # A Monday.


@pytest.fixture
def factory(store: Store) -> dict[str, dict]:
    """A bicycle is made of a frame and two wheels; a wheel of a rim and 32 spokes, of which every fifth is lost.

    Rims and spokes are bought, from the same supplier; frames too, 20 of them lie in stock. Wheels are made at the wheel
    bench, bicycles are put together at the line.
    """
    made = {
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "supplier": store.run("buyer", "register_supplier", name="Round & Co"),
        "customer": store.run("sales", "register_customer", name="Wheels for All"),
    }
    for number, name, price in (
        ("BIKE", "Bicycle", "500"),
        ("WHEEL", "Wheel", "80"),
        ("FRAME", "Frame", "150"),
        ("RIM", "Rim", "20"),
        ("SPOKE", "Spoke", "1"),
    ):
        made[number] = store.run("planner", "add_item", number=number, name=name, list_price=price)
    calendar = store.run(
        "planner",
        "add_work_calendar",
        code="WEEK",
        name="Five days",
        working_days="12345",
        exceptions=[{"work_date": "2026-03-11", "is_working": False, "note": "Town holiday"}],
    )
    for code, name, rate in (("BENCH", "Wheel bench", "40"), ("LINE", "Assembly line", "60")):
        made[code] = store.run(
            "planner",
            "add_work_centre",
            code=code,
            name=name,
            work_calendar_id=calendar["id"],
            capacity_hours="8",
            cost_rate=rate,
        )
    made |= {
        "wheel bill": bill(store, made, "WHEEL", ("RIM", "1", "0"), ("SPOKE", "32", "0.2")),
        "bike bill": bill(store, made, "BIKE", ("FRAME", "1", "0"), ("WHEEL", "2", "0")),
    }
    routing(store, made, "WHEEL", ("BENCH", "Lace and true", "1", "0.5"))
    routing(store, made, "BIKE", ("LINE", "Assemble", "2", "1"))
    for item, kind, days, more in (
        ("BIKE", "make", 5, {}),
        ("WHEEL", "make", 4, {"lot_size": "10"}),
        ("FRAME", "buy", 10, {}),
        ("RIM", "buy", 3, {"unit_price": "15", "safety_stock": "5"}),
        ("SPOKE", "buy", 3, {"unit_price": "0.25", "minimum_quantity": "1000"}),
    ):
        plan(store, made, item, kind, days, **more)
    stock(store, made, "FRAME", "20", "100")
    return made


def bill(store: Store, made: dict[str, dict], item: str, *components: tuple[str, str, str]) -> dict:
    entered = store.run(
        "planner",
        "enter_bill_of_material",
        item_id=made[item]["id"],
        revision="A",
        valid_from="2026-01-01",
        lines=[
            {"item_id": made[component]["id"], "quantity_per": per, "scrap_fraction": scrap}
            for component, per, scrap in components
        ],
    )
    store.on("planner", "release_bill_of_material", entered)
    return entered


def routing(store: Store, made: dict[str, dict], item: str, *operations: tuple[str, str, str, str]) -> None:
    entered = store.run(
        "planner",
        "enter_routing",
        item_id=made[item]["id"],
        revision="A",
        valid_from="2026-01-01",
        lines=[
            {"work_centre_id": made[centre]["id"], "description": what, "setup_hours": setup, "run_hours": run}
            for centre, what, setup, run in operations
        ],
    )
    store.on("planner", "release_routing", entered)


def plan(store: Store, made: dict[str, dict], item: str, kind: str, days: int, **more: object) -> dict:
    if kind == "buy":
        more["supplier_id"] = made["supplier"]["id"]
    return store.run("planner", "plan_item", item_id=made[item]["id"], supply_kind=kind, lead_days=days, **more)


def stock(store: Store, made: dict[str, dict], item: str, quantity: str, cost: str) -> None:
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-05",
        reason="opening",
        stock_location_id=made["place"]["id"],
        lines=[{"item_id": made[item]["id"], "quantity": quantity, "unit_cost": cost}],
    )


def sold(store: Store, made: dict[str, dict], item: str, quantity: str, wanted: str) -> dict:
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=made["customer"]["id"],
        business_date=DAY,
        requested_date=wanted,
        stock_location_id=made["place"]["id"],
        lines=[{"item_id": made[item]["id"], "quantity": quantity}],
    )
    store.on("sales", "confirm_sales_order", order)
    return order


def planned(store: Store, made: dict[str, dict], day: str = DAY) -> dict:
    return store.run("planner", "run_planning", business_date=day, stock_location_id=made["place"]["id"])


def proposals(store: Store, run: dict) -> list[tuple]:
    return store.rows(
        "SELECT i.number, o.supply_kind, o.net_quantity, o.quantity, o.start_date::text, o.due_date::text "
        "FROM erp.planned_order o JOIN erp.item i ON i.id = o.item_id WHERE o.planning_run_id = %s ORDER BY o.line_no",
        run["id"],
    )


def exceptions(store: Store, run: dict) -> list[tuple]:
    return store.rows(
        "SELECT e.kind, i.number, e.supply_number, e.need_date::text, e.quantity FROM erp.planning_exception e "
        "JOIN erp.item i ON i.id = e.item_id WHERE e.planning_run_id = %s ORDER BY e.id",
        run["id"],
    )


def pegs(store: Store, run: dict, item: str) -> list[tuple]:
    return store.rows(
        "SELECT p.demand_type, p.demand_number, p.supply_type, p.supply_number, p.quantity FROM erp.planning_peg p "
        "JOIN erp.item i ON i.id = p.item_id WHERE p.planning_run_id = %s AND i.number = %s ORDER BY p.id",
        run["id"],
        item,
    )


def balance(store: Store, account: str) -> Decimal:
    return store.value(
        "SELECT coalesce(sum(l.debit - l.credit), 0) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = %s",
        account,
    )


def order_for(store: Store, made: dict[str, dict], item: str) -> dict:
    row = store.value("SELECT id FROM erp.production_order WHERE item_id = %s ORDER BY id DESC", made[item]["id"])
    return {"document": "production_order", "id": row}


def operation_of(store: Store, order: dict) -> int:
    return store.value("SELECT id FROM erp.production_operation WHERE production_order_id = %s", order["id"])


def hours(store: Store, order: dict, day: str, worked: str) -> None:
    line = {"production_operation_id": operation_of(store, order), "hours": worked}
    store.on("warehouse", "record_labour", order, business_date=day, operations=[line])


def test_demand_becomes_orders_and_orders_become_bicycles_with_the_books_right_at_each_step(
    store: Store, factory: dict[str, dict]
) -> None:
    # The customer wants ten bicycles in five weeks. Nothing but frames is there.
    order = sold(store, factory, "BIKE", "10", "2026-04-06")
    run = planned(store, factory)
    assert proposals(store, run) == [
        ("BIKE", "make", 10, 10, "2026-04-01", "2026-04-06"),
        ("WHEEL", "make", 20, 20, "2026-03-28", "2026-04-01"),
        ("RIM", "buy", 25, 25, "2026-03-25", "2026-03-28"),
        ("SPOKE", "buy", 800, 1000, "2026-03-25", "2026-03-28"),
    ]
    assert exceptions(store, run) == []
    assert pegs(store, run, "FRAME") == [("planned_order", "MRP-2026-00001/1", "stock", "FRAME", 10)]
    assert pegs(store, run, "RIM") == [
        ("planned_order", "MRP-2026-00001/2", "planned_order", "MRP-2026-00001/3", 20),
        ("safety_stock", "RIM", "planned_order", "MRP-2026-00001/3", 5),
    ]

    # The planner accepts; rims and spokes become one order to the supplier, who delivers.
    store.on("planner", "accept_proposals", run, business_date=DAY)
    with pytest.raises(Refusal, match="“Accept proposals” is not possible while the planning run is “done”"):
        store.on("planner", "accept_proposals", run, business_date=DAY)
    assert store.rows("SELECT number, requested_date::text, subtotal FROM erp.purchase_order") == [
        ("PO-2026-00001", "2026-03-28", 625)
    ]
    purchase = {"document": "purchase_order", "id": store.value("SELECT id FROM erp.purchase_order")}
    store.on("buyer", "send_purchase_order", purchase)
    store.on("warehouse", "receive_goods", purchase, business_date="2026-03-27")

    with db.reading() as session:
        reported = proposed(session, store.value("SELECT id FROM core.company"), date(2026, 3, 2))
    assert [(row.item, row.quantity, row.accepted_as) for row in reported] == [
        ("BIKE", 10, "MO-2026-00001"),
        ("WHEEL", 20, "MO-2026-00002"),
        ("RIM", 25, "PO-2026-00001"),
        ("SPOKE", 1000, "PO-2026-00001"),
    ]

    # Planned again, nothing is missing: what was accepted is counted.
    again = planned(store, factory, "2026-03-27")
    assert proposals(store, again) == [] and exceptions(store, again) == []
    assert store.rows("SELECT state FROM erp.planning_run ORDER BY id") == [("done",), ("done",)]

    # Twenty wheels: rims 20 × 15 and spokes 800 × 0.25, 12 hours at 40.
    wheels = order_for(store, factory, "WHEEL")
    store.on("planner", "release_production_order", wheels)
    assert store.value("SELECT planned_amount FROM erp.production_order WHERE id = %s", wheels["id"]) == 940
    store.on("warehouse", "issue_components", wheels, business_date="2026-03-30")
    assert balance(store, "5001") == 500
    hours(store, wheels, "2026-03-31", "12")
    assert balance(store, "5001") == 980 and balance(store, "5101.01") == -480
    store.on("warehouse", "complete_production", wheels, business_date="2026-03-31", quantity="20")
    assert balance(store, "5001") == 0
    store.on("accountant", "close_production_order", wheels, business_date="2026-03-31")
    assert balance(store, "5001.01") == 0, "the hour more than planned is in the wheels: nothing was spoilt"

    # Ten bicycles, one of which is dropped: its tenth of the cost is the variance.
    bikes = order_for(store, factory, "BIKE")
    store.on("planner", "release_production_order", bikes)
    store.on("warehouse", "issue_components", bikes, business_date="2026-04-01")
    hours(store, bikes, "2026-04-02", "12")
    assert balance(store, "5001") == 10 * 100 + 980 + 12 * 60
    store.on("warehouse", "complete_production", bikes, business_date="2026-04-02", quantity="4")
    store.on("warehouse", "report_scrap", bikes, business_date="2026-04-03", quantity="1", reason="Dropped")
    done = store.on("warehouse", "complete_production", bikes, business_date="2026-04-03")
    assert done["state"] == "completed"
    assert balance(store, "5001") == 270
    store.on("accountant", "close_production_order", bikes, business_date="2026-04-03")
    assert balance(store, "5001") == 0 and balance(store, "5001.01") == 270
    assert store.value("SELECT value FROM erp.item_valuation WHERE item_id = %s", factory["BIKE"]["id"]) == Decimal(
        "2430"
    )

    # The nine go to the customer; the tenth is proposed anew, and it is late.
    line = store.value("SELECT id FROM erp.sales_order_line WHERE sales_order_id = %s", order["id"])
    store.on(
        "warehouse",
        "deliver_sales_order",
        order,
        business_date="2026-04-04",
        lines=[{"sales_order_line_id": line, "quantity": "9"}],
    )
    assert balance(store, "6401") == 2430
    last = planned(store, factory, "2026-04-04")
    assert proposals(store, last)[0] == ("BIKE", "make", 1, 1, "2026-04-04", "2026-04-09")
    assert ("late", "BIKE", "MRP-2026-00003/1", "2026-04-06", 1) in exceptions(store, last)
    store.verify()


def test_net_need_is_demand_less_free_stock_and_open_orders_in_lots_g18(store: Store, factory: dict[str, dict]) -> None:
    chair = factory["CHAIR"] = store.run("planner", "add_item", number="CHAIR", name="Chair", list_price="100")
    stock(store, factory, "CHAIR", "30", "60")
    plan(store, factory, "CHAIR", "buy", 5, lot_size="20")
    sold(store, factory, "CHAIR", "10", "2026-03-20")
    assert store.rows(
        "SELECT quantity_on_hand, quantity_reserved FROM erp.stock_balance WHERE item_id = %s", chair["id"]
    ) == [(30, 10)]
    purchase = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=factory["supplier"]["id"],
        business_date=DAY,
        requested_date="2026-03-16",
        stock_location_id=factory["place"]["id"],
        lines=[{"item_id": chair["id"], "quantity": "25", "unit_price": "60"}],
    )
    store.on("buyer", "send_purchase_order", purchase)
    demand = sold(store, factory, "CHAIR", "100", "2026-03-20")
    run = planned(store, factory)
    assert [p for p in proposals(store, run) if p[0] == "CHAIR"] == [
        ("CHAIR", "buy", 55, 60, "2026-03-15", "2026-03-20")
    ]
    assert pegs(store, run, "CHAIR") == [
        ("sales_order", demand["number"], "stock", "CHAIR", 20),
        ("sales_order", demand["number"], "purchase_order", purchase["number"], 25),
        ("sales_order", demand["number"], "planned_order", f"{run['number']}/1", 55),
    ]
    assert exceptions(store, run) == []
    store.verify()


def test_open_orders_that_do_not_fit_the_need_are_named_and_not_ordered_twice(
    store: Store, factory: dict[str, dict]
) -> None:
    def bought(item: str, quantity: str, day: str) -> str:
        made = store.run(
            "buyer",
            "enter_purchase_order",
            supplier_id=factory["supplier"]["id"],
            business_date=DAY,
            requested_date=day,
            stock_location_id=factory["place"]["id"],
            lines=[{"item_id": factory[item]["id"], "quantity": quantity, "unit_price": "10"}],
        )
        return made["number"]

    too_late, too_soon, unwanted = (
        bought("FRAME", "10", "2026-04-20"),
        bought("RIM", "105", "2026-03-05"),
        bought("SPOKE", "5", "2026-03-05"),
    )
    sold(store, factory, "FRAME", "25", "2026-04-01")
    plan_of_rim = store.value("SELECT id FROM erp.item_planning WHERE item_id = %s", factory["RIM"]["id"])
    store.on(
        "planner",
        "change_item_planning",
        {"document": "item_planning", "id": plan_of_rim},
        item_id=factory["RIM"]["id"],
        supply_kind="buy",
        lead_days=3,
        supplier_id=factory["supplier"]["id"],
    )
    sold(store, factory, "RIM", "100", "2026-05-01")
    run = planned(store, factory)
    assert proposals(store, run) == []
    assert exceptions(store, run) == [
        ("expedite", "FRAME", too_late, "2026-04-01", 5),
        ("postpone", "RIM", too_soon, "2026-05-01", 105),
        ("cancel", "SPOKE", unwanted, None, 5),
    ]
    store.verify()


def test_a_later_revision_leaves_orders_that_exist_as_they_are(store: Store, factory: dict[str, dict]) -> None:
    order = store.run(
        "planner",
        "enter_production_order",
        item_id=factory["WHEEL"]["id"],
        quantity="10",
        business_date=DAY,
        start_date="2026-03-09",
        due_date="2026-03-13",
        stock_location_id=factory["place"]["id"],
    )
    newer = store.run(
        "planner",
        "enter_bill_of_material",
        item_id=factory["WHEEL"]["id"],
        revision="B",
        valid_from="2026-04-01",
        lines=[{"item_id": factory["RIM"]["id"], "quantity_per": "1"}],
    )
    store.on("planner", "release_bill_of_material", newer)
    assert store.rows(
        "SELECT revision, valid_to::text FROM erp.bill_of_material WHERE item_id = %s ORDER BY id",
        factory["WHEEL"]["id"],
    ) == [
        ("A", "2026-03-31"),
        ("B", None),
    ]
    assert store.rows(
        "SELECT quantity FROM erp.production_component WHERE production_order_id = %s ORDER BY line_no", order["id"]
    ) == [(10,), (400,)]
    with pytest.raises(Refusal, match="is no draft: its lines stay|is not possible"):
        store.on(
            "planner",
            "change_bill_of_material",
            factory["wheel bill"],
            item_id=factory["WHEEL"]["id"],
            revision="A",
            valid_from="2026-01-01",
            lines=[{"item_id": factory["RIM"]["id"], "quantity_per": "2"}],
        )
    store.verify()


def test_operations_get_days_within_the_hours_of_the_work_centres_and_late_orders_are_marked(
    store: Store, factory: dict[str, dict]
) -> None:
    def entered(quantity: str, due: str) -> dict:
        return store.run(
            "planner",
            "enter_production_order",
            item_id=factory["WHEEL"]["id"],
            quantity=quantity,
            business_date=DAY,
            start_date="2026-03-09",
            due_date=due,
            stock_location_id=factory["place"]["id"],
        )

    second, first = entered("30", "2026-03-12"), entered("22", "2026-03-10")
    made = store.run("planner", "schedule_production", business_date=DAY)
    loads = store.rows(
        "SELECT production_order_id, work_date::text, hours FROM erp.work_centre_load WHERE production_schedule_id = %s "
        "ORDER BY work_date, id",
        made["id"],
    )
    # 12 hours for the first and 16 for the second, 8 a day; the 11th is a holiday.
    assert loads == [
        (first["id"], "2026-03-09", 8),
        (first["id"], "2026-03-10", 4),
        (second["id"], "2026-03-10", 4),
        (second["id"], "2026-03-12", 8),
        (second["id"], "2026-03-13", 4),
    ]
    assert store.rows("SELECT production_order_id, days_late FROM erp.scheduled_order ORDER BY days_late") == [
        (first["id"], 0),
        (second["id"], 1),
    ]
    assert store.value("SELECT orders_late FROM erp.production_schedule") == 1
    assert store.rows("SELECT start_date::text, end_date::text FROM erp.production_operation ORDER BY id") == [
        ("2026-03-10", "2026-03-13"),
        ("2026-03-09", "2026-03-10"),
    ]
    store.verify()


def test_a_review_of_resources_says_what_to_change_and_what_it_is_worth(store: Store, factory: dict[str, dict]) -> None:
    stock(store, factory, "RIM", "100", "15")
    stock(store, factory, "SPOKE", "1000", "0.25")
    order = store.run(
        "planner",
        "enter_production_order",
        item_id=factory["WHEEL"]["id"],
        quantity="10",
        business_date=DAY,
        start_date="2026-03-09",
        due_date="2026-03-13",
        stock_location_id=factory["place"]["id"],
    )
    store.on("planner", "release_production_order", order)
    store.on("warehouse", "issue_components", order, business_date="2026-03-09")
    hours(store, order, "2026-03-10", "10")
    hours(store, order, "2026-03-10", "-1")
    store.on("warehouse", "report_scrap", order, business_date="2026-03-10", quantity="2", reason="Out of true")
    store.on("warehouse", "complete_production", order, business_date="2026-03-10")
    store.on("planner", "close_production_order", order, business_date="2026-03-10")
    purchase = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=factory["supplier"]["id"],
        business_date=DAY,
        requested_date="2026-03-05",
        stock_location_id=factory["place"]["id"],
        lines=[{"item_id": factory["FRAME"]["id"], "quantity": "10", "unit_price": "100"}],
    )
    store.on("buyer", "send_purchase_order", purchase)
    store.on("warehouse", "receive_goods", purchase, business_date="2026-03-08")
    review = store.run("manager", "review_resources", start_date="2026-03-02", end_date="2026-03-11")
    found = store.rows(
        "SELECT f.kind, coalesce(w.code, i.number, 'supplier'), f.measure, f.proposal, f.effect_amount "
        "FROM erp.resource_finding f LEFT JOIN erp.work_centre w ON w.id = f.work_centre_id "
        "LEFT JOIN erp.item i ON i.id = f.item_id WHERE f.resource_review_id = %s",
        review["id"],
    )
    by_subject = {(kind, subject): (measure, proposal, effect) for kind, subject, measure, proposal, effect in found}
    # 9 of 7 × 8 hours; 60 % of them would be 33.6.
    assert by_subject["utilisation", "BENCH"] == (Decimal("0.1607"), "move_work_here", 984)
    # 8 of 10 are good; the order cost 150 + 100 + 360.
    assert by_subject["yield", "WHEEL"] == (Decimal("0.8"), "find_cause_of_scrap", 122)
    # Planned 150 + 100 + 6 × 40 = 490, spent 610.
    assert by_subject["cost_variance", "WHEEL"] == (Decimal("0.2449"), "look_at_usage_and_hours", 120)
    # 1,000 in 10 days came 3 days late.
    assert by_subject["supplier_lateness", "supplier"] == (3, "plan_longer_or_change_supplier", 300)
    assert by_subject["stock_turns", "FRAME"] == (0, "sell_or_write_down", 3000)
    store.verify()
