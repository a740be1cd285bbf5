"""What is owed to employees for what they laid out, money paid to them, and what was taken back."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from operational_app.core.db import (
    CompanyRow,
    ConvertedRow,
    DocumentRow,
    column,
    money_column,
    rate_checks,
    reference,
    share_column,
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
)


class Reimbursement(ConvertedRow, DocumentRow):
    __tablename__ = "reimbursement"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # A claim booked twice would be paid twice.
        UniqueConstraint("expense_claim_id"),
        CheckConstraint("state in ('open', 'paid', 'reversed')", "state"),
        CheckConstraint("total_amount = subtotal + tax_amount", "total"),
        CheckConstraint("open_amount between 0 and total_amount", "open_amount"),
        CheckConstraint("(state = 'open') = (open_amount > 0)", "open_means_owed"),
        *rate_checks(),
        *open_checks("total_amount"),
        {
            "schema": "finance",
            "comment": "What is owed to employees for approved claims.",
            "info": {"posted": ("true", ("state", "open_amount", "open_company_amount", "version"))},
        },
    )
    expense_claim_id: Mapped[int] = reference("Claim that was approved.", "hr.expense_claim.id", index=False)
    employee_id: Mapped[int] = reference("Employee who is owed.", "core.party_role.id")
    payee_name: Mapped[str] = column("Name of the employee when it was booked; files of people are not for finance.")
    currency: Mapped[str] = column("Currency of the amounts.", ForeignKey("core.currency.code"))
    subtotal: Mapped[Decimal] = money_column("Sum of the lines without tax.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax that is deducted.")
    total_amount: Mapped[Decimal] = money_column("Amount to be paid.")
    open_amount: Mapped[Decimal] = money_column("Part that is not paid yet.")
    company_amount: Mapped[Decimal] = company_amount_column()
    open_company_amount: Mapped[Decimal] = open_company_amount_column()


class ReimbursementLine(CompanyRow):
    __tablename__ = "reimbursement_line"
    __table_args__ = (
        UniqueConstraint("reimbursement_id", "line_no"),
        CheckConstraint("(vat_code IS NULL) = (vat_rate IS NULL)", "vat"),
        {"schema": "finance", "comment": "Lines of reimbursements, as booked.", "info": {"immutable": True}},
    )
    reimbursement_id: Mapped[int] = reference("The reimbursement.", "finance.reimbursement.id", index=False)
    line_no: Mapped[int] = column("Place of the line in its document.")
    expense_claim_line_id: Mapped[int] = reference("Line of the claim.", "hr.expense_claim_line.id")
    ledger_account_id: Mapped[int] = reference("Account of the expense.", "finance.ledger_account.id")
    department_id: Mapped[int] = reference("Department that bears it.", "hr.department.id")
    description: Mapped[str] = column("What was paid for.")
    vat_code: Mapped[str | None] = column("Code of the VAT rate on the receipt; empty: nothing is deducted.")
    vat_rate: Mapped[Decimal | None] = share_column("The rate as it was on the receipt's day, as a fraction.")
    net_amount: Mapped[Decimal] = money_column("Amount without the tax that is deducted.")
    tax_amount: Mapped[Decimal] = money_column("Value added tax that is deducted.")
    company_net_amount: Mapped[Decimal] = company_net_amount_column()
    company_tax_amount: Mapped[Decimal] = company_tax_amount_column()


class EmployeePayment(ConvertedRow, DocumentRow):
    __tablename__ = "employee_payment"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        CheckConstraint("state in ('paid', 'reversed')", "state"),
        CheckConstraint("(state = 'reversed') = (reversal_date IS NOT NULL)", "reversal_date"),
        CheckConstraint("amount > 0 AND reimbursed_amount > 0", "amount"),
        *rate_checks(),
        {
            "schema": "finance",
            "comment": "Money paid to employees for what they laid out.",
            "info": {"posted": ("true", ("state", "reversal_date", "version"))},
        },
    )
    reimbursement_id: Mapped[int] = reference("What it pays.", "finance.reimbursement.id")
    employee_id: Mapped[int] = reference("Employee who was paid.", "core.party_role.id")
    payee_name: Mapped[str] = column("Name of the employee when it was booked; files of people are not for finance.")
    currency: Mapped[str] = column("Currency of the money.", ForeignKey("core.currency.code"))
    amount: Mapped[Decimal] = money_column("Amount paid, in the currency of the money.")
    company_amount: Mapped[Decimal] = company_amount_column()
    reimbursed_amount: Mapped[Decimal] = money_column(
        "What it pays of the reimbursement, in the reimbursement's currency."
    )
    reimbursed_company_amount: Mapped[Decimal] = settled_company_amount_column()
    ledger_account_id: Mapped[int] = reference("Account that the money was on.", "finance.ledger_account.id")
    bank_reference: Mapped[str | None] = column("Text or number on the bank statement.")
    reversal_date: Mapped[date | None] = column("Day on which it was taken back; empty: it stands.")


class ReimbursementReversal(DocumentRow):
    __tablename__ = "reimbursement_reversal"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("reimbursement_id"),
        CheckConstraint("state in ('posted')", "state"),
        {
            "schema": "finance",
            "comment": "Reimbursements that were booked wrongly, taken back by the opposite entry.",
            "info": {"immutable": True},
        },
    )
    reimbursement_id: Mapped[int] = reference("What is taken back.", "finance.reimbursement.id", index=False)
    reason: Mapped[str] = column("What was wrong.")
    total_amount: Mapped[Decimal] = money_column("Amount taken back, in the reimbursement's currency.")


reimbursement = Document(
    name="reimbursement",
    module="finance",
    model=Reimbursement,
    title=_("Reimbursement"),
    plural=_("Reimbursements"),
    prefix="RB",
    columns=("number", "business_date", "payee_name", "total_amount", "open_amount", "currency", "state"),
    search=("number", "payee_name"),
    states={"open": _("open"), "paid": _("paid"), "reversed": _("reversed")},
    lines=(
        Lines(
            name="lines",
            model=ReimbursementLine,
            parent="reimbursement_id",
            title=_("Lines"),
            columns=(
                "line_no",
                "description",
                "ledger_account_id",
                "department_id",
                "net_amount",
                "vat_code",
                "tax_amount",
            ),
            order_by="line_no",
        ),
        Lines(
            name="payments",
            model=EmployeePayment,
            parent="reimbursement_id",
            title=_("Payments"),
            columns=("number", "business_date", "amount", "currency", "bank_reference", "state"),
            live=True,
        ),
    ),
)

employee_payment = Document(
    name="employee_payment",
    module="finance",
    model=EmployeePayment,
    title=_("Payment to employee"),
    plural=_("Payments to employees"),
    prefix="EP",
    columns=("number", "business_date", "payee_name", "reimbursement_id", "amount", "currency", "state"),
    search=("number", "payee_name", "bank_reference"),
    states={"paid": _("paid"), "reversed": _("reversed")},
)

reimbursement_reversal = Document(
    name="reimbursement_reversal",
    module="finance",
    model=ReimbursementReversal,
    title=_("Reversal of a reimbursement"),
    plural=_("Reversals of reimbursements"),
    prefix="RX",
    columns=("number", "business_date", "reimbursement_id", "total_amount", "reason"),
    search=("number", "reason"),
    states={"posted": _("posted")},
)
