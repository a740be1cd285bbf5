"""`hub migrate`, `hub user …`, `hub company …`: setting up and administering, through the same commands as everything."""

import sys
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import select

from operational_app.cli.output import format_option, note, show
from operational_app.core.errors import InvalidInput, NotFound
from operational_app.core.i18n import _

SHORTEST_PASSWORD = 10


@click.command(epilog="Example: hub migrate")
def migrate() -> None:
    """Bring store and lake to the newest state; make them where they are missing. Safe to run again."""
    from operational_app import migrations
    from pipelines import lake

    migrations.migrate()
    note(_("The store is up to date."))
    lake.create()
    note(_("The lake is up to date."))


@click.group(epilog="Example: hub user add lily --name 'Lily Wang' --role accountant --company DEMO")
def user() -> None:
    """Add users, give them passwords and roles, end their access."""


def _load() -> None:
    from operational_app import modules

    modules.load()


def _password(from_stdin: bool) -> str:
    """A password typed twice on a terminal, or the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError(str(_("There is no terminal to ask for the password; give it with --password-stdin.")))
    return click.prompt(str(_("Password")), hide_input=True, confirmation_prompt=str(_("Once more")))


def _user(username: str) -> Any:
    from operational_app.core import db
    from operational_app.core.models import AppUser

    with db.reading() as session:
        found = session.scalars(select(AppUser).where(AppUser.username == username)).one_or_none()
    if found is None:
        raise NotFound(entity=_("user"), key=username)
    return found


def _company_id(code: str | None) -> int | None:
    from operational_app.core import db
    from operational_app.core.models import Company

    if code is None:
        return None
    with db.reading() as session:
        found = session.scalars(select(Company.id).where(Company.code == code)).one_or_none()
    if found is None:
        raise NotFound(entity=_("company"), key=code)
    return found


def _on_user(command: str, username: str, **body: Any) -> None:
    from operational_app.cli import people

    found = _user(username)
    people.run(command, {"id": found.id, "version": found.version, **body})


def _require_role(role: str) -> None:
    """Before a user is made: a misspelt role should not leave one without any."""
    from operational_app.core.policy import roles_from_file

    known = roles_from_file()
    if role not in known:
        sentence = _("No such role. Roles are: {roles}.").format(roles=", ".join(sorted(known)))
        raise InvalidInput(fields={"role": sentence})


@user.command("add", epilog="Example: hub user add lily --name 'Lily Wang' --role accountant --company DEMO")
@click.argument("username")
@click.option("--name", help="Name shown to others; the user name where none is given.")
@click.option("--language", type=click.Choice(["en", "zh_Hans"]), default="en", show_default=True)
@click.option("--role", "roles", multiple=True, help="A role to give; may be repeated.")
@click.option("--company", "company_code", metavar="CODE", help="Give the roles in this company only.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(
    username: str, name: str | None, language: str, roles: tuple[str, ...], company_code: str | None,
    password_stdin: bool,
) -> None:  # fmt: skip
    """Let a person or a system sign in."""
    from operational_app.cli import people

    _load()
    company_id = _company_id(company_code)
    for role in roles:
        _require_role(role)
    body = {"username": username, "name": name or username, "language": language, "password": _password(password_stdin)}
    people.run("add_user", body)
    for role in roles:
        _on_user("give_role", username, role=role, company_id=company_id)
    note(_("{user} may sign in now.").format(user=username))


@user.command("passwd", epilog="Example: hub user passwd lily")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def passwd(username: str, password_stdin: bool) -> None:
    """Give a user a new password and sign the user out everywhere."""
    _load()
    _user(username)
    _on_user("set_password", username, password=_password(password_stdin))
    note(_("{user} has a new password and is signed out everywhere.").format(user=username))


@user.command("role", epilog="Example: hub user role lily accountant --company DEMO")
@click.argument("username")
@click.argument("role")
@click.option("--company", "company_code", metavar="CODE", help="In this company only; without it, in all.")
@click.option("--take", is_flag=True, help="Take the role away instead of giving it.")
def role(username: str, role: str, company_code: str | None, take: bool) -> None:
    """Give a user a role, or take it away."""
    _load()
    _on_user("take_role" if take else "give_role", username, role=role, company_id=_company_id(company_code))
    done = _("{user} no longer has the role {role} there.") if take else _("{user} has the role {role}.")
    note(done.format(user=username, role=role))


@user.command("disable", epilog="Example: hub user disable lily")
@click.argument("username")
def disable(username: str) -> None:
    """End a user's access now, everywhere; what the user did stays on record."""
    _load()
    _on_user("disable_user", username)
    note(_("{user} can no longer sign in.").format(user=username))


@user.command("list", epilog="Example: hub user list --format json")
@format_option()
def list_users(output_format: str) -> None:
    """List the users with their roles; a role without a company counts in all."""
    from operational_app.core import db
    from operational_app.core.models import AppUser, Company, UserRole

    with db.reading() as session:
        held = session.execute(
            select(UserRole.user_id, UserRole.role_code, Company.code)
            .outerjoin(Company, Company.id == UserRole.company_id)
            .order_by(UserRole.role_code)
        ).all()
        users = session.scalars(select(AppUser).order_by(AppUser.username)).all()
    roles = {u.id: [r + (f"@{c}" if c else "") for owner, r, c in held if owner == u.id] for u in users}
    rows = [(u.username, u.name, u.language, " ".join(roles[u.id]), u.disabled_at) for u in users]
    show(["username", "name", "language", "roles", "disabled_at"], rows, output_format)


@click.group(epilog="Example: hub company add ACME 'Acme Ltd' --currency EUR --chart ifrs")
def company() -> None:
    """Companies that keep their books here."""


@company.command("add", epilog="Example: hub company add ACME 'Acme Ltd' --currency EUR --chart ifrs")
@click.argument("code")
@click.argument("name")
@click.option("--currency", required=True, metavar="CUR", help="Currency of the books, such as CNY.")
@click.option(
    "--chart", type=click.Choice(["cas", "ifrs", "empty"]), required=True, help="Template of the chart of accounts."
)
@click.option("--year", "years", type=int, multiple=True, help="Year to open for postings; this year by default.")
def add_company(code: str, name: str, currency: str, chart: str, years: tuple[int, ...]) -> None:
    """Begin to keep the books of a company; its year is opened for postings."""
    from operational_app.cli import people

    _load()
    people.run("found_company", {"code": code, "name": name, "currency": currency, "chart": chart})
    opened = sorted(set(years)) or [datetime.now(UTC).year]
    for year in opened:
        people.run("open_year", {"company": code, "year": year})
    note(
        _("{company} keeps its books here now; open: {years}.").format(company=code, years=", ".join(map(str, opened)))
    )


@company.command("list", epilog="Example: hub company list")
@format_option()
def list_companies(output_format: str) -> None:
    """List the companies."""
    from operational_app.core import db
    from operational_app.core.models import Company

    with db.reading() as session:
        found = session.scalars(select(Company).order_by(Company.code)).all()
    columns = ["code", "name", "currency", "chart"]
    show(columns, [[getattr(one, name) for name in columns] for one in found], output_format)
