"""The simulated company: every kind of thing happens in it, every truth holds afterwards, the same seed gives the same."""

from datetime import date

import pytest

from operational_app.simulator.people import USERS


@pytest.fixture
def people(store) -> None:
    """The demonstration's users, where the store has none of that name yet."""
    for username, (name, roles) in USERS.items():
        if username in store.users:
            continue
        made = store.run("operator", "add_user", username=username, name=name, password="long enough a password")
        for role in roles:
            made = store.on("operator", "give_role", made, role=role)
        store.users[username] = made["id"]


def story(store, code: str, last: date, **options):
    from operational_app.simulator.run import Simulation

    store.run("operator", "found_company", code=code, name=f"{code} Ltd", currency="CNY", chart="cas")
    store.run("operator", "open_year", company=code, year=2026)
    told = Simulation(code, 3, date(2026, 1, 1), last, orders_a_month=14, customer_count=6, **options)
    told.run()
    return told


def test_two_months_of_the_company_leave_every_kind_of_document_and_no_broken_truth(store, people):
    from operational_app.checks import all_checks, facts_against

    days: list[date] = []
    story(store, "TOLD", date(2026, 3, 12), returned=0.4, progress=lambda day, _count: days.append(day))
    assert days == sorted(days)
    tables = (
        "crm.lead", "crm.opportunity", "erp.quote", "erp.sales_order", "erp.delivery", "erp.customer_return",
        "erp.purchase_requisition", "erp.purchase_order", "erp.goods_receipt", "erp.planning_run", "erp.production_order",
        "finance.sales_invoice", "finance.credit_note", "finance.receipt_of_money", "finance.bill", "finance.payment",
        "finance.bank_statement", "finance.vat_return", "finance.depreciation_run", "finance.accrual", "oa.approval",
    )  # fmt: skip
    assert [table for table in tables if not store.value(f"SELECT count(*) FROM {table}")] == []
    closed = "SELECT p.code FROM core.period p WHERE p.state = 'closed' ORDER BY p.code"
    assert [row[0] for row in store.rows(closed)] == ["2026-01", "2026-02"]
    # What bought assets is no money of customers or suppliers: the statement's lines of that stay open.
    matched = "SELECT count(*) FILTER (WHERE state = 'matched') * 2 > count(*) FROM finance.bank_statement_line"
    assert store.value(matched)
    assert facts_against(all_checks(), 5) == {}


def test_the_same_seed_tells_the_same_story(store, people):
    def documents(code: str) -> list[tuple[object, ...]]:
        return store.rows(
            "SELECT e.number, e.posting_date, e.description, sum(l.debit) FROM finance.journal_entry e "
            "JOIN finance.journal_line l ON l.journal_entry_id = e.id JOIN core.company c ON c.id = e.company_id "
            f"WHERE c.code = '{code}' GROUP BY e.id ORDER BY e.number"
        )

    for code in ("ONE", "TWO"):
        story(store, code, date(2026, 1, 9))
    assert len(documents("ONE")) > 10
    assert documents("ONE") == documents("TWO")
