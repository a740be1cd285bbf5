"""The dashboards as `hub serve` runs them, for tests in a browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hub_settings


@contextmanager
def serving(app: str, log: Path) -> Iterator[str]:
    """Streamlit on a free port, beside the app at that address, over the lakes that the environment names; its address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [
        *(sys.executable, "-m", "streamlit", "run", "dashboards/home.py", "--server.headless", "true"),
        *("--server.address", "localhost", "--server.port", str(port), "--server.fileWatcherType", "none"),
        *("--browser.gatherUsageStats", "false", "--client.toolbarMode", "minimal"),
    ]
    environment = os.environ | {"HUB_APP_URL": app, "HUB_DASHBOARDS_URL": address}
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command, cwd=hub_settings.ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        until = time.monotonic() + 60
        while not answers(f"{address}/_stcore/health"):
            assert server.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(60)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
