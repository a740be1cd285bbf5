"""`hub build`: the warehouse's models and tests, from the shell."""

import sys

import click

from operational_app.cli.output import format_option, show
from operational_app.core.i18n import _


@click.command(epilog="Example: hub build --select fct_sales_order+")
@click.option(
    "--select", "chosen", multiple=True, metavar="NODES", help="Only these, in dbt's words; +NAME takes what it needs."
)
@click.option("--full-refresh", is_flag=True, help="Define every table and view anew.")
@format_option()
def build(chosen: tuple[str, ...], full_refresh: bool, output_format: str) -> None:
    """Build and test the warehouse from what has been synced. Readers see it after hub certify and hub publish."""
    from pipelines import build as warehouse

    done = 0

    def show_progress(name: str, status: str, seconds: float) -> None:
        nonlocal done
        done += 1
        print(f"\r\033[K{done} {name} {status} {seconds:.2f} s", end="", file=sys.stderr, flush=True)

    on_terminal = sys.stderr.isatty()
    try:
        result = warehouse.build(chosen, full_refresh, show_progress if on_terminal else None)
    finally:
        if on_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
    columns = ["models", "tests_passed", "tests_warned", "seconds", "raw_snapshot", "lake_snapshot"]
    show(columns, [[getattr(result, column) for column in columns]], output_format)
    if output_format == "table":
        click.echo(_("Built. Next: hub certify"))
