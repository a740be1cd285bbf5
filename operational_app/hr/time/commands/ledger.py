"""The one function that writes the ledger of leave."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from operational_app.core.command import Work
from operational_app.core.execute import CONSTRAINT_REFUSALS
from operational_app.core.models import PartyRole
from operational_app.hr.errors import LeaveOverdrawn, LeaveOverlaps
from operational_app.hr.time.models import LeaveBalance, LeaveEntry, LeaveRequest, LeaveType

CONSTRAINT_REFUSALS["ck_leave_balance_not_overdrawn"] = LeaveOverdrawn
CONSTRAINT_REFUSALS["ex_leave_request_no_overlap"] = LeaveOverlaps


def balance_for(work: Work, person: PartyRole, leave_type: LeaveType) -> LeaveBalance:
    """The balance of an employee, locked; one of nothing is made where there is none yet."""
    work.session.execute(
        insert(LeaveBalance)
        .values(company_id=work.company_id, employee_id=person.id, leave_type_id=leave_type.id, day_count=0, version=1)
        .on_conflict_do_nothing()
    )
    return work.session.scalars(
        select(LeaveBalance)
        .where(LeaveBalance.employee_id == person.id, LeaveBalance.leave_type_id == leave_type.id)
        .with_for_update(key_share=True)
    ).one()


def enter(
    work: Work,
    balance: LeaveBalance,
    day: date,
    kind: str,
    days: Decimal,
    *,
    request: LeaveRequest | None = None,
    carried: Decimal | None = None,
    note: str | None = None,
) -> None:
    """Add an entry and move the balance with it; the store refuses a balance below nothing."""
    work.session.add(
        LeaveEntry(
            company_id=work.company_id,
            leave_balance_id=balance.id,
            entry_date=day,
            kind=kind,
            day_count=days,
            carried_days=carried,
            leave_request_id=request.id if request else None,
            note=note,
        )
    )
    balance.day_count += days
    work.session.flush()
