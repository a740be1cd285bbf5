"""The whole map from facts to what other modules do about them. One file for each pair of modules.

A handler runs in the transaction of the command that announced the fact: if it refuses, nothing has happened on either
side, and the clerk is told why.
"""

from operational_app.core import event
from operational_app.core.events import CompanyFounded
from operational_app.erp.events import DeliveryReleasedForInvoice, GoodsDelivered, SalesOrderConfirmed, StockAdjusted
from operational_app.links import core_finance, erp_finance

LINKS = {
    CompanyFounded: [core_finance.make_chart_of_accounts],
    StockAdjusted: [erp_finance.book_stock_adjustment],
    SalesOrderConfirmed: [erp_finance.take_up_credit],
    GoodsDelivered: [erp_finance.book_cost_of_goods_sold],
    DeliveryReleasedForInvoice: [erp_finance.invoice_delivered_goods],
}


def connect() -> None:
    """Put the map into force."""
    event.LINKS.update(LINKS)
