"""`hub quarantine`: rows of outside sources that were held back, and what becomes of them."""

import getpass

import click

from operational_app.cli.output import format_option, note, show
from operational_app.core.i18n import _

STATES = ("waiting", "released", "discarded", "resolved", "all")


@click.group()
def quarantine() -> None:
    """Rows of outside sources that broke a rule: they wait, whole, with the reason. A row that is corrected at its
    source comes in with the next `hub sync`, and its entry is closed by itself."""


@quarantine.command("list", epilog="Example: hub quarantine list shop --state all")
@click.argument("source", required=False)
@click.option("--state", type=click.Choice(STATES), default="waiting", show_default=True)
@click.option(
    "--limit", type=click.IntRange(1), default=1000, show_default=True, help="At most so many, the oldest first."
)
@format_option()
def list_(source: str | None, state: str, limit: int, output_format: str) -> None:
    """List held rows: where they came from, why they wait, whom to ask."""
    from pipelines import quarantine as held

    found = held.entries(source=source, state=None if state == "all" else state, limit=limit)
    columns = ["id", "source", "table_name", "row_key", "reason", "owner", "state", "held_at"]
    rows = [[e.quarantine_id, e.source, e.table_name, e.row_key, e.reason, e.owner, e.state, e.held_at] for e in found]
    show(columns, rows, output_format)
    if not found:
        note(_("No row waits."))


@quarantine.command("show", epilog="Example: hub quarantine show 17000001")
@click.argument("number", type=int)
@format_option()
def show_(number: int, output_format: str) -> None:
    """Show one held row with all its columns."""
    from pipelines import quarantine as held

    entry = held.get(number)
    facts = {
        "source": entry.source, "table": entry.table_name, "origin": entry.origin, "load": entry.load_id,
        "reason": entry.reason, "owner": entry.owner, "state": entry.state, "held at": entry.held_at,
        "decided at": entry.decided_at, "decided by": entry.decided_by,
    }  # fmt: skip
    rows = [[name, value] for name, value in facts.items()]
    show(["field", "value"], [*rows, *([f"row.{name}", value] for name, value in entry.row.items())], output_format)


@quarantine.command(epilog="Example: hub quarantine release 17000001 17000002")
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.option("--by", default=getpass.getuser, help="Who decides; default: who is signed in here.")
def release(numbers: tuple[int, ...], by: str) -> None:
    """Write held rows as they are, and let the very same rows pass from now on."""
    from pipelines import quarantine as held

    for number in numbers:
        entry = held.release(number, by)
        click.echo(_("Released {number} into raw_{source}.{table}.").format(
            number=number, source=entry.source, table=entry.table_name
        ))  # fmt: skip


@quarantine.command(epilog="Example: hub quarantine discard 17000001")
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.option("--by", default=getpass.getuser, help="Who decides; default: who is signed in here.")
def discard(numbers: tuple[int, ...], by: str) -> None:
    """Keep held rows out for good, as long as they stay the same at their source."""
    from pipelines import quarantine as held

    for number in numbers:
        held.discard(number, by)
        click.echo(_("Discarded {number}.").format(number=number))
