"""Sets the stage for the simulated company: the legal entity, its years, its users."""

from datetime import date, timedelta

from sqlalchemy import Engine, select

from operational_app.core import db
from operational_app.core.execute import execute
from operational_app.core.models import AppUser, Company
from operational_app.core.reference_data import OPERATOR
from operational_app.simulator.people import USERS


def exists(code: str, bind: Engine | None = None) -> bool:
    with db.reading(bind) as session:
        return session.scalars(select(Company.id).where(Company.code == code)).one_or_none() is not None


def found(code: str, first: date, last: date, passwords: dict[str, str], bind: Engine | None = None) -> None:
    """Found the company, open the years of its story, and let its people in.

    Safe to run again after a crash: each step's idempotency key gives the earlier answer.
    """
    with db.reading(bind) as session:
        operator = session.scalars(select(AppUser.id).where(AppUser.username == OPERATOR)).one()
    company = {"code": code, "name": "Pentahub Furniture Ltd", "currency": "CNY", "chart": "cas"}
    execute(operator, "found_company", company, f"found {code}", bind=bind)
    for year in range(first.year, last.year + 1):
        execute(operator, "open_year", {"company": code, "year": year}, f"open {code} {year}", bind=bind)
    for username, (name, roles) in USERS.items():
        user = {"username": username, "name": name, "password": passwords[username]}
        made = execute(operator, "add_user", user, f"user {username}", bind=bind)
        for role in roles:
            body = {"id": made["id"], "version": made["version"], "role": role}
            made = execute(operator, "give_role", body, f"role {username} {role}", bind=bind)


def span(months: int, today: date) -> tuple[date, date]:
    """First and last day of a story of so many months that ends yesterday, in the month of `today`."""
    last = today - timedelta(days=1)
    index = last.year * 12 + last.month - 1 - (months - 1)
    return date(index // 12, index % 12 + 1, 1), last
