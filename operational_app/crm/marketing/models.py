"""Leads."""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped

from operational_app.core.db import DocumentRow, column, reference
from operational_app.core.document import Document
from operational_app.core.i18n import _

OPEN = text("state = 'new'")


class Lead(DocumentRow):
    __tablename__ = "lead"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # The same prospect is worked on once at a time.
        Index("uq_lead_open_tax_number", "company_id", "tax_number", unique=True, postgresql_where=OPEN),
        Index("uq_lead_open_email", "company_id", func.lower(text("email")), unique=True, postgresql_where=OPEN),
        CheckConstraint("state in ('new', 'qualified', 'discarded')", "state"),
        CheckConstraint("kind in ('person', 'organisation')", "kind"),
        CheckConstraint("source in ('web', 'fair', 'referral', 'call', 'mail', 'campaign', 'other')", "source"),
        CheckConstraint("state <> 'qualified' OR party_id IS NOT NULL", "qualified_means_known"),
        CheckConstraint("(state = 'discarded') = (discard_reason IS NOT NULL)", "discarded_for_a_reason"),
        {
            "schema": "crm",
            "comment": "People and organisations that showed interest.",
            "info": {"posted": ("OLD.state <> 'new'", ("version",))},
        },
    )
    kind: Mapped[str] = column("person or organisation.")
    name: Mapped[str] = column("Full name.")
    contact_name: Mapped[str | None] = column("Whom to talk to there.")
    tax_number: Mapped[str | None] = column("Tax registration number of an organisation.")
    email: Mapped[str | None] = column("Main mail address.")
    phone: Mapped[str | None] = column("Main phone number.")
    city: Mapped[str | None] = column("City.")
    country: Mapped[str | None] = column("ISO 3166 code of the country.")
    source: Mapped[str] = column("Where the interest came from: web, fair, referral, call, mail, campaign, other.")
    campaign: Mapped[str | None] = column("Campaign that brought the lead.")
    interest: Mapped[str | None] = column("What the prospect is interested in.")
    party_id: Mapped[int | None] = reference("The party that the lead is, where it is known.", "core.party.id")
    discard_reason: Mapped[str | None] = column("Why nothing came of it.")


lead = Document(
    name="lead",
    module="crm",
    model=Lead,
    title=_("Lead"),
    plural=_("Leads"),
    prefix="L",
    columns=("number", "business_date", "name", "contact_name", "source", "campaign", "city", "state"),
    search=("number", "name", "contact_name", "email", "tax_number"),
    states={"new": _("new"), "qualified": _("qualified"), "discarded": _("discarded")},
)
