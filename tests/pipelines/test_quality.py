"""The gate on what was loaded: what it lets through, what it stops, and that it never passes by looking at nothing."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines import lake, quality
from pipelines.quality.suites import Rule, Suite, declared, fingerprint
from tests.dashboards.conftest import published, published_home  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def validator() -> Any:
    from pipelines.quality.expectations import Validator

    return Validator(["CNY", "USD"])


def suite(*rules: Rule, key: tuple[str, ...] = ("id",), at_least: int = 0) -> Suite:
    return Suite("lake", "raw_shop", "sale", key, at_least, rules)


def rows(**columns: list[Any]) -> pa.Table:
    found = {"id": list(range(1, 1 + len(next(iter(columns.values()))))), **columns}
    types = {"amount": pa.decimal128(20, 4)}
    return pa.table({name: pa.array(values, types.get(name)) for name, values in found.items()})


@pytest.mark.parametrize(
    ("rule", "good", "bad", "broken"),
    [
        (Rule("not_negative", ("amount",)), ["0", "0.0001"], ["-0.0001", "1"], 1),
        (Rule("positive", ("amount",)), ["0.0001", None], ["0", "1"], 1),
        (Rule("not_zero", ("amount",)), ["-1.5", "1"], ["0", "0.0000"], 2),
        (Rule("between", ("amount",), argument=[1, 5]), ["1", "5"], ["0.9999", "5.0001"], 2),
        (Rule("not_null", ("amount",)), ["1"], [None, "1"], 1),
        (Rule("allowed", ("word",), argument=["open", "paid"]), ["open"], ["Open"], 1),
        (Rule("currency", ("word",)), ["CNY", "USD"], ["EUR", "cny"], 2),
    ],
)  # fmt: skip
def test_each_word_of_a_suite_holds_and_breaks(
    validator: Any, rule: Rule, good: list[Any], bad: list[Any], broken: int
) -> None:
    from decimal import Decimal

    def table(values: list[Any]) -> pa.Table:
        [name] = rule.columns
        return rows(**{name: [Decimal(v) if name == "amount" and v is not None else v for v in values]})

    passed = validator.validate(suite(rule), table(good), len(good))
    assert [one.passed for one in passed] == [True, True]
    _count, failed = validator.validate(suite(rule), table(bad), len(bad))
    assert (failed.passed, failed.rows, failed.broken) == (False, len(bad), broken)
    assert failed.examples.split("; ")[0] == "1"


def test_a_key_is_never_empty_and_unique_also_over_several_columns(validator: Any) -> None:
    def broken(key: tuple[str, ...], **columns: list[Any]) -> list[tuple[str, int]]:
        table = pa.table(columns)
        results = validator.validate(suite(Rule("key", key), key=key), table, table.num_rows)
        return [(one.expectation, one.broken) for one in results if not one.passed]

    assert broken(("id",), id=[1, 2, 3]) == []
    assert broken(("id",), id=[1, 2, 2]) == [("key", 2)]
    assert broken(("id",), id=[1, None, 3]) == [("not_null", 1)]
    assert broken(("a", "b"), a=[1, 1], b=["x", "y"]) == []
    assert broken(("a", "b"), a=[1, 1], b=["x", "x"]) == [("key", 2)]


def test_an_empty_table_passes_only_where_it_may_be_empty(validator: Any) -> None:
    empty = rows(amount=[])
    rule = Rule("not_null", ("amount",))
    assert all(one.passed for one in validator.validate(suite(rule), empty, 0))
    count = validator.validate(suite(rule, at_least=1), empty, 0)[0]
    assert (count.expectation, count.passed, count.broken) == ("rows >= 1", False, 1)
    count = validator.validate(suite(rule), empty, 7)[0]
    assert (count.expectation, count.passed, count.broken) == ("rows = 7", False, 7)


def test_a_rule_that_cannot_be_evaluated_is_a_failure(validator: Any) -> None:
    _count, failed = validator.validate(suite(Rule("not_negative", ("word",))), rows(word=["a", "b"]), 2)
    assert not failed.passed and "not evaluated" in failed.examples


def test_every_suite_names_tables_and_columns_that_are_there(trading: Any) -> None:
    """A suite of our own store that speaks of a column nobody has would fail every build."""
    with lake.connect() as con:
        there: dict[str, set[str]] = {}
        for table, column in con.execute(
            "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake'"
        ).fetchall():
            there.setdefault(table, set()).add(column)
    own = [one for one in declared() if one.source in lake.OWN_SCHEMAS]
    assert len(own) > 20
    assert {one.name: set(one.columns()) - there.get(one.name, set()) for one in own} == {
        one.name: set() for one in own
    }


def test_a_good_load_passes_is_recorded_and_is_not_looked_at_twice(trading: Any) -> None:
    report = quality.gate().require()
    assert report.failures == () and report.tables > 20 and report.expectations > 3 * report.tables
    with lake.connect() as con:
        kept = con.execute(
            "SELECT count(*), count(DISTINCT table_name), bool_and(passed), min(rows_checked) "
            # What this load was asked by other suites, in other tests, is kept beside it.
            "FROM meta.quality_result WHERE load_id = ? AND suites = ?", [report.load_id, fingerprint(quality.suites())],
        ).fetchone()  # fmt: skip
        before = lake.current_snapshot(con)
    assert kept[:3] == (report.expectations, report.tables, True)
    again = quality.gate()
    assert (again.tables, again.expectations, again.failures) == (report.tables, report.expectations, ())
    with lake.connect() as con:
        assert lake.current_snapshot(con) == before


def test_a_bad_load_is_stopped_by_a_sentence_that_names_table_rule_and_rows(warehouse: Any) -> None:
    with lake.connect(writer=True) as con:
        con.execute("CREATE SCHEMA lake.raw_adventureworks")
        con.execute(
            "CREATE TABLE lake.raw_adventureworks.production_product_inventory AS "
            "SELECT i AS product_id, 1 AS location_id, CASE i WHEN 7 THEN -1 ELSE i END AS quantity FROM range(1, 11) r(i)"
        )
        con.execute(
            "INSERT INTO lake.meta.load_table VALUES (1, 'adventureworks', 'raw_adventureworks', "
            "'production_product_inventory', 'loaded', 0, 10, 0, 0, 0, 10, NULL, 0)"
        )
        con.execute(
            "INSERT INTO lake.meta.load VALUES (1, 'adventureworks', 'full', now(), now(), NULL, NULL, 10, 0, 0, 0, NULL)"
        )
    report = quality.gate()
    assert report.failures == (
        "raw_adventureworks.production_product_inventory: not_negative quantity does not hold for 1 of 10 rows, "
        "for example 7 1",
    )
    with pytest.raises(quality.QualityFailed, match="so nothing is built from them. raw_adventureworks.production_pro"):
        report.require()
    with pytest.raises(quality.QualityFailed):
        quality.gate().require()


def test_companies_of_our_own_and_adventureworks_pass(adventureworks: Path, published: Any) -> None:  # noqa: F811
    """The warehouse that the dashboards' tests read, whose load was looked at before it was published."""
    report = quality.gate()
    assert (report.failures, report.warnings) == ((), ())
    with lake.connect() as con:
        [(tables, least)] = con.execute(
            "SELECT count(DISTINCT table_name), min(expectations) FROM meta.quality_history WHERE load_id = ? "
            "AND table_name LIKE '%raw_adventureworks.%'", [report.load_id],
        ).fetchall()  # fmt: skip
    assert tables == sum(one.source == "adventureworks" for one in declared()) and least > 1
