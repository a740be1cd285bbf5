"""The clerk app for tests: served from a store of its own, with people who sign in to it as they do in a browser."""

import json
import os
from collections.abc import Iterator
from functools import cached_property
from itertools import count

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import text
from starlette.testclient import TestClient

import hub_settings
from operational_app.core.command import Command
from tests.conftest import PASSWORD, Store

# The front-end packages lie where ./hub put them, not in the fresh HUB_HOME that a test run gets.
HOME_OF_ASSETS = str(hub_settings.home())

DAY = "2026-03-02"


@pytest.fixture(scope="session")
def app(hub_server: str) -> FastAPI:
    from operational_app.web import assets
    from operational_app.web.app import create_app

    home = os.environ["HUB_HOME"]
    os.environ["HUB_HOME"] = HOME_OF_ASSETS
    try:
        assets.files()
    finally:
        os.environ["HUB_HOME"] = home
    return create_app()


class Person:
    """Somebody who has signed in, with a browser of their own."""

    def __init__(self, app: FastAPI, username: str) -> None:
        self.browser = TestClient(app, base_url="http://localhost:8000", follow_redirects=False)
        answer = self.browser.post("/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        self.csrf = self.browser.get("/api/session").json()["csrf_token"]
        self.keys = count()

    def get(self, address: str, **values: object) -> Response:
        return self.browser.get(address, params=values or None)

    def command(self, module: str, name: str, /, key: str | None = None, **body: object) -> Response:
        """Run a command by the API."""
        headers = {
            "X-CSRF-Token": self.csrf,
            "Idempotency-Key": key or f"web test {next(self.keys)}",
            "Content-Type": "application/json",
        }
        return self.browser.post(f"/api/{module}/{name}", content=json.dumps(body), headers=headers)

    def send(self, address: str, **fields: str) -> Response:
        """Send a page's form."""
        return self.browser.post(address, data={"csrf": self.csrf, **fields})


@pytest.fixture
def people(app: FastAPI, store: Store) -> Iterator["People"]:
    yield People(app)


class People(dict[str, Person]):
    """Each person signs in when first needed; they are named like their roles."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__()
        self.app = app

    @cached_property
    def grants(self) -> dict[str, set[tuple[str, str]]]:
        """User → (document, command) that one of the user's roles gives."""
        from operational_app.core import db
        from operational_app.core.policy import load_principal

        with db.reading() as session:
            users = session.execute(text("SELECT id FROM core.app_user")).scalars().all()
            principals = [p for user in users if (p := load_principal(session, user)) is not None]
        return {
            p.username: {(entity, name) for entity, name, action in p.grants if action == "execute"} for p in principals
        }

    def able(self, command: Command) -> set[str]:
        """Those who may run a command."""
        wanted = {(command.document.name, command.name), (command.document.name, "*")}
        return {user for user, grants in self.grants.items() if grants & wanted and user != "operator"}

    def __missing__(self, username: str) -> Person:
        self[username] = Person(self.app, username)
        return self[username]


@pytest.fixture
def shop(store: Store) -> dict[str, dict]:
    """A place, an item with 100 pieces at 60.00, and a customer, beside another one."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    chair = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-05",
        reason="opening",
        stock_location_id=place["id"],
        lines=[{"item_id": chair["id"], "quantity": "100", "unit_cost": "60"}],
    )
    customer = store.run("sales", "register_customer", name="Lily's Café", credit_limit="50000")
    store.run("sales", "register_customer", name="Nordwind GmbH")
    return {"place": place, "chair": chair, "customer": customer}


def order_body(shop: dict[str, dict], quantity: str = "10", **more: object) -> dict:
    return {
        "company": "DEMO",
        "customer_id": shop["customer"]["id"],
        "business_date": DAY,
        "stock_location_id": shop["place"]["id"],
        "lines": [{"item_id": shop["chair"]["id"], "quantity": quantity}],
        **more,
    }
