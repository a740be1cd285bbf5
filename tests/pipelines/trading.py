"""A small trading company for tests of the warehouse: stock, orders, deliveries, invoices, money."""

from typing import Any

DAY = "2026-03-02"


def furnish(store: Any) -> dict[str, Any]:
    """A place, an item with 1,000 pieces at 60.00, a customer, an employee."""
    place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
    item = store.run("sales", "add_item", number="CHAIR", name="Chair", list_price="100")
    store.run(
        "warehouse", "adjust_stock", business_date="2026-01-05", reason="opening", stock_location_id=place["id"],
        lines=[{"item_id": item["id"], "quantity": "1000", "unit_cost": "60"}],
    )  # fmt: skip
    customer = store.run("sales", "register_customer", name="Lily's Café", credit_limit="5000000")
    return {"place": place, "item": item, "customer": customer}


def sell(store: Any, shop: dict[str, Any], quantity: int, *, paid: bool = False) -> dict[str, Any]:
    """One order at 100.00 apiece and 13 % VAT, delivered and invoiced; paid where said. Gives the invoice."""
    order = store.run(
        "sales", "enter_sales_order", customer_id=shop["customer"]["id"], business_date=DAY,
        stock_location_id=shop["place"]["id"], lines=[{"item_id": shop["item"]["id"], "quantity": str(quantity)}],
    )  # fmt: skip
    store.on("sales", "confirm_sales_order", order)
    delivery = store.on("warehouse", "deliver_sales_order", order, business_date=DAY)
    invoice = store.on("sales", "invoice_delivery", delivery, business_date=DAY)
    if paid:
        store.on("accountant", "receive_payment_of_invoice", invoice, business_date=DAY, amount=str(quantity * 113))
    return invoice
