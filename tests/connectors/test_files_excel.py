"""Workbooks: a sheet is a table, a number is what the reader of the sheet sees."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest

from connectors.base import Source, SourceError
from connectors.files import Files


def save(folder: Path, **sheets: list[list[object]]) -> Files:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "book.xlsx")
    return Files(Source("s", "files", str(folder)))


def test_each_sheet_is_a_table_with_exact_types(tmp_path: Path) -> None:
    connector = save(
        tmp_path,
        PriceList=[
            ["ItemNo", "Price", "Code", "From", "Active", "Note"],
            [1, 0.1, "007", dt.datetime(2024, 2, 29), True, "x"],
            [2, 1234567.89, "12", dt.datetime(2024, 3, 1), False, None],
            [None, None, None, None, None, None],
            [3, 5, "13", dt.datetime(2024, 3, 2), True, "12"],
        ],
        Empty=[],
    )
    (ref,) = connector.tables()
    with duckdb.connect() as con:
        data = connector.read(con, ref)
        rows = con.execute(data.relation.sql_query()).fetchall()
    assert ref.name == "price_list"
    assert [column.type for column in data.columns] == [
        "BIGINT", "DECIMAL(18,2)", "VARCHAR", "DATE", "BOOLEAN", "VARCHAR"
    ]  # fmt: skip
    assert rows == [
        (1, Decimal("0.10"), "007", dt.date(2024, 2, 29), True, "x", "book.xlsx#PriceList", 1),
        (2, Decimal("1234567.89"), "12", dt.date(2024, 3, 1), False, None, "book.xlsx#PriceList", 2),
        (3, Decimal("5.00"), "13", dt.date(2024, 3, 2), True, "12", "book.xlsx#PriceList", 3),
    ]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["a"], [1, 2]], "row 2: a value outside the columns"),
        ([["a"], ["#DIV/0!"]], "cell A2: #DIV/0!"),
    ],
)
def test_a_broken_sheet_is_refused_with_its_place(tmp_path: Path, rows: list[list[object]], sentence: str) -> None:
    connector = save(tmp_path, One=rows)
    (ref,) = connector.tables()
    with duckdb.connect() as con, pytest.raises(SourceError, match=sentence):
        connector.read(con, ref)


def test_a_file_that_only_claims_to_be_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_text("a,b\n1,2\n")
    with pytest.raises(SourceError, match=r"book\.xlsx is no Excel workbook"):
        Files(Source("s", "files", str(tmp_path))).tables()
