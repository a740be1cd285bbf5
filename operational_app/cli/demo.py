"""`hub demo`: the whole line once, from a clerk's entry and from real files to a certified dashboard, then serve it."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import click

import hub_settings
from operational_app.cli.output import note
from operational_app.cli.serve import APP_PORT, DAGSTER_PORT, DASHBOARDS_PORT
from operational_app.core.i18n import _

COMPANY, BULK_COMPANY = "DEMO", "BULK"

Tick = Callable[[int, int, str], None]


@dataclass
class Steps:
    """The steps done so far: what each did and how long it took; shown while they run and listed at the end."""

    done: list[tuple[str, str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, title: object) -> Iterator[tuple[Tick, list[str]]]:
        """Run a step: gives a function that moves its bar, and a list for the sentence that says what it did."""
        said: list[str] = []
        started = time.monotonic()
        with _bar(str(title)) as tick:
            yield tick, said
        seconds = time.monotonic() - started
        self.done.append((str(title), " ".join(said), seconds))
        note(f"{title}: {' '.join(said)} ({seconds:.1f} s)")


@contextmanager
def _bar(title: str) -> Iterator[Tick]:
    if not sys.stderr.isatty():
        yield lambda done, total, what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total, what: progress.update(
            task, completed=done, total=total, description=f"{title} {what}".strip()
        )


@click.command(epilog="Example: hub demo --months 6 --no-serve")
@click.option("--months", default=8, show_default=True, type=click.IntRange(1, 120), help="Months of history.")
@click.option("--seed", default=1, show_default=True, help="The same seed lives the same story.")
@click.option(
    "--data",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a known data set to load as one more company (repeatable).",
)
@click.option(
    "--documents",
    default=0,
    show_default=True,
    type=click.IntRange(0, 20_000_000),
    help="So many documents more, written in bulk into a company of their own, BULK.",
)
@click.option("--no-serve", is_flag=True, help="Stop when it is published.")
@click.option("--app-port", default=APP_PORT, show_default=True)
@click.option("--dashboards-port", default=DASHBOARDS_PORT, show_default=True)
@click.option("--dagster-port", default=DAGSTER_PORT, show_default=True)
def demo(
    months: int,
    seed: int,
    data: tuple[Path, ...],
    documents: int,
    no_serve: bool,
    app_port: int,
    dashboards_port: int,
    dagster_port: int,
) -> None:
    """Set everything up, live a company's history through the real commands, publish it, and serve it.

    Beside the simulated company DEMO, --data loads a known data set. Without it, AdventureWorks is loaded where its
    data lies beside the checkout. Run again, it goes on from what is there.
    """
    steps = Steps()
    _set_up(steps)
    _simulate(steps, months, seed)
    if documents:
        _write_in_bulk(steps, documents, seed)
    for folder in data or _known_data():
        _load(steps, folder)
    _publish(steps)
    _summary(steps)
    if no_serve:
        _sign_ins()
        return
    from operational_app.cli import serve

    sys.exit(serve.run(app_port, dashboards_port, dagster_port, when_ready=_sign_ins))


def _known_data() -> list[Path]:
    folder = hub_settings.ROOT.parent / "shared" / "data" / "adventureworks"
    return [folder] if folder.is_dir() else []


def _set_up(steps: Steps) -> None:
    from operational_app import migrations
    from pipelines import lake

    with steps.step(_("Set up")) as (_tick, said):
        migrations.migrate()
        lake.create()
        said.append(str(_("store and lake are ready")))


def _simulate(steps: Steps, months: int, seed: int) -> None:
    from operational_app.simulator import company, people
    from operational_app.simulator.run import Simulation
    from operational_app.simulator.story import documents_of

    with steps.step(_("Company {code}").format(code=COMPANY)) as (tick, said):
        if company.exists(COMPANY):
            said.append(str(_("is there already; its history is left as it is")))
            return
        first, last = company.span(months, date.today())
        company.found(COMPANY, first, last, people.passwords())
        days = (last - first).days + 1
        story = Simulation(
            COMPANY, seed, first, last, progress=lambda day, _n: tick((day - first).days, days, day.isoformat())
        )
        started = time.monotonic()
        story.run()
        seconds = time.monotonic() - started
        documents = documents_of(COMPANY)
        said.append(
            _(
                "{months} months, {documents} documents by {commands} commands, {rate:.0f} documents a second, {refused} refused"
            ).format(
                months=months,
                documents=documents,
                commands=story.commands,
                rate=documents / seconds,
                refused=sum(story.refused.values()),
            )
        )


def _write_in_bulk(steps: Steps, documents: int, seed: int) -> None:
    """Three years of orders to payments by COPY: for who wants to see how the hub behaves with millions of documents."""
    from operational_app.simulator import bulk, company

    with steps.step(_("Company {code}").format(code=BULK_COMPANY)) as (tick, said):
        if company.exists(BULK_COMPANY):
            said.append(str(_("is there already; its history is left as it is")))
            return
        first, last = company.span(36, date.today())
        started = time.monotonic()
        written = bulk.write_documents(
            BULK_COMPANY, documents, first, last, seed=seed, tick=lambda done, total: tick(done, total, BULK_COMPANY)
        )
        rate = written / (time.monotonic() - started)
        said.append(_("{count} documents, {rate:.0f} a second").format(count=written, rate=rate))


def _load(steps: Steps, folder: Path) -> None:
    """Register the data set under its own name, or take it as it is registered, and load what has changed."""
    from connectors.base import SourceError
    from connectors.files import profile
    from pipelines import sources
    from pipelines.load import load_source

    known = profile.recognise(folder)
    if known is None:
        names = ", ".join(profile.profiles())
        raise SourceError(_("{folder} is none of the known data sets: {names}.").format(folder=folder, names=names))
    with steps.step(_("Load {name}").format(name=known.name)) as (tick, said):
        if known.name not in {entry.source.name for entry in sources.registered()}:
            sources.add(known.name, "files", str(folder.resolve()))
        results = load_source(known.name, progress=tick)
        changed = [table for table in results if table.status != "unchanged"]
        rows = sum(table.inserted + table.updated + table.deleted for table in changed)
        said.append(_("{tables} tables, {rows} rows changed").format(tables=len(results), rows=rows))


def _publish(steps: Steps) -> None:
    """Sync, gate, build, certify and publish: the same assets that the schedule and Dagster's page materialise."""
    from pipelines import refresh

    for title, run in refresh.STEPS:
        with steps.step(title) as (tick, said):
            said.append(str(run(tick)))


def _summary(steps: Steps) -> None:
    from operational_app.cli.output import table

    rows: list[list[Any]] = [[title, what, f"{seconds:.1f}"] for title, what, seconds in steps.done]
    click.echo()
    click.echo(table([str(_("step")), str(_("result")), str(_("seconds"))], rows))


def _sign_ins() -> None:
    from operational_app.cli.output import table
    from operational_app.simulator import people

    known = people.passwords()
    rows = [[user, known[user], ", ".join(roles)] for user, (_name, roles) in people.USERS.items() if user in known]
    click.echo()
    click.echo(table([str(_("user")), str(_("password")), str(_("roles"))], rows))
    click.echo(
        str(_("These sign-ins are for this demonstration; they are kept in {file}.")).format(
            file=people.passwords_file()
        )
    )
