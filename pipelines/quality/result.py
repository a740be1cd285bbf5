"""What came of one expectation; apart from the engine, so that old results are read without it."""

from dataclasses import dataclass
from gettext import gettext as _


@dataclass(frozen=True)
class Result:
    """What came of one expectation.

    Attributes:
        table: as in its suite; expectation: the word it was declared with; columns: joined by a comma.
        rows: rows that were looked at.
        broken: rows that break it; for the number of rows, how far it is off.
        examples: keys of the first of them.
    """

    table: str
    expectation: str
    columns: str
    severity: str
    passed: bool
    rows: int
    broken: int
    examples: str

    def __str__(self) -> str:
        what = f"{self.expectation} {self.columns}".strip()
        named = _(", for example {examples}").format(examples=self.examples) if self.examples else ""
        return _("{table}: {what} does not hold for {broken} of {rows} rows{named}").format(
            table=self.table, what=what, broken=self.broken, rows=self.rows, named=named
        )
