"""A company of ours, from a raw layer written by hand to the marts; no outside source is there."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines import build, lake
from tests.dbt_project import demo_company
from tests.dbt_project.warehouse import lake_of_its_own, put, rows


@pytest.fixture(scope="module")
def built(hub_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[build.BuildResult]:
    with lake_of_its_own("dbt_own_company", tmp_path_factory.mktemp("own_company")):
        demo_company.write_raw_layer()
        yield build.build()


@pytest.fixture(scope="module")
def manifest(built: build.BuildResult) -> dict[str, Any]:
    return json.loads(build.prepare_manifest().read_text())


def test_a_build_says_what_it_did(built: build.BuildResult, manifest: dict[str, Any]) -> None:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert (built.models, built.tests_passed, built.tests_warned) == (len(models), len(tests), 0)
    assert built.raw_snapshot < built.lake_snapshot


def test_without_outside_data_our_company_stands_alone(built: build.BuildResult) -> None:
    assert rows("SELECT company_id, company_code, currency, keeps_books FROM dim_company") == [
        ("hub:1", "DEMO", "CNY", True)
    ]


def test_a_merged_customer_is_one_customer_with_all_its_documents(built: build.BuildResult) -> None:
    assert rows(
        "SELECT customer_id, customer_number, customer_name, source_document_id, city, is_active FROM dim_customer"
    ) == [("hub:1", "C1", "Lantern Ltd", "10", "Hangzhou", True)]
    for fact in ("fct_sales_order", "fct_delivery_line", "fct_sales_invoice", "fct_receipt_of_money"):
        assert rows(f"SELECT DISTINCT customer_id FROM {fact}") == [("hub:1",)]


def test_a_draft_is_an_order_that_does_not_count(built: build.BuildResult) -> None:
    assert rows(
        "SELECT sales_order_id, is_confirmed, ship_date, total_amount FROM fct_sales_order ORDER BY sales_order_id"
    ) == [("hub:1", True, date(2026, 1, 20), Decimal("339")), ("hub:2", False, None, Decimal("11.31"))]


def test_the_months_of_a_company_are_exact(built: build.BuildResult) -> None:
    figures = "revenue, cost_of_goods_sold, margin, sales_order_count, sales_order_amount, cash, receivables, headcount"
    assert rows(f"SELECT month_start, {figures} FROM fct_company_monthly ORDER BY month_start") == [
        (date(2026, 1, 1), *map(Decimal, ("300", "80", "220", "1", "339", "0", "339", "1"))),
        (date(2026, 2, 1), *map(Decimal, ("0", "0", "0", "0", "0", "100", "239", "1"))),
    ]


def test_a_row_behind_the_margin_names_the_document_that_was_posted(built: build.BuildResult) -> None:
    assert rows(
        "SELECT source_document_type, source_document_id, revenue, cost_of_goods_sold, margin_basis "
        "FROM fct_margin_line ORDER BY business_date"
    ) == [
        ("delivery", "1", Decimal("0"), Decimal("80"), "ledger"),
        ("sales_invoice", "1", Decimal("300"), Decimal("0"), "ledger"),
    ]


def test_the_value_of_an_item_is_shared_among_its_places_without_a_rest(built: build.BuildResult) -> None:
    assert rows("SELECT location_name, quantity_on_hand, value FROM fct_inventory_balance ORDER BY 1") == [
        ("Main", Decimal("2"), Decimal("66.6667")),
        ("Shop", Decimal("1"), Decimal("33.3333")),
    ]


def test_an_invoice_line_knows_its_delivery_and_order(built: build.BuildResult) -> None:
    assert rows(
        "SELECT sales_order_id, sales_order_line_id, delivery_line_id, line_total FROM fct_sales_invoice_line"
    ) == [("hub:1", "hub:1", "hub:1", Decimal("300"))]


def test_a_journal_line_names_its_customer_and_its_origin(built: build.BuildResult) -> None:
    assert rows(
        "SELECT ledger_account_code, company_debit, company_credit, customer_id, origin_document_type, source_document_id "
        "FROM fct_journal_line WHERE journal_entry_id = 'hub:3' ORDER BY line_no"
    ) == [
        ("1122", Decimal("339"), Decimal("0"), "hub:1", "sales_invoice", "3"),
        ("6001", Decimal("0"), Decimal("300"), None, "sales_invoice", "3"),
        ("2221", Decimal("0"), Decimal("39"), None, "sales_invoice", "3"),
    ]


def test_what_was_owed_at_a_months_end_is_told_after_it_was_paid(built: build.BuildResult) -> None:
    assert rows(
        "SELECT month_start, document_number, days_overdue, ageing_bucket, open_amount FROM fct_receivable_ageing ORDER BY 1"
    ) == [
        (date(2026, 1, 1), "SI-1", -20, "not due", Decimal("339")),
        (date(2026, 2, 1), "SI-1", 8, "1-30", Decimal("239")),
    ]


def test_an_account_has_its_balance_at_each_months_end(built: build.BuildResult) -> None:
    assert rows(
        "SELECT month_start, opening_balance, company_debit, company_credit, closing_balance FROM fct_ledger_period "
        "WHERE ledger_account_code = '1122' ORDER BY 1"
    ) == [
        (date(2026, 1, 1), *map(Decimal, ("0", "339", "0", "339"))),
        (date(2026, 2, 1), *map(Decimal, ("339", "0", "100", "239"))),
    ]


def test_an_employee_has_a_row_for_each_day_of_the_employment(built: build.BuildResult) -> None:
    assert rows(
        "SELECT count(*), count(DISTINCT date_day), max(date_day) FROM fct_employee_daily WHERE date_day >= '2026-02-01'"
    ) == [(28, 28, date(2026, 2, 28))]


def test_every_model_and_every_column_is_described(manifest: dict[str, Any]) -> None:
    with lake.connect() as con:
        there: dict[str, set[str]] = {}
        for table, column in con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = 'lake' AND schema_name IN ('staging', 'intermediate', 'marts')"
        ).fetchall():
            there.setdefault(table, set()).add(column)
    models = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert set(there) == set(models)
    for name, model in models.items():
        assert model["description"].strip(), name
        assert {column for column, it in model["columns"].items() if it["description"].strip()} == there[name], name


def test_one_column_name_has_one_description(manifest: dict[str, Any]) -> None:
    said: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        for name, column in node.get("columns", {}).items():
            said.setdefault(name, set()).add(column["description"])
    assert {name: words for name, words in said.items() if len(words) > 1} == {}


def test_every_mart_has_a_contract_and_says_its_grain_and_what_it_answers(manifest: dict[str, Any]) -> None:
    marts = [node for node in manifest["nodes"].values() if node["schema"] == "marts"]
    assert len(marts) > 20
    for mart in marts:
        assert mart["contract"]["enforced"], mart["name"]
        assert "Grain:" in mart["description"] and "Questions this mart answers:" in mart["description"], mart["name"]


def test_every_fact_carries_where_it_comes_from(manifest: dict[str, Any]) -> None:
    common = {"company_id", "source_system", "source_document_type", "source_document_id"}
    common |= {"business_date", "recorded_at", "source_modified_at"}
    for node in manifest["nodes"].values():
        if node["name"].startswith("fct_") and node["resource_type"] == "model":
            assert common <= set(node["columns"]), node["name"]


def test_no_column_of_the_warehouse_is_a_binary_float(built: build.BuildResult) -> None:
    with lake.connect() as con:
        kinds = dict(
            con.execute(
                "SELECT data_type, count(*) FROM duckdb_columns() WHERE database_name = 'lake' "
                "AND schema_name IN ('staging', 'intermediate', 'marts') GROUP BY 1"
            ).fetchall()
        )
    assert kinds["DECIMAL(20,4)"] > 20
    assert not {"DOUBLE", "FLOAT"} & set(kinds)


def test_the_unit_tests_of_the_models_pass(built: build.BuildResult) -> None:
    result = build.run_dbt(["test", "--select", "test_type:unit", *build.dbt_options()])
    assert {str(node.status) for node in result.result.results} == {"pass"}
    assert len(result.result.results) >= 7


def test_all_models_of_a_build_see_one_instant_of_raw(built: build.BuildResult) -> None:
    """A company and its party arrive while the build is between two models: neither is in this build, both in the next."""

    def arrive(name: str, status: str, seconds: float) -> None:
        seen.append(name)
        if len(seen) == 1:
            put("core", "company", {"id": 2, "code": "LATE", "name": "Late Ltd", "currency": "CNY"})
            put("core", "party", {"id": 99, "kind": "person", "name": "Late"})

    seen: list[str] = []
    chosen = ["stg_core__company", "stg_core__party"]
    count = "SELECT (SELECT count(*) FROM staging.stg_core__company), (SELECT count(*) FROM staging.stg_core__party)"
    try:
        build.build(chosen, progress=arrive)
        assert seen == chosen
        assert rows(count) == [(1, 4)]
        build.build(chosen)
        assert rows(count) == [(2, 5)]
    finally:
        with lake.connect(writer=True) as con:
            con.execute("DELETE FROM raw_core.company WHERE id = 2")
            con.execute("DELETE FROM raw_core.party WHERE id = 99")
        build.build(chosen)


def test_a_build_that_changes_no_definition_leaves_the_definitions_alone(built: build.BuildResult) -> None:
    """Else every build would make all connections read the whole catalog anew, and the catalog grow with each."""
    chosen = ["stg_core__company", "int_company__hub", "dim_company"]
    version = "SELECT schema_version FROM ducklake_snapshots('lake') ORDER BY snapshot_id DESC LIMIT 1"
    before = rows(version)
    build.build(chosen)
    assert rows(version) == before
    build.build(chosen, full_refresh=True)
    assert rows(version) > before
    assert rows("SELECT company_code FROM dim_company") == [("DEMO",)]


def test_a_column_that_the_lake_has_otherwise_is_defined_anew(built: build.BuildResult) -> None:
    with lake.connect(writer=True) as con:
        con.execute("CREATE OR REPLACE TABLE staging.stg_core__company AS SELECT 1 AS company_id")
        con.execute("CREATE OR REPLACE VIEW intermediate.int_company__hub AS SELECT 1 AS company_id")
    build.build(["stg_core__company", "int_company__hub", "dim_company"])
    assert rows("SELECT company_id, company_code FROM dim_company") == [("hub:1", "DEMO")]


def test_a_broken_truth_fails_the_build_by_its_name_and_leaves_the_published_snapshot_alone(
    built: build.BuildResult,
) -> None:
    put(
        "finance",
        "journal_line",
        {"id": 99, "journal_entry_id": 4, "line_no": 3, "ledger_account_id": 1, "currency": "CNY"}
        | {"debit": "0.0001", "credit": "0", "company_debit": "0.0001", "company_credit": "0"},
    )
    chosen = ["stg_finance__journal_line", "int_journal_line__hub", "fct_journal_line"]
    try:
        with pytest.raises(build.BuildError, match="Test journal_entries_balance found 2 rows that break it"):
            build.build(chosen)
        total = "SELECT sum(company_debit) FROM fct_journal_line"
        assert rows(total) == [(Decimal("699.0001"),)]
        assert rows(total, at=built.lake_snapshot) == [(Decimal("699"),)]
    finally:
        with lake.connect(writer=True) as con:
            con.execute("DELETE FROM raw_finance.journal_line WHERE id = 99")
        build.build(chosen)


def test_a_name_that_is_not_there_is_refused(built: build.BuildResult) -> None:
    with pytest.raises(build.BuildError, match="Nothing to build is called fct_nonsense"):
        build.build("fct_nonsense")
