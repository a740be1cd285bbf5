"""The second step of the sign-in: set up, asked for, recovered from, taken away."""

import time

import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from operational_app.core import totp
from tests.conftest import PASSWORD, Store
from tests.web.conftest import People
from tests.web.test_api import problem


def code_of(key: str, later: int = 0) -> str:
    return totp.hotp(totp.decoded(key), int(time.time()) // totp.STEP_SECONDS + later)


@pytest.fixture
def device(people: People) -> dict:
    """Sales has a device: its key, and recovery codes."""
    begun = people["sales"].command("core", "begin_second_factor").json()
    key = begun["shown_once"]["device_key"]
    wrong = people["sales"].command(
        "core", "confirm_second_factor", id=begun["id"], version=begun["version"], code="000000x"
    )
    assert "code" in problem(wrong, 422)["fields"]
    # The step before the present one, so that the present one's code is still unused.
    proved = people["sales"].command(
        "core", "confirm_second_factor", id=begun["id"], version=begun["version"], code=code_of(key, -1)
    )
    assert proved.status_code == 200, proved.text
    return {"key": key, "codes": proved.json()["shown_once"]["recovery_codes"].split(), **proved.json()}


def stranger(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://localhost:8000", follow_redirects=False)


def password_step(browser: TestClient, target: str = "/") -> str:
    """Sends the password; the ticket that the page of the second step holds."""
    answer = browser.post("/sign-in", data={"username": "sales", "password": PASSWORD, "next": target})
    assert answer.status_code == 200 and "set-cookie" not in answer.headers
    return answer.text.split('name="ticket" value="')[1].split('"')[0]


def second(browser: TestClient, ticket: str, code: str, **more: str) -> Response:
    return browser.post("/sign-in/second", data={"ticket": ticket, "code": code, **more})


def test_the_password_alone_opens_nothing_and_a_code_opens_once(app: FastAPI, device: dict) -> None:
    browser = stranger(app)
    ticket = password_step(browser, "/erp/sales_orders")
    assert browser.get("/api/session").status_code == 401
    wrong = second(browser, ticket, "123")
    assert wrong.status_code == 401 and "not right" in wrong.text
    code = code_of(device["key"])
    done = second(browser, ticket, code, next="/erp/sales_orders")
    assert done.status_code == 303 and done.headers["location"] == "/erp/sales_orders"
    assert browser.get("/api/session").json()["username"] == "sales"
    other = stranger(app)
    assert second(other, password_step(other), code).status_code == 401, "a code that was used"


def test_a_recovery_code_works_once_and_is_kept_as_a_hash(app: FastAPI, store: Store, device: dict) -> None:
    browser = stranger(app)
    assert second(browser, password_step(browser), device["codes"][3].upper()).status_code == 303
    assert second(stranger(app), password_step(stranger(app)), device["codes"][3]).status_code == 401
    assert second(stranger(app), password_step(stranger(app)), device["codes"][4]).status_code == 303
    kept = store.value("SELECT recovery_hashes::text FROM core.second_factor")
    assert len(device["codes"]) == 10 and not any(code in kept for code in device["codes"])


def test_codes_cannot_be_tried_without_end_not_even_with_the_password(app: FastAPI, device: dict) -> None:
    browser = stranger(app)
    statuses = []
    for _try in range(7):
        answer = browser.post("/sign-in", data={"username": "sales", "password": PASSWORD})
        if answer.status_code == 200:
            ticket = answer.text.split('name="ticket" value="')[1].split('"')[0]
            answer = second(browser, ticket, "000000")
        statuses.append(answer.status_code)
    assert statuses[-1] == 429 and set(statuses[:5]) == {401}


def test_a_ticket_that_is_forged_or_old_leads_back_to_the_beginning(
    app: FastAPI, people: People, store: Store, device: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = stranger(app)
    ticket = password_step(browser)
    code = code_of(device["key"])
    row_id, until, seal = ticket.split(".")
    for forged in (
        f"{store.users['hr']}.{until}.{seal}",
        f"{row_id}.{int(until) + 9}.{seal}",
        "",
        "x.y.z",
        "１.２.３",
        ".",
    ):
        answer = second(browser, forged, code)
        assert answer.status_code == 401 and 'name="password"' in answer.text
    now = time.time()
    monkeypatch.setattr("operational_app.core.identity.time.time", lambda: now + 301)
    assert 'name="password"' in second(browser, ticket, code).text


def test_it_is_switched_off_with_a_code_or_taken_away_by_an_administrator(
    app: FastAPI, people: People, store: Store, device: dict
) -> None:
    problem(people["hr"].command("core", "end_second_factor", id=device["id"], version=2, code=device["codes"][0]), 404)
    item = people["sales"].get("/api/core/second_factors").json()["items"][0]
    assert item["state"] == "active" and not {"secret", "recovery_hashes", "last_step"} & set(item)
    sent = {"id": item["id"], "version": item["version"]}
    problem(people["sales"].command("core", "end_second_factor", **sent, code="000000"), 422)
    problem(people["sales"].command("core", "begin_second_factor"), 409)
    done = people["sales"].command("core", "end_second_factor", **sent, code=device["codes"][0])
    assert done.status_code == 200, done.text
    assert stranger(app).post("/sign-in", data={"username": "sales", "password": PASSWORD}).status_code == 303
    begun = people["sales"].command("core", "begin_second_factor").json()
    key = begun["shown_once"]["device_key"]
    assert key != device["key"]
    sent = {"id": begun["id"], "version": begun["version"]}
    people["sales"].command("core", "confirm_second_factor", **sent, code=code_of(key))
    password_step(stranger(app))
    store.on("administrator", "reset_second_factor", {"document": "app_user", "id": store.users["sales"]})
    assert stranger(app).post("/sign-in", data={"username": "sales", "password": PASSWORD}).status_code == 303


def test_a_key_that_was_not_proved_is_not_asked_for_and_no_log_has_it(
    app: FastAPI, people: People, store: Store
) -> None:
    page = people["sales"].send("/do/begin_second_factor", key="b")
    assert page.status_code == 200 and "otpauth://totp/Pentahub:sales" in page.text
    key = store.value("SELECT secret FROM core.second_factor")
    assert key in page.text
    for table in ("change_log", "idempotency_key"):
        assert store.value(f"SELECT count(*) FROM core.{table} t WHERE t::text LIKE %s", f"%{key}%") == 0
    assert stranger(app).post("/sign-in", data={"username": "sales", "password": PASSWORD}).status_code == 303
