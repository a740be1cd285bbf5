"""Verbs about leads: enter, qualify, discard."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field
from sqlalchemy import or_, select

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.money import Money
from operational_app.crm.contacts.commands import find_or_make_party
from operational_app.crm.contacts.queries import known_party
from operational_app.crm.errors import LeadExists
from operational_app.crm.events import LeadQualified
from operational_app.crm.marketing.models import Lead, lead
from operational_app.crm.opportunities.commands import open_opportunity
from operational_app.crm.opportunities.models import Opportunity

# What a lead and the party that it becomes have in common.
OF_PARTY = ("kind", "name", "tax_number", "email", "phone", "city", "country")


class EnterLead(Body):
    business_date: date
    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(default="organisation", pattern="^(organisation|person)$")
    contact_name: str | None = Field(default=None, max_length=100)
    tax_number: str | None = Field(default=None, max_length=50)
    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=50)
    city: str | None = Field(default=None, max_length=100)
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    source: Literal["web", "fair", "referral", "call", "mail", "campaign", "other"] = "other"
    campaign: str | None = Field(default=None, max_length=100)
    interest: str | None = Field(default=None, max_length=2000)


class QualifyLead(Body):
    business_date: date
    title: str = Field(min_length=1, max_length=200)
    expected_amount: Money = Field(default=Decimal(0), ge=0)
    expected_close_date: date | None = None


class DiscardLead(Body):
    discard_reason: str = Field(min_length=1, max_length=500)


@command(lead, _("Enter lead"))
def enter_lead(work: Work, body: EnterLead) -> Lead:
    """Write down who showed interest, and where from. Whom we know already, by tax number or e-mail, is recognised."""
    values = body.model_dump() | {"tax_number": body.tax_number or None, "email": (body.email or "").lower() or None}
    _refuse_duplicate(work, values["tax_number"], values["email"])
    known = known_party(work.session, values["tax_number"], values["email"])
    made = Lead(
        company_id=work.company_id,
        number=work.number(lead, body.business_date),
        state="new",
        created_by=work.principal.user_id,
        party_id=known.id if known else None,
        **values,
    )
    work.session.add(made)
    work.session.flush()
    if known is not None:
        work.details["known_as"] = known.name
    return made


@command(lead, _("Qualify"), states=("new",))
def qualify_lead(work: Work, prospect: Lead, body: QualifyLead) -> Opportunity:
    """There is a deal in it: an opportunity is opened, for the party that we know already or for a new one."""
    if prospect.party_id is None:
        prospect.party_id = find_or_make_party(work, **{name: getattr(prospect, name) for name in OF_PARTY}).id
    prospect.state = "qualified"
    work.session.flush()
    made = open_opportunity(work, party_id=prospect.party_id, lead_id=prospect.id, **body.model_dump())
    work.link(prospect, made)
    work.announce(LeadQualified(document_id=prospect.id, party_id=prospect.party_id, opportunity_id=made.id))
    return made


@command(lead, _("Discard"), states=("new",))
def discard_lead(work: Work, prospect: Lead, body: DiscardLead) -> Lead:
    """Nothing comes of it; the reason is kept."""
    prospect.discard_reason = body.discard_reason
    prospect.state = "discarded"
    return prospect


def _refuse_duplicate(work: Work, tax_number: str | None, email: str | None) -> None:
    """The same prospect is worked on once at a time."""
    if not tax_number and not email:
        return
    same = work.session.scalars(
        select(Lead)
        .where(
            Lead.company_id == work.company_id,
            Lead.state == "new",
            or_(
                Lead.tax_number == tax_number if tax_number else False,
                Lead.email == email if email else False,
            ),
        )
        .limit(1)
    ).one_or_none()
    if same is not None:
        raise LeadExists(number=same.number, name=same.name)
