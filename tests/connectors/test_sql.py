"""Databases as sources: real servers, exact values, and only what is new, changed or gone."""

import datetime as dt
import os
import time
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

import hub_settings
from connectors.base import Source, SourceError, open_source
from pipelines import backfill, lake, load, sources
from tests.connectors import outside
from tests.connectors.outside import Outside

NAME = "test_sql"
SCHEMA = f"raw_{NAME}"

SALE = {
    "postgresql": "CREATE TABLE sale (id bigint PRIMARY KEY, item text, amount numeric(20,4), changed timestamp, gone boolean)",
    "mysql": "CREATE TABLE sale (id bigint PRIMARY KEY, item varchar(99), amount decimal(20,4), changed datetime(6), gone bool)",
    "sqlite": "CREATE TABLE sale (id integer PRIMARY KEY, item text, amount decimal(20,4), changed timestamp, gone boolean)",
}


@pytest.fixture(scope="module", autouse=True)
def lakes(hub_server: object) -> Iterator[None]:
    lake.create()
    yield
    reader().close()
    reader.cache_clear()


@pytest.fixture(scope="module")
def servers(lakes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outside]]:
    with outside.postgres() as postgres, outside.mariadb() as mariadb:
        yield {
            "postgresql": postgres, "mysql": mariadb, "sqlite": outside.sqlite(tmp_path_factory.mktemp("sqlite")),
        }  # fmt: skip


@pytest.fixture(params=["postgresql", "mysql", "sqlite"])
def shop(request: pytest.FixtureRequest, servers: dict[str, Outside]) -> Iterator[Outside]:
    """A table of three sales in each kind of database."""
    server = servers[request.param]
    server.run(
        "DROP TABLE IF EXISTS sale",
        SALE[server.kind],
        "INSERT INTO sale VALUES (1, '茶 50%', 0.1001, '2026-01-01 10:00:00', false), "
        "(2, '', 1234567890123456.7891, '2026-01-02 10:00:00', false), (3, NULL, NULL, '2026-01-03 10:00:00.123456', false)"
        if server.kind != "sqlite"
        else "INSERT INTO sale VALUES (1, '茶 50%', 0.1001, '2026-01-01 10:00:00', 0), "
        "(2, '', '12345678901.7891', '2026-01-02 10:00:00', 0), (3, NULL, NULL, '2026-01-03 10:00:00.123456', 0)",
    )
    yield server
    forget()
    server.run("DROP TABLE IF EXISTS sale")


def forget() -> None:
    if any(entry.source.name == NAME for entry in sources.registered()):
        sources.remove(NAME, drop_tables=True)


def register(server: Outside, **options: Any) -> None:
    sources.add(NAME, "sql", server.url, {"only": ["sale"], "tables": {"sale": options} if options else {}})


def loaded(**options: Any) -> tuple[str, int, int, int, int]:
    """status, inserted, updated, deleted, rows after, of the one table."""
    [r] = load.load_source(NAME, **options)
    return r.status, r.inserted, r.updated, r.deleted, r.rows_after


@cache
def reader() -> duckdb.DuckDBPyConnection:
    return lake.connect(confidential=True)


def query(statement: str) -> list[tuple]:
    return reader().execute(statement).fetchall()


def test_a_first_load_is_exact_and_typed(shop: Outside) -> None:
    register(shop)
    assert loaded() == ("loaded", 3, 0, 0, 3)
    assert query(f"SELECT id, item, amount, changed, gone FROM {SCHEMA}.sale ORDER BY id") == [
        (1, "茶 50%", Decimal("0.1001"), dt.datetime(2026, 1, 1, 10), False),
        # SQLite keeps a decimal as a binary double: fifteen digits are all it has.
        (
            2,
            "",
            Decimal("12345678901.7891" if shop.kind == "sqlite" else "1234567890123456.7891"),
            dt.datetime(2026, 1, 2, 10),
            False,
        ),
        (3, None, None, dt.datetime(2026, 1, 3, 10, 0, 0, 123456), False),
    ]
    assert query(f"SELECT DISTINCT typeof(amount), typeof(changed), _source_file FROM {SCHEMA}.sale") == [
        ("DECIMAL(20,4)", "TIMESTAMP", "sale")
    ]


def test_without_more_said_everything_is_read_and_compared_by_the_primary_key(shop: Outside) -> None:
    register(shop)
    loaded()
    shop.run(
        "UPDATE sale SET amount = 2 WHERE id = 1", "DELETE FROM sale WHERE id = 2", "INSERT INTO sale (id) VALUES (9)"
    )
    assert loaded() == ("loaded", 1, 1, 1, 3)
    assert loaded() == ("loaded", 0, 0, 0, 3)


def test_a_cursor_brings_what_is_new_and_late_rows_within_the_lookback(shop: Outside) -> None:
    register(shop, incremental="cursor", cursor="changed", lookback="1 day")
    loaded()
    shop.run(
        "UPDATE sale SET item = 'new', changed = '2026-01-05 00:00:00' WHERE id = 1",
        # Committed late, with a stamp behind the newest one that was read.
        "INSERT INTO sale VALUES (4, 'late', 1, '2026-01-02 20:00:00', false)".replace(
            "false", "0" if shop.kind == "sqlite" else "false"
        ),
        "INSERT INTO sale (id, item) VALUES (5, 'never stamped')",
        # Outside the lookback and not stamped: only a full load sees it.
        "UPDATE sale SET item = 'unstamped' WHERE id = 2",
    )
    assert loaded() == ("loaded", 2, 1, 0, 5)
    assert loaded() == ("loaded", 0, 0, 0, 5)
    assert loaded(full=True) == ("loaded", 0, 1, 0, 5)


def test_a_growing_key_reads_only_what_was_added(shop: Outside) -> None:
    register(shop, incremental="key")
    loaded()
    shop.run("INSERT INTO sale (id, item) VALUES (4, 'x')", "UPDATE sale SET item = 'unseen' WHERE id = 1")
    assert loaded() == ("loaded", 1, 0, 0, 4)
    assert query(f"SELECT item FROM {SCHEMA}.sale WHERE id = 1") == [("茶 50%",)]


def test_hashes_of_blocks_find_inserts_updates_and_deletes_without_a_cursor(shop: Outside) -> None:
    rows = ", ".join(f"({number * 5000}, 'x')" for number in range(1, 50))
    shop.run(f"INSERT INTO sale (id, item) VALUES {rows}")
    register(shop, incremental="hash")
    assert loaded() == ("loaded", 52, 0, 0, 52)
    shop.run(
        "UPDATE sale SET item = NULL WHERE id = 2",
        "DELETE FROM sale WHERE id IN (1, 95000)",
        "INSERT INTO sale (id) VALUES (-5)",
    )
    before = open_source(sources.get(NAME))
    assert loaded() == ("loaded", 1, 1, 2, 51)
    assert loaded() == ("loaded", 0, 0, 0, 51)
    if shop.kind != "sqlite":  # which has no hash of its own: there everything is read and compared
        [ref] = before.tables()
        with lake.session(extensions=("postgres_scanner",)) as con:
            state = before.read(con, ref).state
            shop.run("UPDATE sale SET item = 'y' WHERE id = 100000")
            data = before.read(con, ref, state)
            assert not data.complete and len(data.relation.fetchall()) == 2


def test_a_flag_or_a_sweep_of_keys_finds_what_is_gone(shop: Outside) -> None:
    register(shop, incremental="cursor", cursor="changed", deletes="flag", flag="gone")
    loaded()
    shop.run("UPDATE sale SET gone = TRUE, changed = '2026-02-01 00:00:00' WHERE id = 1")
    assert loaded() == ("loaded", 0, 0, 1, 2)
    forget()
    register(shop, incremental="cursor", cursor="changed", deletes="sweep")
    loaded()
    shop.run("DELETE FROM sale WHERE id = 2")
    assert loaded() == ("loaded", 0, 0, 1, 2)


def test_a_sweep_that_would_empty_a_table_is_stopped_until_it_is_meant(shop: Outside) -> None:
    shop.run("INSERT INTO sale (id) VALUES " + ", ".join(f"({number})" for number in range(10, 400)))
    register(shop, incremental="key", deletes="sweep")
    loaded()
    shop.run("DELETE FROM sale WHERE id > 200")
    with pytest.raises(SourceError, match="199 of 393 rows would vanish, more than 20 %. Nothing was loaded"):
        loaded()
    assert query(f"SELECT count(*) FROM {SCHEMA}.sale") == [(393,)]
    assert loaded(accept_deletes=True) == ("loaded", 0, 0, 199, 194)


def test_a_first_load_in_blocks_goes_on_where_it_was_cut_off(shop: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run("INSERT INTO sale (id, changed) VALUES " + ", ".join(f"({n}, '2026-01-01')" for n in range(10, 300)))
    register(shop, incremental="cursor", cursor="changed", chunk_rows=100)
    from connectors.sql import Sql

    read, calls = Sql.read, []

    def cut_off(self: Any, con: Any, ref: Any, state: Any = None) -> Any:
        calls.append(state)
        if len(calls) == 3:
            raise SourceError("the line is dead")
        return read(self, con, ref, state)

    monkeypatch.setattr(Sql, "read", cut_off)
    with pytest.raises(SourceError, match="the line is dead"):
        loaded()
    assert query(f"SELECT count(*) FROM duckdb_tables() WHERE schema_name = '{SCHEMA}'") == [(0,)]
    kept = sorted(backfill.folder(NAME, "sale").glob("*.parquet"))
    assert len(kept) == 2
    with pytest.raises(duckdb.Error, match=r"[Ee]ncrypt"):
        duckdb.connect().execute(f"SELECT * FROM read_parquet('{kept[0]}')")
    shop.run("INSERT INTO sale (id, changed) VALUES (5, '2026-03-01')")  # behind the blocks that are there
    assert loaded() == ("loaded", 293, 0, 0, 293)
    assert [state and state["backfill"] for state in calls] == [None, ["106"], ["206"], ["206"], ["299"]]
    assert not backfill.folder(NAME, "sale").exists()
    assert loaded() == ("loaded", 1, 0, 0, 294)


def test_what_a_type_cannot_hold_is_refused_by_column_and_value(servers: dict[str, Outside]) -> None:
    server = servers["postgresql"]
    server.run(
        "DROP TABLE IF EXISTS sale",
        "CREATE TABLE sale (id int PRIMARY KEY, loose numeric, stamp timestamptz, d jsonb, f float8)",
    )
    server.run("INSERT INTO sale VALUES (1, 1.123456789, '2026-01-01 08:00+08', '{\"a\": 1.10}', 0.1)")
    register(server)
    try:
        loaded()
        [row] = query(f"SELECT loose, stamp, d FROM {SCHEMA}.sale")
        assert row == (Decimal("1.123456789"), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), '{"a": 1.10}')
        server.run("INSERT INTO sale (id, loose) VALUES (2, 0.12345678901)")
        with pytest.raises(SourceError, match="sale cannot be read.*0.12345678901"):
            loaded()
        forget()
        register(server, types={"loose": "DECIMAL(38,12)", "f": "DECIMAL(18,4)"})
        loaded()
        assert query(f"SELECT loose FROM {SCHEMA}.sale WHERE id = 2") == [(Decimal("0.12345678901"),)]
        assert query(f"SELECT f FROM {SCHEMA}.sale WHERE id = 1") == [(Decimal("0.1000"),)]
        server.run("INSERT INTO sale (id, f) VALUES (3, 1e-7)")
        with pytest.raises(SourceError, match="1e-07"):
            loaded()
    finally:
        forget()


def test_a_value_that_sqlite_lets_into_a_column_of_another_type_is_refused(servers: dict[str, Outside]) -> None:
    server = servers["sqlite"]
    server.run("DROP TABLE IF EXISTS sale", SALE["sqlite"], "INSERT INTO sale (id, amount) VALUES (1, 'about ten')")
    register(server)
    with pytest.raises(SourceError, match="amount: 'about ten' is no DECIMAL"):
        loaded()
    forget()


def test_schemas_become_part_of_the_name_and_clashes_are_refused(servers: dict[str, Outside]) -> None:
    server = servers["postgresql"]
    server.run(
        "DROP TABLE IF EXISTS sale", "DROP SCHEMA IF EXISTS old CASCADE", "CREATE SCHEMA old",
        'CREATE TABLE old."Order Line" ("Order" int, "select" int, PRIMARY KEY ("Order", "select"))',
        'CREATE TABLE "订单" (id int)',
    )  # fmt: skip
    found = {ref.name: ref for ref in open_source(Source(NAME, "sql", server.url)).tables()}
    assert set(found) == {"old_order_line", "订单"}
    assert found["old_order_line"].options.key == ("order", "select")
    server.run('CREATE TABLE "old_order_line" (id int)')
    with pytest.raises(SourceError, match="would both become the table old_order_line"):
        open_source(Source(NAME, "sql", server.url)).tables()
    server.run("DROP SCHEMA old CASCADE", 'DROP TABLE "订单", old_order_line')


def test_a_password_is_kept_apart_and_shown_nowhere(servers: dict[str, Outside]) -> None:
    server = servers["postgresql"]
    address = server.url.replace("postgresql://", "postgresql://", 1)
    with_password = (
        address.replace("@", ":s3cret@", 1) if "@" in address else address.replace("//", "//postgres:s3cret@", 1)
    )
    try:
        sources.add(NAME, "sql", with_password, {})
        assert "s3cret" not in sources.get(NAME).url and "s3cret" not in repr(query("SELECT 1"))
        assert open_source(sources.get(NAME)).url.password == "s3cret"
        assert "s3cret" not in open_source(sources.get(NAME)).check()
    finally:
        forget()
    assert hub_settings.kept_secret(f"source:{NAME}:password") is None


def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        open_source(Source(NAME, "sql", "postgresql://nobody@localhost:1/x")).check()
    with pytest.raises(SourceError, match="is no address of a database"):
        open_source(Source(NAME, "sql", "shop"))
    with pytest.raises(SourceError, match="no driver"):
        open_source(Source(NAME, "sql", "oracle://x@localhost/x"))


def test_bulk_reads_keep_pace_with_the_floor(servers: dict[str, Outside], tmp_path: Path) -> None:
    """A million rows of PostgreSQL, against DuckDB copying that table and nothing else; the ratio is printed."""
    server = servers["postgresql"]
    count = 1_000_000
    server.run(
        "DROP TABLE IF EXISTS sale", SALE["postgresql"],
        f"INSERT INTO sale SELECT n, 'item ' || n, n / 7.0, timestamp '2026-01-01' + n * interval '1 s', false "
        f"FROM generate_series(1, {count}) n",
    )  # fmt: skip
    from connectors.sql import postgres as pg

    connector = open_source(Source(NAME, "sql", server.url, {"only": ["sale"]}))
    [ref] = connector.tables()
    with lake.session(extensions=("postgres_scanner",)) as con:
        for statement in pg.attach_statements(connector.url):
            con.execute(statement)
        begin = time.monotonic()
        con.execute(f"CREATE TEMP TABLE floor AS SELECT * FROM {pg.ALIAS}.public.sale")
        floor = time.monotonic() - begin
        begin = time.monotonic()
        con.execute(f"CREATE TEMP TABLE ours AS {connector.read(con, ref).relation.sql_query()}")
        ours = time.monotonic() - begin
        assert con.execute("SELECT count(*), sum(amount) FROM ours").fetchone() == con.execute(
            "SELECT count(*), sum(amount) FROM floor"
        ).fetchone()  # fmt: skip
    print(f"{count / ours:,.0f} rows/s, {floor / ours:.2f} of the floor's {count / floor:,.0f} rows/s")
    assert floor / ours > 0.4 or os.getloadavg()[0] > 3
