"""`./hub`: says what is missing, sets up once, costs nothing when all is there."""

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from hub_settings import ROOT


@pytest.fixture
def hub() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("hub_bootstrap", str(ROOT / "hub"))
    spec = importlib.util.spec_from_loader("hub_bootstrap", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


@pytest.fixture
def home(tmp_path: Path, hub: ModuleType) -> Path:
    """A HUB_HOME whose environment is the one that runs the tests, with its stamp."""
    environment = tmp_path / "venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(sys.executable)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", environment)
    (environment / "lib").symlink_to(Path(sys.prefix) / "lib")
    hub.write(str(environment / ".hub-stamp"), hub.environment_stamp(str(environment)))
    assets = tmp_path / "assets"
    assets.mkdir()
    hub.write(str(assets / ".hub-stamp"), hub.assets_stamp())
    return tmp_path


def call(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "hub"), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=environment.pop("cwd", "/"),
        env=os.environ | {"HUB_HOME": str(home)} | environment,
    )


def test_a_current_home_is_used_as_it_is(home: Path) -> None:
    done = call(home, "--version")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("hub, version ")
    assert not (home / "setup.lock").exists()


def test_a_call_costs_little_beside_the_command(home: Path, hub: ModuleType) -> None:
    began = time.perf_counter()
    assert hub.environment_is_current(str(home / "venv")) and hub.assets_are_current(str(home / "assets"))
    # Measured 2 ms.
    assert time.perf_counter() - began < 0.05


def test_the_callers_folder_lends_no_modules(home: Path, tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('the wrong click')")
    done = call(home, "--version", cwd=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_another_lock_makes_the_environment_stale(home: Path, hub: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = home / "requirements.lock"
    changed.write_text((ROOT / "requirements.lock").read_text() + "# changed\n")
    monkeypatch.setattr(hub, "LOCK", str(changed))
    assert not hub.environment_is_current(str(home / "venv"))


def test_a_half_made_environment_is_not_current(home: Path, hub: ModuleType) -> None:
    (home / "venv" / ".hub-stamp").unlink()
    assert not hub.environment_is_current(str(home / "venv"))


def test_an_environment_whose_python_is_gone_is_made_anew(home: Path, hub: ModuleType) -> None:
    (home / "venv" / "bin" / "python").unlink()
    (home / "venv" / "bin" / "python").symlink_to(home / "no-python-any-more")
    assert not hub.environment_is_current(str(home / "venv"))
    assert not hub.runs(str(home / "venv" / "bin" / "python"))


def test_assets_that_changed_are_fetched_anew(home: Path, hub: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    source = home / "source"
    source.mkdir()
    for name in ("package.json", "package-lock.json"):
        (source / name).write_text("{}")
    monkeypatch.setattr(hub, "ASSETS", str(source))
    assert not hub.assets_are_current(str(home / "assets"))


def test_an_old_python_is_told_what_to_install(hub: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub.sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(hub.SetupError, match="Python 3.11 or newer is needed.*apt-get install python3.11"):
        hub.use_a_python_that_is_new_enough()


def test_a_python_without_venv_is_told_what_to_install(
    hub: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(hub.SetupError, match=r"has no venv module.*apt-get install python3\.\d+-venv"):
        hub.make_empty_environment(str(tmp_path / "venv"))


def test_a_failed_step_shows_the_last_lines_and_what_to_do(hub: ModuleType) -> None:
    with pytest.raises(hub.SetupError, match="(?s)Check the network.*no such host"):
        hub.run([sys.executable, "-c", "print('no such host'); raise SystemExit(1)"], "Check the network.")


def test_a_second_first_call_waits_for_the_first(home: Path, hub: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is replaced by a slow stand-in; the lock and the second look after it are the real ones."""
    (home / "venv" / ".hub-stamp").unlink()
    script = (
        "import importlib.machinery, importlib.util, sys, time\n"
        f"loader = importlib.machinery.SourceFileLoader('hub', {str(ROOT / 'hub')!r})\n"
        "sys.dont_write_bytecode = True\n"
        "hub = importlib.util.module_from_spec(importlib.util.spec_from_loader('hub', loader))\n"
        "loader.exec_module(hub)\n"
        "def make(venv):\n"
        "    print('made', flush=True); time.sleep(1)\n"
        "    hub.write(venv + '/.hub-stamp', hub.environment_stamp(venv))\n"
        "hub.make_environment = make\n"
        f"hub.set_up({str(home)!r}, {str(home / 'venv')!r}, {str(home / 'assets')!r})\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    answers = [process.communicate(timeout=30) for process in both]
    assert sorted(out for out, _err in answers) == ["", "made\n"]
    assert any("waiting for it" in err for _out, err in answers)
    assert all(process.returncode == 0 for process in both)
