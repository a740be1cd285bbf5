"""`hub outbox`: send what waits for other systems, and send again what failed."""

import signal
import threading
from types import FrameType

import click

from operational_app.cli.output import note
from operational_app.core.i18n import _


@click.group(epilog="Example: hub outbox send")
def outbox() -> None:
    """Calls of webhooks and mails that wait to be sent."""


@outbox.command()
@click.option("--most", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="At most so many.")
@click.pass_context
def send(context: click.Context, most: int) -> None:
    """Send what is due now, once; exit code 1 when something was given up for good."""
    from operational_app import modules
    from operational_app.core.outbox import send_due

    modules.load()
    done = send_due(most)
    note(
        _("{sent} sent, {put_off} put off, {failed} given up.").format(
            sent=done.sent, put_off=done.put_off, failed=done.failed
        )
    )
    if done.failed:
        context.exit(1)


# A new message is noticed by its notification; this is for those that are due again, or were not notified.
LOOK_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 60.0


@outbox.command(epilog="Example: hub outbox follow")
def follow() -> None:
    """Send whatever becomes due, until Ctrl-C; what is being sent then is finished first. `hub serve` runs this."""
    from operational_app import modules

    modules.load()
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    follow_until(stopping)


def follow_until(stopping: threading.Event) -> None:
    """Send what is due, message by message, until the event is set. A store that is away is waited for."""
    from sqlalchemy.exc import OperationalError

    wait = 1.0
    while not stopping.is_set():
        try:
            _send_until_empty(stopping)
            wait = 1.0
            _wait_for_more(stopping)
        except OperationalError as error:
            note(_("The store does not answer; trying again: {reason}").format(reason=str(error.orig).splitlines()[0]))
            stopping.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)


def _send_until_empty(stopping: threading.Event) -> None:
    from operational_app.core.outbox import Pass, send_due

    while not stopping.is_set():
        done = send_due(1)
        if done == Pass():
            return
        if done.put_off or done.failed:
            note(_("A message was not taken; the list “Outbox” says why."))


def _wait_for_more(stopping: threading.Event) -> None:
    """Until something was committed, but no longer than a few seconds; a stop is noticed within half of one."""
    import psycopg

    import hub_settings
    from operational_app.core.db import CHANGE_CHANNEL

    try:
        with psycopg.connect(hub_settings.database_url("hub_app"), autocommit=True) as line:
            line.execute(f"LISTEN {CHANGE_CHANNEL}")
            for _turn in range(int(LOOK_SECONDS / 0.5)):
                if stopping.is_set() or list(line.notifies(timeout=0.5, stop_after=1)):
                    return
    except psycopg.OperationalError as error:
        note(_("The store does not answer; trying again: {reason}").format(reason=str(error).splitlines()[0]))
        stopping.wait(1)
