"""`hub serve`: app, dashboards, Dagster and the change stream, as one.

What belongs here: which programs these are and how each is started. How they are kept running is `supervisor.py`.
"""

import sys
from collections.abc import Callable

import click
import psycopg

import hub_settings
from operational_app import cli
from operational_app.cli import dagster_home, embedded
from operational_app.cli.supervisor import Program, ServeError, Supervisor
from operational_app.core.i18n import _
from operational_app.web import server

APP_PORT, DASHBOARDS_PORT, DAGSTER_PORT = 8000, 8501, 3000


class NotSetUp(ServeError):
    """The databases are not there, or their server is not."""

    hub_exit_code = 3


def programs(app_port: int, dashboards_port: int, dagster_port: int) -> list[Program]:
    """All that runs. The dashboards learn where the app is, and the app where the others are, by the environment."""
    python = sys.executable
    addresses = {
        "HUB_APP_URL": f"http://localhost:{app_port}",
        "HUB_DASHBOARDS_URL": f"http://localhost:{dashboards_port}",
        "HUB_DAGSTER_URL": f"http://localhost:{dagster_port}",
    }
    dagster = dagster_home.prepare() | addresses
    code_socket = dagster_home.make_room_for_code_server()
    workspace = str(hub_settings.dagster_home() / "workspace.yaml")
    found = [
        Program(
            "app",
            server.command_line(app_port),
            port=app_port, ready_path="/", port_option="--app-port", environment=addresses,
        ),
        Program(
            "dashboards",
            [
                python, "-m", "streamlit", "run", "dashboards/home.py", "--server.headless", "true",
                "--server.address", "localhost", "--server.port", str(dashboards_port),
                "--server.fileWatcherType", "none", "--server.showEmailPrompt", "false",
                "--browser.gatherUsageStats", "false", "--client.toolbarMode", "minimal",
            ],
            port=dashboards_port, ready_path="/_stcore/health", port_option="--dashboards-port", environment=addresses,
        ),
        Program(
            "dagster code",
            [
                python, "-m", "dagster", "code-server", "start", "-m", "pipelines.definitions",
                "--location-name", "pentahub", "--socket", str(code_socket),
                "--use-python-environment-entry-point", "--log-level", "warning",
            ],
            ready_socket=code_socket, environment=dagster,
        ),
        Program(
            "dagster web",
            [
                python, "-m", "dagster_webserver", "-w", workspace, "-h", "localhost", "-p", str(dagster_port),
            ],
            port=dagster_port, ready_path="/server_info", port_option="--dagster-port", environment=dagster,
            after="dagster code",
        ),
        Program(
            "dagster daemon",
            [python, "-m", "dagster._daemon", "run", "-w", workspace],
            environment=dagster, after="dagster code",
        ),
        # Sends mails and webhooks; on a stop it finishes the one that it is sending.
        Program("outbox", [python, "-m", "operational_app.cli", "outbox", "follow"], environment=addresses),
    ]  # fmt: skip
    if "stream" in cli.COMMANDS:
        found.append(Program("stream", [python, "-m", "operational_app.cli", "stream"], environment=addresses))
    return found


def run(
    app_port: int = APP_PORT,
    dashboards_port: int = DASHBOARDS_PORT,
    dagster_port: int = DAGSTER_PORT,
    when_ready: Callable[[], None] | None = None,
) -> int:
    """Serves until a signal asks to stop (or `when_ready` raises); gives the exit code.

    Args:
        when_ready: called once when all answer and their addresses are printed; `hub demo` prints its sign-ins there.

    Raises:
        ServeError: a port is in use, or one of the programs does not start; all others are stopped then.
    """
    embedded.ensure()
    refuse_without_databases()
    prepare_dagster()
    place = embedded.folder() if embedded.is_used_here() else None
    supervisor = Supervisor(programs(app_port, dashboards_port, dagster_port), say, place)
    supervisor.handle_signals()
    try:
        say(_("Starting app, dashboards and Dagster …"))
        supervisor.start()
        if not supervisor.stopping.is_set():
            click.echo(f"{_('App')}         http://localhost:{app_port}")
            click.echo(f"{_('Dashboards')}  http://localhost:{dashboards_port}")
            click.echo(f"{_('Dagster')}     http://localhost:{dagster_port}")
            click.echo(str(_("Logs in {folder}. Ctrl-C stops all.")).format(folder=hub_settings.home() / "logs"))
            if when_ready is not None:
                when_ready()
        return supervisor.wait()
    finally:
        say(_("Stopping …"))
        supervisor.stop()


def prepare_dagster() -> None:
    """Has dbt parse its project before the first build: Dagster's definitions read what it finds, and never make it."""
    from pipelines import build

    if not build.manifest_file().exists():
        build.prepare_manifest()


def refuse_without_databases() -> None:
    """Raises NotSetUp when the databases are not there yet: each program would only say so in its own log."""
    for role, kind in (("hub_app", "store"), ("hub_dagster", "dagster")):
        try:
            psycopg.connect(hub_settings.database_url(role, kind), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[0]
            raise NotSetUp(
                str(_("The databases are not ready ({reason}): run `./hub migrate`, or `./hub demo`.")).format(
                    reason=reason
                )
            ) from error


def say(message: object) -> None:
    click.echo(str(message), err=True)


@click.command(epilog="Example: hub serve --app-port 8080")
@click.option("--app-port", default=APP_PORT, show_default=True, help="Port of the clerks' app.")
@click.option("--dashboards-port", default=DASHBOARDS_PORT, show_default=True, help="Port of the dashboards.")
@click.option("--dagster-port", default=DAGSTER_PORT, show_default=True, help="Port of Dagster's pages.")
@click.pass_context
def serve(ctx: click.Context, app_port: int, dashboards_port: int, dagster_port: int) -> None:
    """Run the app, the dashboards, Dagster and the change stream until Ctrl-C.

    All listen on localhost only. Logs lie in HUB_HOME/logs. What ends by itself is started again, up to three times in
    five minutes.
    """
    ctx.exit(run(app_port, dashboards_port, dagster_port))
