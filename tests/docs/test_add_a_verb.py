"""The code in docs/developers/add-a-verb.md works as it stands there."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import hub_settings
from operational_app.core import event
from operational_app.core.command import COMMANDS
from operational_app.core.errors import Refusal
from tests.conftest import Store

PAGE = hub_settings.ROOT / "docs" / "developers" / "add-a-verb.md"

# What the files that the page edits import already.
IMPORTS = """
from dataclasses import dataclass
from pydantic import Field
from operational_app.core.command import Body, Work, command
from operational_app.core.errors import Refusal
from operational_app.core.event import DomainEvent
from operational_app.core.i18n import _
from operational_app.crm.contacts.models import Customer, customer
"""


@pytest.fixture
def page() -> Iterator[dict[str, Any]]:
    """The names that the page's Python blocks define; the verb is taken back afterwards."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    # The page shows the function first, since it is the point; Python wants what it names before it runs, not before it
    # is defined, except the body that its signature names.
    names: dict[str, Any] = {"__name__": "page"}
    exec(IMPORTS + "\n".join(blocks), names)
    yield names
    COMMANDS.pop("watch_customer")
    event.EVENTS.pop("CustomerWatched")


def allow(store: Store) -> None:
    """Bring the page's policy line into this store, as `hub migrate` would."""
    line = re.search(r"```\n(role,entity.*?)```", PAGE.read_text(), re.S)
    assert line is not None
    values = dict(zip(*(row.split(",") for row in line.group(1).strip().splitlines()), strict=True))

    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute(
            "INSERT INTO core.policy_rule (role_code, entity, field, action, scope) "
            "VALUES (%(role)s, %(entity)s, %(field)s, %(action)s, %(scope)s)",
            values,
        )


def test_the_verb_on_the_page_runs_and_is_recorded(store: Store, page: dict[str, Any]) -> None:
    allow(store)
    made = store.run("sales", "register_customer", name="Lily's Café", payment_days=30)
    assert page["watches"](store, made) == 14
    assert store.value("SELECT payload ->> 'reason' FROM core.event WHERE name = 'CustomerWatched'") == (
        "Paid late three times"
    )
    assert store.value("SELECT actor FROM core.change_log WHERE command = 'watch_customer'") == "accountant"


def test_what_it_refuses_says_what_to_do(store: Store, page: dict[str, Any]) -> None:
    allow(store)
    made = store.run("sales", "register_customer", name="Slow", payment_days=90)
    with pytest.raises(Refusal, match="Agree other terms first"):
        page["watches"](store, made)


def test_without_its_policy_line_nobody_may(store: Store, page: dict[str, Any]) -> None:
    made = store.run("sales", "register_customer", name="Lily's Café")
    with pytest.raises(Refusal, match="Your roles do not allow this"):
        page["watches"](store, made)
