"""Sessions end: by age, by absence, and by their owner from another browser; nobody ends another's."""

import psycopg
from fastapi import FastAPI

import hub_settings
from tests.conftest import PASSWORD, Store
from tests.web.conftest import People, Person


def change(sql: str) -> None:
    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute(sql)


def handles(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="handle" value="')[1:]]


def test_one_ends_a_forgotten_session_and_the_others_at_once(app: FastAPI, store: Store, people: People) -> None:
    here, office, cafe = Person(app, "sales"), Person(app, "sales"), Person(app, "sales")
    buyer = people["buyer"]
    page = here.get("/sessions")
    assert page.status_code == 200 and page.text.count("this one") == 1 and len(handles(page.text)) == 2
    assert store.value("SELECT token_hash FROM core.user_session LIMIT 1") not in page.text
    for handle in handles(page.text):
        buyer.send("/sessions/end", handle=handle)
    assert office.get("/api/session").status_code == 200, "they are not the buyer's to end"
    here.send("/sessions/end", handle=handles(page.text)[0])
    assert sorted(one.get("/api/session").status_code for one in (here, office, cafe)) == [200, 200, 401]
    here.send("/sessions/end")
    assert [one.get("/api/session").status_code for one in (here, office, cafe)] == [200, 401, 401]
    assert buyer.get("/api/session").status_code == 200


def test_a_session_ends_by_age_and_by_absence_and_is_cleared_at_the_next_sign_in(app: FastAPI, store: Store) -> None:
    person = Person(app, "sales")
    change("UPDATE core.user_session SET last_seen_at = now() - interval '119 minutes'")
    assert person.get("/notifications/bell").status_code == 200
    assert store.value("SELECT last_seen_at < now() - interval '100 minutes' FROM core.user_session"), (
        "nobody was there"
    )
    assert person.browser.get("/erp/items", headers={"hub-by-itself": "1"}).status_code == 200
    assert store.value("SELECT last_seen_at < now() - interval '100 minutes' FROM core.user_session")
    assert person.get("/").status_code == 200
    assert store.value("SELECT last_seen_at > now() - interval '1 minute' FROM core.user_session")
    change("UPDATE core.user_session SET last_seen_at = now() - interval '121 minutes'")
    assert person.get("/api/session").status_code == 401
    old = Person(app, "sales")
    assert store.value("SELECT count(*) FROM core.user_session") == 1, "the one that is over is gone"
    change("UPDATE core.user_session SET expires_at = now()")
    assert old.get("/api/session").status_code == 401


def test_a_browser_is_called_by_what_people_know(app: FastAPI, store: Store) -> None:
    from operational_app.web.routes.sessions import device

    person = Person(app, "sales")
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0"
    person.browser.post(
        "/sign-in", data={"username": "sales", "password": PASSWORD}, headers={"user-agent": agent + "<script>"}
    )
    page = person.get("/sessions").text
    assert "Edge, Windows" in page and '<script>"' not in page and "&lt;script&gt;" in page
    assert (
        device("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1") == "Safari, iPhone"
    )
    assert device("curl/8.5") == "curl/8.5"
