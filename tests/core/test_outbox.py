"""Webhooks and mails: written with the fact, signed, tried again, sent again on demand; against real servers."""

import hashlib
import hmac
import json
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import pytest

import hub_settings
from operational_app.core import db, outbox
from operational_app.core.errors import InvalidInput, NotPermitted
from tests.conftest import Store


class Receiver(HTTPServer):
    """A system elsewhere: keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answer = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hub"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.answer)
        if self.server.answer == 302:
            self.send_header("Location", self.server.address)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Nothing on the terminal of the tests."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def webhook(store: Store, address: str, event_name: str = "CompanyFounded") -> dict:
    return store.run("administrator", "add_webhook", event_name=event_name, address=address)


def found_company(store: Store, code: str = "NEW") -> None:
    store.run("administrator", "found_company", code=code, name="New", currency="CNY", chart="ifrs")


def make_due(store: Store) -> None:
    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute("UPDATE core.outbox_message SET next_attempt_at = now() - interval '1 second'")


def test_an_event_is_told_once_signed_and_exact(store: Store, receiver: Receiver) -> None:
    made = webhook(store, receiver.address)
    secret = made["shown_once"]["secret"]
    found_company(store)
    assert outbox.send_due() == outbox.Pass(sent=1)
    assert outbox.send_due() == outbox.Pass()
    [(headers, body)] = receiver.received
    said = dict(part.split("=", 1) for part in headers["Hub-Signature"].split(","))
    expected = hmac.new(secret.encode(), said["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert said["v1"] == expected
    told = json.loads(body)
    assert told["event"] == headers["Hub-Event"] == "CompanyFounded"
    assert told["document"] == "company" and told["values"]["chart"] == "ifrs" and told["actor"] == "administrator"
    assert store.rows("SELECT state, attempts, last_error FROM core.outbox_message") == [("sent", 1, None)]


def test_a_refused_command_tells_nobody(store: Store, receiver: Receiver) -> None:
    webhook(store, receiver.address, "*")
    with pytest.raises(Exception, match="fields need attention"):
        store.run("administrator", "found_company", code="NEW", name="New", currency="XXX", chart="ifrs")
    assert store.value("SELECT count(*) FROM core.outbox_message") == 0


def test_what_is_not_taken_is_tried_again_later_and_given_up_at_last(store: Store, receiver: Receiver) -> None:
    webhook(store, receiver.address)
    receiver.answer = 500
    found_company(store)
    assert outbox.send_due() == outbox.Pass(put_off=1)
    assert outbox.send_due() == outbox.Pass(), "not before its time"
    wait = "SELECT next_attempt_at > now() + interval '20 seconds', last_error, state FROM core.outbox_message"
    assert store.rows(wait) == [(True, "HTTP 500", "waiting")]
    receiver.answer = 302
    make_due(store)
    assert outbox.send_due() == outbox.Pass(put_off=1), "a redirect is not followed"
    assert len(receiver.received) == 2
    with psycopg.connect(hub_settings.database_url(None)) as connection:
        connection.execute("UPDATE core.outbox_message SET attempts = %s", (outbox.MOST_ATTEMPTS - 1,))
    make_due(store)
    assert outbox.send_due() == outbox.Pass(failed=1)
    failed = {"document": "outbox_message", "id": store.value("SELECT id FROM core.outbox_message")}
    receiver.answer = 200
    with pytest.raises(NotPermitted):
        store.on("sales", "replay_message", failed)
    store.on("administrator", "replay_message", failed)
    assert outbox.send_due() == outbox.Pass(sent=1)
    first, last = receiver.received[0], receiver.received[-1]
    assert first[1] == last[1] and first[0]["Hub-Delivery"] == last[0]["Hub-Delivery"]


def test_nobody_there_is_a_reason_and_no_failure_of_ours(store: Store) -> None:
    webhook(store, "http://127.0.0.1:9/closed")
    found_company(store)
    assert outbox.send_due() == outbox.Pass(put_off=1)
    assert "refused" in store.value("SELECT last_error FROM core.outbox_message")


def test_waits_double_up_to_six_hours() -> None:
    assert outbox.wait_after(1) == timedelta(seconds=30)
    assert outbox.wait_after(3) == timedelta(minutes=2)
    assert outbox.wait_after(12) == timedelta(hours=6)


def test_a_paused_webhook_is_told_of_nothing_and_only_events_that_exist_can_be_asked_for(
    store: Store, receiver: Receiver
) -> None:
    made = webhook(store, receiver.address)
    store.on("administrator", "pause_webhook", made)
    found_company(store)
    assert outbox.send_due() == outbox.Pass()
    store.on("administrator", "resume_webhook", made)
    found_company(store, "NEWER")
    assert outbox.send_due() == outbox.Pass(sent=1)
    with pytest.raises(InvalidInput):
        webhook(store, receiver.address, "Nothing")
    with pytest.raises(InvalidInput):
        webhook(store, "file:///etc/passwd")
    with pytest.raises(NotPermitted):
        store.run("sales", "add_webhook", event_name="*", address=receiver.address)


def test_the_key_of_a_webhook_is_in_no_log_and_hidden_from_the_sync(store: Store, receiver: Receiver) -> None:
    secret = webhook(store, receiver.address)["shown_once"]["secret"]
    for table in ("change_log", "idempotency_key"):
        assert store.value(f"SELECT count(*) FROM core.{table} t WHERE t::text LIKE %s", f"%{secret}%") == 0
    readable = "SELECT has_column_privilege('hub_sync', 'core.webhook', %s, 'SELECT')"
    assert store.value(readable, "address") is True and store.value(readable, "secret") is False
    assert store.value("SELECT has_column_privilege('hub_sync', 'core.api_token', 'token_hash', 'SELECT')") is False


def test_two_senders_never_send_the_same_message(store: Store, receiver: Receiver) -> None:
    webhook(store, receiver.address)
    for number in range(6):
        found_company(store, f"C{number}")
    passes: list[outbox.Pass] = []
    senders = [threading.Thread(target=lambda: passes.append(outbox.send_due())) for _number in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(30)
    assert sum(one.sent for one in passes) == 6
    assert len({headers["Hub-Delivery"] for headers, _body in receiver.received}) == len(receiver.received) == 6


class Mailbox(socketserver.StreamRequestHandler):
    """As much of a mail server as a client needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        data = False
        for line in self.rfile:
            if data:
                self.server.lines.append(line.decode().rstrip())  # type: ignore[attr-defined]
                data = line != b".\r\n"
                if not data:
                    self.wfile.write(b"250 taken\r\n")
                continue
            verb = line[:4].upper()
            data = verb == b"DATA"
            self.wfile.write({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))
            if verb == b"QUIT":
                return


def test_a_mail_goes_to_the_mail_server_and_waits_where_there_is_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from operational_app.core import db, policy
    from operational_app.core.command import Work

    with db.transaction(actor="test", command="test") as session:
        principal = policy.load_principal(session, store.users["sales"])
        assert principal is not None
        Work(session, principal, None, "test").mail("lily@example.org", "Invoice 报价", "Dear Lily")
    assert outbox.send_due() == outbox.Pass(put_off=1)
    assert "HUB_SMTP_URL" in store.value("SELECT last_error FROM core.outbox_message")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.lines = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setenv("HUB_SMTP_URL", f"smtp://127.0.0.1:{server.server_address[1]}")
        make_due(store)
        assert outbox.send_due() == outbox.Pass(sent=1)
        server.shutdown()
        assert "To: lily@example.org" in server.lines and "Dear Lily" in server.lines  # type: ignore[attr-defined]


def test_the_sender_follows_what_happens_and_stops_when_asked(store: Store, receiver: Receiver) -> None:
    """The program that `hub serve` runs: sends soon after the commit, and a stop leaves nothing half sent."""
    program = subprocess.Popen([sys.executable, "-m", "operational_app.cli", "outbox", "follow"], cwd=hub_settings.ROOT)
    try:
        webhook(store, receiver.address)
        for code in ("ONE", "TWO"):
            found_company(store, code)
            end = time.monotonic() + 30
            while store.value("SELECT count(*) FROM core.outbox_message WHERE state = 'waiting'"):
                assert time.monotonic() < end
                time.sleep(0.1)
        assert len(receiver.received) == 2
        store.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'hub_app' "
            "AND datname = current_database()"
        )
        db.engine().dispose()
        found_company(store, "THREE")
        end = time.monotonic() + 30
        while len(receiver.received) < 3:
            assert time.monotonic() < end and program.poll() is None
            time.sleep(0.1)
    finally:
        program.terminate()
    assert program.wait(60) == 0
