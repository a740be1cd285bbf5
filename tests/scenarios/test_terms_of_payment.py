"""Terms of payment, as the accountant lives them: agreed as data, kept on the document, followed by lists, letters and runs."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.finance.payables.queries import aged_payables
from operational_app.finance.receivables.queries import aged_receivables
from operational_app.finance.terms.models import SalesInvoiceInstalment
from tests.conftest import Store

Yard = dict[str, Any]


@pytest.fixture
def yard(store: Store) -> Yard:
    """30 % at once and the rest at the end of the next month; 2 % for paying within ten days, else thirty; fixed day 25."""
    thirds = [{"share": "0.3"}, {"share": "0.7", "counting": "end_of_month", "days": 31}]
    early = {"discount_days": 10, "discount_share": "0.02"}
    return {
        "thirds": terms(store, "30-70", thirds),
        "early": terms(store, "2-10-30", [{"days": 30}], **early),
        "fixed": terms(store, "DAY25", [{"counting": "day_of_month", "day_of_month": 25}]),
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "advice": store.run(
            "sales", "add_item", number="ADV", name="Advice", kind="service", list_price="100", vat_code="S0"
        ),
        "plate": store.run("buyer", "add_item", number="PLATE", name="Steel plate", list_price="70", vat_code="S0"),
    }


def terms(store: Store, code: str, parts: list[dict[str, Any]], **more: Any) -> int:
    return store.run("accountant", "add_payment_term", code=code, name=code, parts=parts, **more)["id"]


def invoiced(store: Store, yard: Yard, hours: str, day: str, customer: int, **more: Any) -> dict[str, Any]:
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=customer,
        business_date=day,
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["advice"]["id"], "quantity": hours}],
    )
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("sales", "deliver_sales_order", order, business_date=day)
    return store.on("sales", "invoice_delivery", delivery, business_date=day, **more)


def billed(
    store: Store, yard: Yard, pieces: str, day: str, supplier: int, reference: str, **more: Any
) -> dict[str, Any]:
    order = store.run(
        "buyer",
        "enter_purchase_order",
        supplier_id=supplier,
        business_date=day,
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["plate"]["id"], "quantity": pieces, "unit_price": "100"}],
    )
    store.on("buyer", "send_purchase_order", order)
    store.on("warehouse", "receive_goods", order, business_date=day)
    return store.on("accountant", "bill_purchase_order", order, supplier_reference=reference, business_date=day, **more)


def aged(store: Store, read: Any, day: date) -> list[tuple[Decimal, ...]]:
    """Not due, 1-30, 31-60, 61-90, more, not allocated, total."""
    company = store.value("SELECT id FROM core.company WHERE code = 'DEMO'")
    with db.reading() as session:
        return [tuple(row)[3:] for row in read(session, company, day)]


def dues(store: Store, table: str) -> list[tuple[date, Decimal]]:
    return store.rows(f"SELECT due_date, amount FROM finance.{table} ORDER BY due_date")


def test_instalments_age_one_by_one_and_money_pays_the_first_first(store: Store, yard: Yard) -> None:
    customer = store.run("sales", "register_customer", name="Lily's Café", payment_term_id=yard["thirds"])["id"]
    invoice = invoiced(store, yard, "10", "2026-03-05", customer)
    assert dues(store, "sales_invoice_instalment") == [(date(2026, 3, 5), 300), (date(2026, 5, 1), 700)]
    assert store.value("SELECT due_date FROM finance.sales_invoice") == date(2026, 3, 5)
    assert aged(store, aged_receivables, date(2026, 3, 15)) == [(700, 300, 0, 0, 0, 0, 1000)]
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date="2026-03-20", amount="400")
    assert aged(store, aged_receivables, date(2026, 3, 15)) == [(700, 300, 0, 0, 0, 0, 1000)]
    assert aged(store, aged_receivables, date(2026, 3, 20)) == [(600, 0, 0, 0, 0, 0, 600)]
    assert aged(store, aged_receivables, date(2026, 6, 30)) == [(0, 0, 600, 0, 0, 0, 600)]
    with db.reading() as session:
        assert session.execute(
            select(SalesInvoiceInstalment.amount, SalesInvoiceInstalment.open_amount).order_by("due_date")
        ).all() == [(300, 0), (700, 600)]
    store.verify()


def test_a_reminder_asks_for_what_is_overdue_and_for_no_more(store: Store, yard: Yard) -> None:
    customer = store.run("sales", "register_customer", name="Lily's Café", payment_term_id=yard["thirds"])["id"]
    invoice = invoiced(store, yard, "10", "2026-03-05", customer)
    store.run("accountant", "send_reminders", business_date="2026-03-20")
    assert store.rows("SELECT due_date, days_overdue, open_amount FROM finance.dunning_notice_line") == [
        (date(2026, 3, 5), 15, 300)
    ]
    store.on("accountant", "receive_payment_of_invoice", invoice, business_date="2026-03-21", amount="300")
    with pytest.raises(Refusal, match="no invoice is late enough"):
        store.run("accountant", "send_reminders", business_date="2026-04-30")


def test_the_document_may_have_other_terms_than_its_party(store: Store, yard: Yard) -> None:
    customer = store.run("sales", "register_customer", name="Lily's Café", payment_term_id=yard["thirds"])["id"]
    invoiced(store, yard, "1", "2026-03-26", customer, payment_term_id=yard["fixed"])
    assert store.value("SELECT due_date FROM finance.sales_invoice") == date(2026, 4, 25)
    assert dues(store, "sales_invoice_instalment") == []
    term = {"document": "payment_term", "id": yard["fixed"]}
    store.on("accountant", "block_payment_term", term)
    with pytest.raises(Refusal, match="The terms DAY25 are not for new documents any more"):
        invoiced(store, yard, "1", "2026-03-26", customer, payment_term_id=yard["fixed"])


def test_a_customer_who_pays_in_time_takes_the_discount_of_the_terms(store: Store, yard: Yard) -> None:
    customer = store.run("sales", "register_customer", name="Lily's Café", payment_term_id=yard["early"])["id"]
    invoice = invoiced(store, yard, "10", "2026-03-05", customer)
    pay = {"business_date": "2026-03-15", "amount": "980", "discount_amount": "20"}
    with pytest.raises(Refusal, match="was due on 2026-03-15"):
        store.on("accountant", "receive_payment_of_invoice", invoice, **pay | {"business_date": "2026-03-16"})
    with pytest.raises(Refusal, match="discounted by 20.00 at most"):
        store.on(
            "accountant", "receive_payment_of_invoice", invoice, **pay | {"discount_amount": "20.01", "amount": "900"}
        )
    store.on("accountant", "receive_payment_of_invoice", invoice, **pay)
    assert store.rows("SELECT state, discount_until FROM finance.sales_invoice") == [("paid", date(2026, 3, 15))]
    store.verify()


def test_a_payment_run_pays_the_instalments_due_and_takes_the_discounts_that_would_be_over(
    store: Store, yard: Yard
) -> None:
    """Bills of 5 March: 1,000 in instalments, 500 with 2 % until 15 March, 200 due on 4 April."""
    supplier = store.run("buyer", "register_supplier", name="Timber & Co")
    billed(store, yard, "10", "2026-03-05", supplier["id"], "R-1", payment_term_id=yard["thirds"])
    billed(store, yard, "5", "2026-03-05", supplier["id"], "R-2", payment_term_id=yard["early"])
    billed(store, yard, "2", "2026-03-05", supplier["id"], "R-3")
    assert aged(store, aged_payables, date(2026, 3, 10)) == [(1400, 300, 0, 0, 0, 0, 1700)]
    store.run("accountant", "run_payments", business_date="2026-03-12", due_until="2026-03-18")
    assert store.rows(
        "SELECT b.supplier_reference, a.amount, a.discount_amount, b.open_amount FROM finance.payment_allocation a "
        "JOIN finance.bill b ON b.id = a.bill_id ORDER BY 1"
    ) == [("R-1", 300, 0, 700), ("R-2", 490, 10, 0)]
    assert store.value(
        "SELECT sum(l.credit - l.debit) FROM finance.journal_line l JOIN finance.posting_account p "
        "ON p.ledger_account_id = l.ledger_account_id WHERE p.purpose = 'discount_taken'"
    ) == 10  # fmt: skip
    assert aged(store, aged_payables, date(2026, 3, 12)) == [(900, 0, 0, 0, 0, 0, 900)]
    store.verify()
    changed = {"payment_days": 0, "payment_term_id": yard["early"]}
    store.on("buyer", "change_supplier_terms", supplier, **changed)
    late = billed(store, yard, "1", "2026-03-20", supplier["id"], "R-4")
    with pytest.raises(Refusal, match="was due on 2026-03-30"):
        store.on("accountant", "pay_bill", late, business_date="2026-03-31", amount="98", discount_amount="2")
    with pytest.raises(Refusal, match="give no discount"):
        other = {"document": "bill", "id": store.value("SELECT id FROM finance.bill WHERE supplier_reference = 'R-3'")}
        store.on("accountant", "pay_bill", other, business_date="2026-03-31", amount="98", discount_amount="2")


@pytest.mark.parametrize(
    ("code", "parts", "more", "field", "why"),
    [
        ("X", [{"share": "0.4"}, {"share": "0.5", "days": 30}], {}, "parts", "come to 0.9 and have to come to 1"),
        ("X", [{"counting": "day_of_month"}], {}, "parts.0.day_of_month", "needs this day"),
        ("X", [{}], {"discount_days": 10}, "discount_share", "needs its days and its share"),
        ("DAY25", [{}], {}, "code", "terms of this code already"),
    ],
)
def test_terms_are_whole_or_refused(
    store: Store, yard: Yard, code: str, parts: list[dict[str, Any]], more: dict[str, Any], field: str, why: str
) -> None:
    with pytest.raises(Refusal) as refused:
        terms(store, code, parts, **more)
    assert why in str(refused.value.fields[field])
