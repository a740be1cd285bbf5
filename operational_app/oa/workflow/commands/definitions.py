"""Verbs on approval rules: enter, change, activate, retire."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field
from sqlalchemy import delete, func, select

from operational_app.core.command import COMMANDS, Body, Work, command
from operational_app.core.document import DOCUMENTS
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import Text, _
from operational_app.core.models import AppUser, Role
from operational_app.core.reading import has_column
from operational_app.oa.workflow import queries
from operational_app.oa.workflow.models import (
    WorkflowCandidate,
    WorkflowCondition,
    WorkflowDefinition,
    WorkflowGate,
    WorkflowStep,
    workflow_definition,
)

# What a new company begins with.
DEFAULTS = Path(__file__).resolve().parent.parent / "defaults.json"


class StepBody(Body):
    step_no: int = Field(ge=1, le=1000)
    name: str = Field(min_length=1, max_length=100)
    kind: str = Field(default="any", pattern="^(single|any|all)$")


class CandidateBody(Body):
    step_no: int = Field(ge=1, le=1000)
    kind: str = Field(pattern="^(user|role|manager)$")
    who: str = Field(
        min_length=1,
        max_length=50,
        description="User name, code of a role, or how many levels up (1: the department's manager).",
    )


class ConditionBody(Body):
    step_no: int = Field(ge=1, le=1000)
    field: str = Field(min_length=1, max_length=100, description="Field of the document, or a live fact.")
    operator: str = Field(pattern="^(eq|ne|lt|le|gt|ge|in|empty)$")
    operand: str = Field(default="", max_length=500)


class GateBody(Body):
    command_name: str = Field(min_length=1, max_length=100, description="Command that waits for the approval.")


class EnterDefinition(Body):
    document_type: str = Field(
        min_length=1, max_length=100, description="Type of the document, such as purchase_order."
    )
    name: str = Field(min_length=1, max_length=200)
    steps: list[StepBody] = Field(min_length=1, max_length=50)
    candidates: list[CandidateBody] = Field(min_length=1, max_length=500)
    conditions: list[ConditionBody] = Field(default_factory=list, max_length=500)
    gates: list[GateBody] = Field(default_factory=list, max_length=100)


@command(workflow_definition, _("Enter approval rule"))
def enter_definition(work: Work, body: EnterDefinition) -> WorkflowDefinition:
    """Write down how documents of a type are approved. It counts from its activation on."""
    return write_definition(work, body)


@command(workflow_definition, _("Change"), states=("draft",))
def change_definition(work: Work, definition: WorkflowDefinition, body: EnterDefinition) -> WorkflowDefinition:
    """Write the rule anew while it is not in force."""
    _require_sense(work, body)
    if body.document_type != definition.document_type:
        raise InvalidInput(fields={"document_type": _("A rule stays with its type of document; enter another rule.")})
    definition.name = body.name
    for part in (WorkflowStep, WorkflowCandidate, WorkflowCondition, WorkflowGate):
        work.session.execute(delete(part).where(part.workflow_definition_id == definition.id))
    _write_parts(work, definition, body)
    return definition


@command(workflow_definition, _("Activate"), states=("draft",))
def activate_definition(work: Work, definition: WorkflowDefinition) -> WorkflowDefinition:
    """Put the rule into force and retire the one before. Requests that wait go on by the rule they began with."""
    earlier = queries.active_definition(work.session, definition.company_id, definition.document_type)
    if earlier is not None:
        earlier.state = "retired"
        work.session.flush()
    definition.state = "active"
    return definition


@command(workflow_definition, _("Retire"), states=("active",))
def retire_definition(work: Work, definition: WorkflowDefinition) -> WorkflowDefinition:
    """Ask for no more approvals of this type; requests that wait go on."""
    definition.state = "retired"
    return definition


def make_default_definitions(work: Work) -> None:
    """Give the company the rules that come ready, in force."""
    for values in json.loads(DEFAULTS.read_text(encoding="utf-8")):
        write_definition(work, EnterDefinition.model_validate(values)).state = "active"
    work.session.flush()


def write_definition(work: Work, body: EnterDefinition) -> WorkflowDefinition:
    _require_sense(work, body)
    last = work.session.scalar(
        select(func.max(WorkflowDefinition.revision)).where(
            WorkflowDefinition.company_id == work.company_id,
            WorkflowDefinition.document_type == body.document_type,
        )
    )
    made = WorkflowDefinition(
        company_id=work.company_id,
        document_type=body.document_type,
        revision=(last or 0) + 1,
        name=body.name,
        state="draft",
    )
    work.session.add(made)
    work.session.flush()
    _write_parts(work, made, body)
    return made


def _write_parts(work: Work, definition: WorkflowDefinition, body: EnterDefinition) -> None:
    for model, parts in (
        (WorkflowStep, body.steps),
        (WorkflowCandidate, body.candidates),
        (WorkflowCondition, body.conditions),
        (WorkflowGate, body.gates),
    ):
        for part in parts:
            values = {"company_id": definition.company_id, "workflow_definition_id": definition.id}
            work.session.add(model(**values, **part.model_dump()))
    work.session.flush()


def _require_sense(work: Work, body: EnterDefinition) -> None:
    """Refuse a rule that could not be followed, each fault beside its field."""
    document = DOCUMENTS.get(body.document_type)
    if document is None or not has_column(document.model, "company_id"):
        raise InvalidInput(fields={"document_type": _("There is no such type of document to approve.")})
    wrong = dict(_faults(work, body))
    if wrong:
        raise InvalidInput(fields=wrong)


def _faults(work: Work, body: EnterDefinition) -> Iterator[tuple[str, Text]]:
    steps = [step.step_no for step in body.steps]
    asked = {candidate.step_no for candidate in body.candidates}
    for index, number in enumerate(steps):
        if number in steps[:index]:
            yield f"steps.{index}.step_no", _("Give each step a number of its own.")
        if number not in asked:
            yield f"steps.{index}.step_no", _("Say who decides in this step.")
    for kind, parts in (("candidates", body.candidates), ("conditions", body.conditions)):
        for index, part in enumerate(parts):
            if part.step_no not in steps:
                yield f"{kind}.{index}.step_no", _("There is no such step.")
    for index, candidate in enumerate(body.candidates):
        if not _known(work, candidate):
            yield f"candidates.{index}.who", _("Nobody is meant by this.")
    document = DOCUMENTS[body.document_type]
    fields = set(document.fields()) | {name for kind, name in queries.FACTS if kind == document.name}
    for index, condition in enumerate(body.conditions):
        if condition.field not in fields:
            yield f"conditions.{index}.field", _("This document has no such field, and there is no such fact.")
    for index, gate in enumerate(body.gates):
        verb = COMMANDS.get(gate.command_name)
        if verb is None or verb.acts_on is None or not issubclass(document.model, verb.acts_on):
            yield f"gates.{index}.command_name", _("There is no such command on this document.")


def _known(work: Work, candidate: CandidateBody) -> bool:
    if candidate.kind == "manager":
        return candidate.who.isascii() and candidate.who.isdigit() and 1 <= int(candidate.who) <= 20
    if candidate.kind == "role":
        return work.session.get(Role, candidate.who) is not None
    return work.session.scalar(select(AppUser.id).where(AppUser.username == candidate.who)) is not None
