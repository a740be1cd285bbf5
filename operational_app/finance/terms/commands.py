"""Verbs about terms of payment: agree on new ones, use them no more; and what they make of a document."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select

from operational_app.core.command import Body, Work, command
from operational_app.core.errors import InvalidInput
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole
from operational_app.core.money import Share
from operational_app.finance.errors import TermsNotInUse
from operational_app.finance.terms.models import PaymentTerm, PaymentTermPart, payment_term
from operational_app.finance.terms.rules import Part, instalments


class TermPart(Body):
    share: Share = Field(default=Decimal(1), gt=0, le=1, description="Part of the total; together they are all of it.")
    counting: Literal["days", "end_of_month", "day_of_month"] = "days"
    days: int = Field(default=0, ge=0, le=730)
    day_of_month: int | None = Field(default=None, ge=1, le=31, description="Of a fixed day of the month only.")


class AddPaymentTerm(Body):
    code: str = Field(min_length=1, max_length=20)
    name: str = Field(min_length=1, max_length=200)
    discount_days: int | None = Field(default=None, ge=0, le=365)
    discount_share: Share | None = Field(default=None, gt=0, lt=1)
    parts: list[TermPart] = Field(min_length=1, max_length=36)


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a document is due: its columns, and its instalments where it is not all due on one day."""

    columns: dict[str, Any]
    instalments: list[tuple[date, Decimal]]


@command(payment_term, _("Add payment terms"))
def add_payment_term(work: Work, body: AddPaymentTerm) -> PaymentTerm:
    """Write down terms of payment: one part or several, each with its day, and a discount for paying early."""
    wrong: dict[str, object] = {}
    if sum((part.share for part in body.parts), Decimal(0)) != 1:
        wrong["parts"] = _("The shares come to {sum} and have to come to 1.").format(
            sum=sum((part.share for part in body.parts), Decimal(0)).normalize()
        )
    if (body.discount_days is None) != (body.discount_share is None):
        wrong["discount_share"] = _("A discount needs its days and its share.")
    for number, part in enumerate(body.parts):
        if (part.counting == "day_of_month") != (part.day_of_month is not None):
            wrong[f"parts.{number}.day_of_month"] = _(
                "A fixed day of the month needs this day, and nothing else has one."
            )
    if work.session.scalar(
        select(PaymentTerm.id).where(PaymentTerm.company_id == work.company_id, PaymentTerm.code == body.code)
    ):
        wrong["code"] = _("There are terms of this code already. Other terms need another code.")
    if wrong:
        raise InvalidInput(fields=wrong)
    made = PaymentTerm(company_id=work.company_id, **body.model_dump(exclude={"parts"}))
    work.session.add(made)
    work.session.flush()
    work.session.add_all(
        PaymentTermPart(company_id=work.company_id, payment_term_id=made.id, line_no=number, **part.model_dump())
        for number, part in enumerate(body.parts, start=1)
    )
    work.session.flush()
    return made


@command(payment_term, _("Block"), states=("active",))
def block_payment_term(work: Work, term: PaymentTerm) -> PaymentTerm:
    """Make no new documents with these terms; those that exist keep them."""
    term.state = "blocked"
    return term


def due_of(
    work: Work, party: PartyRole, day: date, total: Decimal, minor_units: int, term_id: int | None = None
) -> Due:
    """When a document of a party is due: by the terms named for it, else by the party's, else after the party's days.

    Raises:
        TermsNotInUse: the terms are blocked.
    """
    term_id = term_id or party.payment_term_id
    if term_id is None:
        return Due(columns={"due_date": day + timedelta(days=party.payment_days)}, instalments=[])
    term = work.session.get_one(PaymentTerm, term_id)
    if term.state != "active":
        raise TermsNotInUse(code=term.code)
    rows = work.session.scalars(
        select(PaymentTermPart).where(PaymentTermPart.payment_term_id == term_id).order_by(PaymentTermPart.line_no)
    )
    parts = [Part(row.share, row.counting, row.days, row.day_of_month) for row in rows]
    found = instalments(parts, day, total, minor_units)
    columns = {
        "payment_term_id": term_id,
        "due_date": found[0][0],
        "discount_until": None if term.discount_days is None else day + timedelta(days=term.discount_days),
        "discount_share": term.discount_share,
    }
    return Due(columns=columns, instalments=found if len(found) > 1 else [])
