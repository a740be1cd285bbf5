"""One run of the sync: from the instant the lake equals to the store's present one, in one transaction per lake.

Every run reads the store through one snapshot. A lake that has no watermark, or one that the store cannot continue, is
compared in full; otherwise its batch is the difference of the two snapshots, and only tables whose shape is new are
compared in full beside it. Rows, load record and watermark commit together, so a reader sees a whole batch or none.

Each lake goes by its own watermark. After a crash between the two commits, the encrypted lake is one batch ahead, and
the next run brings both to the same instant.
"""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from gettext import gettext as _
from pathlib import Path

import yaml

from pipelines import lake
from pipelines.sync import changes, record, store, tidy, watermark
from pipelines.sync.errors import Diverged, StoreMoved, SyncError
from pipelines.sync.plan import Plan, plan_for
from pipelines.sync.reconcile import reconcile, remove
from pipelines.sync.tables import CHANGE_LOG, Table, discover, share_out
from pipelines.sync.watermark import TableState, Watermark
from pipelines.sync.writing import Progress, TableResult, Writer

CONFIDENTIAL = Path(__file__).with_name("confidential.yml")
TRIES = 4

# Looks at the uncommitted result of a run, with the store's snapshot still open (verify.py, and the tests).
Inspect = Callable[[list[Writer], dict[str, dict[str, Table]]], None]


@dataclass(frozen=True)
class SyncResult:
    """What a run did.

    Attributes:
        load_id: of its load record; None when the store had not changed and nothing was written.
        kind: `full` (every table compared) or `changes`.
        reason: why a table or all of them were compared in full; empty otherwise.
        snapshot: PostgreSQL snapshot that the raw layer equals now.
        changes: entries of the change log that were new.
        tables: those that were written to.
        unchanged: number of tables that were not.
        watermark: of the public lake, after the run.
        seconds: from the lock to the commit.
    """

    load_id: int | None
    kind: str
    reason: str
    snapshot: str
    changes: int
    tables: list[TableResult]
    unchanged: int
    watermark: Watermark
    seconds: Decimal


def confidential_tables() -> tuple[str, ...]:
    """The declared confidential tables of the store, "schema.table".

    Raises:
        SyncError: the list is not one.
    """
    declared = (yaml.safe_load(CONFIDENTIAL.read_text(encoding="utf-8")) or {}).get("tables")
    if not isinstance(declared, list) or not all(isinstance(name, str) and name.count(".") == 1 for name in declared):
        raise SyncError(_("{file} has to hold a list `tables` of names as schema.table.").format(file=CONFIDENTIAL))
    return tuple(declared)


def sync_store(
    full: bool = False,
    tables: Collection[str] | None = None,
    progress: Progress | None = None,
    *,
    inspect: Inspect | None = None,
    wait_seconds: float = 600,
) -> SyncResult:
    """Bring the raw layer to the store's present instant.

    Args:
        full: compare every table with the store, not only what the change log names.
        tables: of the store ("schema.table") to compare in full beside the batch; names are those of the store.
        progress: called with (tables done, tables in all, the table at work).
        inspect: called before the commit, with the store's snapshot and the result still open.
        wait_seconds: how long to wait for another writer of the raw layer.

    Raises:
        SyncError: the store cannot be taken over as it is; nothing was written.
        LakeBusy: another process writes to the raw layer.
    """
    begin = time.monotonic()
    asked = dict.fromkeys(tables or (), "was asked for")
    with lake.lock("raw", wait_seconds=wait_seconds):
        for attempt in range(1, TRIES + 1):
            try:
                return _attempt(full, asked, progress, inspect, begin)
            except Diverged as error:
                # Told in the load record; the table is compared in full, in one transaction with the rest of the batch.
                if attempt == TRIES:
                    raise
                asked[error.table] = "in the lake is not what the change log builds on"
            except StoreMoved:
                if attempt == TRIES:
                    raise
    raise AssertionError("the last attempt returns or raises")


def _attempt(
    full: bool, asked: dict[str, str], progress: Progress | None, inspect: Inspect | None, begin: float
) -> SyncResult:
    hidden = confidential_tables()
    both = bool(hidden) or _was_confidential()
    with lake.connect(writer=True, confidential=both) as con:
        store.attach(con)
        writers: list[Writer] = []
        con.execute("BEGIN")
        try:
            now = store.instant(con)
            shared = share_out(discover(lambda sql: store.rows(con, sql)), hidden)
            shares = shared if both else {"lake": shared["lake"]}
            if unknown := set(asked) - set().union(*shared.values()):
                raise SyncError(_("The store has no logged table {tables}.").format(tables=", ".join(sorted(unknown))))
            # The encrypted lake first: whoever sees a public row can rely on the confidential ones being there.
            for catalog in shares:
                writers.append(Writer(catalog, con))
                if catalog != "lake":
                    writers[-1].con.execute("BEGIN")
            plans = [plan_for(w, shares[w.catalog], now, full, asked) for w in writers]
            result = _carry_out(writers, plans, now, progress, begin)
            if inspect:
                inspect(writers, shares)
            if result.load_id is not None:
                _same_shapes(shares, hidden)
        except BaseException:
            for writer in writers:
                if writer.con is not con:
                    writer.con.execute("ROLLBACK")
            con.execute("ROLLBACK")
            raise
        for writer in writers:
            if writer.con is not con:
                writer.con.execute("COMMIT")
        con.execute("COMMIT")
        for writer, plan in zip(writers, plans, strict=True):
            if plan.last and result.load_id and tidy.is_due(plan.last.load_id, result.load_id):
                tidy.merge_small_files(con, writer.catalog)
        return result


def _was_confidential() -> bool:
    """Whether the encrypted lake holds tables of the store from a time when they were declared confidential."""
    with lake.catalog(kind="confidential") as db:
        return bool(
            db.execute(
                "SELECT 1 FROM ducklake_table t JOIN ducklake_schema s USING (schema_id) WHERE t.end_snapshot IS NULL "
                "AND s.schema_name = 'meta' AND t.table_name = %s",
                (watermark.TABLE,),
            ).fetchone()
        )


def _carry_out(
    writers: list[Writer], plans: list[Plan], now: store.Instant, progress: Progress | None, begin: float
) -> SyncResult:
    """Write what is planned for each lake, with its watermark and load record. Nothing is committed here."""
    public = plans[-1]
    work = [(w, p, name) for w, p in zip(writers, plans, strict=True) for name in _names(p)]
    results: dict[str, list[TableResult]] = {writer.catalog: [] for writer in writers}
    load_id, started_at = None, datetime.now(UTC)
    mark = public.last
    if not all(plan.is_idle for plan in plans):
        load_id = lake.next_load_id()
    for done, (writer, plan, name) in enumerate(work):
        if progress:
            progress(done, len(work), name)
        results[writer.catalog].append(_write(writer, plan, name, load_id))
    for writer, plan in zip(writers, plans, strict=True):
        # An encrypted lake that never held anything of the store keeps no watermark either.
        if load_id is not None and (plan.wanted or plan.gone or plan.last):
            mark = _mark(writer, plan, now, load_id, results[writer.catalog])
            watermark.write(writer.con, writer.catalog, mark)
            record.write(writer, plan, mark, started_at, results[writer.catalog])
    if progress:
        progress(len(work), len(work), "")
    written = [result for writer in writers for result in results[writer.catalog]]
    return SyncResult(
        load_id, public.kind, public.reason, now.snapshot, sum(sum(p.entries.values()) for p in plans), written,
        sum(len(p.wanted) for p in plans) - sum(r.status != "removed" for r in written), mark,
        Decimal(f"{time.monotonic() - begin:.3f}"),
    )  # fmt: skip


def _names(plan: Plan) -> list[str]:
    """Tables to work on. An entry may name a table that the store no longer has: then only the log keeps it."""
    log = [CHANGE_LOG] if plan.entries and CHANGE_LOG not in plan.compare else []
    batch = [name for name in plan.entries if name in plan.wanted and name not in plan.compare]
    return [*plan.gone, *plan.compare, *batch, *log]


def _write(writer: Writer, plan: Plan, name: str, load_id: int) -> TableResult:
    if name not in plan.wanted:
        return remove(writer, name)
    table = plan.wanted[name]
    if name in plan.compare:
        return reconcile(writer, table, load_id)
    rows = plan.last.tables[name].rows
    if name == CHANGE_LOG:
        return changes.append_log(writer, table, plan.last, load_id, rows)
    return changes.apply(writer, table, plan.last, load_id, rows)


def _mark(writer: Writer, plan: Plan, now: store.Instant, load_id: int, results: list[TableResult]) -> Watermark:
    floor = plan.last.floor if plan.last else store.foreign_floor(writer.reader)
    counted = {f"{r.schema_name.removeprefix('raw_')}.{r.table_name}": r.rows_after for r in results}
    known = {name: state.rows for name, state in plan.last.tables.items()} if plan.last else {}
    return Watermark(
        load_id, now.snapshot, now.taken_at, now.system_identifier, now.database_oid,
        store.newest_entry(writer.reader), store.highest_xid(writer.reader, floor), floor,
        {name: TableState(table.shape, counted.get(name, known.get(name, 0))) for name, table in plan.wanted.items()},
    )  # fmt: skip


def _same_shapes(shares: dict[str, dict[str, Table]], hidden: Collection[str]) -> None:
    """See that no table was altered since the snapshot.

    PostgreSQL reads rows by the snapshot, but columns and types as they are at the moment, and a rewritten table looks
    empty to an older snapshot.
    """
    with store.direct() as db:
        present = share_out(discover(lambda sql: db.execute(sql).fetchall()), hidden)
    for catalog, share in shares.items():
        moved = [name for name, table in share.items() if present[catalog].get(name) != table]
        if moved:
            raise StoreMoved(
                _("{tables} was altered while it was read: run hub sync again when the migration is done.").format(
                    tables=", ".join(moved)
                )
            )
