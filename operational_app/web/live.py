"""What changes is told to open pages at once: one connection to the store a process, however many pages are open.

`db.transaction()` notifies after commits, at most twice a second. On each notification, and every two seconds for what was
not notified, one question about the bells and one about the changed tables is asked for all open pages together. A page is
told only that something changed, never what: it then asks for it by itself, with its visitor's rights.

Where the line to the store is lost, pages hear nothing until it is back; their bell asks twice a minute anyway.
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import psycopg

import hub_settings
from operational_app.core.db import CHANGE_CHANNEL
from operational_app.core.document import DOCUMENTS

log = logging.getLogger(__name__)

MOST_STREAMS = 1000
MOST_A_USER = 8
LOOK_SECONDS = 2.0
# Never more often, however much is written.
PAUSE_SECONDS = 0.3
LONGEST_WAIT_SECONDS = 30.0

CHANGED = "SELECT DISTINCT schema_name || '.' || table_name FROM core.change_log WHERE sequence > %s"
UNREAD = """
SELECT u.id, count(n.id) FROM unnest(%s::bigint[]) AS u (id)
LEFT JOIN core.notification n ON n.user_id = u.id AND n.read_at IS NULL GROUP BY u.id
"""


class TooManyStreams(Exception):
    """The process, or this user, has as many open streams as there may be."""


@dataclass(eq=False)
class Stream:
    """One open page: whose it is, which document's list it shows, and what it has not been told yet."""

    user_id: int
    document: str
    loop: asyncio.AbstractEventLoop
    waiting: set[str] = field(default_factory=set)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, what: str) -> None:
        """From the follower's thread. What is told twice before the page hears it is told once."""

        def add() -> None:
            self.waiting.add(what)
            self.wake.set()

        try:
            self.loop.call_soon_threadsafe(add)
        except RuntimeError:
            # The server has stopped, and this stream with it.
            log.debug("a stream's loop is closed")

    async def news(self, seconds: float) -> AsyncIterator[str]:
        """What there is to tell, waited for no longer than this."""
        try:
            await asyncio.wait_for(self.wake.wait(), seconds)
        except TimeoutError:
            return
        self.wake.clear()
        told, self.waiting = self.waiting, set()
        for what in sorted(told):
            yield what


class Follower:
    """The open streams of this process, and the one thread that listens to the store while there are any."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.streams: set[Stream] = set()
        self.thread: threading.Thread | None = None

    def open(self, stream: Stream) -> None:
        """Begin to tell this stream.

        Raises:
            TooManyStreams: it may not be opened.
        """
        with self.lock:
            of_user = sum(one.user_id == stream.user_id for one in self.streams)
            if len(self.streams) >= MOST_STREAMS or of_user >= MOST_A_USER:
                raise TooManyStreams()
            self.streams.add(stream)
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="hub live", daemon=True)
                self.thread.start()

    def close(self, stream: Stream) -> None:
        with self.lock:
            self.streams.discard(stream)

    def _still_needed(self) -> bool:
        with self.lock:
            if not self.streams:
                self.thread = None
                return False
            return True

    def _run(self) -> None:
        wait = 1.0
        while self._still_needed():
            try:
                self._follow()
                return
            except psycopg.Error as error:
                log.warning("open pages hear nothing until the store is back: %s", error)
                time.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _follow(self) -> None:
        """Listen until no stream is open any more."""
        with psycopg.connect(hub_settings.database_url("hub_app"), autocommit=True) as line:
            line.execute(f"LISTEN {CHANGE_CHANNEL}")
            last = self._last_sequence(line)
            bells: dict[int, int] = {}
            while self._still_needed():
                last = self._look(line, last, bells)
                for _told in line.notifies(timeout=LOOK_SECONDS, stop_after=1):
                    time.sleep(PAUSE_SECONDS)

    @staticmethod
    def _last_sequence(line: psycopg.Connection) -> int:
        [last] = line.execute("SELECT coalesce(max(sequence), 0) FROM core.change_log").fetchone() or [0]
        return int(last)

    def _look(self, line: psycopg.Connection, last: int, bells: dict[int, int]) -> int:
        """Ask what is new for all streams, tell them, and say up to where was looked."""
        with self.lock:
            streams = list(self.streams)
        unread = dict(line.execute(UNREAD, [sorted({one.user_id for one in streams})]).fetchall())
        ring = {user for user, count in unread.items() if bells.get(user, count) != count}
        bells.clear()
        bells.update(unread)
        newest, changed = self._last_sequence(line), set()
        if newest > last:
            # A row with a lower sequence may be committed later: what it changed is told with the next change.
            changed = {row[0] for row in line.execute(CHANGED, [last]).fetchall()}
        for one in streams:
            if one.user_id in ring:
                one.tell("bell")
            if one.document and table_of(one.document) in changed:
                one.tell("list")
        return newest


def table_of(document: str) -> str:
    table = DOCUMENTS[document].model.__table__
    return f"{table.schema}.{table.name}"


follower = Follower()
