"""Comments and files on documents, and who is told of them."""

import errno
import hashlib
import os

import pytest

from operational_app.core import files
from tests.conftest import PASSWORD, Store
from tests.web.conftest import People, Person, order_body
from tests.web.test_api import problem


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch: pytest.MonkeyPatch):
    """Files of a test lie in a folder of its own."""
    monkeypatch.setattr(files, "folder", lambda: tmp_path / "files")
    return tmp_path


@pytest.fixture
def order(people: People, shop: dict) -> dict:
    return people["sales"].command("erp", "enter_sales_order", **order_body(shop)).json()


def about(order: dict) -> dict:
    return {"document_type": "sales_order", "document_id": order["id"]}


def upload(person: Person, content: bytes) -> dict:
    answer = person.browser.post("/api/files", content=content, headers={"X-CSRF-Token": person.csrf})
    assert answer.status_code == 200, answer.text
    return answer.json()


def attach(person: Person, order: dict, content: bytes, name: str = "offer.pdf") -> dict:
    ticket = upload(person, content)["upload"]
    answer = person.command("core", "attach_file", **about(order), file_name=name, upload=ticket)
    assert answer.status_code == 200, answer.text
    return answer.json()["details"]


def test_a_comment_stands_on_the_page_in_the_api_and_stays(people: People, store: Store, order: dict) -> None:
    sent = people["manager"].send(
        "/do/comment_on_document",
        **{k: str(v) for k, v in about(order).items()},
        text="Ship <b>today</b>\nplease",
        key="c",
    )
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/erp/sales_orders/{order['id']}?done=comment_on_document"
    page = people["sales"].get(f"/erp/sales_orders/{order['id']}").text
    assert "Ship &lt;b&gt;today&lt;/b&gt;" in page
    seen = people["sales"].get(f"/api/erp/sales_orders/{order['id']}").json()
    assert [(c["author"], c["text"]) for c in seen["comments"]] == [("Manager", "Ship <b>today</b>\nplease")]
    import psycopg

    import hub_settings

    with (
        psycopg.connect(hub_settings.database_url(None)) as connection,
        pytest.raises(psycopg.Error, match="immutable"),
    ):
        connection.execute("UPDATE core.comment SET text = 'never said'")


def test_who_may_not_read_the_document_neither_reads_nor_writes_about_it(people: People, order: dict) -> None:
    people["sales"].command("core", "comment_on_document", **about(order), text="secret plan")
    brought = attach(people["sales"], order, b"secret")
    problem(people["hr"].command("core", "comment_on_document", **about(order), text="hi"), 403)
    ticket = upload(people["hr"], b"x")["upload"]
    problem(people["hr"].command("core", "attach_file", **about(order), file_name="x", upload=ticket), 403)
    for address in ("/api/core/comments", "/api/core/attachments"):
        assert people["hr"].get(address).json()["items"] == []
        assert len(people["sales"].get(address).json()["items"]) == 1
    problem(people["hr"].get(f"/api/files/{brought['attachment_id']}"), 404)
    assert people["hr"].get(f"/files/{brought['attachment_id']}").status_code == 404
    nothing = {"document_type": "sales_order", "document_id": 999}
    problem(people["sales"].command("core", "comment_on_document", **nothing, text="x"), 404)
    for kind in ("nothing", "api_token", "comment", "notification"):
        problem(
            people["sales"].command("core", "comment_on_document", document_type=kind, document_id=1, text="x"), 422
        )


def test_remarks_of_another_company_are_hidden(people: People, store: Store, order: dict) -> None:
    store.run("operator", "found_company", code="OTHER", name="Other Ltd", currency="CNY", chart="cas")
    guest = store.run("operator", "add_user", username="guest", name="Guest", password=PASSWORD)
    company = store.value("SELECT id FROM core.company WHERE code = 'OTHER'")
    store.on("operator", "give_role", guest, role="sales", company_id=company)
    people["sales"].command("core", "comment_on_document", **about(order), text="see @guest")
    brought = attach(people["sales"], order, b"x")
    assert people["guest"].get("/api/core/comments").json()["items"] == []
    problem(people["guest"].get(f"/api/files/{brought['attachment_id']}"), 404)
    problem(people["guest"].command("core", "comment_on_document", **about(order), text="hi"), 404)
    assert store.value("SELECT count(*) FROM core.notification") == 0, "told of what they may not see"
    # A right in one company is enough to use what is one's own.
    made = people["guest"].command("core", "make_api_token", name="mine", permissions="read sales_order")
    assert made.status_code == 200, made.text


def test_a_file_goes_in_by_the_page_and_comes_out_as_it_was(people: People, store: Store, order: dict) -> None:
    sales, content = people["sales"], os.urandom(300_000)
    sent = sales.browser.post(
        "/attach",
        data={"csrf": sales.csrf, "key": "f", "document_type": "sales_order", "document_id": str(order["id"])},
        files={"file": ("../../Angebot \u202e Müller 报价.html", content)},
    )
    assert sent.status_code == 303, sent.text
    item = sales.get(f"/api/erp/sales_orders/{order['id']}").json()["files"][0]
    assert item["file_name"] == "Angebot  Müller 报价.html" and item["size"] == 300_000
    assert item["content_hash"] == hashlib.sha256(content).hexdigest()
    assert "报价.html" in sales.get(f"/erp/sales_orders/{order['id']}").text
    for address in (f"/files/{item['id']}", item["content"]):
        answer = sales.get(address)
        assert answer.content == content
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Angebot")
        assert answer.headers["x-content-type-options"] == "nosniff"
    without = sales.browser.post(
        "/attach", data={"document_type": "sales_order", "document_id": "1"}, files={"file": ("a", b"a")}
    )
    assert without.status_code == 403, "without the token of the session"


def test_the_same_content_lies_there_once_and_each_document_has_its_own_file(people: People, order: dict, home) -> None:
    attach(people["sales"], order, b"terms", "a.txt")
    attach(people["manager"], order, b"terms", "b.txt")
    kept = [path for path in (home / "files").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [hashlib.sha256(b"terms").hexdigest()]
    assert kept[0].parent.name == kept[0].name[:2]


def test_a_ticket_is_good_for_its_uploader_only(people: People, order: dict) -> None:
    ticket = upload(people["sales"], b"salaries")["upload"]
    for stolen in (ticket, ticket.replace(".8.", ".9."), "x", hashlib.sha256(b"salaries").hexdigest()):
        body = problem(
            people["manager"].command("core", "attach_file", **about(order), file_name="x", upload=stolen), 422
        )
        assert "upload" in body["fields"]


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(people: People, order: dict, home) -> None:
    sales = people["sales"]
    large = b"x" * (files.MOST_BYTES + 1)
    problem(sales.browser.post("/api/files", content=large, headers={"X-CSRF-Token": sales.csrf}), 413)
    page = sales.browser.post(
        "/attach",
        data={"csrf": sales.csrf, "key": "f", "document_type": "sales_order", "document_id": str(order["id"])},
        files={"file": ("big", large)},
    )
    assert page.status_code == 413 and "20 MB" in page.text
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_a_full_disk_is_a_clear_sentence_and_nothing_is_lost(
    people: People, store: Store, order: dict, home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    attach(people["sales"], order, b"earlier")
    monkeypatch.setattr(files.os, "fsync", full)
    sales = people["sales"]
    body = problem(sales.browser.post("/api/files", content=b"new", headers={"X-CSRF-Token": sales.csrf}), 507)
    assert "No space left on device" in body["detail"]
    page = sales.browser.post(
        "/attach",
        data={"csrf": sales.csrf, "key": "f", "document_type": "sales_order", "document_id": str(order["id"])},
        files={"file": ("new", b"new")},
    )
    assert page.status_code == 507 and "No space left on device" in page.text
    assert len([path for path in home.rglob("*") if path.is_file()]) == 1
    assert store.value("SELECT count(*) FROM core.attachment") == 1


def test_content_that_is_gone_from_the_disk_is_said_to_be_gone(people: People, order: dict, home) -> None:
    brought = attach(people["sales"], order, b"precious")
    for path in (home / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    body = problem(people["sales"].get(f"/api/files/{brought['attachment_id']}"), 404)
    assert "backup" in body["detail"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\tmp\\a.txt", "a.txt"),
        ("/etc/passwd", "passwd"),
        ("..", None),
        ("a\x00b\n.txt", "ab.txt"),
        (".htaccess", "htaccess"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("   ", None),
    ],
)
def test_file_names_keep_nothing_that_could_do_harm(given: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(files.InvalidInput):
            files.plain_name(given)
    else:
        assert files.plain_name(given) == kept


def test_who_entered_it_and_who_is_mentioned_are_told_and_take_note(people: People, store: Store, order: dict) -> None:
    people["manager"].command(
        "core",
        "comment_on_document",
        **about(order),
        text="Ask @warehouse, not @hr or x@accountant.example, @nobody @manager",
    )
    told = store.rows(
        "SELECT u.username FROM core.notification n JOIN core.app_user u ON u.id = n.user_id ORDER BY u.username"
    )
    assert told == [("sales",), ("warehouse",)], "hr may not read the order"
    sales = people["sales"]
    page = sales.get("/notifications").text
    assert "Manager comments on what you entered: Ask @warehouse" in page and order["number"] in page
    assert "1 unread" in sales.get("/").text and "1 unread" in sales.get("/notifications/bell").text
    assert "Manager mentions you" in people["warehouse"].get("/notifications").text
    item = sales.get("/api/core/notifications").json()["items"][0]
    problem(people["warehouse"].command("core", "mark_as_read", id=item["id"], version=item["version"]), 404)
    done = sales.send("/notifications/read", id=str(item["id"]), version=str(item["version"]), key="n")
    assert done.status_code == 303 and "0 unread" in sales.get("/").text
    sales.send("/language", language="zh_Hans")
    assert "Manager 评论了您录入的单据" in sales.get("/notifications").text
    people["sales"].command("core", "comment_on_document", **about(order), text="talking to myself")
    assert store.value("SELECT count(*) FROM core.notification") == 2


def test_everything_can_be_taken_note_of_at_once(people: People, store: Store, order: dict) -> None:
    for number in range(3):
        people["manager"].command("core", "comment_on_document", **about(order), text=f"{number}")
    assert people["sales"].send("/notifications/read", key="all").status_code == 303
    assert store.value("SELECT count(*) FROM core.notification WHERE read_at IS NULL") == 0
    assert people["sales"].send("/notifications/read", key="again").status_code == 404


def test_a_page_that_asks_for_news_does_not_keep_a_session_alive(people: People, store: Store) -> None:
    import psycopg

    import hub_settings

    sales = people["sales"]
    sales.get("/")
    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute("UPDATE core.user_session SET last_seen_at = now() - interval '90 minutes'")
    assert sales.get("/notifications/bell").status_code == 200
    assert store.value("SELECT min(last_seen_at) < now() - interval '89 minutes' FROM core.user_session") is True
    sales.get("/")
    assert store.value("SELECT max(last_seen_at) > now() - interval '1 minute' FROM core.user_session") is True
