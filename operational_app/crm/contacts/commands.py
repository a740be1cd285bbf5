"""Verbs about customers."""

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Work, command
from operational_app.core.i18n import _
from operational_app.core.models import Party
from operational_app.core.money import Money
from operational_app.crm.contacts.models import Customer, customer
from operational_app.crm.errors import CustomerExists
from operational_app.crm.events import CustomerRegistered


class RegisterCustomer(Body):
    name: str = Field(min_length=1, max_length=200)
    kind: str = Field(default="organisation", pattern="^(organisation|person)$")
    tax_number: str | None = Field(default=None, max_length=50)
    email: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=50)
    street: str | None = Field(default=None, max_length=200)
    city: str | None = Field(default=None, max_length=100)
    postal_code: str | None = Field(default=None, max_length=20)
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    payment_days: int = Field(default=30, ge=0, le=365)
    credit_limit: Money | None = Field(default=None, ge=0)


class ChangeCustomerTerms(Body):
    payment_days: int = Field(ge=0, le=365)
    credit_limit: Money | None = Field(default=None, ge=0)


@command(customer, _("Register customer"))
def register_customer(work: Work, body: RegisterCustomer) -> Customer:
    """Take up a new customer, with the terms agreed."""
    assert work.company is not None
    terms = {"payment_days", "credit_limit"}
    party = _known_party(work, body.tax_number)
    if party is None:
        party = Party(**body.model_dump(exclude=terms))
        work.session.add(party)
        work.session.flush()
    made = Customer(
        company_id=work.company_id,
        party_id=party.id,
        number=work.number(customer, None),
        currency=work.company.currency,
        **body.model_dump(include=terms),
    )
    work.session.add(made)
    work.session.flush()
    work.announce(CustomerRegistered(document_id=made.id, party_id=party.id))
    return made


def _known_party(work: Work, tax_number: str | None) -> Party | None:
    """The party with this tax number, where we deal with it in another role already: one master, nothing twice."""
    if not tax_number:
        return None
    party = work.session.scalars(select(Party).where(Party.tax_number == tax_number).limit(1)).one_or_none()
    if party is not None:
        known = work.session.scalars(
            select(Customer).where(Customer.party_id == party.id, Customer.company_id == work.company_id)
        ).one_or_none()
        if known is not None:
            raise CustomerExists(number=known.number, name=known.name)
    return party


@command(customer, _("Change terms"))
def change_customer_terms(work: Work, customer: Customer, body: ChangeCustomerTerms) -> Customer:
    """Agree other payment days or another credit limit; documents that exist keep theirs."""
    customer.payment_days = body.payment_days
    customer.credit_limit = body.credit_limit
    return customer


@command(customer, _("Block"), states=("active",))
def block_customer(work: Work, customer: Customer) -> Customer:
    """Take no new orders from this customer."""
    customer.state = "blocked"
    return customer


@command(customer, _("Unblock"), states=("blocked",))
def unblock_customer(work: Work, customer: Customer) -> Customer:
    """Take orders from this customer again."""
    customer.state = "active"
    return customer
