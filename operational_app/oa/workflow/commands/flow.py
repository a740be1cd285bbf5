"""The way of a request through the steps of its rule. Called by the verbs here, and by `links` when a document is submitted."""

from typing import Any

from sqlalchemy import select, update

from operational_app.core.command import Work
from operational_app.core.document import Document, document_of
from operational_app.oa.errors import ConditionUnreadable, NobodyToApprove, NoDefinition, UnderApproval
from operational_app.oa.events import ApprovalAsked, ApprovalClosed
from operational_app.oa.workflow import queries
from operational_app.oa.workflow.models import (
    Approval,
    ApprovalDecision,
    ApprovalFact,
    ApprovalTask,
    WorkflowCandidate,
    WorkflowStep,
    approval,
)
from operational_app.oa.workflow.rules import Condition, Unreadable, all_hold


def start(work: Work, subject: Any, note: str | None = None) -> Approval:
    """Submit a document in the content that it has now.

    Raises:
        NoDefinition: no rule is in force for this type.
        UnderApproval: a request for this document waits already.
    """
    assert work.company is not None
    document = document_of(type(subject))
    definition = queries.active_definition(work.session, subject.company_id, document.name)
    if definition is None:
        raise NoDefinition(company=work.company.code, entity=document.title)
    waiting = select(Approval.id).where(
        Approval.document_type == document.name, Approval.document_id == subject.id, Approval.state == "pending"
    )
    if work.session.scalar(waiting) is not None:
        raise UnderApproval()
    work.session.flush()
    request = Approval(
        company_id=subject.company_id,
        number=work.number(approval, work.today),
        state="pending",
        business_date=work.today,
        created_by=work.principal.user_id,
        workflow_definition_id=definition.id,
        document_type=document.name,
        document_id=subject.id,
        document_version=getattr(subject, "version", None),
        content_hash=queries.content_hash(work.session, document, subject),
        step_no=0,
    )
    work.session.add(request)
    work.session.flush()
    work.link(subject, request)
    facts = record(work, request, document, subject, "submit", note)
    enter_next(work, request, document, subject, facts)
    return request


def record(
    work: Work,
    request: Approval,
    document: Document,
    subject: Any,
    action: str,
    note: str | None,
    on_behalf_of: int | None = None,
) -> dict[str, Any]:
    """Keep a decision with the facts of this moment; they are returned, since the next step's conditions need them."""
    facts = queries.facts_of(work.session, document, subject)
    made = ApprovalDecision(
        company_id=request.company_id,
        approval_id=request.id,
        step_no=request.step_no or 0,
        round_no=request.round_no,
        user_id=work.principal.user_id,
        on_behalf_of=on_behalf_of,
        action=action,
        note=note,
        content_hash=queries.content_hash(work.session, document, subject),
    )
    work.session.add(made)
    work.session.flush()
    for name, found in facts.items():
        for about, value in found.items() if isinstance(found, dict) else [("", found)]:
            if value is not None:
                work.session.add(
                    ApprovalFact(
                        company_id=request.company_id,
                        approval_id=request.id,
                        approval_decision_id=made.id,
                        fact=name,
                        about=about,
                        value=queries.exact_text(value),
                    )
                )
    work.session.flush()
    return facts


def enter_next(work: Work, request: Approval, document: Document, subject: Any, facts: dict[str, Any]) -> None:
    """Open the next step that is needed; where none is left, the document is approved."""
    values = queries.values_of(document, subject, facts)
    conditions = queries.conditions_of(work.session, request.workflow_definition_id)
    for step in steps_of(work, request):
        if step.step_no > (request.step_no or 0) and _needed(conditions.get(step.step_no, []), values):
            open_step(work, request, subject, step)
            return
    close(work, request, "approved")


def _needed(conditions: list[Condition], values: dict[str, Any]) -> bool:
    for condition in conditions:
        try:
            if not all_hold([condition], values):
                return False
        except Unreadable as error:
            raise ConditionUnreadable(field=condition.field, operand=condition.operand) from error
    return True


def steps_of(work: Work, request: Approval) -> list[WorkflowStep]:
    return list(
        work.session.scalars(
            select(WorkflowStep)
            .where(WorkflowStep.workflow_definition_id == request.workflow_definition_id)
            .order_by(WorkflowStep.step_no)
        )
    )


def open_step(work: Work, request: Approval, subject: Any, step: WorkflowStep) -> None:
    """Ask the candidates of a step anew, all of them, whatever they said in an earlier round."""
    candidates = work.session.scalars(
        select(WorkflowCandidate)
        .where(
            WorkflowCandidate.workflow_definition_id == request.workflow_definition_id,
            WorkflowCandidate.step_no == step.step_no,
        )
        .order_by(WorkflowCandidate.id)
    ).all()
    barred = barred_from(request, subject)
    owner = getattr(subject, "created_by", request.created_by)
    asked = queries.deciders(work.session, request.company_id, list(candidates), barred, owner, work.today)
    if not asked:
        raise NobodyToApprove(step=step.name)
    if step.kind == "single":
        asked = asked[:1]
    close_tasks(work, request)
    request.step_no, request.round_no = step.step_no, request.round_no + 1
    work.session.add_all(
        ApprovalTask(
            company_id=request.company_id,
            approval_id=request.id,
            step_no=step.step_no,
            round_no=request.round_no,
            user_id=user_id,
        )
        for user_id in asked
    )
    work.announce(ApprovalAsked(document_id=request.id, step_no=step.step_no, user_ids=tuple(asked)))


def barred_from(request: Approval, subject: Any) -> set[int]:
    """Who may not decide: whoever entered the document, and whoever submitted it."""
    return {request.created_by, getattr(subject, "created_by", request.created_by)}


def close_tasks(work: Work, request: Approval) -> None:
    work.session.flush()
    work.session.execute(
        update(ApprovalTask)
        .where(ApprovalTask.approval_id == request.id, ApprovalTask.state == "open")
        .values(state="closed")
    )


def close(work: Work, request: Approval, outcome: str) -> None:
    """End the request; the document's module hears of it through `links`."""
    close_tasks(work, request)
    request.state, request.step_no = outcome, None
    work.announce(
        ApprovalClosed(
            document_id=request.id,
            subject_type=request.document_type,
            subject_id=request.document_id,
            outcome=outcome,
        )
    )
