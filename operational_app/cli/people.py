"""Who acts on the command line, and for which company: shared by the commands about the store."""

import uuid
from typing import Any

import click
from sqlalchemy import select

from operational_app.core import db
from operational_app.core.errors import NotFound, Refusal
from operational_app.core.execute import execute
from operational_app.core.i18n import _
from operational_app.core.models import AppUser, Company
from operational_app.core.policy import Principal, load_principal
from operational_app.core.reference_data import OPERATOR


class NotSetUp(Refusal):
    title = _("Not set up")
    template = _("This store has no user {user}. Run `hub migrate` first, or name another with --as.")


def as_option(function: Any) -> Any:
    """The option `--as`: whose rights apply and whose name stands in the log."""
    return click.option(
        "--as", "username", default=OPERATOR, show_default=True, metavar="USER", help="Act with this user's rights."
    )(function)


def company_option(function: Any) -> Any:
    return click.option("--company", "company_code", required=True, metavar="CODE", help="Code of the company.")(
        function
    )


def user_id_of(username: str) -> int:
    with db.reading() as session:
        found = session.scalars(select(AppUser.id).where(AppUser.username == username)).one_or_none()
    if found is None:
        raise NotSetUp(user=username)
    return found


def principal_of(username: str) -> Principal:
    with db.reading() as session:
        found = load_principal(session, user_id_of(username))
    if found is None:
        raise NotSetUp(user=username)
    return found


def company_of(code: str, principal: Principal, entity: str) -> Company:
    """The company of that code, where the user may read the entity there.

    Raises:
        NotFound: there is none, or none that the user may see.
    """
    with db.reading() as session:
        company = session.scalars(select(Company).where(Company.code == code)).one_or_none()
    if company is None or company.id not in principal.may_read(entity):
        raise NotFound(entity=_("company"), key=code)
    return company


def run(command: str, body: dict[str, Any], username: str = OPERATOR) -> dict[str, Any]:
    """Run a command once: each call of `hub` is a new one, so its key is fresh."""
    return execute(user_id_of(username), command, body, fresh_key())


def fresh_key() -> str:
    """An idempotency key for one call."""
    return f"hub {uuid.uuid4()}"
