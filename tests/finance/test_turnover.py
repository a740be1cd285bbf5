"""The sums by account and month that postings keep: always those of the lines, and nobody else's to write."""

import random
import threading
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

import hub_settings
from operational_app.core import db
from operational_app.core.models import Company
from operational_app.finance.ledger.queries import split_months, trial_balance
from operational_app.finance.statements import queries as statements
from tests.conftest import Store
from tests.finance.conftest import Post

# Known after everything: these reports are added up line by line.
AT_LAST = datetime(2100, 1, 1, tzinfo=UTC)
PARTS = "SELECT count(DISTINCT part) FROM finance.ledger_turnover"


@pytest.fixture
def posted(store: Store, post: Post) -> Store:
    """Forty entries on days all over the year, between four accounts."""
    chance = random.Random(7)
    for _entry in range(40):
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(365))
        one, other = chance.sample(("1002", "4001", "6001", "6602"), 2)
        amount = f"{chance.randint(1, 10**7) / 100:.2f}"
        post(day.isoformat(), (one, amount), (other, f"-{amount}"))
    return store


def test_reports_out_of_the_sums_are_those_out_of_the_lines(posted: Store) -> None:
    chance = random.Random(3)
    days = [date(2026, 1, 1) + timedelta(days=chance.randrange(365)) for _number in range(40)]
    ranges = [tuple(sorted(chance.sample(days, 2))) for _number in range(25)]
    ranges += [(date.min, date.max), (date(2026, 3, 1), date(2026, 5, 31)), (date(2026, 2, 3), date(2026, 2, 20))]
    with db.reading() as session:
        company = session.query(Company).filter_by(code="DEMO").one()
        for start, end in ranges:
            for report in (
                lambda known, s=start, e=end: trial_balance(session, company.id, s, e, known),
                lambda known, s=start, e=end: statements.income_statement(session, company.id, s, e, known),
                lambda known, e=end: statements.balance_sheet(session, company.id, e, known),
                lambda known, s=start, e=end: list(statements.general_ledger(session, company.id, s, e, known)),
                lambda known, s=start, e=end: statements.cash_flow(session, company, s, e, known),
                lambda known, s=start, e=end: statements.company_ratios(session, company, s, e, known),
            ):
                assert report(None) == report(AT_LAST), (start, end)
    posted.verify()


def test_only_months_that_count_in_part_are_read_line_by_line() -> None:
    assert split_months(date(2026, 1, 1), date(2026, 12, 31)) == []
    assert split_months(date(2026, 1, 2), date(2026, 12, 30)) == [date(2026, 1, 1), date(2026, 12, 1)]
    assert split_months(date(2026, 2, 3), date(2026, 2, 20)) == [date(2026, 2, 1)]
    assert split_months(date.min, date.max) == []


def test_who_posts_at_the_same_time_waits_for_nobody_and_every_line_is_in_the_sums(store: Store) -> None:
    """Two transactions that post to the same accounts are both open: each adds up in a part of its own."""
    entry = """
        INSERT INTO finance.journal_entry (company_id, number, posting_date, period_id, description, line_count,
                                           is_exchange, created_by)
        SELECT c.id, %s, p.start_date, p.id, 'by hand', 2, false, 1
        FROM core.company c JOIN core.period p ON p.company_id = c.id WHERE c.code = 'DEMO' ORDER BY p.id LIMIT 1
        RETURNING id, company_id"""
    line = """
        INSERT INTO finance.journal_line (company_id, journal_entry_id, line_count, line_no, ledger_account_id, currency,
                                          debit, credit, company_debit, company_credit)
        SELECT %(company)s, %(entry)s, 2, n, a.id, 'CNY', d, 10 - d, d, 10 - d
        FROM (VALUES (1, '1002', 10), (2, '4001', 0)) v (n, code, d)
        JOIN finance.ledger_account a ON a.company_id = %(company)s AND a.code = v.code"""
    both = threading.Barrier(2)

    def write(number: str) -> None:
        with psycopg.connect(hub_settings.database_url("hub_app", "store")) as connection:
            connection.execute("SET lock_timeout = '5s'")
            row_id, company_id = connection.execute(entry, (number,)).fetchone()
            connection.execute(line, {"company": company_id, "entry": row_id})
            both.wait(10)

    threads = [threading.Thread(target=write, args=(f"JE-2026-0000{n}",)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert store.value("SELECT count(*) FROM finance.journal_entry") == 2
    assert store.value(PARTS) == 2
    assert store.value("SELECT sum(debit) FROM finance.ledger_turnover") == 20


def test_the_app_cannot_write_sums(posted: Store) -> None:
    with psycopg.connect(hub_settings.database_url("hub_app", "store")) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE finance.ledger_turnover SET debit = 0")


def test_sums_that_are_not_those_of_the_lines_are_found(posted: Store) -> None:
    with psycopg.connect(hub_settings.database_url("hub_owner", "store")) as owner:
        owner.execute("DELETE FROM finance.ledger_turnover WHERE month = '2026-03-01'")
    with pytest.raises(AssertionError, match="sums by account and month"):
        posted.verify()


def test_a_store_that_was_posted_to_before_there_were_sums_gets_them_with_the_triggers(posted: Store) -> None:
    from operational_app import migrations

    with psycopg.connect(hub_settings.database_url("hub_owner", "store")) as owner:
        owner.execute("DELETE FROM finance.ledger_turnover")
    migrations.migrate()
    posted.verify()
