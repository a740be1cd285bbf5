"""Verbs about costs: keep a driver, spread an account's cost of a period by it."""

from decimal import Decimal

from pydantic import Field
from sqlalchemy import delete, func, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import Currency, Period
from operational_app.core.money import Quantity, allocate
from operational_app.finance.cost_allocation.models import (
    CostAllocation,
    CostAllocationLine,
    CostDriver,
    CostDriverLine,
    cost_allocation,
    cost_driver,
)
from operational_app.finance.errors import CostAllocatedAlready, NothingToAllocate
from operational_app.finance.ledger.commands import controlled_accounts, post, refuse_controlled_account
from operational_app.finance.ledger.models import JournalEntry, JournalLine
from operational_app.finance.ledger.rules import Posting


class DriverQuantity(Body):
    ledger_account_id: Ref("ledger_account")
    department_id: Ref("department") | None = None
    driver_quantity: Quantity = Field(gt=0)


class AddCostDriver(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=200)
    lines: list[DriverQuantity] = Field(min_length=1, max_length=1000)


class MeasureCostDriver(Body):
    lines: list[DriverQuantity] = Field(min_length=1, max_length=1000)


class AllocateCost(Body):
    period_id: Ref("period")
    ledger_account_id: Ref("ledger_account")
    cost_driver_id: Ref("cost_driver")


@command(cost_driver, _("Add cost driver"))
def add_cost_driver(work: Work, body: AddCostDriver) -> CostDriver:
    """Take up what costs are spread by, and how much of it falls on which account."""
    made = CostDriver(company_id=work.company_id, code=body.code, name=body.name)
    work.session.add(made)
    work.session.flush()
    _write(work, made, body.lines)
    return made


@command(cost_driver, _("Measure again"))
def measure_cost_driver(work: Work, driver: CostDriver, body: MeasureCostDriver) -> CostDriver:
    """Write anew how much of the driver falls on which account; allocations that were made keep what they were made by."""
    work.session.execute(delete(CostDriverLine).where(CostDriverLine.cost_driver_id == driver.id))
    _write(work, driver, body.lines)
    return driver


@command(cost_allocation, _("Allocate cost"))
def allocate_cost(work: Work, body: AllocateCost) -> CostAllocation:
    """Spread what an account took up in a period over other accounts, by a driver, to the last minor unit."""
    assert work.company is not None
    refuse_controlled_account(work, body.ledger_account_id, "ledger_account_id")
    period = work.session.get_one(Period, body.period_id)
    _refuse_second(work, period, body.ledger_account_id)
    amount = _turnover(work, period, body.ledger_account_id)
    lines = work.session.scalars(
        select(CostDriverLine).where(CostDriverLine.cost_driver_id == body.cost_driver_id).order_by(CostDriverLine.id)
    ).all()
    if not amount:
        raise NothingToAllocate(code=period.code)
    minor_units = work.session.get_one(Currency, work.company.currency).minor_units
    parts = allocate(amount, [line.driver_quantity for line in lines], minor_units)
    made = CostAllocation(
        id=work.new_id(CostAllocation),
        company_id=work.company_id,
        number=work.number(cost_allocation, period.end_date),
        state="posted",
        business_date=period.end_date,
        created_by=work.principal.user_id,
        amount=amount,
        **body.model_dump(),
    )
    work.session.add(made)
    work.session.flush()
    work.session.add_all(
        CostAllocationLine(
            company_id=work.company_id,
            cost_allocation_id=made.id,
            ledger_account_id=line.ledger_account_id,
            department_id=line.department_id,
            driver_quantity=line.driver_quantity,
            amount=part,
        )
        for line, part in zip(lines, parts, strict=True)
    )
    post(
        work,
        period.end_date,
        _("Cost allocation {code}").format(code=period.code),
        [
            *(
                Posting(account=line.ledger_account_id, amount=part, department_id=line.department_id)
                for line, part in zip(lines, parts, strict=True)
            ),
            Posting(account=body.ledger_account_id, amount=-amount),
        ],
        document=(cost_allocation.name, made.id),
    )
    return made


def _write(work: Work, driver: CostDriver, lines: list[DriverQuantity]) -> None:
    controlled = controlled_accounts(work)
    seen: set[tuple[int, int | None]] = set()
    for index, line in enumerate(lines):
        place = f"lines.{index}.ledger_account_id"
        key = (line.ledger_account_id, line.department_id)
        if key in seen:
            raise InvalidInput(fields={place: _("This account stands here twice.")})
        if line.ledger_account_id in controlled:
            refuse_controlled_account(work, line.ledger_account_id, place)
        seen.add(key)
    work.session.add_all(
        CostDriverLine(company_id=driver.company_id, cost_driver_id=driver.id, **line.model_dump()) for line in lines
    )
    work.session.flush()


def _refuse_second(work: Work, period: Period, ledger_account_id: int) -> None:
    known = work.session.scalars(
        select(CostAllocation.number).where(
            CostAllocation.company_id == work.company_id,
            CostAllocation.period_id == period.id,
            CostAllocation.ledger_account_id == ledger_account_id,
        )
    ).one_or_none()
    if known is not None:
        raise CostAllocatedAlready(number=known, code=period.code)


def _turnover(work: Work, period: Period, ledger_account_id: int) -> Decimal:
    """What the account took up in the period, debit positive, in the company's currency."""
    found = work.session.scalar(
        select(func.coalesce(func.sum(JournalLine.company_debit - JournalLine.company_credit), 0))
        .join(JournalEntry, JournalEntry.id == JournalLine.journal_entry_id)
        .where(JournalLine.ledger_account_id == ledger_account_id, JournalEntry.period_id == period.id)
    )
    return Decimal(found or 0)
