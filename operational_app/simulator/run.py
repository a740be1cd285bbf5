"""The simulated company: its shop, its warehouse, its books, its people, day by day."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from operational_app.core import db
from operational_app.core.models import Company
from operational_app.erp.shipping.models import Delivery, DeliveryLine
from operational_app.finance.ledger.models import LedgerAccount
from operational_app.finance.receivables.models import ReceiptOfMoney, SalesInvoice
from operational_app.hr.people.models import Department
from operational_app.simulator import world
from operational_app.simulator.dealing import Dealing
from operational_app.simulator.making import Making
from operational_app.simulator.month_end import MonthEnd
from operational_app.simulator.purchasing import Purchasing
from operational_app.simulator.story import Story

ORDERS_A_MONTH, CUSTOMERS = 110, 70


@dataclass
class Simulation(Story):
    """The whole company. It grows by 1.5 % a month from `orders_a_month` orders in a normal month."""

    orders_a_month: int = ORDERS_A_MONTH
    customer_count: int = CUSTOMERS
    # Share of invoices of which something comes back.
    returned: float = 0.03

    def run(self) -> None:
        self.begin()
        self.follow_calendar()

    def begin(self) -> None:
        """The first day: places, items with first stock, people; then the calendar of the story."""
        self.place = self.do("clerk", "add_stock_location", code="MAIN", name="Main warehouse")["id"]
        self.items: list[int] = []
        for number, name, group, price, cost in world.ITEMS:
            made = self.do("sales", "add_item", number=number, name=name, item_group=group, list_price=price)
            self.items.append(made["id"])
            # What the workshop makes is planned there and bought from nobody.
            self.groups[made["id"]] = "Made" if number in world.RECIPES else group
            self.cost[made["id"]] = Decimal(cost)
        self.services = [
            self.do(
                "sales",
                "add_item",
                number=n,
                name=name,
                item_group=g,
                list_price=p,
                kind="service",
                unit="H",
                vat_code="S6",
            )
            for n, name, g, p in world.SERVICES
        ]
        self.purchasing = Purchasing(self)
        self.numbers = dict(zip([number for number, *_rest in world.ITEMS], self.items, strict=True))
        self.making = Making(self, self.purchasing, self.numbers)
        self.open_books()
        self.month_end = MonthEnd(self, self.accounts)
        self.hire_everybody()
        self.line_of_management()
        self.dealing = Dealing(self, self.items, self.confirm)
        span = (self.last - self.first).days
        self.customers: list[tuple[world.Customer, dict[str, Any]]] = []
        for customer in world.customers(self.random, self.customer_count):
            joins = self.first + timedelta(days=int(span * customer.joins))
            self.at(joins, lambda day, c=customer: self.register(c))
        for year, month in months(self.first, self.last):
            self.plan_month(year, month)

    def plan_month(self, year: int, month: int) -> None:
        """Put the month's orders, stock-taking and changes of staff into the calendar."""
        age = (year - self.first.year) * 12 + month - self.first.month
        growth = Decimal("1.015") ** age
        count = int(self.orders_a_month * Decimal(world.SEASON[month - 1]) * growth)
        last_day = monthrange(year, month)[1]
        for _number in range(count):
            self.at(date(year, month, self.random.randint(1, last_day)), self.take_order)
        for day in (4, 11, 18, 25):
            self.at(date(year, month, day), self.purchasing.order_what_runs_low)
            self.at(date(year, month, day + 1), self.purchasing.pay_what_is_due)
        for day in (2, 9, 16, 23):
            self.at(date(year, month, day), self.making.plan_week)
        self.dealing.plan_month([date(year, month, day) for day in range(1, last_day + 1)], growth)
        for day in (6, 20):
            self.at(date(year, month, day), self.purchasing.ask_for_more)
        self.at(date(year, month, 28), self.month_end.accrue)
        first = date(year, month, 1)
        # The books of a month are closed in the second week of the next.
        self.at(first + timedelta(days=last_day + 8), lambda _on: self.month_end.close_month(first))
        self.at(date(year, month, last_day), self.count_stock)
        self.at(date(year, month, 26), self.pay_running_costs)
        if age % 2 == 1:
            self.at(date(year, month, 1), self.somebody_comes)
        if age % 3 == 2:
            self.at(date(year, month, 15), self.somebody_leaves)

    def register(self, customer: world.Customer) -> None:
        made = self.do(
            "sales",
            "register_customer",
            name=customer.name,
            tax_number=customer.tax_number,
            city=customer.city,
            country="CN",
            payment_days=customer.payment_days,
            credit_limit=None if customer.credit_limit is None else str(customer.credit_limit),
        )
        self.customers.append((customer, made))

    def take_order(self, day: date) -> None:
        """A customer orders one to four things; the warehouse delivers them in the next days."""
        if not self.customers:
            return
        who, customer = self.random.choices(self.customers, weights=[c.weight for c, _made in self.customers])[0]
        lines: list[dict[str, Any]] = [
            {
                "item_id": item,
                "quantity": str(self.random.choice([1, 2, 2, 4, 5, 6, 8, 10, 12, 20])),
                "discount": self.random.choice(["0", "0", "0", "0.05", "0.1"]),
            }
            for item in self.random.sample(self.items, self.random.choice([1, 1, 2, 2, 3, 4]))
        ]
        if self.random.random() < 0.2:
            lines.append({"item_id": self.services[0]["id"], "quantity": str(self.random.randint(1, 8))})
        order = self.do(
            "sales",
            "enter_sales_order",
            customer_id=customer["id"],
            business_date=day.isoformat(),
            requested_date=(day + timedelta(days=7)).isoformat(),
            customer_reference=f"PO-{self.random.randrange(10**6):06d}",
            stock_location_id=self.place,
            lines=lines,
        )
        if self.random.random() < 0.03:
            self.do("sales", "cancel_sales_order", order)
            return
        if self.random.random() < 0.05:
            self.pay_in_advance(day, customer["id"], self.random.randint(2, 20) * 500)
        self.confirm(day, order, who)

    def confirm(self, day: date, order: dict[str, Any], who: world.Customer) -> None:
        """The order is promised if the customer has credit for it, and goes out in the next days."""
        confirmed = self.tried("sales", "confirm_sales_order", order)
        if confirmed is not None:
            later = day + timedelta(days=self.random.choice([1, 1, 2, 3, 5]))
            self.at(later, lambda on: self.deliver(on, confirmed, who))

    def deliver(self, day: date, order: dict[str, Any], who: world.Customer) -> None:
        """Deliver all that is left; where stock is missing, try again after the next goods have come in."""
        delivery = self.tried("clerk", "deliver_sales_order", order, business_date=day.isoformat())
        if delivery is None:
            self.at(day + timedelta(days=4), lambda on: self.deliver(on, order, who))
            return
        self.at(day + timedelta(days=self.random.choice([0, 1, 1, 3])), lambda on: self.invoice(on, delivery, who))

    def invoice(self, day: date, delivery: dict[str, Any], who: world.Customer) -> None:
        invoice = self.do("sales", "invoice_delivery", delivery, business_date=day.isoformat())
        if self.random.random() < self.returned:
            back = day + timedelta(days=self.random.randint(2, 12))
            self.at(back, lambda on: self.take_back(on, delivery["id"]))
        if self.random.random() < 0.985:
            delay = who.payment_days + who.lateness + self.random.choice([-2, -1, 0, 0, 1, 2, 4])
            self.at(day + timedelta(days=max(delay, 1)), lambda on: self.pay(on, invoice))

    def pay(self, day: date, invoice: dict[str, Any]) -> None:
        """Most pay in full; some pay half now and half three weeks later."""
        with db.reading(self.bind) as session:
            row = session.get_one(SalesInvoice, invoice["id"])
            open_amount, version = row.open_amount, row.version
        if not open_amount:
            # A credit note has settled it meanwhile.
            return
        amount, discount = open_amount, Decimal(0)
        if day <= row.due_date - timedelta(days=2) and open_amount == row.total_amount:
            discount = (open_amount * Decimal("0.02")).quantize(Decimal("0.01"))
            amount -= discount
        elif self.random.random() < 0.06:
            amount = (open_amount / 2).quantize(Decimal("0.01"))
            self.at(day + timedelta(days=21), lambda on: self.pay(on, invoice))
        self.do(
            "accountant",
            "receive_payment_of_invoice",
            {"id": invoice["id"], "version": version},
            business_date=day.isoformat(),
            amount=str(amount),
            discount_amount=str(discount),
            bank_reference=f"TT{self.random.randrange(10**8):08d}",
        )

    def pay_in_advance(self, day: date, customer_id: int, amount: int) -> None:
        """Some pay before they have an invoice; the accountant sets it against the oldest invoice a month later."""
        receipt = self.do(
            "accountant",
            "receive_money",
            customer_id=customer_id,
            business_date=day.isoformat(),
            amount=str(amount),
            bank_reference=f"TT{self.random.randrange(10**8):08d}",
        )
        self.at(day + timedelta(days=30), lambda on: self.allocate(on, receipt["id"], customer_id))

    def allocate(self, day: date, receipt_id: int, customer_id: int) -> None:
        with db.reading(self.bind) as session:
            receipt = session.get_one(ReceiptOfMoney, receipt_id)
            invoice = session.scalars(
                select(SalesInvoice)
                .where(SalesInvoice.customer_id == customer_id, SalesInvoice.state == "open")
                .where(SalesInvoice.business_date <= day)
                .order_by(SalesInvoice.id)
                .limit(1)
            ).one_or_none()
        if invoice is None:
            return
        amount = min(receipt.open_amount, invoice.open_amount)
        self.do(
            "accountant",
            "allocate_receipt",
            {"id": receipt_id, "version": receipt.version},
            business_date=day.isoformat(),
            allocations=[{"sales_invoice_id": invoice.id, "amount": str(amount)}],
        )

    def take_back(self, day: date, delivery_id: int) -> None:
        """A customer sends one thing back; it is in stock again and credited."""
        with db.reading(self.bind) as session:
            version = session.get_one(Delivery, delivery_id).version
            line = session.scalars(
                select(DeliveryLine)
                .where(DeliveryLine.delivery_id == delivery_id, DeliveryLine.stock_move_id.is_not(None))
                .order_by(DeliveryLine.id)
                .limit(1)
            ).one()
        returned = self.do(
            "clerk",
            "return_from_customer",
            {"id": delivery_id, "version": version},
            business_date=day.isoformat(),
            reason=self.random.choice(("damaged", "wrong", "unwanted")),
            lines=[{"delivery_line_id": line.id, "quantity": "1"}],
        )
        later = day + timedelta(days=self.random.randint(1, 5))
        self.at(later, lambda on: self.credit(on, returned))

    def credit(self, day: date, returned: dict[str, Any]) -> None:
        self.do("accountant", "credit_customer_return", returned, business_date=day.isoformat())

    def count_stock(self, day: date) -> None:
        """At the end of a month some items are counted: one is missing here, one found there, one is scrap."""
        chosen = self.random.sample(self.items, 4)
        for item, reason, quantity in zip(chosen, ("count", "count", "scrap"), ("-1", "1", "-2"), strict=False):
            self.tried(
                "clerk",
                "adjust_stock",
                business_date=day.isoformat(),
                reason=reason,
                stock_location_id=self.place,
                lines=[{"item_id": item, "quantity": quantity}],
            )

    def open_books(self) -> None:
        """First stock at what it cost, and the owners' money in the bank."""
        self.do(
            "clerk",
            "adjust_stock",
            business_date=self.first.isoformat(),
            reason="opening",
            stock_location_id=self.place,
            note="First stock",
            lines=[
                *({"item_id": item, "quantity": "120", "unit_cost": str(self.cost[item])} for item in self.items),
                *self.making.opening_stock(),
            ],
        )
        with db.reading(self.bind) as session:
            accounts = session.execute(
                select(LedgerAccount.code, LedgerAccount.id)
                .join(Company, Company.id == LedgerAccount.company_id)
                .where(Company.code == self.company)
            )
            self.accounts = dict(accounts.all())
        self.post_entry(self.first, "Capital paid in", [("1002", world.OPENING_CAPITAL, "Capital paid in")], "4001")

    def pay_running_costs(self, day: date) -> None:
        """Salaries, rent and the like leave the bank once a month; they drift a little."""
        costs = [
            (account, str((Decimal(amount) * self.random.randint(97, 105) / 100).quantize(Decimal("0.01"))), text)
            for account, amount, text in world.RUNNING_COSTS
        ]
        self.post_entry(day, f"Running costs {day:%Y-%m}", costs, "1002")

    def post_entry(self, day: date, text: str, debits: list[tuple[str, str, str]], credit: str) -> None:
        """An entry by hand: several debits (account, amount, text) against one credit."""
        lines = [
            {"ledger_account_id": self.accounts[account], "debit": amount, "description": what}
            for account, amount, what in debits
        ]
        total = sum((Decimal(amount) for _account, amount, _what in debits), Decimal(0))
        lines.append({"ledger_account_id": self.accounts[credit], "credit": str(total)})
        self.do("accountant", "post_journal_entry", posting_date=day.isoformat(), description=text, lines=lines)

    def hire_everybody(self) -> None:
        self.departments = {
            code: self.do("hr", "add_department", code=code, name=name)["id"] for code, name in world.DEPARTMENTS
        }
        self.people: list[dict[str, Any]] = []
        for department, positions in world.STAFF.items():
            for position, count in positions:
                for _number in range(count):
                    start = self.first - timedelta(days=self.random.randint(0, 2000))
                    self.hire(department, position, start)

    def line_of_management(self) -> None:
        """The clerk works in the warehouse, which the manager leads: large wishes of the clerk go to the manager."""
        clerk, manager = (
            self.do(
                "hr",
                "hire_employee",
                name=name,
                department_id=self.departments["WH"],
                position=position,
                start_date=self.first.isoformat(),
            )
            for name, position in (("Chen Clerk", "Warehouse clerk"), ("Ma Manager", "General manager"))
        )
        for employee, username in ((clerk, "clerk"), (manager, "manager")):
            self.do("admin", "give_user_to_employee", employee, username=username)
        department = self.now(Department, self.departments["WH"])
        self.do("hr", "set_department_management", department, manager_id=manager["id"])

    def hire(self, department: str, position: str, start: date) -> None:
        made = self.do(
            "hr",
            "hire_employee",
            name=world.person(self.random),
            department_id=self.departments[department],
            position=position,
            start_date=start.isoformat(),
        )
        self.people.append(made)

    def somebody_comes(self, day: date) -> None:
        department = self.random.choice(["SALES", "WH", "PROD", "PROD"])
        self.hire(department, world.STAFF[department][-1][0], day)

    def somebody_leaves(self, day: date) -> None:
        leaver = self.people.pop(self.random.randrange(len(self.people)))
        self.do("hr", "end_employment", leaver, end_date=day.isoformat())


def months(first: date, last: date) -> list[tuple[int, int]]:
    """(year, month) of every month from `first` to `last`."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [((first.year * 12 + first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1) for i in range(count + 1)]
