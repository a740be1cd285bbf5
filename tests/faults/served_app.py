"""The real app in a process of its own, on a real port, to be killed; and clerks who talk to it over HTTP."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

import hub_settings
from tests.conftest import Store
from tests.faults.app_process import COUNTER

READY_SECONDS = 60
ANSWER_SECONDS = 60


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class ServedApp:
    """The running app. `start()` again after it was killed: it comes back at the same address."""

    def __init__(self, home_of_assets: str, folder: Path) -> None:
        self.port, self.number = free_port(), 0
        self.counter = folder / "points"
        self.maker = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.app_process"],
            env=os.environ | {"HUB_HOME": home_of_assets, "PYTHONPATH": str(hub_settings.ROOT)},
            cwd=hub_settings.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._told() == "ready"

    def _told(self) -> str:
        assert self.maker.stdout is not None
        return self.maker.stdout.readline().strip()

    def start(self) -> None:
        self.die_after(0)
        environment = {name: value for name, value in os.environ.items() if name.startswith("HUB_")}
        assert self.maker.stdin is not None
        wanted = {"environment": environment, "port": self.port, "counter": str(self.counter)}
        self.maker.stdin.write(json.dumps(wanted) + "\n")
        self.maker.stdin.flush()
        self.number = int(self._told())
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self._lives() and time.monotonic() < end, "the app does not start"
                time.sleep(0.02)

    def _lives(self) -> bool:
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return False
        return True

    def die_after(self, points: int) -> None:
        """Kill -9 when it has passed so many points of its work with the store, counted from now; 0: never."""
        if not self.counter.exists():
            self.counter.write_bytes(COUNTER.pack(0))
        with self.counter.open("r+b") as file:
            file.write(COUNTER.pack(points))

    def points_left(self) -> int:
        [left] = COUNTER.unpack(self.counter.read_bytes())
        return left

    def has_died(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self._lives() and time.monotonic() < end:
            time.sleep(0.01)
        return not self._lives() and self.points_left() == 0

    def kill(self) -> None:
        if self.number and self._lives():
            os.kill(self.number, signal.SIGKILL)
            while self._lives():
                time.sleep(0.005)

    def end(self) -> None:
        self.kill()
        self.maker.kill()
        self.maker.wait()


class NoAnswer(Exception):
    """The line broke, or the store was away: whether the command was done is not known."""


@dataclass
class Clerk:
    """Somebody at the app, with a session; sends commands with keys and remembers what was said."""

    app: ServedApp
    username: str
    cookie: str
    csrf: str
    name: str = ""
    keys: Any = field(default_factory=count)
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    unknown: tuple[str, str, dict[str, Any]] | None = None

    def send(self, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
        """Run a command; its answer.

        Raises:
            NoAnswer: kept in `unknown`, to be sent again with the same key.
            Refused: told so by the app.
        """
        key = key or f"{self.name} {next(self.keys)}"
        try:
            status, answer = self._post(path, body, key)
        except (OSError, http.client.HTTPException) as error:
            self.unknown = (path, key, body)
            raise NoAnswer(str(error)) from error
        if status == 503:
            self.unknown = (path, key, body)
            raise NoAnswer(answer["detail"])
        self.unknown = None
        if status != 200:
            self.refused.append(answer)
            raise Refused(answer)
        self.acknowledged[key] = answer
        return answer

    def again(self) -> dict[str, Any]:
        """The command whose answer was lost, with the same key."""
        assert self.unknown is not None
        path, key, body = self.unknown
        return self.send(path, body, key)

    def _post(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        line = http.client.HTTPConnection("127.0.0.1", self.app.port, timeout=ANSWER_SECONDS)
        try:
            headers = {
                "Cookie": f"hub_session={self.cookie}",
                "X-CSRF-Token": self.csrf,
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            }
            line.request("POST", f"/api/{path}", json.dumps(body), headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()


class Refused(Exception):
    """The app refused; the argument is its problem document."""


def clerk(app: ServedApp, store: Store, username: str, name: str) -> Clerk:
    """A clerk who has signed in: the session is made as the sign-in makes it."""
    from operational_app.core import db
    from operational_app.core.identity import start_session
    from operational_app.core.models import AppUser

    with db.transaction(actor=username, command="sign_in") as session:
        cookie = start_session(session, session.get_one(AppUser, store.users[username]))
    [[csrf]] = store.rows(
        "SELECT csrf_token FROM core.user_session WHERE user_id = %s ORDER BY started_at DESC LIMIT 1",
        store.users[username],
    )
    return Clerk(app, username, cookie, csrf, name)


def assert_once(store: Store, acknowledged: dict[str, dict[str, Any]]) -> None:
    """What was acknowledged is there once; what was not is there wholly, with its answer, or not at all.

    Every command here makes one document and leaves its answer under its key, in the transaction of the document: so
    documents and kept answers have to be the same set, however the processes ended.
    """
    kept = dict(store.rows("SELECT key, answer FROM core.idempotency_key WHERE key LIKE 'clerk%%'"))
    assert all(answer is not None for answer in kept.values())
    for key, answer in acknowledged.items():
        assert kept[key] == answer, key
    for document, table in DOCUMENTS_MADE.items():
        with psycopg.connect(hub_settings.database_url(None)) as connection:
            there = sorted(connection.execute(f"SELECT id, number FROM {table}").fetchall())
        told = sorted({(a["id"], a["number"]) for a in kept.values() if a["document"] == document})
        assert there == told, f"{document}: what is there and what the commands left as answers differ"
        numbers = [int(number.rsplit("-", 1)[-1]) for _id, number in there]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), f"{document}: a gap in the numbers"


DOCUMENTS_MADE = {
    "sales_order": "erp.sales_order",
    "delivery": "erp.delivery",
    "sales_invoice": "finance.sales_invoice",
}
