"""What the people module announces."""

from dataclasses import dataclass
from datetime import date

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
