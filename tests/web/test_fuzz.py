"""Every endpoint of the published schema, sent what the schema allows and what it does not, as each role.

Whoever sends whatever gets an answer that the schema promises: never a broken app, never a field that the policy hides.
A seeded sample runs always; every endpoint, many times over, with --long. What was sent really happens in the store: so
at the end its standing truths are verified.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.hypothesis.examples import generate_many
from schemathesis.specs.openapi import checks as promised

from operational_app.core.document import DOCUMENTS, Document
from tests.conftest import Store
from tests.web.conftest import DAY, People, Person
from tests.web.test_rights_matrix import ROLES, busy, fields_open_to, scopes

__all__ = ["busy"]

SEED = 20261124
# Endpoints of the sample, and what is sent to each of them.
ENDPOINTS, CASES = 60, 2
LONG_CASES = 12
CHECKS = [
    not_a_server_error,
    promised.status_code_conformance,
    promised.content_type_conformance,
    promised.response_headers_conformance,
    promised.response_schema_conformance,
]
# They would end the sign-ins that the test works with.
ONLY_ON_NOBODY = {
    "disable_user",
    "take_role",
    "set_password",
    "change_own_password",
    "reset_second_factor",
    "end_own_sessions",
    "end_external_sign_in",
}


def near_to_what_is_there(value: Any, chance: random.Random, name: str = "") -> Any:
    """The same body, most of whose references, versions and days are those of rows that exist."""
    if isinstance(value, dict):
        return {key: near_to_what_is_there(inner, chance, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [near_to_what_is_there(inner, chance, name) for inner in value]
    if chance.random() < 0.2:
        return value
    if (name in ("id", "row_id") or name.endswith("_id")) and isinstance(value, int | float):
        return chance.randint(1, 6)
    if name == "version":
        return chance.randint(1, 3)
    if name == "company":
        return "DEMO"
    return DAY if name.endswith("_date") else value


def document_at(path: str) -> Document | None:
    found = [one for one in DOCUMENTS.values() if path.startswith(f"/api/{one.module}/{one.path}")]
    exact = [one for one in found if path.removeprefix(f"/api/{one.module}/{one.path}") in ("", "/{row_id}")]
    return exact[0] if exact else None


def hidden_in(role: str, document: Document, answer: dict[str, Any]) -> set[str]:
    """What an answer shows of a document that the role's rules do not open."""
    open_fields = fields_open_to(role, document)
    rows = answer["items"] if "items" in answer else [answer]
    shown = {name for row in rows for name in row if name in document.fields()}
    shown |= {f["field"] for row in rows for c in row.get("history", []) for f in c["fields"] if not f["where"]}
    hidden = shown - open_fields
    for row in rows:
        others = {link["document"] for link in row.get("links", [])}
        others |= {"journal_entry"} if row.get("postings") else set()
        hidden |= {other for other in others if not scopes(role, other, "*", "read")}
    return hidden


@pytest.fixture(scope="module")
def published(app: FastAPI, request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """The endpoints to try, each with what is sent to it: made once, sent by each role."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    every = sorted((one.ok() for one in schema.get_all_operations()), key=lambda one: one.label)
    long = request.config.getoption("--long")
    chosen = every if long else random.Random(SEED).sample(every, ENDPOINTS)
    yield [(one, generate_many(one.as_strategy(), LONG_CASES if long else CASES)) for one in chosen]


def send(person: Person, made: Any, chance: random.Random, role: str) -> tuple[Any, Any]:
    """The case as this role sends it, and the answer."""
    body, parts = made.body, dict(made.path_parameters)
    if made.operation.path.rsplit("/", 1)[-1] not in ONLY_ON_NOBODY:
        body, parts = near_to_what_is_there(body, chance), near_to_what_is_there(parts, chance)
    headers = {name: value for name, value in made.headers.items() if name != "Authorization"}
    if chance.random() < 0.95:
        headers["X-CSRF-Token"] = person.csrf
    if "Idempotency-Key" in headers and chance.random() < 0.9:
        headers["Idempotency-Key"] = f"fuzz {role} {chance.random()}"
    case = made.operation.Case(
        path_parameters=parts, headers=headers, query=made.query, body=body, media_type=made.media_type
    )
    return case, case.call(cookies=dict(person.browser.cookies))


@pytest.mark.parametrize("role", ROLES)
def test_whatever_a_role_sends_is_answered_as_promised(
    role: str, busy: Store, app: FastAPI, published: list[Any]
) -> None:
    person, chance = People(app)[role], random.Random(f"{SEED} {role}")
    wrong: list[str] = []
    answered: dict[int, int] = {}
    for endpoint, cases in published:
        document = document_at(endpoint.path) if endpoint.method.upper() == "GET" else None
        for made in cases:
            case, answer = send(person, made, chance, role)
            answered[answer.status_code] = answered.get(answer.status_code, 0) + 1
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as failures:
                wrong += [f"{endpoint.label}: {failure}" for failure in failures.exceptions]
            if document is not None and answer.status_code == 200:
                hidden = hidden_in(role, document, answer.json())
                wrong += [f"{endpoint.label}: shows {hidden}"] if hidden else []
    assert wrong == []
    assert 401 not in answered, "the role has to stay signed in, else nothing is tried"
    assert len(answered) > 2, answered


def test_the_books_hold_after_all_that(busy: Store, published: list[Any]) -> None:
    busy.verify()


def test_a_row_that_counts_no_versions_can_be_acted_on(busy: Store, app: FastAPI) -> None:
    """Found by these requests: the accountant could not say which account automatic postings use."""
    bank = busy.value("SELECT id FROM finance.ledger_account WHERE code = '1001'")
    answer = People(app)["accountant"].command(
        "finance", "assign_posting_account", id=bank, version=0, purpose="rounding"
    )
    assert answer.status_code == 200, answer.text
