"""What the people module announces."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from operational_app.core.event import DomainEvent


@dataclass(frozen=True, kw_only=True)
class EmployeeHired(DomainEvent):
    """A person became an employee."""

    document_type = "employee"
    announced_only = True
    start_date: date


@dataclass(frozen=True, kw_only=True)
class EmployeeLeft(DomainEvent):
    """An employment ended."""

    document_type = "employee"
    end_date: date


@dataclass(frozen=True, kw_only=True)
class LeaveSubmitted(DomainEvent):
    """Somebody asks for leave."""

    document_type = "leave_request"


@dataclass(frozen=True, kw_only=True)
class AttendanceCorrectionSubmitted(DomainEvent):
    """Somebody asks for a correction of a day's comings and goings."""

    document_type = "attendance_correction"


@dataclass(frozen=True, kw_only=True)
class SalaryAdvancePaid(DomainEvent):
    """An employee was paid before the pay. Says not whom."""

    document_type = "salary_advance"
    number: str
    business_date: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class PayrollSubmitted(DomainEvent):
    """A payroll run is to be approved."""

    document_type = "payroll_run"


@dataclass(frozen=True)
class CostOfCentre:
    """Cost of a cost centre in a run; the name is empty where several small ones are merged."""

    name: str
    cost_kind: str
    head_count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class PayrollPosted(DomainEvent):
    """A payroll run was posted: totals only, never anyone's pay.

    Attributes:
        insurance_amount: both parts.
        advance_amount: advances taken off, less what pay did not cover.
        proof_total, proof_hash: what the payslips come to, and the proof over them.
    """

    document_type = "payroll_run"
    number: str
    business_date: date
    head_count: int
    centres: tuple[CostOfCentre, ...]
    net_amount: Decimal
    insurance_amount: Decimal
    tax_amount: Decimal
    advance_amount: Decimal
    deduction_amount: Decimal
    proof_total: Decimal
    proof_hash: str


@dataclass(frozen=True, kw_only=True)
class PayrollPaid(DomainEvent):
    """The net pay of a run was paid, as one sum."""

    document_type = "payroll_run"
    number: str
    business_date: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class ExpenseClaimSubmitted(DomainEvent):
    """An employee asks for what was laid out."""

    document_type = "expense_claim"


@dataclass(frozen=True, kw_only=True)
class ClaimedExpense:
    """A line of a claim: kind and cost centre, and the amounts without tax and of tax that may be deducted."""

    expense_claim_line_id: int
    expense_group: str
    cost_kind: str
    department_id: int
    description: str
    net_amount: Decimal
    tax_amount: Decimal
    vat_code: str | None
    vat_rate: Decimal | None


@dataclass(frozen=True, kw_only=True)
class ExpenseClaimBooked(DomainEvent):
    """An approved claim goes into the books."""

    document_type = "expense_claim"
    number: str
    employee_id: int
    business_date: date
    reason: str
    currency: str
    expenses: tuple[ClaimedExpense, ...]


@dataclass(frozen=True, kw_only=True)
class JobRequisitionSubmitted(DomainEvent):
    """A department asks for people."""

    document_type = "job_requisition"


@dataclass(frozen=True, kw_only=True)
class ApplicantHired(DomainEvent):
    """An applicant became an employee by an offer."""

    document_type = "job_offer"
    announced_only = True
    employee_id: int
    job_requisition_id: int
