"""Documents a second through the commands: the simulated company's first months, in one process, as `hub demo` lives them.

Counted are dated documents with a number (orders, deliveries, invoices, receipts, entries and so on), each posted with all
that belongs to it; masters, users and lines are not counted.
"""

import secrets
import time
from datetime import date

from operational_app import modules
from operational_app.bench import Result, Say, Size
from operational_app.simulator import company
from operational_app.simulator.people import USERS
from operational_app.simulator.run import Simulation
from operational_app.simulator.story import documents_of

COMPANY = "STORY"
GOAL = 100
LAST_MONTH = date(2026, 7, 1)


def run(size: Size, say: Say) -> list[Result]:
    modules.load()
    months, orders, customers = (1, 5, 5) if size.quick else (6, 110, 70)
    first, last = company.span(months, LAST_MONTH)
    company.found(COMPANY, first, last, {user: secrets.token_urlsafe(9) for user in USERS})
    story = Simulation(COMPANY, 1, first, last, orders_a_month=orders, customer_count=customers)
    say(f"{months} months")
    started = time.perf_counter()
    story.run()
    seconds = time.perf_counter() - started
    documents = documents_of(COMPANY)
    say(f"{documents} documents by {story.commands} commands in {seconds:.1f} s")
    return [
        Result(
            bench="simulator", what="documents through the commands", value=documents / seconds, unit="a second",
            goal=GOAL, load=f"{months} months, {story.commands} commands, one process", samples=documents,
            details={"commands_per_second": story.commands / seconds},
        )
    ]  # fmt: skip
