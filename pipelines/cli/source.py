"""`hub source`: the register of outside sources, from the shell."""

from pathlib import Path
from typing import Any

import click

from operational_app.cli.output import format_option, note, show
from operational_app.core.i18n import _


@click.group()
def source() -> None:
    """Sources outside the hub: files, databases, other systems. `hub sync NAME` brings their rows in."""


@source.command(epilog="Example: hub source add adventureworks --kind files --url ../shared/data/adventureworks")
@click.argument("name")
@click.option("--kind", default="files", show_default=True, help="Which connector reads it.")
@click.option("--url", required=True, help="Where it lies: a folder or file, or the address of a database or service.")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the connector, such as encoding=gb18030, delimiter=tab or profile=none.",
)
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="TABLE=COLUMN,…",
    help="Columns that identify a row; without, rows are told apart by their whole content.",
)
@click.option(
    "--confidential",
    "confidential",
    multiple=True,
    metavar="TABLE[=COLUMN,…]",
    help="A whole table, or columns of it, for the encrypted lake only.",
)
@click.option(
    "--cursor", "cursors", multiple=True, metavar="TABLE=COLUMN", help="Read only rows that are new by this column."
)
@click.option(
    "--deletes",
    "deletes",
    multiple=True,
    metavar="TABLE=sweep|COLUMN",
    help="Find rows that are gone by reading all keys, or by a column that flags them.",
)
@click.option(
    "--config",
    "config",
    type=click.Path(exists=True, dir_okay=False),
    help="A YAML file with any options of the connector and its tables; see connectors/<kind>/README.md.",
)
@click.option("--secret", "secrets", multiple=True, metavar="NAME=VALUE", help="A password or token, kept in HUB_HOME.")
def add(
    name: str,
    kind: str,
    url: str,
    options: tuple[str, ...],
    keys: tuple[str, ...],
    confidential: tuple[str, ...],
    cursors: tuple[str, ...],
    deletes: tuple[str, ...],
    config: str | None,
    secrets: tuple[str, ...],
) -> None:
    """Register a source; its tables will arrive as raw_NAME.<table>. It is read once, to see that it can be."""
    from pipelines import sources

    settings = _config(config) | dict(_pair(text, "--option") for text in options)
    tables: dict[str, dict[str, Any]] = {table: dict(said) for table, said in settings.get("tables", {}).items()}
    for table, said in _table_options(keys, confidential, cursors, deletes).items():
        tables.setdefault(table, {}).update(said)
    if tables:
        settings["tables"] = tables
    added = sources.add(name, kind, _absolute(kind, url), settings, dict(_pair(text, "--secret") for text in secrets))
    from connectors.base import open_source

    click.echo(
        _("Registered {name}. {found}. Next: hub sync {name}").format(name=name, found=open_source(added).check())
    )


@source.command("list", epilog="Example: hub source list --format json")
@format_option()
def list_(output_format: str) -> None:
    """List the registered sources."""
    from pipelines import sources

    columns = ["name", "kind", "url", "options", "created_at"]
    entries = sources.registered()
    rows = [[e.source.name, e.source.kind, e.source.url, dict(e.source.options), e.created_at] for e in entries]
    show(columns, rows, output_format)
    if not entries:
        note(_("No source is registered. Add one with hub source add."))


@source.command(epilog="Example: hub source check adventureworks")
@click.argument("names", nargs=-1)
@format_option()
@click.pass_context
def check(context: click.Context, names: tuple[str, ...], output_format: str) -> None:
    """See whether sources (all, or those named) can be read; exit code 1 when one cannot."""
    from connectors.base import SourceError, open_source
    from pipelines import sources

    chosen = [sources.get(name) for name in names] if names else [entry.source for entry in sources.registered()]
    rows = []
    for one in chosen:
        try:
            connector = open_source(one)
            sentence = connector.check()
            connector.tables()
            rows.append([one.name, "ok", sentence])
        except SourceError as error:
            rows.append([one.name, "failed", str(error)])
    show(["name", "state", "message"], rows, output_format)
    if any(state == "failed" for _name, state, _message in rows):
        context.exit(1)


@source.command(epilog="Example: hub source discover adventureworks --columns")
@click.argument("name")
@click.option("--columns", is_flag=True, help="A line per column, with its type, instead of a line per table.")
@format_option()
def discover(name: str, columns: bool, output_format: str) -> None:
    """Show what a source holds, and how it would arrive: tables, keys, typed columns, what is confidential."""
    from connectors.base import open_source
    from pipelines import lake, sources

    connector = open_source(sources.get(name))
    rows: list[list[Any]] = []
    with lake.session(extensions=("postgres_scanner",)) as con:
        for ref in connector.tables():
            data = connector.describe(con, ref)
            hidden = (
                {column.name for column in data.columns} if ref.options.all_confidential else ref.options.confidential
            )
            if columns:
                rows += [
                    [
                        ref.name,
                        column.name,
                        column.type,
                        column.name in ref.options.key,
                        column.name in hidden,
                        column.source_name,
                    ]
                    for column in data.columns
                ]
            else:
                rows.append(
                    [
                        ref.name,
                        ref.origin,
                        data.row_count,
                        len(data.columns),
                        ", ".join(ref.options.key),
                        ", ".join(column.name for column in data.columns if column.name in hidden),
                    ]
                )
    by_column = ["table_name", "column_name", "type", "key", "confidential", "source_column"]
    by_table = ["table_name", "origin", "rows", "columns", "key", "confidential"]
    show(by_column if columns else by_table, rows, output_format)


@source.command(epilog="Example: hub source contract shop")
@click.argument("name")
@format_option()
def contract(name: str, output_format: str) -> None:
    """Show what was agreed on: each column and its type as first loaded, or as accepted since."""
    from pipelines import contracts, source_state, sources

    sources.get(name)
    accepted = contracts.accepted(name)
    rows = []
    for table, remembered in sorted(source_state.read(name).items()):
        lines = accepted.get(table, {})
        for column, kind in contracts.in_force(remembered.contract, lines).items():
            rows.append([table, column, kind, column in lines])
    show(["table_name", "column_name", "type", "accepted"], rows, output_format)


@source.command(epilog="Example: hub source accept shop price amount='DECIMAL(18,4)' discount=gone")
@click.argument("name")
@click.argument("table")
@click.argument("changes", nargs=-1, required=True, metavar="COLUMN=TYPE|gone…")
def accept(name: str, table: str, changes: tuple[str, ...]) -> None:
    """Accept that a table has changed its shape: a line in the source's file of contracts, for version control."""
    from pipelines import contracts, sources

    sources.get(name)
    file = contracts.accept(name, table, dict(_pair(text, "COLUMN=TYPE") for text in changes))
    click.echo(_("Written to {file}: commit it. Next: hub sync {name}").format(file=file, name=name))


@source.command(epilog="Example: hub source remove adventureworks --drop-tables")
@click.argument("name")
@click.option("--drop-tables", is_flag=True, help="Also drop raw_NAME; without, the tables stay as they are.")
def remove(name: str, drop_tables: bool) -> None:
    """Forget a source."""
    from pipelines import sources

    sources.remove(name, drop_tables=drop_tables)
    click.echo(_("Removed {name}.").format(name=name))


def _absolute(kind: str, url: str) -> str:
    """A folder is registered by its full path, for the next command may run elsewhere."""
    if kind != "files" or "://" in url:
        return url
    from connectors.files import folder_of

    return str(folder_of(url).resolve())


def _pair(text: str, option: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise click.UsageError(_("{option} {text}: write it as NAME=VALUE.").format(option=option, text=text))
    return key, value


def _config(file: str | None) -> dict[str, Any]:
    import yaml

    if file is None:
        return {}
    try:
        found = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.UsageError(_("{file} is no YAML: {error}").format(file=file, error=error)) from error
    if not isinstance(found, dict) or not isinstance(found.get("tables", {}), dict):
        raise click.UsageError(_("{file} must hold options by name, and tables by name.").format(file=file))
    return found


def _table_options(
    keys: tuple[str, ...], confidential: tuple[str, ...], cursors: tuple[str, ...], deletes: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for text in keys:
        table, columns = _pair(text, "--key")
        tables.setdefault(table, {})["key"] = columns.split(",")
    for text in cursors:
        table, column = _pair(text, "--cursor")
        tables.setdefault(table, {}).update(incremental="cursor", cursor=column)
    for text in deletes:
        table, way = _pair(text, "--deletes")
        tables.setdefault(table, {}).update(
            {"deletes": "sweep"} if way == "sweep" else {"deletes": "flag", "flag": way}
        )
    for text in confidential:
        table, equals, columns = text.partition("=")
        tables.setdefault(table, {})["confidential"] = columns.split(",") if equals and columns else "all"
    return tables
