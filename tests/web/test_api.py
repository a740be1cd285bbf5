"""The JSON API on a real store: commands, lists, details, refusals, rights."""

from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.conftest import Store
from tests.web.conftest import DAY, People, order_body


def problem(answer, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status and body["title"] and body["detail"]
    return body


def test_a_command_answers_with_the_document_and_the_same_key_gives_the_same_answer(people: People, shop: dict) -> None:
    first = people["sales"].command("erp", "enter_sales_order", key="once", **order_body(shop))
    assert first.status_code == 200, first.text
    assert first.json() == {
        "document": "sales_order",
        "id": 1,
        "number": "SO-2026-00001",
        "state": "draft",
        "version": 2,
    }
    again = people["sales"].command("erp", "enter_sales_order", key="once", **order_body(shop))
    assert again.json() == first.json()
    other = people["sales"].command("erp", "enter_sales_order", key="once", **order_body(shop, "11"))
    problem(other, 409)
    assert len(people["sales"].get("/api/erp/sales_orders").json()["items"]) == 1


def test_a_document_comes_with_its_lines_history_links_postings_and_commands(people: People, shop: dict) -> None:
    sales = people["sales"]
    order = sales.command("erp", "enter_sales_order", **order_body(shop)).json()
    version = sales.command("erp", "confirm_sales_order", id=order["id"], version=order["version"]).json()["version"]
    delivered = people["warehouse"].command(
        "erp", "deliver_sales_order", id=order["id"], version=version, business_date=DAY
    )
    delivery = delivered.json()
    seen = sales.get(f"/api/erp/sales_orders/{order['id']}").json()
    assert seen["total_amount"] == "1130" and seen["state"] == "delivered"
    assert seen["lines"][0]["quantity"] == "10" and seen["lines"][0]["unit_price"] == "100"
    assert [c["command"] for c in seen["history"]] == [
        "deliver_sales_order",
        "confirm_sales_order",
        "enter_sales_order",
    ]
    assert {"before": "confirmed", "after": "delivered"}.items() <= next(
        f for f in seen["history"][0]["fields"] if f["field"] == "state"
    ).items()
    assert [link["document"] for link in seen["links"]] == ["sales_order", "delivery"]
    commands = {c["name"]: c for c in seen["commands"]}
    assert commands["confirm_sales_order"]["allowed"] is False
    assert "delivered" in commands["confirm_sales_order"]["reason"]
    assert seen["postings"] == []

    books = people["accountant"].get(f"/api/erp/deliveries/{delivery['id']}").json()["postings"]
    assert [(line["debit"], line["credit"]) for line in books[0]["lines"]] == [("600", "0"), ("0", "600")]
    invisible = people["warehouse"].get(f"/api/erp/deliveries/{delivery['id']}").json()
    assert invisible["postings"] == [], "the warehouse may not read the ledger"


def test_pages_of_a_list_hold_every_row_once_whatever_the_order(people: People, store: Store, shop: dict) -> None:
    for number in range(7):
        store.run("sales", "add_item", number=f"I{number}", name=f"Item {number % 3}", list_price=str(number % 2))
    for sort in ("", "number", "-number", "list_price", "-list_price", "name", "item_group", "-item_group"):
        found, cursor = [], ""
        while True:
            answer = people["sales"].get("/api/erp/items", sort=sort, cursor=cursor, limit="3")
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert len({row["id"] for row in found}) == len(found) == 8, sort
        if sort in ("name", "-name"):
            names = [row["name"] for row in found]
            assert names == sorted(names, reverse=sort.startswith("-"))


def test_a_list_is_searched_filtered_and_refused_where_it_is_not_understood(people: People, shop: dict) -> None:
    sales = people["sales"]
    sales.command("erp", "enter_sales_order", **order_body(shop, customer_reference="PO-77_A"))
    for asked, found in (
        ({"q": "po-77_"}, 1),
        ({"q": "po-77%"}, 0),
        ({"state": "draft"}, 1),
        ({"state": "confirmed"}, 0),
        ({"state": "draft,confirmed"}, 1),
        ({"company": "DEMO"}, 1),
        ({"customer_id": str(shop["customer"]["id"])}, 1),
        ({"business_date": DAY}, 1),
        ({"business_date_from": "2026-03-03"}, 0),
        ({"total_amount_to": "1130.00"}, 1),
        ({"requested_date": ""}, 1),
    ):
        answer = sales.get("/api/erp/sales_orders", **asked)
        assert answer.status_code == 200, (asked, answer.text)
        assert len(answer.json()["items"]) == found, asked
    for asked, named in (
        ({"state": "eaten"}, "state"),
        ({"company": "NONE"}, "company"),
        ({"total_amount": "abc"}, "total_amount"),
        ({"total_amount": "1e999999"}, "total_amount"),
        ({"customer_id": "9" * 30}, "customer_id"),
        ({"colour": "red"}, "colour"),
        ({"sort": "colour"}, "sort"),
        ({"cursor": "%00"}, "cursor"),
        ({"cursor": "WzFd"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"q": "a\x00b"}, "q"),
        ({"business_date": "2026-02-30"}, "business_date"),
    ):
        body = problem(sales.get("/api/erp/sales_orders", **asked), 422)
        assert named in body["fields"], asked


def test_fields_that_are_wrong_are_named_with_a_sentence_each(people: People, shop: dict) -> None:
    body = order_body(shop, "-1", business_date="yesterday", colour="red")
    body["lines"].append({"item_id": "x", "quantity": 1.5})
    found = problem(people["sales"].command("erp", "enter_sales_order", **body), 422)["fields"]
    assert set(found) == {
        "business_date",
        "colour",
        "lines.0.quantity",
        "lines.1.item_id",
        "lines.1.quantity",
    }
    assert found["lines.0.quantity"] == "Enter more than 0."
    assert found["business_date"] == "Enter a date, such as 2026-11-30."


def test_hostile_input_is_refused_and_never_breaks_the_app(people: People, shop: dict) -> None:
    sales = people["sales"]
    headers = {"X-CSRF-Token": sales.csrf, "Idempotency-Key": "hostile", "Content-Type": "application/json"}
    for content in (
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"company": NaN}',
        b"[" * 100_000,
        b'{"company": "DEMO", "name": "a\\u0000b"}',
        b'{"company": "DEMO", "name": "\\ud800"}',
        b'{"company": "D\\u0000", "name": "x"}',
        b'{"company": "DEMO", "name": "x", "payment_days": 1' + b"0" * 5000 + b"}",
        b'{"company": "DEMO", "name": "x", "credit_limit": "1e400000"}',
        b'{"company": "DEMO", "name": "x", "credit_limit": "99999999999999999999"}',
        b'{"company": "DEMO", "name": {"$ne": 1}}',
    ):
        answer = sales.browser.post("/api/crm/register_customer", content=content, headers=headers)
        assert 400 <= answer.status_code < 500, (content[:60], answer.status_code, answer.text[:200])
        assert answer.headers["content-type"] == "application/problem+json"
    large = sales.command("erp", "confirm_sales_order", id=2**62, version=1)
    problem(large, 404)
    problem(sales.command("erp", "confirm_sales_order", id=2**70, version=1), 422)
    problem(sales.get("/api/erp/sales_orders/99999999999999999999999"), 422)
    problem(sales.get("/api/erp/sales_orders/77"), 404)
    problem(sales.get("/api/erp/nothing"), 404)
    problem(sales.browser.delete("/api/erp/sales_orders"), 405)


def test_nobody_gets_in_without_a_session_nor_changes_anything_without_its_token(
    app: FastAPI, people: People, shop: dict
) -> None:
    stranger = TestClient(app, base_url="http://localhost:8000")
    problem(stranger.get("/api/erp/sales_orders"), 401)
    problem(stranger.post("/api/erp/enter_sales_order", json={}, headers={"Idempotency-Key": "x"}), 401)
    sales = people["sales"].browser
    problem(sales.post("/api/erp/enter_sales_order", json=order_body(shop), headers={"Idempotency-Key": "x"}), 403)
    without_key = sales.post(
        "/api/erp/enter_sales_order", json=order_body(shop), headers={"X-CSRF-Token": people["sales"].csrf}
    )
    assert "Idempotency-Key" in problem(without_key, 422)["fields"] or "idempotency-key" in without_key.json()["fields"]


def test_who_lacks_the_right_neither_reads_nor_runs(people: People, shop: dict) -> None:
    problem(people["hr"].get("/api/erp/sales_orders"), 403)
    problem(people["warehouse"].command("erp", "enter_sales_order", **order_body(shop)), 403)
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    problem(people["hr"].get(f"/api/erp/sales_orders/{order['id']}"), 403)


def test_openapi_names_every_command_with_its_fields_and_refusals(app: FastAPI, people: People) -> None:
    from operational_app.core.command import COMMANDS

    described = people["sales"].get("/openapi.json").json()
    for command in COMMANDS.values():
        entry = described["paths"][f"/api/{command.module}/{command.name}"]["post"]
        assert {"200", "401", "403", "404", "409", "422"} <= set(entry["responses"])
        assert "application/problem+json" in entry["responses"]["422"]["content"]
        assert any(p["name"] == "Idempotency-Key" and p["required"] for p in entry["parameters"])
        assert entry["security"]
    order = described["components"]["schemas"]["EnterSalesOrderRequest"]
    assert set(order["required"]) >= {"customer_id", "business_date", "lines", "company"}
    assert described["components"]["schemas"]["OrderLine"]["properties"]["quantity"]["type"] == "string"
    assert "HTTPValidationError" not in described["components"]["schemas"]
