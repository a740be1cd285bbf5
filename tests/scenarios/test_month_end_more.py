"""Month end, continued: what is reserved and given back, VAT that is due, who is reminded, and whose cost it is."""

from decimal import Decimal
from typing import Any

import pytest

from operational_app.core import db
from operational_app.core.errors import Refusal
from operational_app.core.models import Company
from operational_app.reports import REPORTS, Asked
from tests.conftest import Store
from tests.scenarios.test_month_end import Yard, balance, bought, budgeted, by_hand, order, period, yard

__all__ = ["yard"]


def budget(store: Store) -> dict[str, Decimal]:
    [row] = store.rows("SELECT amount, reserved_amount, committed_amount, used_amount FROM finance.budget_balance")
    amount, reserved, committed, used = row
    left = amount - reserved - committed - used
    return {"reserved": reserved, "committed": committed, "used": used, "available": left}


def needed(store: Store, yard: Yard, amount: str, user: str = "buyer") -> dict[str, Any]:
    """A requisition of so many reams at 1.00."""
    line = {"item_id": yard["paper"]["id"], "quantity": amount, "needed_by": "2026-03-20", "unit_price": "1"}
    return store.run(user, "enter_purchase_requisition", business_date="2026-03-02", reason="Printing", lines=[line])


def approved(store: Store, yard: Yard, amount: str) -> dict[str, Any]:
    """A requisition that was submitted and approved by whoever the company's rule names."""
    made = needed(store, yard, amount)
    store.on("buyer", "submit_purchase_requisition", made)
    if store.value("SELECT state FROM erp.purchase_requisition WHERE id = %s", made["id"]) == "submitted":
        request = store.value("SELECT max(id) FROM oa.approval")
        user = store.value(
            "SELECT u.username FROM oa.approval_task t JOIN core.app_user u ON u.id = t.user_id "
            "WHERE t.approval_id = %s ORDER BY t.id LIMIT 1",
            request,
        )
        store.on(user, "approve", {"document": "approval", "id": request})
    return made


# ---- Budget: reserve, commit, use, release ----


def test_money_is_reserved_when_asked_for_committed_when_ordered_and_used_when_billed(store: Store, yard: Yard) -> None:
    budgeted(store, yard, "20")
    made = approved(store, yard, "12")
    assert budget(store) == {"reserved": 12, "committed": 0, "used": 0, "available": 8}
    store.on(
        "buyer",
        "convert_to_purchase_order",
        made,
        business_date="2026-03-03",
        stock_location_id=yard["place"]["id"],
        lines=[
            {
                "purchase_requisition_line_id": store.value("SELECT id FROM erp.purchase_requisition_line"),
                "supplier_id": yard["supplier"]["id"],
            }
        ],
    )
    assert budget(store)["reserved"] == 12
    order_made = {"document": "purchase_order", "id": store.value("SELECT id FROM erp.purchase_order")}
    store.on("buyer", "send_purchase_order", order_made)
    assert budget(store) == {"reserved": 0, "committed": 12, "used": 0, "available": 8}
    line = store.value("SELECT id FROM erp.purchase_order_line")
    part = [{"purchase_order_line_id": line, "quantity": "7"}]
    store.on("warehouse", "receive_goods", order_made, business_date="2026-03-04", lines=part)
    store.on("accountant", "bill_purchase_order", order_made, business_date="2026-03-05", supplier_reference="R-1")
    assert budget(store) == {"reserved": 0, "committed": 5, "used": 7, "available": 8}
    store.on("buyer", "close_purchase_order", order_made)
    assert budget(store) == {"reserved": 0, "committed": 0, "used": 7, "available": 13}
    store.verify()


def test_a_closed_order_keeps_what_came_and_is_not_billed(store: Store, yard: Yard) -> None:
    budgeted(store, yard, "20")
    made = order(store, yard, "10")
    store.on("buyer", "send_purchase_order", made)
    line = store.value("SELECT id FROM erp.purchase_order_line")
    part = [{"purchase_order_line_id": line, "quantity": "4"}]
    store.on("warehouse", "receive_goods", made, business_date="2026-03-04", lines=part)
    store.on("buyer", "close_purchase_order", made)
    assert budget(store) == {"reserved": 0, "committed": 4, "used": 0, "available": 16}
    store.on("accountant", "bill_purchase_order", made, business_date="2026-03-05", supplier_reference="R-1")
    assert budget(store) == {"reserved": 0, "committed": 0, "used": 4, "available": 16}
    store.verify()


def test_a_requisition_without_an_account_is_refused_by_the_budget_of_its_items_account_g9(
    store: Store, yard: Yard
) -> None:
    budgeted(store, yard, "20")
    bought(store, yard, "20", "2026-03-01", "R-1")
    made = needed(store, yard, "1")
    with pytest.raises(Refusal, match="1.00 is more than the 0.00 that the budget 2026 of 6602"):
        store.on("buyer", "submit_purchase_requisition", made)
    assert store.value("SELECT state FROM erp.purchase_requisition") == "draft"


def test_what_is_given_up_is_free_again(store: Store, yard: Yard) -> None:
    budgeted(store, yard, "20")
    made = approved(store, yard, "12")
    assert budget(store)["available"] == 8
    store.on("buyer", "cancel_purchase_requisition", made)
    assert budget(store)["available"] == 20
    store.verify()


# ---- VAT that is due ----


def sold(store: Store, yard: Yard, amount: str, day: str) -> dict[str, Any]:
    """Reams at 1.00 out of what was bought, delivered and invoiced on one day."""
    made = store.run(
        "sales",
        "enter_sales_order",
        customer_id=yard["customer"]["id"],
        business_date=day,
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["paper"]["id"], "quantity": amount, "unit_price": "1"}],
    )
    store.on("sales", "confirm_sales_order", made)
    delivery = store.on("sales", "deliver_sales_order", made, business_date=day)
    return store.on("sales", "invoice_delivery", delivery, business_date=day)


def filed(store: Store, code: str) -> dict[str, Any]:
    made = store.run("accountant", "prepare_vat_return", period_id=period(store, code))
    store.on("accountant", "file_vat_return", made)
    return made


def test_the_tax_due_moves_to_unpaid_vat_after_what_was_brought_forward(store: Store, yard: Yard) -> None:
    """March has 13.00 more input than output, April 39.00 more output: 26.00 are due for April, and paid in May."""
    bought(store, yard, "500", "2026-03-10", "R-1")
    sold(store, yard, "400", "2026-03-20")
    filed(store, "2026-03")
    assert (balance(store, "2221.02"), balance(store, "2221.01.04")) == (0, 0)
    bought(store, yard, "300", "2026-04-10", "R-2")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-04-11",
        reason="count",
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["paper"]["id"], "quantity": "200", "unit_cost": "1"}],
    )
    sold(store, yard, "600", "2026-04-20")
    april = filed(store, "2026-04")
    assert store.rows(
        "SELECT payable_amount, credit_brought_forward, due_amount FROM finance.vat_return WHERE id = %s", april["id"]
    ) == [(39, 13, 26)]
    assert (balance(store, "2221.02", "2026-04-30"), balance(store, "2221.01.04", "2026-04-30")) == (-26, 26)
    store.verify()
    with pytest.raises(Refusal, match="27.00 is more than the 26.00 that VR-2026-00002 still has to be paid"):
        store.on("accountant", "pay_vat_return", april, business_date="2026-05-12", amount="27")
    store.on("accountant", "pay_vat_return", april, business_date="2026-05-12", amount="26")
    assert balance(store, "2221.02") == 0
    store.verify()


def test_tax_of_a_closed_month_is_transferred_on_the_first_open_day(store: Store, yard: Yard) -> None:
    bought(store, yard, "100", "2026-03-10", "R-1")
    store.run(
        "warehouse",
        "adjust_stock",
        business_date="2026-03-11",
        reason="count",
        stock_location_id=yard["place"]["id"],
        lines=[{"item_id": yard["paper"]["id"], "quantity": "100", "unit_cost": "1"}],
    )
    sold(store, yard, "200", "2026-03-20")
    store.close("2026-03")
    filed(store, "2026-03")
    assert (balance(store, "2221.02", "2026-03-31"), balance(store, "2221.02", "2026-04-01")) == (0, -13)
    store.verify()


# ---- Reminders ----


def test_who_pays_late_is_reminded_level_by_level_and_it_stands_on_the_customer_l_10(store: Store, yard: Yard) -> None:
    """Finance ↔ CRM: who owes what, since when, and how far they have been reminded."""
    bought(store, yard, "500", "2026-01-01", "R-1")
    first = sold(store, yard, "100", "2026-01-02")
    sold(store, yard, "50", "2026-02-10")
    with pytest.raises(Refusal, match="On 2026-02-05 no invoice is late enough"):
        store.run("accountant", "send_reminders", business_date="2026-02-05")
    # Due on 1 February: 40 days late, and yet the first letter comes first.
    run = store.run("accountant", "send_reminders", business_date="2026-03-13")
    assert run["state"] == "sent"
    assert store.rows("SELECT level, total_amount, mailed_to FROM finance.dunning_notice") == [(1, 113, None)]
    letter = store.value("SELECT letter FROM finance.dunning_notice")
    assert "Lily's Café" in letter and "SI-2026-00001  2026-02-01  113.00 CNY" in letter
    store.run("accountant", "send_reminders", business_date="2026-03-20")
    assert store.rows("SELECT level, total_amount FROM finance.dunning_notice ORDER BY id DESC LIMIT 1") == [
        (2, Decimal("169.50"))
    ]
    with db.reading() as session:
        from operational_app.crm.contacts.models import Customer

        assert session.get_one(Customer, yard["customer"]["id"]).dunning_level == 2  # type: ignore[attr-defined]
    store.on("accountant", "receive_payment_of_invoice", first, business_date="2026-03-21", amount="113")
    with db.reading() as session:
        assert session.get_one(Customer, yard["customer"]["id"]).dunning_level == 1  # type: ignore[attr-defined]
    store.verify()


def test_a_letter_speaks_only_of_what_it_knows_and_is_mailed_where_an_address_is_known(
    store: Store, yard: Yard
) -> None:
    with pytest.raises(Refusal) as refused:
        store.run("accountant", "set_dunning_level", level=1, days_overdue=3, letter="Dear {custommer}")
    assert "custommer" in str(refused.value.fields["letter"])
    store.run("accountant", "set_dunning_level", level=1, days_overdue=3, letter="{customer} owes {total} {currency}")
    store.run("buyer", "register_supplier", name="Unneeded")
    mailed = store.run("sales", "register_customer", name="Max's Deli", email="max@example.com")
    bought(store, yard, "500", "2026-01-01", "R-1")
    sold(store, yard | {"customer": mailed}, "100", "2026-01-02")
    store.run("accountant", "send_reminders", business_date="2026-02-05", customer_id=mailed["id"])
    assert store.rows("SELECT address, payload->>'text' FROM core.outbox_message WHERE kind = 'mail'") == [
        ("max@example.com", "Max's Deli owes 113.00 CNY")
    ]
    store.verify()


# ---- Departments ----


def employed(store: Store, user: str, department: dict[str, Any]) -> None:
    """A user who works in a department since the beginning of the year."""
    store.run(
        "hr",
        "hire_employee",
        name=f"{user.title()} Wang",
        start_date="2026-01-01",
        department_id=department["id"],
        position="Clerk",
        base_salary="8000",
        user_id=store.users[user],
    )


def report(store: Store, name: str, start: str, end: str) -> list[tuple[Any, ...]]:
    with db.reading() as session:
        company = session.query(Company).filter_by(code="DEMO").one()
        return [tuple(row) for row in REPORTS[name].rows(session, Asked(company, start, end, None))]  # type: ignore[arg-type]


def department(store: Store, code: str) -> dict[str, Any]:
    return store.run("hr", "add_department", code=code, name=code.title())


def test_cost_is_spread_over_departments_and_stands_against_their_budgets(store: Store, yard: Yard) -> None:
    accounts = yard["accounts"]
    shop, office = department(store, "SHOP"), department(store, "OFFICE")
    lines = [
        {"ledger_account_id": accounts["6601"], "department_id": shop["id"], "amount": "70"},
        {"ledger_account_id": accounts["6601"], "amount": "50"},
    ]
    plan = store.run("accountant", "enter_budget", year=2026, description="Plan", lines=lines)
    store.on("manager", "approve_budget", plan)
    by_hand(store, yard, "post_journal_entry", "2026-03-10", ("6602", "100"), ("1002", "-100"))
    driver = store.run(
        "accountant",
        "add_cost_driver",
        code="M2",
        name="Square metres",
        lines=[
            {"ledger_account_id": accounts["6601"], "department_id": shop["id"], "driver_quantity": "2"},
            {"ledger_account_id": accounts["6601"], "department_id": office["id"], "driver_quantity": "1"},
        ],
    )
    store.run(
        "accountant",
        "allocate_cost",
        period_id=period(store, "2026-03"),
        ledger_account_id=accounts["6602"],
        cost_driver_id=driver["id"],
    )
    found = report(store, "budget-vs-actual", "2026-01-01", "2026-12-31")
    # (department, budget, actual, variance): the office has no budget of its own, so the company's bears its part.
    assert [(row[3], row[5], row[10], row[11]) for row in found] == [
        (None, 50, Decimal("33.33"), Decimal("16.67")),
        ("SHOP", 70, Decimal("66.67"), Decimal("3.33")),
    ]
    results = report(store, "department-results", "2026-03-01", "2026-03-31")
    assert [(row[0], row[1], row[4]) for row in results] == [
        ("OFFICE", "6601", Decimal("-33.33")),
        ("SHOP", "6601", Decimal("-66.67")),
    ]
    store.verify()
