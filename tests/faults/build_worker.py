"""Builds to be killed: imports dbt once, then forks a child for each line on its input and tells how the child ended.

A line is JSON: what to build in dbt's words (nothing for the whole warehouse), and after how many seconds to kill, or
null. The child syncs, builds, certifies and publishes. Answered is its exit status (negative: the signal that ended
it) and its seconds.
"""

import json
import os
import signal
import sys
import time
import traceback

import dbt.cli.main  # noqa: F401 - imported here once, so that a child begins with its work at once

import pipelines.quality.expectations  # noqa: F401
from pipelines import build, build_record, certificate, publication
from pipelines.sync import sync_store


def work(chosen: list[str]) -> None:
    sync_store()
    result = build.build(chosen)
    if chosen:
        # The test changes nothing but what the chosen models show, so all marts are of one instant after all.
        build_record.succeed(build_record.begin(result.raw_snapshot, []), result.models, result.tests_passed, 0)
    publication.publish(certificate.require(certificate.certify(by="worker")), by="worker")


def main() -> None:
    for line in sys.stdin:
        chosen, kill_after = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                work(chosen.split())
            except BaseException:  # noqa: BLE001 - the parent test reads it
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(json.dumps(end_of(child, kill_after)), flush=True)


def end_of(child: int, kill_after: float | None) -> tuple[int, float]:
    """Exit status and seconds of the child, which is killed when its time is over."""
    began = time.monotonic()
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status), time.monotonic() - began
        if kill_after is not None and time.monotonic() - began >= kill_after:
            os.kill(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), time.monotonic() - began
        time.sleep(0.02)


if __name__ == "__main__":
    main()
