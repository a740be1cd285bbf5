"""The embedded server: started once, shared, stopped by the last to leave, and whole after any kind of death.

Each test runs real processes against a real PostgreSQL in a HUB_HOME of its own.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from hub_settings import ROOT

USER = """
import sys
from operational_app.cli import embedded
print(embedded.start(), flush=True)
sys.stdin.read()
"""


class Users:
    """Processes that use the embedded server of one HUB_HOME until they are told to leave."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.processes: list[subprocess.Popen[str]] = []

    def come(self) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", USER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"HUB_HOME": str(self.home), "PYTHONPATH": str(ROOT)},
        )
        self.processes.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    def leave(self, process: subprocess.Popen[str]) -> None:
        process.communicate(timeout=30)

    @property
    def server(self) -> int | None:
        """The server's process number, None when it does not run."""
        file = self.home / "postgres" / "data" / "postmaster.pid"
        return int(file.read_text().splitlines()[0]) if file.exists() else None


def select_one(url: str) -> int:
    with psycopg.connect(url.replace("/hub?", "/postgres?")) as db:
        row = db.execute("SELECT 1").fetchone()
        assert row is not None
        return row[0]


@pytest.fixture
def users(tmp_path: Path) -> Iterator[Users]:
    found = Users(tmp_path / "home")
    yield found
    for process in found.processes:
        if process.poll() is None:
            found.leave(process)
    if found.server is not None:
        # Who was killed left the server behind: one more user takes it along.
        found.leave(found.come()[0])
    assert found.server is None


def test_the_last_user_stops_the_server_and_no_one_before(users: Users) -> None:
    first, url = users.come()
    second, same = users.come()
    assert url == same and select_one(url) == 1
    server = users.server
    users.leave(first)
    assert users.server == server and select_one(url) == 1
    users.leave(second)
    assert users.server is None


def test_two_first_calls_at_once_make_one_server(users: Users) -> None:
    command = [sys.executable, "-c", USER]
    environment = os.environ | {"HUB_HOME": str(users.home), "PYTHONPATH": str(ROOT)}
    users.processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(3)
    ]
    urls = {process.stdout.readline().strip() for process in users.processes if process.stdout}
    assert len(urls) == 1 and select_one(urls.pop()) == 1


def test_a_killed_user_does_not_keep_the_server_up_for_ever(users: Users) -> None:
    killed, url = users.come()
    killed.kill()
    killed.wait()
    server = users.server
    assert server is not None and select_one(url) == 1
    after, _url = users.come()
    assert users.server == server
    users.leave(after)
    assert users.server is None


def test_a_killed_server_comes_back_with_what_was_committed(users: Users) -> None:
    first, url = users.come()
    maintenance = url.replace("/hub?", "/postgres?")
    with psycopg.connect(maintenance) as db:
        db.execute("CREATE TABLE kept (amount numeric(20, 4))")
        db.execute("INSERT INTO kept VALUES (123456789012.1234)")
    assert users.server is not None
    os.kill(users.server, signal.SIGKILL)
    _second, url = users.come()
    with psycopg.connect(maintenance) as db:
        assert str(db.execute("SELECT amount FROM kept").fetchone()[0]) == "123456789012.1234"  # type: ignore[index]
    users.leave(first)
    assert users.server is not None


def test_a_pid_file_whose_number_belongs_to_another_program_is_no_server(users: Users) -> None:
    users.leave(users.come()[0])
    pid_file = users.home / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n0\n5432\n{pid_file.parent}\n\n  1 1\nready\n")
    _process, url = users.come()
    assert select_one(url) == 1 and users.server != os.getpid()


def test_a_first_start_that_died_half_way_is_done_again(users: Users) -> None:
    half = users.home / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    _process, url = users.come()
    assert select_one(url) == 1 and not half.exists()


@pytest.mark.parametrize("name", ["/".join(["a-folder-with-a-long-name"] * 6), "it's, a name %41"])
def test_a_home_with_a_long_or_odd_path_works(tmp_path: Path, name: str) -> None:
    users = Users(tmp_path / name)
    process, url = users.come()
    assert select_one(url) == 1
    sockets = Path(unquote(url.partition("?host=")[2]))
    assert sockets.is_dir() and sockets != users.home / "postgres" / "data"
    users.leave(process)
    assert users.server is None and not sockets.exists()


def test_sigterm_stops_the_server_too(users: Users) -> None:
    script = (
        "import operational_app.cli as cli, click\n"
        "from operational_app.cli import embedded\n"
        "@cli.root.command('wait')\n"
        "def wait():\n"
        "    embedded.ensure(); print('up', flush=True); __import__('time').sleep(60)\n"
        "cli.Root.get_command = lambda self, ctx, name: wait\n"
        "raise SystemExit(cli.main(['wait']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"HUB_HOME": str(users.home), "PYTHONPATH": str(ROOT), "HUB_DATABASE_URL": ""},
    )
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    process.terminate()
    assert process.wait(60) == 128 + signal.SIGTERM
    assert users.server is None


def test_starting_a_server_that_exists_takes_no_longer_than_a_breath(users: Users) -> None:
    users.leave(users.come()[0])
    began = time.monotonic()
    users.come()
    # Measured 0.2 s with Python's own start; the limit leaves room for a busy machine.
    assert time.monotonic() - began < 5
