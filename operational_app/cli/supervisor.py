"""Runs several programs as one: starts them, waits until each answers, restarts what dies, stops all together.

What belongs here: processes, ports and logs. What is run is told by the caller (`serve.py`).

Each program leads a process group of its own with its log in HUB_HOME/logs, so that Ctrl-C reaches only us and we stop
all in order, grandchildren included. `watchdog.py` does so when we are killed.
"""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import hub_settings
from operational_app.cli import watchdog
from operational_app.core.i18n import _

STOP_SECONDS = 10
RESTARTS = 3
RESTART_WINDOW_SECONDS = 300
LOG_BYTES = 10_000_000
LAST_LINES = 12


class ServeError(Exception):
    """Something keeps the services from starting; the message says what, and what to do."""

    @property
    def hub_message(self) -> str:
        return str(self)


@dataclass
class Program:
    """One program to run.

    Attributes:
        name: how it is called in messages, and its log file.
        command: program and arguments.
        port: the TCP port on localhost that it listens on, None for none.
        ready_path: what an HTTP GET asks for until it answers below 500.
        ready_socket: the socket that has to accept a connection. Without both it is ready when it runs.
        port_option: the option of ours that changes the port.
        after: the name of an earlier program that has to be ready before this one is started.
        ready_seconds: how long it may take until it answers.
    """

    name: str
    command: Sequence[str]
    port: int | None = None
    ready_path: str | None = None
    ready_socket: Path | None = None
    port_option: str = ""
    after: str = ""
    ready_seconds: float = 120
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return hub_settings.home() / "logs" / f"{self.name.replace(' ', '-')}.log"


class Supervisor:
    """The running programs. Use: `start()`, `wait()`, and `stop()` in any case."""

    def __init__(self, programs: Sequence[Program], say: Callable[[str], None], embedded: Path | None = None) -> None:
        self.programs = programs
        self.say = say
        self.embedded = embedded
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: dict[str, list[float]] = {}
        self.given_up: set[str] = set()
        self.stopping = threading.Event()
        self.guard: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts all and waits until each answers.

        Raises:
            ServeError: a port is in use, or a program ended or did not answer in time; all are stopped by `stop`.
        """
        for program in self.programs:
            refuse_port_in_use(program)
        command = [
            sys.executable,
            "-m",
            "operational_app.cli.watchdog",
            *([str(self.embedded)] if self.embedded else []),
        ]
        self.guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, env=child_environment({}))
        by_name = {program.name: program for program in self.programs}
        for program in self.programs:
            if program.after:
                self._await_ready(by_name[program.after])
            self._launch(program)
        for program in self.programs:
            self._await_ready(program)

    def wait(self) -> int:
        """Watches the programs until a signal asks to stop; restarts what ends. 0, or 1 when one was given up."""
        while not self.stopping.wait(0.5):
            for program in self.programs:
                process = self.running.get(program.name)
                if process is not None and process.poll() is not None:
                    self._restart(program, process)
        return 1 if self.given_up else 0

    def stop(self) -> None:
        """Stops all, those started last first; kills what has not ended after STOP_SECONDS."""
        for process in reversed(self.running.values()):
            if watchdog.alive(process.pid):
                os.killpg(process.pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for name, process in self.running.items():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(
                    str(_("{name} did not stop in {seconds} s and is killed.")).format(name=name, seconds=STOP_SECONDS)
                )
        for process in self.running.values():
            # Also after a clean end of the leader: a grandchild may still be there.
            watchdog.end({process.pid}, 1)
            process.wait()
        if self.guard is not None and self.guard.stdin is not None:
            self._tell_guard("".join(f"-{process.pid}\n" for process in self.running.values()))
            self.guard.stdin.close()
            self.guard.wait()
            self.guard = None
        self.running.clear()

    def handle_signals(self) -> None:
        """SIGINT, SIGTERM and SIGHUP ask `wait` to end; a second one kills at once."""

        def ask(number: int, _frame: FrameType | None) -> None:
            if self.stopping.is_set():
                watchdog.end({process.pid for process in self.running.values()}, 0)
            self.stopping.set()

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, ask)

    def _launch(self, program: Program) -> None:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists() and program.log.stat().st_size > LOG_BYTES:
            program.log.replace(program.log.with_suffix(".log.1"))
        with program.log.open("ab") as log:
            process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=hub_settings.ROOT,
                env=child_environment(program.environment),
            )
        self.running[program.name] = process
        self._tell_guard(f"+{process.pid}\n")

    def _tell_guard(self, lines: str) -> None:
        """Tells the watchdog which process groups came (`+123`) or went (`-123`)."""
        if self.guard is not None and self.guard.stdin is not None:
            self.guard.stdin.write(lines.encode())
            self.guard.stdin.flush()

    def _await_ready(self, program: Program) -> None:
        until = time.monotonic() + program.ready_seconds
        while not self.stopping.wait(0.2):
            if self.running[program.name].poll() is not None:
                raise ServeError(
                    str(
                        _("{name} ended while starting (exit code {code}). Its last lines, from {log}:\n{lines}")
                    ).format(
                        name=program.name,
                        code=self.running[program.name].returncode,
                        log=program.log,
                        lines=last_lines(program.log),
                    )
                )
            if is_ready(program):
                return
            if time.monotonic() > until:
                raise ServeError(
                    str(_("{name} did not answer within {seconds} s. Its last lines, from {log}:\n{lines}")).format(
                        name=program.name,
                        seconds=round(program.ready_seconds),
                        log=program.log,
                        lines=last_lines(program.log),
                    )
                )

    def _restart(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        now = time.monotonic()
        deaths = [at for at in self.deaths.get(program.name, []) if now - at < RESTART_WINDOW_SECONDS] + [now]
        self.deaths[program.name] = deaths
        # Grandchildren of a dead leader hold its port and its locks: they go before it comes back.
        watchdog.end({process.pid}, 1)
        self._tell_guard(f"-{process.pid}\n")
        self.say(
            str(_("{name} ended (exit code {code}). Its last lines, from {log}:\n{lines}")).format(
                name=program.name, code=process.returncode, log=program.log, lines=last_lines(program.log)
            )
        )
        if len(deaths) > RESTARTS:
            del self.running[program.name]
            self.given_up.add(program.name)
            self.say(
                str(_("{name} ended {count} times in {minutes} minutes and is not started again.")).format(
                    name=program.name, count=len(deaths), minutes=RESTART_WINDOW_SECONDS // 60
                )
            )
            return
        self.say(str(_("{name} is started again.")).format(name=program.name))
        self._launch(program)


def child_environment(more: dict[str, str]) -> dict[str, str]:
    """The environment of what we start: ours, with our packages found from any folder, and nothing buffered."""
    return (
        os.environ
        | {"PYTHONPATH": str(hub_settings.ROOT), "PYTHONUNBUFFERED": "1", "HUB_HOME": str(hub_settings.home())}
        | more
    )


def refuse_port_in_use(program: Program) -> None:
    """Raises ServeError when another program listens on the port, on either address of localhost."""
    if program.port is None:
        return
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, program.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ServeError(
                    str(
                        _("Port {port} for {name} is in use: stop what uses it, or name another with {option}.")
                    ).format(port=program.port, name=program.name, option=program.port_option)
                ) from error


def is_ready(program: Program) -> bool:
    if program.ready_socket is not None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            return client.connect_ex(str(program.ready_socket)) == 0
    return program.port is None or program.ready_path is None or answers(program.port, program.ready_path)


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server on localhost answers this path without a server error."""
    connection = http.client.HTTPConnection("localhost", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join("  " + line for line in lines[-count:])
