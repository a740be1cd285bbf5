"""Dagster's page in a real browser: it shows the graph, and a run started there does what the command line does."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

import hub_settings
from tests.conftest import Store
from tests.pipelines.conftest import warehouse  # noqa: F401 - a fixture

# Runs start in the web server's own process tree, without the daemon's queue; nothing is sent anywhere.
CONFIGURATION = """
run_coordinator:
  module: dagster.core.run_coordinator
  class: DefaultRunCoordinator
telemetry:
  enabled: false
nux:
  enabled: false
"""


@pytest.fixture
def dagster(warehouse: Store, tmp_path: Path) -> Iterator[str]:  # noqa: F811 - the fixture
    """Address of Dagster's web server over our definitions and this test's store and lake."""
    from pipelines import build

    build.prepare_manifest()
    (tmp_path / "dagster.yaml").write_text(CONFIGURATION)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "dagster_webserver",
        "-m",
        "pipelines.definitions",
        "-h",
        "localhost",
        "-p",
        str(port),
    ]
    environment = os.environ | {"DAGSTER_HOME": str(tmp_path), "PYTHONPATH": str(hub_settings.ROOT)}
    with (tmp_path / "web.log").open("w") as log:
        server = subprocess.Popen(command, cwd=hub_settings.ROOT, env=environment, stdout=log, stderr=log)
        address = f"http://localhost:{port}"
        try:
            wait_for(address + "/server_info", server, tmp_path / "web.log")
            yield address
        finally:
            server.terminate()
            server.wait(60)


def wait_for(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()[-2000:]
        try:
            urlopen(address, timeout=5).close()
            return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    raise AssertionError(f"Dagster's page did not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def test_a_run_from_the_page_brings_the_store_into_the_lake(dagster: str, page: Page, store: Store) -> None:
    from pipelines import lake

    page.goto(f"{dagster}/asset-groups")
    expect(page.get_by_text("marts").first).to_be_visible()
    page.goto(f"{dagster}/assets/raw_store")
    with page.expect_response(lambda answer: "LaunchPipelineExecution" in (answer.request.post_data or "")) as launched:
        page.get_by_role("button", name="Materialize").first.click()
    assert "LaunchRunSuccess" in launched.value.text()
    page.goto(f"{dagster}/runs")
    expect(page.get_by_text("Success").first).to_be_visible(timeout=120_000)
    with lake.connect() as con:
        users = con.execute("SELECT count(*) FROM raw_core.app_user").fetchone()
    assert users == (store.value("SELECT count(*) FROM core.app_user"),)
