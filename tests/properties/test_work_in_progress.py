"""Whatever is done to a production order, its work in progress is what the ledger says, and nothing is left at the close."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operational_app.core.errors import Refusal
from operational_app.erp.inventory.rules import issue_value
from operational_app.erp.production.rules import completion_value
from tests.conftest import Store

DAY = "2026-03-02"
AMOUNTS = st.integers(0, 10**9).map(lambda n: Decimal(n) / 100)


@given(st.lists(st.tuples(st.integers(1, 50), AMOUNTS), min_size=1, max_size=8))
def test_completed_units_take_all_that_went_in_to_the_last_cent(parts: list[tuple[int, Decimal]]) -> None:
    ordered, completed = Decimal(sum(quantity for quantity, _cost in parts)), Decimal(0)
    in_progress = put_in = taken = Decimal(0)
    for quantity, cost in parts:
        in_progress += cost
        put_in += cost
        value = completion_value(in_progress, Decimal(quantity), ordered, completed, 2)
        assert 0 <= value <= in_progress
        assert abs(value - in_progress * quantity / (ordered - completed)) <= Decimal("0.005")
        in_progress -= value
        taken += value
        completed += quantity
    assert in_progress == 0 and taken == put_in


@given(st.integers(1, 60), AMOUNTS, st.data())
def test_components_that_all_come_back_bring_all_of_their_value(
    issued: int, amount: Decimal, data: st.DataObject
) -> None:
    left, value, back = Decimal(issued), amount, Decimal(0)
    while left > 0:
        quantity = Decimal(data.draw(st.integers(1, int(left))))
        part = issue_value(left, value, quantity, 2)
        left, value, back = left - quantity, value - part, back + part
    assert value == 0 and back == amount


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["issue", "return", "labour", "scrap", "complete"]),
        st.integers(1, 700).map(lambda n: str(Decimal(n) / 100)),
    ),
    min_size=1,
    max_size=7,
)


@pytest.fixture
def shop(store: Store) -> dict[str, int]:
    """An item that is made of a component whose average never comes out even, on a work centre at an odd rate."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")["id"]
    made, part = (
        store.run("planner", "add_item", number=name, name=name, unit="KG", list_price="1")["id"]
        for name in ("PASTE", "POWDER")
    )
    store.run(
        "warehouse",
        "adjust_stock",
        business_date=DAY,
        reason="opening",
        stock_location_id=place,
        lines=[{"item_id": part, "quantity": "7000", "unit_cost": "0.333333"}],
    )
    calendar = store.run("planner", "add_work_calendar", code="W", name="Week", working_days="12345")["id"]
    centre = store.run(
        "planner",
        "add_work_centre",
        code="MIX",
        name="Mixer",
        work_calendar_id=calendar,
        capacity_hours="8",
        cost_rate="17.777777",
    )["id"]
    common = {"item_id": made, "revision": "A", "valid_from": "2026-01-01"}
    bill = store.run(
        "planner", "enter_bill_of_material", **common, lines=[{"item_id": part, "quantity_per": "1.234567"}]
    )
    store.on("planner", "release_bill_of_material", bill)
    routing = store.run(
        "planner",
        "enter_routing",
        **common,
        lines=[{"work_centre_id": centre, "description": "Mix", "run_hours": "0.1"}],
    )
    store.on("planner", "release_routing", routing)
    return {"place": place, "made": made}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_nothing_is_left_in_work_in_progress_after_the_close(
    store: Store, shop: dict[str, int], actions: list[tuple[str, str]]
) -> None:
    order = store.run(
        "planner",
        "enter_production_order",
        item_id=shop["made"],
        quantity="7",
        business_date=DAY,
        start_date=DAY,
        due_date=DAY,
        stock_location_id=shop["place"],
    )
    store.on("planner", "release_production_order", order)
    component = store.value("SELECT id FROM erp.production_component WHERE production_order_id = %s", order["id"])
    operation = store.value("SELECT id FROM erp.production_operation WHERE production_order_id = %s", order["id"])

    def moved(quantity: str) -> dict[str, Any]:
        return {"components": [{"production_component_id": component, "quantity": quantity}]}

    verbs = {
        "issue": ("issue_components", moved),
        "return": ("return_components", moved),
        "labour": (
            "record_labour",
            lambda hours: {"operations": [{"production_operation_id": operation, "hours": hours}]},
        ),
        "scrap": ("report_scrap", lambda quantity: {"quantity": quantity, "reason": "Lumps"}),
        "complete": ("complete_production", lambda quantity: {"quantity": quantity}),
    }
    # Work has begun in any case, so that there is something to close.
    for action, quantity in [("issue", "1.5"), *actions]:
        verb, body = verbs[action]
        try:
            store.on("warehouse", verb, order, business_date=DAY, **body(quantity))
        except Refusal:
            assert balance(store, "5001") == in_progress(store), "what is refused changes nothing"
        assert balance(store, "5001") == in_progress(store)
    store.on("accountant", "close_production_order", order, business_date=DAY)
    assert balance(store, "5001") == 0 == in_progress(store)
    store.verify()


def in_progress(store: Store) -> Decimal:
    return store.value(
        "SELECT sum(material_amount + labour_amount - completed_amount - variance_amount) FROM erp.production_order"
    )


def balance(store: Store, account: str) -> Decimal:
    return store.value(
        "SELECT coalesce(sum(l.debit - l.credit), 0) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = %s",
        account,
    )
