"""The watermark belongs to one server at one time; whatever does not continue it is compared in full and said so."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pipelines import lake
from pipelines.sync import sync_store, watermark
from tests.pipelines.sync.trial import Trial


def rewrite(**changes: Any) -> None:
    """Make the lake remember another watermark."""
    with lake.connect(writer=True) as con:
        con.execute("BEGIN")
        mark = watermark.read(con, "lake")
        assert mark is not None
        watermark.write(con, "lake", replace(mark, **changes))
        con.execute("COMMIT")


def fill(trial: Trial) -> None:
    trial.sql("INSERT INTO erp.item (name, price) SELECT 'item ' || i, i FROM generate_series(1, 20) AS i")


@pytest.mark.parametrize(
    ("remembered", "reason"),
    [
        ({"system_identifier": "7000000000000000001"}, "another server: its system_identifier differs"),
        ({"database_oid": 1}, "another database: its oid differs"),
        ({"snapshot": "900000000:900000000:"}, "the server was put back: the last snapshot lies in its future"),
        (
            {"anchor": (20, 4, "2020-01-01 00:00:00+00")},
            "the change log was put back: its entry 20 is gone or is another",
        ),
        (
            {"anchor": (999, 4, "2020-01-01 00:00:00+00")},
            "the change log was put back: its entry 999 is gone or is another",
        ),
    ],
)
def test_a_restored_server_is_compared_in_full(trial: Trial, remembered: dict[str, Any], reason: str) -> None:
    fill(trial)
    sync_store()
    rewrite(**remembered)
    # What a restore leaves behind: rows that differ, rows that are gone, and no entry of the log about either.
    with lake.connect(writer=True) as con:
        con.execute("UPDATE raw_erp.item SET price = 0 WHERE id = 1")
        con.execute("DELETE FROM raw_erp.item WHERE id = 2")
        con.execute("INSERT INTO raw_erp.item (id, name) VALUES (77, 'of the lost time')")
    result = sync_store()
    assert (result.kind, result.reason) == ("full", reason)
    [item] = [t for t in result.tables if t.table_name == "item"]
    assert (item.inserted, item.updated, item.deleted) == (1, 1, 1)
    trial.assert_equal()
    with lake.connect() as con:
        details = con.execute("SELECT details FROM meta.load WHERE load_id = ?", [result.load_id]).fetchone()[0]
    assert json.loads(details)["reason"] == reason
    assert sync_store().load_id is None, "and from there it goes on by changes"


def test_entries_that_a_dump_brought_from_another_server_are_new_once_and_never_again(trial: Trial) -> None:
    """Their transaction ids lie in this server's future and are reached by it later."""
    fill(trial)
    here = trial.sql("SELECT pg_current_xact_id()::text::bigint")[0][0]
    trial.sql("UPDATE core.change_log SET xid = (%s + sequence * 2)::text::xid8", here)
    sync_store()
    for _ in range(3):
        with trial.connect(autocommit=True) as db:
            for number in range(15):
                db.execute("UPDATE erp.item SET price = %s WHERE id = 1", (number,))
        result = sync_store()
        assert (result.kind, result.changes) == ("changes", 15)
        assert {t.table_name: t.updated for t in result.tables}["item"] == 1, "only the one row has changed"
        trial.assert_equal()
    assert trial.sql("SELECT pg_current_xact_id()::text::bigint")[0][0] > here + 40, "those ids have been reached"


def test_transaction_ids_that_a_crash_gives_again_are_not_taken_for_old(trial: Trial) -> None:
    """A snapshot counts aborted transactions as ended; what never reached the disk loses its id to a later one."""
    fill(trial)
    sync_store()
    last = trial.sql("SELECT max(xid::text::bigint) FROM core.change_log")[0][0]
    for _ in range(8):
        trial.sql("UPDATE erp.item SET price = price + 1 WHERE id = 3")
    end = trial.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")[0][0]
    # As if these ids had been ended already when the last snapshot was taken.
    rewrite(snapshot=f"{end}:{end}:")
    assert end > last + 8
    assert sync_store().changes == 8
    trial.assert_equal()


def test_full_writes_only_what_differs(trial: Trial) -> None:
    fill(trial)
    first = sync_store()
    trial.sql("UPDATE erp.item SET price = 100 WHERE id = 5")
    result = sync_store(full=True)
    assert {t.table_name: (t.inserted, t.updated, t.deleted) for t in result.tables} == {
        "item": (0, 1, 0), "stock": (0, 0, 0), "pay": (0, 0, 0), "change_log": (1, 0, 0),
    }  # fmt: skip
    with lake.connect() as con:
        assert con.execute("SELECT _load_id, count(*) FROM raw_erp.item GROUP BY 1 ORDER BY 1").fetchall() == [
            (first.load_id, 19),
            (result.load_id, 1),
        ]


def test_an_earlier_snapshot_of_the_lake_holds_the_watermark_of_its_rows(trial: Trial) -> None:
    first = sync_store()
    with lake.connect() as con:
        snapshot = lake.current_snapshot(con)
    fill(trial)
    second = sync_store()
    for at, expected, rows in ((snapshot, first, 0), (None, second, 20)):
        with lake.connect(at=at) as con:
            assert con.execute("SELECT snapshot FROM meta.store_watermark").fetchall() == [(expected.snapshot,)]
            assert con.execute("SELECT count(*) FROM raw_erp.item").fetchone() == (rows,)
