"""Invoices to customers, money received, and which money paid which invoice."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    DocumentRow,
    column,
    money_column,
    quantity_column,
    reference,
    share_column,
    unit_price_column,
)
from operational_app.core.document import Document, Lines
from operational_app.core.i18n import _


class SalesInvoice(DocumentRow):
    __tablename__ = "sales_invoice"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'paid')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount", "total"),
        CheckConstraint("open_amount between 0 and total_amount", "open_amount"),
        CheckConstraint("(state = 'paid') = (open_amount = 0)", "paid_means_nothing_open"),
        {
            "schema": "finance",
            "comment": "Invoices sent to customers.",
            "info": {"posted": ("true", ("state", "open_amount", "version"))},
        },
    )
    customer_id: Mapped[int] = reference("Customer who owes.", "core.party_role.id")
    customer_reference: Mapped[str | None] = column("The customer's own order number.")
    due_date: Mapped[date] = column("Day by which it is to be paid.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    total_amount: Mapped[Decimal] = money_column("Amount with tax.")
    open_amount: Mapped[Decimal] = money_column("Part that is not paid yet.")


class SalesInvoiceLine(CompanyRow):
    __tablename__ = "sales_invoice_line"
    __table_args__ = (
        UniqueConstraint("sales_invoice_id", "line_no"),
        UniqueConstraint("delivery_line_id"),
        CheckConstraint("quantity > 0", "quantity"),
        {"schema": "finance", "comment": "Lines of invoices to customers.", "info": {"immutable": True}},
    )
    sales_invoice_id: Mapped[int] = reference("The invoice.", "finance.sales_invoice.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    delivery_line_id: Mapped[int | None] = column(
        "Line of the delivery that is invoiced; each only once.", ForeignKey("erp.delivery_line.id")
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    description: Mapped[str] = column("Text for the customer.")
    quantity: Mapped[Decimal] = quantity_column("Quantity invoiced.")
    unit_price: Mapped[Decimal] = unit_price_column("Price of one unit without tax.")
    discount: Mapped[Decimal] = share_column("Discount as a fraction.")
    vat_code: Mapped[str] = column("Code of the VAT rate.")
    vat_rate: Mapped[Decimal] = share_column("The rate as it was on the invoice's day, as a fraction.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")


class ReceiptOfMoney(DocumentRow):
    __tablename__ = "receipt_of_money"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'allocated')", "state"),
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("open_amount between 0 and amount", "open_amount"),
        CheckConstraint("(state = 'allocated') = (open_amount = 0)", "allocated_means_nothing_open"),
        {
            "schema": "finance",
            "comment": "Money received from customers.",
            "info": {"posted": ("true", ("state", "open_amount", "version"))},
        },
    )
    customer_id: Mapped[int] = reference("Customer who paid.", "core.party_role.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    amount: Mapped[Decimal] = money_column("Amount received.")
    open_amount: Mapped[Decimal] = money_column("Part that is not allocated to an invoice yet.")
    bank_reference: Mapped[str | None] = column("Text or number on the bank statement.")


class ReceiptAllocation(CompanyRow):
    __tablename__ = "receipt_allocation"
    __table_args__ = (
        CheckConstraint("amount > 0", "amount"),
        {"schema": "finance", "comment": "Which received money paid which invoice.", "info": {"immutable": True}},
    )
    receipt_of_money_id: Mapped[int] = reference("The receipt.", "finance.receipt_of_money.id")
    sales_invoice_id: Mapped[int] = reference("The invoice.", "finance.sales_invoice.id")
    amount: Mapped[Decimal] = money_column("Amount allocated.")


sales_invoice = Document(
    name="sales_invoice",
    module="finance",
    model=SalesInvoice,
    title=_("Sales invoice"),
    plural=_("Sales invoices"),
    prefix="SI",
    columns=("number", "business_date", "customer_id", "due_date", "total_amount", "open_amount", "currency", "state"),
    search=("number", "customer_reference"),
    states={"open": _("open"), "paid": _("paid")},
    lines=(
        Lines(
            name="lines",
            model=SalesInvoiceLine,
            parent="sales_invoice_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "item_id",
                "description",
                "quantity",
                "unit_price",
                "discount",
                "vat_rate",
                "net_amount",
                "tax_amount",
            ),
            order_by="line_no",
        ),
        Lines(
            name="allocations",
            model=ReceiptAllocation,
            parent="sales_invoice_id",
            title=_("Payments"),
            columns=("receipt_of_money_id", "amount"),
        ),
    ),
)

receipt_of_money = Document(
    name="receipt_of_money",
    module="finance",
    model=ReceiptOfMoney,
    title=_("Receipt of money"),
    plural=_("Receipts of money"),
    prefix="RM",
    columns=("number", "business_date", "customer_id", "amount", "open_amount", "currency", "bank_reference", "state"),
    search=("number", "bank_reference"),
    states={"open": _("open"), "allocated": _("allocated")},
    lines=(
        Lines(
            name="allocations",
            model=ReceiptAllocation,
            parent="receipt_of_money_id",
            title=_("Invoices paid"),
            columns=("sales_invoice_id", "amount"),
        ),
    ),
)
