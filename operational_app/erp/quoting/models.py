"""Quotes and their lines."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, column_property

from operational_app.core.db import (
    CompanyRow,
    ConvertedRow,
    DocumentRow,
    column,
    money_column,
    quantity_column,
    rate_checks,
    reference,
    share_column,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.core.models import Party


class Quote(ConvertedRow, DocumentRow):
    __tablename__ = "quote"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("sales_order_id"),
        # A deal becomes an order once: of its quotes only one is ever accepted.
        Index(
            "uq_quote_accepted_opportunity", "opportunity_id", unique=True, postgresql_where=text("state = 'accepted'")
        ),
        CheckConstraint("state in ('draft', 'sent', 'accepted', 'expired', 'declined')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount", "total"),
        *rate_checks(),
        CheckConstraint("valid_until >= business_date", "valid_until"),
        CheckConstraint("(state = 'accepted') = (sales_order_id IS NOT NULL)", "accepted_means_ordered"),
        CheckConstraint("state <> 'accepted' OR customer_id IS NOT NULL", "accepted_by_customer"),
        {
            "schema": "erp",
            "comment": "Quotes: offers to customers and to those who may become one.",
            "info": {"posted": ("OLD.state in ('accepted', 'expired', 'declined')", ("version",))},
        },
    )
    party_id: Mapped[int] = reference("Who is offered something.", "core.party.id")
    name: Mapped[str] = column_property(
        select(Party.name).where(Party.id == party_id).correlate_except(Party).scalar_subquery()
    )
    customer_id: Mapped[int | None] = reference(
        "The customer that the party is; empty: not a customer yet.", "core.party_role.id"
    )
    opportunity_id: Mapped[int | None] = reference("Deal that the quote is for.", "crm.opportunity.id")
    customer_reference: Mapped[str | None] = column("The customer's own order number.")
    valid_until: Mapped[date] = column("Last day on which the quote can be accepted.")
    stock_location_id: Mapped[int] = reference("Place that the goods leave from.", "erp.stock_location.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    total_amount: Mapped[Decimal] = money_column("Amount with tax.")
    sales_order_id: Mapped[int | None] = reference("Order that came of the quote.", "erp.sales_order.id", index=False)
    decline_reason: Mapped[str | None] = column("Why the customer declined.")


class QuoteLine(CompanyRow):
    __tablename__ = "quote_line"
    __table_args__ = (
        UniqueConstraint("quote_id", "line_no"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("discount between 0 and 1", "discount"),
        CheckConstraint("unit_price >= 0", "unit_price"),
        {"schema": "erp", "comment": "Lines of quotes."},
    )
    quote_id: Mapped[int] = reference("The quote.", "erp.quote.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    description: Mapped[str] = column("Text for the customer.")
    quantity: Mapped[Decimal] = quantity_column("Quantity offered.")
    unit: Mapped[str | None] = column("Unit of the quantity: the item's own.", ForeignKey("core.unit.code"))
    ordered_as: Mapped[str | None] = column("Quantity as it was entered in another unit, such as 2 BOX.")
    unit_price: Mapped[Decimal] = unit_price_column("Price of one unit without tax.")
    discount: Mapped[Decimal] = share_column("Discount as a fraction.", default=Decimal(0))
    vat_code: Mapped[str] = column("Code of the VAT rate.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")


quote = Document(
    name="quote",
    module="erp",
    model=Quote,
    title=_("Quote"),
    plural=_("Quotes"),
    prefix="QU",
    columns=("number", "business_date", "name", "valid_until", "total_amount", "currency", "state"),
    search=("number", "name", "customer_reference"),
    states={
        "draft": _("draft"),
        "sent": _("sent"),
        "accepted": _("accepted"),
        "expired": _("expired"),
        "declined": _("declined"),
    },
    lines=(
        Lines(
            name="lines",
            model=QuoteLine,
            parent="quote_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "item_id",
                "description",
                "quantity",
                "unit",
                "ordered_as",
                "unit_price",
                "discount",
                "vat_code",
                "net_amount",
                "tax_amount",
            ),
            order_by="line_no",
        ),
    ),
)
