"""Where a row's document is: its page in the clerks' app for our own, its key in the source for others."""

import os

from dashboards.i18n import _

# Part of the app, and plural, of each kind of document that rows lead to. A test holds this to the app's own list.
ADDRESSES = {
    "sales_order": "erp/sales_orders",
    "delivery": "erp/deliveries",
    "customer_return": "erp/customer_returns",
    "purchase_order": "erp/purchase_orders",
    "goods_receipt": "erp/goods_receipts",
    "production_order": "erp/production_orders",
    "stock_adjustment": "erp/stock_adjustments",
    "item": "erp/items",
    "opportunity": "crm/opportunities",
    "sales_invoice": "finance/sales_invoices",
    "credit_note": "finance/credit_notes",
    "receipt_of_money": "finance/receipts_of_money",
    "bill": "finance/bills",
    "supplier_credit_note": "finance/supplier_credit_notes",
    "payment": "finance/payments",
    "budget_balance": "finance/budget_balances",
    "journal_entry": "finance/journal_entries",
    "employee": "hr/employees",
}

TITLES = {
    "sales_order": _("Sales order"),
    "delivery": _("Delivery"),
    "customer_return": _("Customer return"),
    "purchase_order": _("Purchase order"),
    "goods_receipt": _("Goods receipt"),
    "production_order": _("Production order"),
    "stock_adjustment": _("Stock adjustment"),
    "item": _("Item"),
    "opportunity": _("Opportunity"),
    "sales_invoice": _("Sales invoice"),
    "credit_note": _("Credit note"),
    "receipt_of_money": _("Receipt of money"),
    "bill": _("Bill"),
    "supplier_credit_note": _("Supplier credit note"),
    "payment": _("Payment"),
    "budget_balance": _("Budget balance"),
    "journal_entry": _("Journal entry"),
    "employee": _("Employee"),
}

OWN = "hub"


def app_url() -> str:
    """Address of the clerks' app, from HUB_APP_URL."""
    return os.environ.get("HUB_APP_URL", "http://localhost:8000").rstrip("/")


def dashboards_url() -> str:
    """Address of these dashboards, from HUB_DASHBOARDS_URL."""
    return os.environ.get("HUB_DASHBOARDS_URL", "http://localhost:8501").rstrip("/")


def address(source_system: str, document_type: str, document_id: str) -> str | None:
    """Address of a document's page in the app; None where the document is not ours, or has no page."""
    if source_system != OWN or document_type not in ADDRESSES:
        return None
    return f"{app_url()}/{ADDRESSES[document_type]}/{document_id}"


def source_name(source_system: str, document_type: str, document_id: str) -> str:
    """What stands where there is no page: which document in which source."""
    return f"{source_system} · {title(document_type)} {document_id}"


def title(document_type: str) -> str:
    """What people call this kind of document."""
    return str(TITLES.get(document_type, document_type))
