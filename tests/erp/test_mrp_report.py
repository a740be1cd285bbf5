"""`hub report mrp`: what the newest planning run proposes, and what became of it."""

import json

import pytest

from tests.commandline import hub
from tests.conftest import Store


def test_the_report_shows_the_proposals_of_the_newest_run(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")["id"]
    supplier = store.run("buyer", "register_supplier", name="Sawmill")["id"]
    board = store.run("planner", "add_item", number="BOARD", name="Board", list_price="9")["id"]
    terms = {"supply_kind": "buy", "lead_days": 3, "safety_stock": "12", "lot_size": "10", "unit_price": "5"}
    store.run("planner", "plan_item", item_id=board, supplier_id=supplier, **terms)
    said = hub(capsys, "report", "mrp", "--company", "DEMO", "--format", "json")
    assert said.code == 0 and "no planning has been run" in said.err
    run = store.run("planner", "run_planning", business_date="2026-03-02", stock_location_id=place)
    store.on("planner", "accept_proposals", run, business_date="2026-03-02")
    said = hub(capsys, "report", "mrp", "--company", "DEMO", "--format", "json")
    assert said.code == 0, said.err
    (row,) = json.loads(said.out)
    assert (row["item"], row["net_quantity"], row["quantity"]) == ("BOARD", "12", "20")
    assert (row["due_date"], row["accepted_as"]) == ("2026-03-05", "PO-2026-00001")
    assert hub(capsys, "report", "mrp", "--company", "DEMO").code == 0
