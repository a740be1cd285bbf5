"""A company that trades at random, in yuan, dollars and yen, through the same commands that clerks use."""

import random
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from operational_app.finance.errors import NoForeignBalance
from tests.conftest import Store

CURRENCIES = ("CNY", "USD", "JPY")
# Decimals that amounts of a currency have, and about what one unit is worth in yuan.
UNITS = {"CNY": 2, "USD": 2, "JPY": 0}
WORTH = {"USD": Decimal("7.1"), "JPY": Decimal("0.047")}


class Trader:
    """Trades by a seed: the same seed makes the same documents."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.chance = store, random.Random(seed)
        self.place = store.run("warehouse", "add_stock_location", code="MAIN", name="Main store")
        self.plate = store.run("buyer", "add_item", number="PLATE", name="Steel plate", list_price="70")
        self.advice = store.run(
            "buyer", "add_item", number="ADVICE", name="Advice", list_price="700", kind="service", unit="H"
        )
        self.customers = {
            code: store.run("sales", "register_customer", name=f"Customer {code}", currency=code) for code in CURRENCIES
        }
        self.suppliers = {
            code: store.run("buyer", "register_supplier", name=f"Supplier {code}", currency=code) for code in CURRENCIES
        }
        accounts = dict(store.rows("SELECT code, id FROM finance.ledger_account"))
        self.account = accounts
        store.run(
            "accountant",
            "add_bank_account",
            code="USD",
            name="Dollars",
            bank_number="CN22 0001",
            currency="USD",
            ledger_account_id=accounts["1012"],
        )
        self.count = 0

    def trade(self, first: date, last: date, steps: int) -> None:
        """So many deals spread over the days, rates at the beginning of each month and month ends as they come."""
        days = sorted(first + timedelta(days=self.chance.randrange((last - first).days + 1)) for _ in range(steps))
        self._rates(first)
        month = first.month
        for day in days:
            while day.month != month:
                self._month_end(day.year, month)
                month += 1
                self._rates(date(day.year, month, 1))
            deal = self.chance.choices(
                (self._sell, self._buy, self._advance, self._pay_ahead, self._credit, self._expense), (5, 4, 2, 2, 2, 1)
            )[0]
            deal(day)

    def _rates(self, day: date) -> None:
        for code, worth in WORTH.items():
            rate = (worth * Decimal(self.chance.randrange(900, 1100)) / 1000).quantize(Decimal("0.00000001"))
            self.store.run(
                "accountant", "set_exchange_rate", currency=code, rate_date=day.isoformat(), exchange_rate=str(rate)
            )

    def _month_end(self, year: int, month: int) -> None:
        period = self.store.value("SELECT id FROM core.period WHERE code = %s", f"{year}-{month:02d}")
        # A month without anything open in another currency has nothing to value.
        with suppress(NoForeignBalance):
            self.store.run("accountant", "revalue_currencies", period_id=period)

    def _price(self, currency: str) -> str:
        price = Decimal(self.chance.randrange(101, 9999)) / 100
        return str((price / WORTH.get(currency, 1)).quantize(Decimal(1).scaleb(-UNITS[currency])) or 1)

    def _part(self, amount: Decimal, currency: str) -> Decimal:
        """All of an amount, or a part of it in whole units of its currency."""
        if self.chance.random() < 0.4:
            return amount
        part = amount * Decimal(self.chance.randrange(1, 100)) / 100
        return part.quantize(Decimal(1).scaleb(-UNITS[currency])) or amount

    def _sell(self, day: date) -> None:
        code = self.chance.choice(CURRENCIES)
        order = self.store.run(
            "sales",
            "enter_sales_order",
            customer_id=self.customers[code]["id"],
            business_date=day.isoformat(),
            stock_location_id=self.place["id"],
            lines=[
                {
                    "item_id": self.advice["id"],
                    "quantity": str(self.chance.randrange(1, 9)),
                    "unit_price": self._price(code),
                    "discount": self.chance.choice(("0", "0.05")),
                }
                for _ in range(self.chance.randrange(1, 4))
            ],
        )
        self.store.on("sales", "confirm_sales_order", order)
        delivery = self.store.on("sales", "deliver_sales_order", order, business_date=day.isoformat())
        self.store.on("sales", "invoice_delivery", delivery, business_date=day.isoformat())
        if self.chance.random() < 0.7:
            self._receive(code, day)

    def _open(
        self, table: str, party: str, code: str, day: date, which: str = "", *values: str
    ) -> list[tuple[int, Decimal]]:
        return self.store.rows(
            f"SELECT id, open_amount FROM {table} WHERE {party} = %s AND state = 'open' AND business_date <= %s "
            f"{which} ORDER BY id",
            (self.customers if party == "customer_id" else self.suppliers)[code]["id"],
            day,
            *values,
        )

    def _receive(self, code: str, day: date) -> None:
        """Money for one or several invoices, some of it too much."""
        invoices = self._open("finance.sales_invoice", "customer_id", code, day)
        chosen = self.chance.sample(invoices, min(len(invoices), self.chance.randrange(1, 4)))
        money = code if self.chance.random() < 0.7 else self.chance.choice(CURRENCIES)
        parts = [{"sales_invoice_id": row, "amount": str(self._part(open_amount, code))} for row, open_amount in chosen]
        if money != code:
            for part in parts:
                part["source_amount"] = self._price(money)
        total = sum((Decimal(part.get("source_amount", part["amount"])) for part in parts), Decimal(0))
        extra = Decimal(self.chance.choice((0, 0, 5)))
        self.store.run(
            "accountant",
            "receive_money",
            customer_id=self.customers[code]["id"],
            business_date=day.isoformat(),
            amount=str((total + extra) or 1),
            currency=money,
            allocations=parts,
        )

    def _advance(self, day: date) -> None:
        """Money before the invoice; or money that came before pays one, or goes back."""
        code = self.chance.choice(CURRENCIES)
        open_money = self._open("finance.receipt_of_money", "customer_id", code, day, "AND currency = %s", code)
        if not open_money:
            self.store.run(
                "accountant",
                "receive_money",
                customer_id=self.customers[code]["id"],
                business_date=day.isoformat(),
                amount=self._price(code),
            )
            return
        row, left = open_money[0]
        receipt = {"document": "receipt_of_money", "id": row}
        invoices = self._open("finance.sales_invoice", "customer_id", code, day)
        if not invoices:
            self.store.on(
                "accountant",
                "refund_advance",
                receipt,
                business_date=day.isoformat(),
                amount=str(self._part(left, code)),
            )
            return
        invoice, owed = invoices[0]
        part = [{"sales_invoice_id": invoice, "amount": str(self._part(min(left, owed), code))}]
        self.store.on("accountant", "allocate_receipt", receipt, business_date=day.isoformat(), allocations=part)

    def _credit(self, day: date) -> None:
        """A line of some invoice is credited; what is left of a credit goes back."""
        rows = self.store.rows(
            "SELECT l.id, l.sales_invoice_id, l.quantity - l.quantity_credited FROM finance.sales_invoice_line l "
            "JOIN finance.sales_invoice i ON i.id = l.sales_invoice_id "
            "WHERE l.quantity > l.quantity_credited AND i.business_date <= %s ORDER BY l.id",
            day,
        )
        if not rows:
            return
        line, invoice, left = self.chance.choice(rows)
        part = [{"sales_invoice_line_id": line, "quantity": str(self.chance.randrange(1, int(left) + 1))}]
        made = self.store.on(
            "accountant",
            "credit_invoice",
            {"document": "sales_invoice", "id": invoice},
            business_date=day.isoformat(),
            reason="price",
            lines=part,
        )
        if made["state"] == "open" and self.chance.random() < 0.5:
            left = self.store.value("SELECT open_amount FROM finance.credit_note WHERE id = %s", made["id"])
            self.store.on("accountant", "refund_customer", made, business_date=day.isoformat(), amount=str(left))

    def _buy(self, day: date) -> None:
        code = self.chance.choice(CURRENCIES)
        self.count += 1
        order = self.store.run(
            "buyer",
            "enter_purchase_order",
            supplier_id=self.suppliers[code]["id"],
            business_date=day.isoformat(),
            stock_location_id=self.place["id"],
            lines=[{"item_id": self.plate["id"], "quantity": "9", "unit_price": self._price(code)}],
        )
        self.store.on("buyer", "send_purchase_order", order)
        line = self.store.value("SELECT id FROM erp.purchase_order_line WHERE purchase_order_id = %s", order["id"])
        part = [{"purchase_order_line_id": line, "quantity": self.chance.choice(("4", "9"))}]
        self.store.on("warehouse", "receive_goods", order, business_date=day.isoformat(), lines=part)
        if self.chance.random() < 0.7:
            bill = self.store.on(
                "accountant",
                "bill_purchase_order",
                order,
                business_date=day.isoformat(),
                supplier_reference=f"R-{self.count}",
            )
            if self.chance.random() < 0.7:
                total = self.store.value("SELECT open_amount FROM finance.bill WHERE id = %s", bill["id"])
                amount = str(self._part(total, code))
                money = code if self.chance.random() < 0.7 else self.chance.choice(CURRENCIES)
                paid = {"amount": amount, "currency": money}
                if money != code and self.chance.random() < 0.5:
                    paid["source_amount"] = self._price(money)
                self.store.on("accountant", "pay_bill", bill, business_date=day.isoformat(), **paid)

    def _pay_ahead(self, day: date) -> None:
        """Money before the bill, in any currency; or money that was paid before pays a bill, or comes back."""
        code = self.chance.choice(CURRENCIES)
        open_money = self._open("finance.payment", "supplier_id", code, day)
        if not open_money:
            self.store.run(
                "accountant",
                "pay_supplier",
                supplier_id=self.suppliers[code]["id"],
                business_date=day.isoformat(),
                amount=self._price(money := self.chance.choice(CURRENCIES)),
                currency=money,
            )
            return
        row, left = open_money[0]
        payment = {"document": "payment", "id": row}
        money = self.store.value("SELECT currency FROM finance.payment WHERE id = %s", row)
        bills = self._open("finance.bill", "supplier_id", code, day)
        if not bills:
            amount = str(self._part(left, money))
            self.store.on("accountant", "take_back_advance", payment, business_date=day.isoformat(), amount=amount)
            return
        bill, owed = bills[0]
        part = {"bill_id": bill, "amount": str(self._part(min(left, owed) if money == code else owed, code))}
        if money != code:
            part["source_amount"] = str(self._part(left, money))
        self.store.on("accountant", "allocate_payment", payment, business_date=day.isoformat(), allocations=[part])

    def _expense(self, day: date) -> None:
        lines = [
            {"ledger_account_id": self.account["6602"], "debit": self._price("CNY")},
            {"ledger_account_id": self.account["1002"]},
        ]
        lines[1]["credit"] = lines[0]["debit"]
        self.store.run(
            "accountant", "post_journal_entry", posting_date=day.isoformat(), description="office", lines=lines
        )


def balances(store: Store) -> dict[tuple[str, str], Decimal]:
    """(Account, currency) → balance in the ledger, without zeros."""
    rows: list[tuple[Any, ...]] = store.rows(
        "SELECT a.code, l.currency, sum(l.debit - l.credit) FROM finance.journal_line l "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id GROUP BY 1, 2 HAVING sum(l.debit - l.credit) <> 0"
    )
    return {(account, currency): amount for account, currency, amount in rows}
