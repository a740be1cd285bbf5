"""What must hold of each row of an outside source before it is written, as conditions in SQL. A row that breaks one waits.

The words are those of the quality suites; the gate asks them again, through Great Expectations, of what was written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from connectors.base import SourceError
from connectors.infer import TESTS
from pipelines.contracts import DECIMAL
from pipelines.lake import identifier, quoted
from pipelines.quality.suites import ERROR, Rule, declared, rules_of

MISFIT = "type"


@dataclass(frozen=True)
class Hold:
    """A rule: what is told of a row that breaks it, and when it does."""

    reason: str
    broken: str
    misfit: bool = False


def holds(
    con: duckdb.DuckDBPyConnection, place: str, expect: Mapping[str, Any], misfits: Mapping[str, str], there: set[str]
) -> Iterator[Hold]:
    """The rules of a table.

    Args:
        place: `raw_<source>.<table>`, as suites call it.
        expect: what its options say beside the suites.
        misfits: column → type that its values must have.
        there: its columns; a rule about another is for another lake, or for the gate to fail.
    """
    for column, kind in misfits.items():
        yield Hold(f"{column}: no {kind}", _misfit(identifier(column), kind), misfit=True)
    suites = [rule for suite in declared() if suite.name in (place, f"confidential.{place}") for rule in suite.rules]
    try:
        said = list(rules_of(place, expect))
    except (ValueError, TypeError, AttributeError) as error:
        raise SourceError(f"{place}: {error}") from error
    for rule in [*suites, *said]:
        if rule.word != "key" and rule.severity == ERROR and set(rule.columns) <= there - set(misfits):
            condition = _broken(con, rule)
            if condition:
                argument = f" {rule.argument}" if rule.argument is not None else ""
                yield Hold(f"{rule.columns[0]}: {rule.word}{argument}", condition)


def _misfit(column: str, kind: str) -> str:
    """SQL: a value that is no value of this type, or would lose something in it."""
    text = f"CAST({column} AS VARCHAR)"
    word = kind.partition("(")[0]
    if word in ("BIGINT", "DECIMAL"):
        # 2.0 is a whole number too: the zeros are those of the column that it came in.
        text = f"regexp_replace(regexp_replace({text}, '(\\.[0-9]*[1-9])0+$', '\\1'), '\\.0+$', '')"
    tests = [f"try_cast({text} AS {kind}) IS NULL"]
    if word in TESTS:
        tests.append(f"NOT ({TESTS[word].replace('§', text)})")
    if found := DECIMAL.fullmatch(kind):
        tests.append(f"regexp_matches({text}, '\\.[0-9]{{{found[2]}}}[0-9]*[1-9]')")
    return f"({column} IS NOT NULL AND ({' OR '.join(tests)}))"


def _broken(con: duckdb.DuckDBPyConnection, rule: Rule) -> str:
    """SQL: a row that breaks a rule; empty values are a matter of `not_null` alone."""
    column = identifier(rule.columns[0])
    if rule.word == "not_null":
        return f"{column} IS NULL"
    if rule.word in ("not_negative", "positive", "not_zero"):
        return f"coalesce({column} {dict(not_negative='<', positive='<=', not_zero='=')[rule.word]} 0, false)"
    if rule.word == "between":
        least, most = rule.argument
        return f"coalesce(NOT {column} BETWEEN {_literal(least)} AND {_literal(most)}, false)"
    if rule.word == "allowed":
        return f"coalesce({column} NOT IN ({', '.join(map(_literal, rule.argument))}), false)"
    known = con.execute(
        "SELECT 1 FROM duckdb_columns() WHERE (database_name, schema_name, table_name) = ('lake', 'raw_core', 'currency')"
    ).fetchone()
    # Before our own store was ever synced there are no currencies to compare with.
    return f"coalesce({column} NOT IN (SELECT code FROM lake.raw_core.currency), false)" if known else ""


def _literal(value: Any) -> str:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else quoted(str(value))
