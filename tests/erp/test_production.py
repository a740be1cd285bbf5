"""Production orders and planning: what is refused, by the command with a reason and by the database whatever writes."""

from typing import Any

import psycopg
import pytest

import hub_settings
from operational_app.core.errors import Refusal
from tests.conftest import Store

DAY = "2026-03-02"


@pytest.fixture
def shop(store: Store) -> dict[str, Any]:
    """A table that is made of a board at 50.00, ten of which are there; and an order for four tables, released."""
    made: dict[str, Any] = {
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")["id"],
        "table": store.run("planner", "add_item", number="TABLE", name="Table", list_price="1")["id"],
        "board": store.run("planner", "add_item", number="BOARD", name="Board", list_price="1")["id"],
    }
    store.run(
        "warehouse",
        "adjust_stock",
        business_date=DAY,
        reason="opening",
        stock_location_id=made["place"],
        lines=[{"item_id": made["board"], "quantity": "10", "unit_cost": "50"}],
    )
    bill = store.run(
        "planner",
        "enter_bill_of_material",
        item_id=made["table"],
        revision="A",
        valid_from="2026-01-01",
        lines=[{"item_id": made["board"], "quantity_per": "2"}],
    )
    store.on("planner", "release_bill_of_material", bill)
    made["order"] = entered(store, made, "4")
    store.on("planner", "release_production_order", made["order"])
    made["component"] = store.value("SELECT id FROM erp.production_component")
    return made


def entered(store: Store, shop: dict[str, Any], quantity: str) -> dict:
    return store.run(
        "planner",
        "enter_production_order",
        item_id=shop["table"],
        quantity=quantity,
        business_date=DAY,
        start_date=DAY,
        due_date="2026-03-06",
        stock_location_id=shop["place"],
    )


def moved(shop: dict[str, Any], quantity: str) -> dict[str, Any]:
    return {"business_date": DAY, "components": [{"production_component_id": shop["component"], "quantity": quantity}]}


def test_more_than_is_in_stock_cannot_be_issued_and_nothing_has_happened(store: Store, shop: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="Not enough stock|are free"):
        store.on("warehouse", "issue_components", shop["order"], **moved(shop, "11"))
    assert store.rows("SELECT state, material_amount FROM erp.production_order") == [("released", 0)]
    store.verify()


def test_components_go_back_at_what_they_were_issued_at(store: Store, shop: dict[str, Any]) -> None:
    store.on("warehouse", "issue_components", shop["order"], business_date=DAY)
    with pytest.raises(Refusal, match="All components of MO-2026-00001 have been issued"):
        store.on("warehouse", "issue_components", shop["order"], business_date=DAY)
    store.run(
        "warehouse",
        "adjust_stock",
        business_date=DAY,
        reason="count",
        stock_location_id=shop["place"],
        lines=[{"item_id": shop["board"], "quantity": "2", "unit_cost": "90"}],
    )
    store.on("warehouse", "return_components", shop["order"], **moved(shop, "3"))
    assert store.rows("SELECT quantity_issued, issued_amount FROM erp.production_component") == [(5, 250)]
    with pytest.raises(Refusal, match="6 is more than the 5"):
        store.on("warehouse", "return_components", shop["order"], **moved(shop, "6"))
    store.verify()


def test_no_more_is_completed_or_spoilt_than_was_ordered(store: Store, shop: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="“Complete” is not possible while the production order is “released”"):
        store.on("warehouse", "complete_production", shop["order"], business_date=DAY)
    store.on("warehouse", "issue_components", shop["order"], business_date=DAY)
    store.on("warehouse", "complete_production", shop["order"], business_date=DAY, quantity="3")
    for verb, body in (("complete_production", {}), ("report_scrap", {"reason": "Broken"})):
        with pytest.raises(Refusal, match="2 is more than the 1 still to be made"):
            store.on("warehouse", verb, shop["order"], business_date=DAY, quantity="2", **body)
    with pytest.raises(Refusal, match="“Cancel” is not possible"):
        store.on("planner", "cancel_production_order", shop["order"])
    store.verify()


def test_an_order_that_is_closed_short_leaves_the_rest_as_a_variance(store: Store, shop: dict[str, Any]) -> None:
    store.on("warehouse", "issue_components", shop["order"], business_date=DAY)
    store.on("warehouse", "complete_production", shop["order"], business_date=DAY, quantity="3")
    store.on("accountant", "close_production_order", shop["order"], business_date=DAY)
    assert store.rows("SELECT completed_amount, variance_amount FROM erp.production_order") == [(300, 100)]
    store.verify()


def test_nobody_closes_or_changes_an_order_behind_the_books(store: Store, shop: dict[str, Any]) -> None:
    store.on("warehouse", "issue_components", shop["order"], business_date=DAY)
    refused = {
        "UPDATE erp.production_order SET state = 'closed', closed_date = '2026-03-02'": "closed_is_empty",
        "UPDATE erp.production_order SET state = 'cancelled'": "not_begun_is_empty",
        "UPDATE erp.production_order SET quantity_completed = 5": "ck_production_order_made",
    }
    for statement, constraint in refused.items():
        with (
            psycopg.connect(hub_settings.database_url("hub_app")) as connection,
            pytest.raises(psycopg.errors.CheckViolation, match=constraint),
        ):
            connection.execute(statement)
    store.on("warehouse", "complete_production", shop["order"], business_date=DAY)
    store.on("accountant", "close_production_order", shop["order"], business_date=DAY)
    with (
        psycopg.connect(hub_settings.database_url("hub_app")) as connection,
        pytest.raises(psycopg.Error, match="is posted: what is posted stays"),
    ):
        connection.execute("UPDATE erp.production_order SET quantity = 9")


def test_an_entry_by_hand_on_work_in_progress_is_refused(store: Store, shop: dict[str, Any]) -> None:
    accounts = dict(store.rows("SELECT code, id FROM finance.ledger_account"))
    with pytest.raises(Refusal):
        store.run(
            "accountant",
            "post_journal_entry",
            posting_date=DAY,
            description="By hand",
            lines=[
                {"ledger_account_id": accounts["5001"], "debit": "1"},
                {"ledger_account_id": accounts["1002"], "credit": "1"},
            ],
        )


def test_an_item_without_a_bill_cannot_be_made(store: Store, shop: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="BOARD Board has no active bill of materials on 2026-03-02"):
        entered(store, shop | {"table": shop["board"]}, "1")


def test_a_proposal_becomes_one_order_and_only_of_the_newest_run(store: Store, shop: dict[str, Any]) -> None:
    entered(store, shop, "6")
    plan = {"item_id": shop["board"], "supply_kind": "buy", "lead_days": 0}
    planning = store.run("planner", "plan_item", **plan)
    body = {"business_date": DAY, "stock_location_id": shop["place"]}
    old = store.run("planner", "run_planning", **body)
    with pytest.raises(Refusal, match="BOARD Board has no usual supplier"):
        store.on("planner", "accept_proposals", old, business_date=DAY)
    supplier = store.run("buyer", "register_supplier", name="Sawmill")["id"]
    store.on("planner", "change_item_planning", planning, **plan, supplier_id=supplier)
    nail = store.run("planner", "add_item", number="NAIL", name="Nail", list_price="1")["id"]
    terms = {"supplier_id": supplier, "safety_stock": "5"}
    store.run("planner", "plan_item", item_id=nail, supply_kind="buy", lead_days=1, **terms)
    new = store.run("planner", "run_planning", **body)
    with pytest.raises(Refusal, match="is not possible while the planning run is “superseded”"):
        store.on("planner", "accept_proposals", old, business_date=DAY)
    proposal = store.value(
        "SELECT id FROM erp.planned_order WHERE planning_run_id = %s AND item_id = %s", new["id"], shop["board"]
    )
    chosen = {"business_date": DAY, "proposals": [{"planned_order_id": proposal}]}
    store.on("planner", "accept_proposals", new, **chosen)
    with pytest.raises(Refusal, match="Line 2 has become an order already"):
        store.on("planner", "accept_proposals", new, **chosen)
    # 8 + 12 needed, 10 there; the price is the average of stock, since it was never bought.
    assert store.rows("SELECT quantity, unit_price FROM erp.purchase_order_line") == [(10, 50)]
    with pytest.raises(Refusal, match="No price is known for NAIL Nail"):
        store.on("planner", "accept_proposals", new, business_date=DAY)
    with pytest.raises(Refusal, match="has planning data already"):
        store.run("planner", "plan_item", **plan)
    store.verify()
