"""Dagster's home: its configuration, written from ours.

What belongs here: `dagster.yaml` (runs, events and schedules in the database `hub_dagster` of our own server) and
`workspace.yaml` (one code server for web server and daemon alike, so that the definitions are loaded once).
"""

import os
from pathlib import Path

import hub_settings
from operational_app.cli import embedded

CODE_SOCKET = "code.sock"

# Kept short: Dagster's own defaults hold for the rest.
CONFIGURATION = """\
# Written by `hub`.
storage:
  postgres:
    postgres_url:
      env: HUB_DAGSTER_DATABASE_URL
telemetry:
  enabled: false
# No invitation to sign up for anything before the first look at the graph.
nux:
  enabled: false
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
run_monitoring:
  enabled: true
  start_timeout_seconds: 300
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 30
      success: 90
"""

WORKSPACE = """\
# Written by `hub`.
load_from:
  - grpc_server:
      socket: "{socket}"
      location_name: pentahub
"""


def code_socket() -> Path:
    """Where the code server listens: a socket that only its owner may use, never a port."""
    home = hub_settings.dagster_home()
    return embedded.folder_for_socket(home, CODE_SOCKET) / CODE_SOCKET


def environment() -> dict[str, str]:
    """What Dagster's programs need to know beside their files; the password stays out of those.

    The driver is psycopg2, which dagster-postgres is written for: it closes a connection of psycopg 3 (SQLAlchemy's
    default) by mistake, in `set_pg_statement_timeout`, and then its pages fail.
    """
    url = hub_settings.database_url("hub_dagster", "dagster")
    return {
        "DAGSTER_HOME": str(hub_settings.dagster_home()),
        "HUB_DAGSTER_DATABASE_URL": url.replace("postgresql://", "postgresql+psycopg2://", 1),
    }


def prepare() -> dict[str, str]:
    """Writes both files where they are not as they should be, and gives the environment that goes with them."""
    home = hub_settings.dagster_home()
    home.mkdir(parents=True, exist_ok=True)
    for name, text in (("dagster.yaml", CONFIGURATION), ("workspace.yaml", WORKSPACE.format(socket=code_socket()))):
        file = home / name
        if not file.exists() or file.read_text() != text:
            fresh = home / f"{name}.{os.getpid()}"
            fresh.write_text(text)
            fresh.replace(file)
    return environment()


def make_room_for_code_server() -> Path:
    """The code server's socket, with its folder there and the socket of an earlier one gone."""
    socket = code_socket()
    socket.parent.mkdir(mode=0o700, exist_ok=True)
    socket.unlink(missing_ok=True)
    return socket
