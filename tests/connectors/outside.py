"""Databases outside the hub that tests start themselves: PostgreSQL, MariaDB, SQLite."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import sqlalchemy as sa

import hub_settings

DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


@dataclass
class Outside:
    """A database of somebody else's: its address, and a way to change it as its owner would."""

    kind: str
    url: str

    def run(self, *statements: str) -> None:
        url = sa.make_url(self.url)
        engine = sa.create_engine(
            url.set(drivername=DRIVERS.get(url.drivername, url.drivername)), poolclass=sa.NullPool
        )
        with engine.begin() as connection:
            for statement in statements:
                # As it stands: a percent sign in a value is no place for a parameter.
                connection.exec_driver_sql(statement.replace("%", "%%") if self.kind != "sqlite" else statement)


@contextmanager
def postgres(name: str = "outside_shop") -> Iterator[Outside]:
    """A database beside ours on the embedded server, which the hub reaches like any other's."""
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
    yield Outside("postgresql", urlunsplit(urlsplit(hub_settings.maintenance_url())._replace(path=f"/{name}")))
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def mariadb() -> Iterator[Outside]:
    """A MariaDB server of its own, on a socket, with a database `shop`."""
    server = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if server is None:
        pytest.skip("needs MariaDB's server (Debian: mariadb-server), which hub test installs where it may")
    home = Path(tempfile.mkdtemp(prefix="hub-mariadb-"))
    data, socket, as_user = home / "data", home / "s.sock", []
    if os.geteuid() == 0:
        mysql = pwd.getpwnam("mysql")
        os.chown(home, mysql.pw_uid, mysql.pw_gid)
        as_user = ["--user=mysql"]
    set_up = [
        "mariadb-install-db",
        "--no-defaults",
        *as_user,
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
    ]
    subprocess.run([*set_up, "--skip-test-db"], check=True, capture_output=True)
    quick = [
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-buffer-pool-size=64M",
        "--skip-log-bin",
        "--skip-networking",
    ]
    command = [
        server,
        "--no-defaults",
        *as_user,
        f"--datadir={data}",
        f"--socket={socket}",
        f"--pid-file={home}/pid",
        *quick,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 60
            while not socket.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            Outside("mysql", f"mysql://root@localhost/?unix_socket={socket}").run(
                "CREATE DATABASE shop CHARACTER SET utf8mb4"
            )
            yield Outside("mysql", f"mysql://root@localhost/shop?unix_socket={socket}&charset=utf8mb4")
        finally:
            process.terminate()
            process.wait(60)
            shutil.rmtree(home, ignore_errors=True)


def sqlite(folder: Path) -> Outside:
    return Outside("sqlite", f"sqlite:///{folder / 'shop.db'}")
