"""Customers. The table is the core's `party_role`; a customer is a party in that role."""

from operational_app.core.document import Document
from operational_app.core.i18n import _
from operational_app.core.models import PartyRole


class Customer(PartyRole):
    __mapper_args__ = {"polymorphic_identity": "customer"}


customer = Document(
    name="customer",
    module="crm",
    model=Customer,
    title=_("Customer"),
    plural=_("Customers"),
    prefix="C",
    label="name",
    columns=("number", "name", "currency", "payment_days", "payment_term_id", "credit_limit", "state"),
    search=("number", "name"),
    states={"active": _("active"), "blocked": _("blocked")},
)
