"""`hub serve`'s supervisor, with small real programs: ready when they answer, restarted, and never left behind."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub_settings import ROOT
from operational_app.cli import supervisor as module
from operational_app.cli.supervisor import Program, ServeError, Supervisor

SERVER = (
    "import http.server, sys;"
    "http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='localhost')"
)
WITH_GRANDCHILD = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "open(sys.argv[1], 'w').write(str(child.pid)); time.sleep(60)"
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


Run = Callable[..., Supervisor]


@pytest.fixture
def supervise() -> Iterator[Run]:
    started: list[Supervisor] = []

    def run(*programs: Program, said: list[str] | None = None) -> Supervisor:
        found = Supervisor(programs, (said if said is not None else []).append)
        started.append(found)
        found.start()
        return found

    yield run
    for found in started:
        found.stop()


def python(code: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", code, *map(str, arguments)]


def until(true: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_it_is_started_when_each_program_answers(supervise: Run, port: int) -> None:
    found = supervise(Program("web", python(SERVER, port), port=port, ready_path="/"))
    assert module.answers(port, "/")
    found.stop()
    assert not module.answers(port, "/")


def test_a_program_that_needs_another_is_started_when_that_one_is_ready(supervise: Run, tmp_path: Path) -> None:
    path = tmp_path / "s"
    slow = (
        "import socket, sys, time; time.sleep(0.5);"
        "s = socket.socket(1); s.bind(sys.argv[1]); s.listen(); time.sleep(60)"
    )
    client = "import socket, sys, time; socket.socket(1).connect(sys.argv[1]); print('met', flush=True); time.sleep(60)"
    second = Program("second", python(client, path), after="first")
    found = supervise(Program("first", python(slow, path), ready_socket=path), second)
    assert until(lambda: "met" in second.log.read_text())
    assert found.deaths == {}


def test_a_port_in_use_is_told_before_anything_starts(supervise: Run, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(ServeError, match=f"Port {port} for web is in use.*--app-port"):
            supervise(Program("web", ["never-run"], port=port, ready_path="/", port_option="--app-port"))


def test_a_program_that_cannot_start_is_told_with_its_last_lines(supervise: Run) -> None:
    broken = Program("broken", python("import nothing_of_this_name"), ready_path="/", port=1)
    with pytest.raises(ServeError, match="(?s)broken ended while starting.*No module named 'nothing_of_this_name'"):
        supervise(broken)


def test_what_dies_is_named_and_started_again_a_few_times(supervise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    dies = Program("dies", python("import time; print('last words'); time.sleep(0.3); raise SystemExit(7)"))
    stays = Program("stays", python("import time; time.sleep(60)"))
    found = supervise(dies, stays, said=said)
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(found.wait()))
    waiting.start()
    assert until(lambda: "dies" in found.given_up, 20)
    assert found.running["stays"].poll() is None
    found.stopping.set()
    waiting.join()
    assert codes == [1]
    assert sum("exit code 7" in line and "last words" in line for line in said) == module.RESTARTS + 1
    assert sum(line == "dies is started again." for line in said) == module.RESTARTS


def test_a_stop_takes_grandchildren_along(supervise: Run, tmp_path: Path) -> None:
    number = tmp_path / "pid"
    found = supervise(Program("parent", python(WITH_GRANDCHILD, number)))
    assert until(lambda: number.exists() and number.read_text())
    found.stop()
    assert until(lambda: not is_alive(int(number.read_text())))


def test_a_program_that_ignores_sigterm_is_killed(supervise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.5)
    said: list[str] = []
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    program = Program("deaf", python(deaf))
    found = supervise(program, said=said)
    assert until(lambda: "deaf" in program.log.read_text())
    process = found.running["deaf"]
    found.stop()
    assert process.returncode == -signal.SIGKILL
    assert said == ["deaf did not stop in 0.5 s and is killed."]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_child_outlives_us_however_we_end(tmp_path: Path, how: signal.Signals) -> None:
    number = tmp_path / "pid"
    script = (
        "import sys\n"
        "from operational_app.cli.supervisor import Program, Supervisor\n"
        f"child = Program('parent', [sys.executable, '-c', {WITH_GRANDCHILD!r}, {str(number)!r}])\n"
        "found = Supervisor([child], print)\n"
        "found.handle_signals()\n"
        "try:\n"
        "    found.start()\n"
        "    print(found.running['parent'].pid, flush=True)\n"
        "    code = found.wait()\n"
        "finally:\n"
        "    found.stop()\n"
        "sys.exit(code)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert until(lambda: number.exists() and number.read_text())
    process.send_signal(how)
    assert process.wait(20) == (-how if how == signal.SIGKILL else 0)
    assert until(lambda: not is_alive(child) and not is_alive(int(number.read_text())), 15)
