"""The trial balance of a hundred thousand journal entries, as the report asks for it: a year out of two and a half."""

import time
from datetime import date

from sqlalchemy import select, text

from operational_app.bench import Result, Say, Size, percentile, settle
from operational_app.core import db
from operational_app.core.models import Company
from operational_app.finance.ledger.queries import trial_balance
from operational_app.simulator import bulk

COMPANY = "BALANCE"
GOAL_MS = 100
FIRST, LAST = date(2024, 1, 1), date(2026, 6, 30)


def run(size: Size, say: Say) -> list[Result]:
    entries = 300 if size.quick else 100_000
    # Three of the seven documents of a chain are entries, but chains at the end are not paid yet.
    bulk.write_documents(COMPANY, entries * 73 // 30, FIRST, LAST)
    settle()
    times: list[float] = []
    with db.reading() as session:
        company_id = session.scalars(select(Company.id).where(Company.code == COMPANY)).one()
        counted = session.execute(
            text("SELECT count(*), sum(line_count) FROM finance.journal_entry WHERE company_id = :c"), {"c": company_id}
        ).one()
        for _number in range(3 if size.quick else 21):
            started = time.perf_counter()
            rows = trial_balance(session, company_id, date(2025, 1, 1), date(2025, 12, 31))
            times.append((time.perf_counter() - started) * 1000)
    if sum(row.balance for row in rows) or not rows:
        raise RuntimeError("the trial balance that was measured does not balance")
    median = percentile(times[1:], 0.5)
    say(f"{counted[0]} entries, {counted[1]} lines: median {median:.0f} ms, worst {max(times):.0f} ms")
    return [
        Result(
            bench="trial-balance", what="trial balance, median", value=median, unit="ms", goal=GOAL_MS,
            load=f"{counted[0]} entries, {counted[1]} lines, one reader", samples=len(times) - 1,
            details={"p95_ms": percentile(times, 0.95)},
        )
    ]  # fmt: skip
