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
from tests.conftest import Store
from tests.faults import builds
from tests.faults.builds import PART, Worker
from tests.faults.publication_reader import QUESTION
from tests.pipelines.conftest import copy_of, trading_template  # noqa: F401 - fixture

SEED = 20261124


@pytest.fixture(scope="module")
def company(trading_template: tuple[Store, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:  # noqa: F811
    with copy_of(trading_template, "store_killed", tmp_path_factory.mktemp("killed") / "lake") as store:
        yield store


@pytest.fixture(scope="module")
def worker(company: Any) -> Iterator[Worker]:
    with builds.worker() as made:
        yield made


def order(store: Any) -> tuple[int, Decimal]:
    """One more order in the store; gives what a whole publication of it would show."""
    builds.order(store)
    return store.rows("SELECT count(*), sum(subtotal) FROM erp.sales_order")[0]


def shown() -> tuple[int, tuple[int, Decimal]]:
    """The latest publication and what its two marts say, which must be the same."""
    seen = publication.current()
    with lake.connect(at=seen.lake_snapshot) as con:
        orders, subtotal, lines = con.execute(QUESTION).fetchone()
    assert subtotal == lines
    return seen.id, (orders, subtotal)


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


def test_killed_builds_are_never_seen_by_readers_and_the_next_one_publishes(
    company: Any, worker: Worker, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Three kills of builds of a part, spread over its course by chance; two hundred of whole builds with --long."""
    whole = request.config.getoption("--long", default=False)
    chosen, wanted = ("", 200) if whole else (PART, 3)
    expected = order(company)
    status, longest = worker.build(chosen)
    assert status == 0
    last, figures = shown()
    assert figures == expected
    right, chance, killed, tried = {last: figures}, random.Random(SEED), 0, 0
    with readers(2, tmp_path) as running:
        while killed < wanted and tried < 2 * wanted:
            expected = order(company)
            # One kill in each equal part of the course: by chance alone a few would leave wide stretches untried.
            moment = longest * ((tried % wanted) + chance.random()) / wanted
            status, seconds = worker.build(chosen, kill_after=moment)
            assert status in {0, -signal.SIGKILL}
            killed, tried = killed + (status != 0), tried + 1
            if status == 0:
                longest = min(longest, seconds)
            now, seen = shown()
            # What was killed after its last commit is published, whole; anything earlier leaves the old one, whole.
            assert seen == (figures if now == last else expected)
            last, figures = now, seen
            right[now] = seen
        assert killed == wanted
        expected = order(company)
        assert worker.build(chosen)[0] == 0
        last, figures = shown()
        assert figures == expected
        right[last] = figures
        time.sleep(1.5)
    for number, process in enumerate(running):
        assert process.returncode == 0, (tmp_path / f"{number}.err").read_text()
        lines = [json.loads(line) for line in (tmp_path / f"{number}.out").read_text().splitlines()]
        assert {line[0] for line in lines} >= {min(right), last}
        for publication_id, orders, subtotal, line_total in lines:
            assert (orders, Decimal(subtotal)) == right[publication_id]
            assert Decimal(line_total) == Decimal(subtotal)
