"""Posting a sales invoice of three lines, against the same SQL sent by the driver alone; 1 and 4 processes.

Document, lines, ledger, chain, event, idempotency key and change log, with all constraints and triggers, in one transaction
an invoice, durable when acknowledged. Ours is the command `invoice_delivery` through the edge, as page and API call it;
the floor is the same statements with other numbers (tape.py). Both take turns, so that a busy machine is busy for both.
"""

import multiprocessing
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg
from sqlalchemy import create_engine, select, text

import hub_settings
from operational_app import modules
from operational_app.bench import Result, Say, Size
from operational_app.bench.tape import RecordingCursor, play, recording, spread_ids
from operational_app.core import db
from operational_app.core.execute import execute
from operational_app.core.models import AppUser
from operational_app.simulator import bulk

COMPANY = "POSTING"
GOAL = 0.35
DAY = date(2026, 6, 30)
TABLES = (
    "erp.sales_order", "erp.sales_order_line", "erp.delivery", "erp.delivery_line", "erp.stock_move",
    "finance.sales_invoice", "finance.sales_invoice_line", "finance.journal_entry", "finance.journal_line", "core.event",
)  # fmt: skip
WARM_UP = 6
INPUTS = """
SELECT d.id, array_agg(l.id ORDER BY l.id) AS lines, d.sales_order_id, array_agg(l.sales_order_line_id ORDER BY l.id)
FROM erp.delivery d JOIN erp.delivery_line l ON l.delivery_id = d.id JOIN core.company c ON c.id = d.company_id
WHERE c.code = :company AND d.state = 'shipped' GROUP BY d.id ORDER BY d.id
"""

DONE = """
SELECT count(*) FROM finance.sales_invoice i JOIN core.company c ON c.id = i.company_id AND c.code = :company
JOIN finance.journal_entry e ON e.document_type = 'sales_invoice' AND e.document_id = i.id
JOIN erp.delivery d ON d.company_id = c.id AND d.state = 'invoiced'
JOIN core.document_link l ON l.from_type = 'delivery' AND l.from_id = d.id AND l.to_type = 'sales_invoice' AND l.to_id = i.id
WHERE (SELECT count(*) FROM finance.sales_invoice_line n WHERE n.sales_invoice_id = i.id) = 3
  AND (SELECT count(*) FROM finance.journal_line n WHERE n.journal_entry_id = e.id) = e.line_count
"""

# A delivery to be invoiced: its row, its lines, its order, the order's lines.
Delivered = tuple[int, list[int], int, list[int]]


def run(size: Size, say: Say) -> list[Result]:
    rounds, each = (2, 3) if size.quick else (8, 25)
    counts = (1, 2) if size.quick else (1, 4)
    needed = sum(count * (WARM_UP + 2 * rounds * each) for count in counts)
    say(f"{needed} deliveries to be invoiced")
    spread_ids(TABLES)
    bulk.write_documents(COMPANY, needed * 3, date(2026, 1, 1), date(2026, 6, 20), invoiced=False, basket=(5, 5, 5))
    with db.reading() as session:
        waiting = [tuple(row) for row in session.execute(text(INPUTS), {"company": COMPANY})]
    found = [_measure(waiting, count, rounds, each, say) for count in counts]
    _require_done(needed)
    return found


def _require_done(needed: int) -> None:
    """Both ways must have done the work: an invoice in the books for each delivery, by the command or by the floor."""
    with db.reading() as session:
        done = session.scalar(text(DONE), {"company": COMPANY})
    if done != needed:
        raise RuntimeError(f"{done} of {needed} invoices are in the books: the bench has measured something else")


def _measure(waiting: list[Any], processes: int, rounds: int, each: int, say: Say) -> Result:
    """Let so many processes work, each on deliveries of its own, ours and the floor by turns."""
    share = WARM_UP + 2 * rounds * each
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(processes), context.Queue()
    workers = []
    for _number in range(processes):
        mine, waiting[:share] = waiting[:share], []
        workers.append(context.Process(target=_work, args=(mine, rounds, each, barrier, answers)))
    for worker in workers:
        worker.start()
    found = []
    while len(found) < processes:
        if any(worker.exitcode for worker in workers):
            raise RuntimeError("a process of the bench failed; its error stands above")
        if not answers.empty():
            found.append(answers.get())
        time.sleep(0.05)
    for worker in workers:
        worker.join()
    # Together they have done a turn when the slowest has.
    seconds = [[max(times) for times in zip(*(f[kind] for f in found), strict=True)] for kind in ("ours", "floor")]
    invoices = processes * rounds * each
    ours, floor = (invoices / sum(turns) for turns in seconds)
    statements = found[0]["statements"]
    say(f"{processes} processes: {ours:.0f} invoices a second, floor {floor:.0f}, ratio {ours / floor:.2f}")
    return Result(
        bench="posting",
        what=f"3-line sales invoice, {processes} processes",
        value=ours / floor,
        unit="ratio",
        goal=GOAL,
        load=f"{processes} processes, {invoices} invoices each way in {rounds} turns, {statements} statements an invoice; "
        f"{ours:.0f} a second, floor {floor:.0f} a second",
        samples=2 * invoices,
        details={"per_second": ours, "floor_per_second": floor, "statements": statements},
    )


def _work(mine: Sequence[Delivered], rounds: int, each: int, barrier: Any, answers: Any) -> None:
    """One process: warm up, record a tape, then turns of commands and of the floor."""
    modules.load()
    engine = create_engine(
        hub_settings.sqlalchemy_url("hub_app"), connect_args={"cursor_factory": RecordingCursor, "prepare_threshold": 2}
    )
    with db.reading() as session:
        user_id = session.scalars(select(AppUser.id).where(AppUser.username == bulk.USER)).one()
    left = iter(mine)
    for number in range(WARM_UP - 1):
        # Both engines learn the reference data: the tape is of a command as it runs all day.
        _invoice(user_id, next(left), engine if number % 2 else None)
    recorded = next(left)
    with recording() as tape:
        _invoice(user_id, recorded, engine)
    engine.dispose()
    times: dict[str, Any] = {"ours": [], "floor": [], "statements": len(tape)}
    with psycopg.connect(hub_settings.database_url("hub_app", "store"), prepare_threshold=2) as connection:
        connection.prepared_max = 1000
        for _turn in range(rounds):
            for kind in ("ours", "floor"):
                turn = [next(left) for _number in range(each)]
                barrier.wait()
                started = time.perf_counter()
                for delivered in turn:
                    if kind == "ours":
                        _invoice(user_id, delivered, None)
                    else:
                        play(connection, tape, _given(recorded, delivered))
                times[kind].append(time.perf_counter() - started)
    answers.put(times)


def _key(delivered: Delivered) -> str:
    return f"bench {delivered[0]}"


def _invoice(user_id: int, delivered: Delivered, bind: Any) -> None:
    body = {"id": delivered[0], "version": 1, "business_date": DAY.isoformat()}
    execute(user_id, "invoice_delivery", body, _key(delivered), bind=bind)


def _given(recorded: Delivered, delivered: Delivered) -> dict[Any, Any]:
    """What was handed in when the tape was recorded → what stands in its place for another delivery."""
    return {
        recorded[0]: delivered[0],
        recorded[2]: delivered[2],
        **dict(zip(recorded[1], delivered[1], strict=True)),
        **dict(zip(recorded[3], delivered[3], strict=True)),
        _key(recorded): _key(delivered),
    }
