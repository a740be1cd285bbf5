"""`hub bench`: how fast it is, each figure beside its floor or its load."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click

from operational_app.cli.output import note, table
from operational_app.core.i18n import _

# The store that the benches work in; made anew for each and dropped afterwards.
DATABASE = "hub_bench"


@click.command(epilog="Example: hub bench posting trial-balance --json bench.json")
@click.argument("names", nargs=-1, metavar="[NAME …]")
@click.option("--documents", default=1_000_000, show_default=True, help="Documents that the pages are measured with.")
@click.option("--quick", is_flag=True, help="A small form of each: that it measures, not how fast anything is.")
@click.option(
    "--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures there as well."
)
@click.pass_context
def bench(context: click.Context, names: tuple[str, ...], documents: int, quick: bool, file: Path | None) -> None:
    """Run the benchmarks, all or the named ones, in a store of their own beside yours.

    Exit code 1 where a figure misses its goal; with --quick figures are not compared.
    """
    from operational_app.bench import Size
    from operational_app.bench import bench as module_of
    from operational_app.bench import names as known

    wrong = sorted(set(names) - set(known()))
    if wrong:
        raise click.UsageError(
            str(_("There is no bench {name}. There are: {known}.")).format(name=wrong[0], known=", ".join(known()))
        )
    results = []
    for name in names or known():
        with _own_store():
            said = lambda text, name=name: note(f"{name}: {text}")  # noqa: E731
            results += module_of(name).run(Size(quick=quick, documents=documents), said)
    rows = [
        [
            r.what,
            _figure(r.unit, r.value),
            _goal(r.unit, r.goal),
            _mark(r.holds),
            r.load,
        ]
        for r in results
    ]
    headings = [_("what"), _("figure"), _("goal"), _("holds"), _("load")]
    click.echo(table([str(heading) for heading in headings], rows))
    if file is not None:
        machine = {"cores": os.cpu_count(), "load_average": os.getloadavg()}
        file.write_text(
            json.dumps({"machine": machine, "results": [asdict(r) | {"holds": r.holds} for r in results]}, indent=1)
        )
    if not quick and not all(result.holds for result in results):
        context.exit(1)


def _figure(unit: str, value: float) -> str:
    return f"{value:.2f}" if unit == "ratio" else f"{value:.1f} {unit}"


def _goal(unit: str, goal: float) -> str:
    return {"ratio": f"≥ {goal:g}", "ms": f"≤ {goal:g} ms"}.get(unit, f"≥ {goal:g} {unit}")


def _mark(holds: bool) -> str:
    return str(_("yes")) if holds else str(_("no"))


@contextmanager
def _own_store() -> Iterator[None]:
    """A fresh store on the same server, which everything in this process and its children works on meanwhile."""
    import psycopg

    import hub_settings
    from operational_app import migrations
    from operational_app.core import db

    before = os.environ["HUB_DATABASE_URL"]

    def drop() -> None:
        with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")

    drop()
    os.environ["HUB_DATABASE_URL"] = urlunsplit(urlsplit(before)._replace(path=f"/{DATABASE}"))
    try:
        migrations.migrate()
        yield
    finally:
        db.close_engine()
        os.environ["HUB_DATABASE_URL"] = before
        drop()
