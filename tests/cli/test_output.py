"""What `--format` prints: exact, aligned, and the same names in every format."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from operational_app.cli import output

COLUMNS = ["account", "name", "balance"]
ROWS = [("1001", "库存现金", Decimal("123456789012.1234")), ("2202", "Accounts payable", Decimal("-0.10"))]


def test_json_carries_amounts_as_strings_with_all_their_digits() -> None:
    found = json.loads(output.render(COLUMNS, ROWS, "json"))
    assert found[0] == {"account": "1001", "name": "库存现金", "balance": "123456789012.1234"}
    assert found[1]["balance"] == "-0.10"


def test_a_decimal_is_never_written_with_an_exponent() -> None:
    assert output.plain(Decimal("1E+9")) == "1000000000"
    assert output.plain(Decimal("0E-8")) == "0.00000000"


def test_csv_quotes_what_needs_it_and_leaves_null_empty() -> None:
    assert output.render(["a", "b"], [('say "x", y', None)], "csv") == 'a,b\n"say ""x"", y",'


def test_a_table_aligns_chinese_and_puts_numbers_to_the_right() -> None:
    lines = output.render(COLUMNS, ROWS, "table").splitlines()
    assert {output.width(line) for line in lines[1:]} == {output.width(lines[1])}
    assert lines[2] == "1001     库存现金          123456789012.1234"
    assert lines[3].endswith("            -0.10")


def test_an_empty_result_still_names_its_columns() -> None:
    assert output.render(COLUMNS, [], "table").splitlines()[0] == "account  name  balance"
    assert output.render(COLUMNS, [], "json") == "[]"
    assert output.render(COLUMNS, [], "csv") == "account,name,balance"


def test_times_are_iso_8601_with_their_zone() -> None:
    assert output.plain(datetime(2026, 3, 1, 8, 30, tzinfo=UTC)) == "2026-03-01T08:30:00+00:00"
    assert output.plain({"on": date(2026, 3, 1), "lines": [Decimal("1.50")]}) == {"on": "2026-03-01", "lines": ["1.50"]}
