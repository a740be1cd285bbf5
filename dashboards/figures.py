"""The figures of the executive page and the rows behind them: from marts to values that pages show.

What belongs here: which months and companies there are, sums over companies of one currency, comparisons, and the rows of
one figure with their sum. Nothing is drawn here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dashboards import warehouse
from dashboards.metrics import MEASURES, Measure
from dashboards.policy import Scope
from pipelines.publication import Publication

Value = Decimal | int | None

_COMPANIES = (
    "SELECT company_id, company_code, company_name, currency, keeps_books FROM dim_company ORDER BY company_code"
)

_MONTHS = f"""
SELECT company_id, month_start, {", ".join(MEASURES)} FROM fct_company_monthly ORDER BY month_start, company_id
"""


@dataclass(frozen=True)
class Company:
    """A company whose figures the viewer may see."""

    id: str
    code: str
    name: str
    currency: str
    keeps_books: bool


@dataclass(frozen=True)
class Overview:
    """All that the executive page shows of a publication to a scope.

    Attributes:
        companies: by code.
        values: (company id, first day of the month) → measure → value; None where it is not known or not permitted.
    """

    companies: tuple[Company, ...]
    values: Mapping[tuple[str, date], Mapping[str, Value]]

    def months(self, companies: Iterable[Company]) -> list[date]:
        """Months of which these companies have figures, the earliest first."""
        ids = {company.id for company in companies}
        return sorted({month for company_id, month in self.values if company_id in ids})

    def value(self, company: Company, month: date, measure: str) -> Value:
        return self.values.get((company.id, month), {}).get(measure)

    def total(self, companies: Sequence[Company], month: date, measure: str) -> Value:
        """Sum over companies of one currency that have this figure; None where none has it.

        Raises:
            ValueError: the companies keep their amounts in different currencies.
        """
        if MEASURES[measure].unit == "money" and len({company.currency for company in companies}) > 1:
            raise ValueError("amounts of different currencies are never added")
        known = [value for company in companies if (value := self.value(company, month, measure)) is not None]
        return sum(known) if known else None

    def without(self, companies: Sequence[Company], month: date, measure: str) -> list[Company]:
        """Companies that have figures of this month and not this one."""
        return [c for c in companies if (c.id, month) in self.values and self.value(c, month, measure) is None]


def overview(shown: Publication, scope: Scope) -> Overview:
    """Companies and their monthly figures, as this scope may see them."""
    companies = tuple(
        Company(*row.values()) for row in warehouse.cached(shown, scope, _COMPANIES).to_pylist() if row["company_id"]
    )
    values = {
        (row["company_id"], row["month_start"]): {name: row[name] for name in MEASURES}
        for row in warehouse.cached(shown, scope, _MONTHS).to_pylist()
    }
    return Overview(companies, values)


def previous_month(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


def last_day(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True)
class Figure:
    """Which figure: a measure of some companies in one month."""

    measure: Measure
    companies: tuple[Company, ...]
    month: date

    def parameters(self) -> dict[str, Any]:
        found: dict[str, Any] = {"companies": [company.id for company in self.companies]}
        if "$first_day" in self.measure.rows:
            found["first_day"] = self.month
        found["last_day"] = last_day(self.month)
        return found


@dataclass(frozen=True)
class Rows:
    """Rows behind a figure.

    Attributes:
        rows: those asked for, each a mapping of column to value.
        count: how many there are in all.
        amount: exact sum over all of them.
    """

    rows: list[dict[str, Any]]
    count: int
    amount: Value


# The whole row comes last, so that pages of rows neither repeat one nor leave one out.
ORDERS = {
    "date": "business_date DESC, source_document_id DESC, r",
    "amount": "abs(amount) DESC, business_date DESC, r",
}


def rows_of(
    shown: Publication, scope: Scope, figure: Figure, *, order: str = "date", first: int = 0, at_most: int = 100
) -> Rows:
    """Rows behind a figure, with the count and the sum of all of them.

    Args:
        order: `date` (the newest first) or `amount` (the largest first).
        first: how many to pass over.
        at_most: how many to give.
    """
    rows, parameters = figure.measure.rows, figure.parameters()
    totals = warehouse.cached(shown, scope, f"SELECT count(*) AS n, sum(amount) AS s FROM ({rows})", parameters)
    count, amount = totals.column("n")[0].as_py(), totals.column("s")[0].as_py()
    if figure.measure.unit == "count":
        amount = int(amount or 0)
    sql = f"SELECT * FROM ({rows}) r ORDER BY {ORDERS[order]} LIMIT {int(at_most)} OFFSET {int(first)}"
    return Rows(warehouse.cached(shown, scope, sql, parameters).to_pylist(), count, amount)
