"""The policy as data: complete, without dead rows, and with the duties apart. No store is needed: the rows are files."""

import json
from collections import defaultdict

import pytest

from operational_app import modules
from operational_app.core import policy
from operational_app.core.command import COMMANDS, Command
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.models import Company
from operational_app.core.policy import is_confidential
from operational_app.core.references import reference_of
from operational_app.core.row_policy import has_owner
from operational_app.oa.workflow.commands.definitions import DEFAULTS

modules.load()
RULES = list(policy.rules_from_files())
ROLES = list(policy.roles_from_file())

# Rights in the warehouse and its dashboards; no document of the app has these names.
ELSEWHERE = {"dashboard_executive", "confidential_lake"}
# (entity, field or command) that no role has, on purpose.
# What goes out to webhooks and mailboxes is for them.
NOBODYS: set[tuple[str, str]] = {("outbox_message", "payload")}

# Commands that put a document of another kind into the world than the one they are declared on.
ENTERED_BY = {"bill": ("bill_purchase_order",), "sales_invoice": ("invoice_delivery",)}
# Verbs by which somebody vouches for what another entered.
VOUCHING = ("approve_", "release_")
# Not among them: a release that puts the planner's own plans in use and moves no money; and what two of one role may do,
# since the command refuses whoever entered it.
VOUCHED_BY_PERSON = {"release_bill_of_material", "release_routing", "release_production_order", "approve_budget"}


def holders(entity: str, name: str, action: str) -> set[str]:
    return {r["role"] for r in RULES if (r["entity"], r["field"], r["action"]) == (entity, name, action)}


def columns_of(document: Document) -> dict[str, type]:
    """Every column of a document and of its lines → its table's class."""
    found = {a.key: document.model for a in document.model.__mapper__.column_attrs}
    for lines in document.lines:
        found |= {a.key: lines.model for a in lines.model.__mapper__.column_attrs if a.key not in found}
    return found


def confidential() -> list[tuple[str, str]]:
    return [
        (document.name, a.key)
        for document in DOCUMENTS.values()
        for model in (document.model, *(lines.model for lines in document.lines))
        for a in model.__mapper__.column_attrs
        if is_confidential(model, a.key)
    ]


def makers() -> list[Command]:
    return [c for c in COMMANDS.values() if c.acts_on is None]


def test_every_rule_is_about_something_that_there_is() -> None:
    dead = []
    for rule in RULES:
        entity, name, action = rule["entity"], rule["field"], rule["action"]
        if entity in ELSEWHERE:
            continue
        document = DOCUMENTS.get(entity)
        if document is None:
            dead.append(rule)
        elif action == "execute":
            command = COMMANDS.get(name)
            if command is None or command.document is not document:
                dead.append(rule)
        elif name != "*" and name not in columns_of(document):
            dead.append(rule)
    assert dead == []
    assert {r["role"] for r in RULES} <= set(ROLES)


def test_every_document_is_read_by_somebody() -> None:
    assert [n for n in DOCUMENTS if not holders(n, "*", "read") and (n, "*") not in NOBODYS] == []


def test_every_command_is_run_by_somebody() -> None:
    alone = [
        c.name
        for c in COMMANDS.values()
        if not holders(c.document.name, c.name, "execute") and (c.document.name, c.name) not in NOBODYS
    ]
    assert alone == []


def test_every_confidential_field_is_read_by_somebody_by_name() -> None:
    assert [f for f in confidential() if not holders(*f, "read") and f not in NOBODYS] == []


def test_whoever_runs_a_command_may_write_the_confidential_fields_it_must_be_given() -> None:
    lacking = []
    for command in COMMANDS.values():
        model = command.acts_on or command.document.model
        for name, field in command.body.model_fields.items() if command.body else ():
            if field.is_required() and is_confidential(model, name):
                without = holders(command.document.name, command.name, "execute") - holders(
                    command.document.name, name, "write"
                )
                lacking += [(role, command.name, name) for role in without]
    assert lacking == []


def test_nobodys_list_holds_nothing_that_somebody_has() -> None:
    had = {(r["entity"], r["field"]) for r in RULES}
    assert NOBODYS & had == set()


def test_own_and_department_are_given_only_where_rows_have_an_owner() -> None:
    wrong = [
        r
        for r in RULES
        if r["scope"] in ("own", "department")
        and r["entity"] not in ELSEWHERE
        and not has_owner(DOCUMENTS[r["entity"]].model)
    ]
    assert wrong == []


def test_what_belongs_to_no_company_is_read_with_the_scope_all_or_own() -> None:
    wrong = [
        r
        for r in RULES
        if r["entity"] not in ELSEWHERE
        and r["action"] == "read"
        and not hasattr(DOCUMENTS[r["entity"]].model, "company_id")
        and DOCUMENTS[r["entity"]].model is not Company
        and r["scope"] not in ("all", "own")
    ]
    assert wrong == []


def test_every_role_reads_the_companies_it_works_in() -> None:
    assert holders("company", "*", "read") == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_whoever_may_run_a_command_may_see_what_it_is_about(role: str) -> None:
    """The document that it acts on or makes, and what its body must refer to: else it could not be filled in."""
    blind = []
    for command in COMMANDS.values():
        if role not in holders(command.document.name, command.name, "execute"):
            continue
        needed = {command.document.name}
        for body in bodies_of(command):
            needed |= {
                target
                for name, field in body.model_fields.items()
                if field.is_required() and (target := reference_of(body, name))
            }
        blind += [(command.name, entity) for entity in needed if role not in holders(entity, "*", "read")]
    assert blind == []


def bodies_of(command: Command) -> list[type]:
    """The body of a command, and those of its lines."""
    from operational_app.core.actions import _line_body

    if command.body is None:
        return []
    inner = (_line_body(field.annotation) for field in command.body.model_fields.values())
    return [command.body, *(body for body in inner if body is not None)]


def enterers() -> dict[str, set[str]]:
    """Document → roles that can put one into the world or rewrite it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for command in COMMANDS.values():
        if command.acts_on is None or command.name.startswith(("enter_", "change_")):
            found[command.document.name] |= holders(command.document.name, command.name, "execute")
    for entity, names in ENTERED_BY.items():
        for name in names:
            found[entity] |= holders(COMMANDS[name].document.name, name, "execute")
    return found


def test_no_role_both_enters_and_vouches_for_the_same_kind_of_document() -> None:
    """Segregation of duties. The engine adds to it, person by person: who enters may not approve."""
    both = []
    entering = enterers()
    for command in COMMANDS.values():
        if command.name.startswith(VOUCHING) and command.name not in VOUCHED_BY_PERSON:
            vouching = holders(command.document.name, command.name, "execute")
            both += [(role, command.name) for role in vouching & entering[command.document.name]]
    assert both == []
    assert any(c.name.startswith(VOUCHING) for c in COMMANDS.values())


def entered_for_oneself(entity: str) -> bool:
    """Whether everybody who enters such a document enters it for oneself alone, as leave and expenses: no role is apart
    from that. The engine then parts them person by person, whoever the rule names."""
    makers_of = {c.name for c in makers() if c.document.name == entity}
    scopes = {r["scope"] for r in RULES if r["entity"] == entity and r["field"] in makers_of}
    return scopes == {"own"}


def test_no_role_approves_by_a_default_rule_what_it_enters() -> None:
    for rule in json.loads(DEFAULTS.read_text(encoding="utf-8")):
        asked = {c["who"] for c in rule["candidates"] if c["kind"] == "role"}
        if not entered_for_oneself(rule["document_type"]):
            assert asked & enterers()[rule["document_type"]] == set()
        assert asked <= set(ROLES)


def test_whoever_may_give_rights_does_no_business() -> None:
    """An administrator could take any role; what it then does is in the log under its name. It has none by itself,
    but sets up and brings in what other systems kept."""
    business = {"erp", "crm", "finance"}
    runs = {
        c.name
        for c in COMMANDS.values()
        if c.document.module in business and "administrator" in holders(c.document.name, c.name, "execute")
    }
    assert runs == {"import_journal", "import_bank_statement", "add_opportunity_stage", "change_opportunity_stage"}
