"""Rights: what a signed-in user may read, write and run. Deny by default.

The rules are rows of `core.policy_rule`, kept as `policy.csv` in each module and loaded by `hub migrate`. A rule gives
a role an action on a field (or on all that are not confidential, `*`) of an entity, within a scope. The row side is
applied here to every query of a session: a user meets only rows of companies in which one of the user's roles may read
them.
"""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from operational_app.core.db import CompanyRow
from operational_app.core.document import Document
from operational_app.core.errors import NotPermitted

MODULES = Path(__file__).resolve().parent.parent

# What no token may change: one that could make tokens would outlive its own end, and how its user signs in is the user's.
NEVER_BY_TOKEN = ("api_token", "second_factor")


@dataclass(frozen=True)
class Companies:
    """A set of companies: all, or the listed ones."""

    everywhere: bool = False
    ids: frozenset[int] = frozenset()

    def __contains__(self, company_id: int | None) -> bool:
        return self.everywhere or company_id in self.ids

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.ids)

    def __or__(self, other: "Companies") -> "Companies":
        return Companies(self.everywhere or other.everywhere, self.ids | other.ids)


NOWHERE = Companies()


@dataclass(frozen=True)
class Principal:
    """Who acts: the user and everything that the user's roles allow, as of this request."""

    user_id: int
    username: str
    name: str
    language: str
    roles: tuple[str, ...]
    grants: dict[tuple[str, str, str], Companies] = field(repr=False)

    def where(self, entity: str, field_name: str, action: str, *, confidential: bool = False) -> Companies:
        """Companies in which this is allowed. `*` never opens a confidential field: that takes a rule of its own."""
        exact = self.grants.get((entity, field_name, action), NOWHERE)
        general = NOWHERE if confidential else self.grants.get((entity, "*", action), NOWHERE)
        return exact | general

    def may_run(self, entity: str, command: str) -> Companies:
        return self.where(entity, command, "execute")

    def may_read(self, entity: str) -> Companies:
        """Companies in which at least the plain fields of the entity are readable."""
        return self.where(entity, "*", "read")

    def readable_fields(self, document: Document) -> list[str]:
        """The document's fields that this user may see, in the table's order."""
        return readable_columns(self, document.name, document.model, document.fields())


def readable_columns(principal: Principal, entity: str, model: type[Any], names: list[str]) -> list[str]:
    return [name for name in names if principal.where(entity, name, "read", confidential=is_confidential(model, name))]


def is_confidential(model: type[Any], name: str) -> bool:
    """Whether a field needs a rule of its own to be read: a column whose `info` says so, or a computed one."""
    return name in model.__mapper__.column_attrs and bool(getattr(model, name).info.get("confidential"))


def load_principal(session: Session, user_id: int) -> Principal | None:
    """The user with all that the roles allow now; None where the user does not exist or is disabled."""
    user = session.execute(
        text("SELECT username, name, language FROM core.app_user WHERE id = :id AND disabled_at IS NULL"),
        {"id": user_id},
    ).one_or_none()
    if user is None:
        return None
    rows = session.execute(
        text(
            "SELECT u.role_code, u.company_id, r.entity, r.field, r.action, r.scope FROM core.user_role u "
            "LEFT JOIN core.policy_rule r ON r.role_code = u.role_code WHERE u.user_id = :id"
        ),
        {"id": user_id},
    ).all()
    grants: defaultdict[tuple[str, str, str], Companies] = defaultdict(lambda: NOWHERE)
    for row in rows:
        if row.entity is not None:
            where = Companies(everywhere=True) if row.company_id is None else Companies(ids=frozenset({row.company_id}))
            grants[(row.entity, row.field, row.action)] |= where
    roles = tuple(sorted({row.role_code for row in rows}))
    return Principal(user_id, user.username, user.name, user.language, roles, dict(grants))


def limited_to(principal: Principal, permissions: Collection[str]) -> Principal:
    """The same user with less: what both the user's rights and these permissions allow.

    Args:
        permissions: `read sales_order`, `read *`, `run confirm_sales_order`, `run *`.
    """
    grants: dict[tuple[str, str, str], Companies] = {}
    for (entity, name, action), where in principal.grants.items():
        if action == "read":
            if "read *" in permissions or f"read {entity}" in permissions:
                grants[(entity, name, action)] = where
        elif "run *" in permissions:
            if entity not in NEVER_BY_TOKEN:
                grants[(entity, name, action)] = where
        elif name == "*":
            for wanted in permissions:
                verb, _blank, command = wanted.partition(" ")
                if verb == "run" and entity not in NEVER_BY_TOKEN:
                    grants[(entity, command, action)] = grants.get((entity, command, action), NOWHERE) | where
        elif f"run {name}" in permissions and entity not in NEVER_BY_TOKEN:
            grants[(entity, name, action)] = grants.get((entity, name, action), NOWHERE) | where
    return replace(principal, grants=grants)


def limit(session: Session, principal: Principal) -> None:
    """From now on this session shows only rows of companies in which the user has a role that reads anything."""
    session.info["companies"] = sum_of(principal)


def sum_of(principal: Principal) -> Companies:
    total = NOWHERE
    for companies in principal.grants.values():
        total |= companies
    return total


@event.listens_for(Session, "do_orm_execute")
def _limit_rows(state: ORMExecuteState) -> None:
    companies: Companies | None = state.session.info.get("companies")
    if companies is None or companies.everywhere or not state.is_select:
        return
    ids = sorted(companies.ids)
    state.statement = state.statement.options(
        with_loader_criteria(CompanyRow, lambda cls: cls.company_id.in_(ids), include_aliases=True)
    )


def require(principal: Principal, entity: str, field_name: str, action: str, company_id: int | None) -> None:
    if company_id not in principal.where(entity, field_name, action):
        raise NotPermitted(permission=f"{entity}.{field_name} {action}")


def rules_from_files() -> Iterator[dict[str, str]]:
    """The rules under version control: `policy.csv` of the core and of every module.

    One line may name several roles, separated by spaces.
    """
    for file in sorted(MODULES.glob("*/policy.csv")):
        with file.open(newline="", encoding="utf-8") as stream:
            for line in csv.DictReader(row for row in stream if not row.startswith("#")):
                for role in line["role"].split():
                    for name in line["field"].split():
                        yield {**line, "role": role, "field": name}


def roles_from_file() -> dict[str, str]:
    """Code and English name of each role that comes with the product."""
    with (MODULES / "core" / "roles.csv").open(newline="", encoding="utf-8") as stream:
        return {line["role"]: line["name"] for line in csv.DictReader(stream)}
