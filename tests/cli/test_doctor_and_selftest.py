"""`hub doctor` names what is wrong and what to do; `hub test` runs the tests in order, in a home of their own."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from hub_settings import ROOT
from operational_app.cli import doctor, selftest


def hub(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "operational_app.cli", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"HUB_HOME": str(home), "PYTHONPATH": str(ROOT), "HUB_DATABASE_URL": ""} | environment,
    )


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {row["subject"]: row for row in json.loads(done.stdout)}


def test_a_fresh_home_is_told_to_migrate(tmp_path: Path) -> None:
    done = hub(tmp_path, "doctor", "--format", "json")
    found = findings(done)
    assert done.returncode == 3
    assert found["Database server"]["state"] == "ok" and "embedded" in found["Database server"]["detail"]
    assert "one person's machine" in found["Embedded mode"]["detail"]
    assert found["Roles and databases"]["state"] == "wrong" and "hub_app" in found["Roles and databases"]["detail"]
    assert found["Roles and databases"]["remedy"] == "Run ./hub migrate."


def test_a_server_that_does_not_answer_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = hub(tmp_path, "doctor", "--format", "json", HUB_DATABASE_URL=f"postgresql://a@127.0.0.1:{port}/hub")
    found = findings(done)["Database server"]
    assert done.returncode == 3 and found["state"] == "wrong" and "refused" in found["detail"]
    assert "HUB_DATABASE_URL" in found["remedy"] and not (tmp_path / "postgres").exists()


def test_a_port_in_use_is_a_note_and_not_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(doctor, "APP_PORT", other.getsockname()[1])
        found = next(doctor.ports())
    assert found.state == "note" and "--app-port" in found.detail


def test_little_room_on_the_disk_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "FREE_BYTES", 10**18)
    assert [finding.state for finding in doctor.disk()] == ["wrong"]


def test_folders_run_in_the_order_that_tells_most_first(tmp_path: Path) -> None:
    for name in ("browser", "zebra", "architecture", "scenarios", "unit", "empty"):
        (tmp_path / name).mkdir()
        if name != "empty":
            (tmp_path / name / "test_x.py").touch()
    (tmp_path / "test_top.py").touch()
    names = [Path(path).name for path in selftest.in_order(tmp_path)]
    assert names == ["test_top.py", "architecture", "unit", "zebra", "scenarios", "browser"]


def test_tests_get_a_home_of_their_own_with_the_same_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    (tmp_path / "venv").mkdir()
    for _again in range(2):
        place = selftest.home_for_tests()
    assert place == tmp_path / "test" and (place / "venv").resolve() == tmp_path / "venv"


@pytest.mark.parametrize("where", ["no apt-get", "not permitted"])
def test_where_nothing_may_be_installed_the_command_is_named(
    where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if where == "no apt-get":
        monkeypatch.setenv("PATH", str(tmp_path))
    else:
        monkeypatch.setattr(selftest, "administrator", lambda: None)
    with pytest.raises(selftest.NeedsMissing, match="sudo apt-get install chromium hledger"):
        selftest.install(["chromium", "hledger"])


def test_package_lists_are_updated_only_when_installing_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A stand-in for apt-get that fails until it is updated: what is tested is our order of calls."""
    calls = tmp_path / "calls"
    program = tmp_path / "apt-get"
    program.write_text(
        f'#!/bin/sh\necho "$1" >> {calls}\n[ "$1" = update ] && touch {tmp_path}/updated\n[ -e {tmp_path}/updated ]\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(selftest, "administrator", lambda: [])
    selftest.install(["hledger"])
    assert calls.read_text().split() == ["install", "update", "install"]


def test_a_failing_test_fails_the_command(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_right():\n    pass\n\ndef test_wrong():\n    assert 0\n")
    for program in ("chromium", "hledger", "mariadbd"):
        (tmp_path / program).touch(mode=0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    wrong = hub(tmp_path / "home", "test", str(tmp_path / "test_it.py"), PATH=path)
    assert wrong.returncode == 1 and "1 failed, 1 passed" in wrong.stdout
    right = hub(tmp_path / "home", "test", "-k", "right", str(tmp_path / "test_it.py"), PATH=path)
    assert right.returncode == 0 and "1 passed, 1 deselected" in right.stdout
