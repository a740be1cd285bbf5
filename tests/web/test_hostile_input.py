"""Whatever is sent to whatever endpoint: an answer of ours, never a broken app.

Each command gets plausible bodies in which one value is replaced by a hostile one. A seeded sample runs always, all of
them with --long.
"""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from operational_app.core.command import COMMANDS
from operational_app.core.document import DOCUMENTS
from operational_app.web import schemas
from tests.web.conftest import DAY, People

SAMPLE = 300
HOSTILE: list[Any] = [
    None,
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "'; DROP TABLE core.company; --",
    "9" * 400,
    "-0.0000001",
    "1e30",
    "NaN",
    "Infinity",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "𝟙𝟚",
    "{company}",
    "%s%(x)s",
    0,
    -1,
    2**31,
    2**63 - 1,
    2**63,
    2**200,
    1.5,
    True,
    [],
    [None],
    {},
    {"a": [1]},
    [[]] * 50,
    "x" * 100_000,
]


def plausible(schema: dict[str, Any], definitions: dict[str, Any], name: str = "") -> Any:
    """A value that the schema allows, as far as it says."""
    if "$ref" in schema:
        return plausible(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    if "anyOf" in schema:
        return plausible(schema["anyOf"][0], definitions, name)
    kind = schema.get("type")
    if kind == "object":
        return {n: plausible(s, definitions, n) for n, s in schema.get("properties", {}).items()}
    if kind == "array":
        return [plausible(schema["items"], definitions)]
    if kind == "integer":
        return 2026 if name == "year" else 1
    if kind == "boolean":
        return True
    if schema.get("format") == "date":
        return DAY
    if "x-kind" in schema:
        return "1"
    return {"company": "DEMO", "vat_code": "S13", "unit": "PCS", "currency": "CNY"}.get(name, "plausible")


def with_each_replaced(value: Any, hostile: Any) -> Iterator[Any]:
    """Copies of a body, in each of which one value at any depth is the hostile one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {**value, name: hostile}
            for changed in with_each_replaced(inner, hostile):
                yield {**value, name: changed}
    elif isinstance(value, list):
        for changed in with_each_replaced(value[0], hostile):
            yield [changed]


@pytest.fixture
def bodies(request: pytest.FixtureRequest) -> list[tuple[str, Any]]:
    found = []
    for name, command in sorted(COMMANDS.items()):
        schema = schemas.request_of(command).model_json_schema()
        body = plausible(schema, schema.get("$defs", {}))
        found += [(name, changed) for hostile in HOSTILE for changed in with_each_replaced(body, hostile)]
    chosen = random.Random(20261124)
    return found if request.config.getoption("--long") else chosen.sample(found, SAMPLE)


def test_no_body_breaks_a_command(people: People, shop: dict, bodies: list[tuple[str, Any]]) -> None:
    who = ("sales", "accountant", "warehouse", "buyer", "hr", "operator")
    for number, (name, body) in enumerate(bodies):
        command = COMMANDS[name]
        may = [user for user in who if user in people.able(command)] or ["sales"]
        answer = people[may[0]].command(command.module, name, key=f"hostile {number}", **body)
        assert answer.status_code < 500, (name, str(body)[:300], answer.text[:300])
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


def test_no_address_breaks_a_list(people: People, shop: dict, request: pytest.FixtureRequest) -> None:
    texts = [value for value in HOSTILE if isinstance(value, str) and len(value) < 1000]
    names = ("q", "state", "company", "sort", "cursor", "limit", "id", "recorded_at", "number")
    tried = [
        (prefix + f"/{document.module}/{document.path}", {name: text.encode("utf-8", "replace").decode()})
        for document in DOCUMENTS.values() for name in names for text in texts for prefix in ("/api", "")
    ]  # fmt: skip
    if not request.config.getoption("--long"):
        tried = random.Random(20261124).sample(tried, 3 * SAMPLE)
    for address, sent in tried:
        answer = people["accountant"].get(address, **sent)
        assert answer.status_code < 500, (address, sent, answer.text[:300])
