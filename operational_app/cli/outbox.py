"""`hub outbox`: send what waits for other systems, and send again what failed."""

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
