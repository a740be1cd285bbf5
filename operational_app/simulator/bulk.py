"""The bulk writer: chains of order, delivery, invoice and receipt by the hundred thousand, for benchmark sizes.

It writes rows where the simulation runs commands, by COPY into the real tables, as the app's own role: with every
constraint, with the triggers that balance entries, keep closed periods closed and write the change log, with gapless
numbers out of the counters, and under a seal of the audit trail. So `hub verify` holds on its output as on any other.
Each batch is one transaction that leaves stock, ledger and sub-ledgers equal.

What it leaves out: events and idempotency keys, for nobody asked for these documents one by one; and chance in prices
and costs, which keeps the moving average where the first stock put it.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from operational_app.core import db
from operational_app.core.execute import execute
from operational_app.core.models import AppUser, Company, Period
from operational_app.core.reference_data import OPERATOR
from operational_app.erp.inventory.models import ItemValuation
from operational_app.finance.ledger.models import PostingAccount
from operational_app.simulator import company, world
from operational_app.simulator.bulk_rows import Book, Chain, Item, Stage
from operational_app.simulator.copying import cents, write

# Documents of a chain: order, delivery, invoice, receipt, and the entries of the last three.
DOCUMENTS_A_CHAIN = 7
# Who enters them.
USER = "bulk"
CHAINS_A_BATCH = 2000
MOST_CUSTOMERS = 400
FIRST_STOCK = "100000000"
# Chains later than this before the end are still on their way: delivered and not invoiced, or not paid.
DAYS_TO_PAY = 30

Tick = Callable[[int, int], None]


def write_documents(
    code: str,
    documents: int,
    first: date,
    last: date,
    *,
    seed: int = 1,
    invoiced: bool = True,
    basket: tuple[int, ...] = (),
    bind: Engine | None = None,
    tick: Tick = lambda _done, _total: None,
) -> int:
    """Write about so many documents into a company, which is founded where it is missing; returns how many.

    Args:
        first, last: days that the chains are spread over; their years are opened.
        invoiced: False lets every chain end with its delivery, for who wants to invoice them.
        basket: quantities of the first items that every order is for; empty: chance.
    """
    each = DOCUMENTS_A_CHAIN if invoiced else 3
    chains = max(1, documents // each)
    stage = furnish(code, first, last, min(MOST_CUSTOMERS, 5 + chains // 10), bind)
    random, written = Random(seed), 0
    for start in range(0, chains, CHAINS_A_BATCH):
        batch = list(_chains(random, stage, first, last, range(start, min(start + CHAINS_A_BATCH, chains)), chains))
        for chain in batch:
            if not invoiced:
                chain.invoiced = chain.paid = None
            if basket:
                chain.lines = list(zip(stage.items, basket, strict=False))
        with db.transaction(actor=OPERATOR, command="bulk_write", bind=bind) as session:
            written += _write_batch(session, stage, batch)
        if start // CHAINS_A_BATCH % 20 == 19:
            _seal(bind)
        tick(written, chains * each)
    _seal(bind)
    return written


def furnish(code: str, first: date, last: date, customers: int, bind: Engine | None = None) -> Stage:
    """Found the company with items, customers and a first stock, through the commands; safe to run again."""
    with db.reading(bind) as session:
        operator = session.scalars(select(AppUser.id).where(AppUser.username == OPERATOR)).one()
        user = session.scalars(select(AppUser).where(AppUser.username == USER)).one_or_none()

    def run(name: str, body: dict[str, Any], key: str, who: int = operator) -> dict[str, Any]:
        return execute(who, name, body, f"bulk {code} {key}", bind=bind)

    if not company.exists(code, bind):
        run("found_company", {"code": code, "name": f"{code} Ltd", "currency": "CNY", "chart": "cas"}, "found")
    for year in range(first.year, last.year + 1):
        run("open_year", {"company": code, "year": year}, f"year {year}")
    if user is None:
        made = run("add_user", {"username": USER, "name": "Bulk writer", "password": Random().randbytes(24).hex()}, "u")
        for role in ("sales", "warehouse"):
            made = run("give_role", {"id": made["id"], "version": made["version"], "role": role}, f"role {role}")
        user_id = made["id"]
    else:
        user_id = user.id
    place = run("add_stock_location", {"company": code, "code": "BULK", "name": "Bulk"}, "place", user_id)["id"]
    items = []
    for number, name, group, price, cost in world.ITEMS:
        body = {"company": code, "number": number, "name": name, "item_group": group, "list_price": price}
        made = run("add_item", body, f"item {number}", user_id)
        items.append(Item(made["id"], name, int(price) * 100, int(cost) * 100))
    made_customers = [
        run("register_customer", {"company": code, "name": f"Customer {n:04d}", "country": "CN"}, f"c{n}", user_id)[
            "id"
        ]
        for n in range(customers)
    ]
    stock = [{"item_id": i.id, "quantity": FIRST_STOCK, "unit_cost": str(i.cost // 100)} for i in items]
    body = {"company": code, "business_date": first.isoformat(), "reason": "opening", "stock_location_id": place}
    run("adjust_stock", body | {"lines": stock}, "stock", user_id)
    with db.reading(bind) as session:
        row = session.scalars(select(Company).where(Company.code == code)).one()
        accounts = select(PostingAccount.purpose, PostingAccount.ledger_account_id)
        periods = session.scalars(select(Period).where(Period.company_id == row.id))
        return Stage(
            row.id,
            user_id,
            place,
            items,
            made_customers,
            dict(session.execute(accounts.where(PostingAccount.company_id == row.id)).all()),
            {(p.start_date.year, p.start_date.month): p.id for p in periods},
        )


def _chains(random: Random, stage: Stage, first: date, last: date, numbers: range, of: int) -> Iterator[Chain]:
    """Chains in order of their first day, evenly over the time; no day lies after the last one."""
    days = (last - first).days - 5
    for number in numbers:
        ordered = first + timedelta(days=days * number // of)
        delivered = ordered + timedelta(days=random.randint(1, 3))
        invoiced = delivered + timedelta(days=random.randint(0, 2))
        paid = invoiced + timedelta(days=DAYS_TO_PAY + random.randint(-5, 15))
        yield Chain(
            random.choice(stage.customers),
            ordered,
            delivered,
            invoiced,
            paid if paid <= last else None,
            [(item, random.randint(1, 12)) for item in random.sample(stage.items, random.choice((1, 1, 2, 3)))],
        )


def _write_batch(session: Session, stage: Stage, chains: list[Chain]) -> int:
    """One transaction's worth: rows of all tables, then stock and valuations by what has left."""
    book = Book(session, stage)
    book.take_ids(chains)
    for chain in chains:
        book.order(chain)
        book.delivery(chain)
        if chain.invoiced:
            book.invoice(chain)
        if chain.paid:
            book.receipt(chain)
    write(session, book.sheets.values())
    left: dict[int, int] = {}
    for chain in chains:
        for item, quantity in chain.lines:
            left[item.id] = left.get(item.id, 0) + quantity
    cost = {item.id: item.cost for item in stage.items}
    values = {
        "items": sorted(left),
        "quantities": [left[i] for i in sorted(left)],
        "values": [cents(left[i] * cost[i]) for i in sorted(left)],
        "place": stage.place,
    }
    session.execute(text(TAKE_STOCK), values)
    session.execute(text(TAKE_VALUE), values)
    if "last_sequence" in ItemValuation.__table__.columns:
        places, days = zip(*(book.costed[i] for i in sorted(left)), strict=True)
        session.execute(text(NOTE_LAST), values | {"places": list(places), "days": list(days)})
    return book.documents


TAKE_STOCK = """
UPDATE erp.stock_balance b SET quantity_on_hand = b.quantity_on_hand - q.quantity
FROM unnest(CAST(:items AS bigint[]), CAST(:quantities AS numeric[])) q(item_id, quantity)
WHERE b.item_id = q.item_id AND b.stock_location_id = :place"""
TAKE_VALUE = """
UPDATE erp.item_valuation v SET quantity_on_hand = v.quantity_on_hand - q.quantity, value = v.value - q.value
FROM unnest(CAST(:items AS bigint[]), CAST(:quantities AS numeric[]), CAST(:values AS numeric[])) q(item_id, quantity, value)
WHERE v.item_id = q.item_id"""


NOTE_LAST = """
UPDATE erp.item_valuation v SET last_sequence = q.place, last_costing_date = q.day
FROM unnest(CAST(:items AS bigint[]), CAST(:places AS bigint[]), CAST(:days AS date[])) q(item_id, place, day)
WHERE v.item_id = q.item_id"""


def _seal(bind: Engine | None) -> None:
    with db.transaction(actor=OPERATOR, command="seal", bind=bind) as session:
        session.execute(text("SELECT core.seal_change_log()"))
