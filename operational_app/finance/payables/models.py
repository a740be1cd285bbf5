"""Bills of suppliers, money paid, and which money paid which bill. Money that has paid no bill yet is an advance."""

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
    BillInstalment,
    discount_checks,
    discount_share_column,
    discount_until_column,
    payment_term_column,
    show_what_is_open,
)


class Bill(ConvertedRow, DocumentRow):
    __tablename__ = "bill"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # The same bill entered twice would be paid twice.
        Index("uq_bill_supplier_reference", "supplier_id", "supplier_reference", unique=True),
        CheckConstraint("state in ('held', 'open', 'paid')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount + rounding_amount", "total"),
        CheckConstraint("open_amount between 0 and total_amount", "open_amount"),
        CheckConstraint("(state = 'paid') = (open_amount = 0)", "paid_means_nothing_open"),
        *rate_checks(),
        *open_checks("total_amount"),
        *discount_checks(),
        {
            "schema": "finance",
            "comment": "Bills of suppliers.",
            "info": {"posted": ("true", ("state", "open_amount", "open_company_amount", "version", "held_because"))},
        },
    )
    supplier_id: Mapped[int] = reference("Supplier who is owed.", "core.party_role.id")
    supplier_reference: Mapped[str] = column("Number that the supplier gave the bill.")
    due_date: Mapped[date] = column("Day by which it is to be paid; of instalments the first.")
    payment_term_id: Mapped[int | None] = payment_term_column()
    discount_until: Mapped[date | None] = discount_until_column()
    discount_share: Mapped[Decimal | None] = discount_share_column()
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    rounding_amount: Mapped[Decimal] = money_column(
        "Agreed difference of rounding, within the limit.", default=Decimal(0)
    )
    total_amount: Mapped[Decimal] = money_column("Amount to be paid.")
    open_amount: Mapped[Decimal] = money_column("Part that is not paid yet.")
    company_amount: Mapped[Decimal] = company_amount_column()
    open_company_amount: Mapped[Decimal] = open_company_amount_column()
    held_because: Mapped[str | None] = column("What did not match; while it stands, the bill is not paid.")


class BillLine(CompanyRow):
    __tablename__ = "bill_line"
    __table_args__ = (
        UniqueConstraint("bill_id", "line_no"),
        CheckConstraint("quantity > 0", "quantity"),
        CheckConstraint("net_credited between 0 and net_amount", "net_credited"),
        CheckConstraint("tax_credited between 0 and tax_amount", "tax_credited"),
        {
            "schema": "finance",
            "comment": "Lines of suppliers' bills.",
            "info": {"posted": ("true", ("net_credited", "tax_credited"))},
        },
    )
    bill_id: Mapped[int] = reference("The bill.", "finance.bill.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    purchase_order_line_id: Mapped[int] = reference("Line of the order that is billed.", "erp.purchase_order_line.id")
    item_id: Mapped[int] = reference("Item.", "erp.item.id")
    quantity: Mapped[Decimal] = quantity_column("Quantity billed.")
    unit_price: Mapped[Decimal] = unit_price_column("Price of one unit without tax.")
    vat_code: Mapped[str] = column("Code of the VAT rate.")
    vat_rate: Mapped[Decimal] = share_column("The rate as it was on the bill's day, as a fraction.")
    net_amount: Mapped[Decimal] = money_column("Amount without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax.")
    company_net_amount: Mapped[Decimal] = company_net_amount_column()
    company_tax_amount: Mapped[Decimal] = company_tax_amount_column()
    net_credited: Mapped[Decimal] = money_column(
        "Amount without tax that credit notes took back.", default=Decimal(0), server_default="0"
    )
    tax_credited: Mapped[Decimal] = money_column(
        "Value added tax that credit notes took back.", default=Decimal(0), server_default="0"
    )


class Payment(ConvertedRow, DocumentRow):
    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('open', 'allocated')", "state"),
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("open_amount between 0 and amount", "open_amount"),
        CheckConstraint("(state = 'allocated') = (open_amount = 0)", "allocated_means_nothing_open"),
        *rate_checks(),
        *open_checks("amount"),
        {
            "schema": "finance",
            "comment": "Money paid to suppliers.",
            "info": {"posted": ("true", ("state", "open_amount", "open_company_amount", "version"))},
        },
    )
    supplier_id: Mapped[int] = reference("Supplier who was paid.", "core.party_role.id")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    amount: Mapped[Decimal] = money_column("Amount paid.")
    open_amount: Mapped[Decimal] = money_column("Part that is not allocated to a bill yet: an advance.")
    company_amount: Mapped[Decimal] = company_amount_column()
    open_company_amount: Mapped[Decimal] = open_company_amount_column()
    ledger_account_id: Mapped[int | None] = reference(
        "Account that the money is on; empty: the company's main bank account.", "finance.ledger_account.id"
    )
    bank_reference: Mapped[str | None] = column("Text or number on the bank statement.")
    payment_run_id: Mapped[int | None] = reference("Run that made the payment.", "finance.payment_run.id")
    purchase_order_id: Mapped[int | None] = reference("Order that was paid in advance.", "erp.purchase_order.id")


class PaymentAllocation(CompanyRow):
    __tablename__ = "payment_allocation"
    __table_args__ = (
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("source_amount > 0", "source_amount"),
        CheckConstraint("discount_amount >= 0", "discount_amount"),
        {"schema": "finance", "comment": "Which money paid which bill.", "info": {"immutable": True}},
    )
    payment_id: Mapped[int] = reference("The payment.", "finance.payment.id")
    bill_id: Mapped[int] = reference("The bill.", "finance.bill.id")
    business_date: Mapped[date] = column("Day on which the money paid the bill.")
    amount: Mapped[Decimal] = money_column("Amount settled, in the bill's currency.")
    source_amount: Mapped[Decimal] = source_amount_column()
    discount_amount: Mapped[Decimal] = money_column(
        "Discount for paying early, which settles the bill beside the amount.", default=Decimal(0), server_default="0"
    )
    discount_company_amount: Mapped[Decimal] = money_column(
        "The discount in the company's currency, at the rate of the money.", default=Decimal(0), server_default="0"
    )
    company_amount: Mapped[Decimal] = settled_company_amount_column()
    source_company_amount: Mapped[Decimal] = source_company_amount_column()


class PaymentRun(DocumentRow):
    __tablename__ = "payment_run"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('paid')", "state"),
        {
            "schema": "finance",
            "comment": "Runs that pay all bills due by a day, one payment a supplier.",
            "info": {"posted": ("true", ())},
        },
    )
    due_until: Mapped[date] = column("Bills due by this day were paid.")


show_what_is_open(BillInstalment, "bill_id", Bill)

bill = Document(
    name="bill",
    module="finance",
    model=Bill,
    title=_("Bill"),
    plural=_("Bills"),
    prefix="PI",
    columns=(
        "number",
        "business_date",
        "supplier_id",
        "supplier_reference",
        "due_date",
        "total_amount",
        "open_amount",
        "currency",
        "state",
    ),
    search=("number", "supplier_reference"),
    states={"held": _("held"), "open": _("unpaid"), "paid": _("paid")},
    lines=(
        Lines(
            name="lines",
            model=BillLine,
            parent="bill_id",
            title=_("Lines"),
            columns=("line_no", "item_id", "quantity", "unit_price", "vat_rate", "net_amount", "tax_amount"),
            order_by="line_no",
        ),
        Lines(
            name="instalments",
            model=BillInstalment,
            parent="bill_id",
            title=_("Instalments"),
            columns=("due_date", "amount", "open_amount"),
            order_by="due_date",
            live=True,
        ),
        Lines(
            name="allocations",
            model=PaymentAllocation,
            parent="bill_id",
            title=_("Payments"),
            columns=(
                "business_date",
                "payment_id",
                "amount",
                "source_amount",
                "discount_amount",
                "company_amount",
                "source_company_amount",
            ),
        ),
    ),
)

payment = Document(
    name="payment",
    module="finance",
    model=Payment,
    title=_("Payment"),
    plural=_("Payments"),
    prefix="PY",
    columns=("number", "business_date", "supplier_id", "amount", "open_amount", "currency", "bank_reference", "state"),
    search=("number", "bank_reference"),
    states={"open": _("not allocated"), "allocated": _("allocated")},
    lines=(
        Lines(
            name="allocations",
            model=PaymentAllocation,
            parent="payment_id",
            title=_("Bills paid"),
            columns=(
                "business_date",
                "bill_id",
                "amount",
                "source_amount",
                "discount_amount",
                "company_amount",
                "source_company_amount",
            ),
        ),
    ),
)

payment_run = Document(
    name="payment_run",
    module="finance",
    model=PaymentRun,
    title=_("Payment run"),
    plural=_("Payment runs"),
    prefix="PR",
    columns=("number", "business_date", "due_until", "state"),
    states={"paid": _("paid")},
    lines=(
        Lines(
            name="payments",
            model=Payment,
            parent="payment_run_id",
            title=_("Payments"),
            columns=("number", "supplier_id", "amount"),
        ),
    ),
)
