"""Every measure of the dashboards, each defined once: its rows, its right, how it is split and shown.

Pages, files, the rows behind a figure and the catalogue read these declarations; a generated test holds each to its rows.
"""

from dashboards.i18n import Text, _
from dashboards.metrics.cash_forecast import CASH_FORECAST
from dashboards.metrics.executive import COST, MONTHLY
from dashboards.metrics.finance import FINANCE
from dashboards.metrics.measure import DIMENSIONS, Dimension, Measure, Ratio
from dashboards.metrics.operations import OPERATIONS
from dashboards.metrics.ratios import RATIOS

__all__ = [
    "AMOUNTS",
    "CARDS",
    "COLUMNS",
    "DIMENSIONS",
    "Dimension",
    "MEASURES",
    "MONTHLY",
    "Measure",
    "RATIOS",
    "Ratio",
]

MEASURES: dict[str, Measure] = {
    measure.name: measure for measure in (*MONTHLY, COST, *FINANCE, *OPERATIONS, CASH_FORECAST)
}

# The cards of the executive page, in this order; the number of orders stands on the card of their amount.
CARDS = ("revenue", "margin", "sales_order_amount", "cash", "receivables", "headcount")

# Names of the columns of rows. `amount` is always the last: the part of the figure that the row makes up.
COLUMNS: dict[str, Text] = {
    "company_code": _("Company"),
    "business_date": _("Date"),
    "document_number": _("Number"),
    "ledger_account": _("Ledger account"),
    "customer_name": _("Customer"),
    "supplier_name": _("Supplier"),
    "party_name": _("Customer"),
    "item_number": _("Item number"),
    "item_name": _("Item"),
    "location_name": _("Location"),
    "description": _("Description"),
    "order_state": _("State"),
    "opportunity_title": _("Subject"),
    "stage_name": _("Stage"),
    "expected_close_date": _("Expected close"),
    "employee_name": _("Employee"),
    "employee_number": _("Number"),
    "job_title": _("Position"),
    "department_name": _("Department"),
    "start_date": _("Since"),
    "end_date": _("Until"),
    "due_date": _("Due"),
    "days_overdue": _("Days past due"),
    "year_number": _("Year"),
    "quantity": _("Quantity"),
    "order_price": _("Ordered price"),
    "bill_price": _("Billed price"),
    "quantity_on_hand": _("On hand"),
    "quantity_ordered": _("Ordered"),
    "quantity_received": _("Received"),
    "quantity_rejected": _("Rejected"),
    "quantity_stocked": _("Made"),
    "quantity_scrapped": _("Scrapped"),
    "scrap_reason": _("Reason"),
    "revenue": _("Revenue"),
    "cost_of_goods_sold": _("Cost of goods sold"),
    "amount": _("Amount"),
}

# Columns that stand to the right, so that digits line up.
QUANTITIES = {name for name in COLUMNS if name.startswith("quantity")}
AMOUNTS = {"revenue", "cost_of_goods_sold", "order_price", "bill_price", "days_overdue", "amount"} | QUANTITIES
