"""The root of the command line: quick, honest about its commands, one sentence and an exit code per error."""

import importlib
import os
import subprocess
import sys
import time

import click
import psycopg
import pytest

import hub_settings
from hub_settings import ROOT
from operational_app import cli


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch):
    """Makes `hub boom` raise the given error."""

    def make(error: BaseException) -> None:
        @click.command("boom")
        def boom() -> None:
            raise error

        monkeypatch.setattr(cli.Root, "get_command", lambda self, ctx, name: boom)

    return make


class Refused(Exception):
    hub_message = "The period is closed. Use a date in an open one."


class NotThere(Refused):
    hub_exit_code = 3


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (Refused(), 1, "hub: The period is closed. Use a date in an open one."),
        (NotThere(), 3, "hub: The period is closed. Use a date in an open one."),
        (hub_settings.SettingsError("Set HUB_DATABASE_URL."), 3, "hub: Set HUB_DATABASE_URL."),
        (psycopg.OperationalError("connection refused\nmore"), 3, "The database server could not do this: connection"),
        (psycopg.errors.DeadlockDetected("deadlock detected"), 1, "The database server could not do this: deadlock"),
        (FileNotFoundError(2, "No such file or directory", "x.csv"), 1, "hub: No such file or directory: x.csv"),
        (ZeroDivisionError("division by zero"), 1, "ZeroDivisionError: division by zero. `hub --debug …` shows where."),
        (click.UsageError("No such option"), 2, "Error: No such option"),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
)  # fmt: skip
def test_an_error_is_one_sentence_and_an_exit_code(raising, capsys, error, code, sentence) -> None:
    raising(error)
    assert cli.main(["boom"]) == code
    said = capsys.readouterr()
    assert sentence in said.err and "Traceback" not in said.err and said.out == ""


def test_debug_shows_the_traceback_wherever_it_stands(raising) -> None:
    raising(Refused())
    for arguments in (["--debug", "boom"], ["boom", "--debug"]):
        with pytest.raises(Refused):
            cli.main(arguments)


def test_what_a_command_returns_is_not_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.Root, "get_command", lambda self, ctx, name: click.Command("five", callback=lambda: 5))
    assert cli.main(["five"]) == 0


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_every_command_exists_and_has_an_example(name: str) -> None:
    module, _, attribute = cli.COMMANDS[name].target.partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command) and command.name == name
    assert cli.COMMANDS[name].section in cli.SECTIONS
    text = command.get_help(click.Context(command, info_name=name))
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    texts = [text, *(one.get_help(click.Context(one, info_name=one.name)) for one in inner)]
    assert any("hub " in one for one in texts), f"{name} --help shows no example"
    assert all(len(one.splitlines()) > 3 for one in texts)


def test_help_starts_no_server_and_imports_no_command(tmp_path) -> None:
    script = (
        "import sys; from operational_app.cli import main; main([]); main(['--help']); main(['serve', '--help']);"
        "bad = [name for name in ('dagster', 'duckdb', 'streamlit', 'sqlalchemy', 'pandas') if name in sys.modules];"
        "sys.exit(str(bad) if bad else 0)"
    )
    environment = os.environ | {"HUB_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "HUB_DATABASE_URL": ""}
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout and not (tmp_path / "postgres").exists()


def test_the_command_line_starts_at_once() -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    seconds = []
    for _attempt in range(3):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "operational_app.cli", "--help"], check=True, capture_output=True, env=environment
        )
        seconds.append(time.perf_counter() - began)
    # Measured 0.07 s; the limit is what a person does not notice.
    assert min(seconds) < 0.3


def test_an_unknown_command_is_a_wrong_use() -> None:
    assert cli.main(["no-such-command"]) == 2
