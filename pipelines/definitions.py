"""Dagster's definitions: everything that `dagster` loads, on one screen. Loading them reaches no server."""

import dagster as dg

from pipelines.assets import publication, raw
from pipelines.assets.warehouse import warehouse
from pipelines.checks.quality import quality_gate
from pipelines.schedules import every_night, every_quarter_of_an_hour, expire, refresh

defs = dg.Definitions(
    assets=[*raw.ASSETS, warehouse, *publication.ASSETS],
    asset_checks=[quality_gate],
    jobs=[refresh, expire],
    schedules=[every_quarter_of_an_hour, every_night],
    executor=dg.in_process_executor,
)
