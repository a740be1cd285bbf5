"""The lake as each role meets it: who may read what, snapshots, locks, and where the bytes lie."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest

import hub_settings
from pipelines import lake


@pytest.fixture(scope="module", autouse=True)
def lakes(hub_server: object) -> Iterator[None]:
    """Both lakes set up, with one table in each that these tests own."""
    lake.create()
    with lake.connect(writer=True, confidential=True) as con:
        for catalog in ("lake", "confidential"):
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {catalog}.test_lake")
            con.execute(f"CREATE OR REPLACE TABLE {catalog}.test_lake.amount (note VARCHAR, amount DECIMAL(18,4))")
            con.execute(f"INSERT INTO {catalog}.test_lake.amount VALUES ('first', 123456789012.1234)")
    yield
    with lake.connect(writer=True, confidential=True) as con:
        for catalog in ("lake", "confidential"):
            con.execute(f"DROP SCHEMA {catalog}.test_lake CASCADE")


def test_setting_up_again_changes_nothing() -> None:
    with lake.connect(confidential=True) as con:
        before = lake.current_snapshot(con), lake.current_snapshot(con, "confidential")
    lake.create()
    with lake.connect(confidential=True) as con:
        assert (lake.current_snapshot(con), lake.current_snapshot(con, "confidential")) == before
        for catalog in ("lake", "confidential"):
            found = {row[0] for row in con.execute(
                "SELECT schema_name FROM duckdb_schemas() WHERE database_name = ?", [catalog]).fetchall()}  # fmt: skip
            assert set(lake.SCHEMAS) <= found


def test_a_reader_reads_the_public_lake_and_no_more() -> None:
    with lake.connect() as con:
        assert con.execute("SELECT note, CAST(amount AS VARCHAR) FROM test_lake.amount").fetchall() == [
            ("first", "123456789012.1234")
        ]
        with pytest.raises(duckdb.Error, match="read-only"):
            con.execute("INSERT INTO test_lake.amount VALUES ('more', 1)")
        with pytest.raises(lake.LakeError, match="role hub_lake_reader may not read confidential"):
            lake.attach(con, "confidential", role="hub_lake_reader")


@pytest.mark.parametrize("role", ["hub_lake_reader", "hub_lake_confidential"])
def test_the_store_itself_refuses_a_reader_that_attaches_for_writing(role: str) -> None:
    with lake.session(extensions=("postgres_scanner", "ducklake", "httpfs")) as con:
        names = ["lake"] if role == "hub_lake_reader" else ["lake", "confidential"]
        for name in names:
            lake.attach(con, name, role=role, read_only=False)
            with pytest.raises(duckdb.Error, match="permission denied"):
                con.execute(f"INSERT INTO {name}.test_lake.amount VALUES ('more', 1)")


def test_the_confidential_role_reads_both_lakes() -> None:
    with lake.connect(confidential=True) as con:
        assert con.execute(
            "SELECT count(*) FROM test_lake.amount JOIN confidential.test_lake.amount AS secret USING (note, amount)"
        ).fetchone() == (1,)
        assert {row[0] for row in con.execute(
            "SELECT current_user FROM postgres_query('__ducklake_metadata_confidential', 'SELECT current_user')"
        ).fetchall()} == {"hub_lake_confidential"}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        ("hub_lake_reader", "confidential"),
        ("hub_dagster", "lake"),
        ("hub_dagster", "confidential"),
        ("hub_lake_reader", "dagster"),
        ("hub_lake", "dagster"),
    ],
)
def test_a_role_cannot_even_connect_where_it_has_no_business(role: str, kind: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(hub_settings.database_url(role, kind))


@pytest.mark.parametrize("role", ["hub_lake_reader", "hub_lake_confidential"])
def test_readers_see_publications_and_neither_sources_nor_anything_to_write(role: str) -> None:
    with lake.catalog(role) as db:
        assert db.execute("SELECT count(*) >= 0 FROM hub_meta.publication").fetchone() == (True,)
    for statement in (
        "SELECT * FROM hub_meta.source",
        "SELECT nextval('hub_meta.load_id')",
        "INSERT INTO hub_meta.publication (lake_snapshot, certificate) VALUES (1, '{}')",
        "UPDATE hub_meta.publication SET lake_snapshot = 1",
        "DELETE FROM ducklake_snapshot",
        "CREATE TABLE public.mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE TEMP TABLE mine (n int)",
    ):
        with lake.catalog(role) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


def test_readers_can_read_catalog_tables_that_come_later() -> None:
    for kind, role in (("lake", "hub_lake_reader"), ("confidential", "hub_lake_confidential")):
        with lake.catalog("hub_lake", kind) as db:
            db.execute("CREATE TABLE public.ducklake_of_a_later_version (n int)")
        try:
            with lake.catalog(role, kind) as db:
                assert db.execute("SELECT count(*) FROM public.ducklake_of_a_later_version").fetchone() == (0,)
        finally:
            with lake.catalog("hub_lake", kind) as db:
                db.execute("DROP TABLE public.ducklake_of_a_later_version")


def test_no_role_of_the_lake_is_more_than_it_should_be() -> None:
    with psycopg.connect(hub_settings.maintenance_url()) as admin:
        rows = admin.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolcreatedb OR rolcreaterole "
            "OR rolbypassrls OR rolreplication)",
            (["hub_lake", "hub_lake_reader", "hub_lake_confidential", "hub_dagster"],),
        ).fetchall()
    assert rows == []


def test_a_pinned_reader_sees_its_snapshot_for_ever() -> None:
    with lake.connect(writer=True, confidential=True) as con:
        at, confidential_at = lake.current_snapshot(con), lake.current_snapshot(con, "confidential")
        con.execute("INSERT INTO lake.test_lake.amount VALUES ('later', 1)")
        con.execute("DELETE FROM confidential.test_lake.amount")
    try:
        with lake.connect(at=at, confidential=True, confidential_at=confidential_at) as con:
            assert lake.current_snapshot(con) == at
            assert con.execute("SELECT note FROM test_lake.amount").fetchall() == [("first",)]
            assert con.execute("SELECT note FROM confidential.test_lake.amount").fetchall() == [("first",)]
        with lake.connect(confidential=True) as con:
            assert con.execute("SELECT count(*) FROM test_lake.amount").fetchone() == (2,)
            assert con.execute("SELECT count(*) FROM confidential.test_lake.amount").fetchone() == (0,)
    finally:
        with lake.connect(writer=True, confidential=True) as con:
            con.execute("DELETE FROM lake.test_lake.amount WHERE note = 'later'")
            con.execute("INSERT INTO confidential.test_lake.amount VALUES ('first', 123456789012.1234)")


def test_a_snapshot_that_never_was_is_refused_in_a_sentence() -> None:
    with pytest.raises(lake.LakeError, match="no snapshot 999999 in lake"):
        lake.connect(at=999999)


def test_a_writer_cannot_be_pinned() -> None:
    with pytest.raises(ValueError, match="newest state"):
        lake.connect(writer=True, at=1)


def test_the_same_lake_can_be_attached_twice_one_of_them_pinned() -> None:
    with lake.connect(writer=True) as con:
        at = lake.current_snapshot(con)
        lake.attach(con, "lake", role="hub_lake", alias="pinned", at=at)
        con.execute("INSERT INTO lake.test_lake.amount VALUES ('later', 1)")
        assert con.execute("SELECT count(*) FROM pinned.test_lake.amount").fetchone() == (1,)
        con.execute("DELETE FROM lake.test_lake.amount WHERE note = 'later'")


def test_one_transaction_writes_to_one_lake_only() -> None:
    """Why loaders commit the confidential lake first: should DuckDB learn to write both at once, this test says so."""
    with lake.connect(writer=True, confidential=True) as con:
        con.execute("BEGIN")
        con.execute("INSERT INTO confidential.test_lake.amount VALUES ('both', 1)")
        with pytest.raises(duckdb.Error, match="a single transaction can only write to a single attached database"):
            con.execute("INSERT INTO lake.test_lake.amount VALUES ('both', 1)")
        con.execute("ROLLBACK")


def test_rows_lie_in_files_alone_and_confidential_ones_encrypted() -> None:
    for kind in ("lake", "confidential"):
        with lake.catalog(kind=kind) as db:
            assert db.execute(
                r"SELECT count(*) FROM pg_tables WHERE tablename ~ '^ducklake_inlined_data_\d'"
            ).fetchone() == (0,)
    public = list((Path(hub_settings.lake_path()) / "test_lake").rglob("*.parquet"))
    secret = list((Path(hub_settings.confidential_lake_path()) / "test_lake").rglob("*.parquet"))
    assert {file.read_bytes()[:4] for file in public} == {b"PAR1"}
    assert {file.read_bytes()[:4] for file in secret} == {b"PARE"}
    for path in (hub_settings.lake_path(), hub_settings.confidential_lake_path()):
        assert Path(path).stat().st_mode & 0o077 == 0


def test_a_lake_that_was_moved_is_read_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(hub_settings.lake_path(), tmp_path / "elsewhere")
    monkeypatch.setenv("HUB_LAKE_PATH", str(tmp_path / "elsewhere"))
    # A lake that keeps its few rows in the catalog has no folder yet.
    if (confidential := Path(hub_settings.home()) / "lake_confidential").is_dir():
        shutil.copytree(confidential, tmp_path / "elsewhere_confidential")
    with lake.connect(confidential=True) as con:
        assert con.execute("SELECT count(*) FROM test_lake.amount").fetchone() == (1,)
        assert con.execute("SELECT count(*) FROM confidential.test_lake.amount").fetchone() == (1,)
        files = con.execute("SELECT data_file FROM ducklake_list_files('lake', 'amount', schema => 'test_lake')")
        assert all(str(tmp_path) in file for (file,) in files.fetchall())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/out.db'",
        "ATTACH 'dbname=postgres' AS other (TYPE postgres)",
        "SET memory_limit = '1TB'",
        "LOAD httpfs",
    ],
)
def test_a_sealed_connection_reads_the_lake_and_nothing_else(statement: str, tmp_path: Path) -> None:
    with lake.connect(sealed=True) as con:
        assert con.execute("SELECT count(*) FROM test_lake.amount").fetchone() == (1,)
        with pytest.raises(duckdb.Error, match="disabled|locked"):
            con.execute(statement.format(folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_no_password_shows_in_a_connection() -> None:
    password = hub_settings.password_of("hub_lake_reader")
    with lake.connect() as con:
        for view in ("duckdb_databases()", "duckdb_secrets()", "duckdb_settings()"):
            assert password not in str(con.execute(f"FROM {view}").fetchall())


def test_a_layer_has_one_worker_at_a_time_and_layers_do_not_hinder_each_other() -> None:
    with lake.lock("raw"):
        with lake.lock("build"):
            pass
        with pytest.raises(lake.LakeBusy, match=rf"“raw” runs since .*hub raw \(process {os.getpid()}\)"):
            with lake.lock("raw", wait_seconds=0.2):
                pytest.fail("two held the same lock")
    with lake.lock("raw", wait_seconds=0.2):
        pass


def test_a_killed_process_frees_its_lock() -> None:
    program = (
        "import time\nfrom pipelines import lake\n"
        "with lake.lock('publish'):\n  print('held', flush=True)\n  time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=hub_settings.ROOT, stdout=subprocess.PIPE, env=dict(os.environ)
    ) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(lake.LakeBusy, match=str(process.pid)), lake.lock("publish", wait_seconds=0.1):
            pytest.fail("two held the same lock")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with lake.lock("publish", wait_seconds=10):
        pass


def test_a_lake_that_was_never_set_up_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    url = urlsplit(hub_settings.server_url())
    monkeypatch.setenv("HUB_DATABASE_URL", urlunsplit(url._replace(path="/never_set_up")))
    for use in (lake.connect, lake.catalog, lake.next_load_id):
        with pytest.raises(lake.LakeMissing, match="not set up yet: run ./hub migrate"):
            use()


def test_load_numbers_rise_and_are_never_given_twice() -> None:
    numbers = [lake.next_load_id() for _again in range(3)]
    assert sorted(set(numbers)) == numbers
