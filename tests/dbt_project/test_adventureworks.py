"""AdventureWorks whole, through connector, raw layer and models, to the last decimal, beside companies of our own."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines import lake
from tests.conftest import Store
from tests.dashboards.conftest import published, published_home  # noqa: F401 - fixtures
from tests.dbt_project.warehouse import declared_sources, rows


@pytest.fixture(autouse=True)
def built(adventureworks: Path, published: Store) -> None:  # noqa: F811
    """The warehouse that the dashboards' tests read: AdventureWorks is one of its companies."""


# Its rows have golden ids that begin with the source's name.
OF_IT = "WHERE {key} LIKE 'adventureworks%'"


@pytest.mark.parametrize(
    ("figures", "table", "key", "expected"),
    [
        ("count(*), sum(total_amount)", "fct_sales_order", "company_id", (31_465, Decimal("123216786.1159"))),
        ("count(*), sum(line_total)", "fct_sales_order_line", "company_id", (121_317, Decimal("109846381.399888"))),
        ("count(*), sum(total_amount)", "fct_purchase_order", "company_id", (4_012, Decimal("70479332.6383"))),
        ("count(*), sum(quantity_ordered)", "fct_purchase_order_line", "company_id", (8_845, Decimal("2348637"))),
        ("count(*), sum(quantity_scrapped), count(*) FILTER (quantity_scrapped > 0)", "fct_production_order",
         "company_id", (72_591, Decimal("10651"), 729)),
        ("count(*), sum(quantity_on_hand)", "fct_inventory_balance", "company_id", (1_069, Decimal("335974"))),
        ("count(*), count(*) FILTER (is_current), count(department_id)", "dim_employee", "company_id", (290, 290, 290)),
        ("count(*), count(DISTINCT employee_id)", "fct_employment", "company_id", (296, 290)),
        ("count(*), count(customer_name)", "dim_customer", "customer_id", (19_820, 19_820)),
        ("count(*)", "dim_supplier", "supplier_id", (104,)),
        ("count(*)", "dim_item", "item_id", (504,)),
        ("count(*)", "dim_department", "company_id", (16,)),
        ("count(*), min(company_code), min(currency)", "dim_company", "company_id", (1, "AW", "USD")),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith(("fct", "dim")) else "",
)  # fmt: skip
def test_figures_are_exact(figures: str, table: str, key: str, expected: tuple[Any, ...]) -> None:
    assert rows(f"SELECT {figures} FROM {table} {OF_IT.format(key=key)}") == [expected]


MONTHS = f"FROM fct_company_monthly {OF_IT.format(key='company_id')}"


def test_the_executive_view_sums_to_the_same_and_shows_no_money_without_books() -> None:
    assert rows(
        "SELECT sum(revenue), sum(sales_order_count), sum(sales_order_amount), count(cash), count(receivables), "
        f"count(*) FILTER (revenue IS NOT NULL AND margin IS NULL) {MONTHS}"
    ) == [(Decimal("109846381.399888"), 31_465, Decimal("123216786.1159"), 0, 0, 0)]


def test_sales_are_empty_and_not_zero_where_the_source_says_nothing() -> None:
    """Sales run from May 2011 to June 2014; people and purchases are known for other months too."""
    first_and_last = f"SELECT min(month_start)::varchar, max(month_start)::varchar {MONTHS}"
    assert rows(f"{first_and_last} AND revenue IS NOT NULL") == [("2011-05-01", "2014-06-01")]
    assert rows(first_and_last) == [("2006-06-01", "2014-09-01")]


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
    assert rows(f"SELECT DISTINCT recorded_at FROM fct_sales_order_line {OF_IT.format(key='company_id')}") == [
        (loaded,)
    ]


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
        names = {row[0] for row in con.execute(
            "SELECT column_name FROM duckdb_columns() WHERE concat(schema_name, table_name) LIKE '%adventureworks%'"
        ).fetchall()}  # fmt: skip
    assert len(names) > 100 and not confidential & names
