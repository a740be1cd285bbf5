"""Jobs and their schedules.

The schedule that builds is off until somebody who wants it switches it on, in Dagster's page. The one that lets old
snapshots go is on: without it the lake grows with every batch, and it takes nothing that was ever published.
"""

import dagster as dg

from pipelines import publication
from pipelines.lake import LAKES

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Sync, gate, build, certify and publish.",
    # One at a time: two runs would only wait for each other's locks.
    tags={"dagster/concurrency_key": "refresh"},
    executor_def=dg.in_process_executor,
)

every_quarter_of_an_hour = dg.ScheduleDefinition(
    name="refresh_every_15_minutes",
    job=refresh,
    cron_schedule="*/15 * * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Keeps the publication at most a quarter of an hour old.",
)


@dg.op
def expire_snapshots(context: dg.OpExecutionContext) -> None:
    """Let go of the snapshots of both lakes that nothing needs and that are older than a week."""
    for kind in LAKES:
        gone = publication.expire(publication.expirable(kind=kind), kind)
        context.log.info("%s: %s snapshots expired", kind, gone)


@dg.job(
    description="Let go of snapshots that no publication needs.",
    tags={"dagster/concurrency_key": "refresh"},
    executor_def=dg.in_process_executor,
)
def expire() -> None:
    expire_snapshots()


every_night = dg.ScheduleDefinition(
    name="expire_every_night",
    job=expire,
    cron_schedule="30 3 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Keeps the lake no larger than what was published needs.",
)
