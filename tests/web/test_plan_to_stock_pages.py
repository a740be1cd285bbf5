"""Pages and API of plan to stock, drawn from the declarations: every list, form and document of the planner's day opens."""

import pytest

from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS
from tests.conftest import Store
from tests.web.conftest import People

DAY = "2026-03-02"
PLANNED = (
    "bill_of_material",
    "work_calendar",
    "work_centre",
    "routing",
    "item_planning",
    "planning_run",
    "production_order",
    "production_schedule",
    "resource_review",
)


@pytest.fixture
def factory(people: People, store: Store) -> dict[str, dict]:
    """A cart of two wheels that is planned, ordered and scheduled; the planning is run by API."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    cart = store.run("planner", "add_item", number="CART", name="Cart", list_price="90")
    wheel = store.run("planner", "add_item", number="WHEEL", name="Wheel", list_price="20")
    supplier = store.run("buyer", "register_supplier", name="Round & Co")
    calendar = store.run("planner", "add_work_calendar", code="WEEK", name="Five days", working_days="12345")
    centre = store.run(
        "planner",
        "add_work_centre",
        code="LINE",
        name="Line",
        work_calendar_id=calendar["id"],
        capacity_hours="8",
        cost_rate="30",
    )
    revision = {"item_id": cart["id"], "revision": "A", "valid_from": "2026-01-01"}
    bill = store.run(
        "planner",
        "enter_bill_of_material",
        **revision,
        lines=[{"item_id": wheel["id"], "quantity_per": "2"}],
    )
    routing = store.run(
        "planner",
        "enter_routing",
        **revision,
        lines=[{"work_centre_id": centre["id"], "description": "Assemble", "run_hours": "0.5"}],
    )
    store.on("planner", "release_bill_of_material", bill)
    store.on("planner", "release_routing", routing)
    store.run("planner", "plan_item", item_id=cart["id"], supply_kind="make", lead_days=5, safety_stock="4")
    store.run(
        "planner",
        "plan_item",
        item_id=wheel["id"],
        supply_kind="buy",
        lead_days=0,
        supplier_id=supplier["id"],
        unit_price="12",
    )
    run = (
        people["planner"]
        .command("erp", "run_planning", company="DEMO", business_date=DAY, stock_location_id=place["id"])
        .json()
    )
    store.on("planner", "accept_proposals", run, business_date=DAY)
    store.run("planner", "schedule_production", business_date=DAY)
    store.run("manager", "review_resources", start_date="2026-01-01", end_date=DAY)
    order = {"document": "production_order", "id": store.value("SELECT id FROM erp.production_order")}
    return {"order": order, "run": run, "bill": bill}


def test_every_list_form_and_document_opens(people: People, factory: dict[str, dict]) -> None:
    planner = people["planner"]
    for name in PLANNED:
        path = f"/erp/{DOCUMENTS[name].path}"
        assert planner.get(path).status_code == 200, name
        items = planner.get("/api" + path).json()["items"]
        assert items, name
        for item in items:
            assert planner.get(f"{path}/{item['id']}").status_code == 200, name
            assert planner.get(f"/api{path}/{item['id']}").status_code == 200, name
    forms = [c for c in COMMANDS.values() if c.document.name in PLANNED]
    assert len(forms) > 25
    for command in forms:
        acted = {"id": 1} if command.acts_on is not None else {}
        who = "accountant" if command.name == "close_production_order" else "planner"
        assert people[who].get(f"/do/{command.name}", **acted).status_code == 200, command.name


def test_a_planning_run_shows_what_is_proposed_and_leads_to_the_orders(
    people: People, factory: dict[str, dict]
) -> None:
    seen = people["planner"].get(f"/api/erp/planning_runs/{factory['run']['id']}").json()
    assert [(p["quantity"], p["due_date"]) for p in seen["proposals"]] == [("4", "2026-03-07"), ("8", "2026-03-02")]
    assert {link["document"] for link in seen["links"]} == {"planning_run", "purchase_order", "production_order"}
    page = people["planner"].get(f"/erp/planning_runs/{factory['run']['id']}").text
    for text in ("MO-2026-00001", "PO-2026-00001", "safety stock", "WHEEL Wheel", "What is for whom"):
        assert text in page


def test_forms_begin_with_what_is_left_to_do(people: People, store: Store, factory: dict[str, dict]) -> None:
    store.on("planner", "release_production_order", factory["order"])
    issue = people["planner"].get("/do/issue_components", id=factory["order"]["id"]).text
    assert 'name="components.0.quantity"' in issue and 'value="8"' in issue
    labour = people["planner"].get("/do/record_labour", id=factory["order"]["id"]).text
    assert 'name="operations.0.hours"' in labour and 'value="2"' in labour


def test_who_only_sells_sees_production_orders_and_changes_none(people: People, factory: dict[str, dict]) -> None:
    sales = people["sales"]
    order = sales.get(f"/api/erp/production_orders/{factory['order']['id']}")
    assert order.status_code == 200 and order.json()["commands"] == []
    refused = sales.command("erp", "release_production_order", id=1, version=order.json()["version"])
    assert refused.status_code == 403
    assert sales.get("/api/erp/planning_runs").status_code == 403
