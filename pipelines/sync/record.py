"""The load record of a run, in `meta.load` and `meta.load_table` of each lake, in the transaction of the rows."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from pipelines.sync.literal import row
from pipelines.sync.plan import Plan
from pipelines.sync.watermark import Watermark
from pipelines.sync.writing import TableResult, Writer

# The name of our own store in load records, as in golden ids (`hub:17`).
SOURCE = "hub"


def write(writer: Writer, plan: Plan, mark: Watermark, started_at: datetime, results: Sequence[TableResult]) -> None:
    """Record a run in one lake."""
    details = {
        "reason": plan.reason,
        "entries": sum(plan.entries.values()),
        "taken_at": mark.taken_at,
        "database_oid": mark.database_oid,
        "last_sequence": mark.anchor[0] if mark.anchor else None,
    }
    values = row(
        mark.load_id, SOURCE, plan.kind, started_at, datetime.now(UTC), mark.snapshot, mark.system_identifier,
        sum(r.inserted for r in results), sum(r.updated for r in results), sum(r.deleted for r in results), 0,
        json.dumps(details),
    )  # fmt: skip
    writer.con.execute(
        f"INSERT INTO {writer.catalog}.meta.load (load_id, source, kind, started_at, finished_at, watermark, "
        f"system_identifier, rows_inserted, rows_updated, rows_deleted, rows_quarantined, details) VALUES {values}"
    )
    if results:
        rows = ", ".join(
            row(
                mark.load_id, SOURCE, r.schema_name, r.table_name, r.status, r.rows_before, r.inserted, r.updated,
                r.deleted, 0, r.rows_after, r.seconds,
            )
            for r in results
        )  # fmt: skip
        writer.con.execute(
            f"INSERT INTO {writer.catalog}.meta.load_table (load_id, source, schema_name, table_name, status, "
            f"rows_before, inserted, updated, deleted, quarantined, rows_after, seconds) VALUES {rows}"
        )
