"""AdventureWorks whole: every row, exact sums, and nothing confidential where it must not be."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import hub_settings
from connectors.files import profile
from pipelines import lake, load, sources

DATA = hub_settings.ROOT.parent / "shared" / "data" / "adventureworks"
SOURCE = "test_adventureworks"

CONFIDENTIAL = {
    "human_resources_employee": {
        "national_id_number", "birth_date", "marital_status", "gender", "sick_leave_hours", "vacation_hours"
    },
    "human_resources_employee_pay_history": {"rate_change_date", "rate", "pay_frequency", "modified_date"},
    "human_resources_job_candidate": {"resume"},
    "sales_credit_card": {"card_number"},
    "sales_sales_person": {"bonus", "commission_pct"},
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def results(hub_server: object, adventureworks: Path) -> Iterator[list[load.TableResult]]:
    lake.create()
    sources.add(SOURCE, "files", str(adventureworks))
    yield load.load_source(SOURCE)
    sources.remove(SOURCE, drop_tables=True)


def files_of(path: str) -> list[str]:
    return sorted(map(str, (Path(path) / f"raw_{SOURCE}").rglob("*.parquet")))


def column(file: str, name: str) -> set[str]:
    with (DATA / file).open(encoding="utf-8", newline="") as stream:
        return {row[name] for row in csv.DictReader(stream)}


def test_every_row_of_every_file_arrives(results: list[load.TableResult]) -> None:
    rows = {}
    for file in DATA.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as stream:
            rows[file.name] = sum(1 for _record in csv.reader(stream)) - 1
    assert (len(rows), sum(rows.values())) == (56, 533_815)
    arrived = {result.table_name: result.rows_after for result in results}
    assert len(arrived) == 56 and sum(arrived.values()) == 533_815
    with lake.connect(confidential=True) as con:
        for result in results:
            place = f"{result.catalog}.raw_{SOURCE}.{result.table_name}"
            count, origin = con.execute(f"SELECT count(*), min(_source_file) FROM {place}").fetchone()
            assert (count, count) == (rows[origin], result.rows_after), place


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT count(*), sum(total_due) FROM sales_sales_order_header", (31_465, Decimal("123216786.1159"))),
        ("SELECT count(*), sum(line_total) FROM sales_sales_order_detail", (121_317, Decimal("109846381.399888"))),
        ("SELECT count(*), sum(total_due) FROM purchasing_purchase_order_header", (4_012, Decimal("70479332.6383"))),
        ("SELECT count(*), sum(scrapped_qty), count(*) FILTER (scrapped_qty > 0) FROM production_work_order",
         (72_591, 10_651, 729)),
        ("SELECT count(*), sum(quantity) FROM production_product_inventory", (1_069, 335_974)),
        ("SELECT count(*) FROM human_resources_employee", (290,)),
    ],
)  # fmt: skip
def test_sums_are_exact(statement: str, expected: tuple) -> None:
    with lake.connect() as con:
        con.execute(f"USE lake.raw_{SOURCE}")
        assert con.execute(statement).fetchone() == expected


def test_no_column_is_a_floating_number() -> None:
    with lake.connect(confidential=True) as con:
        assert (
            con.execute(
                "SELECT table_name, column_name FROM duckdb_columns() "
                "WHERE schema_name = ? AND data_type IN ('DOUBLE', 'FLOAT')",
                [f"raw_{SOURCE}"],
            ).fetchall()
            == []
        )


def test_a_second_load_reads_nothing_and_changes_nothing() -> None:
    assert {(r.status, r.inserted, r.updated, r.deleted) for r in load.load_source(SOURCE)} == {("unchanged", 0, 0, 0)}


def test_the_key_of_every_table_is_known_and_unique() -> None:
    with lake.connect(confidential=True) as con:
        for table, options in profile.named("adventureworks").tables.items():
            assert options.key
            place = f"{'confidential' if options.all_confidential else 'lake'}.raw_{SOURCE}.{table}"
            total, keys = con.execute(
                f"SELECT count(*), count(DISTINCT row({', '.join(options.key)})) FROM {place}"
            ).fetchone()
            assert total == keys, table


def test_confidential_columns_are_in_the_encrypted_lake_and_in_no_public_table_or_file() -> None:
    with lake.connect(confidential=True) as con:
        found: dict[str, dict[str, set[str]]] = {"lake": {}, "confidential": {}}
        for catalog, table, name in con.execute(
            "SELECT database_name, table_name, column_name FROM duckdb_columns() WHERE schema_name = ?",
            [f"raw_{SOURCE}"],
        ).fetchall():
            found[catalog].setdefault(table, set()).add(name)
    assert set(found["confidential"]) == set(CONFIDENTIAL)
    assert "human_resources_employee_pay_history" not in found["lake"]
    for table, columns in CONFIDENTIAL.items():
        assert columns <= found["confidential"][table]
        assert not columns & (found["lake"].get(table, set()) - {"modified_date"})
    public = files_of(hub_settings.lake_path())
    assert len(public) >= 55
    with duckdb.connect() as con:
        names = {row[0] for row in con.execute("SELECT DISTINCT name FROM parquet_schema(?)", [public]).fetchall()}
    assert not names & {"national_id_number", "birth_date", "card_number", "commission_pct", "bonus", "resume", "rate"}


def test_no_confidential_value_is_in_any_public_file_or_in_the_public_catalog() -> None:
    values = column("HumanResources.Employee.csv", "NationalIDNumber")
    values |= column("Sales.CreditCard.csv", "CardNumber") | column("HumanResources.JobCandidate.csv", "Resume")
    assert len(values) == 290 + 19_118 + 13
    # A few numbers are so short that they are also the number of some work order.
    values = {value for value in values if len(value) >= 7}
    assert len(values) > 19_400
    with duckdb.connect() as con:
        con.execute("CREATE TABLE secret AS SELECT unnest(?) AS value", [sorted(values)])
        for file in files_of(hub_settings.lake_path()):
            con.execute("CREATE OR REPLACE TABLE public AS FROM read_parquet(?)", [file])
            for name in [row[0] for row in con.execute("DESCRIBE public").fetchall()]:
                leaked = f'SELECT count(*) FROM public WHERE CAST("{name}" AS VARCHAR) IN (SELECT value FROM secret)'
                assert con.execute(leaked).fetchone() == (0,), (file, name)
    with lake.catalog() as db:
        # Smallest and largest value of each column stand in the catalog.
        bounds = db.execute("SELECT min_value, max_value FROM public.ducklake_file_column_stats").fetchall()
    assert not {bound for pair in bounds for bound in pair} & values


def test_every_confidential_file_is_encrypted() -> None:
    secret = files_of(hub_settings.confidential_lake_path())
    assert len(secret) >= len(CONFIDENTIAL)
    assert {Path(file).read_bytes()[:4] for file in secret} == {b"PARE"}
    with duckdb.connect() as con, pytest.raises(duckdb.Error, match="encrypted"):
        con.execute("FROM read_parquet(?)", [secret[0]])


def test_the_folder_is_recognised_even_when_only_one_of_its_files_is_there(tmp_path: Path) -> None:
    known = profile.recognise(DATA)
    assert (known.source, known.company["code"], known.company["currency"]) == ("adventureworks", "AW", "USD")
    (tmp_path / "HumanResources.EmployeePayHistory.csv").write_bytes(
        (DATA / "HumanResources.EmployeePayHistory.csv").read_bytes()
    )
    assert profile.recognise(tmp_path) is known
    assert profile.recognise(tmp_path.parent) is None
