"""What a month of an employee comes to: the variables of formulas, and the amount of each component."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from operational_app.core.money import rounded
from operational_app.hr.payroll.rules.formula import FormulaUnreadable, evaluate

ZERO = Decimal(0)
MINOR_UNITS = 2
# Variables that formulas may use beside the codes (in lower case) of components before them.
VARIABLES = (
    "salary",
    "full_salary",
    "work_days",
    "employed_days",
    "unpaid_days",
    "overtime_workday",
    "overtime_restday",
    "overtime_holiday",
    "leave_days_left",
    "is_final",
)


@dataclass(frozen=True)
class Component:
    """A component as it holds in a month.

    Attributes:
        kind: earning (paid and taxed unless not taxable), benefit (in kind: taxed, not paid), deduction (after tax).
        formula: empty: what was entered for the month.
        is_retroactive: worked out anew when the facts of a paid month change.
    """

    code: str
    kind: str
    formula: str
    is_taxable: bool
    is_retroactive: bool


@dataclass(frozen=True)
class Agreement:
    """Pay that was agreed for a span."""

    start: date
    end: date
    monthly_salary: Decimal


@dataclass
class PersonMonth:
    """The facts about an employee's month. Amounts in the company's currency, overtime in hours by kind of day."""

    agreements: Sequence[Agreement]
    work_days: Sequence[date]
    employed: Sequence[tuple[date, date]]
    unpaid_days: int = 0
    overtime: Mapping[str, Decimal] = field(default_factory=dict)
    leave_days_left: Decimal = ZERO
    is_final: bool = False
    entered: Mapping[str, Decimal] = field(default_factory=dict)

    def variables(self) -> dict[str, Decimal]:
        days = len(self.work_days)
        employed = [day for day in self.work_days if any(start <= day <= end for start, end in self.employed)]
        salary = sum(
            (
                a.monthly_salary * sum(1 for day in employed if a.start <= day <= a.end) / (days or 1)
                for a in self.agreements
            ),
            ZERO,
        )
        return {
            "salary": salary,
            "full_salary": self.agreements[-1].monthly_salary if self.agreements else ZERO,
            "work_days": Decimal(days),
            "employed_days": Decimal(len(employed)),
            "unpaid_days": Decimal(self.unpaid_days),
            "overtime_workday": self.overtime.get("workday", ZERO),
            "overtime_restday": self.overtime.get("restday", ZERO),
            "overtime_holiday": self.overtime.get("holiday", ZERO),
            "leave_days_left": self.leave_days_left,
            "is_final": Decimal(self.is_final),
        }


def amounts(components: Sequence[Component], month: PersonMonth) -> dict[str, Decimal]:
    """Code → amount, rounded to cents, in the components' order.

    Raises:
        FormulaUnreadable: names the component.
    """
    values, found = month.variables(), {}
    for component in components:
        if component.formula:
            try:
                amount = rounded(evaluate(component.formula, values), MINOR_UNITS)
            except FormulaUnreadable as error:
                raise FormulaUnreadable(f"{component.code}: {error.reason}", error.where) from error
        else:
            amount = rounded(month.entered.get(component.code, ZERO), MINOR_UNITS)
        found[component.code] = amount
        values[component.code.lower()] = amount
    return found


def months_employed(spans: Sequence[tuple[date, date]], year: int, month: int) -> int:
    """Months of the year up to this one in which there was a day of employment."""
    count = 0
    for number in range(1, month + 1):
        first = date(year, number, 1)
        after = date(year + number // 12, number % 12 + 1, 1)
        count += any(start < after and end >= first for start, end in spans)
    return count
