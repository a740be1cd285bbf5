"""Two trading companies of our own for tests of the dashboards, lived through the clerks' commands over three months."""

from typing import Any

from tests.conftest import PASSWORD, Store

MONTHS = ("2026-01", "2026-02", "2026-03")


def live(store: Store) -> None:
    """DEMO in CNY sells and is paid; WEST in USD sells and is not. A user `westerner` is manager of WEST only."""
    operator = store.value("SELECT id FROM core.app_user WHERE username = 'operator'")
    store.users["operator"] = operator
    store.run("operator", "found_company", code="WEST", name="West Ltd", currency="USD", chart="ifrs")
    store.run("operator", "open_year", company="WEST", year=2026)
    west = store.value("SELECT id FROM core.company WHERE code = 'WEST'")
    user = store.run("operator", "add_user", username="westerner", name="Westerner", password=PASSWORD)
    store.run("operator", "give_role", id=user["id"], version=user["version"], role="manager", company_id=west)
    store.users["westerner"] = user["id"]
    for number, company in enumerate(("DEMO", "WEST")):
        shop = furnish(store, company)
        for month in MONTHS:
            for pieces in (1 + number, 3, 7):
                sell(store, shop, company, f"{month}-0{pieces}", pieces, paid=company == "DEMO" and pieces == 3)


def furnish(store: Store, company: str) -> dict[str, Any]:
    """A place, an item in stock, a customer, a department and two employees, of whom one leaves in February."""
    here = {"company": company}
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store", **here)
    item = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100.10", **here)
    store.run(
        "warehouse", "adjust_stock", business_date="2026-01-01", reason="opening", stock_location_id=place["id"],
        lines=[{"item_id": item["id"], "quantity": "1000", "unit_cost": "60.05"}], **here,
    )  # fmt: skip
    customer = store.run("sales", "register_customer", name=f"Customer of {company}", credit_limit="900000", **here)
    department = store.run("hr", "add_department", code="SALES", name="Sales", **here)
    for name in ("Wang Fang", "Li Na"):
        employee = store.run(
            "hr", "hire_employee", name=name, department_id=department["id"], position="Clerk",
            start_date="2026-01-05", **here,
        )  # fmt: skip
    store.on("hr", "end_employment", employee, end_date="2026-02-27")
    return {"place": place, "item": item, "customer": customer}


def sell(store: Store, shop: dict[str, Any], company: str, day: str, pieces: int, *, paid: bool) -> None:
    """An order that is delivered and invoiced on its day, and paid ten days later where said."""
    order = store.run(
        "sales", "enter_sales_order", company=company, customer_id=shop["customer"]["id"], business_date=day,
        stock_location_id=shop["place"]["id"], lines=[{"item_id": shop["item"]["id"], "quantity": str(pieces)}],
    )  # fmt: skip
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("warehouse", "deliver_sales_order", order, business_date=day)
    invoice = store.on("sales", "invoice_delivery", delivery, business_date=day)
    if paid:
        owed = store.value("SELECT total_amount::text FROM finance.sales_invoice WHERE id = %s", invoice["id"])
        store.on("accountant", "receive_payment_of_invoice", invoice, business_date=f"{day[:8]}2{day[-1]}", amount=owed)
