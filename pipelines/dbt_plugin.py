"""What dbt's own DuckDB connection needs: the lake attached twice, by pipelines/lake.py, which alone knows how.

`lake` is written. `pinned` is the same lake read-only at one snapshot: every model that reads `raw` reads it there, so
that no two models of a build see different instants while the change stream goes on writing.

dbt loads this module by its name in dbt_project/profiles.yml. The snapshot comes from HUB_RAW_SNAPSHOT, an environment
variable rather than a field of the profile because dbt parses the whole project anew whenever its profile changes.
"""

import os
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from pipelines import lake
from pipelines.build import RAW_SNAPSHOT


class Plugin(BasePlugin):
    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        config.update(lake.session_config(threads=2))

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        lake.prepare(conn, extensions=("postgres_scanner", "ducklake"))
        lake.attach(conn, "lake", role="hub_lake", read_only=False)
        snapshot = os.environ.get(RAW_SNAPSHOT)
        at = int(snapshot) if snapshot else lake.current_snapshot(conn)
        lake.attach(conn, "lake", role="hub_lake", alias="pinned", at=at)
