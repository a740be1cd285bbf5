"""The root of the command line: which commands there are, and what happens around each of them.

What belongs here: the table of commands, the start of the embedded server for those that need a store, and the one
place that turns an error into a sentence and an exit code. What a command does stands in its own module, which is
imported only when the command is used: `hub --help` has to answer at once, and Dagster alone takes seconds to import.

A command is added by one line in COMMANDS. Its function is a click command or group.

Exit codes: 0 done; 1 refused or failed; 2 used wrongly; 3 not set up, or a server cannot be reached; 130 interrupted.

Errors: an exception with an attribute `hub_message` (a sentence, or a property that gives one) is shown as that
sentence; `hub_exit_code` beside it is the exit code, 1 where there is none. So no package has to import this one, and
this one has to import no package, for a refusal to be told well.
"""

import importlib
import os
import signal
import sys
from functools import update_wrapper
from typing import Any, NamedTuple, NoReturn

import click

from operational_app.core.i18n import _

VERSION = "0.1.0"

REFUSED, USAGE, NOT_READY, INTERRUPTED = 1, 2, 3, 130

# Nothing that we build on reports home.
QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}

START = _("Start here")
ADMINISTER = _("Administer")
BOOKS = _("Documents and reports")
WAREHOUSE = _("Sources and warehouse")
SECTIONS = (START, ADMINISTER, BOOKS, WAREHOUSE)


class Entry(NamedTuple):
    """One command: where it stands, under which heading it is listed, what it does, whether it needs a store."""

    target: str
    section: str
    summary: str
    store: bool = True


# name: (module:function, section, what it does, whether it needs a store)
COMMANDS: dict[str, Entry] = {
    "demo": Entry(
        "operational_app.cli.demo:demo", START, _("Build a company, from clerk's entry to dashboards, and serve it.")
    ),
    "serve": Entry("operational_app.cli.serve:serve", START, _("Run app, dashboards, Dagster and the change stream.")),
    "test": Entry("operational_app.cli.selftest:test", START, _("Run all the tests."), store=False),
    "doctor": Entry(
        "operational_app.cli.doctor:doctor", ADMINISTER, _("Say what is wrong and what to do."), store=False
    ),
    "migrate": Entry("operational_app.cli.admin:migrate", ADMINISTER, _("Bring store and lake to the newest state.")),
    "user": Entry("operational_app.cli.admin:user", ADMINISTER, _("Add users; give passwords and roles.")),
    "company": Entry("operational_app.cli.admin:company", ADMINISTER, _("Companies that keep their books here.")),
    "single-sign-on": Entry(
        "operational_app.cli.single_sign_on:single_sign_on",
        ADMINISTER,
        _("Sign-in with the company's identity provider."),
        store=False,
    ),
    "backup": Entry("operational_app.cli.backup:backup", ADMINISTER, _("Copy everything into a folder.")),
    "restore": Entry("operational_app.cli.backup:restore", ADMINISTER, _("Make an empty home from a backup.")),
    "files": Entry("operational_app.cli.stored_files:files", ADMINISTER, _("Files attached to documents.")),
    "outbox": Entry("operational_app.cli.outbox:outbox", ADMINISTER, _("Send webhooks and mails that wait.")),
    "import": Entry("operational_app.cli.imports:import_", BOOKS, _("Bring files into documents, all or nothing.")),
    "report": Entry("operational_app.cli.reports:report", BOOKS, _("What the books say: trial balance and others.")),
    "export": Entry("operational_app.cli.exports:export", BOOKS, _("Give out the books for an independent check.")),
    "verify": Entry("operational_app.cli.verify:verify", BOOKS, _("Verify that the standing truths hold.")),
    "bench": Entry("operational_app.cli.bench:bench", BOOKS, _("Measure how fast it is, against a floor.")),
    "source": Entry("pipelines.cli.source:source", WAREHOUSE, _("Register and look at sources outside.")),
    "sync": Entry("pipelines.cli.sync:sync", WAREHOUSE, _("Bring changes in from the store and the sources.")),
    "quarantine": Entry(
        "pipelines.cli.quarantine:quarantine", WAREHOUSE, _("See and decide rows of sources that were held back.")
    ),
    "stream": Entry("pipelines.cli.sync:stream", WAREHOUSE, _("Follow the change log continuously.")),
    "build": Entry("pipelines.cli.build:build", WAREHOUSE, _("Build and test the warehouse.")),
    "certify": Entry("pipelines.cli.publish:certify", WAREHOUSE, _("Compare the warehouse with sources and books.")),
    "publish": Entry("pipelines.cli.publish:publish", WAREHOUSE, _("Let readers see what was built.")),
    "publications": Entry("pipelines.cli.publish:publications", WAREHOUSE, _("List what has been published.")),
    "rollback": Entry("pipelines.cli.publish:rollback", WAREHOUSE, _("Let readers see an earlier publication again.")),
    "query": Entry("pipelines.cli.query:query", WAREHOUSE, _("Read-only SQL over the warehouse.")),
}


class Root(click.Group):
    """The group of all commands; it knows their names without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _colon, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if entry.store:
            start_store_before(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in SECTIONS:
            rows = [(name, str(entry.summary)) for name, entry in COMMANDS.items() if entry.section == section]
            if rows:
                with formatter.section(str(section)):
                    formatter.write_dl(rows)


def start_store_before(command: click.Command) -> None:
    """Makes the command, or each command of a group, start the embedded server before it runs.

    The callback is wrapped, so that neither `--help` nor a wrong option starts a server.
    """
    if isinstance(command, click.Group) and not command.invoke_without_command:
        for inner in command.commands.values():
            start_store_before(inner)
        return
    callback = command.callback
    if callback is None or getattr(callback, "starts_store", False):
        return

    def with_store(*args: Any, **values: Any) -> Any:
        from operational_app.cli import dagster_home, embedded

        embedded.ensure()
        # A run from the shell is recorded where the runs of the schedule and of Dagster's page are.
        os.environ.update(dagster_home.prepare())
        return callback(*args, **values)

    with_store.starts_store = True  # type: ignore[attr-defined]
    command.callback = update_wrapper(with_store, callback)


@click.group(
    cls=Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Begin with: ./hub demo",
)
@click.option("--debug", is_flag=True, help="Show the full traceback of an error.")
@click.version_option(VERSION, prog_name="hub")
def root(debug: bool) -> None:
    """One open system for ERP, CRM, OA, HR and finance, with its warehouse and dashboards."""


@root.result_callback()
def drop_result(_result: object, **_options: object) -> None:
    """What a command's function returns is not an exit code: it ends with `ctx.exit(code)` or by an exception."""


def sentence_of(error: BaseException) -> tuple[str, int]:
    """What to tell the user about an error, and the exit code."""
    told = getattr(error, "hub_message", None)
    if told is not None:
        return str(told), int(getattr(error, "hub_exit_code", REFUSED))
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    if "hub_settings.SettingsError" in kinds:
        return str(error), NOT_READY
    if kinds & {"psycopg.OperationalError", "sqlalchemy.exc.OperationalError", "psycopg2.OperationalError"}:
        cause = getattr(error, "orig", None) or error
        reason = str(cause).strip().splitlines()[0].rstrip(".")
        # An answer from within a session (a lock that was not had, a deadlock) has a code; no connection has none.
        unreachable = getattr(cause, "sqlstate", None) is None
        return (
            str(_("The database server could not do this: {reason}. `hub doctor` says more.")).format(reason=reason),
            NOT_READY if unreachable else REFUSED,
        )
    if isinstance(error, OSError):
        return f"{error.strerror or error}{': ' + str(error.filename) if error.filename else ''}", REFUSED
    return str(_("This went wrong inside the hub: {kind}: {error}. `hub --debug …` shows where.")).format(
        kind=type(error).__name__, error=str(error).strip() or "-"
    ), REFUSED


def stop_on(number: int, _frame: object) -> NoReturn:
    """SIGTERM and SIGHUP end the process as an exit does, so that the embedded server is stopped too."""
    raise SystemExit(128 + number)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns the exit code; tells each error in one sentence on stderr."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # `--debug` counts wherever it stands before the command's own words end: people add it to the end of a line.
    debug = "--debug" in arguments
    arguments = [word for word in arguments if word != "--debug"]
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, stop_on)
    signal.signal(signal.SIGHUP, stop_on)
    try:
        code = root.main(arguments, prog_name="hub", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        click.echo(str(_("Interrupted.")), err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # The reader (`| head`) has what it wanted; nothing more can be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except Exception as error:
        if debug:
            raise
        message, code = sentence_of(error)
        click.echo(f"hub: {message}", err=True)
        return code
