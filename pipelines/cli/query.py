"""`hub query`: read-only SQL over the warehouse, from the shell."""

import csv
import json
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import click

from operational_app.cli.output import cell, format_option, plain, width
from operational_app.core.i18n import _

# Rows of which a table's columns are made wide enough; a table of more rows is printed as it comes.
MEASURED = 2000


@click.command(epilog='Example: hub query "SELECT currency, sum(total_amount) FROM marts.fct_sales_order GROUP BY ALL"')
@click.argument("sql")
@click.option("--at", metavar="PUBLICATION/head", help="An earlier publication, or the newest state of the lake.")
@click.option("--as", "user", metavar="USER", help="With this user's rights; default: the operator's.")
@click.option("--confidential", is_flag=True, help="Attach the encrypted lake too, as `confidential`.")
@format_option()
def query(sql: str, at: str | None, user: str | None, confidential: bool, output_format: str) -> None:
    """Run one read-only SQL statement over the latest publication. `-` reads it from standard input.

    Tables bear their schema: marts.fct_sales_order, raw_adventureworks.sales_customer, meta.load. SHOW TABLES lists
    them. Amounts are printed with all their digits.
    """
    from pipelines.query import run

    text = sys.stdin.read() if sql == "-" else sql
    with run(text, at=at, user=user, confidential=confidential) as result:
        for line in WRITERS[output_format](result.columns, result.types, result.rows):
            click.echo(line)


def _csv(columns: list[str], _types: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    writer = csv.writer(sink := _Line(), lineterminator="")
    writer.writerow(columns)
    yield sink.text
    for row in rows:
        writer.writerow([cell(value) for value in row])
        yield sink.text


class _Line:
    """What csv.writer writes to: keeps the row that was written last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _json(columns: list[str], _types: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    before = "[\n "
    for row in rows:
        record = {name: plain(value) for name, value in zip(columns, row, strict=True)}
        yield before + json.dumps(record, ensure_ascii=False, default=str)
        before = ", "
    yield "[]" if before == "[\n " else "]"


NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
           "UHUGEINT", "DECIMAL", "FLOAT", "DOUBLE")  # fmt: skip


def _table(columns: list[str], types: list[str], rows: Iterator[tuple[Any, ...]]) -> Iterator[str]:
    """Aligned columns with numbers to the right, then the number of rows. NULL is shown as such."""
    right = [kind.startswith(NUMBERS) and not kind.endswith("]") for kind in types]
    first = [_shown(row) for row in islice(rows, MEASURED)]
    widths = [max([width(name), *(width(row[at]) for row in first)]) for at, name in enumerate(columns)]

    def line(words: list[str]) -> str:
        spaces = [" " * max(0, size - width(word)) for size, word in zip(widths, words, strict=True)]
        padded = [s + w if r else w + s for s, w, r in zip(spaces, words, right, strict=True)]
        return "  ".join(padded).rstrip()

    yield line(columns)
    yield line(["-" * size for size in widths])
    count = 0
    for words in chain(first, map(_shown, rows)):
        yield line(words)
        count += 1
    yield str(_("1 row")) if count == 1 else str(_("{count} rows")).format(count=count)


def _shown(row: tuple[Any, ...]) -> list[str]:
    return ["NULL" if value is None else cell(value).replace("\n", " ") for value in row]


WRITERS = {"table": _table, "csv": _csv, "json": _json}
