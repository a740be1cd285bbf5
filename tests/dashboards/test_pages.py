"""What a person sees in each state: signed out, without rights, before the first publication, and the figures."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

import hub_settings
from dashboards import i18n, visit, warehouse
from dashboards.metrics import CARDS, MEASURES
from pipelines import publication
from pipelines.publication import Publication
from tests.conftest import Store
from tests.dashboards.conftest import begin_session
from tests.dashboards.messages import marked

HOME = str(hub_settings.ROOT / "dashboards" / "home.py")


@pytest.fixture
def run(published: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """The dashboards as a browser with this session cookie gets them."""

    def make(token: str, **query: Any) -> AppTest:
        monkeypatch.setattr(visit, "session_token", lambda: token)
        app = AppTest.from_file(HOME, default_timeout=30)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return make


@pytest.fixture
def token(published: Store) -> Iterator[str]:
    yield begin_session(published, "manager")
    end_sessions()


def end_sessions() -> None:
    with psycopg.connect(hub_settings.database_url(None)) as db:
        db.execute("DELETE FROM core.user_session")


def change(sql: str) -> None:
    with psycopg.connect(hub_settings.database_url(None)) as db:
        db.execute(sql)


def words(app: AppTest) -> str:
    """All text of a page that is not in a metric."""
    parts = [*app.markdown, *app.caption, *app.subheader, *app.title, *app.info, *app.error]
    return "\n".join([*(str(part.value) for part in parts), *(str(html.proto.body) for html in app.get("html"))])


def test_who_is_not_signed_in_is_sent_to_the_apps_sign_in(run: Callable[..., AppTest]) -> None:
    app = run("")
    assert "Sign in to see the figures" in words(app)
    assert 'href="http://localhost:8000/sign-in?next=' in words(app)
    assert not app.metric


def test_an_ended_session_ends_the_page_at_its_next_run(run: Callable[..., AppTest], token: str) -> None:
    app = run(token)
    assert app.metric
    change("UPDATE core.user_session SET last_seen_at = now() - interval '3 hours'")
    app.run()
    assert not app.metric and "Sign in" in words(app)


def test_who_looks_at_the_dashboards_stays_signed_in(run: Callable[..., AppTest], token: str) -> None:
    idle = "SELECT now() - last_seen_at < interval '1 minute' FROM core.user_session"
    app = run(token)
    change("UPDATE core.user_session SET last_seen_at = now() - interval '110 minutes'")
    app.run()
    with psycopg.connect(hub_settings.database_url(None)) as db:
        assert app.metric and db.execute(idle).fetchall() == [(True,)]


def test_a_disabled_user_sees_nothing_more(run: Callable[..., AppTest], token: str) -> None:
    app = run(token)
    change("UPDATE core.app_user SET disabled_at = now() WHERE username = 'manager'")
    try:
        app.run()
        assert not app.metric
    finally:
        change("UPDATE core.app_user SET disabled_at = NULL WHERE username = 'manager'")


def test_a_right_that_is_taken_away_is_gone_at_the_next_run(run: Callable[..., AppTest], token: str) -> None:
    app = run(token)
    assert {card.label: card.value for card in app.metric}["Headcount"] != "–"
    taken = "role_code = 'manager' AND entity = 'employee' AND action = 'read'"
    change(f"UPDATE core.policy_rule SET action = 'write' WHERE {taken}")
    try:
        app.run()
        assert {card.label: card.value for card in app.metric}["Headcount"] == "–"
        assert "Your roles do not open this figure." in words(app)
    finally:
        change(
            f"UPDATE core.policy_rule SET action = 'read' WHERE {taken.replace(chr(39) + 'read', chr(39) + 'write')}"
        )


def test_a_role_without_the_dashboard_is_told_whom_to_ask(run: Callable[..., AppTest], published: Store) -> None:
    app = run(begin_session(published, "sales"))
    assert "You may not see this dashboard." in words(app)
    assert not app.metric


def test_before_the_first_publication_the_page_says_what_to_do(run: Callable[..., AppTest], token: str) -> None:
    with psycopg.connect(hub_settings.database_url("hub_lake", "lake")) as db:
        open_ones = "UPDATE hub_meta.publication SET withdrawn_at = now() WHERE withdrawn_at IS NULL RETURNING id"
        withdrawn = [row[0] for row in db.execute(open_ones)]
        db.commit()
        try:
            assert "Nothing is published yet." in words(run(token))
        finally:
            db.execute("ALTER TABLE hub_meta.publication DISABLE TRIGGER USER")
            db.execute("UPDATE hub_meta.publication SET withdrawn_at = NULL WHERE id = ANY(%s)", (withdrawn,))
            db.execute("ALTER TABLE hub_meta.publication ENABLE TRIGGER USER")


def test_without_a_store_the_page_says_so(run: Callable[..., AppTest], token: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_DATABASE_URL", "postgresql://nobody@localhost:1/none")
        assert "The operational store does not answer." in words(run(token))


def test_the_overview_shows_each_currency_by_itself_and_the_publication(
    run: Callable[..., AppTest], token: str, shown: Publication
) -> None:
    app = run(token)
    headings = [heading.value for heading in app.subheader]
    assert any("DEMO" in heading and "CNY" in heading for heading in headings)
    assert any("WEST" in heading and "USD" in heading for heading in headings)
    assert [card.label for card in app.metric][: len(CARDS)] == [str(MEASURES[name].label) for name in CARDS]
    text = words(app)
    assert f"Publication {shown.id}" in text and "certified: equal to the books" in text
    assert f'href="rows?measure=revenue&amp;of=DEMO&amp;month=2026-03&amp;at={shown.id}"' in text


def test_filters_follow_the_address(run: Callable[..., AppTest], token: str) -> None:
    app = run(token, company=["WEST"], to="2026-02")
    assert [heading.value for heading in app.subheader] == ["West Ltd (WEST) · USD"]
    text = words(app)
    assert "Feb 2026, amounts in USD." in text and "month=2026-03" not in text
    app.multiselect[0].set_value(["DEMO"]).run()
    assert [heading.value for heading in app.subheader] == ["Demo Ltd (DEMO) · CNY"]
    assert (app.query_params["company"], app.query_params["to"]) == ("DEMO", "2026-02")


def test_the_page_speaks_the_users_language(run: Callable[..., AppTest], token: str) -> None:
    change("UPDATE core.app_user SET language = 'zh_Hans' WHERE username = 'manager'")
    try:
        app = run(token)
        assert app.title[0].value == "经营总览"
        assert [card.label for card in app.metric][:6] == ["收入", "毛利", "新增订单额", "现金", "应收账款", "在职人数"]
    finally:
        change("UPDATE core.app_user SET language = 'en' WHERE username = 'manager'")


def test_a_page_shows_one_publication_though_another_comes_meanwhile(
    run: Callable[..., AppTest], token: str, shown: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    read = warehouse.read

    def noted(publication: Publication, *rest: Any, **named: Any) -> Any:
        asked.append(publication)
        return read(publication, *rest, **named)

    monkeypatch.setattr(warehouse, "read", noted)
    latest = iter([shown])
    monkeypatch.setattr(warehouse, "latest", lambda: next(latest))
    warehouse.cached.clear()
    run(token)
    assert asked and all(publication is shown for publication in asked)


def test_a_page_stays_with_its_publication_until_it_is_loaded_anew(
    run: Callable[..., AppTest], token: str, shown: Publication
) -> None:
    app = run(token)
    # The same snapshot once more: a publication is a row, and only its number is looked at here.
    newer = publish_again(shown)
    try:
        app.run()
        assert f"Publication {shown.id}" in words(app) and "are there: show them" in words(app)
        assert f"Publication {newer}" in words(run(token))
        assert f"Publication {shown.id}" in words(run(token, at=str(shown.id)))
    finally:
        publication.rollback(shown.id)
    text = words(run(token, at=str(newer)))
    assert "is withdrawn, or never was" in text and f"Publication {shown.id}" in text


def publish_again(shown: Publication) -> int:
    record = {name: value for name, value in shown.certificate.items() if name != "sha256"} | {"made_by": "again"}
    return publication.publish(record | {"sha256": publication.seal(record)})


def test_no_folder_of_pages_lies_beside_the_entry() -> None:
    """Streamlit would run its files for an address like /rows, past the sign-in, until the entry has run once."""
    assert not (hub_settings.ROOT / "dashboards" / "pages").exists()


def test_no_message_lacks_its_chinese_text() -> None:
    chinese = i18n.catalogue("zh_Hans")
    assert sorted({message for message, _file in marked()} - chinese.keys()) == []


def test_no_translation_is_left_over_and_each_keeps_its_placeholders() -> None:
    from string import Formatter

    chinese = i18n.catalogue("zh_Hans")
    assert sorted(chinese.keys() - {message for message, _file in marked()}) == []
    for message, translation in chinese.items():
        names = [
            {name for _text, name, _spec, _how in Formatter().parse(text) if name} for text in (message, translation)
        ]
        assert names[0] == names[1], message
