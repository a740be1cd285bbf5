"""Documents as they were at a past moment, on the page and in the API."""

import pytest

from tests.conftest import Store
from tests.web.conftest import DAY, People, order_body
from tests.web.test_api import problem


def test_an_order_and_its_lines_are_seen_as_they_were(people: People, store: Store, shop: dict) -> None:
    sales = people["sales"]
    order = sales.command("erp", "enter_sales_order", **order_body(shop)).json()
    address = f"/erp/sales_orders/{order['id']}"
    confirmed = sales.command("erp", "confirm_sales_order", id=order["id"], version=order["version"]).json()
    people["warehouse"].command(
        "erp", "deliver_sales_order", id=order["id"], version=confirmed["version"], business_date=DAY
    )
    now = sales.get("/api" + address).json()
    assert now["as_of"] is None and now["lines"][0]["quantity_delivered"] == "10"
    entered = now["history"][-1]["recorded_at"]
    then = sales.get("/api" + address, at=entered).json()
    assert set(then) == set(now)
    assert then["state"] == "draft" and then["total_amount"] == "1130" and then["as_of"]
    assert then["lines"][0]["quantity_delivered"] == "0"
    assert [c["command"] for c in then["history"]] == ["enter_sales_order"]
    assert then["commands"] == [] and then["links"] == []
    page = sales.get(address, at=entered).text
    assert "A past state." in page and ">draft<" in page and "/do/confirm_sales_order" not in page
    assert f"{address}?at=" in sales.get(address).text
    latest = sales.get("/api" + address, at=now["history"][0]["recorded_at"]).json()
    for name in set(now) - {"as_of", "commands", "links"}:
        assert latest[name] == now[name], name


def test_lines_that_were_replaced_are_there_again_in_the_past(people: People, store: Store, shop: dict) -> None:
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    address = f"/api/erp/sales_orders/{order['id']}"
    entered = people["sales"].get(address).json()["history"][-1]["recorded_at"]
    # Deleted under the same transaction as a change of the head, as a command that writes the order anew does.
    import psycopg

    import hub_settings

    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute("UPDATE erp.sales_order SET customer_reference = 'new' WHERE id = %s", (order["id"],))
        connection.execute("DELETE FROM erp.sales_order_line WHERE sales_order_id = %s", (order["id"],))
    assert people["sales"].get(address).json()["lines"] == []
    assert people["sales"].get(address, at=entered).json()["lines"][0]["quantity"] == "10"


def test_a_customer_is_called_as_it_was_called_then(people: People, store: Store, shop: dict) -> None:
    customer = shop["customer"]["id"]
    import psycopg

    import hub_settings

    before = people["sales"].get(f"/api/crm/customers/{customer}").json()["history"][-1]["recorded_at"]
    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute("UPDATE core.party SET name = 'Renamed' WHERE name LIKE 'Lily%'")
    assert people["sales"].get(f"/api/crm/customers/{customer}").json()["name"] == "Renamed"
    assert people["sales"].get(f"/api/crm/customers/{customer}", at=before).json()["name"] == "Lily's Café"


def test_what_was_not_there_yet_is_not_found_and_rights_are_those_of_today(
    people: People, store: Store, shop: dict
) -> None:
    order = people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()
    address = f"/api/erp/sales_orders/{order['id']}"
    problem(people["sales"].get(address, at="2020-01-01T00:00:00Z"), 404)
    problem(people["hr"].get(address, at="2099-01-01T00:00:00Z"), 403)
    problem(people["sales"].get("/api/erp/sales_orders/999", at="2099-01-01T00:00:00Z"), 404)
    for who in ("administrator", "sales"):
        token = {"name": "t", "permissions": "read *"}
        made = people["administrator"].command("core", "make_api_token", **token).json()
        answer = people[who].get(f"/api/core/api_tokens/{made['id']}", at="2099-01-01T00:00:00Z")
        assert answer.status_code == (200 if who == "administrator" else 404)


@pytest.mark.parametrize(
    "at", ["yesterday", "2026-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "\x00"]
)
def test_a_moment_that_is_none_is_refused_by_name(people: People, shop: dict, at: str) -> None:
    customer = shop["customer"]["id"]
    assert "at" in problem(people["sales"].get(f"/api/crm/customers/{customer}", at=at), 422)["fields"]
    assert people["sales"].get(f"/crm/customers/{customer}", at=at).status_code == 422
