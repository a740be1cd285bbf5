"""`hub sync` and `hub stream`: changes into the raw layer, from our own store and from registered sources."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from operational_app.cli.output import format_option, note, show
from operational_app.core.i18n import _

OWN = "store"
COLUMNS = ["source", "table", "status", "inserted", "updated", "deleted", "quarantined", "seconds"]

Bar = Callable[[int, int, str], None]


@click.command(epilog="Example: hub sync store adventureworks")
@click.argument("sources", nargs=-1, metavar="[SOURCE]…")
@click.option("--full", is_flag=True, help="Compare every table in full, not only what has changed.")
@click.option("--accept-deletes", is_flag=True, help="Let a great part of a source's table vanish, as the source says.")
@format_option()
@click.pass_context
def sync(
    context: click.Context, sources: tuple[str, ...], full: bool, accept_deletes: bool, output_format: str
) -> None:
    """Bring changes into the raw layer; a line per table that was written.

    SOURCE is `store` for our own modules, or a registered source; without any, the store and all registered sources. A
    source that fails does not hold up the others; the exit code is then 1.
    """
    from connectors.base import SourceError
    from pipelines import sources as register

    names = list(dict.fromkeys(sources)) or [OWN, *(entry.source.name for entry in register.registered())]
    for name in names:
        if name != OWN:
            register.get(name)  # A name that is not registered is refused before anything is read.
    rows: list[list[Any]] = []
    unchanged = 0
    failed = False
    for name in names:
        with progress_bar(name) as bar:
            try:
                written, same = _store(full, bar) if name == OWN else _source(name, full, accept_deletes, bar)
            except SourceError as error:
                if len(names) == 1:
                    raise
                note(f"hub: {error}")
                failed = True
                continue
        rows += [[name, *row] for row in written]
        unchanged += same
    show(COLUMNS, rows, output_format)
    note(_("{written} tables written, {unchanged} unchanged.").format(written=len(rows), unchanged=unchanged))
    if failed:
        context.exit(1)


def _store(full: bool, bar: Bar) -> tuple[list[list[Any]], int]:
    from pipelines.sync import sync_store

    result = sync_store(full=full, progress=bar)
    if result.reason:
        note(_("Compared in full: {reason}.").format(reason=result.reason))
    rows = [
        [_table(t.catalog, t.schema_name, t.table_name), t.status, t.inserted, t.updated, t.deleted, 0, t.seconds]
        for t in result.tables
    ]
    return rows, result.unchanged


def _source(name: str, full: bool, accept_deletes: bool, bar: Bar) -> tuple[list[list[Any]], int]:
    from pipelines.load import load_source

    results = load_source(name, full=full, accept_deletes=accept_deletes, progress=bar)
    written = [t for t in results if t.status != "unchanged"]
    for sentence in dict.fromkeys(sentence for t in written for sentence in t.notes):
        note(sentence)
    rows = [
        [
            _table(t.catalog, t.schema_name, t.table_name),
            t.status, t.inserted, t.updated, t.deleted, t.quarantined, t.seconds,
        ]
        for t in written
    ]  # fmt: skip
    return rows, len(results) - len(written)


def _table(catalog: str, schema: str, table: str) -> str:
    """The table's name in the warehouse; those of the encrypted lake with its name in front."""
    return f"{schema}.{table}" if catalog == "lake" else f"{catalog}.{schema}.{table}"


@contextmanager
def progress_bar(name: str) -> Iterator[Bar]:
    """A bar on stderr where that is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield lambda done, total, table: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, total, table: progress.update(
            task, completed=done, total=total, description=f"{name}: {table}" if table else name
        )


@click.command(epilog="Example: hub stream")
def stream() -> None:
    """Follow the change log continuously and keep the raw layer fresh, until SIGTERM or Ctrl-C; a line per batch."""
    from pipelines.sync.stream import follow

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    note(_("Following the change log."))
    follow(stop, lambda line: click.echo(line))
    note(_("Stopped."))
