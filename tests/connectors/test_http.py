"""A service with an HTTP API as a source: a real server process over loopback, which fails as servers do."""

import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.base import Source, SourceError, TableData, open_source
from connectors.http import client
from pipelines import lake, load, sources

NAME = "test_http"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = tmp_path_factory.mktemp("service") / "port"
    program = Path(__file__).with_name("service.py")
    with subprocess.Popen([sys.executable, str(program), str(port)], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not (port.exists() and port.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port.read_text()}"
        process.terminate()


def order(number: int, **values: Any) -> dict[str, Any]:
    return {"id": number, "changed": f"2026-01-{number:02}T00:00:00Z", "amount": f"#{number}.10#"} | values


def put(address: str, orders: list[dict[str, Any]], *failures: str) -> None:
    httpx.post(f"{address}/_set", json={"orders": orders, "failures": list(failures), "token": "t0ken"})


def asked(address: str) -> list[Any]:
    return httpx.post(f"{address}/_asked").json()


def source(address: str, endpoint: dict[str, Any], table: dict[str, Any] | None = None, **options: Any) -> Source:
    endpoints = {"orders": {"path": "/orders", "records": "data.items"} | endpoint}
    settings = {"endpoints": endpoints, "retry": {"first_wait": 0.05}, "tables": {"orders": table or {"key": ["id"]}}}
    return Source(NAME, "http", address, settings | options)


def read(one: Source, state: Any = None) -> tuple[TableData, list[tuple]]:
    connector = open_source(one)
    [ref] = connector.tables()
    with lake.session() as con:
        data = connector.read(con, ref, state)
        names = ", ".join(f'"{column.name}"' for column in data.columns)
        return data, con.sql(f"SELECT {names} FROM ({data.relation.sql_query()})").fetchall()


PAGING = [
    {"by": "page", "param": "page", "size_param": "size", "size": 4},
    {"by": "offset", "param": "offset", "size_param": "size", "size": 4},
    {"by": "page", "param": "page", "size_param": "size", "size": 4, "more": "more"},
    {"by": "cursor", "param": "after", "next": "next", "size_param": "size", "size": 4},
    {"by": "link", "size_param": "size", "size": 4},
]


@pytest.mark.parametrize("paging", PAGING, ids=lambda paging: paging["by"] + paging.get("more", ""))
@pytest.mark.parametrize("count", [0, 4, 9])
def test_every_page_is_read_whatever_the_way(address: str, paging: dict[str, Any], count: int) -> None:
    put(address, [order(number) for number in range(1, count + 1)])
    data, rows = read(source(address, {"paging": paging, "total": "total"}))
    assert data.complete and len(rows) == count
    if count:
        assert [(column.name, column.type) for column in data.columns] == [
            ("id", "BIGINT"), ("changed", "VARCHAR"), ("amount", "DECIMAL(18,2)"),
        ]  # fmt: skip
        assert rows[-1] == (count, f"2026-01-{count:02}T00:00:00Z", Decimal(f"{count}.10"))


@pytest.mark.parametrize("failure", ["500", "503", "reset", "half", "no json", "429", "429 date"])
def test_what_passes_by_itself_is_asked_again(address: str, failure: str) -> None:
    put(address, [order(number) for number in range(1, 10)], "ok", failure, failure)
    begin = time.monotonic()
    _data, rows = read(source(address, {"paging": PAGING[0]}))
    assert [row[0] for row in rows] == list(range(1, 10))
    assert not failure.startswith("429") or time.monotonic() - begin > 0.8


def test_what_does_not_pass_is_told_in_a_sentence_and_soon(address: str) -> None:
    put(address, [], "404")
    with pytest.raises(SourceError, match="/orders answers 404: .*no such thing"):
        read(source(address, {}))
    put(address, [], *["503"] * 10)
    with pytest.raises(SourceError, match="did not answer in 3 attempts: status 503. Try again later"):
        read(source(address, {}, retry={"attempts": 3, "first_wait": 0.01}))
    assert len(asked(address)) == 3
    with pytest.raises(SourceError, match="did not answer"):
        read(source("http://127.0.0.1:9", {}, retry={"attempts": 2, "first_wait": 0.01}))
    put(address, [order(1)])
    with pytest.raises(SourceError, match="no list of records at “total”"):
        read(source(address, {"records": "total"}))


def test_the_pace_is_kept(address: str) -> None:
    put(address, [order(number) for number in range(1, 10)])
    read(source(address, {"paging": PAGING[0]}, rate=10))
    moments = [moment for _path, _query, moment in asked(address)]
    # Two pauses of a tenth of a second; a request that arrives late itself makes the next one seem early.
    assert len(moments) == 3 and moments[-1] - moments[0] > 0.15


@pytest.mark.parametrize(
    "auth",
    [
        {"by": "bearer"},
        {"by": "header", "name": "Authorization", "scheme": "Bearer"},
        {"by": "login", "path": "/login", "body": {"user": "hub", "password": "{password}"}, "token": "data.token"},
        {"by": "oauth2", "path": "/token", "client_id": "hub"},
    ],
    ids=lambda auth: auth["by"],
)
def test_each_way_of_signing_in(address: str, auth: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    put(
        address, [order(number) for number in range(1, 10)], *(["ok", "ok", "expired"] if auth["by"] == "login" else [])
    )
    one = source(address, {"path": "/private/orders", "paging": PAGING[0]}, auth=auth)
    with pytest.raises(SourceError, match="needs the secret .*: set HUB_SOURCE_TEST_HTTP_"):
        read(one)
    for what, value in (("TOKEN", "t0ken"), ("PASSWORD", "s3cret"), ("CLIENT_SECRET", "s3cret")):
        monkeypatch.setenv(f"HUB_SOURCE_TEST_HTTP_{what}", value)
    assert len(read(one)[1]) == 9
    monkeypatch.setenv("HUB_SOURCE_TEST_HTTP_TOKEN", "wrong")
    monkeypatch.setenv("HUB_SOURCE_TEST_HTTP_PASSWORD", "wrong")
    monkeypatch.setenv("HUB_SOURCE_TEST_HTTP_CLIENT_SECRET", "wrong")
    with pytest.raises(SourceError, match="40[013]"):
        read(one)


def test_nested_objects_become_columns_and_lists_a_table_of_their_own(address: str) -> None:
    lines = [{"item": "007", "price": "#0.1234567890123456789#"}, {"item": "008", "price": "#1e2#"}]
    put(address, [order(1, customer={"name": "茶", "vip": True}, lines=lines), order(2, lines=[])])
    data, rows = read(source(address, {}))
    assert [column.name for column in data.columns] == [
        "id",
        "changed",
        "amount",
        "customer_name",
        "customer_vip",
        "lines",
    ]
    assert rows[0][3:] == ("茶", True, '[{"item":"007","price":0.1234567890123456789},{"item":"008","price":100}]')
    data, rows = read(source(address, {"each": "lines", "keep": {"order_id": "id"}}, {"key": ["order_id", "item"]}))
    assert [(column.name, column.type) for column in data.columns] == [
        ("order_id", "BIGINT"), ("item", "VARCHAR"), ("price", "DECIMAL(38,19)"),
    ]  # fmt: skip
    assert rows == [(1, "007", Decimal("0.1234567890123456789")), (1, "008", Decimal("100"))]


def test_an_api_that_is_all_posts_is_a_configuration_too(address: str) -> None:
    put(address, [order(number) for number in range(1, 10)])
    body = {"method": "order.search_read", "params": [[["changed", ">=", "{since}"]], "{offset}", "{limit}"]}
    one = source(
        address,
        {"path": "/rpc", "method": "POST", "body": body, "records": "result", "since": {"first": "2000"},
         "paging": {"by": "offset", "size": 4}},
        {"key": ["id"], "incremental": "cursor", "cursor": "changed", "lookback": "1 day"},
    )  # fmt: skip
    data, rows = read(one)
    assert (data.complete, len(rows), data.state) == (True, 9, {"cursor": "2026-01-09T00:00:00Z", "kind": "VARCHAR"})
    data, rows = read(one, data.state)
    assert not data.complete and [row[0] for row in rows] == [8, 9]


def test_pages_that_shift_loop_or_lead_away_do_no_harm(address: str) -> None:
    put(address, [order(1), order(2), order(2, amount="#7.00#"), order(3)])
    _data, rows = read(source(address, {}))
    assert [(row[0], row[2]) for row in rows] == [(1, Decimal("1.10")), (2, Decimal("7.00")), (3, Decimal("3.10"))]
    put(address, [order(number) for number in range(1, 9)])
    with pytest.raises(SourceError, match="two pages are the same: see its paging"):
        read(source(address, {"paging": {"by": "page", "param": "ignored", "size_param": "size", "size": 4}}))
    with pytest.raises(SourceError, match="leads to another service"):
        read(source(address, {"path": "/away", "records": "items", "paging": {"by": "link", "next": "next"}}))


def test_a_count_that_does_not_agree_stops_the_load(address: str) -> None:
    put(address, [order(number) for number in range(1, 10)])
    with pytest.raises(SourceError, match="4 records came and the service counts 9"):
        read(source(address, {"total": "total", "params": {"size": 4}}))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"endpoints": {}}, "needs endpoints"),
        ({"endpoints": {"a": {"path": "/a", "pages": 1}}}, "endpoint a: it needs a path"),
        ({"endpoints": {"a": {"path": "/a"}}, "auth": {"by": "magic"}}, "auth: by is one of"),
        ({"endpoints": {"a": {"path": "/a"}}, "tables": {"a": {"deletes": "sweep"}}}, "read whole or by a cursor"),
        ({"endpoints": {"a": {"path": "/a"}}, "defaults": {"incremental": "cursor", "cursor": "x"}}, "needs a key, and {since}"),
        ({"endpoints": {"a": {"path": "/a"}}, "tables": {"b": {}}}, "Options name b"),
        ({"endpoints": {"a": {"path": "/a"}}, "speed": 1}, "has no option speed"),
    ],
)  # fmt: skip
def test_a_configuration_that_is_wrong_is_refused_before_anything_is_asked(
    settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence):
        open_source(Source(NAME, "http", "https://api.example", settings)).tables()


def test_it_arrives_in_the_lake_and_goes_on_from_the_cursor(address: str, hub_server: object) -> None:
    lake.create()
    put(address, [order(number, gone=False) for number in range(1, 10)], "503")
    one = source(
        address, {"params": {"since": "{since}"}, "paging": PAGING[1]},
        {"key": ["id"], "incremental": "cursor", "cursor": "changed", "lookback": "2 days", "deletes": "flag", "flag": "gone"},
    )  # fmt: skip
    sources.add(NAME, "http", address, dict(one.options))
    try:
        [first] = load.load_source(NAME)
        assert (first.inserted, first.rows_after) == (9, 9)
        put(address, [order(8, amount="#0.5#"), order(9, gone=True), order(10, amount="#100#")])
        [second] = load.load_source(NAME)
        assert (second.inserted, second.updated, second.deleted, second.rows_after) == (1, 1, 1, 9)
        assert asked(address)[0][1]["since"] == "2026-01-07T00:00:00Z"
        put(address, [])
        [third] = load.load_source(NAME)
        assert (third.inserted, third.updated, third.deleted, third.rows_after) == (0, 0, 0, 9)
    finally:
        sources.remove(NAME, drop_tables=True)


def test_words_are_filled_in_and_keep_their_type() -> None:
    words = {"since": "2026", "offset": 5}
    assert client.fill({"a": ["{offset}", "from {since}"], "b": 1}, words) == {"a": [5, "from 2026"], "b": 1}
