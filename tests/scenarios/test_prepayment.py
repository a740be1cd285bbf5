"""Money before and beside the invoice, as the accountant lives it: advance, allocation, discount, what is owed."""

from decimal import Decimal
from typing import Any

import pytest

from operational_app.core import db, reading
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import Refusal
from operational_app.core.policy import load_principal
from operational_app.finance.receivables.queries import aged_receivables
from tests.conftest import Store

DAY = "2026-03-02"


@pytest.fixture
def shop(store: Store) -> dict[str, dict]:
    return {
        "place": store.run("warehouse", "add_stock_location", code="MAIN", name="Main store"),
        "advice": store.run("sales", "add_item", number="ADV", name="Advice", kind="service", list_price="100"),
        "customer": store.run("sales", "register_customer", name="Lily's Café", credit_limit="5000"),
    }


def invoiced(store: Store, shop: dict[str, dict], quantity: str, day: str = DAY) -> dict:
    """An invoice of so many hours at 113.00 with VAT."""
    order = store.run(
        "sales",
        "enter_sales_order",
        customer_id=shop["customer"]["id"],
        business_date=day,
        stock_location_id=shop["place"]["id"],
        lines=[{"item_id": shop["advice"]["id"], "quantity": quantity}],
    )
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("sales", "deliver_sales_order", order, business_date=day)
    return store.on("sales", "invoice_delivery", delivery, business_date=day)


def received(store: Store, shop: dict[str, dict], amount: str, day: str = DAY, **more: Any) -> dict:
    return store.run(
        "accountant", "receive_money", customer_id=shop["customer"]["id"], business_date=day, amount=amount, **more
    )


def balances(store: Store) -> dict[str, Decimal]:
    """Account → balance of bank, receivable, advances and discounts, those that are not zero."""
    return dict(
        store.rows(
            "SELECT a.code, sum(l.debit - l.credit) FROM finance.journal_line l "
            "JOIN finance.ledger_account a ON a.id = l.ledger_account_id "
            "WHERE a.code IN ('1002', '1122', '2203', '6603.02') GROUP BY 1 HAVING sum(l.debit - l.credit) <> 0"
        )
    )


def customer_seen_by(store: Store, user: str, customer: dict) -> dict[str, Any]:
    """The fields of a customer that a user may see, with their values."""
    with db.reading() as session:
        principal = load_principal(session, store.users[user])
        assert principal is not None
        row = session.scalars(
            reading.visible(principal, DOCUMENTS["customer"]).where(DOCUMENTS["customer"].model.id == customer["id"])
        ).one()
        return {name: getattr(row, name) for name in reading.fields_of(principal, DOCUMENTS["customer"], row)}


def test_money_before_the_invoice_is_an_advance_until_it_is_allocated(store: Store, shop: dict[str, dict]) -> None:
    receipt = received(store, shop, "500")
    assert balances(store) == {"1002": 500, "2203": -500}
    invoice = invoiced(store, shop, "3", "2026-03-10")
    assert balances(store) == {"1002": 500, "2203": -500, "1122": 339}
    part = [{"sales_invoice_id": invoice["id"], "amount": "339"}]
    with pytest.raises(Refusal, match="SI-2026-00001 is of 2026-03-10"):
        store.on("accountant", "allocate_receipt", receipt, business_date="2026-03-09", allocations=part)
    store.on("accountant", "allocate_receipt", receipt, business_date="2026-03-10", allocations=part)
    assert balances(store) == {"1002": 500, "2203": -161}
    assert store.rows("SELECT state FROM finance.sales_invoice") == [("paid",)]
    store.verify()

    refund = store.on("accountant", "refund_advance", receipt, business_date="2026-03-12", amount="161")
    assert refund["document"] == "refund"
    assert balances(store) == {"1002": 339}
    assert store.rows("SELECT state FROM finance.receipt_of_money") == [("allocated",)]
    store.verify()


def test_a_discount_for_early_payment_settles_the_invoice_within_the_limit(store: Store, shop: dict[str, dict]) -> None:
    invoice = invoiced(store, shop, "10")
    pay = {"business_date": "2026-03-12", "amount": "1107.40"}
    with pytest.raises(Refusal, match="discounted by 33.90 at most"):
        store.on(
            "accountant", "receive_payment_of_invoice", invoice, **pay | {"amount": "1000", "discount_amount": "33.91"}
        )
    with pytest.raises(Refusal, match="was due on 2026-04-01"):
        late = pay | {"business_date": "2026-04-02", "discount_amount": "22.60"}
        store.on("accountant", "receive_payment_of_invoice", invoice, **late)
    store.on("accountant", "receive_payment_of_invoice", invoice, **pay | {"discount_amount": "22.60"})
    assert store.rows("SELECT state, open_amount FROM finance.sales_invoice") == [("paid", 0)]
    assert balances(store) == {"1002": Decimal("1107.40"), "6603.02": Decimal("22.60")}
    store.verify()


def test_the_limit_of_discounts_counts_over_all_payments_of_an_invoice(store: Store, shop: dict[str, dict]) -> None:
    invoice = invoiced(store, shop, "10")
    pay = {"business_date": "2026-03-12", "amount": "100", "discount_amount": "20"}
    store.on("accountant", "receive_payment_of_invoice", invoice, **pay)
    with pytest.raises(Refusal, match="discounted by 33.90 at most"):
        store.on("accountant", "receive_payment_of_invoice", invoice, **pay)


def test_the_aged_list_is_receivables_less_advances_on_every_day(store: Store, shop: dict[str, dict]) -> None:
    receipt = received(store, shop, "500")
    invoice = invoiced(store, shop, "3", "2026-03-10")
    part = [{"sales_invoice_id": invoice["id"], "amount": "339"}]
    store.on("accountant", "allocate_receipt", receipt, business_date="2026-03-20", allocations=part)
    store.on("accountant", "credit_invoice", invoice, business_date="2026-03-25", reason="price")
    company = store.value("SELECT id FROM core.company WHERE code = 'DEMO'")
    seen = {}
    with db.reading() as session:
        for day in ("2026-03-05", "2026-03-10", "2026-03-20", "2026-03-25"):
            row = aged_receivables(session, company, day)[0]  # type: ignore[arg-type]
            seen[day] = (row.not_due, row.unallocated, row.total)
            ledger = store.value(
                "SELECT sum(l.debit - l.credit) FROM finance.journal_line l "
                "JOIN finance.journal_entry e ON e.id = l.journal_entry_id "
                "JOIN finance.ledger_account a ON a.id = l.ledger_account_id "
                "WHERE a.code IN ('1122', '2203') AND e.posting_date <= %s",
                day,
            )
            assert row.total == ledger
    assert seen == {
        "2026-03-05": (0, -500, -500),
        "2026-03-10": (339, -500, -161),
        "2026-03-20": (0, -161, -161),
        "2026-03-25": (0, -500, -500),
    }


def test_what_a_customer_owes_and_since_when_stands_on_the_customer_at_once_l_10(
    store: Store, shop: dict[str, dict]
) -> None:
    """Finance ↔ CRM: invoices, receipts, credits and advances show on the customer at once, and bound its credit."""
    first = invoiced(store, shop, "10")
    invoiced(store, shop, "20", "2026-03-20")
    seen = customer_seen_by(store, "sales", shop["customer"])
    assert (seen["open_amount"], seen["oldest_due_date"].isoformat()) == (3390, "2026-04-01")

    store.on("accountant", "receive_payment_of_invoice", first, business_date="2026-03-25", amount="1130")
    received(store, shop, "90", "2026-03-26")
    seen = customer_seen_by(store, "sales", shop["customer"])
    assert (seen["open_amount"], seen["oldest_due_date"].isoformat()) == (2170, "2026-04-19")
    # The warehouse sees the customer, but not what it owes.
    assert not {"open_amount", "oldest_due_date"} & set(customer_seen_by(store, "warehouse", shop["customer"]))

    with pytest.raises(Refusal, match="would owe 5,560.00 with this order; the credit limit is 5,000"):
        invoiced(store, shop, "30", "2026-03-27")
    store.verify()
