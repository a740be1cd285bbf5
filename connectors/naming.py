"""Names: from what a file, sheet or column is called to what it is called in the lake. Pure functions, nothing else."""

import re
from collections.abc import Iterable
from pathlib import PurePath

_WORD_THEN_CAPITAL = re.compile(r"([a-z0-9])([A-Z])")
_ACRONYM_THEN_WORD = re.compile(r"([A-Z]+)([A-Z][a-z])")
_NO_LETTER_OR_DIGIT = re.compile(r"[^\w]+|_+")


def snake_case(name: str) -> str:
    """`SalesOrderID` → `sales_order_id`, `BOMLevel` → `bom_level`, `Total due (USD)` → `total_due_usd`.

    Letters of every language are kept. A name never begins with an underscore, which marks bookkeeping columns, nor
    with a digit; one without any letter or digit becomes empty.
    """
    name = _ACRONYM_THEN_WORD.sub(r"\1_\2", name.strip())
    name = _WORD_THEN_CAPITAL.sub(r"\1_\2", name)
    name = _NO_LETTER_OR_DIGIT.sub("_", name).strip("_").lower()
    return f"n_{name}" if name[:1].isdigit() else name


def table_name(file_name: str) -> str:
    """`Sales.SalesOrderHeader.csv` → `sales_sales_order_header`."""
    stem = PurePath(file_name).stem
    return "_".join(part for part in map(snake_case, stem.split(".")) if part) or "unnamed"


def column_names(header: Iterable[str]) -> list[str]:
    """One name in the lake per heading: an empty one is named by its place, a repeated one gets a number."""
    names: list[str] = []
    taken: set[str] = set()
    for place, heading in enumerate(header, start=1):
        base = snake_case(heading) or f"column_{place}"
        name, again = base, 1
        while name in taken:
            again += 1
            name = f"{base}_{again}"
        taken.add(name)
        names.append(name)
    return names
