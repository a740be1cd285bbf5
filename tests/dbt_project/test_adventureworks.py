"""AdventureWorks whole, through connector, raw layer and models, to the last decimal."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines import build, lake, load, sources
from tests.dbt_project.warehouse import declared_sources, lake_of_its_own, rows


@pytest.fixture(scope="module", autouse=True)
def built(
    hub_server: str, adventureworks: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[build.BuildResult]:
    with lake_of_its_own("dbt_adventureworks", tmp_path_factory.mktemp("adventureworks")):
        sources.add("adventureworks", "files", str(adventureworks))
        load.load_source("adventureworks")
        yield build.build()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT count(*), sum(total_amount) FROM fct_sales_order", (31_465, Decimal("123216786.1159"))),
        ("SELECT count(*), sum(line_total) FROM fct_sales_order_line", (121_317, Decimal("109846381.399888"))),
        ("SELECT count(*), sum(total_amount) FROM fct_purchase_order", (4_012, Decimal("70479332.6383"))),
        ("SELECT count(*), sum(quantity_ordered) FROM fct_purchase_order_line", (8_845, Decimal("2348637"))),
        (
            "SELECT count(*), sum(quantity_scrapped), count(*) FILTER (quantity_scrapped > 0) FROM fct_production_order",
            (72_591, Decimal("10651"), 729),
        ),
        ("SELECT count(*), sum(quantity_on_hand) FROM fct_inventory_balance", (1_069, Decimal("335974"))),
        ("SELECT count(*), count(*) FILTER (is_current), count(department_id) FROM dim_employee", (290, 290, 290)),
        ("SELECT count(*), count(DISTINCT employee_id) FROM fct_employment", (296, 290)),
        ("SELECT count(*), count(customer_name) FROM dim_customer", (19_820, 19_820)),
        ("SELECT count(*) FROM dim_supplier", (104,)),
        ("SELECT count(*) FROM dim_item", (504,)),
        ("SELECT count(*) FROM dim_department", (16,)),
        ("SELECT count(*), min(company_code), min(currency) FROM dim_company", (1, "AW", "USD")),
    ],
)
def test_figures_are_exact(sql: str, expected: tuple[Any, ...]) -> None:
    assert rows(sql) == [expected]


def test_the_executive_view_sums_to_the_same_and_shows_no_money_without_books() -> None:
    assert rows(
        "SELECT sum(revenue), sum(sales_order_count), sum(sales_order_amount), count(cash), count(receivables), "
        "count(*) FILTER (revenue IS NOT NULL AND margin IS NULL) FROM fct_company_monthly"
    ) == [(Decimal("109846381.399888"), 31_465, Decimal("123216786.1159"), 0, 0, 0)]


def test_sales_are_empty_and_not_zero_where_the_source_says_nothing() -> None:
    """Sales run from May 2011 to June 2014; people and purchases are known for other months too."""
    assert rows(
        "SELECT min(month_start)::varchar, max(month_start)::varchar FROM fct_company_monthly WHERE revenue IS NOT NULL"
    ) == [("2011-05-01", "2014-06-01")]
    assert rows("SELECT min(month_start)::varchar, max(month_start)::varchar FROM fct_company_monthly") == [
        ("2006-06-01", "2014-09-01")
    ]


def test_rows_are_as_the_source_has_them() -> None:
    assert rows(
        "SELECT o.customer_id, c.customer_kind, o.document_number, o.order_state, o.order_date::varchar, o.subtotal, "
        "o.tax_amount, o.freight_amount, o.total_amount FROM fct_sales_order o JOIN dim_customer c USING (customer_id) "
        "WHERE sales_order_id = 'adventureworks:43659'"
    ) == [
        ("adventureworks:29825", "organisation", "SO43659", "shipped", "2011-05-31")
        + tuple(map(Decimal, ("20565.6206", "1971.5149", "616.0984", "23153.2339")))
    ]


def test_every_row_says_when_it_was_recorded() -> None:
    with lake.connect() as con:
        loaded = con.execute("SELECT max(finished_at) FROM lake.meta.load WHERE source = 'adventureworks'").fetchone()[
            0
        ]
    assert rows("SELECT DISTINCT recorded_at FROM fct_sales_order_line") == [(loaded,)]


def test_the_declared_columns_arrive_and_in_a_type_of_the_same_kind() -> None:
    """The connector gives each column the narrowest exact type that holds the file; the models widen it themselves."""
    with lake.connect() as con:
        arrived: dict[str, dict[str, str]] = {}
        for table, column, kind in con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'raw_adventureworks'"
        ).fetchall():
            arrived.setdefault(table, {})[column] = kind_of(kind)
    for table, columns in declared_sources()["adventureworks"].items():
        assert {name: arrived[table].get(name) for name in columns} == {
            name: kind_of(kind) for name, kind in columns.items()
        }, table


def kind_of(type_name: str) -> str:
    word = type_name.lower().partition("(")[0]
    if word in {"date", "timestamp"}:
        return "time"
    return "exact number" if word in {"bigint", "integer", "smallint", "decimal"} else word


def test_nothing_confidential_is_in_the_public_lake() -> None:
    confidential = {"national_id_number", "birth_date", "marital_status", "gender", "card_number", "rate", "resume"}
    confidential |= {"sick_leave_hours", "vacation_hours", "bonus", "commission_pct"}
    with lake.connect() as con:
        names = {row[0] for row in con.execute("SELECT column_name FROM duckdb_columns()").fetchall()}
    assert not confidential & names
