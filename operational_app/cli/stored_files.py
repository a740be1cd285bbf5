"""`hub files …`: the folder of documents' files."""

import click

from operational_app.cli.output import note
from operational_app.core.i18n import _


@click.group(epilog="Example: hub files clear --dry-run")
def files() -> None:
    """The files that are attached to documents. `hub verify files` says whether all of them are there."""


@files.command(epilog="Example: hub files clear --dry-run")
@click.option("--days", type=click.FloatRange(0), default=1, show_default=True, help="Only what has lain so long.")
@click.option("--dry-run", is_flag=True, help="Only say what would be cleared.")
def clear(days: float, dry_run: bool) -> None:
    """Take away uploads that were never attached to a document."""
    from operational_app import modules
    from operational_app.core import stored_files

    modules.load()
    count, size = stored_files.clear(kept_seconds=days * 86400, dry_run=dry_run)
    note(_("{count} files, {size} MB.").format(count=count, size=round(size / 1_000_000, 1)))
