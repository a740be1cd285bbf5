"""What finance announces."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class SalesInvoicePosted(DomainEvent):
    """An invoice was sent to a customer and posted."""

    document_type = "sales_invoice"
    announced_only = True
    customer_id: int
    total_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class MoneyReceived(DomainEvent):
    """A customer's money came in."""

    document_type = "receipt_of_money"
    announced_only = True
    customer_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class CreditNotePosted(DomainEvent):
    """A customer was credited for what an invoice had charged."""

    document_type = "credit_note"
    announced_only = True
    customer_id: int
    total_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class CustomerRefunded(DomainEvent):
    """Money went back to a customer."""

    document_type = "refund"
    announced_only = True
    customer_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class JournalImported(DomainEvent):
    """A file of journal entries was brought in."""

    document_type = "journal_import"
    announced_only = True
    entry_count: int
    line_count: int


@dataclass(frozen=True, kw_only=True)
class BillPosted(DomainEvent):
    """A supplier's bill was booked."""

    document_type = "bill"
    announced_only = True
    supplier_id: int
    total_amount: Decimal


@dataclass(frozen=True, kw_only=True)
class AdvanceUsed(DomainEvent):
    """Money that a supplier had got before paid a bill in another currency, at another rate than the bill's.

    `amount` is what the goods cost more by the rate of the advance (less: negative), in the company's currency.
    """

    document_type = "payment"
    bill_id: int
    paid_on: date
    business_date: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class SupplierPaid(DomainEvent):
    """Money went out to a supplier."""

    document_type = "payment"
    announced_only = True
    supplier_id: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class EmployeePaid(DomainEvent):
    """Money went out to an employee for a claim; `is_settled`: nothing of it is owed any more."""

    document_type = "employee_payment"
    expense_claim_id: int
    is_settled: bool


@dataclass(frozen=True, kw_only=True)
class EmployeePaymentReversed(DomainEvent):
    """A payment to an employee was taken back: it is owed again."""

    document_type = "employee_payment"
    expense_claim_id: int


@dataclass(frozen=True, kw_only=True)
class ReimbursementReversed(DomainEvent):
    """What was booked of a claim was taken back."""

    document_type = "reimbursement_reversal"
    expense_claim_id: int
