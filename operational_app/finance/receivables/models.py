"""Invoices to customers, money received, credit notes, refunds, and which of them settled which invoice."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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
    share_column,
    unit_price_column,
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
    source_amount_column,
    source_company_amount_column,
)
from operational_app.finance.terms.models import (
    SalesInvoiceInstalment,
    discount_checks,
    discount_share_column,
    discount_until_column,
    payment_term_column,
    show_what_is_open,
)


class SalesInvoice(ConvertedRow, DocumentRow):
    __tablename__ = "sales_invoice"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'paid')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount", "total"),
        CheckConstraint("open_amount between 0 and total_amount", "open_amount"),
        CheckConstraint("(state = 'paid') = (open_amount = 0)", "paid_means_nothing_open"),
        *rate_checks(),
        *open_checks("total_amount"),
        *discount_checks(),
        # What a customer owes now is asked at every look at the customer, however much it has bought before.
        Index("ix_sales_invoice_open", "customer_id", postgresql_where=text("state = 'open'")),
        {
            "schema": "finance",
            "comment": "Invoices sent to customers.",
            "info": {"posted": ("true", ("state", "open_amount", "open_company_amount", "version"))},
        },
    )
    customer_id: Mapped[int] = reference("Customer who owes.", "core.party_role.id")
    customer_reference: Mapped[str | None] = column("The customer's own order number.")
    due_date: Mapped[date] = column("Day by which it is to be paid; of instalments the first.")
    payment_term_id: Mapped[int | None] = payment_term_column()
    discount_until: Mapped[date | None] = discount_until_column()
    discount_share: Mapped[Decimal | None] = discount_share_column()
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    total_amount: Mapped[Decimal] = money_column("Amount with tax.")
    open_amount: Mapped[Decimal] = money_column("Part that is not paid yet.")
    company_amount: Mapped[Decimal] = company_amount_column()
    open_company_amount: Mapped[Decimal] = open_company_amount_column()


class SalesInvoiceLine(CompanyRow):
    __tablename__ = "sales_invoice_line"
    __table_args__ = (
        UniqueConstraint("sales_invoice_id", "line_no"),
        UniqueConstraint("delivery_line_id"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("quantity_credited between 0 and quantity", "quantity_credited"),
        CheckConstraint("net_credited between 0 and net_amount", "net_credited"),
        CheckConstraint("tax_credited between 0 and tax_amount", "tax_credited"),
        # What is credited whole is credited to the last cent, however often something was rounded before.
        CheckConstraint(
            "quantity_credited < quantity OR net_credited = net_amount AND tax_credited = tax_amount", "credited_whole"
        ),
        {
            "schema": "finance",
            "comment": "Lines of invoices to customers.",
            "info": {"posted": ("true", ("quantity_credited", "net_credited", "tax_credited"))},
        },
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
    company_net_amount: Mapped[Decimal] = company_net_amount_column()
    company_tax_amount: Mapped[Decimal] = company_tax_amount_column()
    quantity_credited: Mapped[Decimal] = quantity_column(
        "Quantity that credit notes took back.", default=Decimal(0), server_default="0"
    )
    net_credited: Mapped[Decimal] = money_column(
        "Amount without tax that credit notes took back.", default=Decimal(0), server_default="0"
    )
    tax_credited: Mapped[Decimal] = money_column(
        "Value added tax that credit notes took back.", default=Decimal(0), server_default="0"
    )


class ReceiptOfMoney(ConvertedRow, DocumentRow):
    __tablename__ = "receipt_of_money"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'allocated')", "state"),
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("open_amount between 0 and amount", "open_amount"),
        CheckConstraint("(state = 'allocated') = (open_amount = 0)", "allocated_means_nothing_open"),
        *rate_checks(),
        *open_checks("amount"),
        Index("ix_receipt_of_money_open", "customer_id", postgresql_where=text("state = 'open'")),
        {
            "schema": "finance",
            "comment": "Money received from customers.",
            "info": {"posted": ("true", ("state", "open_amount", "open_company_amount", "version"))},
        },
    )
    customer_id: Mapped[int] = reference("Customer who paid.", "core.party_role.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    amount: Mapped[Decimal] = money_column("Amount received.")
    open_amount: Mapped[Decimal] = money_column("Part that is not allocated to an invoice yet.")
    company_amount: Mapped[Decimal] = company_amount_column()
    open_company_amount: Mapped[Decimal] = open_company_amount_column()
    ledger_account_id: Mapped[int | None] = reference(
        "Account that the money is on; empty: the company's main bank account.", "finance.ledger_account.id"
    )
    bank_reference: Mapped[str | None] = column("Text or number on the bank statement.")


class ReceiptAllocation(CompanyRow):
    __tablename__ = "receipt_allocation"
    __table_args__ = (
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("source_amount > 0", "source_amount"),
        CheckConstraint("discount_amount >= 0", "discount_amount"),
        {"schema": "finance", "comment": "Which received money paid which invoice.", "info": {"immutable": True}},
    )
    receipt_of_money_id: Mapped[int] = reference("The receipt.", "finance.receipt_of_money.id")
    sales_invoice_id: Mapped[int] = reference("The invoice.", "finance.sales_invoice.id")
    business_date: Mapped[date] = column("Day on which the money paid the invoice.")
    amount: Mapped[Decimal] = money_column("Amount settled, in the invoice's currency.")
    source_amount: Mapped[Decimal] = source_amount_column()
    discount_amount: Mapped[Decimal] = money_column(
        "Discount for early payment, which settles the invoice beside the amount.",
        default=Decimal(0),
        server_default="0",
    )
    company_amount: Mapped[Decimal] = settled_company_amount_column()
    source_company_amount: Mapped[Decimal] = source_company_amount_column()
    discount_company_amount: Mapped[Decimal] = money_column(
        "The discount in the company's currency, at the rate of the money.", default=Decimal(0), server_default="0"
    )


class CreditNote(ConvertedRow, DocumentRow):
    __tablename__ = "credit_note"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'settled')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount", "total"),
        CheckConstraint("total_amount > 0", "total_amount"),
        CheckConstraint("open_amount between 0 and total_amount", "open_amount"),
        CheckConstraint("(state = 'settled') = (open_amount = 0)", "settled_means_nothing_open"),
        *rate_checks(),
        *open_checks("total_amount"),
        Index("ix_credit_note_open", "customer_id", postgresql_where=text("state = 'open'")),
        {
            "schema": "finance",
            "comment": "Credit notes: what customers need not pay of invoices, or get back.",
            "info": {"posted": ("true", ("state", "open_amount", "open_company_amount", "version"))},
        },
    )
    customer_id: Mapped[int] = reference("Customer who is credited.", "core.party_role.id")
    sales_invoice_id: Mapped[int] = reference("Invoice that is credited.", "finance.sales_invoice.id")
    reason: Mapped[str] = column("Why: returned, price, damaged, other.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    total_amount: Mapped[Decimal] = money_column("Amount with tax.")
    open_amount: Mapped[Decimal] = money_column("Part that has settled no invoice and has not been paid out yet.")
    company_amount: Mapped[Decimal] = company_amount_column()
    open_company_amount: Mapped[Decimal] = open_company_amount_column()


class CreditNoteLine(CompanyRow):
    __tablename__ = "credit_note_line"
    __table_args__ = (
        UniqueConstraint("credit_note_id", "sales_invoice_line_id"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("net_amount >= 0 AND tax_amount >= 0", "amounts"),
        {"schema": "finance", "comment": "Lines of credit notes.", "info": {"immutable": True}},
    )
    credit_note_id: Mapped[int] = reference("The credit note.", "finance.credit_note.id", index=False)
    sales_invoice_line_id: Mapped[int] = reference(
        "Line of the invoice that is credited.", "finance.sales_invoice_line.id"
    )
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity credited.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    company_net_amount: Mapped[Decimal] = company_net_amount_column()
    company_tax_amount: Mapped[Decimal] = company_tax_amount_column()


class CreditAllocation(CompanyRow):
    __tablename__ = "credit_allocation"
    __table_args__ = (
        CheckConstraint("amount > 0", "amount"),
        {"schema": "finance", "comment": "Which credit note settled which invoice.", "info": {"immutable": True}},
    )
    credit_note_id: Mapped[int] = reference("The credit note.", "finance.credit_note.id")
    sales_invoice_id: Mapped[int] = reference("The invoice.", "finance.sales_invoice.id")
    business_date: Mapped[date] = column("Day on which the credit settled the invoice.")
    amount: Mapped[Decimal] = money_column("Amount allocated.")
    company_amount: Mapped[Decimal] = settled_company_amount_column()
    source_company_amount: Mapped[Decimal] = source_company_amount_column()


class Refund(ConvertedRow, DocumentRow):
    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('paid')", "state"),
        CheckConstraint("amount > 0", "amount"),
        # Money goes back either for a credit note or out of money that came in and paid nothing.
        CheckConstraint("num_nonnulls(credit_note_id, receipt_of_money_id) = 1", "one_source"),
        *rate_checks(),
        {"schema": "finance", "comment": "Money paid back to customers.", "info": {"posted": ("true", ())}},
    )
    customer_id: Mapped[int] = reference("Customer who gets the money.", "core.party_role.id")
    credit_note_id: Mapped[int | None] = reference("Credit note that is paid out.", "finance.credit_note.id")
    receipt_of_money_id: Mapped[int | None] = reference("Receipt whose money goes back.", "finance.receipt_of_money.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    amount: Mapped[Decimal] = money_column("Amount paid back.")
    company_amount: Mapped[Decimal] = company_amount_column()
    source_company_amount: Mapped[Decimal] = source_company_amount_column()
    bank_reference: Mapped[str | None] = column("Text or number on the bank statement.")


show_what_is_open(SalesInvoiceInstalment, "sales_invoice_id", SalesInvoice)

sales_invoice = Document(
    name="sales_invoice",
    module="finance",
    model=SalesInvoice,
    title=_("Sales invoice"),
    plural=_("Sales invoices"),
    prefix="SI",
    columns=("number", "business_date", "customer_id", "due_date", "total_amount", "open_amount", "currency", "state"),
    search=("number", "customer_reference"),
    states={"open": _("unpaid"), "paid": _("paid")},
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
                "quantity_credited",
            ),
            order_by="line_no",
        ),
        Lines(
            name="instalments",
            model=SalesInvoiceInstalment,
            parent="sales_invoice_id",
            title=_("Instalments"),
            columns=("due_date", "amount", "open_amount"),
            order_by="due_date",
            live=True,
        ),
        Lines(
            name="allocations",
            model=ReceiptAllocation,
            parent="sales_invoice_id",
            title=_("Money received"),
            columns=(
                "business_date",
                "receipt_of_money_id",
                "amount",
                "source_amount",
                "discount_amount",
                "company_amount",
            ),
        ),
        Lines(
            name="credits",
            model=CreditAllocation,
            parent="sales_invoice_id",
            title=_("Credits"),
            columns=("business_date", "credit_note_id", "amount"),
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
    states={"open": _("not allocated"), "allocated": _("allocated")},
    lines=(
        Lines(
            name="allocations",
            model=ReceiptAllocation,
            parent="receipt_of_money_id",
            title=_("Invoices paid"),
            columns=(
                "business_date",
                "sales_invoice_id",
                "amount",
                "source_amount",
                "discount_amount",
                "company_amount",
                "source_company_amount",
            ),
        ),
        Lines(
            name="refunds",
            model=Refund,
            parent="receipt_of_money_id",
            title=_("Paid back"),
            columns=("business_date", "number", "amount"),
        ),
    ),
)

credit_note = Document(
    name="credit_note",
    module="finance",
    model=CreditNote,
    title=_("Credit note"),
    plural=_("Credit notes"),
    prefix="CN",
    columns=(
        "number",
        "business_date",
        "customer_id",
        "sales_invoice_id",
        "reason",
        "total_amount",
        "open_amount",
        "currency",
        "state",
    ),
    search=("number", "reason"),
    states={"open": _("not settled"), "settled": _("settled")},
    lines=(
        Lines(
            name="lines",
            model=CreditNoteLine,
            parent="credit_note_id",
            title=_("Lines"),
            columns=("item_id", "quantity", "net_amount", "tax_amount"),
        ),
        Lines(
            name="allocations",
            model=CreditAllocation,
            parent="credit_note_id",
            title=_("Invoices settled"),
            columns=("business_date", "sales_invoice_id", "amount"),
        ),
        Lines(
            name="refunds",
            model=Refund,
            parent="credit_note_id",
            title=_("Paid back"),
            columns=("business_date", "number", "amount"),
        ),
    ),
)

refund = Document(
    name="refund",
    module="finance",
    model=Refund,
    title=_("Refund"),
    plural=_("Refunds"),
    prefix="RF",
    columns=("number", "business_date", "customer_id", "amount", "currency", "bank_reference", "state"),
    search=("number", "bank_reference"),
    states={"paid": _("paid")},
)
