"""The stream follows the store, survives its restart, and stops cleanly."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import hub_settings
from operational_app.cli import embedded
from pipelines import lake
from pipelines.sync.stream import follow
from tests.pipelines.sync.trial import Trial, trial, trial_template

__all__ = ["trial", "trial_template"]


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def arrived(name: str) -> bool:
    with lake.connect() as con:
        if not con.execute(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw_erp' AND table_name = 'item'"
        ).fetchone():
            return False
        return bool(con.execute("SELECT 1 FROM raw_erp.item WHERE name = ?", [name]).fetchone())


def test_the_stream_brings_changes_by_itself_and_survives_a_restart_of_the_server(trial: Trial) -> None:
    stop, lines = threading.Event(), []
    thread = threading.Thread(target=follow, args=(stop, lines.append))
    thread.start()
    try:
        wait_until(lambda: any("first load" in line for line in lines))
        trial.sql("INSERT INTO erp.item (name) VALUES ('first')")
        wait_until(lambda: arrived("first"))
        embedded.stop()
        wait_until(lambda: any("Next try in" in line for line in lines))
        with (embedded.folder() / "start.lock").open("a"):
            embedded._start_server()
        wait_until(lambda: any("answers again" in line for line in lines))
        trial.sql("INSERT INTO erp.item (name) VALUES ('after the restart')")
        wait_until(lambda: arrived("after the restart"))
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()
    trial.assert_equal()
    batches = [line for line in lines if " load " in line and "changes" in line]
    assert len(batches) == 3, lines


def test_hub_stream_ends_at_sigterm_with_exit_code_0(trial: Trial) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "operational_app.cli", "stream"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=hub_settings.ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        trial.sql("INSERT INTO erp.item (name) VALUES ('first')")
        wait_until(lambda: arrived("first"))
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert "first load" in said and said.strip().endswith("Stopped.")
    trial.assert_equal()
