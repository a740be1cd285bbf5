"""Verbs about customers."""

from typing import Any

from pydantic import Field
from sqlalchemy import select, text

from operational_app.core.command import Body, Ref, Work, command
from operational_app.core.exchange import known_currency
from operational_app.core.i18n import _
from operational_app.core.models import Party
from operational_app.core.money import Money
from operational_app.crm.contacts.models import Customer, customer
from operational_app.crm.contacts.queries import customer_of, known_party, standing_for
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
    payment_term_id: Ref("payment_term") | None = Field(
        default=None, description="Terms of payment; empty: all is due after the payment days."
    )
    credit_limit: Money | None = Field(default=None, ge=0)
    currency: str | None = Field(
        default=None, pattern="^[A-Z]{3}$", description="Currency of its documents; empty: the company's."
    )


class ChangeCustomerTerms(Body):
    payment_days: int = Field(ge=0, le=365)
    payment_term_id: Ref("payment_term") | None = Field(
        default=None, description="Terms of payment; empty: all is due after the payment days."
    )
    credit_limit: Money | None = Field(default=None, ge=0)


@command(customer, _("Register customer"))
def register_customer(work: Work, body: RegisterCustomer) -> Customer:
    """Take up a new customer, with the terms agreed."""
    terms = {"payment_days", "payment_term_id", "credit_limit", "currency"}
    party = find_or_make_party(work, **body.model_dump(exclude=terms))
    known = customer_of(work.session, work.company_id, party)
    if known is not None:
        raise CustomerExists(number=known.number, name=known.name)
    return _make_customer(work, party, **body.model_dump(include=terms))


def find_or_make_party(work: Work, **values: Any) -> Party:
    """The party with this tax number or mail address, whatever its role, else a new one: one master, nothing twice.

    One at a time for each tax number and address: two clerks at once would both find nobody.
    """
    marks = {values.get("tax_number"), (values.get("email") or "").lower()} - {None, ""}
    for mark in sorted(marks):
        work.session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('party ' || :mark, 0))"), {"mark": mark}
        )
    party = known_party(work.session, values.get("tax_number"), values.get("email"))
    if party is None:
        party = Party(**values)
        work.session.add(party)
        work.session.flush()
    return party


def find_or_make_customer(work: Work, party_id: int) -> Customer:
    """The customer that a party is to the company, made where there is none yet: once, however many deals it wins.

    The party's row is locked: two deals that are won at once end with the same customer.
    """
    party = work.session.scalars(select(Party).where(Party.id == party_id).with_for_update(key_share=True)).one()
    party = standing_for(work.session, party)
    return customer_of(work.session, work.company_id, party) or _make_customer(work, party)


def _make_customer(work: Work, party: Party, currency: str | None = None, **terms: Any) -> Customer:
    assert work.company is not None
    made = Customer(
        company_id=work.company_id,
        party_id=party.id,
        number=work.number(customer, None),
        currency=known_currency(work.session, work.company, currency),
        **terms,
    )
    work.session.add(made)
    work.session.flush()
    work.announce(CustomerRegistered(document_id=made.id, party_id=party.id))
    return made


@command(customer, _("Change terms"))
def change_customer_terms(work: Work, customer: Customer, body: ChangeCustomerTerms) -> Customer:
    """Agree other terms of payment or another credit limit; documents that exist keep theirs."""
    customer.payment_days = body.payment_days
    customer.payment_term_id = body.payment_term_id
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
