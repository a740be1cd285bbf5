"""A sync that is killed, at whatever moment, leaves the lake at a whole earlier batch; the next one makes it good."""

import multiprocessing
import os
import random
import threading
import time
from decimal import Decimal
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest

from pipelines import lake
from pipelines.sync import sync_store
from tests.pipelines.sync.test_concurrent_writers import write
from tests.pipelines.sync.trial import Trial, trial, trial_template

__all__ = ["trial", "trial_template"]

SEED = 20261124
WRITERS = 3
# Columns that identify the log's image and the lake's row alike, whatever spelling the two have.
COMPARED = {
    "erp.item": ("id", "name", "price", "cost"),
    "erp.stock": ("place", "item", "quantity"),
    "hr.pay": ("id", "person", "amount"),
}


class Progress:
    """What the killed process tells of itself: how many batches it has finished, and how long the last one took."""

    def __init__(self, context: ForkServerContext) -> None:
        self.begun = context.Event()
        self.batches = context.Value("i", 0)
        self.seconds = context.Value("d", 1.0)


def sync_for_ever(environment: dict[str, str], progress: Progress) -> None:
    """What the killed process does: one batch after the other."""
    os.environ.update(environment)
    progress.begun.set()
    while True:
        begin = time.monotonic()
        sync_store()
        progress.seconds.value = time.monotonic() - begin
        progress.batches.value += 1


def killed(context: ForkServerContext, after_batches: int, share: float) -> None:
    """Start syncs in a process of their own and kill it in a later one, when about that share of it has passed."""
    progress = Progress(context)
    environment = {name: value for name, value in os.environ.items() if name.startswith("HUB_")}
    process = context.Process(target=sync_for_ever, args=(environment, progress), daemon=True)
    process.start()
    assert progress.begun.wait(60)
    end = time.monotonic() + 60
    while progress.batches.value < after_batches:
        assert process.is_alive() and time.monotonic() < end, "the sync has to be killed, not to fail by itself"
        time.sleep(0.005)
    time.sleep(progress.seconds.value * share)
    assert process.is_alive()
    process.kill()
    process.join()


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    return sorted(tuple("" if value is None else str(value) for value in row) for row in rows)


def assert_whole_batch(trial: Trial) -> str | None:
    """All tables of the lake, at once, are the store as the log tells it for the lake's own watermark."""
    with lake.connect() as con:
        there = con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'store_watermark'").fetchone()
        if not there:
            raw = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name LIKE 'raw_%'").fetchall()
            assert raw == [], "without a watermark there is no half of a first load either"
            return None
        [(snapshot, load_id)] = con.execute("SELECT snapshot, load_id FROM meta.store_watermark").fetchall()
        assert con.execute("SELECT max(load_id) FROM meta.load").fetchone() == (load_id,)
        for table, columns in COMPARED.items():
            held = con.execute(f"SELECT {', '.join(columns)} FROM raw_{table}").fetchall()
            images = trial.expected_at(snapshot, table)
            expected = [tuple(number(image[column], column) for column in columns) for image in images]
            assert plain(held) == plain(expected), table
        return snapshot


def number(value: Any, column: str) -> Any:
    return Decimal(value) if value is not None and column in {"price", "cost", "quantity", "amount"} else value


def test_a_sync_killed_at_any_moment_leaves_a_whole_batch_and_the_next_makes_it_good(
    trial: Trial, request: pytest.FixtureRequest
) -> None:
    kills = 300 if request.config.getoption("--long", default=False) else 12
    chance = random.Random(SEED)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.sync", "tests.faults.test_sync_kill"])
    seen: list[str | None] = []
    for kill in range(kills):
        stop = threading.Event()
        clerks = [threading.Thread(target=write, args=(trial, SEED + kill * 10 + n, stop)) for n in range(WRITERS)]
        for clerk in clerks:
            clerk.start()
        try:
            killed(context, chance.randint(0, 2), chance.uniform(0.0, 1.1))
            seen.append(assert_whole_batch(trial))
        finally:
            stop.set()
            for clerk in clerks:
                clerk.join()
    assert len(set(seen)) > kills / 3, "the killed ones must have come to different points"
    sync_store()
    trial.assert_equal()
    assert_whole_batch(trial)
