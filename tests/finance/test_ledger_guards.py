"""What the database itself keeps of the ledger, whoever speaks SQL to it: as the app's role, past all of our code."""

import csv
from datetime import date
from pathlib import Path

import psycopg
import pytest

import hub_settings
from tests.conftest import Store
from tests.finance.conftest import Post

DAY = "2026-03-02"


class Raw:
    """An entry written in SQL as `hub_app`, as wrong as one likes."""

    def __init__(self, store: Store) -> None:
        self.company = store.value("SELECT id FROM core.company WHERE code = 'DEMO'")
        self.period = store.value("SELECT id FROM core.period WHERE code = '2026-03'")
        self.user = store.users["accountant"]
        self.bank, self.rent = (
            row[0]
            for row in store.rows("SELECT id FROM finance.ledger_account WHERE code IN ('1002', '6602') ORDER BY code")
        )

    def write(self, *lines: tuple[int, str, str, str], **entry: object) -> None:
        """Lines are (account, currency, signed amount, signed amount in CNY); commits at the end."""
        with psycopg.connect(hub_settings.database_url("hub_app")) as app:
            values = {
                "company_id": self.company,
                "number": "JE-2026-99999",
                "posting_date": date.fromisoformat(DAY),
                "period_id": self.period,
                "description": "raw",
                "is_exchange": False,
                "line_count": len(lines),
                "created_by": self.user,
            } | entry
            row = app.execute(
                f"INSERT INTO finance.journal_entry ({', '.join(values)}) "
                f"VALUES ({', '.join(f'%({n})s' for n in values)}) RETURNING id, line_count",
                values,
            ).fetchone()
            for place, (account, currency, amount, own) in enumerate(lines, start=1):
                self.line(app, row, place, account, currency, amount, own)

    def line(
        self, app: psycopg.Connection, entry: tuple[int, int], place: int, account: int, currency: str, amount: str,
        own: str, company: int | None = None,
    ) -> None:  # fmt: skip
        app.execute(
            "INSERT INTO finance.journal_line (company_id, journal_entry_id, line_count, line_no, ledger_account_id, "
            "currency, debit, credit, company_debit, company_credit) VALUES (%s, %s, %s, %s, %s, %s, "
            "greatest(%s::numeric, 0), greatest(-(%s::numeric), 0), greatest(%s::numeric, 0), greatest(-(%s::numeric), 0))",
            (company or self.company, *entry, place, account, currency, amount, amount, own, own),
        )


@pytest.fixture
def raw(store: Store) -> Raw:
    return Raw(store)


def test_an_entry_that_balances_is_taken(store: Store, raw: Raw) -> None:
    raw.write((raw.rent, "CNY", "10", "10"), (raw.bank, "CNY", "-10", "-10"))
    raw.write((raw.rent, "USD", "10", "72"), (raw.bank, "CNY", "-72", "-72"), number="JE-2026-99998", is_exchange=True)
    assert store.value("SELECT count(*) FROM finance.journal_line") == 4


@pytest.mark.parametrize(
    ("amounts", "says"),
    [
        ((("CNY", "10", "10"), ("CNY", "-9.9999", "-9.9999")), "does not balance: debit 10.0000, credit 9.9999"),
        ((("USD", "10", "72"), ("CNY", "-72", "-72")), "does not balance in CNY, USD"),
        ((("USD", "10", "72"), ("USD", "-10", "-71")), "does not balance: debit 72"),
        ((("CNY", "10", "72"), ("CNY", "-10", "-72")), "whose amount in the company's currency is another"),
        ((("CNY", "10", "10"), ("CNY", "0", "0")), "ck_journal_line_not_empty"),
        ((("USD", "10", "-72"), ("USD", "-10", "72")), "ck_journal_line_same_side"),
        ((("CNY", "10", "10"),), "ck_journal_entry_line_count"),
    ],
)
def test_what_does_not_balance_is_refused_at_commit(
    raw: Raw, amounts: tuple[tuple[str, str, str], ...], says: str
) -> None:
    accounts = (raw.rent, raw.bank)
    lines = [(accounts[n], *amount) for n, amount in enumerate(amounts)]
    with pytest.raises(psycopg.Error, match=says):
        raw.write(*lines)


def test_an_exchange_still_balances_in_the_companys_currency(raw: Raw) -> None:
    with pytest.raises(psycopg.Error, match="does not balance: debit 72.0000, credit 71.0000"):
        raw.write((raw.rent, "USD", "10", "72"), (raw.bank, "CNY", "-71", "-71"), is_exchange=True)


def test_an_entry_without_all_its_lines_is_refused(raw: Raw) -> None:
    with pytest.raises(psycopg.Error, match="has 2 lines and not the 3 it declares"):
        raw.write((raw.rent, "CNY", "10", "10"), (raw.bank, "CNY", "-10", "-10"), line_count=3)


def test_no_line_can_be_added_later(store: Store, raw: Raw, post: Post) -> None:
    entry = post(DAY, ("6602", "10"), ("1002", "-10"))
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        with pytest.raises(psycopg.errors.CheckViolation):
            raw.line(app, (entry["id"], 2), 3, raw.bank, "CNY", "5", "5")
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            raw.line(app, (entry["id"], 3), 3, raw.bank, "CNY", "5", "5")
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        with pytest.raises(psycopg.errors.UniqueViolation):
            raw.line(app, (entry["id"], 2), 2, raw.bank, "CNY", "5", "5")


def test_nothing_is_posted_in_a_closed_period_or_outside_it(store: Store, raw: Raw) -> None:
    lines = ((raw.rent, "CNY", "10", "10"), (raw.bank, "CNY", "-10", "-10"))
    with pytest.raises(psycopg.Error, match="No open period of the company takes a posting on 2026-04-01"):
        raw.write(*lines, posting_date=date(2026, 4, 1))
    store.close("2026-03")
    with pytest.raises(psycopg.Error, match="No open period of the company takes a posting on 2026-03-02"):
        raw.write(*lines)


def test_a_line_stays_in_the_company_of_its_entry_and_its_account(store: Store, raw: Raw) -> None:
    store.run("administrator", "found_company", code="OTHER", name="Other", currency="CNY", chart="ifrs")
    theirs = store.value(
        "SELECT a.id FROM finance.ledger_account a JOIN core.company c ON c.id = a.company_id "
        "WHERE c.code = 'OTHER' LIMIT 1"
    )
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="fk_journal_line_ledger_account"):
        raw.write((theirs, "CNY", "10", "10"), (raw.bank, "CNY", "-10", "-10"))


def test_a_period_cannot_be_closed_under_a_posting_that_is_under_way(store: Store, raw: Raw) -> None:
    """The posting holds the period until it commits; closing waits, and then no posting slips in behind it."""
    with psycopg.connect(hub_settings.database_url("hub_app")) as app:
        app.execute(
            "INSERT INTO finance.journal_entry (company_id, number, posting_date, period_id, description, is_exchange, "
            "line_count, created_by) VALUES (%s, 'JE-2026-77777', %s, %s, 'raw', false, 2, %s)",
            (raw.company, DAY, raw.period, raw.user),
        )
        with psycopg.connect(hub_settings.database_url("hub_app")) as closer:
            closer.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                closer.execute("UPDATE core.period SET state = 'closed' WHERE id = %s", (raw.period,))
        app.rollback()


@pytest.mark.parametrize("chart", ["cas", "ifrs"])
def test_a_chart_has_each_account_once_and_one_account_for_each_purpose(chart: str) -> None:
    import operational_app.finance.ledger
    from operational_app.finance.ledger.rules import PURPOSES

    folder = Path(operational_app.finance.ledger.__file__).parent
    with (folder / "charts" / f"{chart}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    codes = [row["code"] for row in rows]
    served = [row["purpose"] for row in rows if row["purpose"]]
    assert sorted(set(codes)) == sorted(codes)
    assert sorted(served) == sorted(PURPOSES)
