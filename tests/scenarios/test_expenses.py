"""Expense to reimbursement, as employee, manager and accountant live it: claim, approval, books, money."""

from decimal import Decimal

import pytest

from operational_app.core import files
from operational_app.core.errors import PeriodClosed, Refusal
from tests.conftest import Store
from tests.hr.staff import join


@pytest.fixture
def shop(store: Store) -> dict[str, dict]:
    """Mei manages the sales department, in which Wei and Lin work; Bo works elsewhere."""
    sales = store.run("hr", "add_department", code="S", name="Sales", cost_kind="selling")
    office = store.run("hr", "add_department", code="O", name="Office")
    people = {name: join(store, name.title(), sales) for name in ("mei", "wei", "lin")} | {
        "bo": join(store, "Bo", office)
    }
    store.on("hr", "set_department_management", sales, manager_id=people["mei"]["id"])
    return people | {"sales": sales, "office": office}


def kind(store: Store, code: str) -> int:
    return store.value("SELECT id FROM hr.expense_kind WHERE code = %s", code)


def receipt(store: Store, code: str, amount: str, day: str = "2026-03-03", **more: object) -> dict:
    return {"expense_date": day, "expense_kind_id": kind(store, code), "description": code, "amount": amount, **more}


def claimed(store: Store, who: str, *lines: dict, **more: object) -> dict:
    body = {"business_date": "2026-03-06", "reason": "Visit to a customer in Hangzhou", "lines": list(lines)} | more
    return store.run(who, "enter_expense_claim", **body)


def approved(store: Store, who: str, *lines: dict, **more: object) -> dict:
    claim = claimed(store, who, *lines, **more)
    request = store.on(who, "submit_expense_claim", claim)
    store.on("mei", "approve", request)
    return claim


def entry(store: Store, document: dict) -> dict[str, Decimal]:
    """Account → signed amount of all entries that a document made, in the company's currency."""
    rows = store.rows(
        "SELECT a.code, sum(l.company_debit - l.company_credit) FROM finance.journal_line l "
        "JOIN finance.journal_entry e ON e.id = l.journal_entry_id JOIN finance.ledger_account a "
        "ON a.id = l.ledger_account_id WHERE e.document_type = %s AND e.document_id = %s GROUP BY 1 ORDER BY 1",
        document["document"],
        document["id"],
    )
    return dict(rows)


def state(store: Store, claim: dict) -> str:
    return store.value("SELECT state FROM hr.expense_claim WHERE id = %s", claim["id"])


def test_a_claim_is_approved_by_the_manager_booked_by_accounting_and_paid_in_parts(store: Store, shop: dict) -> None:
    claim = claimed(
        store,
        "wei",
        receipt(store, "TRAVEL", "109", vat_code="S9"),
        receipt(store, "TRAVEL", "500", vat_code="S6", tax_amount="28.30"),
        receipt(store, "MEAL", "300"),
        receipt(store, "OFFICE", "113", vat_code="S13", department_id=shop["office"]["id"]),
    )
    with pytest.raises(Refusal, match="approv"):
        store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    request = store.on("wei", "submit_expense_claim", claim)
    with pytest.raises(Refusal):
        store.on("wei", "approve", request)
    store.on("mei", "approve", request)
    owed = store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    assert owed["document"] == "reimbursement"
    assert entry(store, owed) == {
        "6601.02": Decimal("571.70"),
        "6601.03": 300,
        "6602.05": 100,
        "2221.01.01": Decimal("50.30"),
        "2241.02": -1022,
    }
    by_department = store.rows(
        "SELECT d.code, sum(l.debit) FROM finance.journal_line l JOIN hr.department d ON d.id = l.department_id "
        "GROUP BY 1 ORDER BY 1"
    )
    assert by_department == [("O", 100), ("S", Decimal("871.70"))]
    first = store.on("accountant", "pay_reimbursement", owed, business_date="2026-03-12", amount="1000")
    assert entry(store, first) == {"2241.02": 1000, "1002": -1000}
    assert state(store, claim) == "booked"
    with pytest.raises(Refusal, match="22"):
        store.on("accountant", "pay_reimbursement", owed, business_date="2026-03-13", amount="22.01")
    store.on("accountant", "pay_reimbursement", owed, business_date="2026-03-13", amount="22")
    assert state(store, claim) == "paid"
    store.verify()


def test_above_two_thousand_an_accountant_decides_too_and_never_on_the_own_claim(store: Store, shop: dict) -> None:
    claim = claimed(store, "wei", receipt(store, "TRAVEL", "2500"))
    request = store.on("wei", "submit_expense_claim", claim)
    assert store.on("mei", "approve", request)["state"] == "pending"
    assert state(store, claim) == "submitted"
    assert store.on("accountant", "approve", request)["state"] == "approved"
    card = dict(store.rows("SELECT fact, value FROM oa.approval_fact ORDER BY id DESC LIMIT 2"))
    assert card == {"receipt_count": "0", "claimed_this_year": "0"}
    # An accountant's own claim is booked and paid by another accountant.
    store.on("administrator", "give_role", {"document": "app_user", "id": store.users["wei"]}, role="accountant")
    with pytest.raises(Refusal, match="Ask a colleague to book it"):
        store.on("wei", "book_expense_claim", claim, posting_date="2026-03-10")
    owed = store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    with pytest.raises(Refusal, match="your own"):
        store.on("wei", "pay_reimbursement", owed, business_date="2026-03-12", amount="2500")
    store.verify()


def test_what_was_returned_is_changed_and_submitted_again_and_a_rejection_ends_in_no_booking(
    store: Store, shop: dict
) -> None:
    claim = claimed(store, "wei", receipt(store, "TRAVEL", "200"))
    request = store.on("wei", "submit_expense_claim", claim)
    store.on("mei", "return_to", request, note="Which receipt is this?")
    lines = [receipt(store, "LOCAL", "20")]
    store.on("wei", "change_expense_claim", claim, business_date="2026-03-06", reason="A taxi", lines=lines)
    # Whoever decides on it sees it, and may not write it.
    with pytest.raises(Refusal, match="Only whoever entered"):
        store.on("mei", "cancel_expense_claim", claim)
    again = store.on("wei", "submit_expense_claim", claim)
    store.on("mei", "reject", again, note="Walk")
    with pytest.raises(Refusal):
        store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    assert store.value("SELECT count(*) FROM finance.reimbursement") == 0
    store.on("wei", "cancel_expense_claim", claim)
    store.verify()


def test_G19_another_receipt_after_the_approval_asks_for_another_approval(store: Store, shop: dict) -> None:
    def attach(content: bytes) -> None:
        kept = files.keep([content])
        upload = files.ticket_for(kept, store.users["wei"])
        store.run(
            "wei",
            "attach_file",
            document_type="expense_claim",
            document_id=claim["id"],
            file_name="a.pdf",
            upload=upload,
        )

    claim = claimed(store, "wei", receipt(store, "TRAVEL", "200"))
    attach(b"hotel")
    store.on("mei", "approve", store.on("wei", "submit_expense_claim", claim))
    assert store.value("SELECT value FROM oa.approval_fact WHERE fact = 'receipt_count' LIMIT 1") == "1"
    attach(b"another hotel")
    with pytest.raises(Refusal, match="changed"):
        store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    again = store.run("wei", "submit_for_approval", document_type="expense_claim", document_id=claim["id"])
    store.on("mei", "approve", again)
    store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    store.verify()


def test_what_was_booked_wrongly_is_taken_back_by_the_opposite_entry(store: Store, shop: dict) -> None:
    claim = approved(store, "wei", receipt(store, "TRAVEL", "109", vat_code="S9"))
    owed = store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    paid = store.on("accountant", "pay_reimbursement", owed, business_date="2026-03-12", amount="9")
    with pytest.raises(Refusal, match="Take its payments back first"):
        store.on("accountant", "reverse_reimbursement", owed, business_date="2026-03-20", reason="Private trip")
    store.close("2026-03")
    with pytest.raises(PeriodClosed):
        store.on("accountant", "reverse_employee_payment", paid, business_date="2026-03-20")
    store.on("accountant", "reverse_employee_payment", paid, business_date="2026-04-02")
    back = store.on("accountant", "reverse_reimbursement", owed, business_date="2026-04-02", reason="Private trip")
    assert entry(store, back) == {"6601.02": -100, "2221.01.01": -9, "2241.02": 109}
    assert entry(store, paid) == {"2241.02": 0, "1002": 0}
    assert state(store, claim) == "reversed"
    store.verify()


def test_a_closed_month_takes_no_claim_any_more(store: Store, shop: dict) -> None:
    claim = approved(store, "wei", receipt(store, "TRAVEL", "80"))
    store.close("2026-03")
    with pytest.raises(PeriodClosed):
        store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-31")
    store.on("accountant", "book_expense_claim", claim, posting_date="2026-04-01")
    store.verify()


def test_input_tax_of_claims_is_declared_and_that_of_reversed_ones_taken_out(store: Store, shop: dict) -> None:
    claim = approved(store, "wei", receipt(store, "TRAVEL", "109", vat_code="S9"), receipt(store, "MEAL", "50"))
    owed = store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    store.on("accountant", "reverse_reimbursement", owed, business_date="2026-03-20", reason="Wrong kind")
    other = approved(store, "lin", receipt(store, "OFFICE", "113", vat_code="S13"))
    store.on("accountant", "book_expense_claim", other, posting_date="2026-03-10")
    march = store.value("SELECT id FROM core.period WHERE code = '2026-03'")
    store.run("accountant", "prepare_vat_return", period_id=march)
    assert store.rows("SELECT input_net_amount, input_tax_amount FROM finance.vat_return") == [(100, 13)]
    assert store.value("SELECT count(*) FROM finance.vat_return_line") == 3
    store.verify()


def test_a_claim_in_another_currency_is_owed_in_it_and_the_rates_make_a_difference(store: Store, shop: dict) -> None:
    for day, rate in (("2026-03-01", "7.10"), ("2026-03-15", "7.20")):
        store.run("accountant", "set_exchange_rate", currency="USD", rate_date=day, exchange_rate=rate)
    claim = approved(store, "wei", receipt(store, "TRAVEL", "100.01"), receipt(store, "MEAL", "33.33"), currency="USD")
    owed = store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    assert entry(store, owed) == {
        "6601.02": Decimal("710.07"),
        "6601.03": Decimal("236.64"),
        "2241.02": Decimal("-946.71"),
    }
    # Paid in the company's own money, at the rate of that day.
    paid = store.on(
        "accountant", "pay_reimbursement", owed, business_date="2026-03-16", amount="133.34", currency="CNY"
    )
    assert entry(store, paid) == {
        "2241.02": Decimal("946.71"),
        "1002": Decimal("-960.05"),
        "6061": Decimal("13.34"),
    }
    store.verify()


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"vat_code": "S6", "code": "MEAL"}, "lines.0.vat_code"),
        ({"tax_amount": "5"}, "lines.0.vat_code"),
        ({"vat_code": "S6", "tax_amount": "100"}, "lines.0.tax_amount"),
        ({"amount": "10.001"}, "lines.0.amount"),
        ({"day": "2026-03-07"}, "lines.0.expense_date"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_beside_its_field(store: Store, shop: dict, fault: dict, field: str) -> None:
    values = {"code": "TRAVEL", "amount": "100"} | fault
    with pytest.raises(Refusal) as refused:
        claimed(store, "wei", receipt(store, **values))
    assert list(refused.value.fields) == [field]


def test_a_person_sees_the_own_claims_a_manager_those_of_the_people_and_accounting_all(
    store: Store, shop: dict
) -> None:
    from operational_app.core import db, policy, reading
    from operational_app.core.document import DOCUMENTS

    for who in ("wei", "lin", "bo", "mei"):
        claimed(store, who, receipt(store, "TRAVEL", "80"))

    def seen_by(who: str) -> set[str]:
        with db.reading() as session:
            principal = policy.load_principal(session, store.users[who])
            found = reading.read_page(session, principal, DOCUMENTS["expense_claim"], reading.Query())
            names = {store.users[name]: name for name in ("wei", "lin", "bo", "mei")}
            return {names[row.created_by] for row in found.rows}

    assert seen_by("wei") == {"wei"}
    assert seen_by("mei") == {"mei", "wei", "lin"}
    assert seen_by("bo") == {"bo"}
    assert seen_by("accountant") == {"wei", "lin", "bo", "mei"}
    assert seen_by("payroll") == set()


def test_the_bank_statement_knows_the_payment_and_what_it_knows_is_not_taken_back(store: Store, shop: dict) -> None:
    account = store.value("SELECT id FROM finance.ledger_account WHERE code = '1002'")
    bank = store.run(
        "accountant", "add_bank_account", code="ICBC", name="Main", bank_number="6222", currency="CNY",
        ledger_account_id=account,
    )  # fmt: skip
    claim = approved(store, "wei", receipt(store, "TRAVEL", "80"))
    owed = store.on("accountant", "book_expense_claim", claim, posting_date="2026-03-10")
    paid = store.on("accountant", "pay_reimbursement", owed, business_date="2026-03-12", amount="80")
    content = f"date,amount,party,description\n2026-03-13,-80.00,Wei,{paid['number']}\n"
    statement = store.run(
        "accountant", "import_bank_statement", bank_account_id=bank["id"], file_name="march.csv", content=content
    )
    store.on("accountant", "match_bank_statement", statement)
    matched = store.rows("SELECT state, document_type, document_id FROM finance.bank_statement_line")
    assert matched == [("matched", "employee_payment", paid["id"])]
    with pytest.raises(Refusal, match="stands on a bank statement"):
        store.on("accountant", "reverse_employee_payment", paid, business_date="2026-03-20")
    store.verify()
