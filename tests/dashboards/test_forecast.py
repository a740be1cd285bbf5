"""Forecasts by a plain formula: what they say of known series, and how their error is measured."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import figures, i18n
from dashboards.boards.expected import KNOWN_MONTHS, Expected, ExpectedBy, filled
from dashboards.boards.view import View, period_of
from dashboards.forecast import FEWEST_MONTHS, HELD_OUT, HELD_OUT_OF_FEW, SEASONAL_MONTHS, forecast
from dashboards.metrics import MEASURES
from dashboards.policy import Viewer
from pipelines.publication import Publication
from tests.dashboards.test_boards import view_of

YEAR = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 60.0, 50.0, 40.0, 30.0, 20.0, 10.0]


def test_a_year_that_repeats_itself_is_forecast_without_error() -> None:
    found = forecast(YEAR * 3, 12)
    assert found is not None and found.seasonal
    assert [value for value, _low, _high in found.values] == YEAR and found.error == 0 == found.naive_error


def test_steady_growth_is_forecast_better_than_naively() -> None:
    found = forecast([value * 1.1**year for year in range(4) for value in YEAR], 1)
    assert found is not None and len(found.trials) == HELD_OUT
    assert found.error < found.naive_error and found.values[0][0] > YEAR[0] * 1.1**3


def test_few_months_are_forecast_by_the_mean_of_three_and_compared_with_the_last() -> None:
    found = forecast([5.0, 7.0, 6.0, 9.0, 3.0, 6.0, 9.0], 2)
    assert found is not None and not found.seasonal and len(found.trials) == HELD_OUT_OF_FEW
    assert [value for value, _low, _high in found.values] == [6.0, 6.0]
    # 3 was forecast as 22/3 and naively as 9; 6 as 6 and 3; 9 as 6 and 6.
    assert abs(found.error - (22 / 3 - 3 + 0 + 3) / 3) < 1e-9 and found.naive_error == (6 + 3 + 3) / 3


def test_too_few_months_give_no_forecast() -> None:
    assert forecast([1.0] * (FEWEST_MONTHS - 1), 3) is None


def test_a_month_is_never_forecast_with_itself() -> None:
    known = YEAR * 3
    changed = [*known[:-1], 1000.0]
    one, other = forecast(known, 1), forecast(changed, 1)
    assert one is not None and other is not None
    assert [trial.forecast for trial in one.trials] == [trial.forecast for trial in other.trials]


@given(st.lists(st.floats(0, 1e9), min_size=FEWEST_MONTHS, max_size=SEASONAL_MONTHS + 12), st.integers(1, 18))
def test_bounds_enclose_the_value_and_widen_with_the_months_ahead(known: list[float], months: int) -> None:
    found = forecast(known, months)
    assert found is not None and len(found.values) == months
    assert all(0 <= low <= value <= high for value, low, high in found.values)
    aside = [high - value for value, _low, high in found.values]
    assert all(later >= earlier - 1e-6 * max(1.0, later) for earlier, later in zip(aside, aside[1:], strict=False))


def test_a_company_of_three_months_has_no_forecast(shown: Publication, viewer: Callable[[str], Viewer]) -> None:
    i18n.use("en")
    (table,) = Expected("sales_forecast", "Sales", "revenue").tables(view_of(shown, viewer("manager"), "DEMO"))
    assert table.rows == []


def test_the_months_held_out_are_the_facts_and_the_errors_are_those_of_their_forecasts(
    shown: Publication, viewer: Callable[[str], Viewer]
) -> None:
    i18n.use("en")
    scope = viewer("manager").scope
    overview = figures.overview(shown, scope)
    outside = [company for company in overview.companies if not company.keeps_books]
    if not outside:
        pytest.skip("needs the AdventureWorks data in ../shared/data, which is not here")
    last = overview.months(outside)[-3]
    view = View(shown, scope, overview, outside[0], period_of("month", last), "previous", {"page": ["sales"]})
    coming, held_out = Expected("sales_forecast", "Sales", "revenue").tables(view)
    known = filled(view.course(MEASURES["revenue"], KNOWN_MONTHS), last)
    assert [row.cells[1].value for row in held_out.rows if not row.level] == list(known.values())[-HELD_OUT:]
    assert all(row.cells[1].link.startswith("rows?measure=revenue") for row in held_out.rows if not row.level)
    *trials, mean = held_out.rows
    assert abs(mean.cells[3].value - sum(row.cells[3].value for row in trials) / len(trials)) <= 1
    assert (
        len(coming.rows) == 6
        and "forecast" in coming.note
        and not any(c.link for row in coming.rows for c in row.cells)
    )


def test_demand_by_item_opens_facts_and_no_forecast(shown: Publication, viewer: Callable[[str], Viewer]) -> None:
    i18n.use("en")
    view = view_of(shown, viewer("manager"), "DEMO")
    (table,) = ExpectedBy("demand", "Demand", "quantity_sold", "item").tables(view)
    (row,) = table.rows
    # March sold 1, 3 and 7 chairs; three months are too few for a forecast.
    assert (
        row.cells[1].value == Decimal(11) and row.cells[1].link and [cell.value for cell in row.cells[2:]] == [None] * 5
    )
    assert (
        ExpectedBy("demand", "Demand", "quantity_sold", "item").tables(view.seen_by(viewer("hr").scope))[0].rows == []
    )
    assert filled({date(2026, 1, 1): 1, date(2026, 3, 1): 2}, date(2026, 4, 1)) == {
        date(2026, 1, 1): 1, date(2026, 2, 1): 0, date(2026, 3, 1): 2, date(2026, 4, 1): 0,
    }  # fmt: skip
