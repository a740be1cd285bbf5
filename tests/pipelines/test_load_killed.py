"""A loader killed at any moment: each lake shows one whole state of the source, and the next load goes on from it."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hub_settings
from pipelines import lake, load, sources

NAME = "test_killed"
TABLES = [f"t{number}" for number in range(8)]
LOADER = f"from pipelines import load; print('begin', flush=True); load.load_source({NAME!r})"


def write(folder: Path, state: int) -> None:
    """Every row of every table carries the number of the state of the source."""
    for table in TABLES:
        rows = "".join(f"{row},{state},{state * 1000 + row}.25\n" for row in range(3000))
        (folder / f"{table}.csv").write_text("id,state,pay\n" + rows)


def states(catalog: str) -> set[tuple[int, int, int]]:
    """(rows, smallest, largest state) over the tables of a lake; one element means one state in all of them."""
    with lake.connect(confidential=True) as con:
        present = con.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND schema_name = ?", [catalog, f"raw_{NAME}"]
        ).fetchone()[0]
        if not present:
            return {(0, 0, 0)}
        value = "state" if catalog == "lake" else "CAST(pay AS BIGINT) // 1000 - id // 1000"
        found = set()
        for table in TABLES:
            place = f"{catalog}.raw_{NAME}.{table}"
            found.add(con.execute(f"SELECT count(*), min({value}), max({value}) FROM {place}").fetchone())
        return found


@pytest.fixture
def folder(hub_server: object, tmp_path: Path) -> Path:
    lake.create()
    write(tmp_path, 1)
    options = {"tables": {table: {"key": ["id"], "confidential": ["pay"]} for table in TABLES}}
    sources.add(NAME, "files", str(tmp_path), options)
    yield tmp_path
    sources.remove(NAME, drop_tables=True)


def test_a_killed_load_leaves_each_lake_in_one_state_of_the_source(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20110531)
    begin = time.monotonic()
    load.load_source(NAME)
    longest = time.monotonic() - begin
    kept = done = 0
    for state in range(2, 2 + (60 if request.config.getoption("--long") else 5)):
        write(folder, state)
        with subprocess.Popen(
            [sys.executable, "-c", LOADER], cwd=hub_settings.ROOT, stdout=subprocess.PIPE, env=dict(os.environ)
        ) as loader:
            assert loader.stdout.readline() == b"begin\n"
            time.sleep(chance.uniform(0.3, 1.2) * longest)
            loader.send_signal(signal.SIGKILL)
        ((rows, low, high),) = states("lake")
        ((secret_rows, secret_low, secret_high),) = states("confidential")
        assert rows == secret_rows == 3000 and low == high and secret_low == secret_high
        # The confidential lake commits first; neither goes back.
        assert secret_low >= low
        kept, done = kept + (low < state), done + (low == state)
    load.load_source(NAME)
    assert states("lake") == states("confidential") == {(3000, state, state)}
    assert kept, "no kill came before the end of its load: the test has shown nothing"
