"""What has changed between two publications: exact by figure, part and document, with the rights of now."""

import io
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import openpyxl
import pytest
from psycopg.types.json import Jsonb
from streamlit.testing.v1 import AppTest

from dashboards import changes, figures, i18n, warehouse, workbook
from dashboards.address import changes_query, figure_of
from dashboards.changes import Pair
from dashboards.figures import Figure
from dashboards.gate import MARTS, Mart, NotGated, gated_twice
from dashboards.metrics import MEASURES
from dashboards.policy import Scope, Viewer
from dashboards.views.changes import figure_tables
from pipelines import lake, publication
from pipelines.publication import Publication
from tests.dashboards.test_boards import run  # noqa: F401 - a fixture
from tests.dashboards.test_pages import change, words

MONTH = date(2026, 2, 1)


def publish_with(shown: Publication, *statements: str) -> Publication:
    """One publication more, after these changes of the marts."""
    with lake.connect(writer=True) as con:
        for statement in statements:
            con.execute(statement)
        snapshot = lake.current_snapshot(con)
    with lake.catalog() as db:
        db.execute(
            "INSERT INTO hub_meta.publication (lake_snapshot, published_by, certificate) VALUES (%s, 'test', %s)",
            (snapshot, Jsonb(shown.certificate)),
        )
    newest = warehouse.latest()
    assert newest is not None
    return newest


@pytest.fixture
def pair(shown: Publication) -> Iterator[Pair]:
    """In the later publication one line of February earns 5.01 more, one is gone, and one is there that was not.

    The lake is put back as it was, for the tests after this one.
    """
    february = "company_id = 'hub:1' AND business_date BETWEEN '2026-02-01' AND '2026-02-28' AND revenue > 0"
    ordered = f"SELECT margin_line_id FROM marts.fct_margin_line WHERE {february} ORDER BY revenue"
    with lake.connect(writer=True) as con:
        con.execute("CREATE TABLE meta.kept_for_test AS SELECT * FROM marts.fct_margin_line")
    try:
        yield Pair(
            shown,
            publish_with(
                shown,
                f"INSERT INTO marts.fct_margin_line SELECT * REPLACE ('new' AS margin_line_id, 'hub:new' AS customer_id, "
                f"'999999' AS source_document_id, 40.25 AS revenue) FROM marts.fct_margin_line "
                f"WHERE margin_line_id = ({ordered} LIMIT 1)",
                f"DELETE FROM marts.fct_margin_line WHERE margin_line_id = ({ordered} DESC LIMIT 1)",
                f"UPDATE marts.fct_margin_line SET revenue = revenue + 5.01 WHERE margin_line_id = ("
                f"SELECT margin_line_id FROM marts.fct_margin_line WHERE {february} AND margin_line_id <> 'new' "
                f"ORDER BY revenue DESC LIMIT 1)",
            ),
        )
    finally:
        with lake.connect(writer=True) as con:
            con.execute("DELETE FROM marts.fct_margin_line")
            con.execute("INSERT INTO marts.fct_margin_line SELECT * FROM meta.kept_for_test")
            con.execute("DROP TABLE meta.kept_for_test")
        publication.rollback(shown.id)


def revenue(pair: Pair, scope: Scope, **narrow: Any) -> Figure:
    overview = figures.overview(pair.later, scope)
    demo = next(company for company in overview.companies if company.code == "DEMO")
    return Figure(MEASURES["revenue"], (demo,), MONTH, **narrow)


def test_documents_that_came_went_or_changed_make_up_the_difference(
    pair: Pair, viewer: Callable[[str], Viewer]
) -> None:
    scope = viewer("manager").scope
    figure = revenue(pair, scope)
    ((_part, before, after),) = changes.parts_of(pair, scope, figure, ())
    # February sold 1, 3 and 7 chairs for 100.10 each.
    assert before == Decimal("1101.10")
    assert after == Decimal("1101.10") - Decimal("700.70") + Decimal("40.25") + Decimal("5.01")
    found = changes.documents_of(pair, scope, figure, at_most=10)
    assert found.count == 3 and found.difference == after - before
    assert [(row["before"], row["after"], row["difference"]) for row in found.rows] == [
        (Decimal("700.70"), None, Decimal("-700.70")),
        (None, Decimal("40.25"), Decimal("40.25")),
        (Decimal("300.30"), Decimal("305.31"), Decimal("5.01")),
    ]
    assert changes.documents_of(pair, scope, figure, at_most=1).count == 3
    customers = {
        part.keys[0]: (a or 0) - (b or 0) for part, b, a in changes.parts_of(pair, scope, figure, ("customer",))
    }
    assert customers.pop("hub:new") == Decimal("40.25") and list(customers.values()) == [Decimal("-695.69")]


def test_the_difference_of_every_measure_is_that_of_its_documents(pair: Pair, viewer: Callable[[str], Viewer]) -> None:
    scope, differ = viewer("manager").scope, set()
    for measure in MEASURES.values():
        figure = Figure(measure, revenue(pair, scope).companies, date(2026, 3, 1), date(2026, 1, 1))
        sums = {one.keys: (b or 0, a or 0) for one, b, a in changes.parts_of(pair, scope, figure, ())}
        before, after = sums.get((), (0, 0))
        found = changes.documents_of(pair, scope, figure, at_most=1)
        if measure.own_currency:
            continue
        assert (found.difference or 0) == after - before, measure.name
        differ |= {measure.name} if found.count else set()
    assert differ == {"revenue", "margin"}


def test_the_past_shows_nobody_what_is_closed_to_him_now(pair: Pair, viewer: Callable[[str], Viewer]) -> None:
    figure = revenue(pair, viewer("manager").scope)
    for scope in (viewer("westerner").scope, Scope()):
        assert changes.documents_of(pair, scope, figure, at_most=10).rows == []
        assert changes.parts_of(pair, scope, figure, ()) == []
    assert figure_of(
        parse_qs(changes_query(figure, {}, pair.earlier.id, pair.later.id)),
        figures.overview(pair.later, viewer("westerner").scope),
    ) is None  # fmt: skip


def test_what_an_earlier_publication_did_not_keep_is_said(
    pair: Pair, viewer: Callable[[str], Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = viewer("manager").scope
    with lake.connect(writer=True) as con:
        con.execute("CREATE TABLE marts.fct_new AS SELECT * FROM marts.fct_margin_line")
    try:
        later = publish_with(pair.later)
        monkeypatch.setitem(MARTS, "fct_new", Mart("journal_entry"))
        with pytest.raises(warehouse.NotKept):
            warehouse.compared(pair.earlier, later, scope, "SELECT * FROM fct_new", "SELECT * FROM later, earlier")
    finally:
        with lake.connect(writer=True) as con:
            con.execute("DROP TABLE marts.fct_new")


def test_a_comparison_reads_its_two_sides_and_no_mart() -> None:
    with pytest.raises(NotGated, match="two sides"):
        gated_twice("SELECT * FROM dim_company", "SELECT * FROM earlier, dim_customer", Scope(), 1)
    with pytest.raises(NotGated):
        gated_twice("SELECT * FROM dim_company", "SELECT * FROM lake.marts.dim_company", Scope(), 1)


def test_the_page_lists_figures_that_differ_and_opens_their_documents(
    pair: Pair,
    run: Callable[..., AppTest],  # noqa: F811
) -> None:
    text = words(run("manager", "changes", tab="sales", company="DEMO", to="2026-02"))
    assert "−655.44" in text and 'href="changes?measure=revenue&amp;of=DEMO&amp;month=2026-02' in text
    app = run("manager", "changes", measure="revenue", of="DEMO", month="2026-02", before=str(pair.earlier.id))
    text = words(app)
    assert [card.value for card in app.metric] == ["1,101.10 CNY", "445.66 CNY", "−655.44 CNY"]
    for word in ("appeared", "vanished", "changed", "their differences sum up to −655.44: the figure"):
        assert word in text
    assert "finance/sales_invoices/" in text or "finance/journal_entries/" in text or "deliveries/" in text


def test_a_figures_rows_lead_to_what_has_changed_in_it(pair: Pair, run: Callable[..., AppTest]) -> None:  # noqa: F811
    asked = {"measure": "revenue", "of": "DEMO", "month": "2026-02"}
    for at, expected in ((pair.earlier, f"before={pair.earlier.id}"), (pair.later, "")):
        links = [str(link.proto) for link in run("manager", "rows", at=str(at.id), **asked).get("page_link")]
        way = next(link for link in links if "What has changed" in link and "measure=revenue" in link)
        assert f"at={pair.later.id}" in way and expected in way


def test_one_publication_alone_has_nothing_to_be_compared_with(run: Callable[..., AppTest]) -> None:  # noqa: F811
    first = min(one.id for one in warehouse.every())
    assert "There is no publication before this one" in words(run("manager", "changes", at=str(first)))


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_file_holds_what_the_page_shows(
    language: str,
    pair: Pair,
    viewer: Callable[[str], Viewer],
    run: Callable[..., AppTest],  # noqa: F811
) -> None:
    scope = viewer("manager").scope
    change(f"UPDATE core.app_user SET language = '{language}' WHERE username = 'manager'")
    try:
        text = words(run("manager", "changes", measure="revenue", of="DEMO", month="2026-02"))
    finally:
        change("UPDATE core.app_user SET language = 'en' WHERE username = 'manager'")
    i18n.use(language)
    figure = revenue(pair, scope)
    made = figure_tables(pair, scope, figure, {}, changes.documents_of(pair, scope, figure, at_most=500))
    book = openpyxl.load_workbook(io.BytesIO(workbook.workbook({}, made, pair.later)))
    for sheet, table in zip(book.worksheets[1:], made, strict=True):
        assert table.title in text and sheet.max_row == len(table.rows) + 1
        assert [column.label for column in table.columns] == [cell.value for cell in sheet[1]]
    i18n.use("en")
