"""The declared pages as a manager sees them: each section, its links and its file, in both languages, by right and by day."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import psycopg
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import hub_settings
from dashboards import figures, i18n, tables, visit
from dashboards.boards import BOARDS
from dashboards.boards.view import View, period_of
from dashboards.policy import Viewer
from dashboards.views.board import file_of
from pipelines.publication import Publication
from tests.conftest import Store
from tests.dashboards.conftest import begin_session
from tests.dashboards.test_pages import change, end_sessions, words

HOME = str(hub_settings.ROOT / "dashboards" / "home.py")
PAGES = [(board.name, section.name) for board in BOARDS for section in board.sections]


@pytest.fixture
def run(published: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """A page of the dashboards, by its address, as a user gets it."""

    def make(username: str, page: str, **query: Any) -> AppTest:
        token = begin_session(published, username)
        monkeypatch.setattr(visit, "session_token", lambda: token)
        app = AppTest.from_file(HOME, default_timeout=30)
        app._page_hash = calc_hash(page)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    yield make
    end_sessions()


def view_of(shown: Publication, viewer: Viewer, company: str, month: str = "2026-03") -> View:
    from dashboards.address import month_of

    overview = figures.overview(shown, viewer.scope)
    found = next(one for one in overview.companies if one.code == company)
    last = month_of(month)
    assert last is not None
    return View(shown, viewer.scope, overview, found, period_of("quarter", last), "previous", {"page": ["finance"]})


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_every_page_opens_in_both_languages(run: Callable[..., AppTest], language: str) -> None:
    change(f"UPDATE core.app_user SET language = '{language}' WHERE username = 'manager'")
    try:
        for name in (*(board.name for board in BOARDS), "trust", "catalogue"):
            app = run("manager", name)
            i18n.use(language)
            titles = {board.name: str(board.title) for board in BOARDS}
            assert app.title[0].value == titles.get(name, app.title[0].value)
            assert app.title[0].value != str(i18n._("Executive overview"))
    finally:
        change("UPDATE core.app_user SET language = 'en' WHERE username = 'manager'")


def test_an_address_opens_a_section_of_a_company_with_its_period_and_comparison(run: Callable[..., AppTest]) -> None:
    app = run("manager", "finance", company="WEST", tab="income", to="2026-02", span="year", versus="year")
    text = words(app)
    assert "Jan 2026 – Feb 2026" in text and "Jan 2025 – Feb 2025" in text
    assert "measure=income_statement&amp;of=WEST&amp;month=2026-02&amp;since=2026-01" in text
    assert dict(app.query_params)["tab"] in ("income", ["income"])


def test_a_role_without_employees_is_told_so_and_sees_none(run: Callable[..., AppTest]) -> None:
    app = run("accountant", "people")
    assert "Your roles open none of the figures of this page." in words(app)
    assert not app.metric


def test_a_role_in_one_company_finds_no_other_by_its_address(run: Callable[..., AppTest]) -> None:
    app = run("westerner", "finance", company="DEMO")
    assert "WEST" in str(app.selectbox[0].options) and "DEMO" not in str(app.selectbox[0].options)


def test_loads_are_shown_to_who_sees_all_companies_only(run: Callable[..., AppTest]) -> None:
    seen = {}
    for username in ("manager", "westerner"):
        app = run(username, "trust")
        app.session_state["trust-tab"] = "loads"
        app.run()
        seen[username] = words(app)
    assert "Freshness of the sources" in seen["manager"] and 'id="sources"' in seen["manager"]
    assert "Loads and quality are of all companies" in seen["westerner"] and 'id="sources"' not in seen["westerner"]


def test_a_page_opens_at_a_day_and_says_where_there_was_no_publication(
    run: Callable[..., AppTest], shown: Publication
) -> None:
    day = shown.published_at.date().isoformat()
    app = run("manager", "finance", at=day)
    assert app.query_params["at"] in (str(shown.id), [str(shown.id)])
    text = words(run("manager", "finance", at="2001-01-01"))
    assert "is withdrawn, or never was" in text and f"Publication {shown.id}" in text


def test_a_workbook_says_what_the_screen_says(shown: Publication, viewer: Callable[[str], Viewer]) -> None:
    i18n.use("en")
    view = view_of(shown, viewer("manager"), "DEMO")
    for board in BOARDS:
        for section in board.sections:
            book = openpyxl.load_workbook(io.BytesIO(file_of(board, section, view)))
            made = [table for block in section.blocks for table in block.tables(view)]
            assert len(book.sheetnames) == 1 + len(made)
            for sheet, table in zip(book.worksheets[1:], made, strict=True):
                written = [[cell for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
                assert len(written) == len(table.rows)
                for values, row in zip(written, table.rows, strict=True):
                    for value, cell in zip(values, row.cells, strict=False):
                        if isinstance(cell.value, int | float) or hasattr(cell.value, "as_tuple"):
                            assert value == pytest.approx(float(cell.value)), (table.name, row)
            about = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True)}
            assert about["Company"].startswith("DEMO") and about["Publication"] == str(shown.id)
            assert about["Rows"] == str(sum(len(table.rows) for table in made))


def test_a_workbook_has_no_more_than_the_rights_of_the_moment(
    shown: Publication, viewer: Callable[[str], Viewer]
) -> None:
    i18n.use("en")
    people = next(board for board in BOARDS if board.name == "people")
    view = view_of(shown, viewer("manager"), "DEMO").seen_by(viewer("accountant").scope)
    book = openpyxl.load_workbook(io.BytesIO(file_of(people, people.sections[0], view)))
    assert [row[1] for row in book["Figures"].iter_rows(min_row=2, values_only=True)] == [None, None, None]
    assert list(book["By department"].iter_rows(min_row=2)) == []


def test_every_figure_of_every_table_opens_rows(shown: Publication, viewer: Callable[[str], Viewer]) -> None:
    view = view_of(shown, viewer("manager"), "DEMO")
    opened = 0
    for board in BOARDS:
        for section in board.sections:
            for block in section.blocks:
                for table in block.tables(view):
                    drawn = tables.drawn(table)
                    assert drawn.count("<tr") == len(table.rows) + 1
                    opened += drawn.count('href="rows?measure=')
    assert opened > 40


def test_the_catalogue_names_every_measure_and_ratio(run: Callable[..., AppTest], published: Store) -> None:
    from dashboards.metrics import MEASURES, RATIOS

    text = words(run("accountant", "catalogue"))
    for about in (*MEASURES.values(), *RATIOS.values()):
        assert f'<td class="">{about.label}</td>'.replace("&", "&amp;") in text, about.name


def test_closed_statements_say_why(run: Callable[..., AppTest]) -> None:
    taken = "role_code = 'manager' AND entity = 'journal_entry' AND action = 'read'"
    with psycopg.connect(hub_settings.database_url(None)) as db:
        db.execute(f"UPDATE core.policy_rule SET action = 'write' WHERE {taken}")
    try:
        text = words(run("manager", "finance", tab="income"))
        assert "Your roles do not open this figure." in text and "measure=income_statement" not in text
    finally:
        change(f"UPDATE core.policy_rule SET action = 'read' WHERE {taken.replace('read', 'write')}")
