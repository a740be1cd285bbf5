"""`hub certify`, `hub publish`, `hub publications`, `hub rollback`: what readers see, and why they may trust it."""

from typing import Any

import click

from operational_app.cli.output import format_option, note, show
from operational_app.core.i18n import _


@click.command(epilog="Example: hub certify --format json")
@format_option()
@click.pass_context
def certify(context: click.Context, output_format: str) -> None:
    """Compare the warehouse with its sources and books; a line per check, exit code 1 when one does not hold."""
    from pipelines import certificate

    record = certificate.certify()
    show(["check", "state", "rows", "differences"], _lines(record), output_format)
    failed = certificate.failures(record)
    if failed:
        note(_("{count} of {all} checks do not hold.").format(count=len(failed), all=len(record["checks"])))
        context.exit(1)
    note(_("All {all} checks hold. Next: hub publish").format(all=len(record["checks"])))


def _lines(record: dict[str, Any]) -> list[list[Any]]:
    return [
        [
            check["check"],
            "ok" if check["passed"] else "failed",
            check["figures"].get("rows"),
            "; ".join(check.get("differences", ())),
        ]
        for check in record["checks"]
    ]


@click.command(epilog="Example: hub publish")
@format_option()
def publish(output_format: str) -> None:
    """Let readers see what was built last, after certifying it. To publish the same state again changes nothing."""
    from pipelines import refresh

    made = refresh.publish()
    columns = ["publication", "lake_snapshot", "published_at", "checks"]
    row = [made.id, made.lake_snapshot, made.published_at, len(made.certificate["checks"])]
    show(columns, [row], output_format)


@click.command(epilog="Example: hub publications --format json")
@format_option()
def publications(output_format: str) -> None:
    """List all publications, the newest first. Readers see the first that is not withdrawn."""
    from pipelines import publication

    columns = [
        "publication", "published_at", "published_by", "lake_snapshot", "confidential_snapshot", "checks",
        "withdrawn_at", "seen",
    ]  # fmt: skip
    found = publication.every()
    seen = next((p.id for p in found if p.withdrawn_at is None), None)
    rows = [
        [
            p.id, p.published_at, p.published_by, p.lake_snapshot, p.confidential_snapshot,
            len(p.certificate.get("checks", [])), p.withdrawn_at, p.id == seen,
        ]
        for p in found
    ]  # fmt: skip
    show(columns, rows, output_format)
    if not found:
        note(_("Nothing is published yet: hub sync, hub build and hub publish bring the first one."))


@click.command(epilog="Example: hub rollback 12")
@click.argument("publication_id", metavar="ID", type=int)
def rollback(publication_id: int) -> None:
    """Withdraw all publications after ID, so that readers see it again. Nothing is deleted."""
    from pipelines import publication

    withdrawn = publication.rollback(publication_id)
    if withdrawn:
        names = ", ".join(map(str, withdrawn))
        click.echo(_("Withdrawn: {names}. Readers see publication {id} again.").format(names=names, id=publication_id))
    else:
        click.echo(_("Readers see publication {id} already.").format(id=publication_id))
