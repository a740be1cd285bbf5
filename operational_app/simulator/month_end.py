"""The accountant of the simulated company at the month's end: statement of the bank, depreciation, VAT return, close."""

import csv
import io
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, text

from operational_app.core import db
from operational_app.core.models import Company, Period
from operational_app.simulator import world
from operational_app.simulator.story import Story

# Money of one month on the bank's ledger account, as the bank would list it.
MONEY = text(
    """
    SELECT e.posting_date, sum(l.debit - l.credit) AS amount, e.number,
           coalesce(min(r.bank_reference), min(y.number), min(m.number), e.number) AS reference,
           coalesce(min(p.name), '') AS party
    FROM finance.journal_entry e JOIN core.company c ON c.id = e.company_id AND c.code = :company
    JOIN finance.journal_line l ON l.journal_entry_id = e.id AND l.ledger_account_id = :account
    LEFT JOIN finance.receipt_of_money r ON e.document_type = 'receipt_of_money' AND r.id = e.document_id
    LEFT JOIN finance.payment y ON e.document_type = 'payment' AND y.id = e.document_id
    LEFT JOIN finance.employee_payment m ON e.document_type = 'employee_payment' AND m.id = e.document_id
    LEFT JOIN core.party_role o ON o.id = coalesce(r.customer_id, y.supplier_id, m.employee_id)
    LEFT JOIN core.party p ON p.id = o.party_id
    WHERE e.posting_date BETWEEN :first AND :last GROUP BY e.id ORDER BY e.posting_date, e.id
    """
)


class MonthEnd:
    """Assets, bank and closed periods within one simulation."""

    def __init__(self, story: Story, accounts: dict[str, int]) -> None:
        self.story, self.accounts = story, accounts
        # The story begins in the middle of a year: its months before are empty, and closed.
        for period in self.periods(Period.end_date < story.first):
            story.do("accountant", "close_period", {"id": period.id, "version": period.version})
        for name, cost, months in world.FIXED_ASSETS:
            self.buy_asset(story.first, name, cost, months)
        self.bank = story.do(
            "accountant",
            "add_bank_account",
            code="ICBC",
            name="Current account",
            bank_number="6222020200112233445",
            currency="CNY",
            ledger_account_id=accounts["1002"],
        )

    def periods(self, where: Any) -> list[Period]:
        with db.reading(self.story.bind) as session:
            mine = select(Period).join(Company, Company.id == Period.company_id)
            mine = mine.where(Company.code == self.story.company, where).order_by(Period.code)
            return list(session.scalars(mine))

    def buy_asset(self, day: date, name: str, cost: str, months: int) -> None:
        self.story.do(
            "accountant",
            "acquire_fixed_asset",
            name=name,
            business_date=day.isoformat(),
            acquisition_cost=cost,
            residual_value="0",
            useful_life_months=months,
            counterpart_account_id=self.accounts["1002"],
        )

    def accrue(self, day: date) -> None:
        """Electricity that has been used and not billed yet; taken back by itself on the first of the next month."""
        amount = str(self.story.random.randint(9000, 15000))
        self.story.do(
            "accountant",
            "accrue",
            posting_date=day.isoformat(),
            description=f"Electricity {day:%Y-%m}, not billed yet",
            lines=[
                {"ledger_account_id": self.accounts["6602"], "debit": amount},
                {"ledger_account_id": self.accounts["2241"], "credit": amount},
            ],
        )

    def close_month(self, first: date) -> None:
        """All that is due before the books of a month, which began on `first`, are closed; then the close."""
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        (period,) = self.periods(Period.start_date == first)
        self.bank_statement(first, last)
        # Nothing to depreciate before the month after the first assets came.
        self.story.tried("accountant", "depreciate_assets", period_id=period.id)
        filed = self.story.do("accountant", "prepare_vat_return", period_id=period.id)
        self.story.do("accountant", "file_vat_return", filed)
        self.story.do("accountant", "close_period", {"id": period.id, "version": period.version})

    def bank_statement(self, first: date, last: date) -> None:
        """The month as the bank saw it, and its lines matched with what is booked."""
        values: dict[str, Any] = {
            "company": self.story.company,
            "account": self.accounts["1002"],
            "first": first,
            "last": last,
        }
        with db.reading(self.story.bind) as session:
            rows = session.execute(MONEY, values).all()
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(["date", "amount", "reference", "party", "description"])
        for row in rows:
            if row.amount:
                writer.writerow([row.posting_date, f"{row.amount:.2f}", row.number, row.party, row.reference])
        statement = self.story.do(
            "accountant",
            "import_bank_statement",
            bank_account_id=self.bank["id"],
            file_name=f"bank-{first:%Y-%m}.csv",
            content=file.getvalue(),
        )
        self.story.do("accountant", "match_bank_statement", statement)
