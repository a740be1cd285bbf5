"""Two dashboards are open while builds run and one of them is killed: no error, and no figure beside one of another day.

Two people look, each signed in for real, in Chromium: one at the overview, one at the rows of its figures. They load
anew, sort, change filters, drill and come back all the while. A script in the page tells every state that the document
ever had, also those that stand for a few milliseconds, and each must be of one publication, whole.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import hub_settings
from dashboards import display
from pipelines import publication
from tests.browser.conftest import address, app, chromium, sign_in  # noqa: F401 - fixtures
from tests.browser.dashboards import serving
from tests.conftest import Store
from tests.faults import builds
from tests.pipelines.conftest import copy_of, trading_template  # noqa: F401 - fixture
from tests.pipelines.trading import sell

SEED = 20261124
SAMPLER = Path(__file__).with_name("sampler.js").read_text()
# Rows of the figure that the second person looks at.
ROWS = "rows?measure=sales_order_amount&of=DEMO&month=2026-03"
REVENUE = ".st-key-card-CNY-revenue [data-testid=stMetricValue]"
# Milliseconds. Builds take the machine while people wait for their pages; an error would be there long before.
PATIENCE = 120_000
ORDERS_TO_OVERVIEW = f"{builds.PART} fct_company_monthly"


class Books:
    """What each publication has to show, told by what was traded before it and by nothing that the warehouse computed."""

    def __init__(self, store: Any) -> None:
        self.ordered = self.invoiced = int(store.value("SELECT sum(quantity) FROM erp.sales_order_line"))
        self.orders = store.value("SELECT count(*) FROM erp.sales_order")
        self.cash = store.value("SELECT sum(amount) FROM finance.receipt_of_money")
        self.of: dict[int, dict[str, Any]] = {}

    def note(self, published: int) -> None:
        """What has been traded so far is what this publication shows. Chairs cost 60 and sell at 100, VAT is 13 %."""
        money = {
            "revenue": 100 * self.invoiced, "margin": 40 * self.invoiced, "sales_order_amount": 113 * self.ordered,
            "cash": self.cash, "receivables": 113 * self.invoiced - self.cash,
        }  # fmt: skip
        figures: dict[str, Any] = {name: Decimal(amount) for name, amount in money.items()}
        self.of.setdefault(published, figures | {"sales_order_count": self.orders, "headcount": None})

    def shows(self, published: int, state: dict[str, Any]) -> bool:
        """Whether all that is written on the page is of this publication."""
        right = self.of[published]
        exact = {name: display.exact(value, money=isinstance(value, Decimal)) for name, value in right.items()}
        cards = all(shown in (None, display.short(right[name])) for name, shown in state["cards"].items())
        month = not state["month"] or state["month"][2:] == [
            exact["revenue"], exact["margin"], "40.0%", exact["sales_order_amount"], exact["sales_order_count"],
            exact["cash"], exact["receivables"], exact["headcount"],
        ]  # fmt: skip
        # Between two pages the rows of the one may stand below the figure of the other for a moment, faded: of one
        # publication they still have to be.
        figures = [exact["sales_order_amount"], exact["revenue"]]
        figure = state["figure"] is None or state["figure"] in [f"{amount} CNY" for amount in figures]
        total = state["sum"] is None or state["sum"] in figures
        return cards and month and figure and total and self._rows_add_up(right, state)

    @staticmethod
    def _rows_add_up(right: dict[str, Any], state: dict[str, Any]) -> bool:
        if state["sum"] is None or not state["amounts"]:
            return True
        added = sum(Decimal(amount.replace(",", "")) for amount in state["amounts"])
        return added in (right["sales_order_amount"], right["revenue"])


class Person:
    """Somebody in front of a page of the dashboards, who never rests."""

    def __init__(self, page: Page, username: str, app_address: str, home: str, path: str, seed: int) -> None:
        self.page, self.home, self.path = page, home, path
        self.states: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.chance = random.Random(seed)
        page.set_default_timeout(PATIENCE)
        page.expose_function("saw", lambda state: self.states.append(json.loads(state)))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        sign_in(page, username, app_address)
        page.add_init_script(SAMPLER)
        self.open()

    def open(self) -> None:
        self.page.goto(f"{self.home}/{self.path}")
        self.look()

    def look(self) -> None:
        self.await_one(".hub-foot")
        self.await_one(f"#figure, {REVENUE}")

    def await_one(self, query: str) -> None:
        # The first: between two pages the elements of both stand there for a moment.
        expect(self.page.locator(query).first).to_be_visible(timeout=PATIENCE)

    def act(self) -> None:
        """Do one thing of those that the page offers now."""
        on_rows = "/rows" in self.page.url
        choices: list[Callable[[], None]] = [self.page.reload, self._newer]
        choices += [self._sort, self._back] if on_rows else [self._drill, self._follow_number, self._narrow]
        self.chance.choice(choices)()
        self.look()

    def _newer(self) -> None:
        if (link := self.page.locator("#newer")).count():
            link.click()
            self.page.wait_for_load_state()
        else:
            self.open()

    def _sort(self) -> None:
        self.page.get_by_text(self.chance.choice(["Largest first", "Newest first"])).click()

    def _back(self) -> None:
        self.page.locator(".st-key-back").get_by_role("link", name="Executive overview").click()
        self.await_one(REVENUE)

    def _drill(self) -> None:
        self.page.locator(".st-key-card-CNY-sales_order_amount").get_by_role("link", name="Rows").click()
        self.await_one("#figure")

    def _follow_number(self) -> None:
        self.page.get_by_role("tab", name="By company and month").click()
        self.page.locator("#DEMO-2026-03 a").first.click()
        self.await_one("#figure")

    def _narrow(self) -> None:
        self.page.goto(f"{self.home}/?company=DEMO&from=2026-02")

    def judge(self, books: Books) -> set[int]:
        """Each state of the page was of one publication, the one that its foot names; gives those that were seen."""
        assert self.complaints == []
        seen: set[int] = set()
        for state in self.states:
            assert state["errors"] == [], json.dumps(state)
            named = state["foot"] and int(state["foot"].split(" · ")[0].removeprefix("Publication "))
            assert any(books.shows(one, state) for one in ([named] if named else books.of)), (
                f"{json.dumps(state)} is none of {books.of}"
            )
            seen |= {named} if named else set()
        return seen


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--long", default=False))


@pytest.fixture
def company(trading_template: tuple[Store, Path], tmp_path: Path) -> Iterator[Any]:  # noqa: F811
    with copy_of(trading_template, "store_watched", tmp_path / "lake") as store:
        yield store


@pytest.fixture
def people(chromium: Browser, address: str, company: Any, tmp_path: Path) -> Iterator[Callable[[], list[Person]]]:  # noqa: F811
    """Two people before two pages, once there is something to look at."""
    contexts = [chromium.new_context(viewport={"width": 1360, "height": 900}, locale="en-US") for _ in range(2)]
    log = tmp_path / "dashboards.log"
    with serving(address, log) as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_DASHBOARDS_URL", home)

        def arrive() -> list[Person]:
            who = (("manager", ""), ("accountant", ROWS))
            return [
                Person(context.new_page(), name, address, home, path, SEED + number)
                for number, (context, (name, path)) in enumerate(zip(contexts, who, strict=True))
            ]

        yield arrive
        for context in contexts:
            context.close()
    assert "Traceback" not in log.read_text(), log.read_text()


def hub(command: str, kill_after: float | None = None) -> tuple[int, float]:
    """A command of the hub in a process of its own, to its end or killed; its exit status and its seconds."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "operational_app.cli", command], cwd=hub_settings.ROOT, stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(hub_settings.ROOT)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        _out, error = process.communicate(timeout=kill_after)
        assert process.returncode == 0 or "cut off" in error, error
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return process.returncode, time.monotonic() - began


def test_two_dashboards_are_open_while_builds_run_and_one_is_killed(
    company: Any, people: Callable[[], list[Person]], whole: bool
) -> None:
    """With --long ten whole `hub sync`, `hub build`, `hub publish`; else two builds of what an order changes."""
    rounds, killed = (10, 4) if whole else (2, 0)
    books = Books(company)
    with builds.worker() as worker, ThreadPoolExecutor(1) as beside:
        status, longest = worker.build("") if whole else worker.build(ORDERS_TO_OVERVIEW)
        assert status == 0
        books.note(publication.current().id)
        watching = people()
        for number in range(rounds):
            quantity = trade(company, books, number, whole)
            running = beside.submit(
                one_round, worker if not whole else None, longest * 0.5 if number == killed else None
            )
            while not running.done():
                for person in watching:
                    person.act()
            assert running.result() == (number != killed), (number, quantity)
            books.note(publication.current().id)
        for person in watching:
            person.open()
    assert len(books.of) == rounds
    for person in watching:
        seen = person.judge(books)
        assert len(seen) >= rounds // 2 and publication.current().id in seen
        print(f"{len(person.states)} states of a page seen, of publications {sorted(seen)}")


def trade(store: Any, books: Books, number: int, whole: bool) -> int:
    """One more order of so many chairs, delivered and invoiced in the long run. Gives how many."""
    quantity = 2 * number + 1
    if whole:
        shop = {name: {"id": store.value(f"SELECT min(id) FROM {table}")} for name, table in
                (("customer", "core.party_role"), ("place", "erp.stock_location"), ("item", "erp.item"))}  # fmt: skip
        sell(store, shop, quantity)
        books.invoiced += quantity
    else:
        store.on("sales", "confirm_sales_order", builds.order(store, quantity))
    books.ordered, books.orders = books.ordered + quantity, books.orders + 1
    return quantity


def one_round(worker: builds.Worker | None, kill_after: float | None) -> bool:
    """Bring in, build, publish; whether it came to its end. A build that was killed is refused by `hub publish`."""
    if worker is not None:
        return worker.build(ORDERS_TO_OVERVIEW, kill_after)[0] == 0
    assert hub("sync")[0] == 0
    if kill_after is not None:
        assert hub("build", kill_after)[0] == -signal.SIGKILL
        assert hub("publish")[0] != 0
        return False
    assert hub("build")[0] == 0
    return hub("publish")[0] == 0
