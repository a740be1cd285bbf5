"""`hub query`: what may be asked, what a user sees, and that amounts keep every digit."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import psycopg
import pytest
from click.testing import CliRunner

import hub_settings
from operational_app.cli.output import table
from pipelines import lake, publication, query
from pipelines.policy import NotAllowed
from pipelines.query_guard import SCHEMAS, QueryRefused, Reach, admit

AMOUNT = "123216786.115900000001"


@pytest.fixture(scope="module", autouse=True)
def published(store_template: str) -> Iterator[int]:
    """A small warehouse, published, with a later state on top; made once, since the tests only read it."""
    from tests.conftest import pointed_at

    with pointed_at(store_template):
        lake.create()
        with lake.connect(writer=True, confidential=True) as con:
            con.execute(
                "CREATE TABLE lake.marts.fct_sales_order (company_id VARCHAR, total_amount DECIMAL(38,12), note VARCHAR)"
            )
            con.execute(
                f"INSERT INTO lake.marts.fct_sales_order VALUES ('hub:1', {AMOUNT}, NULL), ('adventureworks', 1, '甲')"
            )
            con.execute("CREATE TABLE lake.marts.dim_employee (employee_id VARCHAR)")
            con.execute("CREATE TABLE lake.marts.dim_date (date_day DATE)")
            con.execute("CREATE SCHEMA lake.raw_shop")
            con.execute("CREATE TABLE lake.raw_shop.sale AS SELECT range AS id FROM range(5000)")
            con.execute("CREATE SCHEMA confidential.raw_shop")
            con.execute("CREATE TABLE confidential.raw_shop.pay (amount DECIMAL(18,2))")
            con.execute("INSERT INTO confidential.raw_shop.pay VALUES (17.50)")
            at, confidential_at = lake.current_snapshot(con), lake.current_snapshot(con, "confidential")
        record: dict[str, Any] = {
            "made_at": "2026-11-24T08:00:00+00:00", "made_by": "test", "lake_snapshot": at, "raw_snapshot": at,
            "confidential_snapshot": confidential_at, "verdict": "passed", "checks": [],
        }  # fmt: skip
        yield publication.publish(record | {"sha256": publication.seal(record)})
    with psycopg.connect(hub_settings.maintenance_url(), autocommit=True) as admin:
        for kind in ("_lake", "_lake_confidential", "_dagster"):
            admin.execute(f"DROP DATABASE IF EXISTS {store_template}{kind} WITH (FORCE)")


OPERATOR = Reach({"": SCHEMAS, "lake": SCHEMAS})
USER = Reach({"": re.compile("marts")}, about_the_lake=False)


@pytest.fixture(scope="module")
def parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.fixture(scope="module")
def opened(published: int) -> Iterator[duckdb.DuckDBPyConnection]:
    with query._open(None, False) as con:
        yield con


def ask(sql: str, **options: Any) -> list[tuple[Any, ...]]:
    with query.run(sql, **options) as result:
        return list(result.rows)


def command(*arguments: str) -> str:
    from pipelines.cli.query import query as hub_query

    result = CliRunner().invoke(hub_query, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM marts.fct_sales_order",
        "FROM lake.marts.fct_sales_order",
        "WITH sale AS (SELECT id FROM raw_shop.sale) SELECT s.id FROM sale s JOIN raw_shop.sale o USING (id) LIMIT 3",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) FROM n",
        "SELECT (SELECT max(id) FROM raw_shop.sale) AS most",
        "DESCRIBE marts.fct_sales_order",
        "SUMMARIZE marts.fct_sales_order",
        "EXPLAIN SELECT count(*) FROM raw_shop.sale",
        "EXPLAIN ANALYZE SELECT count(*) FROM raw_shop.sale",
        "SHOW TABLES",
        "SELECT table_name FROM information_schema.tables",
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'marts'",
        "VALUES (1), (2)",
        "SELECT unnest([1, 2]), * FROM range(2)",
        "SELECT 1;",
    ],
)
def test_questions_over_the_warehouse_are_answered(sql: str, opened: duckdb.DuckDBPyConnection) -> None:
    assert opened.execute(admit(opened, sql, OPERATOR)).fetchall()


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT 1; SELECT 2", "Give one statement; 2 were found"),
        ("", "Give one statement; 0 were found"),
        ("SELEC 1", "syntax error"),
        ("INSERT INTO marts.dim_date VALUES ('2026-01-01')", "Only a query"),
        ("UPDATE marts.dim_date SET date_day = NULL", "Only a query"),
        ("DELETE FROM marts.dim_date", "Only a query"),
        ("DROP TABLE marts.dim_date", "Only a query"),
        ("CREATE TABLE marts.x (i INT)", "Only a query"),
        ("CREATE TABLE x AS SELECT 1", "Only a query"),
        ("EXPLAIN ANALYZE DELETE FROM marts.dim_date", "Only a query"),
        ("COPY marts.dim_date TO '/tmp/out.csv'", "Only a query"),
        ("COPY (SELECT 1) TO '{lake}/out.csv'", "Only a query"),
        ("ATTACH 'other.db'", "Only a query"),
        ("USE memory", "Only a query"),
        ("SET threads = 1", "Only a query"),
        ("SET lock_configuration = false", "Only a query"),
        ("PRAGMA database_list", "pragma_database_list is no table"),
        ("CALL ducklake_snapshots('lake')", "Only a query"),
        ("INSTALL httpfs", "Only a query"),
        ("PREPARE p AS SELECT 1", "Only a query"),
        ("SELECT * FROM read_csv('/etc/passwd')", "function read_csv may not"),
        ("SELECT * FROM read_text('/etc/passwd')", "function read_text may not"),
        ("SELECT * FROM read_parquet('{lake}/**/*.parquet')", "function read_parquet may not"),
        ("SELECT * FROM READ_BLOB('/etc/passwd')", "function read_blob may not"),
        ("SELECT (SELECT content FROM read_text('/etc/passwd'))", "function read_text may not"),
        ("WITH a AS (FROM glob('/*')) FROM a", "function glob may not"),
        ("SELECT * FROM marts.dim_date, LATERAL (FROM glob('/*'))", "function glob may not"),
        ("SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))", "function read_text may not"),
        ("DESCRIBE SELECT * FROM read_csv('/etc/passwd')", "function read_csv may not"),
        ("EXPLAIN SELECT * FROM read_csv('/etc/passwd')", "function read_csv may not"),
        ("EXPLAIN ANALYZE SELECT * FROM read_csv('/etc/passwd')", "function read_csv may not"),
        ("FROM '/etc/passwd'", "files cannot be read here"),
        ("FROM 'https://example.com/a.parquet'", "files cannot be read here"),
        ("DESCRIBE '/etc/passwd'", "files cannot be read here"),
        ('FROM marts."/etc/passwd"', "files cannot be read here"),
        ("FROM query('SELECT 1')", "function query may not"),
        ("FROM query_table('x')", "function query_table may not"),
        ("FROM json_execute_serialized_sql('{}')", "json_execute_serialized_sql may not"),
        ("FROM postgres_query('__ducklake_metadata_lake', 'SELECT 1')", "postgres_query may not"),
        ("FROM postgres_scan('', 'public', 'x')", "postgres_scan may not"),
        ("FROM duckdb_secrets()", "duckdb_secrets may not"),
        ("FROM duckdb_settings()", "duckdb_settings may not"),
        ("FROM duckdb_databases()", "duckdb_databases may not"),
        ("FROM duckdb_databases", "is no table of the warehouse"),
        ("FROM pg_catalog.pg_settings", "may not be read here"),
        ("FROM __ducklake_metadata_lake.public.ducklake_table", "may not be read here"),
        ("FROM memory.main.x", "may not be read here"),
        ("FROM confidential.raw_shop.pay", "may not be read here"),
        ("FROM lake.snapshots()", "function snapshots may not"),
        ("FROM marts.dim_date AT (VERSION => 1)", "AT is not for queries"),
        ("SELECT getenv('HOME')", "function getenv may not"),
        ("SELECT max(current_setting('temp_directory'))", "function current_setting may not"),
        ("WITH duckdb_secrets AS (SELECT 1) FROM duckdb_secrets", "is no table of the warehouse"),
        ("SHOW DATABASES", "only SHOW TABLES"),
        ("FROM con", "is no table of the warehouse"),
        ("PIVOT marts.dim_date ON date_day", "Give one statement"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(parser: duckdb.DuckDBPyConnection, sql: str, why: str) -> None:
    with pytest.raises(QueryRefused, match=why):
        admit(parser, sql, OPERATOR)
    with pytest.raises(QueryRefused):
        admit(parser, sql, USER)


def test_what_is_refused_never_reaches_the_lake() -> None:
    for sql in ("DELETE FROM marts.dim_date", "FROM read_text('/etc/passwd')"):
        with pytest.raises(QueryRefused):
            ask(sql)


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '/etc/hub_query_test.csv'",
        "ATTACH '/etc/hub_query_test.db'",
        "SET enable_external_access = true",
        "INSERT INTO lake.marts.dim_date VALUES ('2026-01-01')",
    ],
)
def test_the_connection_itself_is_a_second_wall(opened: duckdb.DuckDBPyConnection, statement: str) -> None:
    with pytest.raises(duckdb.Error, match="disabled|locked|read-only"):
        opened.execute(statement)


def test_amounts_keep_every_digit_in_every_format() -> None:
    sql = "SELECT company_id, total_amount, note FROM marts.fct_sales_order ORDER BY company_id DESC"
    assert list(csv.reader(io.StringIO(command(sql, "--format", "csv")))) == [
        ["company_id", "total_amount", "note"], ["hub:1", AMOUNT, ""], ["adventureworks", "1.000000000000", "甲"],
    ]  # fmt: skip
    assert json.loads(command(sql, "--format", "json")) == [
        {"company_id": "hub:1", "total_amount": AMOUNT, "note": None},
        {"company_id": "adventureworks", "total_amount": "1.000000000000", "note": "甲"},
    ]
    lines = command(sql).splitlines()
    assert lines[0].split() == ["company_id", "total_amount", "note"]
    assert lines[2].split() == ["hub:1", AMOUNT, "NULL"]
    assert lines[-1] == "2 rows"


def test_an_empty_result_still_has_its_columns() -> None:
    sql = "SELECT company_id, total_amount FROM marts.fct_sales_order WHERE false"
    assert command(sql, "--format", "csv") == "company_id,total_amount\n"
    assert json.loads(command(sql, "--format", "json")) == []
    assert command(sql).splitlines()[-1] == "0 rows"


def test_a_table_longer_than_what_is_measured_is_printed_whole() -> None:
    lines = command("SELECT id, id % 2 = 0 AS even FROM raw_shop.sale ORDER BY id").splitlines()
    assert lines[-1] == "5000 rows" and len(lines) == 5003
    assert lines[2 + 4999].split() == ["4999", "false"]
    small = command("SELECT id, CAST(id AS DECIMAL(9,2)) AS amount FROM raw_shop.sale WHERE id < 3 ORDER BY id")
    with query.run("SELECT id, CAST(id AS DECIMAL(9,2)) AS amount FROM raw_shop.sale WHERE id < 3 ORDER BY id") as r:
        assert small == table(r.columns, list(r.rows)) + "\n3 rows\n"


def test_rows_are_fetched_as_they_are_read() -> None:
    with query.run("SELECT i FROM range(100000000) AS r(i)") as result:
        assert [next(result.rows)[0] for _ in range(3)] == [0, 1, 2]


def test_a_mistake_in_the_query_is_told_in_the_engines_words() -> None:
    with pytest.raises(query.QueryFailed, match='"nothing" not found'):
        ask("SELECT nothing FROM marts.dim_date")
    with pytest.raises(query.QueryFailed, match="no_such_table does not exist"):
        ask("FROM marts.no_such_table")


def test_a_query_reads_the_publication_it_names(published: int) -> None:
    with lake.connect(writer=True) as con:
        con.execute("INSERT INTO lake.marts.dim_date VALUES ('2026-01-01')")
    try:
        count = "SELECT count(*) FROM marts.dim_date"
        assert ask(count) == [(0,)]
        assert ask(count, at=str(published)) == [(0,)]
        assert ask(count, at="head") == [(1,)]
    finally:
        with lake.connect(writer=True) as con:
            con.execute("DELETE FROM lake.marts.dim_date")
    with pytest.raises(publication.PublicationError, match="There is no publication 4711"):
        ask(count, at="4711")
    with pytest.raises(QueryRefused, match="“yesterday” is no publication"):
        ask(count, at="yesterday")


def test_the_encrypted_lake_is_attached_only_when_asked_for() -> None:
    assert str(ask("SELECT amount FROM confidential.raw_shop.pay", confidential=True)[0][0]) == "17.50"
    with pytest.raises(QueryRefused):
        ask("SELECT amount FROM confidential.raw_shop.pay")


def test_a_user_sees_the_marts_that_the_policy_opens_and_no_others() -> None:
    assert len(ask("FROM marts.fct_sales_order", user="sales")) == 2
    assert ask("SELECT count(*) FROM marts.dim_date", user="sales") == [(0,)]
    with pytest.raises(query.QueryFailed, match="dim_employee does not exist"):
        ask("FROM marts.dim_employee", user="sales")
    assert ask("FROM marts.dim_employee", user="hr") == []
    for sql in ("FROM raw_shop.sale", "FROM lake.marts.dim_employee", "FROM meta.load", "SHOW TABLES",
                "FROM information_schema.tables", "FROM duckdb_tables()"):  # fmt: skip
        with pytest.raises(QueryRefused):
            ask(sql, user="sales")
    with pytest.raises(NotAllowed, match="no user nobody"):
        ask("SELECT 1", user="nobody")


def test_a_user_with_a_role_in_one_company_sees_that_companys_rows(grant: Any) -> None:
    grant("hr", "sales", company=1)
    assert [row[0] for row in ask("SELECT company_id FROM marts.fct_sales_order", user="hr")] == ["hub:1"]


def test_the_encrypted_lake_opens_only_to_a_user_whose_role_says_so(grant: Any) -> None:
    with pytest.raises(NotAllowed, match="payroll may not read the confidential lake"):
        ask("SELECT amount FROM confidential.raw_shop.pay", user="payroll", confidential=True)
    grant.rule("payroll", "confidential_lake")
    assert len(ask("SELECT amount FROM confidential.raw_shop.pay", user="payroll", confidential=True)) == 1
    with pytest.raises(QueryRefused):
        ask("FROM raw_shop.sale", user="payroll", confidential=True)


@pytest.fixture
def grant() -> Iterator[Any]:
    """Rights given for one test, in the store that the tests of this file share."""

    class Grant:
        def __init__(self, db: psycopg.Connection) -> None:
            self.db = db

        def __call__(self, user: str, role: str, company: int) -> None:
            self.db.execute(
                "INSERT INTO core.user_role (user_id, role_code, company_id) "
                "SELECT id, %s, %s FROM core.app_user WHERE username = %s", (role, company, user),
            )  # fmt: skip

        def rule(self, role: str, entity: str) -> None:
            self.db.execute(
                "INSERT INTO core.policy_rule (role_code, entity, field, action, scope) VALUES (%s, %s, '*', 'read', 'all')",
                (role, entity),
            )

    with psycopg.connect(hub_settings.database_url(None), autocommit=True) as db:
        yield Grant(db)
        db.execute("DELETE FROM core.user_role WHERE company_id = 1")
        db.execute("DELETE FROM core.policy_rule WHERE entity = 'confidential_lake'")
