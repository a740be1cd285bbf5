"""Types are inferred over the whole file, and no value is changed to fit one."""

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Source
from connectors.files import Files


def read(folder: Path, name: str, content: str | bytes, **options: Any) -> tuple[dict[str, str], list[tuple]]:
    """Types by column, and rows without bookkeeping, of one file."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    connector = Files(Source("s", "files", str(folder), options))
    (ref,) = [ref for ref in connector.tables() if ref.origin == name]
    with duckdb.connect() as con:
        data = connector.read(con, ref)
        rows = con.execute(
            f"SELECT * EXCLUDE (_source_file, _source_row) FROM ({data.relation.sql_query()})"
        ).fetchall()
    return {column.name: column.type for column in data.columns}, rows


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", "-20", "0"], "BIGINT", [1, -20, 0]),
        (["9223372036854775807"], "BIGINT", [9223372036854775807]),
        (["9223372036854775808"], "DECIMAL(38,0)", [Decimal("9223372036854775808")]),
        ([".00", "-5.5", "7"], "DECIMAL(18,2)", [Decimal("0.00"), Decimal("-5.5"), Decimal("7")]),
        (["123456789012.1234"], "DECIMAL(18,4)", [Decimal("123456789012.1234")]),
        (["1234567890123456.123"], "DECIMAL(38,3)", [Decimal("1234567890123456.123")]),
        (["1" * 39], "VARCHAR", ["1" * 39]),
        (["007", "8"], "VARCHAR", ["007", "8"]),
        (["+49", "50"], "VARCHAR", ["+49", "50"]),
        (["00.50"], "VARCHAR", ["00.50"]),
        (["5."], "VARCHAR", ["5."]),
        (["1e5"], "VARCHAR", ["1e5"]),
        (["1,000"], "VARCHAR", ["1,000"]),
        ([" 1"], "VARCHAR", [" 1"]),
        (["NaN", "1.5"], "VARCHAR", ["NaN", "1.5"]),
        (["true", "FALSE", ""], "BOOLEAN", [True, False, None]),
        (["0", "1"], "BIGINT", [0, 1]),
        (["Y", "N"], "VARCHAR", ["Y", "N"]),
        (["2011-05-31", "2012-02-29"], "DATE", [dt.date(2011, 5, 31), dt.date(2012, 2, 29)]),
        (["2011-02-29"], "VARCHAR", ["2011-02-29"]),
        (["31.05.2011"], "VARCHAR", ["31.05.2011"]),
        (
            ["2011-05-31", "2014-02-08 10:01:36.827", "2014-02-08T10:01"],
            "TIMESTAMP",
            [dt.datetime(2011, 5, 31), dt.datetime(2014, 2, 8, 10, 1, 36, 827000), dt.datetime(2014, 2, 8, 10, 1)],
        ),
        (["2014-02-08 25:00:00"], "VARCHAR", ["2014-02-08 25:00:00"]),
        (["", ""], "VARCHAR", [None, None]),
    ],
)
def test_a_column_gets_the_narrowest_type_that_holds_all_its_values(
    tmp_path: Path, values: list[str], kind: str, expected: list[Any]
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["id", "value"], *[[str(number), value] for number, value in enumerate(values)]])
    types, rows = read(tmp_path, "t.csv", text.getvalue())
    assert types == {"id": "BIGINT", "value": kind}
    assert [row[1] for row in rows] == expected


def test_one_late_value_decides_the_type_of_the_whole_column(tmp_path: Path) -> None:
    many = "".join(f"{number}\n" for number in range(5000))
    assert read(tmp_path, "a.csv", "v\n" + many + "0.125\n")[0] == {"v": "DECIMAL(18,3)"}
    assert read(tmp_path, "b.csv", "v\n" + many + "007\n")[0] == {"v": "VARCHAR"}
    assert read(tmp_path, "c.csv", "v\n" + "\n" * 3000 + many)[0] == {"v": "BIGINT"}


def test_an_empty_field_is_null_and_a_quoted_one_is_empty_text(tmp_path: Path) -> None:
    types, rows = read(tmp_path, "t.csv", 'a,b,c\nx,,\n"",3,""\n')
    assert types == {"a": "VARCHAR", "b": "BIGINT", "c": "VARCHAR"}
    assert rows == [("x", None, None), ("", 3, "")]


def test_an_exporter_that_quotes_everything_still_gives_numbers(tmp_path: Path) -> None:
    types, rows = read(tmp_path, "t.csv", '"id","amount"\n"1","2.50"\n"2",""\n')
    assert types == {"id": "BIGINT", "amount": "DECIMAL(18,2)"}
    assert rows == [(1, Decimal("2.50")), (2, None)]


def test_a_type_that_was_asked_for_replaces_the_inferred_one(tmp_path: Path) -> None:
    types, rows = read(tmp_path, "t.csv", "code\n12\n", tables={"t": {"types": {"code": "VARCHAR"}}})
    assert (types, rows) == ({"code": "VARCHAR"}, [("12",)])


CELLS = {
    "BIGINT": st.integers(-(2**63), 2**63 - 1),
    "DECIMAL": st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
    "DATE": st.dates(dt.date(1, 1, 1)),
    "TIMESTAMP": st.datetimes(dt.datetime(1, 1, 1)),
    "BOOLEAN": st.booleans(),
    "VARCHAR": st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=15).map(
        "x".__add__
    ),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[tuple]]:
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=5))
    row = st.tuples(*[st.none() | CELLS[kind] for kind in kinds])
    return kinds, draw(st.lists(row, max_size=12))


def written(rows: list[tuple], width: int, delimiter: str) -> str:
    """The rows as CSV, the text quoted now and then as exporters do."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([f"c{place}" for place in range(width)])
    for row in rows:
        cells = [str(cell).lower() if isinstance(cell, bool) else cell for cell in row]
        # A lone empty field would be a blank line; the writer makes it a quoted empty, which is text and no NULL.
        text.write("\r\n") if cells == [None] else writer.writerow(cells)
    return text.getvalue()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables(), delimiter=st.sampled_from([",", ";", "\t", "|"]))
def test_what_is_written_as_csv_is_read_back_equal(
    tmp_path: Path, table: tuple[list[str], list[tuple]], delimiter: str
) -> None:
    kinds, rows = table
    given_one = {"delimiter": delimiter}
    types, found = read(tmp_path, "t.csv", written(rows, len(kinds), delimiter), **given_one)
    assert found == rows
    for place, kind in enumerate(kinds):
        # Never a floating type; the narrowest may be another than the one generated (dates among timestamps).
        assert not types[f"c{place}"].startswith(("DOUBLE", "FLOAT"))
        if any(row[place] is not None for row in rows) and kind in ("BIGINT", "DECIMAL"):
            assert types[f"c{place}"].startswith(("BIGINT", "DECIMAL"))
