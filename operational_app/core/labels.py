"""What people call each column and each value: one word, one label, on forms, lists, pages, exports and dashboards.

A label belongs to the column's name, not to a page: `business_date` is called the same wherever it stands. A name that
has no label here is shown as its own words; a test sees to it that no document has one.
"""

from operational_app.core.i18n import Text, _

LABELS: dict[str, Text] = {
    "id": _("Row"),
    "recorded_at": _("Recorded at"),
    "company_id": _("Company"),
    "company": _("Company"),
    "number": _("Number"),
    "state": _("State"),
    "business_date": _("Date"),
    "created_by": _("Entered by"),
    "version": _("Version"),
    "code": _("Code"),
    "name": _("Name"),
    "name_zh": _("Chinese name"),
    "kind": _("Kind"),
    "type": _("Type"),
    "role": _("Role"),
    "currency": _("Currency"),
    "chart": _("Chart of accounts"),
    "minor_units": _("Decimals"),
    "year": _("Year"),
    "start_date": _("First day"),
    "end_date": _("Last day"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid to"),
    "rate": _("Rate"),
    "username": _("User name"),
    "language": _("Language"),
    "disabled_at": _("Disabled at"),
    "party_id": _("Party"),
    "party_role_id": _("Business partner"),
    "customer_id": _("Customer"),
    "supplier_id": _("Supplier"),
    "employee_id": _("Employee"),
    "tax_number": _("Tax number"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "street": _("Street"),
    "city": _("City"),
    "postal_code": _("Postal code"),
    "country": _("Country"),
    "payment_days": _("Payment days"),
    "credit_limit": _("Credit limit"),
    "item_id": _("Item"),
    "item_group": _("Item group"),
    "unit": _("Unit"),
    "list_price": _("List price"),
    "vat_code": _("VAT code"),
    "valuation_method": _("Valuation"),
    "stock_location_id": _("Stock location"),
    "location_id": _("Stock location"),
    "line_no": _("Line"),
    "lines": _("Lines"),
    "description": _("Description"),
    "reason": _("Reason"),
    "quantity": _("Quantity"),
    "quantity_on_hand": _("On hand"),
    "quantity_reserved": _("Reserved"),
    "quantity_delivered": _("Delivered"),
    "quantity_invoiced": _("Invoiced"),
    "unit_price": _("Unit price"),
    "unit_cost": _("Unit cost"),
    "discount": _("Discount"),
    "net_amount": _("Net amount"),
    "tax_amount": _("VAT"),
    "subtotal": _("Subtotal"),
    "total_amount": _("Total"),
    "open_amount": _("Open amount"),
    "cost_amount": _("Cost"),
    "amount": _("Amount"),
    "value": _("Value"),
    "customer_reference": _("Customer reference"),
    "requested_date": _("Requested date"),
    "sales_order_id": _("Sales order"),
    "sales_order_line_id": _("Order line"),
    "delivery_id": _("Delivery"),
    "delivery_line_id": _("Delivery line"),
    "stock_move_id": _("Stock move"),
    "sales_invoice_id": _("Sales invoice"),
    "receipt_of_money_id": _("Receipt of money"),
    "due_date": _("Due date"),
    "bank_reference": _("Bank reference"),
    "allocations": _("Allocations"),
    "ledger_account_id": _("Ledger account"),
    "journal_entry_id": _("Journal entry"),
    "posting_date": _("Posting date"),
    "normal_side": _("Normal side"),
    "document_type": _("Document type"),
    "document_id": _("Document"),
    "document_line_id": _("Document line"),
    "debit": _("Debit"),
    "credit": _("Credit"),
    "company_debit": _("Debit in company currency"),
    "company_credit": _("Credit in company currency"),
}

# Values of fields that are chosen from a short list, where the word in the store is not the word on the page.
VALUES: dict[str, Text] = {
    "organisation": _("organisation"),
    "person": _("person"),
    "stocked": _("stocked"),
    "service": _("service"),
    "moving_average": _("moving average"),
    "debit": _("debit"),
    "credit": _("credit"),
    "true": _("yes"),
    "false": _("no"),
}


def label(name: str) -> str:
    """What people call a column."""
    known = LABELS.get(name)
    return str(known) if known is not None else name.removesuffix("_id").replace("_", " ").capitalize()


def value_label(value: str) -> str:
    """What people call a value of a short list; any other value is its own name."""
    known = VALUES.get(value)
    return str(known) if known is not None else value
