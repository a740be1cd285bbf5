"""Credit notes of suppliers, which bills they settled, and money that came back for them."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    ConvertedRow,
    DocumentRow,
    column,
    money_column,
    quantity_column,
    rate_checks,
    reference,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _
from operational_app.finance.ledger.models import (
    company_amount_column,
    company_net_amount_column,
    company_tax_amount_column,
    open_checks,
    open_company_amount_column,
    settled_company_amount_column,
    source_company_amount_column,
)


class SupplierCreditNote(ConvertedRow, DocumentRow):
    __tablename__ = "supplier_credit_note"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # The same credit note entered twice would be deducted twice.
        Index("uq_supplier_credit_note_reference", "supplier_id", "supplier_reference", unique=True),
        CheckConstraint("state in ('open', 'settled')", "state"),
        CheckConstraint("reason in ('returned', 'price')", "reason"),
        CheckConstraint("total_amount = subtotal + tax_amount AND total_amount > 0", "total"),
        CheckConstraint("open_amount between 0 and total_amount", "open_amount"),
        CheckConstraint("(state = 'settled') = (open_amount = 0)", "settled_means_nothing_open"),
        *rate_checks(),
        *open_checks("total_amount"),
        {
            "schema": "finance",
            "comment": "Credit notes of suppliers: what need not be paid of bills, or comes back.",
            "info": {"posted": ("true", ("state", "open_amount", "open_company_amount", "version"))},
        },
    )
    supplier_id: Mapped[int] = reference("Supplier who credits.", "core.party_role.id")
    bill_id: Mapped[int] = reference("Bill that is credited.", "finance.bill.id")
    supplier_reference: Mapped[str] = column("Number that the supplier gave the credit note.")
    reason: Mapped[str] = column("Why: returned, price, damaged, other.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    total_amount: Mapped[Decimal] = money_column("Amount with tax.")
    open_amount: Mapped[Decimal] = money_column("Part that has settled no bill and has not come back yet.")
    company_amount: Mapped[Decimal] = company_amount_column()
    open_company_amount: Mapped[Decimal] = open_company_amount_column()


class SupplierCreditNoteLine(CompanyRow):
    __tablename__ = "supplier_credit_note_line"
    __table_args__ = (
        UniqueConstraint("supplier_credit_note_id", "bill_line_id"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("net_amount >= 0 AND tax_amount >= 0", "amounts"),
        {"schema": "finance", "comment": "Lines of suppliers' credit notes.", "info": {"immutable": True}},
    )
    supplier_credit_note_id: Mapped[int] = reference("The credit note.", "finance.supplier_credit_note.id", index=False)
    bill_line_id: Mapped[int] = reference("Line of the bill that is credited.", "finance.bill_line.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity credited.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    company_net_amount: Mapped[Decimal] = company_net_amount_column()
    company_tax_amount: Mapped[Decimal] = company_tax_amount_column()


class SupplierCreditAllocation(CompanyRow):
    __tablename__ = "supplier_credit_allocation"
    __table_args__ = (
        CheckConstraint("amount > 0", "amount"),
        {"schema": "finance", "comment": "Which supplier's credit settled which bill.", "info": {"immutable": True}},
    )
    supplier_credit_note_id: Mapped[int] = reference("The credit note.", "finance.supplier_credit_note.id")
    bill_id: Mapped[int] = reference("The bill.", "finance.bill.id")
    business_date: Mapped[date] = column("Day on which the credit settled the bill.")
    amount: Mapped[Decimal] = money_column("Amount allocated.")
    company_amount: Mapped[Decimal] = settled_company_amount_column()
    source_company_amount: Mapped[Decimal] = source_company_amount_column()


class SupplierRefund(ConvertedRow, DocumentRow):
    __tablename__ = "supplier_refund"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('received')", "state"),
        CheckConstraint("amount > 0", "amount"),
        # Money comes back either for a credit note or out of money that was paid and paid no bill.
        CheckConstraint("num_nonnulls(supplier_credit_note_id, payment_id) = 1", "one_source"),
        *rate_checks(),
        {"schema": "finance", "comment": "Money that suppliers paid back.", "info": {"immutable": True}},
    )
    supplier_id: Mapped[int] = reference("Supplier who paid.", "core.party_role.id")
    supplier_credit_note_id: Mapped[int | None] = reference(
        "Credit note that is paid out.", "finance.supplier_credit_note.id"
    )
    payment_id: Mapped[int | None] = reference("Payment whose money comes back.", "finance.payment.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    amount: Mapped[Decimal] = money_column("Amount received.")
    company_amount: Mapped[Decimal] = company_amount_column()
    source_company_amount: Mapped[Decimal] = source_company_amount_column()
    bank_reference: Mapped[str | None] = column("Text or number on the bank statement.")


supplier_credit_note = Document(
    name="supplier_credit_note",
    module="finance",
    model=SupplierCreditNote,
    title=_("Supplier's credit note"),
    plural=_("Suppliers' credit notes"),
    prefix="SC",
    columns=(
        "number",
        "business_date",
        "supplier_id",
        "supplier_reference",
        "bill_id",
        "reason",
        "total_amount",
        "open_amount",
        "currency",
        "state",
    ),
    search=("number", "supplier_reference"),
    states={"open": _("open"), "settled": _("settled")},
    lines=(
        Lines(
            name="lines",
            model=SupplierCreditNoteLine,
            parent="supplier_credit_note_id",
            title=_("Lines"),
            columns=("item_id", "quantity", "net_amount", "tax_amount"),
        ),
        Lines(
            name="allocations",
            model=SupplierCreditAllocation,
            parent="supplier_credit_note_id",
            title=_("Bills paid"),
            columns=("business_date", "bill_id", "amount", "company_amount", "source_company_amount"),
        ),
        Lines(
            name="refunds",
            model=SupplierRefund,
            parent="supplier_credit_note_id",
            title=_("Paid back"),
            columns=("business_date", "number", "amount"),
        ),
    ),
)

supplier_refund = Document(
    name="supplier_refund",
    module="finance",
    model=SupplierRefund,
    title=_("Supplier's refund"),
    plural=_("Suppliers' refunds"),
    prefix="SF",
    columns=("number", "business_date", "supplier_id", "amount", "currency", "bank_reference", "state"),
    search=("number", "bank_reference"),
    states={"received": _("received")},
)
