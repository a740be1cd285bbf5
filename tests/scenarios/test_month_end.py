"""Month end, as an accountant lives it: budget, bank, tax, assets, currencies, accruals, and the close."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest

import hub_settings
from operational_app.core import db
from operational_app.core.actions import starting_values
from operational_app.core.command import COMMANDS
from operational_app.core.errors import Refusal
from operational_app.finance.treasury.models import BankStatementLine, bank_statement_line
from tests.conftest import Store

Yard = dict[str, Any]


@pytest.fixture
def yard(store: Store) -> Yard:
    """A place, two items whose purchases are budgeted on office costs, a supplier, the accounts, and a bank account."""
    accounts = dict(store.rows("SELECT code, id FROM finance.ledger_account"))
    yard = {
        "accounts": accounts,
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "paper": store.run("buyer", "add_item", number="PAPER", name="Paper", list_price="1", item_group="Office"),
        "supplier": store.run("buyer", "register_supplier", name="Anvil Paper", tax_number="9131"),
        "customer": store.run("sales", "register_customer", name="Lily's Café"),
    }
    yard["bank"] = store.run(
        "accountant",
        "add_bank_account",
        code="ICBC",
        name="ICBC current account",
        bank_number="CN11 0001",
        currency="CNY",
        ledger_account_id=accounts["1002"],
    )
    store.run("accountant", "set_item_account", item_group="Office", ledger_account_id=accounts["6602"])
    return yard


def period(store: Store, code: str) -> int:
    return store.value("SELECT id FROM core.period WHERE code = %s", code)


def budgeted(store: Store, yard: Yard, amount: str, year: int = 2026) -> dict:
    lines = [{"ledger_account_id": yard["accounts"]["6602"], "amount": amount}]
    made = store.run("accountant", "enter_budget", year=year, description="Plan", lines=lines)
    store.on("manager", "approve_budget", made)
    return made


def order(store: Store, yard: Yard, amount: str, day: str = "2026-03-02") -> dict:
    """An order of so many reams at 1.00."""
    return store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=yard["supplier"]["id"],
        business_date=day,
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["paper"]["id"], "quantity": amount, "unit_price": "1"}],
    )


def bought(store: Store, yard: Yard, amount: str, day: str, reference: str) -> dict:
    """Ordered, received and billed on one day; the bill."""
    made = order(store, yard, amount, day)
    store.on("buyer", "send_purchase_order", made)
    store.on("warehouse", "receive_goods", made, business_date=day)
    return store.on("accountant", "bill_purchase_order", made, business_date=day, supplier_reference=reference)


def budget(store: Store) -> dict[str, Decimal]:
    [row] = store.rows("SELECT amount, reserved_amount, committed_amount, used_amount FROM finance.budget_balance")
    amount, reserved, committed, used = row
    return {"committed": committed, "used": used, "available": amount - reserved - committed - used}


def balance(store: Store, code: str, until: str = "2026-12-31") -> Decimal:
    return store.value(
        "SELECT coalesce(sum(l.company_debit - l.company_credit), 0) FROM finance.journal_line l "
        "JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id WHERE a.code = %s AND e.posting_date <= %s",
        code,
        until,
    )


def by_hand(store: Store, yard: Yard, command: str, day: str, *lines: tuple[str, str], **more: str) -> dict:
    written = [
        {
            "ledger_account_id": yard["accounts"][code],
            "credit" if amount.startswith("-") else "debit": amount.removeprefix("-"),
            **more,
        }
        for code, amount in lines
    ]
    return store.run("accountant", command, posting_date=day, description="by hand", lines=written)


# ---- Budget ----


def test_an_order_within_the_budget_is_accepted_and_leaves_the_rest_g8(store: Store, yard: Yard) -> None:
    budgeted(store, yard, "20")
    bought(store, yard, "11", "2026-03-01", "R-1")
    assert budget(store) == {"committed": 0, "used": 11, "available": 9}
    made = order(store, yard, "5")
    store.on("buyer", "send_purchase_order", made)
    assert budget(store) == {"committed": 5, "used": 11, "available": 4}
    store.verify()


def test_an_item_whose_own_account_is_over_budget_cannot_be_ordered_g9(store: Store, yard: Yard) -> None:
    """The line names no account: the item's default account counts, so that leaving it out is no way around the budget."""
    budgeted(store, yard, "20")
    bought(store, yard, "20", "2026-03-01", "R-1")
    made = order(store, yard, "1")
    with pytest.raises(Refusal, match="1.00 is more than the 0.00 that the budget 2026 of 6602"):
        store.on("buyer", "send_purchase_order", made)
    assert store.value("SELECT state FROM erp.purchase_order WHERE id = %s", made["id"]) == "draft"
    store.verify()


def test_a_cancelled_order_gives_its_money_back(store: Store, yard: Yard) -> None:
    budgeted(store, yard, "20")
    made = order(store, yard, "15")
    store.on("buyer", "send_purchase_order", made)
    with pytest.raises(Refusal, match="10.00 is more than the 5.00"):
        store.on("buyer", "send_purchase_order", order(store, yard, "10"))
    store.on("buyer", "cancel_purchase_order", made)
    assert budget(store)["available"] == 20
    store.verify()


def test_a_bill_beyond_the_budget_is_booked_and_the_next_order_is_refused(store: Store, yard: Yard) -> None:
    budgeted(store, yard, "20")
    made = order(store, yard, "20")
    store.on("buyer", "send_purchase_order", made)
    store.on("warehouse", "receive_goods", made, business_date="2026-03-02")
    line = store.value("SELECT id FROM erp.purchase_order_line WHERE purchase_order_id = %s", made["id"])
    store.on(
        "accountant",
        "bill_purchase_order",
        made,
        business_date="2026-03-03",
        supplier_reference="R-2",
        lines=[{"purchase_order_line_id": line, "quantity": "20", "unit_price": "1.04"}],
    )
    assert budget(store) == {"committed": 0, "used": Decimal("20.80"), "available": Decimal("-0.80")}
    with pytest.raises(Refusal, match="more than the -0.8"):
        store.on("buyer", "send_purchase_order", order(store, yard, "1"))
    store.verify()


def test_a_new_version_replaces_the_old_and_keeps_what_is_promised(store: Store, yard: Yard) -> None:
    first = budgeted(store, yard, "20")
    store.on("buyer", "send_purchase_order", order(store, yard, "15"))
    with pytest.raises(Refusal, match="may not approve"):
        lines = [{"ledger_account_id": yard["accounts"]["6602"], "amount": "40"}]
        mine = store.run("manager", "enter_budget", year=2026, description="Mine", lines=lines)
        store.on("manager", "approve_budget", mine)
    budgeted(store, yard, "10")
    assert budget(store) == {"committed": 15, "used": 0, "available": -5}
    assert store.value("SELECT state FROM finance.budget WHERE id = %s", first["id"]) == "replaced"
    budgeted(store, yard, "30")
    store.on("buyer", "send_purchase_order", order(store, yard, "15"))
    assert budget(store)["available"] == 0
    store.verify()


# ---- VAT ----


def test_a_bill_that_comes_after_filing_leaves_the_return_and_is_offered_to_the_next_month_g13(
    store: Store, yard: Yard
) -> None:
    bought(store, yard, "100", "2026-04-10", "R-1")
    april = store.run("accountant", "prepare_vat_return", period_id=period(store, "2026-04"))
    store.on("accountant", "file_vat_return", april)
    filed = store.rows("SELECT * FROM finance.vat_return_line WHERE vat_return_id = %s ORDER BY id", april["id"])
    assert len(filed) == 1

    late = bought(store, yard, "200", "2026-04-20", "R-2")
    bought(store, yard, "300", "2026-05-05", "R-3")
    again = store.rows("SELECT * FROM finance.vat_return_line WHERE vat_return_id = %s ORDER BY id", april["id"])
    assert again == filed
    may = store.run("accountant", "prepare_vat_return", period_id=period(store, "2026-05"))
    lines = store.rows(
        "SELECT document_id = %s, is_late, net_amount, tax_amount FROM finance.vat_return_line "
        "WHERE vat_return_id = %s ORDER BY net_amount",
        late["id"],
        may["id"],
    )
    assert lines == [(True, True, 200, 26), (False, False, 300, 39)]
    assert store.value("SELECT payable_amount FROM finance.vat_return WHERE id = %s", may["id"]) == -65
    store.verify()


def test_a_draft_collects_again_and_a_filed_return_is_frozen_in_the_database(store: Store, yard: Yard) -> None:
    bought(store, yard, "100", "2026-04-10", "R-1")
    april = store.run("accountant", "prepare_vat_return", period_id=period(store, "2026-04"))
    bought(store, yard, "50", "2026-04-11", "R-2")
    store.on("accountant", "refresh_vat_return", april)
    assert store.value("SELECT input_tax_amount FROM finance.vat_return") == Decimal("19.50")
    with pytest.raises(Refusal, match="2026-04 has its return already"):
        store.run("accountant", "prepare_vat_return", period_id=period(store, "2026-04"))
    with pytest.raises(Refusal, match="has taken up what was open in 2026-03"):
        store.run("accountant", "prepare_vat_return", period_id=period(store, "2026-03"))
    may = store.run("accountant", "prepare_vat_return", period_id=period(store, "2026-05"))
    with pytest.raises(Refusal, match="is for an earlier month and is not filed yet"):
        store.on("accountant", "file_vat_return", may)
    store.on("accountant", "file_vat_return", april)
    for statement in (
        "UPDATE finance.vat_return_line SET tax_amount = 1",
        "DELETE FROM finance.vat_return_line",
        "UPDATE finance.vat_return SET input_tax_amount = 0, payable_amount = 0 WHERE state = 'filed'",
    ):
        with (
            psycopg.connect(hub_settings.database_url("hub_app")) as app,
            pytest.raises(psycopg.Error, match="filed|posted"),
        ):
            app.execute(statement)
    store.verify()


# ---- Bank ----

CSV = """date;amount;reference;party;description;balance
2026-03-05;500.00;B-1;Lily's Café;deposit;500.00
2026-03-06;-113.00;B-2;Anvil Paper;bill R-1;387.00
2026-03-31;-12.50;B-3;;fees of the month;374.50
"""


def statement_lines(store: Store) -> dict[str, dict]:
    rows = store.rows("SELECT bank_reference, id, state FROM finance.bank_statement_line")
    return {name: {"document": "bank_statement_line", "id": row_id, "state": state} for name, row_id, state in rows}


def imported(store: Store, yard: Yard, content: str, name: str = "march.csv") -> dict:
    return store.run(
        "accountant", "import_bank_statement", bank_account_id=yard["bank"]["id"], file_name=name, content=content
    )


def test_a_statement_is_imported_once_and_each_line_finds_its_document(store: Store, yard: Yard) -> None:
    bill = bought(store, yard, "100", "2026-03-01", "R-1")
    store.run(
        "accountant", "receive_money", customer_id=yard["customer"]["id"], business_date="2026-03-05", amount="500"
    )
    statement = imported(store, yard, CSV)
    assert statement["details"] == {"line_count": 3, "known_count": 0}
    assert imported(store, yard, CSV)["details"] == {"line_count": 0, "known_count": 3}

    answer = store.on("accountant", "match_bank_statement", statement)
    assert answer["details"]["matched_count"] == 1
    assert answer["details"]["proposals"][0]["may_be"][0]["id"] == bill["id"]
    lines = statement_lines(store)
    assert {name: line["state"] for name, line in lines.items()} == {"B-1": "matched", "B-2": "open", "B-3": "open"}
    paid = {"supplier_id": yard["supplier"]["id"], "allocations": [{"bill_id": bill["id"], "amount": "113"}]}
    store.on("accountant", "pay_from_statement_line", lines["B-2"], **paid)
    store.on("accountant", "post_from_statement_line", lines["B-3"], ledger_account_id=yard["accounts"]["6603"])
    assert store.value("SELECT state FROM finance.bill") == "paid"
    assert balance(store, "1002") == Decimal("374.50")
    assert {line["state"] for line in statement_lines(store).values()} == {"matched"}
    store.verify()


def test_a_missing_statement_is_noticed_by_its_balance(store: Store, yard: Yard) -> None:
    imported(store, yard, CSV)
    with pytest.raises(Refusal, match="ended at 374.50, and this one begins at 400.00"):
        imported(store, yard, "date,amount,reference,balance\n2026-04-01,10,B-9,410\n", "april.csv")
    # The end of March once more and a line of April: one file of the bank overlaps the other.
    overlap = "date,amount,reference,balance\n2026-03-31,-12.50,B-3,374.50\n2026-04-01,10,B-9,384.50\n"
    assert imported(store, yard, overlap, "april.csv")["details"] == {"line_count": 1, "known_count": 1}
    store.verify()


def test_money_in_is_not_booked_as_money_out_and_one_document_is_one_line(store: Store, yard: Yard) -> None:
    imported(store, yard, "date,amount,reference\n2026-03-05,500,B-1\n2026-03-05,500,B-2\n")
    lines = statement_lines(store)
    with pytest.raises(Refusal, match="positive is money that came in"):
        store.on("accountant", "pay_from_statement_line", lines["B-1"], supplier_id=yard["supplier"]["id"])
    receipt = store.on("accountant", "receive_from_statement_line", lines["B-1"], customer_id=yard["customer"]["id"])
    same = {"document_type": "receipt_of_money", "document_id": receipt["id"]}
    with pytest.raises(Refusal, match="not matched yet is –"):
        store.on("accountant", "match_statement_line", lines["B-2"], **same)
    store.on("accountant", "unmatch_statement_line", lines["B-1"])
    store.on("accountant", "match_statement_line", lines["B-2"], **same)
    store.verify()


def test_the_forms_of_a_line_begin_with_what_it_probably_is(store: Store, yard: Yard) -> None:
    """The bill of 113.00 that the line names, and the receipt of 500.00 from the customer of that name."""
    bill = bought(store, yard, "100", "2026-03-01", "R-1")
    receipt = store.run(
        "accountant", "receive_money", customer_id=yard["customer"]["id"], business_date="2026-03-05", amount="500"
    )
    imported(store, yard, CSV)
    lines = statement_lines(store)
    with db.reading() as session:

        def offered(command: str, name: str) -> dict[str, Any]:
            row = session.get_one(BankStatementLine, lines[name]["id"])
            return starting_values(session, COMMANDS[command], bank_statement_line, row)

        assert offered("pay_from_statement_line", "B-2") == {
            "supplier_id": yard["supplier"]["id"],
            "allocations": [{"bill_id": bill["id"], "amount": 113}],
        }
        assert offered("match_statement_line", "B-1") == {
            "document_type": "receipt_of_money",
            "document_id": receipt["id"],
        }
        assert offered("receive_from_statement_line", "B-1") == {}


# ---- Assets ----


def test_an_asset_loses_exactly_its_cost_over_its_life_and_leaves_the_books_when_sold(store: Store, yard: Yard) -> None:
    machine = store.run(
        "accountant",
        "acquire_fixed_asset",
        name="Press",
        business_date="2026-01-15",
        acquisition_cost="1000",
        useful_life_months=3,
        counterpart_account_id=yard["accounts"]["1002"],
    )
    with pytest.raises(Refusal, match="No asset in use loses anything in 2026-01"):
        store.run("accountant", "depreciate_assets", period_id=period(store, "2026-01"))
    for code in ("2026-02", "2026-03", "2026-04"):
        store.run("accountant", "depreciate_assets", period_id=period(store, code))
    amounts = [row[0] for row in store.rows("SELECT amount FROM finance.depreciation_line ORDER BY id")]
    assert amounts == [Decimal("333.34"), Decimal("333.33"), Decimal("333.33")]
    with pytest.raises(Refusal, match="2026-04 has been depreciated already"):
        store.run("accountant", "depreciate_assets", period_id=period(store, "2026-03"))
    store.on("accountant", "dispose_fixed_asset", machine, business_date="2026-05-10", proceeds_amount="150")
    assert (balance(store, "1601"), balance(store, "1602"), balance(store, "6115")) == (0, 0, -150)
    store.verify()


def test_an_asset_cannot_go_nor_a_month_close_before_its_depreciation(store: Store, yard: Yard) -> None:
    machine = store.run(
        "accountant",
        "acquire_fixed_asset",
        name="Press",
        business_date="2026-01-15",
        acquisition_cost="1200",
        useful_life_months=12,
        counterpart_account_id=yard["accounts"]["1002"],
    )
    store.close("2026-01")
    with pytest.raises(Refusal, match="not been depreciated up to 2026-02"):
        store.close("2026-02")
    with pytest.raises(Refusal, match="not been depreciated up to 2026-03"):
        store.on("accountant", "dispose_fixed_asset", machine, business_date="2026-03-10")
    # March catches up with February.
    store.run("accountant", "depreciate_assets", period_id=period(store, "2026-03"))
    store.on("accountant", "dispose_fixed_asset", machine, business_date="2026-03-10")
    assert balance(store, "6115") == 1000
    store.verify()


# ---- Currencies ----


def test_unrealised_differences_come_and_go_and_the_settlement_brings_the_whole(store: Store, yard: Yard) -> None:
    for day, rate in (("2026-03-01", "7.0"), ("2026-03-31", "7.2"), ("2026-04-10", "7.1")):
        store.run("accountant", "set_exchange_rate", currency="USD", rate_date=day, exchange_rate=rate)
    by_hand(store, yard, "post_journal_entry", "2026-03-05", ("1221", "100"), ("6051", "-100"), currency="USD")
    assert balance(store, "1221") == 700
    store.run("accountant", "revalue_currencies", period_id=period(store, "2026-03"))
    assert (balance(store, "1221", "2026-03-31"), balance(store, "6061", "2026-03-31")) == (720, -20)
    assert (balance(store, "1221", "2026-04-01"), balance(store, "6061", "2026-04-01")) == (700, 0)
    terms = {
        "description": "paid",
        "ledger_account_id": yard["accounts"]["1221"],
        "counterpart_account_id": yard["accounts"]["1012"],
        "currency": "USD",
    }
    store.run("accountant", "settle_foreign_balance", posting_date="2026-04-10", amount="40", **terms)
    assert (balance(store, "1221"), balance(store, "1012"), balance(store, "6061")) == (420, 284, -4)
    with pytest.raises(Refusal, match="61.00 USD are to be settled, and 60.00 stand on 1221"):
        store.run("accountant", "settle_foreign_balance", posting_date="2026-04-10", amount="61", **terms)
    store.run("accountant", "settle_foreign_balance", posting_date="2026-04-10", amount="60", **terms)
    assert (balance(store, "1221"), balance(store, "6061")) == (0, -10)
    store.verify()


def test_an_entry_in_a_foreign_currency_needs_a_rate(store: Store, yard: Yard) -> None:
    lines = (("1221", "100"), ("6051", "-100"))
    with pytest.raises(Refusal, match="no rate of USD for 2026-03-05"):
        by_hand(store, yard, "post_journal_entry", "2026-03-05", *lines, currency="USD")
    by_hand(store, yard, "post_journal_entry", "2026-03-05", *lines, currency="USD", exchange_rate="7.123456")
    assert balance(store, "1221") == Decimal("712.35")


# ---- Accruals, allocation, close ----


def test_an_accrual_is_taken_back_on_the_first_day_of_the_next_period(store: Store, yard: Yard) -> None:
    by_hand(store, yard, "accrue", "2026-03-31", ("6602", "800"), ("2241", "-800"))
    assert (balance(store, "6602", "2026-03-31"), balance(store, "6602", "2026-04-01")) == (800, 0)
    [(first, second)] = store.rows(
        "SELECT a.posting_date, b.posting_date FROM finance.accrual x JOIN finance.journal_entry a "
        "ON a.id = x.journal_entry_id JOIN finance.journal_entry b ON b.id = x.reversal_entry_id AND b.reverses_id = a.id"
    )
    assert (first.isoformat(), second.isoformat()) == ("2026-03-31", "2026-04-01")
    with pytest.raises(Refusal, match="no period for 2027-01-01"):
        by_hand(store, yard, "accrue", "2026-12-31", ("6602", "800"), ("2241", "-800"))
    store.verify()


def test_a_cost_is_spread_by_its_driver_to_the_last_fen(store: Store, yard: Yard) -> None:
    by_hand(store, yard, "post_journal_entry", "2026-03-10", ("6602", "100"), ("1002", "-100"))
    accounts = yard["accounts"]
    driver = store.run(
        "accountant",
        "add_cost_driver",
        code="M2",
        name="Square metres",
        lines=[{"ledger_account_id": accounts[code], "driver_quantity": "1"} for code in ("5101", "6601", "5301")],
    )
    terms = {
        "period_id": period(store, "2026-03"),
        "ledger_account_id": accounts["6602"],
        "cost_driver_id": driver["id"],
    }
    store.run("accountant", "allocate_cost", **terms)
    spread = [balance(store, code) for code in ("6602", "5101", "6601", "5301")]
    assert spread == [0, Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    with pytest.raises(Refusal, match="has been allocated already"):
        store.run("accountant", "allocate_cost", **terms)
    store.verify()


def test_periods_close_in_their_order_and_reopen_from_the_end(store: Store) -> None:
    february = {"id": period(store, "2026-02"), "version": 1}
    with pytest.raises(Refusal, match="close 2026-01 first"):
        store.run("accountant", "close_period", **february)
    store.close("2026-02")
    with pytest.raises(Refusal, match="Have 2026-02 reopened first"):
        store.run("administrator", "reopen_period", id=period(store, "2026-01"), version=2)
    store.run("administrator", "reopen_period", id=february["id"], version=2)


def test_a_period_does_not_close_while_a_sub_ledger_differs_from_its_account(store: Store, yard: Yard) -> None:
    bought(store, yard, "100", "2026-03-01", "R-1")
    store.close("2026-02")
    with psycopg.connect(hub_settings.database_url(None)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(
            "UPDATE finance.bill SET open_amount = open_amount - 13, open_company_amount = open_company_amount - 13"
        )
    with pytest.raises(
        Refusal, match=r"2202 Accounts payable stands at 113.00, its documents come to 100.00; .* 13.00\."
    ):
        store.close("2026-03")
    assert store.value("SELECT state FROM core.period WHERE code = '2026-03'") == "open"
    with psycopg.connect(hub_settings.database_url(None)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(
            "UPDATE finance.bill SET open_amount = open_amount + 13, open_company_amount = open_company_amount + 13"
        )
    store.close("2026-03")
    with pytest.raises(Refusal, match="closed in DEMO"):
        by_hand(store, yard, "post_journal_entry", "2026-03-31", ("6602", "1"), ("1002", "-1"))
    store.verify()
