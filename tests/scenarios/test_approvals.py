"""Approvals, as the people live them who ask, decide and wait: requisitions, and any other document by a rule that is data."""

from typing import Any

import pytest

from operational_app.core.errors import Refusal
from tests.conftest import PASSWORD, Store


def employee(store: Store, name: str, department: dict, *roles: str) -> dict:
    """A person with a user of the same name (lower case), in a department, with roles."""
    hired = store.run(
        "hr", "hire_employee", name=name, department_id=department["id"], position="Staff", start_date="2026-01-01"
    )
    user = store.run("administrator", "add_user", username=name.lower(), name=name, password=PASSWORD)
    for role in roles:
        store.on("administrator", "give_role", user, role=role)
    store.on("administrator", "give_user_to_employee", hired, username=name.lower())
    store.users[name.lower()] = user["id"]
    return hired


@pytest.fixture
def firm(store: Store) -> dict[str, dict]:
    """Wei works in the workshop that Mei manages; the workshop belongs to production, which Bao manages."""
    production = store.run("hr", "add_department", code="P", name="Production")
    workshop = store.run("hr", "add_department", code="W", name="Workshop")
    people = {
        "wei": employee(store, "Wei", workshop, "warehouse"),
        "mei": employee(store, "Mei", workshop, "warehouse"),
        "bao": employee(store, "Bao", production, "manager"),
    }
    store.on("hr", "set_department_management", production, manager_id=people["bao"]["id"])
    store.on(
        "hr",
        "set_department_management",
        workshop,
        manager_id=people["mei"]["id"],
        parent_department_id=production["id"],
    )
    return people | {
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "drill": store.run("buyer", "add_item", number="DRILL", name="Drill", list_price="3000"),
        "glove": store.run("buyer", "add_item", number="GLOVE", name="Gloves", list_price="4"),
        "tools": store.run("buyer", "register_supplier", name="Best Tools"),
        "wear": store.run("buyer", "register_supplier", name="Safe Wear"),
        "workshop": workshop,
    }


def wanted(firm: dict[str, dict], drills: str, gloves: str = "10") -> dict[str, Any]:
    return {
        "business_date": "2026-03-02",
        "reason": "The old ones are worn out",
        "lines": [
            {"item_id": firm["drill"]["id"], "quantity": drills, "needed_by": "2026-04-01"},
            {"item_id": firm["glove"]["id"], "quantity": gloves, "needed_by": "2026-03-20"},
        ],
    }


def asked(store: Store, request: dict) -> list[str]:
    """Who is asked now."""
    rows = store.rows(
        "SELECT u.username FROM oa.approval_task t JOIN core.app_user u ON u.id = t.user_id "
        "WHERE t.approval_id = %s AND t.state = 'open' ORDER BY 1",
        request["id"],
    )
    return [name for (name,) in rows]


def decisions(store: Store, request: dict) -> list[tuple[str, str]]:
    return store.rows(
        "SELECT u.username, d.action FROM oa.approval_decision d JOIN core.app_user u ON u.id = d.user_id "
        "WHERE d.approval_id = %s ORDER BY d.id",
        request["id"],
    )


def state_of(store: Store, document: dict) -> str:
    return store.value("SELECT state FROM erp.purchase_requisition WHERE id = %s", document["id"])


def convert(store: Store, firm: dict[str, dict], requisition: dict) -> dict:
    lines = store.rows("SELECT id, item_id FROM erp.purchase_requisition_line ORDER BY line_no")
    supplier = {firm["drill"]["id"]: firm["tools"]["id"], firm["glove"]["id"]: firm["wear"]["id"]}
    return store.on(
        "buyer",
        "convert_to_purchase_order",
        requisition,
        business_date="2026-03-03",
        stock_location_id=firm["place"]["id"],
        lines=[{"purchase_requisition_line_id": line, "supplier_id": supplier[item]} for line, item in lines],
    )


def test_a_requisition_goes_from_the_workshop_through_manager_and_accountant_to_two_orders(
    store: Store, firm: dict[str, dict]
) -> None:
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "2"))
    with pytest.raises(Refusal, match="needs an approval of this purchase requisition, and none was asked for"):
        convert(store, firm, needed)
    request = store.on("wei", "submit_purchase_requisition", needed)
    assert (request["document"], state_of(store, needed)) == ("approval", "submitted")
    assert asked(store, request) == ["mei"]
    with pytest.raises(Refusal, match=f"waits for the approval {request['number']}, which is with Mei"):
        convert(store, firm, needed)
    with pytest.raises(Refusal, match="somebody else has to decide"):
        store.on("wei", "approve", request)
    with pytest.raises(Refusal, match="There is no request for approval"):
        store.on("buyer", "approve", request)
    store.on("mei", "approve", request, note="They are dangerous")
    assert asked(store, request) == ["accountant"]
    done = store.on("accountant", "approve", request)
    assert (done["state"], state_of(store, needed)) == ("approved", "approved")
    assert decisions(store, request) == [("wei", "submit"), ("mei", "approve"), ("accountant", "approve")]
    convert(store, firm, needed)
    orders = store.rows("SELECT supplier_id, subtotal, state, requested_date::text FROM erp.purchase_order ORDER BY id")
    assert orders == [
        (firm["tools"]["id"], 6000, "draft", "2026-04-01"),
        (firm["wear"]["id"], 40, "draft", "2026-03-20"),
    ]
    assert state_of(store, needed) == "ordered"
    store.verify()


def test_what_costs_little_is_approved_at_once(store: Store, firm: dict[str, dict]) -> None:
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "1"))
    request = store.on("wei", "submit_purchase_requisition", needed)
    assert (request["state"], asked(store, request), state_of(store, needed)) == ("approved", [], "approved")
    convert(store, firm, needed)
    store.verify()


def test_the_decision_keeps_the_facts_of_its_moment(store: Store, firm: dict[str, dict]) -> None:
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "2"))
    request = store.on("wei", "submit_purchase_requisition", needed)
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-03-02",
        reason="opening",
        stock_location_id=firm["place"]["id"],
        lines=[{"item_id": firm["drill"]["id"], "quantity": "1", "unit_cost": "2800"}],
    )
    store.on("mei", "approve", request)
    card = store.rows(
        "SELECT d.action, f.value FROM oa.approval_fact f JOIN oa.approval_decision d ON d.id = f.approval_decision_id "
        "WHERE f.fact = 'stock_free' AND f.about = 'DRILL' ORDER BY f.id"
    )
    assert card == [("submit", "0"), ("approve", "1")]
    store.verify()


def test_a_manager_who_asks_is_skipped_upwards(store: Store, firm: dict[str, dict]) -> None:
    needed = store.run("mei", "enter_purchase_requisition", **wanted(firm, "2"))
    assert asked(store, store.on("mei", "submit_purchase_requisition", needed)) == ["bao"]


def test_where_nobody_is_named_the_administrators_are_asked(store: Store, firm: dict[str, dict]) -> None:
    needed = store.run("planner", "enter_purchase_requisition", **wanted(firm, "2"))
    assert asked(store, store.on("planner", "submit_purchase_requisition", needed)) == ["administrator"]


def test_a_rejected_requisition_is_changed_and_submitted_again(store: Store, firm: dict[str, dict]) -> None:
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "3"))
    first = store.on("wei", "submit_purchase_requisition", needed)
    store.on("mei", "reject", first, note="Two are enough")
    assert state_of(store, needed) == "rejected"
    with pytest.raises(Refusal, match="ended as “rejected”"):
        convert(store, firm, needed)
    store.on("wei", "change_purchase_requisition", needed, **wanted(firm, "2"))
    second = store.on("wei", "submit_purchase_requisition", needed)
    assert asked(store, second) == ["mei"]
    store.verify()


def test_a_request_is_withdrawn_by_whoever_made_it_and_by_nobody_else(store: Store, firm: dict[str, dict]) -> None:
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "2"))
    request = store.on("wei", "submit_purchase_requisition", needed)
    with pytest.raises(Refusal, match="Only whoever submitted"):
        store.on("mei", "withdraw", request)
    store.on("wei", "withdraw", request)
    assert (state_of(store, needed), asked(store, request)) == ("draft", [])
    with pytest.raises(Refusal, match="not possible while"):
        store.on("mei", "approve", request)
    store.verify()


def test_a_deputy_decides_in_the_days_named_and_the_record_says_for_whom(store: Store, firm: dict[str, dict]) -> None:
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "2"))
    request = store.on("wei", "submit_purchase_requisition", needed)
    store.run("mei", "delegate", deputy="bao", start_date="2000-01-01", end_date="2000-12-31")
    with pytest.raises(Refusal, match="is with Mei"):
        store.on("bao", "approve", request)
    away = store.run("mei", "delegate", deputy="bao", start_date="2000-01-01", end_date="2999-12-31")
    store.on("bao", "approve", request)
    assert store.rows("SELECT user_id, on_behalf_of FROM oa.approval_decision WHERE action = 'approve'") == [
        (store.users["bao"], store.users["mei"])
    ]
    store.on("mei", "end_delegation", away)
    store.verify()


def test_whoever_asks_may_not_decide_as_somebodys_deputy_either(store: Store, firm: dict[str, dict]) -> None:
    store.run("mei", "delegate", deputy="wei", start_date="2000-01-01", end_date="2999-12-31")
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "2"))
    request = store.on("wei", "submit_purchase_requisition", needed)
    with pytest.raises(Refusal, match="somebody else has to decide"):
        store.on("wei", "approve", request)


def test_a_department_sees_its_requisitions_and_only_the_requester_changes_one(
    store: Store, firm: dict[str, dict]
) -> None:
    """Mei works with Wei; Lin, also of the warehouse, works elsewhere; Bao manages a department above and sees all."""
    elsewhere = store.run("hr", "add_department", code="S", name="Shipping")
    employee(store, "Lin", elsewhere, "warehouse")
    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "2"))
    assert {who: seen_by(store, who) for who in ("wei", "mei", "lin", "bao")} == {
        "wei": [needed["id"]],
        "mei": [needed["id"]],
        "lin": [],
        "bao": [needed["id"]],
    }
    with pytest.raises(Refusal, match="Your roles do not allow this"):
        store.on("mei", "change_purchase_requisition", needed, **wanted(firm, "1"))
    with pytest.raises(Refusal, match="There is no purchase requisition"):
        store.on("lin", "submit_purchase_requisition", needed)
    store.on("wei", "change_purchase_requisition", needed, **wanted(firm, "1"))


def seen_by(store: Store, who: str) -> list[int]:
    """The requisitions that a user may read."""
    from operational_app.core import db, row_policy
    from operational_app.core.document import DOCUMENTS
    from operational_app.core.policy import load_principal
    from operational_app.core.reading import Query, read_page

    with db.reading() as session:
        principal = load_principal(session, store.users[who])
        assert principal is not None
        row_policy.limit(session, principal)
        return [row.id for row in read_page(session, principal, DOCUMENTS["purchase_requisition"], Query()).rows]


def rule(store: Store, **body: Any) -> dict:
    """A rule for purchase orders, in force, without a line of code."""
    made = store.run(
        "administrator",
        "enter_definition",
        **{
            "document_type": "purchase_order",
            "name": "Orders to suppliers",
            "gates": [{"command_name": "send_purchase_order"}],
            **body,
        },
    )
    store.on("administrator", "activate_definition", made)
    return made


def ordered(store: Store, firm: dict[str, dict], price: str = "3000") -> dict:
    return store.run("buyer", "enter_purchase_order", **order_body(firm, price))


def order_body(firm: dict[str, dict], price: str) -> dict[str, Any]:
    return {
        "supplier_id": firm["tools"]["id"],
        "business_date": "2026-03-02",
        "stock_location_id": firm["place"]["id"],
        "lines": [{"item_id": firm["drill"]["id"], "quantity": "2", "unit_price": price}],
    }


def submitted(store: Store, order: dict, user: str = "buyer") -> dict:
    return store.run(user, "submit_for_approval", document_type="purchase_order", document_id=order["id"])


ANY_MANAGER = {
    "steps": [{"step_no": 1, "name": "Manager", "kind": "any"}],
    "candidates": [{"step_no": 1, "kind": "role", "who": "manager"}],
}


def test_an_order_that_was_changed_after_the_approval_is_not_approved_any_more_g19(
    store: Store, firm: dict[str, dict]
) -> None:
    rule(store, **ANY_MANAGER)
    order = ordered(store, firm)
    store.on("manager", "approve", submitted(store, order))
    store.on("buyer", "change_purchase_order", order, **order_body(firm, "3500"))
    with pytest.raises(Refusal, match="was changed after it was approved"):
        store.on("buyer", "send_purchase_order", order)
    # The same words again are the same content: the approval was for them.
    store.on("buyer", "change_purchase_order", order, **order_body(firm, "3000"))
    assert store.on("buyer", "send_purchase_order", order)["state"] == "ordered"
    store.verify()


def test_an_order_that_was_changed_after_the_submission_cannot_be_approved_g19(
    store: Store, firm: dict[str, dict]
) -> None:
    rule(store, **ANY_MANAGER)
    order = ordered(store, firm)
    request = submitted(store, order)
    with pytest.raises(Refusal, match="waits for an approval already"):
        submitted(store, order)
    store.on("buyer", "change_purchase_order", order, **order_body(firm, "9000"))
    with pytest.raises(Refusal, match="was changed after it was submitted"):
        store.on("manager", "approve", request)
    store.on("manager", "return_to", request, note="Submit what you mean")
    store.on("manager", "approve", submitted(store, order))
    store.on("buyer", "send_purchase_order", order)
    store.verify()


def test_all_must_sign_and_a_return_asks_all_of_them_anew(store: Store, firm: dict[str, dict]) -> None:
    """The shape of G11."""
    rule(
        store,
        steps=[
            {"step_no": 1, "name": "Both", "kind": "all"},
            {"step_no": 2, "name": "Head", "kind": "single"},
        ],
        candidates=[
            {"step_no": 1, "kind": "user", "who": "planner"},
            {"step_no": 1, "kind": "user", "who": "accountant"},
            {"step_no": 2, "kind": "user", "who": "bao"},
        ],
    )
    order = ordered(store, firm)
    request = submitted(store, order)
    store.on("planner", "approve", request)
    assert asked(store, request) == ["accountant"]
    with pytest.raises(Refusal, match="is not with you now; it is with Accountant"):
        store.on("planner", "approve", request)
    store.on("accountant", "approve", request)
    assert asked(store, request) == ["bao"]
    with pytest.raises(Refusal, match="return it to an earlier step"):
        store.on("bao", "return_to", request, step_no=2, note="Again")
    store.on("bao", "return_to", request, step_no=1, note="Prices are missing")
    assert asked(store, request) == ["accountant", "planner"]
    for user in ("accountant", "planner", "bao"):
        store.on(user, "approve", request)
    assert store.value("SELECT state FROM oa.approval WHERE id = %s", request["id"]) == "approved"
    store.verify()


def test_whoever_entered_a_document_may_not_approve_it_though_another_submitted_it(
    store: Store, firm: dict[str, dict]
) -> None:
    rule(
        store,
        steps=[{"step_no": 1, "name": "Buyers", "kind": "any"}],
        candidates=[{"step_no": 1, "kind": "role", "who": "buyer"}, {"step_no": 1, "kind": "role", "who": "manager"}],
    )
    request = submitted(store, ordered(store, firm), "planner")
    assert "buyer" not in asked(store, request)
    assert store.rows("SELECT 1 FROM oa.approval_task WHERE user_id = %s", store.users["buyer"]) == []


def test_a_condition_looks_at_live_facts(store: Store, firm: dict[str, dict]) -> None:
    made = store.run(
        "administrator",
        "enter_definition",
        document_type="sales_order",
        name="Orders near the credit limit",
        steps=[{"step_no": 1, "name": "Credit", "kind": "any"}],
        candidates=[{"step_no": 1, "kind": "role", "who": "accountant"}],
        conditions=[{"step_no": 1, "field": "credit_left", "operator": "lt", "operand": "1000"}],
        gates=[{"command_name": "confirm_sales_order"}],
    )
    store.on("administrator", "activate_definition", made)
    customer = store.run("sales", "register_customer", name="Café", credit_limit="5000")

    def order(drills: str) -> dict:
        return store.run(
            "sales",
            "enter_sales_order",
            customer_id=customer["id"],
            business_date="2026-03-02",
            stock_location_id=firm["place"]["id"],
            lines=[{"item_id": firm["glove"]["id"], "quantity": drills, "unit_price": "100"}],
        )

    def ask(document: dict) -> dict:
        return store.run("sales", "submit_for_approval", document_type="sales_order", document_id=document["id"])

    small = order("30")
    assert ask(small)["state"] == "approved"
    store.on("sales", "confirm_sales_order", small)
    # 3,390 of the 5,000 are taken up now, so the same order again leaves too little.
    second = order("8")
    request = ask(second)
    assert (request["state"], asked(store, request)) == ("pending", ["accountant"])
    assert (
        store.value("SELECT value FROM oa.approval_fact WHERE fact = 'credit_left' AND approval_id = %s", request["id"])
        == "706"
    )
    store.verify()


def test_rules_that_make_no_sense_are_refused_beside_their_fields(store: Store, firm: dict[str, dict]) -> None:
    with pytest.raises(Refusal) as refused:
        rule(
            store,
            steps=[{"step_no": 1, "name": "A"}, {"step_no": 1, "name": "B"}, {"step_no": 3, "name": "C"}],
            candidates=[{"step_no": 1, "kind": "role", "who": "king"}, {"step_no": 2, "kind": "manager", "who": "x"}],
            conditions=[{"step_no": 1, "field": "weather", "operator": "eq", "operand": "rain"}],
            gates=[{"command_name": "confirm_sales_order"}],
        )
    assert set(refused.value.fields) == {
        "steps.1.step_no", "steps.2.step_no", "candidates.0.who", "candidates.1.step_no", "candidates.1.who",
        "conditions.0.field", "gates.0.command_name",
    }  # fmt: skip


def test_a_rule_in_force_is_replaced_and_never_rewritten(store: Store, firm: dict[str, dict]) -> None:
    import psycopg

    import hub_settings

    first = rule(store, **ANY_MANAGER)
    with (
        pytest.raises(psycopg.Error, match="write a new one"),
        psycopg.connect(hub_settings.database_url("hub_app")) as connection,
    ):
        connection.execute("UPDATE oa.workflow_step SET kind = 'all'")
    second = rule(store, **ANY_MANAGER)
    assert store.rows(
        "SELECT id, revision, state FROM oa.workflow_definition WHERE document_type = 'purchase_order' ORDER BY id"
    ) == [(first["id"], 1, "retired"), (second["id"], 2, "active")]


def test_decisions_and_their_facts_stay(store: Store, firm: dict[str, dict]) -> None:
    import psycopg

    import hub_settings

    needed = store.run("wei", "enter_purchase_requisition", **wanted(firm, "2"))
    store.on("wei", "submit_purchase_requisition", needed)
    for statement in ("UPDATE oa.approval_decision SET note = 'x'", "DELETE FROM oa.approval_fact"):
        with (
            pytest.raises(psycopg.Error, match="immutable"),
            psycopg.connect(hub_settings.database_url("hub_owner")) as connection,
        ):
            connection.execute(statement)
