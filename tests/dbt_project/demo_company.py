"""The raw layer of a small company of ours, written by hand: one sale from order to part payment, one duplicate customer."""

from tests.dbt_project.warehouse import put


def write_raw_layer() -> None:
    parties()
    people()
    stock()
    sale()
    books()


def parties() -> None:
    put("core", "company", {"id": 1, "code": "DEMO", "name": "Demo Ltd", "currency": "CNY"})
    put(
        "core",
        "party",
        {"id": 1, "kind": "organisation", "name": "Lantern Ltd", "city": "Hangzhou", "country": "CN"},
        {"id": 2, "kind": "organisation", "name": "Lantern (entered twice)", "merged_into_id": 1},
        {"id": 3, "kind": "person", "name": "Wang Fang"},
        {"id": 4, "kind": "organisation", "name": "Steel Works", "country": "CN"},
    )
    put(
        "core",
        "party_role",
        {"id": 10, "company_id": 1, "role": "customer", "party_id": 1, "number": "C1", "state": "blocked"},
        {"id": 11, "company_id": 1, "role": "customer", "party_id": 2, "number": "C2", "state": "active"},
        {"id": 12, "company_id": 1, "role": "employee", "party_id": 3, "number": "E1", "state": "active"},
        {"id": 13, "company_id": 1, "role": "supplier", "party_id": 4, "number": "S1", "state": "active"},
    )


def people() -> None:
    put("hr", "department", {"id": 1, "company_id": 1, "code": "SALES", "name": "Sales"})
    put(
        "hr",
        "employment",
        {"employee_id": 12, "company_id": 1, "department_id": 1, "position": "Clerk", "start_date": "2026-01-15"},
    )


def stock() -> None:
    item = {"company_id": 1, "item_group": "Lamps", "unit": "PCS", "state": "active"}
    put(
        "erp",
        "item",
        item | {"id": 1, "number": "L-1", "name": "Lamp", "kind": "stocked", "list_price": "150"},
        item | {"id": 2, "number": "A-1", "name": "Assembly", "kind": "service", "list_price": "10"},
    )
    put("erp", "stock_location", {"id": 1, "name": "Main"}, {"id": 2, "name": "Shop"})
    put(
        "erp",
        "stock_balance",
        {"item_id": 1, "stock_location_id": 1, "company_id": 1, "quantity_on_hand": "2"},
        {"item_id": 1, "stock_location_id": 2, "company_id": 1, "quantity_on_hand": "1"},
    )
    put("erp", "item_valuation", {"item_id": 1, "quantity_on_hand": "3", "value": "100"})
    move = {"company_id": 1, "item_id": 1, "stock_location_id": 1}
    put(
        "erp",
        "stock_move",
        move
        | {"id": 1, "kind": "adjustment", "quantity": "5", "value": "180", "business_date": "2026-01-05"}
        | {"document_type": "stock_adjustment", "document_id": 1},
        move
        | {"id": 2, "kind": "delivery", "quantity": "-2", "value": "-80", "business_date": "2026-01-20"}
        | {"document_type": "delivery", "document_id": 1},
    )


def sale() -> None:
    order = {"company_id": 1, "customer_id": 11, "currency": "CNY"}
    put(
        "erp",
        "sales_order",
        order
        | {
            "id": 1,
            "number": "SO-1",
            "state": "delivered",
            "business_date": "2026-01-18",
            "requested_date": "2026-01-25",
        }
        | {"subtotal": "300", "tax_amount": "39", "total_amount": "339"},
        order
        | {"id": 2, "number": "SO-2", "state": "draft", "business_date": "2026-02-02"}
        | {"subtotal": "10.01", "tax_amount": "1.3", "total_amount": "11.31"},
    )
    put(
        "erp",
        "sales_order_line",
        {"id": 1, "sales_order_id": 1, "line_no": 1, "item_id": 1}
        | {"quantity": "2", "unit_price": "150", "net_amount": "300"},
        {"id": 2, "sales_order_id": 2, "line_no": 1, "item_id": 2}
        | {"quantity": "1", "unit_price": "10.01", "net_amount": "10.01"},
    )
    put(
        "erp",
        "delivery",
        {"id": 1, "company_id": 1, "sales_order_id": 1, "customer_id": 11, "stock_location_id": 1}
        | {"number": "DN-1", "state": "invoiced", "business_date": "2026-01-20"},
    )
    put(
        "erp",
        "delivery_line",
        {"id": 1, "delivery_id": 1, "sales_order_line_id": 1, "item_id": 1, "stock_move_id": 2}
        | {"quantity": "2", "cost_amount": "80", "cost_adjustment": "0"},
    )
    put(
        "finance",
        "sales_invoice",
        {"id": 1, "company_id": 1, "customer_id": 11, "number": "SI-1", "state": "open", "currency": "CNY"}
        | {"business_date": "2026-01-21", "due_date": "2026-02-20"}
        | {"subtotal": "300", "tax_amount": "39", "total_amount": "339", "open_amount": "239"}
        | {"company_amount": "339", "open_company_amount": "239"},
    )
    put(
        "finance",
        "sales_invoice_line",
        {"id": 1, "sales_invoice_id": 1, "line_no": 1, "delivery_line_id": 1, "item_id": 1}
        | {"quantity": "2", "unit_price": "150", "net_amount": "300", "tax_amount": "39"},
    )
    put(
        "finance",
        "receipt_of_money",
        {"id": 1, "company_id": 1, "customer_id": 11, "number": "RM-1", "state": "allocated", "currency": "CNY"}
        | {"business_date": "2026-02-03", "amount": "100", "open_amount": "0"}
        | {"company_amount": "100", "open_company_amount": "0"},
    )
    put(
        "finance",
        "receipt_allocation",
        {"sales_invoice_id": 1, "business_date": "2026-02-03"} | {"amount": "100", "discount_amount": "0"},
    )


ACCOUNTS = {
    "bank": ("1002", "asset", "debit"),
    "receivable": ("1122", "asset", "debit"),
    "inventory": ("1405", "asset", "debit"),
    "output_vat": ("2221", "liability", "credit"),
    "opening_equity": ("4001", "equity", "credit"),
    "revenue": ("6001", "income", "credit"),
    "cost_of_goods_sold": ("6401", "expense", "debit"),
}


def books() -> None:
    numbers = {purpose: number for number, purpose in enumerate(ACCOUNTS, start=1)}
    for purpose, (code, kind, side) in ACCOUNTS.items():
        account = {"id": numbers[purpose], "company_id": 1, "code": code, "name": purpose, "type": kind}
        put("finance", "ledger_account", account | {"normal_side": side})
        put("finance", "posting_account", {"company_id": 1, "purpose": purpose, "ledger_account_id": numbers[purpose]})
    post(1, "2026-01-05", "stock_adjustment", {"inventory": "180"}, {"opening_equity": "180"})
    post(2, "2026-01-20", "delivery", {"cost_of_goods_sold": "80"}, {"inventory": "80"})
    post(3, "2026-01-21", "sales_invoice", {"receivable": "339"}, {"revenue": "300", "output_vat": "39"})
    post(4, "2026-02-03", "receipt_of_money", {"bank": "100"}, {"receivable": "100"})


def post(entry: int, day: str, document: str, debit: dict[str, str], credit: dict[str, str]) -> None:
    """An entry for document 1 of that type."""
    head = {"id": entry, "company_id": 1, "number": f"JE-{entry}", "posting_date": day, "description": document}
    put("finance", "journal_entry", head | {"document_type": document, "document_id": 1, "is_exchange": False})
    lines = [(purpose, amount, "0") for purpose, amount in debit.items()]
    lines += [(purpose, "0", amount) for purpose, amount in credit.items()]
    numbers = {purpose: number for number, purpose in enumerate(ACCOUNTS, start=1)}
    for place, (purpose, debited, credited) in enumerate(lines, start=1):
        put(
            "finance",
            "journal_line",
            {"id": entry * 10 + place, "journal_entry_id": entry, "line_no": place, "currency": "CNY"}
            | {"ledger_account_id": numbers[purpose], "party_role_id": 11 if purpose == "receivable" else None}
            | {"debit": debited, "credit": credited, "company_debit": debited, "company_credit": credited},
        )
