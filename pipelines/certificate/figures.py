"""Figures of a set of rows that two sides can compare: number, sum of each exact amount, and a hash over all columns."""

from dataclasses import dataclass

import duckdb

from pipelines.lake import identifier

# How many differing documents a failed check names.
EXAMPLES = 5


@dataclass(frozen=True)
class Figures:
    """What two sides must agree on.

    Attributes:
        sums: of each DECIMAL column, exact, as text; a column without values has none.
        digest: sum of the rows' hashes: independent of their order, and it tells duplicates.
    """

    rows: int
    sums: dict[str, str]
    digest: str


NOTHING = Figures(rows=0, sums={}, digest="0")


def of(con: duckdb.DuckDBPyConnection, origin: str, columns: list[tuple[str, str]]) -> Figures:
    """The figures of `origin` (FROM …).

    Args:
        columns: name and DuckDB type of the columns that count.
    """
    amounts = [name for name, kind in columns if kind.startswith("DECIMAL")]
    sums = "".join(f", CAST(sum({identifier(name)}) AS VARCHAR)" for name in amounts)
    values = ", ".join(_typed(name, kind) for name, kind in columns)
    row = con.execute(f"SELECT count(*), coalesce(sum(hash({values})::HUGEINT), 0){sums} FROM {origin}").fetchone()
    return Figures(
        row[0], {name: total for name, total in zip(amounts, row[2:], strict=True) if total is not None}, str(row[1])
    )


def differing(
    con: duckdb.DuckDBPyConnection, one: str, other: str, columns: list[tuple[str, str]], shown: list[str]
) -> list[str]:
    """The first rows that only one side has, by the columns in `shown`; a document that differs is named once."""
    names = " || ' ' || ".join(f"coalesce({identifier(name)}::VARCHAR, '')" for name in shown)
    con.execute(f"CREATE OR REPLACE TEMP TABLE _one AS SELECT {listed(columns)} FROM {one}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE _other AS SELECT {listed(columns)} FROM {other}")
    rows = con.execute(
        f"SELECT DISTINCT {names} AS document FROM ((FROM _one EXCEPT ALL FROM _other) UNION ALL "
        f"(FROM _other EXCEPT ALL FROM _one)) ORDER BY length(document), document LIMIT {EXAMPLES}"
    ).fetchall()
    con.execute("DROP TABLE _one")
    con.execute("DROP TABLE _other")
    return [row[0] for row in rows]


def listed(columns: list[tuple[str, str]]) -> str:
    """The columns, each in one type on both sides, under their names."""
    return ", ".join(f"{_typed(name, kind)} AS {identifier(name)}" for name, kind in columns)


def _typed(name: str, kind: str) -> str:
    """JSON is compared as the text that it is."""
    return f"CAST({identifier(name)} AS {'VARCHAR' if kind == 'JSON' else kind})"
