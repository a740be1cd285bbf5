"""Tryton as a source: its own server and modules, filled through its own client, read through its database.

Tryton is GPL and no part of the hub: the test installs it into an environment of its own, which takes minutes, so it runs
with `--long` only.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import hub_settings
from pipelines import lake, load, sources

NAME = "test_tryton"
PROFILE = hub_settings.ROOT / "connectors" / "sql" / "profiles" / "tryton.yml"

FILL = """
import sys
from proteus import Model, config
config.set_trytond("sqlite:///shop", user="admin", config_file=sys.argv[1])
Party = Model.get("party.party")
for number in range(3):
    Party(name=f"Customer {number}").save()
if len(sys.argv) > 2:
    [party, *_others] = Party.find([("name", "=", "Customer 1")])
    party.name = "Customer 1, renamed"
    party.save()
    Party.find([("name", "=", "Customer 2")])[0].delete()
"""


@pytest.fixture(scope="module")
def tryton(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The Python of an environment with Tryton in it, and its database of parties and products."""
    if not request.config.getoption("--long"):
        pytest.skip("installs Tryton: with --long")
    home = tmp_path_factory.mktemp("tryton")
    python = home / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "trytond", "trytond-party", "proteus"], check=True)
    database = home / "shop.sqlite"
    (home / "trytond.conf").write_text(f"[database]\nuri = sqlite://\npath = {home}\n")
    database.touch()
    (home / "password").write_text("s3cret-of-admin")
    admin = [str(home / "venv" / "bin" / "trytond-admin"), "-c", str(home / "trytond.conf"), "-d", "shop"]
    subprocess.run(
        [*admin, "-u", "party", "--activate-dependencies", "--all", "--email", "admin@example.com"],
        check=True,
        env={"TRYTONPASSFILE": str(home / "password"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
    )
    yield python, database


def fill(tryton: tuple[Path, Path], *more: str) -> None:
    python, database = tryton
    config = str(database.parent / "trytond.conf")
    subprocess.run([str(python), "-c", FILL, config, *more], check=True, capture_output=True)


def test_parties_arrive_and_follow(tryton: tuple[Path, Path], hub_server: object) -> None:
    lake.create()
    fill(tryton)
    options = yaml.safe_load(PROFILE.read_text())
    options["only"] = ["party_party"]
    options["tables"] = {"party_party": options["tables"]["party_party"]}
    sources.add(NAME, "sql", f"sqlite:///{tryton[1]}", options)
    try:
        [first] = load.load_source(NAME)
        assert first.inserted == 3
        fill(tryton, "again")
        [second] = load.load_source(NAME)
        # Three more, of which one is renamed with the first of its name, and one of the old ones is gone.
        assert (second.inserted - second.deleted, second.rows_after) == (2, 5)
        with lake.connect() as con:
            names = con.execute(f"SELECT name FROM raw_{NAME}.party_party ORDER BY 1").fetchall()
        assert ("Customer 1, renamed",) in names
    finally:
        sources.remove(NAME, drop_tables=True)
