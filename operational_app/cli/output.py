"""Results on the terminal and for machines: one way to print rows for all commands (`--format table/csv/json`).

What belongs here: turning rows into text. Numbers are never rounded and never pass through a float: a Decimal is
printed with all its digits, in JSON as a string. Times are ISO 8601 with their zone. Column names are what scripts
rely on, so they are the same in all formats.
"""

import csv
import io
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TextIO
from uuid import UUID

import click

FORMATS = ("table", "csv", "json")


def format_option(*more: str, default: str = "table") -> Callable[[Any], Any]:
    """The option `--format`, as every command has it; the chosen word arrives as `output_format`.

    Args:
        more: formats that only this command has (`xlsx`), which it writes itself.
    """
    return click.option(
        "--format",
        "output_format",
        type=click.Choice([*FORMATS, *more]),
        default=default,
        show_default=True,
        help="How rows are printed; csv and json are for machines.",
    )


def plain(value: Any) -> Any:
    """A value as JSON carries it: amounts as strings with all their digits, dates and times in ISO 8601."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(inner) for inner in value]
    return value


def cell(value: Any) -> str:
    """A value as a table or a CSV file shows it; nothing for NULL."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def width(text: str) -> int:
    """Columns of the terminal that a text takes: Chinese characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Aligned columns, numbers to the right, nothing cut off."""
    numeric = [True] * len(columns)
    texts = []
    for row in rows:
        texts.append([cell(value).replace("\n", " ") for value in row])
        for at, value in enumerate(row):
            if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float, Decimal))):
                numeric[at] = False
    widths = [max([width(name), *(width(text[at]) for text in texts)]) for at, name in enumerate(columns)]
    numeric = [is_number and bool(texts) for is_number in numeric]

    def line(words: Sequence[str]) -> str:
        padded = []
        for at, word in enumerate(words):
            space = " " * (widths[at] - width(word))
            padded.append(space + word if numeric[at] else word + space)
        return "  ".join(padded).rstrip()

    return "\n".join([line(columns), line(["-" * size for size in widths]), *map(line, texts)])


def render(columns: Sequence[str], rows: Iterable[Sequence[Any]], output_format: str) -> str:
    """Rows as text in one of FORMATS, without a last line break (CSV: lines end as RFC 4180 has them not, by `\\n`)."""
    if output_format == "json":
        found = [{name: plain(value) for name, value in zip(columns, row, strict=True)} for row in rows]
        return json.dumps(found, ensure_ascii=False, indent=1)
    if output_format == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([cell(value) for value in row] for row in rows)
        return text.getvalue().rstrip("\n")
    return table(columns, rows)


def show(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], output_format: str = "table", file: TextIO | None = None
) -> None:
    """Prints rows; `columns` are the stable names of their values."""
    click.echo(render(columns, rows, output_format), file=file)


def show_document(document: dict[str, Any], output_format: str = "table") -> None:
    """Prints one record: a JSON object, a CSV of one row, or a line per field."""
    if output_format == "json":
        click.echo(json.dumps(plain(document), ensure_ascii=False, indent=1))
    elif output_format == "csv":
        show(list(document), [list(document.values())], "csv")
    else:
        longest = max(map(width, document), default=0)
        for name, value in document.items():
            click.echo(f"{name}{' ' * (longest - width(name))}  {cell(value)}")


def note(message: object) -> None:
    """Says something beside the result, on stderr, so that the result can be piped."""
    click.echo(str(message), file=sys.stderr)
