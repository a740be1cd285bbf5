"""Commands of the core: companies, periods, users and their roles."""

from datetime import UTC, date, datetime

from pydantic import Field
from sqlalchemy import ColumnElement, select

from operational_app.core import documents, identity
from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.errors import EarlierPeriodOpen, InvalidInput, LaterPeriodClosed
from operational_app.core.events import CompanyFounded, PeriodClosing
from operational_app.core.i18n import _
from operational_app.core.models import AppUser, Company, Currency, ExchangeRate, Period, Role, UserRole
from operational_app.core.money import Rate
from operational_app.core.period import open_year as make_year


class FoundCompany(Body):
    code: str = Field(pattern="^[A-Z][A-Z0-9_]{0,19}$")
    name: str = Field(min_length=1, max_length=200)
    currency: str = Field(pattern="^[A-Z]{3}$")
    chart: str = Field(default="cas", pattern="^(cas|ifrs|empty)$")


class OpenYear(Body):
    year: int = Field(ge=1990, le=2200)


class SetExchangeRate(Body):
    currency: str = Field(pattern="^[A-Z]{3}$")
    rate_date: date
    exchange_rate: Rate = Field(gt=0)


class AddUser(Body):
    username: str = Field(pattern="^[a-z][a-z0-9_.-]{0,49}$")
    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=10, max_length=200)
    language: str = Field(default="en", pattern="^(en|zh_Hans)$")


class SetPassword(Body):
    password: str = Field(min_length=10, max_length=200)


class GiveRole(Body):
    role: str = Field(min_length=1, max_length=50)
    company_id: Ref("company") | None = None


@command(documents.company, _("Found company"), needs_company=False)
def found_company(work: Work, body: FoundCompany) -> Company:
    """Begin to keep the books of a legal entity: its chart of accounts is made from the template."""
    if work.session.get(Currency, body.currency) is None:
        raise InvalidInput(fields={"currency": _("This currency is not known here.")})
    made = Company(**body.model_dump())
    work.session.add(made)
    work.session.flush()
    work.company = made
    work.announce(CompanyFounded(document_id=made.id, chart=made.chart))
    return made


@command(documents.period, _("Open year"))
def open_year(work: Work, body: OpenYear) -> Period:
    """Make the twelve months of a year and open them for postings. Months that exist stay as they are."""
    assert work.company is not None
    make_year(work.session, work.company, body.year)
    return work.session.scalars(
        select(Period).where(Period.company_id == work.company_id, Period.code == f"{body.year}-01")
    ).one()


@command(documents.period, _("Close"), states=("open",))
def close_period(work: Work, period: Period) -> Period:
    """Take no more postings in this period. Later facts are booked in an open period, linked to what they correct.

    Earlier periods are closed first, and no sub-ledger may differ from its account in the ledger.
    """
    earlier = _neighbour(work, Period.end_date < period.start_date, "open")
    if earlier is not None:
        raise EarlierPeriodOpen(code=earlier)
    # The period's row is locked: a posting in it has either committed, and is looked at, or waits and is refused.
    work.announce(PeriodClosing(document_id=period.id, code=period.code, end_date=period.end_date))
    period.state = "closed"
    return period


@command(documents.period, _("Reopen"), states=("closed",))
def reopen_period(work: Work, period: Period) -> Period:
    """Take postings again, the latest closed period first. The change log keeps who did it and when."""
    later = _neighbour(work, Period.start_date > period.end_date, "closed")
    if later is not None:
        raise LaterPeriodClosed(code=later)
    period.state = "open"
    return period


@command(documents.exchange_rate, _("Set exchange rate"))
def set_exchange_rate(work: Work, body: SetExchangeRate) -> ExchangeRate:
    """Say what one unit of a currency is worth in the company's currency from a day on. What is posted stays as it is."""
    assert work.company is not None
    if body.currency == work.company.currency or work.session.get(Currency, body.currency) is None:
        raise InvalidInput(fields={"currency": _("Choose a known currency other than the company's own.")})
    found = work.session.scalars(
        select(ExchangeRate)
        .where(
            ExchangeRate.company_id == work.company_id,
            ExchangeRate.currency == body.currency,
            ExchangeRate.rate_date == body.rate_date,
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        found = ExchangeRate(company_id=work.company_id, **body.model_dump())
        work.session.add(found)
    found.exchange_rate = body.exchange_rate
    work.session.flush()
    return found


@command(documents.app_user, _("Add user"), needs_company=False)
def add_user(work: Work, body: AddUser) -> AppUser:
    """Let a person or a system sign in. Without a role the user sees nothing yet."""
    if work.session.scalars(select(AppUser).where(AppUser.username == body.username)).one_or_none():
        raise InvalidInput(fields={"username": _("This user name is taken.")})
    made = AppUser(
        username=body.username,
        name=body.name,
        language=body.language,
        password_hash=identity.hash_password(body.password),
    )
    work.session.add(made)
    work.session.flush()
    return made


@command(documents.app_user, _("Set password"))
def set_password(work: Work, user: AppUser, body: SetPassword) -> AppUser:
    """Give the user a new password and sign the user out everywhere."""
    user.password_hash = identity.hash_password(body.password)
    identity.end_all_sessions(work.session, user.id)
    return user


@command(documents.app_user, _("Give role"))
def give_role(work: Work, user: AppUser, body: GiveRole) -> AppUser:
    """Give the user a role, in one company or in all."""
    if work.session.get(Role, body.role) is None:
        known = ", ".join(work.session.scalars(select(Role.code).order_by(Role.code)))
        raise InvalidInput(fields={"role": _("No such role. Roles are: {roles}.").format(roles=known)})
    if _held(work, user, body) is None:
        work.session.add(UserRole(user_id=user.id, role_code=body.role, company_id=body.company_id))
    return user


@command(documents.app_user, _("Take role away"))
def take_role(work: Work, user: AppUser, body: GiveRole) -> AppUser:
    """Take a role away; it ends with the user's next click."""
    held = _held(work, user, body)
    if held is None:
        raise InvalidInput(fields={"role": _("The user does not have this role there.")})
    work.session.delete(held)
    return user


@command(documents.app_user, _("Disable"))
def disable_user(work: Work, user: AppUser) -> AppUser:
    """End the user's access now, everywhere; what the user did stays on record."""
    user.disabled_at = datetime.now(UTC)
    identity.end_all_sessions(work.session, user.id)
    return user


def _neighbour(work: Work, beside: ColumnElement[bool], state: str) -> str | None:
    """Code of the first period of the company beside another one that is in this state."""
    return work.session.scalars(
        select(Period.code)
        .where(Period.company_id == work.company_id, Period.state == state, beside)
        .order_by(Period.start_date)
        .limit(1)
    ).one_or_none()


def _held(work: Work, user: AppUser, body: GiveRole) -> UserRole | None:
    return work.session.scalars(
        select(UserRole).where(
            UserRole.user_id == user.id,
            UserRole.role_code == body.role,
            UserRole.company_id.is_not_distinct_from(body.company_id),
        )
    ).one_or_none()
