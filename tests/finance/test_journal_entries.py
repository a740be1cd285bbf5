"""The accountant's verbs: post by hand, reverse, and what is refused with which words."""

import pytest

from operational_app.core.errors import InvalidInput, NoPeriod, NotPermitted, PeriodClosed
from operational_app.finance.errors import (
    ControlledAccount,
    EntryUnbalanced,
    LineOnBothSides,
    PostedByDocument,
    ReversedAlready,
)
from tests.conftest import Store
from tests.finance.conftest import Post

DAY = "2026-03-02"


def test_an_entry_by_hand_is_posted_with_the_next_number(store: Store, post: Post) -> None:
    assert [post(DAY, ("6602", "10"), ("1002", "-10"))["number"] for _turn in range(2)] == [
        "JE-2026-00001",
        "JE-2026-00002",
    ]
    store.verify()


def test_an_entry_that_does_not_balance_says_by_how_much(post: Post) -> None:
    with pytest.raises(EntryUnbalanced, match=r"differ by 0\.0001 CNY"):
        post(DAY, ("6602", "10.0001"), ("1002", "-10"))


def test_a_line_on_both_sides_is_named(store: Store) -> None:
    account = store.value("SELECT id FROM finance.ledger_account WHERE code = '1002'")
    with pytest.raises(LineOnBothSides) as refused:
        store.run(
            "accountant",
            "post_journal_entry",
            posting_date=DAY,
            description="x",
            lines=[
                {"ledger_account_id": account, "debit": "1", "credit": "1"},
                {"ledger_account_id": account, "debit": "1"},
            ],
        )
    assert set(refused.value.fields) == {"lines.0.debit"}


def test_only_the_accountant_posts(post: Post) -> None:
    for user in ("sales", "manager", "administrator"):
        with pytest.raises(NotPermitted):
            post(DAY, ("6602", "10"), ("1002", "-10"), user=user)


def test_a_day_without_period_and_a_closed_period_are_told_apart(store: Store, post: Post) -> None:
    with pytest.raises(NoPeriod, match="no period for 2019-05-01"):
        post("2019-05-01", ("6602", "10"), ("1002", "-10"))
    store.close("2026-03")
    with pytest.raises(PeriodClosed, match="2026-03-02 is closed in DEMO"):
        post(DAY, ("6602", "10"), ("1002", "-10"))


def test_an_entry_is_reversed_once_by_its_opposite(store: Store, post: Post) -> None:
    entry = post(DAY, ("6602", "10"), ("1002", "-10"))
    made = reverse(store, entry)
    assert store.value("SELECT sum(debit - credit) FROM finance.journal_line GROUP BY ledger_account_id LIMIT 1") == 0
    assert store.value("SELECT reverses_id FROM finance.journal_entry WHERE id = %s", made["id"]) == entry["id"]
    with pytest.raises(ReversedAlready):
        reverse(store, entry)
    store.verify()


def reverse(store: Store, entry: dict) -> dict:
    return store.run("accountant", "reverse_journal_entry", id=entry["id"], version=1, posting_date="2026-03-05")


@pytest.mark.parametrize("code", ["1122", "1405"])
def test_an_account_that_is_the_sum_of_documents_takes_no_entry_by_hand(store: Store, post: Post, code: str) -> None:
    with pytest.raises(ControlledAccount) as refused:
        post(DAY, ("6602", "10"), (code, "-10"))
    assert set(refused.value.fields) == {"lines.1.ledger_account_id"}
    store.verify()


def test_an_entry_of_a_document_is_not_reversed_behind_its_back(store: Store) -> None:
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main")
    item = store.run("sales", "add_item", number="A", name="A", list_price="1")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date=DAY,
        reason="opening",
        stock_location_id=place["id"],
        lines=[{"item_id": item["id"], "quantity": "1", "unit_cost": "5"}],
    )
    entry = {"id": store.value("SELECT id FROM finance.journal_entry")}
    with pytest.raises(PostedByDocument):
        reverse(store, entry)


@pytest.mark.parametrize("code", ["two  spaces", "semi;colon", "(virtual)", "a::b", "end:", " ", 'quo"te', "x" * 101])
def test_an_account_code_that_no_export_could_write_is_refused(store: Store, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        store.run("accountant", "add_ledger_account", code=code, name="x", type="asset", normal_side="debit")
    assert set(refused.value.fields) == {"code"}


@pytest.mark.parametrize("code", ["1002.01", "Assets:Bank", "应收账款", "Petty cash"])
def test_account_codes_of_other_worlds_are_taken(store: Store, code: str) -> None:
    made = store.run("accountant", "add_ledger_account", code=code, name="x", type="asset", normal_side="debit")
    assert store.value("SELECT code FROM finance.ledger_account WHERE id = %s", made["id"]) == code
