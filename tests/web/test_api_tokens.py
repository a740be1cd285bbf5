"""Programs at the API: tokens that limit, end, are revoked, and are throttled."""

import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

import hub_settings
from operational_app.core import api_tokens
from tests.conftest import Store
from tests.web.conftest import People, order_body
from tests.web.test_api import problem


class Program:
    """A client that has nothing but a token."""

    def __init__(self, app: FastAPI, token: str) -> None:
        self.client = TestClient(app, base_url="http://localhost:8000", headers={"Authorization": f"Bearer {token}"})

    def get(self, address: str) -> Response:
        return self.client.get(address)

    def command(self, module: str, name: str, /, key: str = "k", **body: object) -> Response:
        return self.client.post(f"/api/{module}/{name}", json=body, headers={"Idempotency-Key": key})


def make(people: People, permissions: str, user: str = "sales", **more: object) -> dict:
    answer = people[user].command("core", "make_api_token", name="robot", permissions=permissions, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_token_does_what_it_says_and_nothing_else(app: FastAPI, people: People, store: Store, shop: dict) -> None:
    made = make(people, "read sales_order\nrun enter_sales_order")
    robot = Program(app, made["shown_once"]["token"])
    entered = robot.command("erp", "enter_sales_order", **order_body(shop))
    assert entered.status_code == 200, entered.text
    assert robot.get(f"/api/erp/sales_orders/{entered.json()['id']}").json()["state"] == "draft"
    problem(robot.get("/api/crm/customers"), 403)
    order = entered.json()
    problem(robot.command("erp", "confirm_sales_order", "c", id=order["id"], version=order["version"]), 403)
    assert store.value("SELECT actor FROM core.change_log WHERE table_name = 'sales_order' LIMIT 1") == "sales"
    for address in ("/core/api_tokens", f"/core/api_tokens/{made['id']}", "/core/api_tokens.csv"):
        assert "read sales_order" in people["sales"].get(address).text
    mine = people["sales"].get(f"/api/core/api_tokens/{made['id']}").json()
    assert mine["last_used_at"] and "token_hash" not in mine


def test_a_token_never_adds_to_what_its_user_may(app: FastAPI, people: People, store: Store, shop: dict) -> None:
    refused = problem(
        people["warehouse"].command("core", "make_api_token", name="x", permissions="run enter_sales_order"), 422
    )
    assert "enter_sales_order" in refused["fields"]["permissions"]
    robot = Program(app, make(people, "read *, run *", "warehouse")["shown_once"]["token"])
    problem(robot.command("erp", "enter_sales_order", **order_body(shop)), 403)
    problem(robot.get("/api/finance/journal_entries"), 403)
    # What the user loses, the token loses in the same moment.
    seller = Program(app, make(people, "read *")["shown_once"]["token"])
    assert seller.get("/api/erp/sales_orders").status_code == 200
    store.on("administrator", "take_role", {"document": "app_user", "id": store.users["sales"]}, role="sales")
    problem(seller.get("/api/erp/sales_orders"), 403)


def test_a_token_cannot_make_another_one(app: FastAPI, people: People, store: Store) -> None:
    made = make(people, "read *, run *")
    robot = Program(app, made["shown_once"]["token"])
    problem(robot.command("core", "make_api_token", name="child", permissions="run *"), 403)
    problem(people["sales"].command("core", "make_api_token", name="x", permissions="run make_api_token"), 422)


def test_the_token_is_shown_once_and_kept_nowhere(people: People, store: Store) -> None:
    body = {"name": "robot", "permissions": "read *"}
    first = people["sales"].command("core", "make_api_token", key="same", **body).json()
    token = first["shown_once"]["token"]
    again = people["sales"].command("core", "make_api_token", key="same", **body).json()
    assert "shown_once" not in again and again["id"] == first["id"]
    for table in ("api_token", "idempotency_key", "change_log", "event"):
        assert store.value(f"SELECT count(*) FROM core.{table} t WHERE t::text LIKE %s", f"%{token}%") == 0
    page = people["sales"].send("/do/make_api_token", name="page", permissions="read *", days="30", key="p")
    assert page.status_code == 200 and "hub_" in page.text and 'id="command"' in page.text


def test_an_ended_a_revoked_and_an_invented_token_are_nobody(app: FastAPI, people: People, store: Store) -> None:
    made = make(people, "read *")
    robot = Program(app, made["shown_once"]["token"])
    assert robot.get("/api/session").json()["username"] == "sales"
    assert Program(app, made["shown_once"]["token"] + "x").get("/api/session").status_code == 401
    problem(people["hr"].command("core", "revoke_api_token", id=made["id"], version=made["version"]), 404)
    assert people["hr"].get("/api/core/api_tokens").json()["items"] == []
    done = people["sales"].command("core", "revoke_api_token", id=made["id"], version=made["version"])
    assert done.status_code == 200, done.text
    refused = robot.get("/api/session")
    problem(refused, 401)
    assert refused.headers["www-authenticate"] == "Bearer"
    ended = make(people, "read *", days=1)["shown_once"]["token"]
    with_db(
        store,
        "UPDATE core.api_token SET recorded_at = now() - interval '2 days', expires_at = now() - interval '1 day'",
    )
    problem(Program(app, ended).get("/api/session"), 401)


def with_db(store: Store, sql: str) -> None:
    import psycopg

    import hub_settings

    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute(sql)


def test_a_token_is_for_the_api_only_and_stands_alone(app: FastAPI, people: People) -> None:
    token = make(people, "read *")["shown_once"]["token"]
    page = TestClient(app, base_url="http://localhost:8000", follow_redirects=False).get(
        "/erp/sales_orders", headers={"Authorization": f"Bearer {token}"}
    )
    assert page.status_code == 303 and page.headers["location"].startswith("/sign-in")
    both = people["administrator"].browser.get("/api/session", headers={"Authorization": f"Bearer {token}"})
    assert both.json()["username"] == "sales", "a cookie beside a token adds nothing"


def test_who_asks_too_often_is_told_when_to_come_back(
    app: FastAPI, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = Program(app, make(people, "read *")["shown_once"]["token"])
    monkeypatch.setattr(api_tokens, "TOKEN_RATE", 3)
    answers = [robot.get("/api/session") for _time in range(5)]
    assert [a.status_code for a in answers[:3]] == [200, 200, 200]
    problem(answers[4], 429)
    assert 1 <= int(answers[4].headers["retry-after"]) <= 21
    assert people["sales"].get("/api/session").status_code == 200


def test_a_bucket_fills_with_time_and_one_users_tokens_share_one(store: Store) -> None:
    for _time in range(2):
        api_tokens.take_request([("token", 1, 2), ("user", 9, 3)])
    with pytest.raises(api_tokens.TooManyRequests) as refused:
        api_tokens.take_request([("token", 1, 2), ("user", 9, 3)])
    assert 29 <= refused.value.values["seconds"] <= 31
    api_tokens.take_request([("token", 2, 2), ("user", 9, 3)])
    with pytest.raises(api_tokens.TooManyRequests):
        api_tokens.take_request([("token", 3, 2), ("user", 9, 3)])
    with psycopg.connect(hub_settings.database_url("hub_owner", "store"), autocommit=True) as owner:
        owner.execute("UPDATE core.api_allowance SET counted_at = counted_at - interval '1 minute'")
    api_tokens.take_request([("token", 1, 2), ("user", 9, 3)])


def test_all_workers_count_together(store: Store) -> None:
    """Each thread has a connection of its own, as each worker process has: what they share is the store."""

    def one(_number: int) -> bool:
        try:
            api_tokens.take_request([("token", 1, 10), ("user", 9, 1000)])
        except api_tokens.TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(40))) == 10
    with psycopg.connect(hub_settings.database_url("hub_owner", "store")) as owner:
        (left,) = owner.execute("SELECT requests FROM core.api_allowance WHERE kind = 'user'").fetchone()
    assert 989 <= left <= 991, "what the token's bucket refused was not taken from the user's"


def test_openapi_offers_the_token(people: People) -> None:
    described = people["sales"].get("/openapi.json").json()
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    entry = described["paths"]["/api/erp/enter_sales_order"]["post"]
    assert {"token": []} in entry["security"] and "429" in entry["responses"]
    assert json.dumps(entry)
