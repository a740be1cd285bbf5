"""Twelve writers with delayed commits and rollbacks: every batch equals the store at its snapshot."""

import hashlib
import random
import threading
import time

import psycopg

from pipelines import lake
from pipelines.sync.verify import compare
from tests.pipelines.sync.trial import TABLES, Rows, Trial, lake_rows, sync_and_see

WRITERS = 12
BATCHES = 10


def write(trial: Trial, seed: int, stop: threading.Event) -> None:
    """One clerk: short transactions that insert, change and delete, wait before the commit, and sometimes give up."""
    chance = random.Random(seed)
    with trial.connect() as db:
        while not stop.is_set():
            try:
                for _ in range(chance.randint(1, 4)):
                    change(db, chance)
                time.sleep(chance.choice((0, 0, 0.01, 0.05, 0.2)))
                if chance.random() < 0.2:
                    db.rollback()
                else:
                    db.commit()
            except (psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation):
                db.rollback()


def change(db: psycopg.Connection, chance: random.Random) -> None:
    number = chance.randint(1, 300)
    match chance.randint(0, 6):
        case 0 | 1:
            db.execute("INSERT INTO erp.item (name, price, seen_at) VALUES (%s, %s, now())", (f"n{number}", number))
        case 2:
            db.execute("UPDATE erp.item SET price = price + 0.0001, extra = '{\"x\": 1.50}' WHERE id = %s", (number,))
        case 3:
            db.execute("DELETE FROM erp.item WHERE id = %s", (number,))
        case 4:
            db.execute(
                "INSERT INTO erp.stock VALUES (%s, 'hot', 1) ON CONFLICT (place, item) DO UPDATE SET "
                "quantity = stock.quantity + 0.000001",
                (f"P{number % 5}",),
            )
        case 5:
            db.execute("DELETE FROM erp.stock WHERE place = %s", (f"P{number % 5}",))
        case _:
            db.execute("INSERT INTO hr.pay (person, amount) VALUES (%s, 1.0001)", (f"p{number}",))


def read_naively(trial: Trial, seen: set[int], stop: threading.Event) -> None:
    """A reader by `sequence > last`, which trusts that sequences become visible in their order."""
    last = 0
    with trial.connect(autocommit=True) as db:
        while not stop.is_set():
            for (sequence,) in db.execute(
                "SELECT sequence FROM core.change_log WHERE sequence > %s", (last,)
            ).fetchall():
                seen.add(sequence)
                last = max(last, sequence)
            time.sleep(0.03)


def digest(rows: Rows) -> str:
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_every_batch_equals_the_store_at_its_snapshot_while_twelve_write_and_a_naive_reader_loses_rows(
    trial: Trial,
) -> None:
    stop = threading.Event()
    naive: set[int] = set()
    threads = [threading.Thread(target=write, args=(trial, seed, stop)) for seed in range(WRITERS)]
    threads.append(threading.Thread(target=read_naively, args=(trial, naive, stop)))
    tables = (*TABLES, "core.change_log")
    try:
        for thread in threads:
            thread.start()
        batches = changes = 0
        while batches < BATCHES:
            result, seen = sync_and_see(trial, tables)
            batches += 1
            changes += result.changes
            assert not result.reason or batches == 1
            with lake.connect() as con:
                # A reader sees the whole batch or none of it: one connection, one instant, all tables.
                assert con.execute("SELECT snapshot FROM meta.store_watermark").fetchone() == (result.snapshot,)
                for table in tables:
                    assert digest(lake_rows(con, table)) == digest(seen[table]), (table, batches)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert changes > 100, "the writers have to be at work, or this test proves nothing"
    assert compare() == []
    trial.assert_equal()
    logged = {row[0] for row in trial.sql("SELECT sequence FROM core.change_log")}
    last_seen = max(naive)
    lost = {sequence for sequence in logged if sequence <= last_seen} - naive
    assert lost, "the naive reader has to lose rows, or the writers' delays prove nothing"
    with lake.connect() as con:
        assert {row[0] for row in con.execute("SELECT sequence FROM raw_core.change_log").fetchall()} == logged
