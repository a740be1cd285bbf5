"""What has changed between two publications: figures on either side, and the documents that make up the difference.

A figure of an earlier publication is that publication's own: its rows at its snapshot of the lake. Both sides are read with
the rights of now, so that nobody finds in the past what is closed to him today.

A document that both have with the same amount is no difference, whatever else of it was changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards import figures, warehouse
from dashboards.export import SOURCE
from dashboards.figures import Figure, Part, Value
from dashboards.metrics import AMOUNTS
from dashboards.policy import Scope
from pipelines.publication import Publication

# Columns of rows that say nothing of a document as a whole.
OF_NO_DOCUMENT = AMOUNTS | {"company_code"}


@dataclass(frozen=True)
class Pair:
    """Two publications that are compared, the earlier one first."""

    earlier: Publication
    later: Publication


@dataclass(frozen=True)
class Documents:
    """Documents whose part of a figure differs.

    Attributes:
        rows: those asked for, the largest difference first: `before`, `after` (None where the document is not part of the
            figure on that side), `difference`, where the document is, and what describes it.
        count: how many there are in all.
        difference: exact sum of their differences, which is that of the figure.
    """

    rows: list[dict[str, Any]]
    count: int
    difference: Value


def pair_of(shown: Publication, named: str | None) -> Pair | None:
    """The publication shown, and the earlier one that an address names, else the one just before it; None before the second.

    Raises:
        WarehouseAway: the catalog does not answer.
    """
    older = [one for one in warehouse.every() if one.id < shown.id]
    if not older:
        return None
    return Pair(next((one for one in older if str(one.id) == named), older[0]), shown)


def difference_of(before: Value, after: Value) -> Value:
    """How much more there is on the later side; None where neither has anything."""
    if before is None and after is None:
        return None
    return (after or 0) - (before or 0)


def parts_of(pair: Pair, scope: Scope, figure: Figure, by: Sequence[str]) -> list[tuple[Part, Value, Value]]:
    """A figure by dimensions on both sides: the part as the later one names it, its amount before and after."""
    before = {part.keys: part for part in figures.split(pair.earlier, scope, figure, by)}
    after = {part.keys: part for part in figures.split(pair.later, scope, figure, by)}
    return [
        (part, before[key].amount if key in before else None, after[key].amount if key in after else None)
        for key, part in {**before, **after}.items()
    ]


def described(figure: Figure) -> list[str]:
    """Columns of a measure's rows that describe a document."""
    return [name for name in figure.measure.columns if name not in OF_NO_DOCUMENT]


def documents_of(pair: Pair, scope: Scope, figure: Figure, *, at_most: int) -> Documents:
    """The documents behind the difference of a figure.

    Raises:
        NotKept: the earlier publication does not keep what the measure is made of.
    """
    if not figures.is_open(scope, figure):
        return Documents([], 0, None)
    rows = figure.narrowed(figure.measure.rows)
    found = warehouse.compared(
        pair.earlier, pair.later, scope, rows, _comparison(figure, at_most), figure.parameters(rows)
    ).to_pylist()
    if not found:
        return Documents([], 0, None)
    return Documents(found, found[0]["documents"], figures.whole(figure.measure, found[0]["in_all"]))


def _comparison(figure: Figure, at_most: int) -> str:
    """Documents by their key, with the sum of their rows on either side, exact; a text only where all rows agree on it."""
    keys = ", ".join(SOURCE)
    columns = ["amount", *SOURCE, *described(figure)]
    sides = " UNION ALL ".join(
        f"SELECT {', '.join(columns)}, '{side}' AS side FROM {side}" for side in ("earlier", "later")
    )
    told = "".join(
        f", coalesce({_agreed(name, 'later')}, {_agreed(name, 'earlier')}) AS {name}" for name in described(figure)
    )
    return f"""
SELECT *, after_or_zero - before_or_zero AS difference, count(*) OVER () AS documents,
       sum(after_or_zero - before_or_zero) OVER () AS in_all
FROM (
  SELECT {keys}, sum(amount) FILTER (side = 'earlier') AS before, sum(amount) FILTER (side = 'later') AS after,
         coalesce(before, 0) AS before_or_zero, coalesce(after, 0) AS after_or_zero{told}
  FROM ({sides}) GROUP BY {keys}
)
WHERE before_or_zero <> after_or_zero
ORDER BY abs(difference) DESC, {keys} LIMIT {int(at_most)}
"""


def _agreed(name: str, side: str) -> str:
    of = f"FILTER (side = '{side}')"
    return f"CASE WHEN min({name}) {of} = max({name}) {of} THEN min({name}) {of} END"
