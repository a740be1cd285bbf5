"""Verbs about opportunities: open, move, quote, win, lose; and the stages themselves."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field
from sqlalchemy import func, select

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Party, PartyRole
from operational_app.core.money import Money, Quantity, Share, UnitPrice
from operational_app.crm.contacts.commands import find_or_make_customer
from operational_app.crm.contacts.queries import customer_of, standing_for
from operational_app.crm.errors import NoStages, StageReached, StageTooEarly
from operational_app.crm.events import OfferedLine, OpportunityLost, OpportunityWon, QuoteAskedFor
from operational_app.crm.opportunities.models import (
    Opportunity,
    OpportunityStage,
    OpportunityStageChange,
    opportunity,
    opportunity_stage,
)
from operational_app.crm.opportunities.rules import probability

STAGES = Path(__file__).resolve().parent / "stages.csv"


class AddStage(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=100)
    stage_no: int = Field(ge=0, le=1000)
    probability: Share = Field(ge=0, le=1)


class ChangeStage(Body):
    name: str = Field(min_length=1, max_length=100)
    stage_no: int = Field(ge=0, le=1000)
    probability: Share = Field(ge=0, le=1)


class EnterOpportunity(Body):
    customer_id: Ref("customer")
    business_date: date
    title: str = Field(min_length=1, max_length=200)
    expected_amount: Money = Field(default=Decimal(0), ge=0)
    expected_close_date: date | None = None


class ChangeOpportunity(Body):
    title: str = Field(min_length=1, max_length=200)
    expected_amount: Money = Field(ge=0)
    expected_close_date: date | None = None


class MoveStage(Body):
    business_date: date
    opportunity_stage_id: Ref("opportunity_stage")


class QuotedLine(Body):
    item_id: Ref("item")
    description: str | None = Field(default=None, max_length=500)
    quantity: Quantity = Field(gt=0)
    unit_price: UnitPrice | None = Field(default=None, ge=0)
    discount: Share = Field(default=Decimal(0), ge=0, le=1)


class QuoteOpportunity(Body):
    business_date: date
    valid_until: date
    stock_location_id: Ref("stock_location")
    lines: list[QuotedLine] = Field(min_length=1, max_length=1000)


class WinOpportunity(Body):
    business_date: date


class LoseOpportunity(Body):
    business_date: date
    lost_reason: Literal["price", "competitor", "no_budget", "no_need", "timing", "other"]
    lost_note: str | None = Field(default=None, max_length=500)


@command(opportunity_stage, _("Add stage"))
def add_opportunity_stage(work: Work, body: AddStage) -> OpportunityStage:
    """Add a stage that deals go through."""
    made = OpportunityStage(company_id=work.company_id, **body.model_dump())
    work.session.add(made)
    work.session.flush()
    return made


@command(opportunity_stage, _("Change stage"))
def change_opportunity_stage(work: Work, stage: OpportunityStage, body: ChangeStage) -> OpportunityStage:
    """Change a stage's name, place or probability; deals keep the probability that they were moved with."""
    for name, value in body.model_dump().items():
        setattr(stage, name, value)
    return stage


@command(opportunity, _("Enter opportunity"))
def enter_opportunity(work: Work, body: EnterOpportunity) -> Opportunity:
    """Write down a deal that may come from somebody who is a customer already."""
    customer = work.session.get_one(PartyRole, body.customer_id)
    return open_opportunity(
        work,
        party_id=customer.party_id,
        business_date=body.business_date,
        title=body.title,
        expected_amount=body.expected_amount,
        expected_close_date=body.expected_close_date,
    )


@command(opportunity, _("Change"), states=("open",))
def change_opportunity(work: Work, deal: Opportunity, body: ChangeOpportunity) -> Opportunity:
    """Correct what the deal is about, what it would bring, and when it is decided."""
    for name, value in body.model_dump().items():
        setattr(deal, name, value)
    return deal


@command(opportunity, _("Move"), states=("open",))
def move_stage(work: Work, deal: Opportunity, body: MoveStage) -> Opportunity:
    """Say which stage the deal is in now; the stages before stay in its history."""
    stage = work.session.get_one(OpportunityStage, body.opportunity_stage_id)
    if stage.id == deal.opportunity_stage_id:
        raise StageReached(number=deal.number, stage=stage.name)
    deal.opportunity_stage_id = stage.id
    _record(work, deal, body.business_date)
    return deal


@command(opportunity, _("Quote"), states=("open", "won"))
def quote_opportunity(work: Work, deal: Opportunity, body: QuoteOpportunity) -> Opportunity:
    """Offer goods for this deal: a quote is made, for the party as it is known here. Prices come from the items."""
    work.announce(
        QuoteAskedFor(
            document_id=deal.id,
            party_id=deal.party_id,
            customer_id=deal.customer_id,
            business_date=body.business_date,
            valid_until=body.valid_until,
            stock_location_id=body.stock_location_id,
            lines=tuple(OfferedLine(**line.model_dump()) for line in body.lines),
        )
    )
    return deal


@command(opportunity, _("Win"), states=("open",))
def win_opportunity(work: Work, deal: Opportunity, body: WinOpportunity) -> Opportunity:
    """The deal is ours: the party is a customer from now on, and the quote that it has becomes the order."""
    win(work, deal, body.business_date, by_quote=False)
    return deal


@command(opportunity, _("Lose"), states=("open",))
def lose_opportunity(work: Work, deal: Opportunity, body: LoseOpportunity) -> Opportunity:
    """The deal is gone; the reason is kept, to learn from."""
    deal.lost_reason, deal.lost_note = body.lost_reason, body.lost_note
    _close(work, deal, "lost", body.business_date)
    work.announce(OpportunityLost(document_id=deal.id, lost_reason=body.lost_reason))
    return deal


def win(work: Work, deal: Opportunity, day: date, *, by_quote: bool) -> None:
    """Close a deal as won: its party is a customer, once, whichever deal of it is won first."""
    customer = find_or_make_customer(work, deal.party_id)
    deal.customer_id = customer.id
    _close(work, deal, "won", day)
    work.announce(OpportunityWon(document_id=deal.id, customer_id=customer.id, business_date=day, by_quote=by_quote))


def open_opportunity(
    work: Work,
    *,
    party_id: int,
    business_date: date,
    title: str,
    expected_amount: Decimal,
    expected_close_date: date | None,
    lead_id: int | None = None,
) -> Opportunity:
    """Make an opportunity in the company's first stage."""
    assert work.company is not None
    first = work.session.scalars(
        select(OpportunityStage)
        .where(OpportunityStage.company_id == work.company_id)
        .order_by(OpportunityStage.stage_no, OpportunityStage.id)
        .limit(1)
    ).one_or_none()
    if first is None:
        raise NoStages()
    known = customer_of(
        work.session, work.company_id, standing_for(work.session, work.session.get_one(Party, party_id))
    )
    made = Opportunity(
        company_id=work.company_id,
        number=work.number(opportunity, business_date),
        state="open",
        business_date=business_date,
        created_by=work.principal.user_id,
        title=title,
        party_id=party_id,
        customer_id=known.id if known else None,
        lead_id=lead_id,
        opportunity_stage_id=first.id,
        probability=first.probability,
        expected_amount=expected_amount,
        currency=work.company.currency,
        expected_close_date=expected_close_date,
    )
    work.session.add(made)
    work.session.flush()
    _record(work, made, business_date)
    return made


def make_stages(work: Work) -> None:
    """Give a new company the stages of the template."""
    with STAGES.open(newline="", encoding="utf-8") as stream:
        work.session.add_all(
            OpportunityStage(
                company_id=work.company_id,
                code=row["code"],
                name=row["name"],
                stage_no=int(row["stage_no"]),
                probability=Decimal(row["probability"]),
            )
            for row in csv.DictReader(stream)
        )
    work.session.flush()


def _close(work: Work, deal: Opportunity, state: str, day: date) -> None:
    deal.state, deal.closed_date = state, day
    _record(work, deal, day)


def _record(work: Work, deal: Opportunity, day: date) -> None:
    """Write the deal's stage and state into its history, with how likely it is from now on."""
    with work.session.no_autoflush:
        last = work.session.scalar(
            select(func.max(OpportunityStageChange.business_date)).where(
                OpportunityStageChange.opportunity_id == deal.id
            )
        )
        stage = work.session.get_one(OpportunityStage, deal.opportunity_stage_id)
    if last is not None and day < last:
        raise StageTooEarly(number=deal.number, day=last.isoformat())
    deal.probability = probability(deal.state, stage.probability)
    work.session.add(
        OpportunityStageChange(
            company_id=deal.company_id,
            opportunity_id=deal.id,
            business_date=day,
            opportunity_stage_id=deal.opportunity_stage_id,
            state=deal.state,
            probability=deal.probability,
            expected_amount=deal.expected_amount,
            created_by=work.principal.user_id,
        )
    )
    work.session.flush()
