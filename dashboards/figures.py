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
from dashboards.gate import DASHBOARD
from dashboards.metrics import DIMENSIONS, MEASURES, MONTHLY, Measure
from dashboards.policy import Scope
from pipelines.publication import Publication

Value = Decimal | int | None

_COMPANIES = (
    "SELECT company_id, company_code, company_name, currency, keeps_books FROM dim_company ORDER BY company_code"
)

_MONTHS = f"""
SELECT company_id, month_start, {", ".join(measure.name for measure in MONTHLY)}
FROM fct_company_monthly ORDER BY month_start, company_id
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
        (row["company_id"], row["month_start"]): {measure.name: row[measure.name] for measure in MONTHLY}
        for row in warehouse.cached(shown, scope, _MONTHS).to_pylist()
    }
    return Overview(companies, values)


def previous_month(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def year_before(month: date) -> date:
    return month.replace(year=month.year - 1)


def last_day(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def months_before(month: date, number: int) -> date:
    """The first day of the month that lies so many months before this one; after it, where the number is negative."""
    count = month.year * 12 + month.month - 1 - number
    return date(count // 12, count % 12 + 1, 1)


@dataclass(frozen=True)
class Figure:
    """Which figure: a measure of some companies in a period of whole months, and of which parts.

    Attributes:
        month: first day of the last month of the period.
        since: first day of its first month; None where it is one month.
        parts: (dimension, value of its key) pairs that its rows have; None where the key is empty.
    """

    measure: Measure
    companies: tuple[Company, ...]
    month: date
    since: date | None = None
    parts: tuple[tuple[str, str | None], ...] = ()

    def parameters(self, sql: str) -> dict[str, Any]:
        """Values of the parameters that a query of this measure names."""
        return _only_named(
            sql,
            {
                "companies": [company.id for company in self.companies],
                "first_day": self.month if self.measure.kind == "level" else self.since or self.month,
                "last_day": last_day(self.month),
            }
            | {f"part_{name}": value for name, value in self.parts},
        )

    def narrowed(self, sql: str) -> str:
        """The rows of `sql` that have these parts."""
        return _narrowed(sql, [name for name, _value in self.parts])


def _only_named(sql: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"${name}" in sql}


def _narrowed(sql: str, parts: Sequence[str]) -> str:
    if not parts:
        return sql
    conditions = " AND ".join(f"CAST(x.{DIMENSIONS[n].key} AS VARCHAR) IS NOT DISTINCT FROM $part_{n}" for n in parts)
    return f"SELECT * FROM ({sql}) x WHERE {conditions}"


@dataclass(frozen=True)
class Part:
    """One part of a figure.

    Attributes:
        keys: value of each dimension's key, in the order asked for.
        names: what people call them; None where there is no name.
    """

    keys: tuple[str | None, ...]
    names: tuple[str | None, ...]
    amount: Value
    count: int


def is_open(scope: Scope, figure: Figure) -> bool:
    """Whether all the rights are there that a figure of several kinds of documents needs: a part of it would be a wrong one."""
    needed = figure.measure.also
    return not needed or all(company.id in scope.companies(DASHBOARD, *needed) for company in figure.companies)


def split(shown: Publication, scope: Scope, figure: Figure, by: Sequence[str] = ()) -> list[Part]:
    """A figure by dimensions; without any, the figure itself as one part, or none where no row makes it up."""
    if not is_open(scope, figure):
        return []
    source = figure.narrowed(figure.measure.figures or figure.measure.rows)
    dimensions = [DIMENSIONS[name] for name in by]
    keys = [f"CAST(r.{d.key} AS VARCHAR) AS key_{n}" for n, d in enumerate(dimensions)]
    names = [f"max(CAST(r.{d.shown} AS VARCHAR)) AS name_{n}" for n, d in enumerate(dimensions)]
    columns = ", ".join([*keys, *names, "sum(r.amount) AS amount", "count(*) AS n"])
    grouped = f" GROUP BY {', '.join(f'key_{n}' for n in range(len(by)))}" if by else " HAVING count(*) > 0"
    sql = f"SELECT {columns} FROM ({source}) r{grouped}"
    return [
        Part(
            tuple(row[f"key_{n}"] for n in range(len(by))),
            tuple(row[f"name_{n}"] for n in range(len(by))),
            whole(figure.measure, row["amount"]),
            row["n"],
        )
        for row in warehouse.cached(shown, scope, sql, figure.parameters(sql)).to_pylist()
    ]


def value_of(shown: Publication, scope: Scope, overview: Overview, figure: Figure) -> Value:
    """What a page shows for a figure, not made from its rows where a mart holds the sum; None where there is none."""
    if figure.measure in MONTHLY and figure.since is None and not figure.parts:
        return overview.total(figure.companies, figure.month, figure.measure.name)
    found = split(shown, scope, figure)
    return found[0].amount if found else None


def course(shown: Publication, scope: Scope, figure: Figure, first: date) -> dict[date, Value]:
    """A figure month by month, from the month of `first` to its own; months without rows are left out.

    Raises:
        ValueError: of a level without figures by month, and of what is only known now, there is no course.
    """
    measure = figure.measure
    if measure.kind == "now" or "$first_day" not in (measure.figures or measure.rows):
        raise ValueError(f"{measure.name} is not known by month")
    source = figure.narrowed(measure.figures or measure.rows)
    sql = (
        "SELECT CAST(date_trunc('month', r.business_date) AS DATE) AS month, sum(r.amount) AS amount "
        f"FROM ({source}) r GROUP BY 1 ORDER BY 1"
    )
    parameters = figure.parameters(sql) | {"first_day": first}
    return {
        row["month"]: whole(measure, row["amount"])
        for row in warehouse.cached(shown, scope, sql, parameters).to_pylist()
    }


def whole(measure: Measure, amount: Any) -> Value:
    """A sum as its measure has it: a number of things is whole."""
    return int(amount) if measure.unit == "count" and amount is not None else amount


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
    if not is_open(scope, figure):
        return Rows([], 0, None)
    rows = figure.narrowed(figure.measure.rows)
    parameters = figure.parameters(rows)
    totals = warehouse.cached(shown, scope, f"SELECT count(*) AS n, sum(amount) AS s FROM ({rows})", parameters)
    count, amount = totals.column("n")[0].as_py(), totals.column("s")[0].as_py()
    amount = whole(figure.measure, amount or (0 if figure.measure.unit == "count" else amount))
    sql = f"SELECT * FROM ({rows}) r ORDER BY {ORDERS[order]} LIMIT {int(at_most)} OFFSET {int(first)}"
    return Rows(warehouse.cached(shown, scope, sql, parameters).to_pylist(), count, amount)
