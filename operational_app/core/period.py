"""Accounting periods: which one a date falls into, and whether it takes postings."""

import calendar
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from operational_app.core.errors import NoPeriod, PeriodClosed
from operational_app.core.known import known
from operational_app.core.models import Company, Period


def period_for(session: Session, company: Company, day: date) -> Period:
    """The open period of a day.

    Raises:
        NoPeriod, PeriodClosed: refusals that name the day and the company.
    """
    period = session.scalars(
        select(Period).where(Period.company_id == company.id, Period.start_date <= day, Period.end_date >= day)
    ).one_or_none()
    if period is None:
        raise NoPeriod(company=company.code, date=day.isoformat())
    if period.state != "open":
        raise PeriodClosed(company=company.code, date=day.isoformat())
    return period


def open_day(session: Session, company: Company, day: date) -> date:
    """The day itself where its period is open; else the first day after it that takes postings.

    For what is entered late about a day whose books are closed: those stay as they are.

    Raises:
        NoPeriod: no period from that day on is open.
    """
    starts = session.execute(
        select(Period.start_date)
        .where(Period.company_id == company.id, Period.end_date >= day, Period.state == "open")
        .order_by(Period.start_date)
        .limit(1)
    ).scalar_one_or_none()
    if starts is None:
        raise NoPeriod(company=company.code, date=day.isoformat())
    return max(day, starts)


def open_period_id(session: Session, company: Company, day: date) -> int:
    """Row of the open period of a day; refuses like `period_for`. The store looks again when an entry is posted to it."""
    periods = known(session, ("periods", company.id), lambda: _periods(session, company.id))
    for row_id, start, end, state in periods:
        if start <= day <= end:
            if state != "open":
                raise PeriodClosed(company=company.code, date=day.isoformat())
            return row_id
    raise NoPeriod(company=company.code, date=day.isoformat())


def _periods(session: Session, company_id: int) -> list[tuple[int, date, date, str]]:
    rows = session.execute(
        select(Period.id, Period.start_date, Period.end_date, Period.state)
        .where(Period.company_id == company_id)
        .order_by(Period.start_date.desc())
    )
    return [tuple(row) for row in rows]


def open_year(session: Session, company: Company, year: int) -> list[Period]:
    """The twelve calendar months of a year as open periods; months that exist are left as they are."""
    known = set(session.scalars(select(Period.code).where(Period.company_id == company.id)))
    made = [
        Period(
            company_id=company.id,
            code=f"{year}-{month:02d}",
            start_date=date(year, month, 1),
            end_date=date(year, month, calendar.monthrange(year, month)[1]),
        )
        for month in range(1, 13)
        if f"{year}-{month:02d}" not in known
    ]
    session.add_all(made)
    session.flush()
    return made
