"""A table of a page: made once, then drawn on the screen and written into files, so that both say the same."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dashboards import display

Kind = Literal["text", "money", "count", "quantity", "percent", "times", "days", "moment"]
NUMBERS = ("money", "count", "quantity", "percent", "times", "days")


@dataclass(frozen=True)
class Column:
    """A column: its head, what its cells are, what it means (shown when one points at the head), and whether its text wraps."""

    label: str
    kind: Kind = "text"
    meaning: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Cell:
    """A value, the address that it opens, whether it is good or bad news, and what it is where the column mixes kinds."""

    value: Any
    link: str = ""
    tone: Literal["", "good", "bad", "quiet"] = ""
    note: str = ""
    kind: Kind | Literal[""] = ""


@dataclass(frozen=True)
class Row:
    """Cells of a row; its level says how it stands out: `head` of a group, `sum` of one, `total` of all, `result`."""

    cells: tuple[Cell, ...]
    level: Literal["", "head", "sum", "total"] = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: short and without spaces: id on the page.
        left_out: how many further rows there are that are neither shown nor in the file.
        note: a sentence below it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[Row] = field(default_factory=list)
    left_out: int = 0
    note: str = ""


def text_of(value: Any, kind: Kind) -> str:
    """A value as pages show it."""
    if value is None:
        return display.NOTHING
    if kind == "percent":
        return f"{value:,f}%".replace("-", "−")
    if kind in ("times", "days"):
        return f"{value:,f}".replace("-", "−")
    if kind in ("money", "count", "quantity"):
        return display.exact(value, money=kind == "money")
    return display.cell_text(value)


def drawn(table: Table, *, tall: bool = False) -> str:
    """HTML of a table."""
    heads = "".join(
        f'<th class="{_side(column)}" title="{html.escape(column.meaning)}">{html.escape(column.label)}</th>'
        for column in table.columns
    )
    body = "".join(_row(table.columns, row) for row in table.rows if row.level != "total")
    totals = "".join(_row(table.columns, row) for row in table.rows if row.level == "total")
    foot = f"<tfoot>{totals}</tfoot>" if totals else ""
    return (
        f'<div class="hub-table-box{" tall" if tall else ""}"><table class="hub" id="{table.name}" '
        f'aria-label="{html.escape(table.title)}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody>{foot}</table></div>'
    )


def _side(column: Column) -> str:
    return "amount" if column.kind in NUMBERS else "wide" if column.wide else ""


def _row(columns: Sequence[Column], row: Row) -> str:
    level = f' class="{row.level}"' if row.level else ""
    return f"<tr{level}>{''.join(_cell(c, cell) for c, cell in zip(columns, row.cells, strict=True))}</tr>"


def _cell(column: Column, cell: Cell) -> str:
    text = html.escape(text_of(cell.value, cell.kind or column.kind)) if cell.value != "" else ""
    if cell.link:
        text = f'<a href="{html.escape(cell.link)}">{text}</a>'
    classes = " ".join(filter(None, (_side(column), cell.tone, "nothing" if cell.value is None else "")))
    note = f' title="{html.escape(cell.note)}"' if cell.note else ""
    return f'<td class="{classes}"{note}>{text}</td>'
