"""The whole map from facts to what other modules do about them. One file for each pair of modules.

A handler runs in the transaction of the command that announced the fact: if it refuses, nothing has happened on either
side, and the clerk is told why.
"""

from operational_app.core import event, policy
from operational_app.core.events import CompanyFounded, PeriodClosing
from operational_app.crm.events import OpportunityWon, QuoteAskedFor
from operational_app.erp.events import (
    ComponentsIssued,
    ComponentsReturned,
    CustomerReturnReleasedForCredit,
    DeliveryReleasedForInvoice,
    GoodsDelivered,
    GoodsReceived,
    GoodsReturned,
    GoodsTakenBack,
    LabourRecorded,
    ProductionCompleted,
    ProductionOrderClosed,
    PurchaseBilled,
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseCredited,
    PurchaseOrdered,
    QuoteAccepted,
    RequisitionGivenUp,
    RequisitionSubmitted,
    SalesOrderConfirmed,
    StockAdjusted,
    StockRecosted,
    StockRevalued,
)
from operational_app.finance.events import AdvanceUsed, EmployeePaid, EmployeePaymentReversed, ReimbursementReversed
from operational_app.hr.events import (
    AttendanceCorrectionSubmitted,
    EmployeeLeft,
    ExpenseClaimBooked,
    ExpenseClaimSubmitted,
    JobRequisitionSubmitted,
    LeaveSubmitted,
    PayrollPaid,
    PayrollPosted,
    PayrollSubmitted,
    SalaryAdvancePaid,
)
from operational_app.links import (
    core_crm,
    core_finance,
    core_hr,
    core_oa,
    crm_erp,
    crm_finance,
    expenses,
    hr_finance,
    oa_erp,
    oa_hr,
    production_finance,
    purchasing_budget,
    purchasing_finance,
    sales_finance,
    stock_finance,
)
from operational_app.oa.events import ApprovalClosed
from operational_app.oa.workflow import queries as approvals

LINKS = {
    CompanyFounded: [
        core_finance.make_chart_of_accounts,
        core_finance.make_reminder_levels,
        core_crm.make_opportunity_stages,
        core_oa.make_approval_rules,
        core_hr.make_personnel_defaults,
        expenses.make_expense_kinds,
    ],
    EmployeeLeft: [core_hr.end_access],
    LeaveSubmitted: [oa_hr.ask_for_leave_approval],
    AttendanceCorrectionSubmitted: [oa_hr.ask_for_correction_approval],
    PayrollSubmitted: [oa_hr.ask_for_payroll_approval],
    PayrollPosted: [hr_finance.book_payroll],
    PayrollPaid: [hr_finance.book_payment_of_payroll],
    SalaryAdvancePaid: [hr_finance.book_salary_advance],
    JobRequisitionSubmitted: [oa_hr.ask_for_position_approval],
    ExpenseClaimSubmitted: [expenses.ask_for_expense_approval],
    ExpenseClaimBooked: [expenses.book_reimbursement],
    EmployeePaid: [expenses.follow_payment],
    EmployeePaymentReversed: [expenses.follow_reversed_payment],
    ReimbursementReversed: [expenses.follow_reversal],
    PeriodClosing: [core_finance.refuse_to_close_what_differs],
    QuoteAskedFor: [crm_erp.make_quote_of_deal],
    QuoteAccepted: [crm_erp.win_deal_of_quote],
    OpportunityWon: [crm_erp.order_won_deal],
    StockAdjusted: [sales_finance.book_stock_adjustment],
    StockRecosted: [stock_finance.spread_late_costs, stock_finance.book_late_costs],
    StockRevalued: [stock_finance.book_revaluation],
    SalesOrderConfirmed: [sales_finance.take_up_credit],
    GoodsDelivered: [sales_finance.book_cost_of_goods_sold],
    DeliveryReleasedForInvoice: [sales_finance.invoice_delivered_goods],
    GoodsTakenBack: [sales_finance.book_goods_taken_back],
    CustomerReturnReleasedForCredit: [sales_finance.credit_goods_taken_back],
    GoodsReceived: [purchasing_finance.book_goods_received],
    GoodsReturned: [purchasing_finance.book_goods_returned],
    PurchaseOrdered: [purchasing_budget.commit_budget],
    PurchaseCancelled: [purchasing_budget.release_budget],
    PurchaseClosed: [purchasing_budget.release_rest],
    PurchaseCredited: [purchasing_finance.book_supplier_credit],
    AdvanceUsed: [purchasing_finance.put_rate_of_advance_on_goods],
    PurchaseBilled: [purchasing_finance.book_bill, purchasing_budget.use_budget],
    ComponentsIssued: [production_finance.book_components_issued],
    ComponentsReturned: [production_finance.book_components_returned],
    LabourRecorded: [production_finance.book_labour],
    ProductionCompleted: [production_finance.book_production_completed],
    ProductionOrderClosed: [production_finance.book_production_closed],
    RequisitionSubmitted: [purchasing_budget.reserve_budget, oa_erp.ask_for_approval],
    RequisitionGivenUp: [purchasing_budget.release_reservation],
    ApprovalClosed: [oa_erp.move_requisition_on, oa_hr.book_decision_on_people, expenses.move_claim_on],
}


def connect() -> None:
    """Put the map into force, and tell rights and approvals what only other modules know."""
    event.LINKS.update(LINKS)
    crm_finance.show_open_items_on_customers()
    policy.COLLEAGUES[:] = [core_hr.colleagues]
    approvals.LINES_OF_MANAGEMENT[:] = [oa_hr.line_of_management]
    oa_erp.provide_facts()
    oa_hr.provide_facts()
    expenses.provide_facts()
    purchasing_budget.provide_facts()
