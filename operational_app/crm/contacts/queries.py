"""Finding whom we know already: one master of parties, nobody entered twice."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from operational_app.core.models import Party
from operational_app.crm.contacts.models import Customer
from operational_app.crm.contacts.rules import same_party


def known_party(session: Session, tax_number: str | None, email: str | None) -> Party | None:
    """The party with this tax number, else the one with this mail address; a merged one is the one it stands for."""
    if not tax_number and not email:
        return None
    candidates = session.scalars(
        select(Party)
        .where(
            or_(
                Party.tax_number == tax_number if tax_number else False,
                func.lower(Party.email) == email.lower() if email else False,
            )
        )
        .order_by(Party.id)
        .limit(100)
    ).all()
    matches = [p for p in candidates if same_party((tax_number, email), (p.tax_number, p.email))]
    best = min(matches, key=lambda p: (p.tax_number != tax_number, p.id), default=None)
    return None if best is None else standing_for(session, best)


def standing_for(session: Session, party: Party) -> Party:
    """The party itself, or the one that it was merged into."""
    while party.merged_into_id is not None:
        party = session.get_one(Party, party.merged_into_id)
    return party


def customer_of(session: Session, company_id: int, party: Party) -> Customer | None:
    """The customer that this party is to a company; None where it is none yet."""
    return session.scalars(
        select(Customer).where(Customer.party_id == party.id, Customer.company_id == company_id)
    ).one_or_none()
