"""How the app is served: the one command line, for `hub serve` and for the benchmark of its pages."""

import os
import sys

# A process serves one page at a time: Python computes on one core. More than a few gain nothing on one machine.
MOST_WORKERS = 4


def workers() -> int:
    """Processes that serve pages: one a core, at least two, so that a slow report holds up nobody."""
    return max(2, min(MOST_WORKERS, os.cpu_count() or 1))


def command_line(port: int) -> list[str]:
    """The server's program and arguments, listening on localhost only."""
    return [
        sys.executable, "-m", "uvicorn", "operational_app.web.app:create_app", "--factory",
        "--host", "localhost", "--port", str(port), "--workers", str(workers()), "--no-server-header",
        # Open event streams never end by themselves; without a limit they would hold up a stop.
        "--timeout-graceful-shutdown", "3",
    ]  # fmt: skip
