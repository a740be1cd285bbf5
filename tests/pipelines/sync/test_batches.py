"""A batch is the difference of two snapshots: nothing lost, nothing twice, each key in its last state."""

import json
from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Numeric, Table, Text

from pipelines import lake
from pipelines.sync import SyncResult, sync_store, tidy
from pipelines.sync.tables import Table as StoreTable
from pipelines.sync.verify import compare
from pipelines.sync.writing import Writer
from tests.pipelines.sync.trial import Trial, sync_and_see


def counts(result: SyncResult) -> dict[str, tuple[int, int, int]]:
    return {t.table_name: (t.inserted, t.updated, t.deleted) for t in result.tables}


def insert(trial: Trial, *names: str) -> None:
    for name in names:
        trial.sql("INSERT INTO erp.item (name, price) VALUES (%s, 1)", name)


def test_G21_a_row_with_a_lower_sequence_that_commits_after_the_reader_has_passed_arrives(trial: Trial) -> None:
    sync_store()
    naive: set[int] = set()

    def naive_read() -> None:
        """What a reader by `sequence > last` takes: correct only if sequences became visible in their order."""
        last = max(naive, default=0)
        naive.update(row[0] for row in trial.sql("SELECT sequence FROM core.change_log WHERE sequence > %s", last))

    with trial.connect() as slow:
        slow.execute("INSERT INTO erp.item (name) VALUES ('low sequence')")
        insert(trial, "high sequence")
        assert counts(sync_store())["item"] == (1, 0, 0)
        naive_read()
        slow.commit()
    insert(trial, "later")
    result = sync_store()
    naive_read()
    assert counts(result)["item"] == (2, 0, 0)
    trial.assert_equal()
    everything = {row[0] for row in trial.sql("SELECT sequence FROM core.change_log")}
    assert everything - naive == {1}, "the naive reader has to lose the row, or this test proves nothing"
    with lake.connect() as con:
        assert {row[0] for row in con.execute("SELECT sequence FROM raw_core.change_log").fetchall()} == everything


def test_G23_the_last_state_is_that_of_the_transaction_that_changed_the_row_last(trial: Trial) -> None:
    insert(trial, "R", "elsewhere")
    sync_store()
    with trial.connect() as a, trial.connect() as b:
        a.execute("UPDATE erp.item SET price = 5 WHERE name = 'elsewhere'")
        b.execute("UPDATE erp.item SET price = 20 WHERE name = 'R'")
        b.commit()
        a.execute("UPDATE erp.item SET price = 10 WHERE name = 'R'")
        a.commit()
    # A began earlier and has the lower transaction id; its change of R is the later one all the same.
    order = trial.sql(
        "SELECT xid::text::bigint FROM core.change_log WHERE row_key = '1' AND operation = 'U' ORDER BY sequence"
    )
    assert order[0] > order[1]
    assert counts(sync_store())["item"] == (0, 2, 0)
    with lake.connect() as con:
        assert con.execute("SELECT price FROM raw_erp.item WHERE name = 'R'").fetchall() == [(Decimal("10.0000"),)]
    trial.assert_equal()


def test_a_long_open_transaction_holds_nobody_back_and_is_not_skipped(trial: Trial) -> None:
    sync_store()
    with trial.connect() as long:
        long.execute("INSERT INTO erp.item (name) VALUES ('long')")
        for number in range(3):
            insert(trial, f"short {number}")
            assert counts(sync_store())["item"] == (1, 0, 0)
        long.execute("UPDATE erp.item SET price = 7 WHERE name = 'short 0'")
        long.commit()
    assert counts(sync_store())["item"] == (1, 1, 0)
    trial.assert_equal()
    assert compare() == []


def test_what_was_rolled_back_never_arrives(trial: Trial) -> None:
    sync_store()
    with trial.connect() as db:
        db.execute("INSERT INTO erp.item (name) VALUES ('never')")
        db.rollback()
    assert sync_store().load_id is None


def test_all_of_a_batch_is_read_at_the_instant_of_its_snapshot(trial: Trial) -> None:
    insert(trial, "first")
    sync_store()

    def write_meanwhile(_writers: list[Writer], _shares: object) -> None:
        insert(trial, "meanwhile")
        trial.sql("INSERT INTO hr.pay (person, amount) VALUES ('meanwhile', 1)")

    insert(trial, "second")
    sync_store(inspect=write_meanwhile)
    assert [row[5] for row in trial.lake_rows("erp.item")] and len(trial.lake_rows("erp.item")) == 2
    assert trial.lake_rows("hr.pay") == []
    sync_store()
    trial.assert_equal()


def test_a_full_comparison_is_read_at_one_instant_too(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.sync import run

    insert(trial, "first")
    reconcile = run.reconcile

    def with_a_writer_between(writer: Writer, table: StoreTable, load_id: int) -> object:
        done = reconcile(writer, table, load_id)
        insert(trial, f"after {table.name}")
        trial.sql("INSERT INTO hr.pay (person, amount) VALUES (%s, 1)", table.name)
        return done

    monkeypatch.setattr(run, "reconcile", with_a_writer_between)
    _result, seen = sync_and_see(trial)
    for table, rows in seen.items():
        assert trial.lake_rows(table) == rows, table
    assert trial.lake_rows("hr.pay") == []


def test_numbers_of_many_digits_arrive_exactly(trial: Trial) -> None:
    sync_store()
    trial.sql("INSERT INTO erp.item (name, price, cost) VALUES ('exact', 123456789012.1234, 12345678901234.123456)")
    trial.sql("""INSERT INTO erp.item (name, extra) VALUES ('in JSON', '{"amount": 123456789012345678.90}')""")
    sync_store()
    with lake.connect() as con:
        found = con.execute("SELECT price, cost, extra::VARCHAR FROM raw_erp.item ORDER BY id").fetchall()
    assert found[0] == (Decimal("123456789012.1234"), Decimal("12345678901234.123456"), None)
    assert found[1][2] == '{"amount": 123456789012345678.90}'
    trial.assert_equal()


def test_deletes_arrive_and_a_row_that_came_and_went_between_two_batches_leaves_only_its_log(trial: Trial) -> None:
    insert(trial, "stays", "goes")
    sync_store()
    trial.sql("DELETE FROM erp.item WHERE name = 'goes'")
    insert(trial, "flash")
    trial.sql("DELETE FROM erp.item WHERE name = 'flash'")
    result = sync_store()
    assert counts(result) == {"item": (0, 0, 1), "change_log": (3, 0, 0)}
    trial.assert_equal()
    with lake.connect() as con:
        log = con.execute("SELECT operation, after->>'name' FROM raw_core.change_log ORDER BY sequence").fetchall()
    assert log[-2:] == [("I", "flash"), ("D", None)]


def test_a_deleted_row_that_comes_back_under_its_key_is_an_update(trial: Trial) -> None:
    insert(trial, "one")
    sync_store()
    trial.sql("DELETE FROM erp.item")
    trial.sql("INSERT INTO erp.item (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'again')")
    assert counts(sync_store())["item"] == (0, 1, 0)
    trial.assert_equal()


def test_a_changed_key_moves_the_row(trial: Trial) -> None:
    insert(trial, "one", "two")
    sync_store()
    trial.sql("UPDATE erp.item SET id = 99 WHERE name = 'one'")
    assert counts(sync_store())["item"] == (1, 0, 1)
    trial.assert_equal()


def test_keys_that_read_alike_when_joined_by_commas_are_kept_apart(trial: Trial) -> None:
    trial.sql("INSERT INTO erp.stock VALUES ('a,b', 'c', 1), ('a', 'b,c', 2)")
    sync_store()
    trial.sql("UPDATE erp.stock SET quantity = 3 WHERE place = 'a'")
    trial.sql("DELETE FROM erp.stock WHERE place = 'a,b'")
    sync_store()
    trial.assert_equal()
    # A key that changes into one that reads alike: the trigger logs an update under one row_key.
    trial.sql("UPDATE erp.stock SET place = 'a,b', item = 'c'")
    assert counts(sync_store())["stock"] == (1, 0, 1)
    trial.assert_equal()


def test_a_table_that_nobody_changed_is_not_written(trial: Trial) -> None:
    insert(trial, "one")
    trial.sql("INSERT INTO hr.pay (person, amount) VALUES ('Ada', 1)")
    first = sync_store()
    insert(trial, "two")
    second = sync_store()
    assert counts(second) == {"item": (1, 0, 0), "change_log": (1, 0, 0)} and second.unchanged == 2
    with lake.connect() as con:
        loads = con.execute("SELECT DISTINCT _load_id FROM raw_hr.pay").fetchall()
        items = con.execute("SELECT name, _load_id FROM raw_erp.item ORDER BY name").fetchall()
        before = lake.current_snapshot(con)
    assert loads == [(first.load_id,)]
    assert items == [("one", first.load_id), ("two", second.load_id)]
    assert sync_store().load_id is None
    with lake.connect() as con:
        assert lake.current_snapshot(con) == before, "nothing happened in the store, so nothing is committed"


def test_rows_watermark_and_load_record_are_one_commit(trial: Trial) -> None:
    sync_store()
    with lake.connect() as con:
        before = lake.current_snapshot(con)
    insert(trial, "one")
    result = sync_store()
    with lake.connect() as con:
        assert lake.current_snapshot(con) == before + 1
        assert con.execute("SELECT load_id, snapshot FROM meta.store_watermark").fetchall() == [
            (result.load_id, result.snapshot)
        ]
        [(kind, mark, inserted, details)] = con.execute(
            "SELECT kind, watermark, rows_inserted, details FROM meta.load WHERE load_id = ?", [result.load_id]
        ).fetchall()
        tables = con.execute(
            "SELECT schema_name, table_name, rows_before, inserted, rows_after FROM meta.load_table WHERE load_id = ? "
            "ORDER BY ALL",
            [result.load_id],
        ).fetchall()
    assert (kind, mark, inserted) == ("changes", result.snapshot, 2) and json.loads(details)["entries"] == 1
    assert tables == [("raw_core", "change_log", 0, 1, 1), ("raw_erp", "item", 0, 1, 1)]


def test_a_row_that_is_missing_in_the_lake_is_noticed_and_its_table_compared_in_full(trial: Trial) -> None:
    insert(trial, "one", "two")
    sync_store()
    with lake.connect(writer=True) as con:
        con.execute("DELETE FROM raw_erp.item WHERE name = 'two'")
    [difference] = compare()
    assert "raw_erp.item: 2 rows in the store, 1 in the lake; different, for example: 2" in str(difference)
    trial.sql("UPDATE erp.item SET price = 9 WHERE name = 'two'")
    result = sync_store()
    assert result.kind == "changes" and result.reason == "erp.item in the lake is not what the change log builds on"
    trial.assert_equal()


def new_table(*columns: Column) -> Table:
    return Table("fresh", MetaData(), Column("id", BigInteger, primary_key=True), *columns, schema="erp")


def test_a_new_table_follows_by_itself_and_a_dropped_one_goes(trial: Trial) -> None:
    sync_store()
    trial.add(new_table(Column("note", Text)))
    trial.sql("INSERT INTO erp.fresh VALUES (1, 'x')")
    result = sync_store()
    assert "erp.fresh is new" in result.reason
    trial.assert_equal("erp.fresh")
    trial.sql("INSERT INTO erp.fresh VALUES (2, 'y')")
    trial.sql("DROP TABLE erp.fresh CASCADE")
    result = sync_store()
    assert [t.status for t in result.tables if t.table_name == "fresh"] == ["removed"]
    assert counts(result)["change_log"] == (1, 0, 0), "the log keeps what the table no longer shows"
    trial.assert_equal()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE erp.item ADD COLUMN grade text NOT NULL DEFAULT 'A'",
        "ALTER TABLE erp.item DROP COLUMN since",
        "ALTER TABLE erp.item ALTER COLUMN price TYPE numeric(22,6)",
        "ALTER TABLE erp.item ALTER COLUMN name TYPE text USING upper(name)",
        "ALTER TABLE erp.item RENAME COLUMN active TO is_active",
    ],
)
def test_a_table_that_was_altered_is_compared_in_full_by_itself(trial: Trial, change: str) -> None:
    insert(trial, "one", "two")
    sync_store()
    insert(trial, "three")
    trial.sql(change)
    if "ADD" in change:
        trial.sql("GRANT SELECT (grade) ON erp.item TO hub_sync")
    insert(trial, "four")
    trial.sql("INSERT INTO hr.pay (person, amount) VALUES ('Ada', 1)")
    result = sync_store()
    assert result.kind == "changes" and result.reason == "erp.item has another shape"
    trial.assert_equal()
    insert(trial, "five")
    assert not sync_store().reason
    trial.assert_equal()


def test_a_table_altered_while_it_is_read_is_read_again(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.sync import run

    insert(trial, "one")
    attempts = []
    plan = run.plan_for

    def alter_first(writer: Writer, wanted: dict[str, StoreTable], *rest: object) -> object:
        if writer.catalog == "lake":
            attempts.append(writer.catalog)
            if len(attempts) == 1:
                trial.sql("ALTER TABLE erp.item ALTER COLUMN price TYPE numeric(24,8)")
        return plan(writer, wanted, *rest)

    monkeypatch.setattr(run, "plan_for", alter_first)
    sync_store()
    assert len(attempts) == 2
    trial.assert_equal()


def test_named_tables_are_compared_in_full_beside_the_batch(trial: Trial) -> None:
    insert(trial, "one")
    sync_store()
    insert(trial, "two")
    result = sync_store(tables=["hr.pay"])
    assert counts(result) == {"pay": (0, 0, 0), "item": (1, 0, 0), "change_log": (1, 0, 0)}
    trial.assert_equal()


def test_many_rows_of_one_batch_arrive_with_their_numerics(trial: Trial) -> None:
    amount = Table(
        "amount",
        MetaData(),
        Column("id", BigInteger, primary_key=True),
        Column("value", Numeric(38, 12)),
        schema="finance",
    )
    trial.add(amount)
    sync_store()
    trial.sql(
        "INSERT INTO finance.amount SELECT i, 12345678901234567890.000000000001 * i FROM generate_series(1, 5000) AS i"
    )
    trial.sql("UPDATE finance.amount SET value = -value WHERE id % 3 = 0")
    trial.sql("DELETE FROM finance.amount WHERE id % 5 = 0")
    assert counts(sync_store())["amount"] == (4000, 0, 0)
    trial.assert_equal("finance.amount")


def test_the_files_of_many_batches_are_merged_and_earlier_snapshots_stay_as_they_were(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "EVERY_LOADS", 5)
    earlier = {}
    for number in range(1, 6):
        insert(trial, f"item {number}")
        trial.sql("UPDATE erp.item SET price = %s WHERE id = 1", number)
        assert sync_store().load_id == number
        with lake.connect() as con:
            earlier[lake.current_snapshot(con)] = con.execute("FROM raw_erp.item ORDER BY id").fetchall()
            files = con.execute("FROM ducklake_list_files('lake', 'change_log', schema => 'raw_core')").fetchall()
            assert len(files) == (number if number < 5 else 1)
    trial.assert_equal()
    for at, rows in earlier.items():
        with lake.connect(at=at) as con:
            assert con.execute("FROM raw_erp.item ORDER BY id").fetchall() == rows
