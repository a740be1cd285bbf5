"""Assets materialised in this process, with the same record as a run from Dagster's page or its schedule.

Importing Dagster and the definitions takes seconds: only what runs a stretch of the way imports this module.
"""

import os
from collections.abc import Sequence
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef

import hub_settings
from pipelines import build
from pipelines.progress import Tick, watched

# The record is in Dagster's storage; on the terminal the commands say what is to be said.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def instance() -> dg.DagsterInstance:
    """Dagster's storage in our own server, as `hub serve` sets it up, whether or not that ever ran."""
    home = hub_settings.dagster_home()
    home.mkdir(parents=True, exist_ok=True)
    # psycopg2, which dagster-postgres is written for; the file that `hub serve` writes reads it from the environment.
    url = hub_settings.database_url("hub_dagster", "dagster").replace("postgresql://", "postgresql+psycopg2://", 1)
    os.environ["HUB_DAGSTER_DATABASE_URL"] = url
    storage = {"postgres": {"postgres_url": {"env": "HUB_DAGSTER_DATABASE_URL"}}}
    overrides = {"storage": storage, "telemetry": {"enabled": False}}
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), overrides=overrides))


def materialise(
    assets: Sequence[dg.AssetKey] | None = None, *, watcher: Tick | None = None, store: dg.DagsterInstance | None = None
) -> dict[str, dict[str, Any]]:
    """Run the job `refresh`, or the chosen assets of it with their checks; gives what each asset told.

    Args:
        assets: keys; None for all.
        watcher: told how far each step is.
        store: Dagster's storage; default: ours.

    Raises:
        The error of the step that failed; a failed blocking check as dagster's DagsterAssetCheckFailedError.
    """
    if not build.manifest_file().exists():
        build.prepare_manifest()
    from pipelines.definitions import defs

    with store or instance() as opened, watched(watcher):
        result = defs.resolve_job_def("refresh").execute_in_process(
            instance=opened,
            asset_selection=list(assets) if assets is not None else None,
            run_config=QUIET,
            raise_on_error=True,
        )
        return {
            event.asset_key.to_user_string(): {
                name: value.value for name, value in event.materialization.metadata.items()
            }
            for event in result.get_asset_materialization_events()
        }
