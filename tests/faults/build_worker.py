"""Builds to be killed: imports dbt once, then forks a child for each line on its input and tells how the child ended.

A line names what to build in dbt's words, nothing for the whole warehouse. The child syncs, builds, certifies and
publishes. First the child's process id is printed, then its exit status (negative: the signal that ended it).
"""

import os
import sys
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
        child = os.fork()
        if child == 0:
            try:
                work(line.split())
            except BaseException:  # noqa: BLE001 - the parent test reads it
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
