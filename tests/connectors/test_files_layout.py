"""Tables as people keep them: titles above, totals below, decimal commas, several sheets, other formats."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

from connectors.base import Source, SourceError, open_source
from pipelines import lake


def read(folder: Path, **options: Any) -> dict[str, tuple[list[tuple[str, str]], list[tuple], tuple[str, ...]]]:
    """Table → (name and type of each column, rows, notes)."""
    connector = open_source(Source("s", "files", str(folder), options))
    found = {}
    with lake.session() as con:
        for ref in connector.tables():
            data = connector.read(con, ref)
            names = ", ".join(f'"{column.name}"' for column in data.columns)
            rows = con.sql(f"SELECT {names} FROM ({data.relation.sql_query()}) ORDER BY _source_row").fetchall()
            found[ref.name] = ([(column.name, column.type) for column in data.columns], rows, data.notes)
    return found


def test_titles_above_and_totals_below_are_no_rows_and_are_told(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(
        "Sales by month\n\n(in thousand CNY)\nMonth,Amount\n2026-01,10.50\n2026-02,20\nTotal,30.50\n",
        encoding="utf-8-sig",
    )
    columns, rows, notes = read(tmp_path)["sales"]
    assert columns == [("month", "VARCHAR"), ("amount", "DECIMAL(18,2)")]
    assert rows == [("2026-01", Decimal("10.50")), ("2026-02", Decimal("20.00"))]
    assert notes == (
        "sales.csv: 3 lines above the headings were left out",
        "sales.csv: 1 rows of totals at the end were left out",
    )
    assert len(read(tmp_path, totals="keep")["sales"][1]) == 3
    assert read(tmp_path, header_row="5", totals="keep")["sales"][0][0] == ("n_2026_01", "VARCHAR")


@pytest.mark.parametrize("word", ["Total", "TOTALS:", "Grand total", "Summe", "合计", "总 计", "小计："])
def test_words_for_a_total_in_several_languages(tmp_path: Path, word: str) -> None:
    (tmp_path / "t.csv").write_text(f"a,b\nx,1\n{word},1\n")
    assert read(tmp_path)["t"][1] == [("x", 1)]


def test_a_total_in_the_middle_or_as_part_of_a_name_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\nTotal,1\nTotal Energies,2\n")
    assert read(tmp_path)["t"][1] == [("Total", 1), ("Total Energies", 2)]


def test_a_broken_line_below_a_title_is_named_by_its_place_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Title\na,b\n" + "1,2\n" * 60 + "1,2,3\n")
    with pytest.raises(SourceError, match="t.csv, line 63: 3 fields where the header has 2"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b\n1.234,50;x\n-7,5;y\n", [(Decimal("1234.50"), "x"), (Decimal("-7.50"), "y")]),
        ("a;b\n1.234;1,25\n2;0,5\n", [(1234, Decimal("1.25")), (2, Decimal("0.50"))]),
        # Nothing says whether 1,234 is a thousand or a little more than one: it stays what it is.
        ("a;b\n1,234;x\n5,678;y\n", [("1,234", "x"), ("5,678", "y")]),
        ('a,b\n"1,234.50",x\n7,y\n', [(Decimal("1234.50"), "x"), (Decimal("7.00"), "y")]),
        ('a,b\n"1,234",x\n', [("1,234", "x")]),
        ("a;b\n007,5;1,5\n", [("007.5", Decimal("1.5"))]),
    ],
)
def test_decimal_commas_and_thousands_are_read_where_there_is_no_doubt(
    tmp_path: Path, text: str, expected: list[tuple]
) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert read(tmp_path)["t"][1] == expected


def test_what_a_comma_means_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b\n1,234;x\n")
    assert read(tmp_path, decimal="comma")["t"][1] == [(Decimal("1.234"), "x")]
    (tmp_path / "t.csv").write_text("a;b\n1,25;x\n")
    assert read(tmp_path, decimal="point")["t"][1] == [("1,25", "x")]
    with pytest.raises(SourceError, match="decimal is one of comma, point"):
        read(tmp_path, decimal="dot")


def test_a_chinese_export_in_gbk_with_a_title_and_a_total(tmp_path: Path) -> None:
    text = "销售明细表\n单号\t客户\t金额\nXS-001\t北京茶业有限公司\t1000.00\nXS-002\t上海贸易公司\t20.50\n合计\t\t1020.50\n"
    (tmp_path / "销售.tsv").write_bytes(text.encode("gbk"))
    columns, rows, _notes = read(tmp_path)["销售"]
    assert [name for name, _kind in columns] == ["单号", "客户", "金额"]
    assert rows[1] == ("XS-002", "上海贸易公司", Decimal("20.50")) and len(rows) == 2


def test_a_workbook_with_several_sheets_titles_totals_and_empty_ones(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Price List"
    for row in [["Prices 2026"], [], ["Item No", "Price", "From"], ["007", 12.1, dt.date(2026, 1, 1)], ["008", 5, None],
                ["Total", 17.1, None]]:  # fmt: skip
        first.append(row)
    book.create_sheet("Empty")
    second = book.create_sheet("客户")
    for row in [["code", "name"], ["A", "茶"]]:
        second.append(row)
    book.save(tmp_path / "book.xlsx")
    found = read(tmp_path)
    assert set(found) == {"price_list", "客户"}
    columns, rows, notes = found["price_list"]
    assert columns == [("item_no", "VARCHAR"), ("price", "DECIMAL(18,1)"), ("from", "DATE")]
    assert rows == [("007", Decimal("12.1"), dt.date(2026, 1, 1)), ("008", Decimal("5.0"), None)]
    assert len(notes) == 2 and found["客户"][1] == [("A", "茶")]
    first.cell(5, 9, "stray")
    book.save(tmp_path / "book.xlsx")
    with pytest.raises(SourceError, match="row 5: a value outside the columns that have a heading"):
        read(tmp_path, header_row="3")


def test_json_lines_keep_every_digit_and_nest_into_columns(tmp_path: Path) -> None:
    (tmp_path / "event.jsonl").write_text(
        '{"id": 1, "amount": 123456789012.123456, "who": {"name": "茶"}, "tags": ["a", 1.10]}\n\n'
        '{"id": 2, "ok": true, "code": "007"}\n'
    )
    columns, rows, _notes = read(tmp_path)["event"]
    assert dict(columns) == {
        "id": "BIGINT", "amount": "DECIMAL(18,6)", "who_name": "VARCHAR", "tags": "VARCHAR", "ok": "BOOLEAN", "code": "VARCHAR",
    }  # fmt: skip
    assert rows == [
        (1, Decimal("123456789012.123456"), "茶", '["a",1.10]', None, None),
        (2, None, None, None, True, "007"),
    ]
    (tmp_path / "event.jsonl").write_text('{"id": 1}\n{"id": NaN}\n')
    with pytest.raises(SourceError, match="event.jsonl, line 2: no JSON"):
        read(tmp_path)
    (tmp_path / "event.jsonl").write_text('{"id": 1}\n[1]\n')
    with pytest.raises(SourceError, match="line 2: no JSON object"):
        read(tmp_path)


def test_parquet_arrives_with_its_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "ID": pa.array([1, 2], pa.int32()),
            "Net Amount": pa.array([Decimal("1.10"), None], pa.decimal128(20, 2)),
            "at": pa.array([dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
            "lines": pa.array([[{"n": 1}], []], pa.list_(pa.struct([("n", pa.int8())]))),
        }
    )
    pa.parquet.write_table(table, tmp_path / "Sale.parquet")
    columns, rows, _notes = read(tmp_path)["sale"]
    assert columns == [("id", "BIGINT"), ("net_amount", "DECIMAL(20,2)"), ("at", "TIMESTAMPTZ"), ("lines", "VARCHAR")]
    assert rows[0] == (1, Decimal("1.10"), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), '[{"n":1}]')
    whole = (tmp_path / "Sale.parquet").read_bytes()
    (tmp_path / "Sale.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="Sale.parquet is no Parquet file, or a damaged one"):
        read(tmp_path)
