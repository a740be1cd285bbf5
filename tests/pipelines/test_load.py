"""Loading an outside source: what is written, what is left alone, and that it is all or nothing."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.base import SourceError
from pipelines import lake, load, sources

NAME = "test_load"
SCHEMA = f"raw_{NAME}"


@pytest.fixture(scope="module", autouse=True)
def lakes(hub_server: object) -> Iterator[None]:
    lake.create()
    yield
    reader().close()
    reader.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for files of the source, which is forgotten with its tables after the test."""
    yield tmp_path
    if any(entry.source.name == NAME for entry in sources.registered()):
        sources.remove(NAME, drop_tables=True)


def register(folder: Path, **tables: dict[str, Any]) -> None:
    sources.add(NAME, "files", str(folder), {"tables": tables} if tables else {})


def loaded(**options: Any) -> dict[tuple[str, str], tuple]:
    """(lake, table) → status, inserted, updated, deleted, rows after."""
    return {
        (r.catalog, r.table_name): (r.status, r.inserted, r.updated, r.deleted, r.rows_after)
        for r in load.load_source(NAME, **options)
    }


@cache
def reader() -> duckdb.DuckDBPyConnection:
    """One reader for the module; not pinned, it sees each load that has committed."""
    return lake.connect(confidential=True)


def query(statement: str) -> list[tuple]:
    return reader().execute(statement).fetchall()


def snapshots() -> tuple[int, int]:
    return lake.current_snapshot(reader()), lake.current_snapshot(reader(), "confidential")


def test_changes_are_counted_by_key_and_only_they_are_written(folder: Path) -> None:
    (folder / "price.csv").write_text("item_no,price\n1,1.50\n2,2.50\n3,\n")
    register(folder, price={"key": ["item_no"]})
    assert loaded() == {("lake", "price"): ("loaded", 3, 0, 0, 3)}
    first = query(f"SELECT DISTINCT _load_id FROM {SCHEMA}.price")[0][0]

    (folder / "price.csv").write_text("item_no,price\n4,4.00\n3,3.50\n1,1.5\n")
    assert loaded() == {("lake", "price"): ("loaded", 1, 1, 1, 3)}
    second = first + 1
    assert query(f"SELECT item_no, price, _load_id, _source_file, _source_row FROM {SCHEMA}.price ORDER BY 1") == [
        (1, Decimal("1.50"), first, "price.csv", 1),
        (3, Decimal("3.50"), second, "price.csv", 2),
        (4, Decimal("4.00"), second, "price.csv", 1),
    ]


def test_an_unchanged_file_is_not_read_again_but_the_look_at_it_is_recorded(folder: Path) -> None:
    (folder / "a.csv").write_text("n\n1\n")
    (folder / "b.csv").write_text("n\n1\n2\n")
    register(folder)
    loaded()
    (folder / "b.csv").write_text("n\n1\n2\n3\n")
    assert loaded() == {("lake", "a"): ("unchanged", 0, 0, 0, 1), ("lake", "b"): ("loaded", 1, 0, 0, 3)}
    assert loaded(full=True) == {("lake", "a"): ("loaded", 0, 0, 0, 1), ("lake", "b"): ("loaded", 0, 0, 0, 3)}
    assert query(f"SELECT count(*), max(rows_inserted) FROM meta.load WHERE source = '{NAME}'") == [(3, 3)]


def test_without_a_key_rows_are_compared_whole_and_copies_are_counted(folder: Path) -> None:
    (folder / "t.csv").write_text("a,b\n1,x\n1,x\n2,\n")
    register(folder)
    loaded()
    (folder / "t.csv").write_text("a,b\n1,x\n1,x\n1,x\n3,\n")
    assert loaded() == {("lake", "t"): ("loaded", 2, 0, 1, 4)}
    assert query(f"SELECT a, b FROM {SCHEMA}.t ORDER BY 1") == [(1, "x")] * 3 + [(3, None)]


def test_a_table_whose_columns_changed_is_made_anew(folder: Path) -> None:
    (folder / "t.csv").write_text("a\n1\n2\n")
    register(folder)
    loaded()
    (folder / "t.csv").write_text("a,b\n1,x\n")
    assert loaded() == {("lake", "t"): ("replaced", 1, 0, 2, 1)}
    (folder / "t.csv").write_text("a,b\n1.5,x\n")
    assert loaded() == {("lake", "t"): ("replaced", 1, 0, 1, 1)}
    assert query(f"SELECT a, b FROM {SCHEMA}.t") == [(Decimal("1.5"), "x")]


def test_the_record_of_a_load_tells_what_it_did(folder: Path) -> None:
    (folder / "t.csv").write_text("a\n1\n2\n")
    register(folder)
    loaded()
    record = query(
        "SELECT l.kind, l.rows_inserted, l.rows_deleted, l.started_at <= l.finished_at, t.schema_name, t.table_name, "
        "t.rows_before, t.inserted, t.rows_after, t.quarantined, t.seconds >= 0 "
        f"FROM meta.load AS l JOIN meta.load_table AS t USING (load_id, source) WHERE source = '{NAME}'"
    )
    assert record == [("full", 2, 0, True, SCHEMA, "t", 0, 2, 2, 0, True)]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ("n\n1\n2,3\n", "z.csv, line 3: 2 fields"),
        ("n\n1\n1\n", "rows 1 and 2 have the same key"),
        ("n,m\n1,x\n,y\n", "row 2: the key"),
    ],
)
def test_one_bad_file_loads_nothing_into_either_lake(folder: Path, broken: str, sentence: str) -> None:
    (folder / "a.csv").write_text("id,pay\n1,2\n")
    (folder / "z.csv").write_text("n\n1\n")
    register(folder, a={"key": ["id"], "confidential": ["pay"]}, z={"key": ["n"]})
    loaded()
    before = snapshots()
    (folder / "a.csv").write_text("id,pay\n1,3\n2,4\n")
    (folder / "z.csv").write_text(broken)
    with pytest.raises(SourceError, match=sentence):
        loaded()
    assert snapshots() == before
    assert query(f"SELECT * EXCLUDE (_load_id) FROM confidential.{SCHEMA}.a") == [(1, 2, "a.csv", 1)]


def test_a_file_that_is_gone_stops_the_load_until_it_is_meant(folder: Path) -> None:
    (folder / "a.csv").write_text("n\n1\n")
    (folder / "b.csv").write_text("n\n1\n2\n")
    register(folder)
    loaded()
    (folder / "b.csv").unlink()
    before = snapshots()
    with pytest.raises(SourceError, match=f"{NAME} no longer has b"):
        loaded()
    assert snapshots() == before
    assert loaded(full=True) == {("lake", "a"): ("loaded", 0, 0, 0, 1), ("lake", "b"): ("removed", 0, 0, 2, 0)}
    assert loaded() == {("lake", "a"): ("unchanged", 0, 0, 0, 1)}


def test_confidential_columns_go_to_the_encrypted_lake_with_the_key_and_nowhere_else(folder: Path) -> None:
    (folder / "person.csv").write_text("id,name,salary\n1,Ann,5000.00\n2,Bob,6000.00\n")
    (folder / "review.csv").write_text("id,mark\n1,good\n")
    register(folder, person={"key": ["id"], "confidential": ["salary"]}, review={"confidential": "all"})
    assert loaded() == {
        ("confidential", "person"): ("loaded", 2, 0, 0, 2),
        ("confidential", "review"): ("loaded", 1, 0, 0, 1),
        ("lake", "person"): ("loaded", 2, 0, 0, 2),
    }
    assert query(f"SELECT * EXCLUDE (_load_id) FROM {SCHEMA}.person ORDER BY id") == [
        (1, "Ann", "person.csv", 1),
        (2, "Bob", "person.csv", 2),
    ]
    assert query(f"SELECT id, salary FROM confidential.{SCHEMA}.person ORDER BY id") == [
        (1, Decimal("5000.00")),
        (2, Decimal("6000.00")),
    ]
    assert query(f"SELECT DISTINCT p._load_id = c._load_id FROM {SCHEMA}.person p, confidential.{SCHEMA}.person c") == [
        (True,)
    ]
    with lake.connect() as con:
        assert con.execute("SELECT DISTINCT table_name FROM meta.load_table WHERE source = ?", [NAME]).fetchall() == [
            ("person",)
        ]


def test_a_change_of_pay_alone_leaves_the_public_rows_as_they_are(folder: Path) -> None:
    (folder / "person.csv").write_text("id,name,salary\n1,Ann,5000.00\n")
    register(folder, person={"key": ["id"], "confidential": ["salary"]})
    loaded()
    (folder / "person.csv").write_text("id,name,salary\n1,Ann,5500.00\n")
    assert loaded() == {
        ("confidential", "person"): ("loaded", 0, 1, 0, 1),
        ("lake", "person"): ("loaded", 0, 0, 0, 1),
    }


def test_a_table_that_becomes_confidential_leaves_the_public_lake(folder: Path) -> None:
    (folder / "review.csv").write_text("id,mark\n1,good\n")
    register(folder)
    loaded()
    sources.remove(NAME)
    register(folder, review={"confidential": "all"})
    assert loaded() == {
        ("confidential", "review"): ("loaded", 1, 0, 0, 1),
        ("lake", "review"): ("removed", 0, 0, 1, 0),
    }


def test_confidential_columns_need_a_key(folder: Path) -> None:
    (folder / "t.csv").write_text("a,b\n1,2\n")
    register(folder, t={"confidential": ["b"]})
    with pytest.raises(SourceError, match="no key to find them again"):
        loaded()


def test_a_load_that_dies_between_the_two_lakes_is_completed_by_the_next(folder: Path) -> None:
    (folder / "person.csv").write_text("id,name,salary\n1,Ann,5000.00\n")
    register(folder, person={"key": ["id"], "confidential": ["salary"]})
    with lake.connect(writer=True) as con:
        con.execute(f"CREATE SCHEMA {SCHEMA}")
        # Something in the way of the public table only: the confidential lake has committed when it is met.
        con.execute(f"CREATE VIEW {SCHEMA}.person AS SELECT 1 AS one")
    with pytest.raises(duckdb.Error):
        loaded()
    assert query(f"SELECT salary FROM confidential.{SCHEMA}.person") == [(Decimal("5000.00"),)]
    assert query(f"SELECT count(*) FROM meta.load WHERE source = '{NAME}'") == [(0,)]
    with lake.connect(writer=True) as con:
        con.execute(f"DROP VIEW {SCHEMA}.person")
    assert loaded() == {
        ("confidential", "person"): ("unchanged", 0, 0, 0, 1),
        ("lake", "person"): ("loaded", 1, 0, 0, 1),
    }


def test_progress_is_told_table_by_table(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.csv").write_text("n\n1\n")
    register(folder)
    told: list[tuple[int, int, str]] = []
    load.load_source(NAME, progress=lambda *step: told.append(step))
    assert told == [(0, 2, "a"), (1, 2, "b"), (2, 2, "")]


def test_two_loads_never_interleave(folder: Path) -> None:
    (folder / "a.csv").write_text("n\n1\n")
    register(folder)
    with lake.lock("raw"), pytest.raises(lake.LakeBusy):
        load.load_source(NAME, wait_seconds=0.1)


@pytest.mark.parametrize("name", ["erp", "hub", "Bad", "1st", "a-b", "", "x" * 41])
def test_a_source_cannot_take_a_name_that_is_ours_or_no_name(folder: Path, name: str) -> None:
    with pytest.raises(SourceError, match="cannot name a source"):
        sources.add(name, "files", str(folder))


def test_sources_are_registered_once_and_can_be_forgotten(folder: Path) -> None:
    (folder / "a.csv").write_text("n\n1\n")
    register(folder)
    with pytest.raises(SourceError, match="registered already"):
        register(folder)
    assert sources.get(NAME).url == str(folder)
    sources.remove(NAME)
    with pytest.raises(SourceError, match=f"no source “{NAME}”"):
        sources.get(NAME)
    with pytest.raises(SourceError, match="no kind of source “fax”"):
        sources.add(NAME, "fax", str(folder))
