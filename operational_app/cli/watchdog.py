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
from collections.abc import Iterator
from pathlib import Path

GRACE_SECONDS = 5


def alive(group: int) -> bool:
    """Whether a process of this group runs.

    Where the system tells more (`/proc`), one that has ended and is only not yet collected does not count: in a
    container whose first process collects nobody, it would stay for ever.
    """
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    states = list(states_of(group))
    return not states or any(state != "Z" for state in states)


def states_of(group: int) -> Iterator[str]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may hold spaces: what follows it is: state, parent, group.
            state, _parent, of_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of_group) == group:
            yield state


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
