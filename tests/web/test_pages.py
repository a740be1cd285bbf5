"""The clerk's pages as they leave the server: every document, every form, safety headers, sign-in."""

import csv
import io
import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS
from tests.conftest import PASSWORD, Store
from tests.web.conftest import DAY, People, order_body

READERS = ("accountant", "administrator", "warehouse", "hr", "sales", "payroll")


def test_every_list_and_every_form_opens_for_whoever_may_see_it(people: People, shop: dict) -> None:
    """For one of them; who may not is walked through all of it by the matrix of rights."""
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    for document in DOCUMENTS.values():
        address = f"/{document.module}/{document.path}"
        reader = next((who for who in READERS if people[who].get(address).status_code == 200), None)
        assert reader, f"nobody of {READERS} may read {document.name}"
        assert people[reader].get(f"/api{address}").status_code == 200, (reader, address)
    opened = 0
    for command in COMMANDS.values():
        for who in sorted(people.able(command), key=lambda name: (name not in people, name))[:1]:
            acted = {"id": 1} if command.acts_on is not None else {}
            answer = people[who].get(f"/do/{command.name}", **acted)
            assert answer.status_code in (200, 404), (who, command.name, answer.text[-300:])
            opened += answer.status_code == 200
    assert opened > 100
    assert people["sales"].get(f"/erp/sales_orders/{order['id']}").status_code == 200


def test_every_document_that_exists_has_a_page_that_opens(people: People, store: Store, shop: dict) -> None:
    sales = people["sales"]
    order = sales.command("erp", "enter_sales_order", **order_body(shop)).json()
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("warehouse", "deliver_sales_order", order, business_date=DAY)
    invoice = store.on("sales", "invoice_delivery", delivery, business_date=DAY)
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date=DAY, amount="500")
    seen = set()
    for document in DOCUMENTS.values():
        listed = f"/api/{document.module}/{document.path}"
        for who in READERS:
            if not (items := people[who].get(listed, limit="2").json().get("items")):
                continue
            for item in items:
                address = f"/{document.module}/{document.path}/{item['id']}"
                for one in (address, f"/api{address}"):
                    answer = people[who].get(one)
                    assert answer.status_code == 200, (who, one, answer.text[:300])
                seen.add(document.name)
            break
    assert len(seen) > 15
    shown = people["accountant"].get(f"/finance/sales_invoices/{invoice['id']}").text
    for text in (order["number"], delivery["number"], invoice["number"], "Accounts receivable", "1,130.00"):
        assert text in shown


def test_a_refused_command_shows_the_document_with_the_reason(people: People, store: Store, shop: dict) -> None:
    sales = people["sales"]
    order = sales.command("erp", "enter_sales_order", **order_body(shop)).json()
    version = order["version"]
    done = sales.send("/do/confirm_sales_order", id=str(order["id"]), version=str(version), key="a")
    assert done.status_code == 303 and done.headers["location"].endswith("?done=confirm_sales_order")
    stale = sales.send("/do/confirm_sales_order", id=str(order["id"]), version=str(version), key="b")
    assert stale.status_code == 409
    assert "Somebody changed this" in stale.text and order["number"] in stale.text


def test_a_number_that_was_typed_and_not_chosen_is_found_by_the_server(
    people: People, store: Store, shop: dict
) -> None:
    fields = {
        "company": "DEMO",
        "key": "typed",
        "customer_id:text": "c-00001",
        "business_date": DAY,
        "stock_location_id:text": "MAIN",
        "lines.0.item_id:text": "chair",
        "lines.0.quantity": "１,０００.5",
        "lines.0.discount": "0",
        "lines.7.item_id:text": "",
        "lines.7.discount": "0",
    }
    done = people["sales"].send("/do/enter_sales_order", **fields)
    assert done.status_code == 303, done.text
    assert store.rows("SELECT quantity::text FROM erp.sales_order_line") == [("1000.500000",)]
    wrong = people["sales"].send("/do/enter_sales_order", **{**fields, "key": "w", "customer_id:text": "nobody"})
    assert wrong.status_code == 422
    assert "Choose one from the list." in wrong.text and 'value="nobody"' in wrong.text


def test_a_list_leaves_as_csv_with_exact_values_and_harmless_cells(people: People, store: Store, shop: dict) -> None:
    store.run("sales", "register_customer", name='=HYPERLINK("x")', credit_limit="123456789012.3456")
    answer = people["sales"].get("/crm/customers.csv", columns="name,credit_limit,company_id")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == {"Name": '\'=HYPERLINK("x")', "Credit limit": "123456789012.3456", "Company": "DEMO"}
    assert len(rows) == 3


def test_answers_carry_the_headers_that_keep_a_browser_safe(app: FastAPI, people: People) -> None:
    page = people["sales"].get("/")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff" and page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page.text)
    assert not re.search(r"\son\w+=|style=", page.text)
    sheet = re.search(r'href="(/assets/[^"]+hub\.css)"', page.text)[1]
    asset = people["sales"].get(sheet)
    assert "immutable" in asset.headers["cache-control"]
    again = people["sales"].browser.get(sheet, headers={"If-None-Match": asset.headers["etag"]})
    assert again.status_code == 304
    assert people["sales"].get("/assets/0/../app.py").status_code == 404


def test_sign_in_refuses_wrong_words_counts_them_and_never_leads_away(app: FastAPI, store: Store) -> None:
    stranger = TestClient(app, base_url="http://localhost:8000", follow_redirects=False)
    assert stranger.get("/erp/sales_orders?state=draft").headers["location"] == (
        "/sign-in?next=%2Ferp%2Fsales_orders%3Fstate%3Ddraft"
    )
    for _try in range(7):
        refused = stranger.post("/sign-in", data={"username": "sales", "password": "wrong"})
        assert refused.status_code in (401, 429)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) >= 1
    assert store.value("SELECT failures FROM core.sign_in_failure WHERE username = 'sales'") == 6
    hostile = {"username": "h\x00r", "password": "\ud800".encode("utf-8", "surrogatepass")}
    assert stranger.post("/sign-in", data=hostile).status_code == 401
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        done = stranger.post("/sign-in", data={"username": "hr", "password": PASSWORD, "next": target})
        assert done.status_code == 303 and done.headers["location"] == "/"
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    foreign = stranger.post(
        "/sign-in", data={"username": "hr", "password": PASSWORD}, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403


def test_after_sign_out_the_session_is_over_everywhere(app: FastAPI, people: People) -> None:
    sales = people["sales"]
    cookies = dict(sales.browser.cookies)
    assert sales.browser.post("/sign-out").status_code == 403, "without the token of the session"
    assert sales.send("/sign-out").status_code == 303
    thief = TestClient(app, base_url="http://localhost:8000", cookies=cookies)
    assert thief.get("/api/session").status_code == 401


@pytest.mark.parametrize("address", ["/", "/erp/sales_orders", "/do/enter_sales_order", "/search?q=x", "/nothing"])
def test_pages_speak_the_language_of_the_user(people: People, store: Store, address: str) -> None:
    sales = people["sales"]
    assert sales.send("/language", language="zh_Hans").status_code == 303
    page = sales.get(address).text
    assert '<html lang="zh-Hans"' in page and "销售订单" in page and "Sign out" not in page
    assert sales.get("/api/erp/sales_orders/9").json()["detail"] == "没有您可以查看的销售订单 9。"


def test_a_company_that_the_user_may_not_see_is_hidden(people: People, store: Store, shop: dict) -> None:
    store.run("operator", "found_company", code="OTHER", name="Other Ltd", currency="CNY", chart="cas")
    store.run("operator", "add_user", username="guest", name="Guest", password=PASSWORD)
    company = store.value("SELECT id FROM core.company WHERE code = 'OTHER'")
    guest = {"document": "app_user", "id": store.value("SELECT id FROM core.app_user WHERE username = 'guest'")}
    version = store.value("SELECT version FROM core.app_user WHERE username = 'guest'")
    store.run("operator", "give_role", id=guest["id"], version=version, role="sales", company_id=company)
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    assert people["guest"].get("/api/erp/sales_orders").json() == {"items": [], "next": None}
    assert people["guest"].get(f"/api/erp/sales_orders/{order['id']}").status_code == 404
    assert people["guest"].get(f"/erp/sales_orders/{order['id']}").status_code == 404
    assert people["guest"].get("/lookup/customer", q="Lily").json() == []
    assert [c["code"] for c in people["guest"].get("/api/core/companies").json()["items"]] == ["OTHER"]
    assert people["guest"].send("/company", company="DEMO").status_code == 422
    refused = people["guest"].command("erp", "enter_sales_order", **order_body(shop))
    assert refused.status_code == 422


def test_transit_is_offered_as_a_place_only_to_who_writes_its_code(people: People, store: Store) -> None:
    main = store.run("warehouse", "add_stock_location", code="TMAIN", name="Main store")["id"]
    shop = store.run("warehouse", "add_stock_location", code="TSHOP", name="Shop")["id"]
    item = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")["id"]
    line = {"item_id": item, "quantity": "5"}
    body = {"business_date": "2026-03-01", "reason": "opening", "stock_location_id": main}
    store.run("warehouse", "adjust_stock", lines=[line | {"unit_cost": "4"}], **body)
    ways = {"from_location_id": main, "to_location_id": shop}
    store.run("warehouse", "send_stock_transfer", business_date="2026-03-02", lines=[line], **ways)

    def offered(words: str) -> list[str]:
        return [option["number"] for option in people["sales"].get("/lookup/stock_location", q=words).json()]

    assert "TRANSIT" not in offered("T") + offered("") + offered("In tr")
    assert {"TMAIN", "TSHOP"} <= set(offered("T"))
    assert offered("TRANSIT") == ["TRANSIT"]


def test_a_document_that_needs_an_approval_offers_to_submit_it(people: People, store: Store, shop: dict) -> None:
    rule = store.run(
        "administrator",
        "enter_definition",
        document_type="sales_order",
        name="All orders",
        steps=[{"step_no": 1, "name": "Manager", "kind": "any"}],
        candidates=[{"step_no": 1, "kind": "role", "who": "manager"}],
        gates=[{"command_name": "confirm_sales_order"}],
    )
    store.on("administrator", "activate_definition", rule)
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    page = f"/erp/sales_orders/{order['id']}"
    offer = f"/do/submit_for_approval?document_type=sales_order&amp;document_id={order['id']}"
    assert offer in people["sales"].get(page).text
    assert "none was asked for" in people["sales"].get(page).text
    form = people["sales"].get(offer.replace("&amp;", "&"))
    assert form.status_code == 200 and 'value="sales_order"' in form.text
    sent = people["sales"].send(
        "/do/submit_for_approval",
        company="DEMO",
        key="submit",
        document_type="sales_order",
        document_id=str(order["id"]),
    )
    request = sent.headers["location"].split("?")[0]
    assert offer not in people["sales"].get(page).text
    assert "which is with Manager" in people["sales"].get(page).text
    shown = people["manager"].get(request).text
    assert order["number"] in shown and "Credit exposure" in shown
    assert people["buyer"].get(request).status_code == 404
