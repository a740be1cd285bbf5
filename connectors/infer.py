"""Types of columns that arrive as text: the narrowest type that holds every value of the column exactly.

Rules (each value counts, none is sampled away):

| type          | every value looks like                                                            |
|---------------|-----------------------------------------------------------------------------------|
| BOOLEAN       | `true` or `false`, in any case; never 0/1, Y/N                                     |
| BIGINT        | an integer without leading zeros or `+`, within 64 bits                            |
| DECIMAL(p, s) | a plain number: s is the largest number of decimals seen; p is 18, or 38 where 18 do not do |
| DATE          | `YYYY-MM-DD`, a day that exists                                                    |
| TIMESTAMP     | `YYYY-MM-DD HH:MM[:SS[.ffffff]]`, or with `T`; dates among them are midnights       |
| VARCHAR       | anything else: codes such as `007` or `+49`, exponents, thousands separators, spaces |

DOUBLE is never chosen. p is 18 or 38 rather than what was seen, so that a larger amount next month does not change the
type. An empty value says nothing about the type; quoted empties stay empty text in a VARCHAR and become NULL elsewhere.
"""

from dataclasses import dataclass

import duckdb

INTEGER = r"-?(0|[1-9][0-9]*)"
NUMBER = r"-?((0|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+)"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOMENT = DAY + r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"

# In the order of preference. § stands for the value; a NULL is no value and is not asked.
TESTS = {
    "BOOLEAN": "regexp_full_match(lower(§), 'true|false')",
    "BIGINT": f"regexp_full_match(§, '{INTEGER}') AND try_cast(§ AS BIGINT) IS NOT NULL",
    "DECIMAL": f"regexp_full_match(§, '{NUMBER}')",
    "DATE": f"regexp_full_match(§, '{DAY}') AND try_cast(§ AS DATE) IS NOT NULL",
    "TIMESTAMP": f"regexp_full_match(§, '{MOMENT}') AND try_cast(§ AS TIMESTAMP) IS NOT NULL",
}
INTEGER_DIGITS = r"length(regexp_replace(regexp_extract(§, '^-?([0-9]*)', 1), '^0$', ''))"
DECIMAL_DIGITS = r"length(regexp_extract(§, '\.([0-9]+)$', 1))"

# A first look at this many rows rules out most types cheaply; what survives is tested on every row.
FIRST_LOOK = 1000


@dataclass(frozen=True)
class _Seen:
    integer_digits: int | None = None
    decimal_digits: int | None = None


def infer(con: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> dict[str, str]:
    """Column → DuckDB type, for a table whose columns are all VARCHAR.

    Args:
        con: where the table is.
        table: its name, quoted as SQL needs it.
        columns: names of the columns to look at.
    """
    open_tests = {column: list(TESTS) for column in columns}
    open_tests = _surviving(con, f"(SELECT * FROM {table} LIMIT {FIRST_LOOK})", open_tests)[0]
    open_tests, seen = _surviving(con, table, open_tests)
    return {column: _choose(open_tests[column], seen[column]) for column in columns}


def cast(column: str, kind: str) -> str:
    """SQL that turns a VARCHAR column (a quoted name) into its inferred type without changing any value."""
    return column if kind == "VARCHAR" else f"CAST(nullif({column}, '') AS {kind})"


def _surviving(
    con: duckdb.DuckDBPyConnection, table: str, open_tests: dict[str, list[str]]
) -> tuple[dict[str, list[str]], dict[str, _Seen]]:
    """The tests that no row of `table` fails. A column of nothing but empties passes all: `_choose` knows it."""
    parts: list[str] = []
    for column, tests in open_tests.items():
        value = f"nullif({_quoted(column)}, '')"
        parts += [f"bool_and(CASE WHEN § IS NOT NULL THEN {TESTS[test]} END)".replace("§", value) for test in tests]
        if "DECIMAL" in tests:
            parts += [f"max({digits})".replace("§", value) for digits in (INTEGER_DIGITS, DECIMAL_DIGITS)]
    if not parts:
        return open_tests, {column: _Seen() for column in open_tests}
    answers = iter(con.execute(f"SELECT {', '.join(parts)} FROM {table}").fetchone())
    survivors, seen = {}, {}
    for column, tests in open_tests.items():
        survivors[column] = [test for test in tests if next(answers) is not False]
        seen[column] = _Seen(next(answers), next(answers)) if "DECIMAL" in tests else _Seen()
        if "DECIMAL" in tests and seen[column].integer_digits is None:
            # No value at all: nothing was ruled out, and nothing is known.
            seen[column] = _Seen()
    return survivors, seen


def _choose(tests: list[str], seen: _Seen) -> str:
    if len(tests) == len(TESTS):
        return "VARCHAR"
    for test in tests:
        if test != "DECIMAL":
            return test
        kind = _decimal(seen)
        if kind:
            return kind
    return "VARCHAR"


def _decimal(seen: _Seen) -> str | None:
    whole, decimals = seen.integer_digits or 0, seen.decimal_digits or 0
    if whole + decimals > 38:
        return None
    return f"DECIMAL({18 if whole + decimals <= 18 else 38},{decimals})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
