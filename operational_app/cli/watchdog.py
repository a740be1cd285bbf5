"""Ends the children of `hub serve` when it is killed so hard that it cannot do so itself.

Runs as a process of its own, in a session of its own. `hub serve` writes the process groups that it starts (`+123`)
and that have ended (`-123`) to this program's standard input; the end of that input is the end of `hub serve`. What is
still listed then gets SIGTERM, after GRACE_SECONDS SIGKILL, and the embedded server is stopped unless it is used.

It knows nothing but process groups, so that grandchildren (Dagster's code servers, running builds) end too.
"""

import os
import signal
import sys
import time
from pathlib import Path

GRACE_SECONDS = 5


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: set[int], grace_seconds: float) -> None:
    """SIGTERM, some time, SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            if alive(group):
                os.killpg(group, number)
        until = time.monotonic() + grace_seconds
        while any(map(alive, groups)) and time.monotonic() < until:
            time.sleep(0.05)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    end(groups, GRACE_SECONDS)
    if len(sys.argv) > 1:
        from operational_app.cli import embedded

        embedded.stop_if_unused(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
