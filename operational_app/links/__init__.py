"""The whole map from facts to what other modules do about them. One file for each pair of modules.

A handler runs in the transaction of the command that announced the fact: if it refuses, nothing has happened on either
side, and the clerk is told why.
"""

from operational_app.core import event, policy
from operational_app.core.events import CompanyFounded
from operational_app.erp.events import (
    DeliveryReleasedForInvoice,
    GoodsDelivered,
    GoodsReceived,
    GoodsReturned,
    PurchaseBilled,
    RequisitionSubmitted,
    SalesOrderConfirmed,
    StockAdjusted,
)
from operational_app.links import core_finance, core_hr, core_oa, oa_erp, oa_hr, purchasing_finance, sales_finance
from operational_app.oa.events import ApprovalClosed
from operational_app.oa.workflow import queries as approvals

LINKS = {
    CompanyFounded: [core_finance.make_chart_of_accounts, core_oa.make_approval_rules],
    StockAdjusted: [sales_finance.book_stock_adjustment],
    SalesOrderConfirmed: [sales_finance.take_up_credit],
    GoodsDelivered: [sales_finance.book_cost_of_goods_sold],
    DeliveryReleasedForInvoice: [sales_finance.invoice_delivered_goods],
    GoodsReceived: [purchasing_finance.book_goods_received],
    GoodsReturned: [purchasing_finance.book_goods_returned],
    PurchaseBilled: [purchasing_finance.book_bill],
    RequisitionSubmitted: [oa_erp.ask_for_approval],
    ApprovalClosed: [oa_erp.move_requisition_on],
}


def connect() -> None:
    """Put the map into force, and tell rights and approvals what only other modules know."""
    event.LINKS.update(LINKS)
    policy.COLLEAGUES[:] = [core_hr.colleagues]
    approvals.LINES_OF_MANAGEMENT[:] = [oa_hr.line_of_management]
    oa_erp.provide_facts()
