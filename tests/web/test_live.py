"""Open pages hear at once that something changed: only whose business it is, with one line to the store a process."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Store
from tests.faults.served_app import Clerk, ServedApp, clerk
from tests.web.conftest import HOME_OF_ASSETS


@pytest.fixture
def served(store: Store, tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(HOME_OF_ASSETS, tmp_path)
    app.start()
    yield app
    app.end()


class Page:
    """An open page of somebody: what it has heard."""

    def __init__(self, one: Clerk, document: str = "") -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", one.app.port, timeout=60)
        self.line.request("GET", f"/live?document={document}", headers={"Cookie": f"hub_session={one.cookie}"})
        self.sock = self.line.sock
        self.answer = self.line.getresponse()
        self.heard: list[str] = []
        if self.answer.status == 200:
            assert self.answer.readline().startswith(b"retry")
            threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while line := self.answer.readline():
                if line.startswith(b"event: "):
                    self.heard.append(line[7:].strip().decode())
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            self.heard.append("lost")

    def hears(self, what: str, seconds: float = 15) -> bool:
        end = time.monotonic() + seconds
        while what not in self.heard and time.monotonic() < end:
            time.sleep(0.05)
        return what in self.heard


def comment(store: Store, customer: dict, words: str) -> None:
    store.run("sales", "comment_on_document", document_type="customer", document_id=customer["id"], text=words)


def test_the_bell_rings_for_whom_it_is_and_a_list_for_who_may_read_it(store: Store, served: ServedApp) -> None:
    customer = store.run("sales", "register_customer", name="Café")
    accountant, sales, hr = (clerk(served, store, role, role) for role in ("accountant", "sales", "hr"))
    of_accountant, of_sales, of_hr = Page(accountant), Page(sales, "customer"), Page(hr, "customer")
    time.sleep(1)
    comment(store, customer, "@accountant please look")
    assert of_accountant.hears("bell")
    store.run("sales", "register_customer", name="Nordwind")
    assert of_sales.hears("list")
    assert of_accountant.heard.count("list") == 0, "it shows no list"
    assert of_hr.heard == [], "hr may read no customers, and nobody called"
    assert "bell" not in of_sales.heard


def test_many_pages_are_one_line_to_the_store_and_none_is_none(store: Store, served: ServedApp) -> None:
    people = [clerk(served, store, role, role) for role in ("accountant", "sales", "buyer", "planner")]
    before = connections(store)
    pages = [Page(one, "item") for one in people for _tab in range(3)]
    assert all(page.answer.status == 200 for page in pages)
    time.sleep(1)
    store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    assert all(page.hears("list") for page in pages)
    assert connections(store) == before + 1
    for page in pages:
        page.sock.shutdown(socket.SHUT_RDWR)
    end = time.monotonic() + 30
    while connections(store) > before and time.monotonic() < end:
        time.sleep(0.2)
    assert connections(store) == before


def connections(store: Store) -> int:
    """Lines of followers: the pool's own never listen."""
    return store.value(
        "SELECT count(*) FROM pg_stat_activity a WHERE datname = current_database() AND usename = 'hub_app' "
        "AND (query LIKE 'LISTEN%%' OR query LIKE '%%max(sequence)%%' OR query LIKE '%%unnest(%%bigint[])%%' "
        "OR query LIKE 'SELECT DISTINCT schema_name%%')"
    )


def test_a_user_has_so_many_streams_and_no_more_and_a_stranger_none(store: Store, served: ServedApp) -> None:
    from operational_app.web.live import MOST_A_USER

    sales = clerk(served, store, "sales", "sales")
    pages = [Page(sales) for _tab in range(MOST_A_USER)]
    assert [page.answer.status for page in pages] == [200] * MOST_A_USER
    assert Page(sales).answer.status == 204
    sales.cookie = "nobody"
    assert Page(sales).answer.status == 303


def test_a_lost_line_to_the_store_is_found_again(store: Store, served: ServedApp) -> None:
    sales = clerk(served, store, "sales", "sales")
    page = Page(sales, "item")
    time.sleep(1)
    store.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE usename = 'hub_app' AND datname = current_database()"
    )
    time.sleep(4)
    store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    assert page.hears("list")
    assert "lost" not in page.heard
