"""Great Expectations at work on one table: rules become expectations, its answers become results.

Importing it takes seconds, so only a run of the gate imports this module. Tables arrive as Arrow-backed frames, so that
amounts stay decimals.
"""

import logging
import os
from collections.abc import Iterator
from decimal import Decimal
from gettext import gettext as _
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import pandas as pd
import pyarrow as pa

from pipelines.quality.result import Result
from pipelines.quality.suites import ERROR, Rule, Suite

EXAMPLES = 3
# The second speaks at a level of its own, of a folder that it makes.
for _logger in ("great_expectations", "great_expectations.data_context.types.base"):
    logging.getLogger(_logger).setLevel(logging.ERROR)


class Validator:
    """One ephemeral context of Great Expectations for a run of the gate."""

    def __init__(self, currencies: list[str]) -> None:
        """`currencies`: the codes that may stand in columns declared as `currency`."""
        self.currencies = currencies
        self.context = gx.get_context(mode="ephemeral")
        self.context.variables.progress_bars = {"globally": False}
        self.source = self.context.data_sources.add_pandas("lake")

    def validate(self, suite: Suite, rows: pa.Table, expected_rows: int) -> list[Result]:
        """The results for a table.

        Args:
            rows: the columns that the suite names.
            expected_rows: how many the load recorded.

        Raises:
            RuntimeError: not every rule was evaluated; an expectation that was left out must not pass for one that held.
        """
        # Numbered, since the context takes each name once.
        asset = self.source.add_dataframe_asset(f"{len(self.source.assets)} {suite.name}")
        frame = rows.to_pandas(types_mapper=pd.ArrowDtype)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        wanted = list(self._expectations(suite))
        answer = batch.validate(
            gx.ExpectationSuite(name=suite.name, expectations=[expectation for _rule, expectation in wanted]),
            result_format={
                "result_format": "SUMMARY", "unexpected_index_column_names": list(suite.key),
                "partial_unexpected_count": EXAMPLES,
            },
        )  # fmt: skip
        if answer.statistics["evaluated_expectations"] != len(wanted):
            raise RuntimeError(
                f"{suite.name}: {answer.statistics['evaluated_expectations']} of {len(wanted)} evaluated"
            )
        results = [_rows_result(suite, rows.num_rows, expected_rows)]
        return results + [_result(suite, one, rows.num_rows) for one in answer.results]

    def _expectations(self, suite: Suite) -> Iterator[tuple[Rule, Any]]:
        for number, rule in enumerate(suite.rules):
            for expectation, arguments in self._of(rule):
                meta = {"rule": number}
                yield rule, expectation(**arguments, meta=meta)

    def _of(self, rule: Rule) -> Iterator[tuple[Any, dict[str, Any]]]:
        core = gx.expectations
        column = {"column": rule.columns[0]}
        if rule.word == "key":
            for name in rule.columns:
                yield core.ExpectColumnValuesToNotBeNull, {"column": name}
            if len(rule.columns) > 1:
                yield core.ExpectCompoundColumnsToBeUnique, {"column_list": list(rule.columns)}
            else:
                yield core.ExpectColumnValuesToBeUnique, column
        elif rule.word == "not_null":
            yield core.ExpectColumnValuesToNotBeNull, column
        elif rule.word in {"not_negative", "positive"}:
            yield core.ExpectColumnValuesToBeBetween, column | {"min_value": 0, "strict_min": rule.word == "positive"}
        elif rule.word == "not_zero":
            # A whole 0 would be cast to the column's decimals, which fails where amounts have a fraction.
            yield core.ExpectColumnValuesToNotBeInSet, column | {"value_set": [Decimal(0)]}
        elif rule.word == "between":
            least, most = rule.argument
            yield core.ExpectColumnValuesToBeBetween, column | {"min_value": least, "max_value": most}
        elif rule.word == "allowed":
            yield core.ExpectColumnValuesToBeInSet, column | {"value_set": list(rule.argument)}
        else:
            yield core.ExpectColumnValuesToBeInSet, column | {"value_set": self.currencies}


def _rows_result(suite: Suite, rows: int, expected: int) -> Result:
    """Expectations pass on an empty table: so the number of rows is the first thing that is held."""
    off = abs(rows - expected)
    least = suite.at_least if rows < suite.at_least else None
    word = f"rows = {expected}" if off or least is None else f"rows >= {least}"
    return Result(suite.name, word, "", ERROR, not off and least is None, rows, off or (least or rows) - rows, "")


def _result(suite: Suite, one: Any, rows: int) -> Result:
    config = one.expectation_config
    rule = suite.rules[config.meta["rule"]]
    columns = ",".join(config.kwargs.get("column_list") or [config.kwargs["column"]])
    word = "not_null" if rule.word == "key" and config.type.endswith("not_be_null") else rule.word
    if rule.argument is not None:
        word = f"{rule.word} {rule.argument}"
    error = one.exception_info or {}
    if error.get("raised_exception") or "element_count" not in one.result:
        reason = str(error.get("exception_message") or error)
        return Result(suite.name, word, columns, rule.severity, False, rows, rows, _("not evaluated: ") + reason[:200])
    broken = one.result.get("unexpected_count") or 0
    indices = one.result.get("partial_unexpected_index_list") or []
    examples = "; ".join(" ".join(str(index[name]) for name in suite.key if name in index) for index in indices)
    return Result(suite.name, word, columns, rule.severity, bool(one.success), rows, broken, examples)
