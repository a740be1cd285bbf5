"""Opportunities, their stages, and the history of stages."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, column_property

from operational_app.core.db import CompanyRow, DocumentRow, column, money_column, reference, share_column
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.models import Party


class OpportunityStage(CompanyRow):
    __tablename__ = "opportunity_stage"
    __table_args__ = (
        UniqueConstraint("company_id", "code"),
        CheckConstraint("probability between 0 and 1", "probability"),
        {"schema": "crm", "comment": "Stages that a deal goes through before it is won or lost."},
    )
    code: Mapped[str] = column("Short code of the stage.")
    name: Mapped[str] = column("Name of the stage.")
    stage_no: Mapped[int] = column("Order of the stages; the lowest is where a deal begins.")
    probability: Mapped[Decimal] = share_column("How likely a deal in this stage is won, as a fraction.")
    version: Mapped[int] = column("Counts the changes; a writer must name the version it has read.", default=1)
    __mapper_args__ = {"version_id_col": version}


class Opportunity(DocumentRow):
    __tablename__ = "opportunity"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # A lead becomes an opportunity once.
        UniqueConstraint("lead_id"),
        CheckConstraint("state in ('open', 'won', 'lost')", "state"),
        CheckConstraint("expected_amount >= 0", "expected_amount"),
        CheckConstraint("probability between 0 and 1", "probability"),
        CheckConstraint("(state = 'open') = (closed_date IS NULL)", "closed_date"),
        CheckConstraint("state <> 'won' OR customer_id IS NOT NULL AND probability = 1", "won"),
        CheckConstraint("state <> 'lost' OR probability = 0", "lost"),
        CheckConstraint("(state = 'lost') = (lost_reason IS NOT NULL)", "lost_for_a_reason"),
        CheckConstraint(
            "lost_reason in ('price', 'competitor', 'no_budget', 'no_need', 'timing', 'other')", "lost_reason"
        ),
        {
            "schema": "crm",
            "comment": "Deals that may come.",
            "info": {"posted": ("OLD.state <> 'open'", ("version",))},
        },
    )
    title: Mapped[str] = column("What the deal is about.")
    party_id: Mapped[int] = reference("Who might buy.", "core.party.id")
    name: Mapped[str] = column_property(
        select(Party.name).where(Party.id == party_id).correlate_except(Party).scalar_subquery()
    )
    customer_id: Mapped[int | None] = reference(
        "The customer that the party is; empty: not a customer yet.", "core.party_role.id"
    )
    lead_id: Mapped[int | None] = reference("Lead that it came from.", "crm.lead.id", index=False)
    opportunity_stage_id: Mapped[int] = reference("Stage that the deal is in.", "crm.opportunity_stage.id")
    probability: Mapped[Decimal] = share_column("How likely the deal is won, as a fraction.")
    expected_amount: Mapped[Decimal] = money_column("What the deal would bring, without tax.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    expected_close_date: Mapped[date | None] = column("Day by which a decision is expected.")
    closed_date: Mapped[date | None] = column("Day on which the deal was won or lost.")
    lost_reason: Mapped[str | None] = column(
        "Why the deal was lost: price, competitor, no_budget, no_need, timing, other."
    )
    lost_note: Mapped[str | None] = column("What there is to say about it.")


class OpportunityStageChange(CompanyRow):
    __tablename__ = "opportunity_stage_change"
    __table_args__ = (
        CheckConstraint("state in ('open', 'won', 'lost')", "state"),
        {
            "schema": "crm",
            "comment": "Every stage that a deal was in, and its end, for ever.",
            "info": {"immutable": True},
        },
    )
    opportunity_id: Mapped[int] = reference("The opportunity.", "crm.opportunity.id")
    business_date: Mapped[date] = column("Day of the change.")
    opportunity_stage_id: Mapped[int] = reference(
        "Stage that it went to, or was in when it ended.", "crm.opportunity_stage.id", index=False
    )
    state: Mapped[str] = column("State of the deal from then on: open, won, lost.")
    probability: Mapped[Decimal] = share_column("How likely the deal was then, as a fraction.")
    expected_amount: Mapped[Decimal] = money_column("What the deal would have brought then, without tax.")
    created_by: Mapped[int] = reference("User who changed it.", "core.app_user.id", index=False)


opportunity_stage = Document(
    name="opportunity_stage",
    module="crm",
    model=OpportunityStage,
    title=_("Stage"),
    plural=_("Stages"),
    label="name",
    columns=("stage_no", "code", "name", "probability"),
    search=("code", "name"),
)

opportunity = Document(
    name="opportunity",
    module="crm",
    model=Opportunity,
    title=_("Opportunity"),
    plural=_("Opportunities"),
    prefix="OP",
    columns=(
        "number",
        "business_date",
        "title",
        "name",
        "opportunity_stage_id",
        "probability",
        "expected_amount",
        "currency",
        "expected_close_date",
        "state",
    ),
    search=("number", "title", "name"),
    states={"open": _("open"), "won": _("won"), "lost": _("lost")},
    lines=(
        Lines(
            name="stages",
            model=OpportunityStageChange,
            parent="opportunity_id",
            title=_("History of stages"),
            columns=(
                "business_date",
                "opportunity_stage_id",
                "state",
                "probability",
                "expected_amount",
                "created_by",
                "recorded_at",
            ),
        ),
    ),
)
