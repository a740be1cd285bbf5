"""`hub test`: all the tests, and what they need beyond Python.

What belongs here: the order of the test folders, the programs that tests drive and how they are installed, and the
home that tests get. What is tested stands in `tests/`.

Tests run in HUB_HOME/test, with an embedded server and a lake of their own: they never touch the data of the demo.
Environment and front-end assets are those of HUB_HOME, by links.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click

import hub_settings
from operational_app.core.i18n import _

# What tells most for the least time comes first; what takes longest comes last. Folders not named run in between.
FIRST = ("architecture", "unit", "core", "cli", "properties")
LAST = ("commands", "pipelines", "dashboards", "scenarios", "faults", "benchmarks", "browser")

# Each worker runs a PostgreSQL and, at times, a browser: more of them than this want more memory than most machines have.
WORKERS = 4


class Need(NamedTuple):
    """A program that tests drive: the names it may have on the PATH, and Debian's package of it."""

    programs: tuple[str, ...]
    package: str


NEEDS = (
    Need(("chromium", "chromium-browser", "google-chrome"), "chromium"),
    Need(("hledger",), "hledger"),
    Need(("mariadbd", "mysqld"), "mariadb-server"),
)
# Servers lie where an ordinary user's PATH does not look.
SERVER_FOLDERS = ("/usr/sbin", "/usr/local/sbin")


class NeedsMissing(Exception):
    """Tests need programs that cannot be installed from here; the message names the command that does."""

    hub_exit_code = 3

    @property
    def hub_message(self) -> str:
        return str(self)


def missing() -> list[str]:
    """Packages of which no program is on the PATH."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), *SERVER_FOLDERS])
    return [need.package for need in NEEDS if not any(shutil.which(name, path=folders) for name in need.programs)]


def install(packages: list[str]) -> None:
    """Installs Debian packages where this user may (root, or sudo that asks for no password).

    Raises:
        NeedsMissing: this is not Debian or Ubuntu, this user may not, or it failed; with the command to run.
    """
    if not packages:
        return
    prefix = administrator()
    if shutil.which("apt-get") is None or prefix is None:
        by_hand = " ".join(["sudo apt-get install", *packages])
        raise NeedsMissing(
            str(_("Tests need {packages}: install them ({command}, or what your system has), then run again.")).format(
                packages=", ".join(packages), command=by_hand
            )
        )
    click.echo(str(_("Installing {packages} …")).format(packages=", ".join(packages)), err=True)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    fetch, update = [*apt, "install", "-y", "-q", "--no-install-recommends", *packages], [*apt, "update", "-q"]
    # The package lists may be there and current: updating them, which takes longer, only when it does not work without.
    for steps in ([fetch], [update, fetch]):
        for step in steps:
            done = subprocess.run(step, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode == 0:
            return
    raise NeedsMissing(
        str(_("Installing failed. Run `{command}`, see what it says, and run again. It said: {words}")).format(
            command=" ".join([*prefix, "apt-get", "install", *packages]), words=done.stderr.strip()[-500:]
        )
    )


def administrator() -> list[str] | None:
    """What to put before a command that only the administrator may run; None where this user may not."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], check=False, capture_output=True).returncode == 0:
        return [sudo, "-n"]
    return None


def in_order(tests: Path) -> list[str]:
    """The test folders and the files beside them, in the order in which they run."""
    names = [entry.name for entry in tests.iterdir() if entry.is_dir() and any(entry.rglob("test_*.py"))]
    files = sorted(entry.name for entry in tests.glob("test_*.py"))

    def place(name: str) -> tuple[int, int, str]:
        if name in FIRST:
            return 0, FIRST.index(name), name
        return (2, LAST.index(name), name) if name in LAST else (1, 0, name)

    return [str(tests / name) for name in [*files, *sorted(names, key=place)]]


def home_for_tests() -> Path:
    """HUB_HOME/test, with links to the environment and the assets, so that set-up is not done twice."""
    home = hub_settings.home()
    place = home / "test"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("venv", "assets"):
        link = place / name
        if (home / name).exists() and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(home / name, target_is_directory=True)
    return place


@click.command(epilog="Example: hub test -k trial_balance tests/finance")
@click.option("--long", "is_long", is_flag=True, help="Add the long fault, torture and browser runs.")
@click.option("-k", "expression", help="Only tests whose names match, as pytest has it.")
@click.option("-x", "--stop-at-first", is_flag=True, help="Stop at the first failure.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def test(is_long: bool, expression: str | None, stop_at_first: bool, paths: tuple[Path, ...]) -> None:
    """Run all the tests, or those in PATHS, against a real PostgreSQL and a real browser.

    Chromium, hledger and MariaDB are installed where they are missing and this user may.
    """
    try:
        install(missing())
    except NeedsMissing as error:
        if not paths:
            raise
        click.echo(str(error), err=True)
    root = hub_settings.ROOT
    home = home_for_tests()
    selected = [str(path.resolve()) for path in paths] or in_order(root / "tests")
    command = [sys.executable, "-m", "pytest", "-q", "--durations=10", "--durations-min=1", *selected]
    # One worker more than there are processors, since each waits now and then for a browser or a server; each has a server
    # of its own. What belongs together stays with one worker (tests/conftest.py). A few chosen tests are quicker without.
    workers = min((os.cpu_count() or 1) + 1, WORKERS)
    spread = ["-n", str(workers), "--dist", "loadgroup", "--no-loadscope-reorder"]
    command += [] if paths or expression else spread
    command += ["--long"] if is_long else []
    command += ["-k", expression] if expression else []
    command += ["-x"] if stop_at_first else []
    environment = os.environ | {
        "HUB_HOME": str(home),
        "PYTHONPATH": str(root),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(home / "hypothesis"),
        "RUFF_CACHE_DIR": str(home / "ruff"),
    }
    sys.stdout.flush()
    os.chdir(root)
    os.execve(sys.executable, command, environment)
