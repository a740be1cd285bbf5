"""Rights: what a signed-in user may read, write and run. Deny by default.

The rules are rows of `core.policy_rule`, kept as `policy.csv` in each module and loaded by `hub migrate`. A rule gives
a role an action on a field (or on all that are not confidential, `*`) of an entity, within a scope:

- `own`: rows that the user entered or that are about the user (`belongs_to`);
- `department`: the same for everybody in the user's department, and in those that the user manages;
- `company`: rows of the companies in which the user holds the role;
- `all`: the same, and rows that belong to no company. A role held in one company never reaches into another.

`execute` on a command gives the right to write what it asks for, except confidential fields: those take a `write` rule
by name, as they take a `read` rule by name. How a reach becomes a condition on rows stands in `core/row_policy.py`.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from operational_app.core import known

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

    def __le__(self, other: "Companies") -> bool:
        return other.everywhere or (not self.everywhere and self.ids <= other.ids)


NOWHERE = Companies()


@dataclass(frozen=True)
class Reach:
    """How far a right goes. As a truth value: whether it goes anywhere at all.

    Attributes:
        companies: every row of these companies.
        department: in these companies, rows of the user's department.
        own: in these companies, the user's own rows.
        above: also rows that belong to no company.
    """

    companies: Companies = NOWHERE
    department: Companies = NOWHERE
    own: Companies = NOWHERE
    above: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether it covers every row of every company."""
        return self.companies.everywhere

    def __contains__(self, company_id: int | None) -> bool:
        """Whether it covers every row of a company."""
        return company_id in self.companies

    @property
    def anywhere(self) -> Companies:
        """Companies in which it covers some row."""
        return self.companies | self.department | self.own

    def __bool__(self) -> bool:
        return bool(self.companies or self.department or self.own)

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(
            self.companies | other.companies,
            self.department | other.department,
            self.own | other.own,
            self.above or other.above,
        )

    def __le__(self, other: "Reach") -> bool:
        """Whether the other covers every row that this one covers."""
        return (
            self.companies <= other.companies
            and self.department <= other.companies | other.department
            and self.own <= other.anywhere
            and self.above <= other.above
        )


NO_REACH = Reach()


@dataclass(frozen=True)
class People:
    """Whose rows they are: users, the persons behind them, and what these persons are to companies."""

    user_ids: frozenset[int] = frozenset()
    party_ids: frozenset[int] = frozenset()
    party_role_ids: frozenset[int] = frozenset()

    def __or__(self, other: "People") -> "People":
        return People(
            self.user_ids | other.user_ids,
            self.party_ids | other.party_ids,
            self.party_role_ids | other.party_role_ids,
        )


# Who works in a user's department, and in those that the user manages: session and user → people. The core knows no
# departments; `links` registers this. Without it a department is oneself.
COLLEAGUES: list[Callable[[Session, int], People]] = []


class Grants(dict[tuple[str, str, str], Reach]):
    """(entity, field or command, action) → how far it is allowed. Never changed once made: all who hold the same roles
    share it, with what has been worked out of it."""

    @cached_property
    def companies(self) -> Companies:
        """Every company in which anything is allowed."""
        total = NOWHERE
        for reach in self.values():
            total |= reach.anywhere
            if total.everywhere:
                break
        return total

    @cached_property
    def found(self) -> dict[tuple[str, str, str, bool], Reach]:
        """What `Principal.where` has answered so far."""
        return {}


@dataclass(frozen=True)
class Principal:
    """Who acts: the user and everything that the user's roles allow, as of this request."""

    user_id: int
    username: str
    name: str
    language: str
    roles: tuple[str, ...]
    grants: Grants = field(repr=False)
    me: People = field(default=People(), repr=False)
    find_department: Callable[["Principal"], People] = field(
        default=lambda principal: principal.me, repr=False, compare=False
    )

    @cached_property
    def department(self) -> People:
        """Who works in the user's department, and in those that the user manages."""
        return self.find_department(self)

    def where(self, entity: str, field_name: str, action: str, *, confidential: bool = False) -> Reach:
        """How far this is allowed. `*` never opens a confidential field: that takes a rule of its own."""
        key = (entity, field_name, action, confidential)
        found = self.grants.found
        if key not in found:
            exact = self.grants.get((entity, field_name, action), NO_REACH)
            general = NO_REACH if confidential else self.grants.get((entity, "*", action), NO_REACH)
            found[key] = exact | general if exact and exact is not general else general or exact
        return found[key]

    def may_run(self, entity: str, command: str) -> Reach:
        return self.where(entity, command, "execute")

    def may_read(self, entity: str) -> Reach:
        """How far at least the plain fields of the entity are readable."""
        return self.where(entity, "*", "read")


def is_confidential(model: type[Any], name: str) -> bool:
    """Whether a field needs a rule of its own: a column whose `info` says so, or a computed one."""
    return name in model.__mapper__.column_attrs and bool(getattr(model, name).info.get("confidential"))


# The user with the roles held, in one round trip; what a role allows is reference data (core/known.py). `{more}` takes
# what the edge of a command wants to know in the same query.
PRINCIPAL = """
    SELECT u.username, u.name, u.language, u.party_id,
           ARRAY(SELECT p.id FROM core.party_role p WHERE p.party_id = u.party_id) AS party_role_ids,
           h.role_code, h.company_id, (SELECT s.stamp FROM core.reference_stamp s) AS stamp{more}
    FROM core.app_user u LEFT JOIN core.user_role h ON h.user_id = u.id
    WHERE u.id = %(id)s AND u.disabled_at IS NULL AND (u.access_ends_at IS NULL OR u.access_ends_at > now())
    ORDER BY h.role_code, h.company_id
    """
FIND_PRINCIPAL = PRINCIPAL.format(more="")
RULES = text(
    "SELECT role_code, entity, field, action, scope FROM core.policy_rule WHERE role_code = ANY(:roles) ORDER BY 1, 2, 3, 4"
)


def load_principal(session: Session, user_id: int) -> Principal | None:
    """The user with all that the roles allow now; None where the user does not exist or is disabled."""
    rows = session.connection().exec_driver_sql(FIND_PRINCIPAL, {"id": user_id}).all()
    principal = principal_from(session, user_id, rows)
    if principal is None:
        return None
    # What is read here is used after the session has ended.
    department = principal.department
    return replace(principal, find_department=lambda _principal: department)


def principal_from(session: Session, user_id: int, rows: Sequence[Any]) -> Principal | None:
    """The user out of the rows of `PRINCIPAL`. The department is looked up when it is first asked for."""
    if not rows:
        return None
    known.begin(session, rows[0].stamp)
    held = tuple((row.role_code, row.company_id) for row in rows if row.role_code)
    grants = known.known(session, ("grants", held), lambda: _grants(session, held))
    user = rows[0]
    me = People(
        frozenset({user_id}),
        frozenset() if user.party_id is None else frozenset({user.party_id}),
        frozenset(user.party_role_ids),
    )
    roles = tuple(sorted({role for role, _company in held}))
    return Principal(user_id, user.username, user.name, user.language, roles, grants, me, partial(_colleagues, session))


def _grants(session: Session, held: tuple[tuple[str, int | None], ...]) -> Grants:
    """All that these roles allow in their companies."""
    rules: defaultdict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for role, *rule in session.execute(RULES, {"roles": sorted({role for role, _company in held})}):
        rules[role].append(tuple(rule))
    grants = Grants()
    for role, company_id in held:
        where = Companies(everywhere=True) if company_id is None else Companies(ids=frozenset({company_id}))
        reaches = {
            "own": Reach(own=where),
            "department": Reach(department=where),
            "company": Reach(companies=where),
            "all": Reach(companies=where, above=True),
        }
        for entity, name, action, scope in rules[role]:
            key = (entity, name, action)
            grants[key] = grants[key] | reaches[scope] if key in grants else reaches[scope]
    return grants


def _colleagues(session: Session, principal: Principal) -> People:
    """The people of the user's department, where any right reaches so far."""
    department = principal.me
    if any(reach.department for reach in principal.grants.values()):
        for resolve in COLLEAGUES:
            department |= resolve(session, principal.user_id)
    return department


def limited_to(principal: Principal, permissions: Collection[str]) -> Principal:
    """The same user with less: what both the user's rights and these permissions allow.

    What a command that may be run asks for may be written as far as the user may write it.

    Args:
        permissions: `read sales_order`, `read *`, `run confirm_sales_order`, `run *`.
    """
    runs = [name for verb, _blank, name in (p.partition(" ") for p in permissions) if verb == "run"]
    grants: defaultdict[tuple[str, str, str], Reach] = defaultdict(lambda: NO_REACH)
    for (entity, name, action), reach in principal.grants.items():
        if action == "read":
            if "read *" in permissions or f"read {entity}" in permissions:
                grants[(entity, name, action)] = reach
        elif not runs or entity in NEVER_BY_TOKEN:
            continue
        elif action == "write" or "*" in runs:
            grants[(entity, name, action)] |= reach
        else:
            for command in runs if name == "*" else [name] if name in runs else []:
                grants[(entity, command, action)] |= reach
    # Not `replace`: the department may still have to be found.
    return replace(principal, grants=Grants(grants), find_department=lambda _less: principal.department)


def sum_of(principal: Principal) -> Companies:
    """Every company in which the user may do anything."""
    return principal.grants.companies


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
