"""Names in the lake, from headings and file names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.naming import column_names, snake_case, table_name


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("SalesOrderID", "sales_order_id"),
        ("TotalDue", "total_due"),
        ("rowguid", "rowguid"),
        ("BOMLevel", "bom_level"),
        ("SalesYTD", "sales_ytd"),
        ("PurchasingWebServiceURL", "purchasing_web_service_url"),
        ("AddressLine1", "address_line1"),
        ("Total due (USD)", "total_due_usd"),
        ("already_snake", "already_snake"),
        ("  padded ", "padded"),
        ("_hidden", "hidden"),
        ("2020", "n_2020"),
        ("客户 名称", "客户_名称"),
        ("№ of Größe", "of_größe"),
        ("%", ""),
    ],
)
def test_a_heading_becomes_a_name_in_snake_case(heading: str, name: str) -> None:
    assert snake_case(heading) == name


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("Sales.SalesOrderHeader.csv", "sales_sales_order_header"),
        ("HumanResources.EmployeePayHistory.csv", "human_resources_employee_pay_history"),
        ("customers.tsv", "customers"),
        ("2024 sales.csv", "n_2024_sales"),
        ("%%.csv", "unnamed"),
    ],
)
def test_a_file_becomes_a_table_name(file: str, table: str) -> None:
    assert table_name(file) == table


def test_empty_and_repeated_headings_get_names_of_their_own() -> None:
    assert column_names(["Name", "name", "", "NAME", "name_2"]) == ["name", "name_2", "column_3", "name_3", "name_2_2"]


@given(st.lists(st.text(max_size=12), min_size=1, max_size=12))
def test_names_are_always_unique_and_never_look_like_bookkeeping(headings: list[str]) -> None:
    names = column_names(headings)
    assert len(set(names)) == len(headings)
    assert all(name and not name.startswith("_") for name in names)
    assert names == column_names(headings)
