"""What people call the events that other systems can be told of. A test holds that every event has its words."""

from operational_app.core import event
from operational_app.core.i18n import _

EVERY = "*"
EVENT_TITLES = {
    EVERY: _("every event"),
    "AdvanceUsed": _("Money paid ahead used"),
    "ApplicantHired": _("Applicant hired"),
    "ApprovalAsked": _("Approval asked for"),
    "ApprovalClosed": _("Approval decided or withdrawn"),
    "AttendanceCorrectionSubmitted": _("Attendance correction submitted"),
    "BillPosted": _("Bill posted"),
    "CompanyFounded": _("Company founded"),
    "ComponentsIssued": _("Components issued"),
    "ComponentsReturned": _("Components returned"),
    "CreditNotePosted": _("Credit note posted"),
    "CustomerRefunded": _("Money paid back to a customer"),
    "CustomerRegistered": _("Customer registered"),
    "CustomerReturnReleasedForCredit": _("Customer return released for credit"),
    "DeliveryReleasedForInvoice": _("Delivery released for invoicing"),
    "EmployeeHired": _("Employee hired"),
    "EmployeeLeft": _("Employee left"),
    "EmployeePaid": _("Expense claim paid to the employee"),
    "EmployeePaymentReversed": _("Payment to an employee taken back"),
    "ExpenseClaimBooked": _("Expense claim booked"),
    "ExpenseClaimSubmitted": _("Expense claim submitted"),
    "GoodsDelivered": _("Goods delivered"),
    "GoodsReceived": _("Goods received"),
    "GoodsReturned": _("Goods sent back to a supplier"),
    "GoodsTakenBack": _("Goods taken back from a customer"),
    "JobRequisitionSubmitted": _("Job requisition submitted"),
    "JournalImported": _("Journal imported"),
    "LabourRecorded": _("Labour recorded"),
    "LeadQualified": _("Lead qualified"),
    "LeaveSubmitted": _("Leave request submitted"),
    "MoneyReceived": _("Money received from a customer"),
    "OpportunityLost": _("Opportunity lost"),
    "OpportunityWon": _("Opportunity won"),
    "PayrollPaid": _("Payroll paid"),
    "PayrollPosted": _("Payroll posted"),
    "PayrollSubmitted": _("Payroll submitted"),
    "PeriodClosing": _("Period about to be closed"),
    "PlanningDone": _("Planning done"),
    "ProductionCompleted": _("Production completed"),
    "ProductionOrderClosed": _("Production order closed"),
    "PurchaseBilled": _("Purchase billed"),
    "PurchaseCancelled": _("Purchase cancelled"),
    "PurchaseClosed": _("Purchase closed"),
    "PurchaseCredited": _("Purchase credited"),
    "PurchaseOrdered": _("Purchase ordered"),
    "QuoteAccepted": _("Quote accepted"),
    "QuoteAskedFor": _("Quote asked for"),
    "ReimbursementReversed": _("Booking of an expense claim taken back"),
    "RequisitionGivenUp": _("Purchase requisition given up"),
    "RequisitionSubmitted": _("Purchase requisition submitted"),
    "SalaryAdvancePaid": _("Salary advance paid"),
    "SalesInvoicePosted": _("Sales invoice posted"),
    "SalesOrderConfirmed": _("Sales order confirmed"),
    "ScrapReported": _("Scrap reported"),
    "StockAdjusted": _("Stock adjusted"),
    "StockCounted": _("Stock counted"),
    "StockRecosted": _("Cost of stock corrected after a late entry"),
    "StockRevalued": _("Stock revalued"),
    "StockTransferred": _("Stock transferred"),
    "SupplierPaid": _("Supplier paid"),
}


def event_title(name: str) -> str:
    """The event in words; one that has none is called by its own name."""
    return str(EVENT_TITLES.get(name, name))


def event_choices() -> tuple[tuple[str, str], ...]:
    """Every event as (name, words), by their words; first the choice of all of them."""
    named = sorted(((name, event_title(name)) for name in event.EVENTS), key=lambda one: one[1])
    return ((EVERY, event_title(EVERY)), *named)
