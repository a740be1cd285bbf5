"""Every measure, by every dimension, of every company, to every role: the rows behind a figure sum up to it (golden case G20)."""

from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import parse_qs

import pytest

from dashboards import figures, warehouse
from dashboards.address import EMPTY, figure_of, query_of
from dashboards.boards import BOARDS
from dashboards.figures import Company, Figure, Overview, Value
from dashboards.gate import DASHBOARD
from dashboards.metrics import COLUMNS, DIMENSIONS, MEASURES, RATIOS
from dashboards.policy import Scope, Viewer
from pipelines.publication import Publication


@pytest.fixture
def overview(shown: Publication, viewer: Callable[[str], Viewer]) -> Overview:
    return figures.overview(shown, viewer("manager").scope)


def asked(overview: Overview) -> Iterator[tuple[Company, date, date]]:
    """Companies with a period: of our own their second month and all months; of an outside one a month in its middle."""
    for company in overview.companies:
        months = overview.months([company])
        if company.keeps_books:
            yield company, months[1], months[1]
            yield company, months[0], months[-1]
        else:
            yield company, months[len(months) // 2], months[len(months) // 2]


def sums_of_rows(shown: Publication, scope: Scope, figure: Figure) -> dict[tuple[str | None, ...], Value]:
    """Sums by all dimensions of the very rows that the page behind a figure lists."""
    sql = figure.narrowed(figure.measure.rows)
    keys = [DIMENSIONS[name].key for name in figure.measure.dimensions]
    sums = f"SELECT {', '.join(keys)}, sum(amount) AS amount FROM ({sql}) r GROUP BY ALL"
    found = {
        tuple(None if row[key] is None else str(row[key]) for key in keys): row["amount"]
        for row in warehouse.read(shown, scope, sums, figure.parameters(sql)).to_pylist()
    }
    return {key: amount for key, amount in found.items() if amount}


@pytest.mark.parametrize("role", ["manager", "accountant", "westerner"])
def test_g20_the_parts_of_every_measure_are_the_sums_of_their_rows(
    role: str, shown: Publication, viewer: Callable[[str], Viewer]
) -> None:
    scope, compared = viewer(role).scope, 0
    for company, first, last in asked(figures.overview(shown, scope)):
        for measure in MEASURES.values():
            figure = Figure(measure, (company,), last, first)
            permitted = company.id in scope.companies(DASHBOARD, measure.entity)
            if role == "accountant" and permitted:
                continue
            found = figures.split(shown, scope, figure, measure.dimensions)
            parts = {part.keys: part.amount for part in found if part.amount}
            assert parts == sums_of_rows(shown, scope, figure), (role, company.code, measure.name, first, last)
            assert permitted or not parts, f"{role} sees {measure.name}"
            compared += 1
    assert compared > 5


def test_g20_each_dimension_alone_comes_to_the_same_as_the_whole(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    scope = viewer("manager").scope
    demo = next(company for company in overview.companies if company.code == "DEMO")
    for measure in (measure for measure in MEASURES.values() if not measure.own_currency):
        figure = Figure(measure, (demo,), date(2026, 3, 1), date(2026, 1, 1))
        whole = figures.value_of(shown, scope, overview, figure) or 0
        for name in measure.dimensions:
            assert sum(part.amount for part in figures.split(shown, scope, figure, (name,))) == whole, (
                measure.name,
                name,
            )
        assert (figures.rows_of(shown, scope, figure, at_most=1).amount or 0) == whole, measure.name


def test_the_rows_of_a_part_are_found_again_through_its_address(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    scope, opened = viewer("manager").scope, 0
    demo = next(company for company in overview.companies if company.code == "DEMO")
    for measure in MEASURES.values():
        whole = Figure(measure, (demo,), date(2026, 3, 1), date(2026, 1, 1))
        for part in figures.split(shown, scope, whole, measure.dimensions)[:1]:
            parts = tuple(zip(measure.dimensions, part.keys, strict=True))
            figure = Figure(measure, (demo,), whole.month, whole.since, parts)
            query = parse_qs(query_of(figure, {"company": ["DEMO"]}, shown.id))
            assert figure_of(query, overview) == figure
            assert (figures.rows_of(shown, scope, figure, at_most=1).amount or 0) == (part.amount or 0), part
            opened += 1
    assert opened > 10


def test_an_address_cannot_name_another_company_a_wrong_period_or_a_sum_of_currencies(
    shown: Publication, viewer: Callable[[str], Viewer]
) -> None:
    overview = figures.overview(shown, viewer("westerner").scope)
    right = {"measure": ["result"], "of": ["WEST"], "month": ["2026-03"], "since": ["2026-01"]}
    assert figure_of(right, overview) is not None
    for wrong in (
        {"of": ["DEMO"]},
        {"since": ["2026-04"]},
        {"since": ["soon"]},
        {"measure": ["pay"]},
        {"measure": ["receivable_open"]},
        {"measure": ["debit"], "ledger_account": ["hub:1"]},
    ):
        assert figure_of(right | wrong, overview) is None, wrong


def test_a_course_ends_with_the_figure_of_its_last_month(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    scope = viewer("manager").scope
    demo = next(company for company in overview.companies if company.code == "DEMO")
    drawn = {name for board in BOARDS for name in board.drawn()}
    assert {"revenue", "cash", "headcount"} <= drawn
    for name in drawn:
        figure = Figure(MEASURES[name], (demo,), date(2026, 2, 1))
        found = figures.course(shown, scope, figure, date(2026, 1, 1))
        assert (found.get(date(2026, 2, 1)) or 0) == (figures.value_of(shown, scope, overview, figure) or 0), name


def test_every_measure_is_on_a_page_and_has_words_for_its_columns() -> None:
    shown_somewhere = {measure.name for board in BOARDS for measure in board.measures()}
    assert MEASURES.keys() <= shown_somewhere | {"headcount"}
    for measure in MEASURES.values():
        assert set(measure.columns) <= COLUMNS.keys() and measure.columns[-1] == "amount", measure.name
        assert set(measure.dimensions) <= DIMENSIONS.keys()
        assert measure.mart and measure.grain, measure.name
    for ratio in RATIOS.values():
        assert {ratio.numerator, ratio.denominator} <= MEASURES.keys()


def test_what_is_only_known_now_has_no_course(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    figure = Figure(MEASURES["stock_value"], overview.companies[:1], date(2026, 2, 1))
    with pytest.raises(ValueError, match="not known by month"):
        figures.course(shown, viewer("manager").scope, figure, date(2026, 1, 1))


def test_no_word_of_a_dimension_is_the_sign_of_an_empty_key() -> None:
    assert all(EMPTY not in dimension.words for dimension in DIMENSIONS.values())
