"""Lists and document pages with a million documents and ten users who click, through the app as `hub serve` runs it.

Each user has a session of its own, opens a page, looks at it for half a second to one and a half, and opens the next: lists by
newest, by state, by day, by amount, a search by number and one everywhere by a part of it, and documents with their
lines and chain. Measured is what the user waits for: from sending the request to the last byte of the page.
"""

import http.client
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import select, text

from operational_app import modules
from operational_app.bench import Result, Say, Size, percentile, settle
from operational_app.core import db, identity
from operational_app.core.execute import execute
from operational_app.core.models import AppUser
from operational_app.core.reference_data import OPERATOR
from operational_app.simulator import bulk
from operational_app.web import server
from operational_app.web.visitor import COOKIE

COMPANY = "PAGES"
GOAL_MS = 150
FIRST, LAST = date(2024, 1, 1), date(2026, 6, 30)
LISTS = {
    "list, newest": "/erp/sales_orders",
    "list, one state": "/finance/sales_invoices?state=open",
    "list, by day": "/erp/deliveries?sort=-business_date",
    "list, by amount": "/finance/sales_invoices?sort=-total_amount",
    "list, a month": "/erp/sales_orders?business_date_from=2025-03-01&business_date_to=2025-03-31",
    "list, of a customer": "/finance/sales_invoices?customer_id={customer}",
    "search by number": "/erp/sales_orders?q={number}",
    "search everywhere": "/search?q={part}",
    "document, order": "/erp/sales_orders/{order}",
    "document, invoice": "/finance/sales_invoices/{invoice}",
    "document, journal entry": "/finance/journal_entries/{entry}",
    "home": "/",
}
SOME = """
SELECT o.id AS order, o.number, right(o.number, 5) AS part, o.customer_id AS customer, i.id AS invoice, e.id AS entry
FROM erp.sales_order o JOIN core.company c ON c.id = o.company_id AND c.code = :company
JOIN erp.delivery d ON d.sales_order_id = o.id
JOIN core.document_link l ON l.from_type = 'delivery' AND l.from_id = d.id AND l.to_type = 'sales_invoice'
JOIN finance.sales_invoice i ON i.id = l.to_id
JOIN finance.journal_entry e ON e.document_type = 'sales_invoice' AND e.document_id = i.id
WHERE o.id BETWEEN :low AND :low + 200 LIMIT 1
"""


def run(size: Size, say: Say) -> list[Result]:
    users, seconds = (2, 3) if size.quick else (10, 60)
    modules.load()
    say(f"{size.documents} documents")
    written = bulk.write_documents(
        COMPANY, size.documents, FIRST, LAST, tick=lambda done, total: say(f"{done} of {total} documents")
    )
    settle()
    cookies = [_signed_in(number) for number in range(users)]
    examples = _examples()
    with _served() as port:
        # Every process has met every kind of page before the clock starts.
        for _turn in range(1 if size.quick else 3 * server.workers()):
            for kind, path in LISTS.items():
                _visit(port, cookies[0], path.format(**examples[0]), kind)
        with ThreadPoolExecutor(users) as pool:
            visits = pool.map(lambda n: _user(port, cookies[n], examples, seconds, n), range(users))
            waits = [wait for found in visits for wait in found]
    load = (
        f"{written} documents, {users} users, {server.workers()} processes, {len(waits) / seconds:.1f} pages a second"
    )
    found = []
    for what in ("all pages", *LISTS):
        mine = [ms for kind, ms in waits if what in ("all pages", kind)]
        if mine:
            details = {"median_ms": percentile(mine, 0.5), "worst_ms": max(mine)}
            p95 = percentile(mine, 0.95)
            found.append(
                Result(
                    bench="pages", what=f"{what}, p95", value=p95, unit="ms", goal=GOAL_MS, load=load,
                    samples=len(mine), details=details,
                )
            )  # fmt: skip
            say(f"{what}: p95 {p95:.0f} ms, median {details['median_ms']:.0f} ms of {len(mine)}")
    return found


def _signed_in(number: int) -> str:
    """A user with a session; the roles of a sales clerk and an accountant. Returns the cookie."""
    with db.reading() as session:
        operator = session.scalars(select(AppUser.id).where(AppUser.username == OPERATOR)).one()
    body: dict[str, Any] = {
        "username": f"bench{number}",
        "name": f"Bench {number}",
        "password": "as long as a sentence",
    }
    made = execute(operator, "add_user", body, f"bench user {number}")
    for role in ("sales", "warehouse", "accountant"):
        body = {"id": made["id"], "version": made["version"], "role": role}
        made = execute(operator, "give_role", body, f"bench role {role} {number}")
    with db.transaction(actor=OPERATOR, command="bench") as session:
        return identity.start_session(session, session.get_one(AppUser, made["id"]))


def _examples() -> list[dict[str, Any]]:
    """Documents to look at, from all over the company's time."""
    with db.reading() as session:
        low, high = session.execute(text("SELECT min(id), max(id) FROM erp.sales_order")).one()
        rows = [
            session.execute(text(SOME), {"company": COMPANY, "low": low + (high - low) * n // 40}).one_or_none()
            for n in range(39)
        ]
    return [dict(row._mapping) for row in rows if row is not None]


@contextmanager
def _served() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    log = subprocess.DEVNULL
    with subprocess.Popen(server.command_line(port), stdout=log, stderr=log, start_new_session=True) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _get(port, "", "/health")
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the app did not start")


def _user(port: int, cookie: str, examples: list[dict[str, Any]], seconds: float, seed: int) -> list[tuple[str, float]]:
    """One user clicking for so long: kind of page and milliseconds waited."""
    chance, waits, end = random.Random(seed), [], time.monotonic() + seconds
    kinds = list(LISTS)
    while time.monotonic() < end:
        kind = chance.choice(kinds)
        waits.append((kind, _visit(port, cookie, LISTS[kind].format(**chance.choice(examples)), kind)))
        time.sleep(chance.uniform(0.5, 1.5))
    return waits


def _visit(port: int, cookie: str, path: str, kind: str) -> float:
    started = time.perf_counter()
    status, body = _get(port, cookie, path)
    waited = (time.perf_counter() - started) * 1000
    if status != 200 or len(body) < 1000:
        raise RuntimeError(f"{kind}: {path} answered {status} with {len(body)} bytes")
    return waited


def _get(port: int, cookie: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("localhost", port, timeout=60)
    try:
        connection.request("GET", path, headers={"cookie": f"{COOKIE}={cookie}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
