"""`hub backup` and `hub restore`: everything that the hub holds, in one folder, and back from it, verified."""

from pathlib import Path

import click

from operational_app.cli.output import note
from operational_app.core.i18n import _


@click.command(epilog="Example: hub backup /mnt/backups/2026-11-30")
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Copy store, lakes, publications, documents' files and Dagster's records into the new folder PATH.

    Clerks may go on; syncs and builds wait. Keep the folder as safe as the hub itself: it holds everything that is
    confidential, and the keys of the encrypted lake.
    """
    from operational_app.cli import backup_set

    content = backup_set.make(path.absolute(), note)
    rows = sum(count for tables in content["databases"].values() for count, _hash in tables.values())
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    note(
        _("Backed up {rows} rows in {tables} tables and {files} files, {size} MB, in {path}.").format(
            rows=rows,
            tables=sum(map(len, content["databases"].values())),
            files=len(content["files"]),
            size=round(size / 1_000_000, 1),
            path=path,
        )
    )


@click.command(epilog="Example: HUB_HOME=/srv/hub hub restore /mnt/backups/2026-11-30")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_context
def restore(context: click.Context, path: Path) -> None:
    """Make this empty home from the backup in PATH, compare it with what was backed up, and verify its truths.

    Nothing is overwritten: with a store, a lake or files here it is refused. Roles get this home's own passwords; people
    keep theirs, and sign in anew.
    """
    from operational_app import migrations
    from operational_app.cli import backup_set
    from operational_app.cli.verify import verify

    content = backup_set.read(path.absolute(), note)
    backup_set.restore(path.absolute(), content, note)
    note(_("Everything is as it was backed up on {day}. Verifying it …").format(day=content["made_at"][:19]))
    # A newer hub may restore an older backup; rights and triggers are drawn anew in any case.
    migrations.migrate()
    backup_set.end_sessions()
    context.invoke(verify, part="all")
    note(_("Restored. `hub serve` starts it."))
