"""The floor of a command: the very statements that it sends, recorded once and sent again by the driver alone.

Row numbers in the bench's tables begin at numbers that no other table has (`spread_ids`), so a number among a statement's
values tells what it is: one that was handed in, or one that an earlier statement of the same command gave back. Played for
another document, each is replaced by what it is there; everything else is sent as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import pq

import hub_settings

FIRST_ID, RANGE = 10_000_000, 10_000_000
Rows = list[tuple[Any, ...]]


@dataclass
class Recorded:
    """One statement as it was sent: text, values (a list of them for a batch), what came back, whether in a pipeline."""

    statement: str
    values: Any
    rows: Rows
    many: bool
    in_pipeline: bool


class RecordingCursor(psycopg.Cursor[Any]):
    """A cursor that notes what goes through it while `tape` is there."""

    tape: list[Recorded] | None = None

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        in_pipeline = self.connection.pgconn.pipeline_status != pq.PipelineStatus.OFF
        super().execute(query, params, **options)
        if RecordingCursor.tape is not None:
            rows: Rows = []
            if not in_pipeline and self.description:
                rows = [tuple(row) for row in self.fetchall()]
                if rows:
                    self.scroll(0, mode="absolute")
            RecordingCursor.tape.append(Recorded(str(query), params, rows, False, in_pipeline))
        return self

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        values = list(params_seq)
        super().executemany(query, values, **options)
        if RecordingCursor.tape is not None:
            RecordingCursor.tape.append(Recorded(str(query), values, [], True, False))


@contextmanager
def recording() -> Iterator[list[Recorded]]:
    """What connections with `RecordingCursor` send within the block, in their order."""
    RecordingCursor.tape = found = []
    try:
        yield found
    finally:
        RecordingCursor.tape = None


def spread_ids(tables: Sequence[str]) -> None:
    """Give each table row numbers of its own; as the owner, on a store that is a bench's."""
    with psycopg.connect(hub_settings.database_url("hub_owner", "store"), autocommit=True) as owner:
        for place, table in enumerate(tables):
            owner.execute(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {FIRST_ID + place * RANGE}")


def play(connection: psycopg.Connection[Any], tape: Sequence[Recorded], given: Mapping[Any, Any]) -> None:
    """Send a tape once more, in one transaction, for another document.

    Args:
        given: what was handed in when it was recorded → what is handed in now: row numbers, the idempotency key.
    """
    here, numbers = dict(given), {}
    for recorded in tape:
        values = _replaced(recorded.values, here, numbers)
        if recorded.many:
            with connection.cursor() as cursor:
                cursor.executemany(recorded.statement, values)
            continue
        if recorded.in_pipeline:
            with connection.pipeline():
                cursor = connection.execute(recorded.statement, values)
            cursor.fetchall()
            continue
        cursor = connection.execute(recorded.statement, values)
        if not cursor.description:
            continue
        rows = cursor.fetchall()
        if "number_sequence" in recorded.statement:
            numbers[f"-{recorded.rows[0][0]:05d}"] = f"-{rows[0][0]:05d}"
        else:
            for before, now in zip(recorded.rows, rows, strict=True):
                here |= {b: n for b, n in zip(before, now, strict=True) if isinstance(b, int) and b >= FIRST_ID}
    connection.commit()


def _replaced(values: Any, here: Mapping[Any, Any], numbers: Mapping[str, str]) -> Any:
    if isinstance(values, Mapping):
        return {name: _replaced(value, here, numbers) for name, value in values.items()}
    if isinstance(values, list):
        return [_replaced(value, here, numbers) for value in values]
    if isinstance(values, int):
        return here.get(values, values)
    if isinstance(values, str):
        if values in here:
            return here[values]
        for before, now in numbers.items():
            if before in values:
                return values.replace(before, now)
    return values
