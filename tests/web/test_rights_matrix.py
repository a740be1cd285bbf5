"""The whole policy, tried: every role on every document and field by API and CSV, and every role on every command.

What is expected is read from the policy's files here, so that the test does not repeat the code that it tests.
"""

import csv
import io
from collections.abc import Iterator

import pytest

from operational_app import modules
from operational_app.core import policy
from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.errors import NotPermitted, Refusal
from operational_app.core.execute import execute
from operational_app.core.labels import label
from operational_app.core.policy import is_confidential
from tests.conftest import Copies, Store, pointed_at
from tests.web.conftest import DAY, People

modules.load()
RULES = list(policy.rules_from_files())
ROLES = list(policy.roles_from_file())


@pytest.fixture(scope="module")
def busy(store_copies: Copies) -> Iterator[Store]:
    """A store with a row of most kinds of documents; the tests here only read it, or are refused."""
    import psycopg

    import hub_settings

    name = store_copies.take()
    with pointed_at(name):
        with psycopg.connect(hub_settings.database_url(None)) as connection:
            users = dict(connection.execute("SELECT username, id FROM core.app_user").fetchall())
        store = Store(name, users)
        live_through_a_week(store)
        yield store
    store_copies.give_back(name)


def live_through_a_week(store: Store) -> None:
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    chair = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    at = {"business_date": DAY, "stock_location_id": place["id"]}
    line = {"item_id": chair["id"], "quantity": "20"}
    store.run("warehouse", "adjust_stock", **at, reason="opening", lines=[line | {"unit_cost": "60"}])
    customer = store.run("sales", "register_customer", name="Café")
    order = store.run("sales", "enter_sales_order", **at, customer_id=customer["id"], lines=[line])
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("warehouse", "deliver_sales_order", order, business_date=DAY)
    invoice = store.on("sales", "invoice_delivery", delivery, business_date=DAY)
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date=DAY, amount="500")
    supplier = store.run("buyer", "register_supplier", name="Joiner")
    bought = store.run(
        "buyer", "enter_purchase_order", **at, supplier_id=supplier["id"], lines=[line | {"unit_price": "50"}]
    )
    store.on("buyer", "send_purchase_order", bought)
    store.on("warehouse", "receive_goods", bought, business_date=DAY)
    bill = store.on("accountant", "bill_purchase_order", bought, business_date=DAY, supplier_reference="R-1")
    store.on("accountant", "pay_bill", bill, business_date=DAY, amount="100")
    store.run("accountant", "run_payments", business_date="2026-06-01", due_until="2026-06-30")
    office = store.run("hr", "add_department", code="O", name="Office")
    store.run("hr", "hire_employee", name="Wei", department_id=office["id"], position="Clerk", start_date="2026-01-01")
    needed = [line | {"needed_by": DAY, "unit_price": "1000"}]
    for role in ("planner", "sales"):
        asked = store.run(role, "enter_purchase_requisition", business_date=DAY, reason="Guests", lines=needed)
        store.on(role, "submit_purchase_requisition", asked)
    store.run("planner", "delegate", deputy="sales", start_date="2026-01-01", end_date="2026-12-31")


def scopes(role: str, entity: str, name: str, action: str) -> set[str]:
    wanted = (role, entity, name, action)
    return {r["scope"] for r in RULES if (r["role"], r["entity"], r["field"], r["action"]) == wanted}


def fields_open_to(role: str, document: Document) -> set[str]:
    """What the files open of a document's own fields, in some of its rows."""
    secret = {name for name in document.fields() if is_confidential(document.model, name)}
    plain = set(document.fields()) - secret if scopes(role, document.name, "*", "read") else set()
    return plain | {name for name in document.fields() if scopes(role, document.name, name, "read")}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_what_its_rules_open_and_nothing_else(role: str, busy: Store, app: object) -> None:
    person = People(app)[role]
    read = 0
    for document in DOCUMENTS.values():
        address = f"/{document.module}/{document.path}"
        open_fields = fields_open_to(role, document)
        page = person.get("/api" + address, limit="5")
        file = person.get(address + ".csv", columns=",".join(document.fields()))
        first = busy.value(f"SELECT min(id) FROM {document.model.__table__.schema}.{document.model.__table__.name}")
        one = person.get(f"/api{address}/{first or 1}")
        if not scopes(role, document.name, "*", "read"):
            assert [page.status_code, file.status_code] == [403, 403], (role, document.name)
            assert one.status_code in (403, 404), (role, document.name)
            continue
        assert [page.status_code, file.status_code] == [200, 200], (role, document.name)
        items = page.json()["items"]
        assert all(set(item) == open_fields for item in items), (role, document.name)
        rows = list(csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))))
        shown = {heading for row in rows for heading, value in row.items() if value}
        assert shown <= {label(name) for name in open_fields}, (role, document.name)
        assert {row[label("id")] for row in rows} >= {str(item["id"]) for item in items}, (role, document.name)
        for item in items:
            found = person.get(f"/api{address}/{item['id']}").json()
            assert set(found) & set(document.fields()) >= open_fields, (role, document.name)
            read += 1
        if one.status_code == 200 and not items:
            raise AssertionError(f"{role} opens a {document.name} that its list does not show")
    assert read, f"{role} reads nothing"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_runs_what_its_rules_give_and_nothing_else(role: str, busy: Store) -> None:
    for command in COMMANDS.values():
        body = {"id": 10**9, "version": 1} if command.acts_on is not None else {"company": "DEMO"}
        given = bool(scopes(role, command.document.name, command.name, "execute"))
        with pytest.raises(Refusal) as refused:
            # Nothing is filled in and no document is named that exists: whoever may is told that, others that they may not.
            execute(busy.users[role], command.name, body, f"matrix {role} {command.name}", dry_run=True)
            raise NothingToFillIn
        assert isinstance(refused.value, NotPermitted) is not given, (role, command.name, str(refused.value))


class NothingToFillIn(Refusal):
    """The command needed nothing and ran, in a dry run."""


def test_own_rows_are_shown_to_their_owner_alone(busy: Store, app: object) -> None:
    people = People(app)
    seen = {
        role: {item["created_by"] for item in people[role].get("/api/erp/purchase_requisitions").json()["items"]}
        for role in ("planner", "sales", "warehouse", "buyer")
    }
    planner, sales = busy.users["planner"], busy.users["sales"]
    assert seen == {"planner": {planner}, "sales": {sales}, "warehouse": set(), "buyer": {planner, sales}}
    number = people["planner"].get("/api/erp/purchase_requisitions").json()["items"][0]["id"]
    assert people["planner"].get(f"/api/erp/purchase_requisitions/{number}").status_code == 200
    assert people["warehouse"].get(f"/api/erp/purchase_requisitions/{number}").status_code == 404
    assert "Guests" not in people["warehouse"].get("/erp/purchase_requisitions.csv").text
    assert f"/erp/purchase_requisitions/{number}" in people["planner"].get("/search", q="Guests").text
    assert "/erp/purchase_requisitions/" not in people["warehouse"].get("/search", q="Guests").text


def test_a_deputy_sees_the_requests_of_whom_they_stand_in_for(busy: Store) -> None:
    from operational_app.core import db, row_policy
    from operational_app.core.policy import load_principal
    from operational_app.core.reading import Query, read_page

    with db.reading() as session:
        principal = load_principal(session, busy.users["sales"])
        assert principal is not None
        row_policy.limit(session, principal)
        owners = {row.user_id for row in read_page(session, principal, DOCUMENTS["approval_delegation"], Query()).rows}
    assert owners == {busy.users["planner"]}


def test_a_confidential_field_is_closed_until_a_rule_names_it(
    busy: Store, app: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = DOCUMENTS["sales_order"].model
    monkeypatch.setitem(model.__table__.c.total_amount.info, "confidential", True)
    sales = People(app)["sales"]
    assert all("total_amount" not in item for item in sales.get("/api/erp/sales_orders").json()["items"])
    assert sales.get("/api/erp/sales_orders", sort="total_amount").status_code == 422
    assert sales.get("/api/erp/sales_orders", total_amount_from="1").status_code == 422
    row = busy.value("SELECT min(id) FROM erp.sales_order")
    one = sales.get(f"/api/erp/sales_orders/{row}").json()
    assert "total_amount" not in one
    assert not [f for change in one["history"] for f in change["fields"] if f["field"] == "total_amount"]
    assert "2,260" not in sales.get("/erp/sales_orders.csv").text


def test_a_confidential_field_is_written_only_by_who_has_a_rule_for_it(
    busy: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = DOCUMENTS["customer"].model
    monkeypatch.setitem(model.__table__.c.credit_limit.info, "confidential", True)
    row = busy.value("SELECT min(id) FROM core.party_role WHERE role = 'customer'")
    version = busy.value("SELECT version FROM core.party_role WHERE id = %s", row)
    terms = {"id": row, "version": version, "payment_days": 20}
    execute(busy.users["sales"], "change_customer_terms", terms, "open", dry_run=True)
    with pytest.raises(NotPermitted, match=r"Credit limit \(customer\)"):
        execute(busy.users["sales"], "change_customer_terms", terms | {"credit_limit": "9"}, "secret", dry_run=True)


def test_rights_cost_one_question_to_the_store_once_the_rules_of_a_role_are_known(busy: Store) -> None:
    from sqlalchemy import event

    from operational_app.core import db
    from operational_app.core.policy import load_principal

    asked: list[str] = []
    roles = ("accountant", "administrator", "buyer")
    with db.reading() as session:
        for role in roles:
            load_principal(session, busy.users[role])

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            asked.append(statement)

        event.listen(db.engine(), "before_cursor_execute", note)
        try:
            for role in roles:
                load_principal(session, busy.users[role])
        finally:
            event.remove(db.engine(), "before_cursor_execute", note)
    assert len(asked) == 3
