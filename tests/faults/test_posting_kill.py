"""The app is killed in the middle of posting, its lines to the store are cut, the disk is full: what was acknowledged is
there once, what was not is there wholly or not at all, and the same key asked again gives one document (G22)."""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import hub_settings
from tests.conftest import Store
from tests.faults.served_app import Clerk, NoAnswer, Refused, ServedApp, assert_once, clerk
from tests.web.conftest import DAY, HOME_OF_ASSETS, shop

__all__ = ["shop"]

SEED = 20261124
KILLS, LONG_KILLS = 12, 300
CLERKS = 3
# An order entered, confirmed, delivered and invoiced passes about so many points (statements and commits).
POINTS_OF_A_SALE = 250


@pytest.fixture
def served(store: Store, tmp_path: Path) -> Iterator[ServedApp]:
    app = ServedApp(HOME_OF_ASSETS, tmp_path)
    app.start()
    yield app
    app.end()


class Seller:
    """One who sells over and over: order, confirmation, delivery, invoice, each by its clerk."""

    def __init__(self, app: ServedApp, store: Store, shop: dict[str, dict], number: int) -> None:
        self.sales = clerk(app, store, "sales", f"clerk {number} sales")
        self.warehouse = clerk(app, store, "warehouse", f"clerk {number} warehouse")
        self.order = {
            "company": "DEMO",
            "customer_id": shop["customer"]["id"],
            "business_date": DAY,
            "stock_location_id": shop["place"]["id"],
            "lines": [{"item_id": shop["chair"]["id"], "quantity": "1"}],
        }
        self.error: BaseException | None = None

    @property
    def clerks(self) -> tuple[Clerk, Clerk]:
        return self.sales, self.warehouse

    def sell(self) -> None:
        order = self.sales.send("erp/enter_sales_order", self.order)
        confirmed = self.sales.send("erp/confirm_sales_order", at(order))
        delivery = self.warehouse.send("erp/deliver_sales_order", at(confirmed) | {"business_date": DAY})
        self.sales.send("erp/invoice_delivery", at(delivery) | {"business_date": DAY})

    def sell_until(self, stop: threading.Event, settle: bool = False) -> None:
        """Sell until the line breaks (or, to `settle`, ask again until it is whole) or there is nothing left to do."""
        try:
            while not stop.is_set():
                try:
                    self.sell()
                except NoAnswer:
                    if not settle:
                        return
                    self.settle(60)
        except Refused as refused:
            self.error = refused

    def settle(self, seconds: float) -> None:
        """Ask again for what was not answered, until it is."""
        end = time.monotonic() + seconds
        for one in self.clerks:
            while one.unknown is not None:
                try:
                    one.again()
                except NoAnswer:
                    assert time.monotonic() < end, "the app does not come back"
                    time.sleep(0.05)


def at(answer: dict[str, Any]) -> dict[str, Any]:
    return {"id": answer["id"], "version": answer["version"]}


def acknowledged_to(sellers: list[Seller]) -> dict[str, dict[str, Any]]:
    return {key: answer for seller in sellers for one in seller.clerks for key, answer in one.acknowledged.items()}


def in_threads(sellers: list[Seller], work: Callable[[Seller], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, args=(seller,)) for seller in sellers]
    for thread in threads:
        thread.start()
    return threads


def give_plenty(store: Store, shop: dict[str, dict]) -> None:
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-01-05",
        reason="count",
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["chair"]["id"], "quantity": "100000", "unit_cost": "60"}],
    )
    customer = shop["customer"]
    store.on("sales", "change_customer_terms", customer, payment_days=30, credit_limit="1000000000")


def kept_answer(store: Store, key: str) -> dict[str, Any] | None:
    found = store.rows("SELECT answer FROM core.idempotency_key WHERE key = %s", key)
    return found[0][0] if found else None


def test_an_app_killed_while_it_posts_loses_nothing_and_does_nothing_twice_g22(
    store: Store, served: ServedApp, shop: dict[str, dict], request: pytest.FixtureRequest
) -> None:
    give_plenty(store, shop)
    kills = LONG_KILLS if request.config.getoption("--long") else KILLS
    chance = random.Random(SEED)
    sellers = [Seller(served, store, shop, number) for number in range(CLERKS)]
    done_unheard = not_done = 0
    for kill in range(kills):
        stop = threading.Event()
        threads = in_threads(sellers, lambda seller, stop=stop: seller.sell_until(stop))
        # Half die at a counted point of their work with the store, half at any moment whatever.
        if kill % 2:
            time.sleep(chance.uniform(0.05, 0.8))
            served.kill()
        else:
            served.die_after(chance.randint(1, POINTS_OF_A_SALE))
            assert served.has_died(60)
        for thread in threads:
            thread.join(60)
        assert [seller.error for seller in sellers if seller.error] == []
        # Before anybody asks again: all that was acknowledged, and nothing in halves.
        wait_for_dead_transactions(store)
        assert_once(store, acknowledged_to(sellers))
        lost = {c.unknown[1]: kept_answer(store, c.unknown[1]) for s in sellers for c in s.clerks if c.unknown}
        done_unheard += sum(answer is not None for answer in lost.values())
        not_done += sum(answer is None for answer in lost.values())
        served.start()
        for seller in sellers:
            seller.settle(60)
        told = acknowledged_to(sellers)
        assert all(told[key] == answer for key, answer in lost.items() if answer is not None)
        assert_once(store, told)
    assert not_done > 0 and (done_unheard > 0 or kills < 50), (done_unheard, not_done)
    store.verify()


def wait_for_dead_transactions(store: Store) -> None:
    """A backend notices the death of its app when it next reads; until then its transaction may be open."""
    end = time.monotonic() + 30
    while store.value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'hub_app' AND datname = current_database() "
        "AND state <> 'idle'"
    ):
        assert time.monotonic() < end, "transactions of a dead app stay open"
        time.sleep(0.02)


def test_a_command_whose_answer_was_lost_after_the_commit_is_one_document_g22(
    store: Store, served: ServedApp, shop: dict[str, dict]
) -> None:
    """Each point of one command in turn, the ones after its commit too: asked again, there is one document."""
    give_plenty(store, shop)
    seller = Seller(served, store, shop, 0)

    def points_of_an_order() -> int:
        """Enter one undisturbed; so many statements and commits it took."""
        served.die_after(10**6)
        seller.sales.send("erp/enter_sales_order", seller.order)
        return 10**6 - served.points_left()

    # The first order of a process takes more: it reads what all later ones know.
    points_of_an_order()
    whole = points_of_an_order()
    done_unheard = 0
    # From the end back: the last points lie between the commit and the answer.
    for point in (*range(whole, whole - 6, -1), whole // 2, 3):
        served.die_after(point)
        try:
            seller.sales.send("erp/enter_sales_order", seller.order)
        except NoAnswer:
            assert served.has_died(30)
        else:
            continue
        wait_for_dead_transactions(store)
        before = kept_answer(store, seller.sales.unknown[1])
        done_unheard += before is not None
        served.start()
        answer = seller.sales.again()
        assert before in (None, answer)
        assert_once(store, seller.sales.acknowledged)
        points_of_an_order()
    assert done_unheard > 0, "a kill between commit and answer is the case that this is about"
    assert store.value("SELECT count(*) FROM erp.sales_order") == len(seller.sales.acknowledged)


def served_by(store: Store) -> int:
    """A process of the server that works for the app; after a cut the app may have no line for a moment."""
    end = time.monotonic() + 60
    while not (
        found := store.rows(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'hub_app' AND datname = current_database() LIMIT 1"
        )
    ):
        assert time.monotonic() < end, "the app has not come back to its store"
        time.sleep(0.02)
    return found[0][0]


def test_lines_to_the_store_that_are_cut_and_a_store_that_crashes_lose_nothing(
    store: Store, served: ServedApp, shop: dict[str, dict]
) -> None:
    """What the clerk is told is that the store is away; asked again with the same key, it is done once."""
    give_plenty(store, shop)
    chance = random.Random(SEED)
    sellers = [Seller(served, store, shop, number) for number in range(CLERKS)]
    stop = threading.Event()
    threads = in_threads(sellers, lambda seller: seller.sell_until(stop, settle=True))
    for _cut in range(12):
        time.sleep(chance.uniform(0.05, 0.3))
        cut_lines(store)
    # One process of the server killed: the server throws everybody out and recovers from its log.
    os.kill(served_by(store), signal.SIGKILL)
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    assert [seller.error for seller in sellers if seller.error] == []
    assert_once(store, acknowledged_to(sellers))
    store.verify()


@pytest.fixture
def small_disk(store: Store) -> Iterator[Path]:
    """The store's tables on a disk of their own, which is small; the write-ahead log stays where it is.

    Without room for the log PostgreSQL stops and recovers, which is the crash above.
    """
    from operational_app.core import db

    place = Path(tempfile.mkdtemp(prefix="hub-small-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("needs the right to mount a small disk, which this user does not have")
    [[data]] = store.rows("SHOW data_directory")
    owner = Path(data).stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    inside = place / "tables"
    inside.mkdir(mode=0o700)
    os.chown(inside, owner.st_uid, owner.st_gid)
    name = f"small_{store.name}"
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        db.engine().dispose()
        admin.execute(f"CREATE TABLESPACE {name} LOCATION '{inside}'")
        admin.execute(f"ALTER DATABASE {store.name} SET TABLESPACE {name}")
        yield place
        db.engine().dispose()
        cut_lines(store)
        admin.execute(f"ALTER DATABASE {store.name} SET TABLESPACE pg_default")
        admin.execute(f"DROP TABLESPACE {name}")
    subprocess.run(["umount", place], check=True)
    place.rmdir()


def cut_lines(store: Store) -> None:
    store.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE usename = 'hub_app' AND datname = current_database()"
    )


def test_a_full_disk_is_told_and_nothing_is_half_done(
    store: Store, shop: dict[str, dict], small_disk: Path, tmp_path: Path
) -> None:
    give_plenty(store, shop)
    served = ServedApp(HOME_OF_ASSETS, tmp_path)
    served.start()
    seller = Seller(served, store, shop, 0)
    seller.sell()
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small_disk).free - FREE_BYTES)
    told = sell_until_refused(seller)
    assert "no room left" in told
    assert_once(store, acknowledged_to([seller]))
    # As long as there is no room, it is refused, and told as that.
    waiting = next(one for one in seller.clerks if one.unknown)
    with pytest.raises(NoAnswer, match="no room left"):
        waiting.again()
    filler.unlink()
    seller.settle(30)
    for _turn in range(3):
        seller.sell()
    assert_once(store, acknowledged_to([seller]))
    served.end()
    store.verify()


FREE_BYTES = 200_000


def sell_until_refused(seller: Seller) -> str:
    """Sell until the store has no room; what the app says then."""
    for _turn in range(200):
        try:
            seller.sell()
        except NoAnswer as told:
            return str(told)
    raise AssertionError("the store never ran out of room")
