"""How far a long step has come, told to whoever watches: a bar on a terminal, or nobody.

Assets are run by Dagster, which hands them no callback of ours; in process, they find it here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tick = Callable[[int, int, str], None]

_watchers: list[Tick] = []


def tick(done: int, total: int, what: str) -> None:
    """Tell that `done` of `total` parts are done (0: nobody knows how many), and which is at work."""
    for watcher in _watchers:
        watcher(done, total, what)


@contextmanager
def watched(watcher: Tick | None) -> Iterator[None]:
    """Tell this watcher for a while."""
    if watcher is None:
        yield
        return
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)
