"""Figures and the rows behind them: equal to the last unit, for every measure, company and month (golden case G20)."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from dashboards import display, documents, export, figures, i18n, warehouse
from dashboards.address import figure_of, figure_query
from dashboards.figures import Figure, Overview
from dashboards.metrics import MEASURES, MONTHLY
from dashboards.policy import Viewer
from pipelines.publication import Publication


@pytest.fixture
def overview(shown: Publication, viewer: Callable[[str], Viewer]) -> Overview:
    return figures.overview(shown, viewer("manager").scope)


def test_g20_the_rows_of_every_figure_sum_up_to_it(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    scope, looked_at = viewer("manager").scope, 0
    for company in overview.companies:
        # All months of our own companies; of an outside one every seventh, so that a test run stays short.
        for month in overview.months([company])[:: 1 if company.keeps_books else 7]:
            for measure in MONTHLY:
                name = measure.name
                value = overview.value(company, month, name)
                if value is None:
                    continue
                rows = figures.rows_of(shown, scope, Figure(measure, (company,), month), at_most=1)
                assert (rows.amount or 0) == value, (company.code, month, name)
                looked_at += 1
    assert looked_at >= 2 * 3 * len(MONTHLY)


def test_the_figures_of_a_known_month_are_exact(overview: Overview) -> None:
    demo = next(company for company in overview.companies if company.code == "DEMO")
    values = overview.values[(demo.id, date(2026, 2, 1))]
    assert values == {
        "revenue": Decimal("1101.10"),
        "margin": Decimal("440.55"),
        "sales_order_amount": Decimal("1244.24"),
        "sales_order_count": 3,
        "cash": Decimal("678.68"),
        "receivables": Decimal("1809.80"),
        "headcount": 1,
    }


def test_amounts_of_different_currencies_are_never_added(overview: Overview) -> None:
    ours = [company for company in overview.companies if company.code in ("DEMO", "WEST")]
    month = date(2026, 2, 1)
    with pytest.raises(ValueError, match="currencies"):
        overview.total(ours, month, "revenue")
    assert overview.total(ours, month, "headcount") == 2
    query = {"measure": ["revenue"], "of": ["DEMO", "WEST"], "month": ["2026-02"]}
    assert figure_of(query, overview) is None


def test_a_company_without_books_shows_neither_cash_nor_receivables(overview: Overview) -> None:
    outside = [company for company in overview.companies if not company.keeps_books]
    if not outside:
        pytest.skip("needs the AdventureWorks data in ../shared/data, which is not here")
    for month in overview.months(outside):
        assert overview.value(outside[0], month, "cash") is None
        assert overview.value(outside[0], month, "receivables") is None


def test_rows_come_page_by_page_without_repeating_or_leaving_out_one(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    # AdventureWorks where its data is there: a month with thousands of rows. Else our own, and shorter pages.
    company = max(overview.companies, key=lambda one: len(overview.months([one])))
    month, size = (overview.months([company])[-4], 50) if not company.keeps_books else (date(2026, 2, 1), 1)
    scope = viewer("manager").scope
    for name in ("revenue", "sales_order_amount"):
        figure = Figure(MEASURES[name], (company,), month)
        whole = figures.rows_of(shown, scope, figure, at_most=100_000)
        assert whole.count > size
        for order in figures.ORDERS:
            pages = [
                row
                for first in range(0, whole.count, size)
                for row in figures.rows_of(shown, scope, figure, order=order, first=first, at_most=size).rows
            ]
            assert sorted(map(str, pages)) == sorted(map(str, whole.rows))


def test_an_address_names_a_figure_and_leads_back_to_it(overview: Overview) -> None:
    from urllib.parse import parse_qs

    demo = next(company for company in overview.companies if company.code == "DEMO")
    query = parse_qs(figure_query("cash", [demo], date(2026, 2, 1), {"company": ["DEMO"], "from": ["2026-01"]}, 7))
    assert figure_of(query, overview) == Figure(MEASURES["cash"], (demo,), date(2026, 2, 1))
    for wrong in ({"measure": ["pay"]}, {"month": ["2026-13"]}, {"of": ["NONE"]}, {"of": []}, {"month": ["2031-01"]}):
        assert figure_of(query | wrong, overview) is None


def test_a_figure_of_another_company_cannot_be_asked_for(shown: Publication, viewer: Callable[[str], Viewer]) -> None:
    overview = figures.overview(shown, viewer("westerner").scope)
    assert [company.code for company in overview.companies] == ["WEST"]
    query = {"measure": ["revenue"], "of": ["DEMO"], "month": ["2026-02"]}
    assert figure_of(query, overview) is None


def test_a_file_holds_every_row_with_every_digit(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer]
) -> None:
    demo = next(company for company in overview.companies if company.code == "DEMO")
    figure = Figure(MEASURES["revenue"], (demo,), date(2026, 2, 1))
    rows = figures.rows_of(shown, viewer("manager").scope, figure, at_most=export.MOST_ROWS)
    lines = list(csv.DictReader(io.StringIO(export.as_csv(figure, rows.rows))))
    assert sum(Decimal(line["amount"]) for line in lines) == Decimal("1101.10")
    assert {line["currency"] for line in lines} == {"CNY"}
    assert export.file_name(figure, shown, rows.count) == f"revenue_DEMO_2026-02_publication-{shown.id}_3-rows.csv"


def test_a_text_that_a_spreadsheet_would_run_is_marked_and_a_number_is_not() -> None:
    assert export._safe("=1+1", "=1+1") == "'=1+1"
    assert export._safe("-12.50", Decimal("-12.50")) == "-12.50"


def test_rows_of_ours_open_their_document_and_others_name_their_source(
    shown: Publication, overview: Overview, viewer: Callable[[str], Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_APP_URL", "http://localhost:8123/")
    scope = viewer("manager").scope
    for company in overview.companies:
        for measure in MEASURES.values():
            figure = Figure(measure, (company,), overview.months([company])[-4 if not company.keeps_books else -1])
            sql = f"SELECT * FROM ({measure.rows}) r LIMIT 3"
            for row in warehouse.read(shown, scope, sql, figure.parameters(sql)).to_pylist():
                source = (row["source_system"], row["source_document_type"], row["source_document_id"])
                address = documents.address(*source)
                assert (address is not None) == company.keeps_books, source
                assert address is None or address.startswith("http://localhost:8123/")


def test_addresses_of_documents_are_those_of_the_app() -> None:
    from operational_app import modules  # noqa: F401 - declares all documents
    from operational_app.core.document import DOCUMENTS

    assert {name: f"{DOCUMENTS[name].module}/{DOCUMENTS[name].path}" for name in documents.ADDRESSES} == (
        documents.ADDRESSES
    )
    assert set(documents.TITLES) == set(documents.ADDRESSES)


@pytest.mark.parametrize(
    ("value", "exact", "english", "chinese"),
    [
        (Decimal("123456789012345678901234.123456"), "123,456,789,012,345,678,901,234.123456", None, None),
        (Decimal("1234567.500000"), "1,234,567.50", "1.23M", "123.5 万"),
        (Decimal("-999.999"), "−999.999", "−1,000.00", "−1,000.00"),
        (Decimal("0.000000"), "0.00", "0", "0"),
        (Decimal("250000000"), "250,000,000.00", "250.0M", "2.50 亿"),
        (52, "52", "52", "52"),
        (None, "–", "–", "–"),
    ],
)
def test_figures_are_written_exactly_and_on_cards_shortly(
    value: Decimal | int | None, exact: str, english: str | None, chinese: str | None
) -> None:
    assert display.exact(value) == exact
    for language, short in (("zh_Hans", chinese), ("en", english)):
        i18n.use(language)
        assert short is None or display.short(value) == short


def test_percentages_compare_with_the_size_of_what_was() -> None:
    assert display.percent(Decimal(5), Decimal(-10), signed=True) == "+50.0%"
    assert display.percent(Decimal(0), Decimal(10), signed=True) == "0.0%"
    assert display.percent(Decimal(5), Decimal(0)) is None
    assert display.percent(None, Decimal(1)) is None


def test_amounts_reach_pages_as_decimals(shown: Publication, viewer: Callable[[str], Viewer]) -> None:
    table = warehouse.read(shown, viewer("manager").scope, "SELECT sum(total_amount) AS s FROM fct_sales_order")
    assert str(table.schema.field("s").type).startswith("decimal128")
