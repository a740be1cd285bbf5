"""A build that dies at any moment is never seen: readers go on with the last publication, whole and unmixed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import hub_settings
from pipelines import lake, publication
from tests.faults.publication_reader import QUESTION
from tests.pipelines.conftest import at_home, trading_company

SEED = 20261124
# What the test changes shows in these two marts, which must agree; the long run builds everything.
PART = (
    "stg_erp__sales_order stg_erp__sales_order_line int_sales_order__hub int_sales_order_line__hub "
    "fct_sales_order fct_sales_order_line"
)


@pytest.fixture(scope="module")
def company(store_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("killed") / "lake"
    with trading_company("store_killed", store_template, folder) as store, at_home("store_killed", folder):
        yield store


class Worker:
    """The process that forks builds; it lives as long as the tests of this file."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("build_worker.py"))], cwd=hub_settings.ROOT,
            env=os.environ | {"PYTHONPATH": str(hub_settings.ROOT)}, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip

    def build(self, chosen: str, kill_after: float | None = None) -> tuple[int, float]:
        """Run a build to its end, or kill it after so many seconds; gives its exit status and its seconds."""
        self.process.stdin.write(json.dumps([chosen, kill_after]) + "\n")
        self.process.stdin.flush()
        status, seconds = json.loads(self.process.stdout.readline())
        return status, seconds


@pytest.fixture(scope="module")
def worker(company: Any) -> Iterator[Worker]:
    made = Worker()
    yield made
    made.process.stdin.close()
    made.process.wait(timeout=60)


def order(store: Any) -> tuple[int, Decimal]:
    """One more order in the store; gives what a whole publication of it would show."""
    store.run(
        "sales", "enter_sales_order", customer_id=store.value("SELECT min(id) FROM core.party_role"),
        business_date="2026-03-02", stock_location_id=store.value("SELECT min(id) FROM erp.stock_location"),
        lines=[{"item_id": store.value("SELECT min(id) FROM erp.item"), "quantity": "1"}],
    )  # fmt: skip
    return store.rows("SELECT count(*), sum(subtotal) FROM erp.sales_order")[0]


def shown() -> tuple[int, tuple[int, Decimal]]:
    """The latest publication and what its two marts say, which must be the same."""
    seen = publication.current()
    with lake.connect(at=seen.lake_snapshot) as con:
        orders, subtotal, lines = con.execute(QUESTION).fetchone()
    assert subtotal == lines
    return seen.id, (orders, subtotal)


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--long", default=False))


def test_a_killed_build_is_never_seen_and_the_next_one_publishes(company: Any, worker: Worker, whole: bool) -> None:
    chosen = "" if whole else PART
    expected = order(company)
    status, longest = worker.build(chosen)
    assert status == 0
    last, figures = shown()
    assert figures == expected
    moments, wanted, killed, ended = random.Random(SEED), 200 if whole else 12, 0, 0
    while killed < wanted and ended < wanted:
        expected = order(company)
        status, seconds = worker.build(chosen, kill_after=moments.uniform(0, longest))
        assert status in {0, -signal.SIGKILL}
        killed += status != 0
        if status == 0:
            ended, longest = ended + 1, min(longest, seconds)
        now, seen = shown()
        # What was killed after its last commit is published, whole; anything earlier leaves the old one, whole.
        assert seen == (figures if now == last else expected)
        last, figures = now, seen
    assert killed == wanted
    expected = order(company)
    assert worker.build(chosen)[0] == 0
    assert shown()[1] == expected


@contextmanager
def readers(count: int, folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    stop = folder / "stop"
    running = []
    for number in range(count):
        with (folder / f"{number}.out").open("w") as out, (folder / f"{number}.err").open("w") as err:
            running.append(subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("publication_reader.py")), str(stop)],
                cwd=hub_settings.ROOT, env=os.environ | {"PYTHONPATH": str(hub_settings.ROOT)}, stdout=out, stderr=err,
                text=True,
            ))  # fmt: skip
    try:
        yield running
    finally:
        stop.touch()
        for process in running:
            process.wait(timeout=60)


def test_two_readers_see_no_error_and_no_mixed_figures_while_ten_builds_run_and_one_is_killed(
    company: Any, worker: Worker, whole: bool, tmp_path: Path
) -> None:
    chosen = "" if whole else PART
    expected = order(company)
    assert worker.build(chosen)[0] == 0
    right: dict[int, tuple[int, Decimal]] = {publication.current().id: expected}
    with readers(2, tmp_path) as running:
        for number in range(10):
            expected = order(company)
            status, _seconds = worker.build(chosen, kill_after=1.0 if number == 4 else None)
            assert status == (-signal.SIGKILL if number == 4 else 0)
            right.setdefault(publication.current().id, expected)
        time.sleep(1.5)
    for number, process in enumerate(running):
        assert process.returncode == 0, (tmp_path / f"{number}.err").read_text()
        lines = [json.loads(line) for line in (tmp_path / f"{number}.out").read_text().splitlines()]
        seen = {line[0] for line in lines}
        assert len(seen) >= 5 and max(seen) == publication.current().id
        for publication_id, orders, subtotal, line_total in lines:
            assert (orders, Decimal(subtotal)) == right[publication_id]
            assert Decimal(line_total) == Decimal(subtotal)
    assert len(right) == 10
