"""Definitions of approvals, requests for approval with their tasks and decisions, and deputies."""

from datetime import UTC, date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import CompanyRow, DocumentRow, column, reference
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.known import REFERENCE
from operational_app.core.policy import People
from operational_app.core.row_policy import OWNED

# Rules that have been in force are never changed: a decision must be explainable by the rules it was made under.
DEFINITION_GUARD = """
CREATE OR REPLACE FUNCTION oa.refuse_change_of_definition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM oa.workflow_definition d WHERE d.state <> 'draft'
             AND (d.id = OLD.workflow_definition_id OR d.id = NEW.workflow_definition_id)) THEN
    RAISE EXCEPTION 'oa.% belongs to a definition that has been in force: write a new one.', TG_TABLE_NAME
      USING ERRCODE = 'HB002';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
"""


def _guarded(table: str) -> dict[str, str]:
    return {
        "guards": f"CREATE OR REPLACE TRIGGER aa_definition BEFORE INSERT OR UPDATE OR DELETE ON oa.{table} "
        "FOR EACH ROW EXECUTE FUNCTION oa.refuse_change_of_definition();\n"
    }


class WorkflowDefinition(CompanyRow):
    __tablename__ = "workflow_definition"
    __table_args__ = (
        UniqueConstraint("company_id", "document_type", "revision"),
        Index(
            "uq_workflow_definition_active",
            "company_id",
            "document_type",
            unique=True,
            postgresql_where=text("state = 'active'"),
        ),
        CheckConstraint("state in ('draft', 'active', 'retired')", "state"),
        {
            "schema": "oa",
            "comment": "How documents of a type are approved; one revision of it is in force.",
            "info": REFERENCE | {"posted": ("OLD.state <> 'draft'", ("state", "version")), "guards": DEFINITION_GUARD},
        },
    )
    document_type: Mapped[str] = column("Type of the documents that it is for.")
    revision: Mapped[int] = column("Counts the definitions of a document type.")
    name: Mapped[str] = column("Name of the definition.")
    state: Mapped[str] = column("draft, active or retired.", default="draft")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class WorkflowStep(CompanyRow):
    __tablename__ = "workflow_step"
    __table_args__ = (
        UniqueConstraint("workflow_definition_id", "step_no"),
        CheckConstraint("kind in ('single', 'any', 'all')", "kind"),
        CheckConstraint("step_no > 0", "step_no"),
        {"schema": "oa", "comment": "Steps of an approval, one after the other.", "info": _guarded("workflow_step")},
    )
    workflow_definition_id: Mapped[int] = reference("The definition.", "oa.workflow_definition.id", index=False)
    step_no: Mapped[int] = column("Place of the step.")
    name: Mapped[str] = column("Name of the step.")
    kind: Mapped[str] = column("single: the first candidate decides; any: one of them; all: each of them.")


class WorkflowCandidate(CompanyRow):
    __tablename__ = "workflow_candidate"
    __table_args__ = (
        CheckConstraint("kind in ('user', 'role', 'manager')", "kind"),
        {"schema": "oa", "comment": "Who may decide in a step.", "info": _guarded("workflow_candidate")},
    )
    workflow_definition_id: Mapped[int] = reference("The definition.", "oa.workflow_definition.id")
    step_no: Mapped[int] = column("The step.")
    kind: Mapped[str] = column("user, role, or manager (line of management of whoever entered the document).")
    who: Mapped[str] = column("User name, code of the role, or how many levels up (1: the department's manager).")


class WorkflowCondition(CompanyRow):
    __tablename__ = "workflow_condition"
    __table_args__ = (
        CheckConstraint("operator in ('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'empty')", "operator"),
        {
            "schema": "oa",
            "comment": "When a step is needed: all its conditions hold; without any it always is.",
            "info": _guarded("workflow_condition"),
        },
    )
    workflow_definition_id: Mapped[int] = reference("The definition.", "oa.workflow_definition.id")
    step_no: Mapped[int] = column("The step.")
    field: Mapped[str] = column("Field of the document, or a live fact.")
    operator: Mapped[str] = column("eq, ne, lt, le, gt, ge, in (a list joined by commas), empty.")
    operand: Mapped[str] = column("What the field is compared with, as text.")


class WorkflowGate(CompanyRow):
    __tablename__ = "workflow_gate"
    __table_args__ = (
        UniqueConstraint("workflow_definition_id", "command_name"),
        {
            "schema": "oa",
            "comment": "Commands that wait for the approval.",
            "info": REFERENCE | _guarded("workflow_gate"),
        },
    )
    workflow_definition_id: Mapped[int] = reference("The definition.", "oa.workflow_definition.id", index=False)
    command_name: Mapped[str] = column("Command on the document that is refused without an approval.")


class Approval(DocumentRow):
    __tablename__ = "approval"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        Index("ix_approval_document", "document_type", "document_id"),
        Index(
            "uq_approval_pending",
            "document_type",
            "document_id",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        CheckConstraint("state in ('pending', 'approved', 'rejected', 'returned', 'withdrawn')", "state"),
        CheckConstraint("(state = 'pending') = (step_no is not null)", "step"),
        {
            "schema": "oa",
            "comment": "Requests for approval of a document in the content it had.",
            "info": {"posted": ("OLD.state <> 'pending'", ("version",))},
        },
    )
    workflow_definition_id: Mapped[int] = reference("Definition that it runs by.", "oa.workflow_definition.id")
    document_type: Mapped[str] = column("Type of the document to be approved.")
    document_id: Mapped[int] = column("Row of the document to be approved.")
    document_version: Mapped[int | None] = column("Version of the document when it was submitted.")
    content_hash: Mapped[str] = column("SHA-256 of what was entered; the approval holds for this content only.")
    step_no: Mapped[int | None] = column("Step that it waits in; empty when it is decided.")
    round_no: Mapped[int] = column("Counts how often a step was opened; tasks belong to a round.", default=0)


class ApprovalTask(CompanyRow):
    __tablename__ = "approval_task"
    __table_args__ = (
        UniqueConstraint("approval_id", "round_no", "user_id"),
        CheckConstraint("state in ('open', 'done', 'closed')", "state"),
        Index("ix_approval_task_open", "user_id", postgresql_where=text("state = 'open'")),
        {"schema": "oa", "comment": "Who is asked to decide, one row a person and round."},
    )
    approval_id: Mapped[int] = reference("The request.", "oa.approval.id", index=False)
    step_no: Mapped[int] = column("The step.")
    round_no: Mapped[int] = column("The round.")
    user_id: Mapped[int] = reference("Who is asked.", "core.app_user.id", index=False)
    state: Mapped[str] = column("open, done, or closed because it is no longer asked for.", default="open")


class ApprovalDecision(CompanyRow):
    __tablename__ = "approval_decision"
    __table_args__ = (
        CheckConstraint("action in ('submit', 'approve', 'reject', 'return', 'withdraw')", "action"),
        {"schema": "oa", "comment": "What was decided, by whom, on which content.", "info": {"immutable": True}},
    )
    approval_id: Mapped[int] = reference("The request.", "oa.approval.id")
    step_no: Mapped[int] = column("The step; 0 for the submission.")
    round_no: Mapped[int] = column("The round.")
    user_id: Mapped[int] = reference("Who decided.", "core.app_user.id", index=False)
    on_behalf_of: Mapped[int | None] = reference("Whom the deputy stood in for.", "core.app_user.id", index=False)
    action: Mapped[str] = column("submit, approve, reject, return or withdraw.")
    note: Mapped[str | None] = column("What was said about it.")
    content_hash: Mapped[str] = column("SHA-256 of what the document said at that moment.")


class ApprovalFact(CompanyRow):
    __tablename__ = "approval_fact"
    __table_args__ = (
        {
            "schema": "oa",
            "comment": "Facts computed at the moment of a decision: the card that it was made on.",
            "info": {"immutable": True},
        },
    )
    approval_id: Mapped[int] = reference("The request.", "oa.approval.id")
    approval_decision_id: Mapped[int] = reference("The decision.", "oa.approval_decision.id")
    fact: Mapped[str] = column("Name of the fact.")
    about: Mapped[str] = column("What it is about, such as an item; empty for the document as a whole.")
    value: Mapped[str] = column("The fact, exact, as text.")


class ApprovalDelegation(CompanyRow):
    __tablename__ = "approval_delegation"
    __table_args__ = (
        CheckConstraint("start_date <= end_date", "dates"),
        CheckConstraint("user_id <> deputy_user_id", "deputy"),
        CheckConstraint("state in ('active', 'ended')", "state"),
        {"schema": "oa", "comment": "Deputies: who decides for whom in which days."},
    )
    user_id: Mapped[int] = reference("Who is away.", "core.app_user.id")
    deputy_user_id: Mapped[int] = reference("Who decides meanwhile.", "core.app_user.id")
    start_date: Mapped[date] = column("First day.")
    end_date: Mapped[date] = column("Last day.")
    state: Mapped[str] = column("active, or ended before its last day.", default="active")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


def _today() -> date:
    return datetime.now(UTC).date()


def deputised(user_ids: list[int], day: date) -> object:
    """SELECT of the users for whom these stand in on a day."""
    return select(ApprovalDelegation.user_id).where(
        ApprovalDelegation.deputy_user_id.in_(user_ids),
        ApprovalDelegation.state == "active",
        ApprovalDelegation.start_date <= day,
        ApprovalDelegation.end_date >= day,
    )


def _requests_of(people: People) -> object:
    """A request is the own of who made it and of who is or was asked, deputies included."""
    ids = sorted(people.user_ids)
    asked = select(ApprovalTask.approval_id).where(
        or_(ApprovalTask.user_id.in_(ids), ApprovalTask.user_id.in_(deputised(ids, _today())))
    )
    return or_(Approval.created_by.in_(ids), Approval.id.in_(asked))


OWNED[Approval] = _requests_of
OWNED[ApprovalTask] = lambda people: or_(
    ApprovalTask.user_id.in_(sorted(people.user_ids)),
    ApprovalTask.user_id.in_(deputised(sorted(people.user_ids), _today())),
)
OWNED[ApprovalDelegation] = lambda people: or_(
    ApprovalDelegation.user_id.in_(sorted(people.user_ids)),
    ApprovalDelegation.deputy_user_id.in_(sorted(people.user_ids)),
)

workflow_definition = Document(
    name="workflow_definition",
    module="oa",
    model=WorkflowDefinition,
    title=_("Approval rule"),
    plural=_("Approval rules"),
    label="name",
    columns=("name", "document_type", "revision", "state"),
    search=("name", "document_type"),
    states={"draft": _("draft"), "active": _("active"), "retired": _("retired")},
    lines=(
        Lines(
            name="steps",
            model=WorkflowStep,
            parent="workflow_definition_id",
            title=_("Steps"),
            columns=("step_no", "name", "kind"),
            order_by="step_no",
        ),
        Lines(
            name="candidates",
            model=WorkflowCandidate,
            parent="workflow_definition_id",
            title=_("Candidates"),
            columns=("step_no", "kind", "who"),
            order_by="step_no",
        ),
        Lines(
            name="conditions",
            model=WorkflowCondition,
            parent="workflow_definition_id",
            title=_("Conditions"),
            columns=("step_no", "field", "operator", "operand"),
            order_by="step_no",
        ),
        Lines(
            name="gates",
            model=WorkflowGate,
            parent="workflow_definition_id",
            title=_("Commands that wait"),
            columns=("command_name",),
        ),
    ),
)

approval = Document(
    name="approval",
    module="oa",
    model=Approval,
    title=_("Request for approval"),
    plural=_("Requests for approval"),
    prefix="AP",
    columns=("number", "business_date", "document_type", "document_id", "created_by", "step_no", "state"),
    states={
        "pending": _("pending"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "returned": _("returned"),
        "withdrawn": _("withdrawn"),
    },
    lines=(
        Lines(
            name="tasks",
            model=ApprovalTask,
            parent="approval_id",
            title=_("Who is asked"),
            columns=("step_no", "round_no", "user_id", "state"),
        ),
        Lines(
            name="decisions",
            model=ApprovalDecision,
            parent="approval_id",
            title=_("Decisions"),
            columns=("recorded_at", "step_no", "action", "user_id", "on_behalf_of", "note"),
        ),
        Lines(
            name="facts",
            model=ApprovalFact,
            parent="approval_id",
            title=_("Facts at the decision"),
            columns=("approval_decision_id", "fact", "about", "value"),
        ),
    ),
)

approval_delegation = Document(
    name="approval_delegation",
    module="oa",
    model=ApprovalDelegation,
    title=_("Deputy"),
    plural=_("Deputies"),
    label="id",
    columns=("user_id", "deputy_user_id", "start_date", "end_date", "state"),
    search=(),
    states={"active": _("active"), "ended": _("ended")},
)
