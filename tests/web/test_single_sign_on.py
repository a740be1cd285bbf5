"""Signing in through the company's identity provider: who comes in, and every way in which nobody does."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

import hub_settings
from operational_app.core import single_sign_on
from tests.conftest import PASSWORD, Store
from tests.web.conftest import People
from tests.web.identity_provider import CLIENT, SECRET
from tests.web.test_second_step import code_of, device, second, stranger

__all__ = ["device"]


class Provider:
    """The provider's program, and what it shall do next."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def shall(self, **control: object) -> None:
        httpx.post(self.issuer + "/control", json=control).raise_for_status()


@pytest.fixture(scope="module")
def running_provider() -> Iterator[Provider]:
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.web.identity_provider"], cwd=hub_settings.ROOT, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    yield Provider(program.stdout.readline().strip())
    program.kill()
    program.wait(60)


@pytest.fixture
def provider(running_provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The installation uses this provider."""
    settings = {"issuer": running_provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "title": "Company"}
    hub_settings.keep_secrets({f"oidc:{name}": value for name, value in settings.items()})
    single_sign_on._known.clear()
    running_provider.shall()
    yield running_provider
    hub_settings.keep_secrets({f"oidc:{name}": None for name in settings})


@pytest.fixture
def lily(store: Store) -> int:
    """The user sales, to whom the way in is opened for lily@company.example."""
    user = {"document": "app_user", "id": store.users["sales"]}
    return store.on("administrator", "allow_external_sign_in", user, email="Lily@Company.example")["id"]


def go_out(browser: TestClient, target: str = "/") -> tuple[str, dict[str, str]]:
    """To the provider's page and back: the address that it leads back to, and what it was asked."""
    answer = browser.get("/sign-in/company", params={"next": target})
    assert answer.status_code == 303, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    back = httpx.get(answer.headers["location"]).headers["location"]
    assert back.startswith("http://localhost:8000/sign-in/company/return?")
    return back, asked


def come_in(browser: TestClient, target: str = "/") -> Response:
    return browser.get(go_out(browser, target)[0])


def refused(answer: Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text and 'name="password"' in answer.text
    assert "hub_session=" not in answer.headers.get("set-cookie", "")


def test_a_verified_address_links_once_and_then_the_subject_counts(
    app: FastAPI, store: Store, provider: Provider, lily: int
) -> None:
    browser = stranger(app)
    assert "Sign in with Company" in browser.get("/sign-in").text
    done = come_in(browser, "/erp/sales_orders")
    assert done.status_code == 303 and done.headers["location"] == "/erp/sales_orders"
    assert browser.get("/api/session").json()["username"] == "sales"
    assert store.rows("SELECT state, subject, issuer FROM core.external_sign_in") == [
        ("linked", "person 1", provider.issuer)
    ]
    # The address may change at the provider, the subject does not.
    provider.shall(claims={"email": "lily.wang@company.example", "email_verified": False})
    assert come_in(stranger(app)).status_code == 303
    # Somebody else with the address that Lily had is not Lily.
    provider.shall(claims={"sub": "person 2"})
    refused(come_in(stranger(app)), 403, "Nobody here comes in as lily@company.example")
    assert store.value("SELECT count(*) FROM core.change_log WHERE table_name = 'external_sign_in'") == 2


def test_what_is_asked_of_the_provider_is_bound_to_this_browser_and_this_try(app: FastAPI, provider: Provider) -> None:
    _back, first = go_out(stranger(app))
    _back, again = go_out(stranger(app))
    assert first["response_type"] == "code" and first["code_challenge_method"] == "S256"
    assert all(first[name] != again[name] and len(first[name]) > 20 for name in ("state", "nonce", "code_challenge"))


def test_nobody_becomes_a_user_by_it_and_nobody_disabled_comes_back(
    app: FastAPI, store: Store, provider: Provider
) -> None:
    refused(come_in(stranger(app)), 403, "Nobody here comes in as")
    user = {"document": "app_user", "id": store.users["sales"]}
    store.on("administrator", "allow_external_sign_in", user, email="lily@company.example")
    provider.shall(claims={"email_verified": False})
    refused(come_in(stranger(app)), 403, "Nobody here comes in as")
    provider.shall(claims={"email_verified": "true"})
    refused(come_in(stranger(app)), 403, "Nobody here comes in as")
    provider.shall()
    browser = stranger(app)
    assert come_in(browser).status_code == 303
    store.on("administrator", "end_external_sign_in", {"document": "external_sign_in", "id": 1})
    assert browser.get("/api/session").status_code == 401, "its sessions end with it"
    refused(come_in(stranger(app)), 403, "Nobody here comes in as")
    store.on("administrator", "allow_external_sign_in", user, email="lily@company.example")
    store.on("administrator", "disable_user", user)
    refused(come_in(stranger(app)), 403, "Nobody here comes in as")


@pytest.mark.parametrize(
    "control",
    [
        {"signed": "not"},
        {"signed": "by another"},
        {"signed": "with the public key"},
        {"claims": {"nonce": "of another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another client"}},
        {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"exp": int(time.time()) - 3600}},
        {"claims": {"exp": None}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"claims": {"iat": int(time.time()) + 86400}},
    ],
    ids=lambda control: re.sub(r"\d{9,}", "moment", str(control)),
)
def test_a_token_that_is_not_good_opens_nothing(
    app: FastAPI, store: Store, provider: Provider, lily: int, control: dict
) -> None:
    provider.shall(**control)
    refused(come_in(stranger(app)), 502, "did not vouch for you")
    assert store.value("SELECT count(*) FROM core.user_session WHERE user_id = %s", store.users["sales"]) == 0


def test_a_return_without_its_beginning_or_a_second_time_opens_nothing(
    app: FastAPI, store: Store, provider: Provider, lily: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    back, _asked = go_out(stranger(app))
    refused(stranger(app).get(back), 400, "begun in another window")
    browser = stranger(app)
    _mine, _asked = go_out(browser)
    refused(browser.get(back), 400, "begun in another window")
    back, _asked = go_out(browser)
    assert browser.get(back).status_code == 303
    refused(browser.get(back), 400, "begun in another window")
    forged = stranger(app)
    back, _asked = go_out(forged)
    said, _dot, seal = forged.cookies["hub_sign_in"].partition(".")
    forged.cookies.set("hub_sign_in", said[:-4] + "AAAA." + seal, domain="localhost.local", path="/sign-in/company")
    refused(forged.get(back), 400, "begun in another window")
    late = stranger(app)
    back, _asked = go_out(late)
    now = time.time()
    monkeypatch.setattr("operational_app.core.single_sign_on.time.time", lambda: now + 601)
    refused(late.get(back), 400, "took too long")


def test_what_the_provider_refuses_or_when_it_is_away_is_told_in_one_sentence(
    app: FastAPI, provider: Provider, lily: int
) -> None:
    provider.shall(error="access_denied")
    refused(come_in(stranger(app)), 502, "did not vouch for you: access_denied")
    provider.shall(error="<script>alert(1)</script>")
    refused(come_in(stranger(app)), 502, "it gave no reason")
    hub_settings.keep_secrets({"oidc:client_secret": "another"})
    provider.shall()
    refused(come_in(stranger(app)), 502, "invalid_client")
    single_sign_on._known.clear()
    provider.shall(issuer="https://elsewhere.example")
    refused(stranger(app).get("/sign-in/company"), 502, "does not belong to this issuer")
    provider.shall(down=True)
    refused(stranger(app).get("/sign-in/company"), 503, "does not answer")
    hub_settings.keep_secrets({"oidc:issuer": "http://company.example"})
    refused(stranger(app).get("/sign-in/company"), 502, "not https")


def test_the_sign_in_here_remains_and_the_second_step_too(
    app: FastAPI, provider: Provider, lily: int, device: dict
) -> None:
    browser = stranger(app)
    page = come_in(browser, "/erp/items")
    assert page.status_code == 200 and "hub_session=" not in page.headers.get("set-cookie", "")
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    done = second(browser, ticket, code_of(device["key"]), next="/erp/items")
    assert done.status_code == 303 and browser.get("/api/session").json()["username"] == "sales"
    buyer = stranger(app)
    assert buyer.post("/sign-in", data={"username": "buyer", "password": PASSWORD}).status_code == 303


def test_without_a_provider_there_is_no_such_way(app: FastAPI, people: People) -> None:
    assert "Sign in with" not in stranger(app).get("/sign-in").text
    refused(stranger(app).get("/sign-in/company"), 404, "no company sign-in")


def test_one_address_is_one_user(store: Store, lily: int) -> None:
    from operational_app.core.errors import InvalidInput

    with pytest.raises(InvalidInput) as refusal:
        store.on(
            "administrator",
            "allow_external_sign_in",
            {"document": "app_user", "id": store.users["buyer"]},
            email="lily@company.example",
        )
    assert "email" in refusal.value.fields
