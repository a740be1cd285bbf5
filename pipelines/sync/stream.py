"""`hub stream`: follows the change log and runs the same batch as `hub sync` whenever there is something new.

It listens on the channel `hub_change` and asks once a second besides, so that it works whether or not anybody notifies.
Asking costs one look at an index of the change log; the lake is opened only when there is something to bring. A server
that goes away, a lock that is busy, a store in the middle of a migration: it says so, waits and tries again.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from gettext import gettext as _

import duckdb
import psycopg

from pipelines import lake
from pipelines.sync import store
from pipelines.sync.run import SyncResult, sync_store
from pipelines.sync.watermark import Watermark

CHANNEL = "hub_change"
POLL_SECONDS = 1.0
# A changed shape leaves no entry in the log: look at all tables this often, also when nothing happens.
IDLE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0


def follow(stop: threading.Event, say: Callable[[str], None]) -> None:
    """Run batches until `stop` is set; a batch that has begun is finished first.

    Args:
        stop: set it to end, from a signal handler or another thread.
        say: gets one line per batch and per fault.
    """
    pause = 1.0
    while not stop.is_set():
        try:
            with store.direct() as db:
                db.execute(f"LISTEN {CHANNEL}")
                if pause > 1.0:
                    say(_("The store answers again."))
                pause = 1.0
                _follow(db, stop, say)
        except (psycopg.Error, duckdb.Error, lake.LakeError) as error:
            say(_("{error} Next try in {pause:.0f} s.").format(error=_sentence(error), pause=pause))
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _follow(db: psycopg.Connection, stop: threading.Event, say: Callable[[str], None]) -> None:
    looked_at = 0.0
    last: Watermark | None = None
    while not stop.is_set():
        if time.monotonic() - looked_at > IDLE_SECONDS or _has_news(db, last):
            result = sync_store(wait_seconds=30)
            if result.load_id is not None:
                say(_line(result))
            last, looked_at = result.watermark, time.monotonic()
        elif not stop.is_set():
            # Ends at the first notification. More of them only say again that there is something new.
            for _notification in db.notifies(timeout=POLL_SECONDS, stop_after=1):
                break


def _has_news(db: psycopg.Connection, last: Watermark | None) -> bool:
    """Whether the change log holds an entry that the lake does not; the answer costs no more than finding one."""
    if last is None:
        return True
    return db.execute(f"SELECT EXISTS (SELECT FROM core.change_log AS r WHERE {store.difference(last)})").fetchone()[0]


def _line(result: SyncResult) -> str:
    rows = sum(t.inserted + t.updated + t.deleted for t in result.tables)
    return _(
        "{at:%Y-%m-%d %H:%M:%S} load {load}: {changes} changes, {rows} rows in {tables} tables, {seconds} s{reason}"
    ).format(
        at=datetime.now(UTC), load=result.load_id, changes=result.changes, rows=rows, tables=len(result.tables),
        seconds=result.seconds, reason=f" ({result.reason})" if result.reason else "",
    )  # fmt: skip


def _sentence(error: Exception) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return text if text.endswith(".") else text + "."
