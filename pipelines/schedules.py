"""Jobs and their schedules. The schedule is off until somebody who wants it switches it on, in Dagster's page."""

import dagster as dg

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
