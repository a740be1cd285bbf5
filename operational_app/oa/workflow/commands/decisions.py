"""Verbs on requests: submit, approve, reject, return, withdraw."""

from typing import Any

from pydantic import Field
from sqlalchemy import select

from operational_app.core import reading
from operational_app.core.command import Body, Work, command
from operational_app.core.document import DOCUMENTS, Document
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.oa.errors import ChangedAfterSubmission, MayNotApproveOwn, NotAsked, OnlyTheStarter, ReturnGoesBack
from operational_app.oa.workflow import queries
from operational_app.oa.workflow.commands import flow
from operational_app.oa.workflow.models import Approval, ApprovalTask, WorkflowStep, approval, deputised


class SubmitForApproval(Body):
    document_type: str = Field(
        min_length=1, max_length=100, description="Type of the document, such as purchase_order."
    )
    document_id: int = Field(ge=1, le=2**63 - 1, description="Row of the document.")
    note: str | None = Field(default=None, max_length=2000)


class Decision(Body):
    note: str | None = Field(default=None, max_length=2000)


class Refuse(Body):
    note: str = Field(min_length=1, max_length=2000)


class ReturnTo(Body):
    step_no: int = Field(
        default=0, ge=0, le=1000, description="Earlier step that decides anew; 0: whoever submitted the document."
    )
    note: str = Field(min_length=1, max_length=2000)


@command(approval, _("Submit for approval"))
def submit_for_approval(work: Work, body: SubmitForApproval) -> Approval:
    """Ask for the approval of a document in the content that it has now."""
    document = DOCUMENTS.get(body.document_type)
    if document is None or document is approval or not reading.has_column(document.model, "company_id"):
        raise InvalidInput(fields={"document_type": _("There is no such type of document to approve.")})
    subject = reading.read_one(work.session, work.principal, document, body.document_id)
    if subject.company_id != work.company_id:
        raise InvalidInput(fields={"document_id": _("The document belongs to another company.")})
    return flow.start(work, subject, body.note)


@command(approval, _("Approve"), states=("pending",))
def approve(work: Work, request: Approval, body: Decision) -> Approval:
    """Say yes to what was submitted. It goes on to the next step, or is approved with the last one."""
    document, subject, task, deputy_for = _task(work, request)
    if queries.content_hash(work.session, document, subject) != request.content_hash:
        raise ChangedAfterSubmission(entity=document.title)
    facts = flow.record(work, request, document, subject, "approve", body.note, deputy_for)
    task.state = "done"
    work.session.flush()
    step = work.session.scalars(
        select(WorkflowStep).where(
            WorkflowStep.workflow_definition_id == request.workflow_definition_id,
            WorkflowStep.step_no == request.step_no,
        )
    ).one()
    if step.kind == "all" and _open_tasks(work, request):
        return request
    flow.close_tasks(work, request)
    flow.enter_next(work, request, document, subject, facts)
    return request


@command(approval, _("Reject"), states=("pending",))
def reject(work: Work, request: Approval, body: Refuse) -> Approval:
    """Say no, and why; the request ends."""
    document, subject, task, deputy_for = _task(work, request)
    flow.record(work, request, document, subject, "reject", body.note, deputy_for)
    task.state = "done"
    flow.close(work, request, "rejected")
    return request


@command(approval, _("Return"), states=("pending",))
def return_to(work: Work, request: Approval, body: ReturnTo) -> Approval:
    """Send it back to an earlier step, whose candidates are all asked anew, or to whoever submitted it."""
    document, subject, task, deputy_for = _task(work, request)
    earlier = {step.step_no: step for step in flow.steps_of(work, request) if step.step_no < (request.step_no or 0)}
    if body.step_no and body.step_no not in earlier:
        raise ReturnGoesBack(step=request.step_no)
    flow.record(work, request, document, subject, "return", body.note, deputy_for)
    task.state = "done"
    if body.step_no:
        flow.open_step(work, request, subject, earlier[body.step_no])
    else:
        flow.close(work, request, "returned")
    return request


@command(approval, _("Withdraw"), states=("pending",))
def withdraw(work: Work, request: Approval, body: Decision) -> Approval:
    """Take the request back; the document may be changed and submitted again."""
    if request.created_by != work.principal.user_id:
        raise OnlyTheStarter(number=request.number)
    document, subject = queries.subject_of(work.session, request.document_type, request.document_id)
    flow.record(work, request, document, subject, "withdraw", body.note)
    flow.close(work, request, "withdrawn")
    return request


def _open_tasks(work: Work, request: Approval) -> list[ApprovalTask]:
    return list(
        work.session.scalars(
            select(ApprovalTask)
            .where(
                ApprovalTask.approval_id == request.id,
                ApprovalTask.round_no == request.round_no,
                ApprovalTask.state == "open",
            )
            .order_by(ApprovalTask.id)
        )
    )


def _task(work: Work, request: Approval) -> tuple[Document, Any, ApprovalTask, int | None]:
    """The document, and the task that this user may do: their own, or one of somebody for whom they stand in.

    Raises:
        MayNotApproveOwn: the user entered or submitted the document.
        NotAsked: others are asked.
    """
    document, subject = queries.subject_of(work.session, request.document_type, request.document_id)
    me = work.principal.user_id
    if me in flow.barred_from(request, subject):
        raise MayNotApproveOwn()
    tasks = _open_tasks(work, request)
    away = set(work.session.scalars(deputised([me], work.today)))
    for task in sorted(tasks, key=lambda task: task.user_id != me):
        if task.user_id == me:
            return document, subject, task, None
        if task.user_id in away:
            return document, subject, task, task.user_id
    raise NotAsked(number=request.number, names=queries.names_of_asked(work.session, request.id))
