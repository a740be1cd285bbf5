"""Reference data is read once under a stamp, and not a command longer than it holds."""

import pytest

from operational_app.core import db, known
from operational_app.core.errors import NotPermitted, PeriodClosed
from operational_app.core.models import ReferenceStamp

ENTRY = {"posting_date": "2026-01-15", "description": "Rent"}


def lines(store, amount: str = "100") -> list[dict[str, object]]:
    code = "SELECT a.id FROM finance.ledger_account a WHERE a.code = %s"
    return [
        {"ledger_account_id": store.value(code, "6602"), "debit": amount},
        {"ledger_account_id": store.value(code, "1002"), "credit": amount},
    ]


def stamp(store) -> int:
    return store.value("SELECT stamp FROM core.reference_stamp")


def test_a_period_closed_meanwhile_takes_nothing_more_though_it_was_known_as_open(store):
    store.run("accountant", "post_journal_entry", lines=lines(store), **ENTRY)
    before = stamp(store)
    store.close("2026-01")
    assert stamp(store) > before
    with pytest.raises(PeriodClosed):
        store.run("accountant", "post_journal_entry", lines=lines(store), **ENTRY)


def test_a_right_taken_away_ends_with_the_next_command(store):
    store.run("accountant", "post_journal_entry", lines=lines(store), **ENTRY)
    user = {"document": "app_user", "id": store.users["accountant"]}
    store.on("administrator", "take_role", user, role="accountant")
    with pytest.raises(NotPermitted):
        store.run("accountant", "post_journal_entry", lines=lines(store), **ENTRY)


def test_documents_leave_the_stamp_as_it_is(store):
    before = stamp(store)
    store.run("accountant", "post_journal_entry", lines=lines(store), **ENTRY)
    assert stamp(store) == before


def test_another_account_for_a_purpose_counts_from_the_next_posting_on(store):
    stock = {"business_date": "2026-01-10", "reason": "opening"}
    place = store.run("warehouse", "add_stock_location", code="M", name="Main")["id"]
    item = store.run("sales", "add_item", number="A", name="A", list_price="9")["id"]
    body = stock | {"stock_location_id": place, "lines": [{"item_id": item, "quantity": "1", "unit_cost": "5"}]}
    store.run("warehouse", "adjust_stock", **body)
    other = store.run(
        "accountant", "add_ledger_account", code="4998", name="Other", type="equity", normal_side="credit"
    )
    store.run("accountant", "assign_posting_account", id=other["id"], purpose="opening_equity")
    store.run("warehouse", "adjust_stock", **body)
    sums = "SELECT count(*), sum(credit) FROM finance.journal_line WHERE ledger_account_id = %s"
    assert store.rows(sums, other["id"]) == [(1, 5)]


def test_who_changes_reference_data_shares_nothing_of_what_may_be_taken_back(store):
    from operational_app.core.models import VatRate

    with pytest.raises(RuntimeError), db.transaction(actor="operator", command="test") as session:
        known.begin(session, session.get_one(ReferenceStamp, 1).stamp)
        assert known.known(session, "answer", lambda: "shared") == "shared"
        assert known.known(session, "answer", lambda: "not asked") == "shared"
        session.add(VatRate(code="X1", rate=0, kind="test", valid_from="2026-01-01"))
        session.flush()
        assert known.known(session, "answer", lambda: "my own") == "my own"
        raise RuntimeError("taken back")
    with db.transaction(actor="operator", command="test") as session:
        known.begin(session, session.get_one(ReferenceStamp, 1).stamp)
        assert known.known(session, "answer", lambda: "anew") == "shared"


def test_nobody_but_the_triggers_writes_the_stamp(store):
    from sqlalchemy import text
    from sqlalchemy.exc import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"), db.transaction(actor="x", command="x") as session:
        session.execute(text("UPDATE core.reference_stamp SET stamp = 1"))


def test_a_row_that_is_locked_is_read_anew_though_the_session_has_met_it(store):
    from sqlalchemy import select, text

    from operational_app.core.models import AppUser

    with db.transaction(actor="operator", command="test") as session:
        met = session.scalars(select(AppUser).where(AppUser.username == "sales")).one()
        with db.transaction(actor="operator", command="other") as other:
            other.execute(text("UPDATE core.app_user SET name = 'Renamed' WHERE username = 'sales'"))
        assert session.scalars(select(AppUser).where(AppUser.username == "sales")).one().name != "Renamed"
        assert session.scalars(select(AppUser).where(AppUser.username == "sales").with_for_update()).one() is met
        assert met.name == "Renamed"
