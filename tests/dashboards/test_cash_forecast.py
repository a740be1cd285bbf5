"""Cash of the coming weeks: amounts of documents, exact; a week opens its documents; closed where a right is missing."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

import hub_settings
from dashboards import changes, figures, i18n
from dashboards.boards.cash import CashWeeks
from dashboards.boards.view import View
from dashboards.changes import Pair
from dashboards.metrics import DIMENSIONS, MEASURES
from dashboards.metrics.cash_forecast import WEEKS
from dashboards.policy import Viewer
from pipelines.publication import Publication
from tests.conftest import Store
from tests.dashboards.test_boards import view_of
from tests.dashboards.test_pages import change

BLOCK = CashWeeks("cash_weeks", "Cash")
FORECAST = MEASURES["cash_forecast"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use("en")
    yield


@pytest.fixture
def view(shown: Publication, viewer: Callable[[str], Viewer]) -> View:
    return view_of(shown, viewer("manager"), "DEMO")


def test_what_is_open_in_the_store_is_expected_to_the_last_unit(view: View, published: Store) -> None:
    kinds = {key[0]: part.amount for key, part in view.parts(FORECAST, ("cash_kind",)).items()}
    with psycopg.connect(hub_settings.database_url(None)) as db:
        owed = db.execute(
            "SELECT sum(i.open_amount) FROM finance.sales_invoice i JOIN core.company c ON c.id = i.company_id "
            "WHERE c.code = 'DEMO'"
        ).fetchone()
    assert owed is not None and kinds == {"invoice": owed[0]} and owed[0] > 0


def test_cash_goes_from_week_to_week_and_each_figure_is_the_sum_of_its_rows(view: View) -> None:
    (table,) = BLOCK.tables(view)
    weeks = [row for row in table.rows if not row.level]
    assert len(weeks) == WEEKS
    days = [row.cells[0].value for row in weeks]
    assert days == [days[0] + timedelta(weeks=number) for number in range(WEEKS)] and days[0].weekday() == 0
    before = view.value(MEASURES["cash"])
    for row in weeks:
        amounts = [cell.value or Decimal(0) for cell in row.cells[2:-2]]
        assert row.cells[1].value == before
        assert row.cells[-2].value == sum(amounts) and row.cells[-1].value == before + sum(amounts)
        before = row.cells[-1].value
    (total,) = [row for row in table.rows if row.level == "total"]
    assert total.cells[-1].value == before
    for (week, kind), part in view.parts(FORECAST, ("cash_week", "cash_kind")).items():
        figure = view.figure(FORECAST, parts=(("cash_week", week), ("cash_kind", kind)))
        rows = figures.rows_of(view.shown, view.scope, figure)
        assert rows.amount == part.amount == sum(row["amount"] for row in rows.rows)
        assert {row["source_document_type"] for row in rows.rows} == {"sales_invoice"}
        assert all(date.fromisoformat(week) <= row["business_date"] for row in rows.rows)
    assert all("forecast" in text.lower() for text in (table.note, str(FORECAST.label)))


def test_every_kind_has_a_word_and_a_column(view: View) -> None:
    (table,) = BLOCK.tables(view)
    labels = [column.label for column in table.columns]
    assert [str(word) for word in DIMENSIONS["cash_kind"].words.values()] == labels[2:-2]


def test_without_one_of_its_rights_there_is_no_forecast_rather_than_a_wrong_one(
    shown: Publication, viewer: Callable[[str], Viewer]
) -> None:
    taken = "role_code = 'manager' AND entity = 'bill' AND action = '{}'"
    change("UPDATE core.policy_rule SET action = 'write' WHERE " + taken.format("read"))
    try:
        view = view_of(shown, viewer("manager"), "DEMO")
        (table,) = BLOCK.tables(view)
        assert table.rows == [] and view.value(FORECAST) is None and view.why_closed(FORECAST)
        figure = view.figure(FORECAST)
        assert figures.split(shown, view.scope, figure) == [] and figures.rows_of(shown, view.scope, figure).count == 0
        pair = Pair(shown, shown)
        assert changes.documents_of(pair, view.scope, figure, at_most=1).count == 0
    finally:
        change("UPDATE core.policy_rule SET action = 'read' WHERE " + taken.format("write"))
