"""A warehouse in the words of a test: items, places, goods that come and go, and what the books say."""

from decimal import Decimal

from tests.conftest import Store


class Warehouse:
    """Places MAIN and SHOP, a supplier, a customer; days are days of March 2026."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.main = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")["id"]
        self.shop = store.run("warehouse", "add_stock_location", code="SHOP", name="Shop")["id"]
        self.supplier = store.run("buyer", "register_supplier", name="Timber & Co")["id"]
        self.customer = store.run("sales", "register_customer", name="Lily's Café")["id"]

    def item(self, method: str = "moving_average", number: str = "CHAIR", **more: object) -> int:
        return self.store.run(
            "sales", "add_item", number=number, name=number.title(), list_price="100", valuation_method=method, **more
        )["id"]

    def adjust(self, item: int, day: int, quantity: str, cost: str | None = None, **more: object) -> dict:
        reason = str(more.pop("reason", "found" if not quantity.startswith("-") else "scrap"))
        place = more.pop("place", self.main)
        return self.store.run(
            "warehouse",
            "adjust_stock",
            business_date=march(day),
            reason=reason,
            stock_location_id=place,
            lines=[{"item_id": item, "quantity": quantity} | ({"unit_cost": cost} if cost else {}) | more],
        )

    def ordered(self, item: int, quantity: str, price: str) -> dict:
        order = self.store.run(
            "buyer",
            "enter_purchase_order",
            supplier_id=self.supplier,
            business_date=march(1),
            stock_location_id=self.main,
            lines=[{"item_id": item, "quantity": quantity, "unit_price": price}],
        )
        return self.store.on("buyer", "send_purchase_order", order)

    def receive(self, item: int, day: int, quantity: str, price: str) -> dict:
        """Order and receive; the answer names the purchase order."""
        order = self.ordered(item, quantity, price)
        self.store.on("warehouse", "receive_goods", order, business_date=march(day))
        return order

    def order(self, item: int, quantity: str, day: int = 1) -> dict:
        """An order of the customer that holds its stock."""
        order = self.store.run(
            "sales",
            "enter_sales_order",
            customer_id=self.customer,
            business_date=march(day),
            stock_location_id=self.main,
            lines=[{"item_id": item, "quantity": quantity}],
        )
        return self.store.on("sales", "confirm_sales_order", order)

    def deliver(self, item: int, day: int, quantity: str) -> dict:
        order = self.order(item, quantity, day)
        return self.store.on("warehouse", "deliver_sales_order", order, business_date=march(day))

    def take_back(self, delivery: dict, day: int, quantity: str) -> dict:
        line = self.store.value("SELECT id FROM erp.delivery_line WHERE delivery_id = %s", delivery["id"])
        return self.store.on(
            "warehouse",
            "return_from_customer",
            delivery,
            business_date=march(day),
            lines=[{"delivery_line_id": line, "quantity": quantity}],
        )

    def stock(self, item: int) -> tuple[Decimal, Decimal]:
        """Quantity and value over all places."""
        rows = self.store.rows("SELECT quantity_on_hand, value FROM erp.item_valuation WHERE item_id = %s", item)
        return rows[0] if rows else (Decimal(0), Decimal(0))

    def at(self, item: int, place: int) -> tuple[Decimal, Decimal]:
        """Quantity on hand and reserved at a place."""
        [row] = self.store.rows(
            "SELECT quantity_on_hand, quantity_reserved FROM erp.stock_balance "
            "WHERE item_id = %s AND stock_location_id = %s",
            item,
            place,
        )
        return row

    def lots(self, item: int, place: int) -> dict[str, Decimal]:
        return dict(
            self.store.rows(
                "SELECT l.number, b.quantity_on_hand FROM erp.lot_balance b JOIN erp.stock_lot l ON l.id = b.stock_lot_id "
                "WHERE b.item_id = %s AND b.stock_location_id = %s AND b.quantity_on_hand > 0",
                item,
                place,
            )
        )

    def balance(self, purpose: str) -> Decimal:
        """What the account that serves a purpose stands at; debit positive."""
        return self.store.value(
            "SELECT coalesce(sum(l.debit - l.credit), 0) FROM finance.journal_line l JOIN finance.posting_account p "
            "ON p.ledger_account_id = l.ledger_account_id WHERE p.purpose = %s",
            purpose,
        )


def march(day: int) -> str:
    return f"2026-03-{day:02d}"
