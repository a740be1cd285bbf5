"""Confidential tables of the store, and all that the change log says of them, go into the encrypted lake only."""

from pathlib import Path

import duckdb
import pytest

from pipelines import lake
from pipelines.sync import run, sync_store
from pipelines.sync.errors import SyncError
from pipelines.sync.verify import compare
from tests.pipelines.sync.trial import Trial


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A list of confidential tables of our own: hr.pay stands in it."""
    file = tmp_path / "confidential.yml"
    file.write_text("tables: [hr.pay, hr.not_made_yet]\n")
    monkeypatch.setattr(run, "CONFIDENTIAL", file)
    return file


def pay(trial: Trial, person: str) -> None:
    trial.sql("INSERT INTO hr.pay (person, amount, note) VALUES (%s, 123456789012.1234, '{\"why\": 1.10}')", person)


def public_text() -> str:
    """Everything that the public lake holds of the store."""
    with lake.connect() as con:
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name LIKE 'raw_%'"
        ).fetchall()
        return " ".join(str(con.execute(f'FROM lake."{schema}"."{table}"').fetchall()) for schema, table in tables)


def test_confidential_rows_and_their_log_are_in_the_encrypted_lake_and_nowhere_else(
    trial: Trial, declared: Path
) -> None:
    pay(trial, "Ada")
    trial.sql("INSERT INTO erp.item (name) VALUES ('public')")
    sync_store()
    pay(trial, "Grace")
    trial.sql("UPDATE hr.pay SET amount = 2 WHERE person = 'Ada'")
    result = sync_store()
    assert {(t.catalog, t.table_name): (t.inserted, t.updated) for t in result.tables} == {
        ("confidential", "pay"): (1, 1), ("confidential", "change_log"): (2, 0),
    }  # fmt: skip
    assert trial.lake_rows("hr.pay", "confidential") == trial.store_rows("hr.pay")
    assert compare() == []
    text = public_text()
    assert "public" in text and "Ada" not in text and "Grace" not in text and "pay" not in text
    with lake.connect(confidential=True) as con:
        log = con.execute("SELECT operation, after->>'person' FROM confidential.raw_core.change_log ORDER BY sequence")
        assert log.fetchall() == [("I", "Ada"), ("I", "Grace"), ("U", "Ada")]
        marks = [con.execute(f"SELECT load_id, snapshot FROM {c}.meta.store_watermark").fetchall() for c in lake.LAKES]
        assert marks[0] == marks[1], "both lakes stand at the same instant"


def test_the_encrypted_files_cannot_be_read_without_the_catalog(trial: Trial, declared: Path, tmp_path: Path) -> None:
    pay(trial, "Ada")
    sync_store()
    files = list((tmp_path / "lake_confidential" / "raw_hr").rglob("*.parquet"))
    assert files
    with pytest.raises(duckdb.Error, match="encrypted"):
        duckdb.connect().execute(f"SELECT * FROM read_parquet('{files[0]}')")


def test_a_table_that_becomes_confidential_moves_with_its_log(trial: Trial, declared: Path) -> None:
    declared.write_text("tables: []\n")
    pay(trial, "Ada")
    sync_store()
    assert "Ada" in public_text()
    declared.write_text("tables: [hr.pay]\n")
    pay(trial, "Grace")
    result = sync_store()
    assert ("lake", "pay", "removed") in {(t.catalog, t.table_name, t.status) for t in result.tables}
    assert "Ada" not in public_text()
    assert trial.lake_rows("hr.pay", "confidential") == trial.store_rows("hr.pay")
    declared.write_text("tables: []\n")
    sync_store()
    trial.assert_equal()
    assert compare() == []
    assert sync_store().load_id is None
    with lake.connect(confidential=True) as con:
        left = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'confidential' AND schema_name <> 'meta'"
        )
        assert left.fetchall() == []


def test_a_public_commit_that_fails_after_the_confidential_one_is_made_good_by_the_next_run(
    trial: Trial, declared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(trial, "Ada")
    sync_store()
    pay(trial, "Grace")
    trial.sql("INSERT INTO erp.item (name) VALUES ('public')")
    real = lake.connect

    class DiesBetween(Exception):
        pass

    class Dying:
        """A connection whose own commit never happens, as when the process dies just before it."""

        def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
            self.con = con

        def __enter__(self) -> "Dying":
            return self

        def __exit__(self, *_error: object) -> None:
            self.con.close()

        def execute(self, sql: str, *values: object) -> object:
            if sql == "COMMIT":
                raise DiesBetween
            return self.con.execute(sql, *values)

        def __getattr__(self, name: str) -> object:
            return getattr(self.con, name)

    with monkeypatch.context() as patch:
        patch.setattr(run.lake, "connect", lambda **options: Dying(real(**options)))
        with pytest.raises(DiesBetween):
            sync_store()
    assert len(trial.lake_rows("hr.pay", "confidential")) == 2 and trial.lake_rows("erp.item") == []
    pay(trial, "Edith")
    sync_store()
    assert trial.lake_rows("hr.pay", "confidential") == trial.store_rows("hr.pay")
    trial.assert_equal("erp.item")
    assert compare() == []


def test_a_broken_list_is_refused(trial: Trial, declared: Path) -> None:
    declared.write_text("tables: hr.pay\n")
    with pytest.raises(SyncError, match="has to hold a list `tables`"):
        sync_store()
