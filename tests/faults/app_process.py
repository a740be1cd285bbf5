"""The app's process for tests that kill it: everything is made ready once, then each start is a fork.

Run as a program, it reads one JSON line for each start and answers with the number of the new process. That one can be
told to kill itself at a chosen point of its work with the store: before or after the n-th statement, before or after a
commit. So a dozen kills meet a dozen different points.
"""

import json
import mmap
import os
import signal
import struct
import sys
from typing import Any

COUNTER = struct.Struct("q")


def main() -> None:
    """HUB_HOME is here the place of the front-end packages; each start brings the test's own environment."""
    from operational_app.web.app import create_app

    app = create_app()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        number = os.fork()
        if number == 0:
            os.environ.update(wanted["environment"])
            serve(app, wanted["port"], wanted["counter"])
            return
        print(number, flush=True)


def serve(app: Any, port: int, counter: str) -> None:
    """The app as `hub serve` runs it, and a count down to its end."""
    import uvicorn
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    from operational_app.core import db

    with open(counter, "r+b") as file:
        points = mmap.mmap(file.fileno(), COUNTER.size)

    def point(*_arguments: object) -> None:
        [left] = COUNTER.unpack(points[:])
        if left > 0:
            points[:] = COUNTER.pack(left - 1)
            if left == 1:
                os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(db.engine(), name, point)
    event.listen(Session, "after_commit", point)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", access_log=False)


if __name__ == "__main__":
    main()
