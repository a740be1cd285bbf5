"""The whole map from facts to what other modules do about them. One file for each pair of modules.

A handler runs in the transaction of the command that announced the fact: if it refuses, nothing has happened on either
side, and the clerk is told why.
"""

from operational_app.core import event
from operational_app.core.events import CompanyFounded, PeriodClosing
from operational_app.erp.events import (
    DeliveryReleasedForInvoice,
    GoodsDelivered,
    GoodsReceived,
    GoodsReturned,
    PurchaseBilled,
    PurchaseCancelled,
    PurchaseOrdered,
    SalesOrderConfirmed,
    StockAdjusted,
)
from operational_app.links import core_finance, purchasing_budget, purchasing_finance, sales_finance

LINKS = {
    CompanyFounded: [core_finance.make_chart_of_accounts],
    PeriodClosing: [core_finance.refuse_to_close_what_differs],
    StockAdjusted: [sales_finance.book_stock_adjustment],
    SalesOrderConfirmed: [sales_finance.take_up_credit],
    GoodsDelivered: [sales_finance.book_cost_of_goods_sold],
    DeliveryReleasedForInvoice: [sales_finance.invoice_delivered_goods],
    GoodsReceived: [purchasing_finance.book_goods_received],
    GoodsReturned: [purchasing_finance.book_goods_returned],
    PurchaseOrdered: [purchasing_budget.commit_budget],
    PurchaseCancelled: [purchasing_budget.release_budget],
    PurchaseBilled: [purchasing_finance.book_bill, purchasing_budget.use_budget],
}


def connect() -> None:
    """Put the map into force."""
    event.LINKS.update(LINKS)
