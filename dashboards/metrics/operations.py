"""Measures of sales, purchasing, stock, production and people beside those of the executive page."""

from dashboards.i18n import _
from dashboards.metrics.measure import Measure

_OPPORTUNITY = """
SELECT f.company_id, company_code, f.business_date, f.document_number, f.opportunity_title, f.party_name,
       f.stage_code, f.stage_name, f.stage_no, f.expected_close_date, {amount} AS amount, f.currency,
       f.source_system, f.source_document_type, f.source_document_id
FROM fct_opportunity f
JOIN dim_company c USING (company_id)
WHERE f.company_id = ANY($companies) AND f.opportunity_state = 'open' AND {condition}
"""
_OPPORTUNITY_COLUMNS = (
    "company_code", "document_number", "opportunity_title", "party_name", "stage_name", "expected_close_date", "amount",
)  # fmt: skip


def _opportunity(name: str, label: str, unit: str, amount: str, condition: str, meaning: str) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=unit,
        entity="opportunity",
        kind="now",
        more_is_better=True,
        of_books=False,
        rows=_OPPORTUNITY.format(amount=amount, condition=condition),
        columns=_OPPORTUNITY_COLUMNS,
        icon="handshake",
        dimensions=("stage",),
        meaning=meaning,
        mart="fct_opportunity",
        grain=_("one open opportunity"),
    )


OPPORTUNITIES = (
    _opportunity(
        "opportunity_count", _("Open opportunities"), "count", "CAST(1 AS BIGINT)", "true",
        _("Opportunities that are neither won nor lost, as of the publication."),
    ),
    _opportunity(
        "opportunity_amount", _("Expected from opportunities"), "money", "f.expected_amount", "f.currency = c.currency",
        _("Expected amount of open opportunities in the company's currency, as of the publication."),
    ),
    _opportunity(
        "opportunity_weighted", _("Weighted by probability"), "money",
        "CAST(f.expected_amount * f.probability AS DECIMAL(20, 4))", "f.currency = c.currency",
        _("Expected amount times probability of open opportunities in the company's currency."),
    ),
)  # fmt: skip

DEMAND = Measure(
    name="quantity_sold",
    label=_("Quantity demanded"),
    unit="quantity",
    entity="sales_order",
    kind="flow",
    more_is_better=True,
    of_books=False,
    rows="""
SELECT l.company_id, company_code, l.business_date, o.document_number, l.customer_id, customer_name, l.item_id, item_name,
       item_category, l.quantity AS amount, NULL::VARCHAR AS currency,
       l.source_system, l.source_document_type, l.source_document_id
FROM fct_sales_order_line l
JOIN dim_company USING (company_id)
JOIN fct_sales_order o ON o.sales_order_id = l.sales_order_id
LEFT JOIN dim_customer c ON c.customer_id = l.customer_id
LEFT JOIN dim_item i ON i.item_id = l.item_id
WHERE l.company_id = ANY($companies) AND l.business_date BETWEEN $first_day AND $last_day AND l.is_confirmed
""",
    columns=("company_code", "business_date", "document_number", "customer_name", "item_name", "amount"),
    icon="shopping_basket",
    dimensions=("item", "customer", "item_category"),
    meaning=_("Quantity on confirmed sales orders of the period, in the units of the items."),
    mart="fct_sales_order_line",
)

_BALANCE = """
SELECT b.company_id, company_code, b.business_date, b.item_id, item_number, item_name, item_category, b.location_id,
       location_name, b.quantity_on_hand, b.value AS amount, b.currency,
       b.source_system, b.source_document_type, b.source_document_id
FROM fct_inventory_balance b
JOIN dim_company USING (company_id)
LEFT JOIN dim_item i ON i.item_id = b.item_id
WHERE b.company_id = ANY($companies) AND b.value <> 0 AND {condition}
"""
_BALANCE_COLUMNS = ("company_code", "item_number", "item_name", "location_name", "quantity_on_hand", "amount")
# Days without anything going out, after which an item in stock counts as slow.
SLOW_DAYS = 90


def _stock(name: str, label: str, condition: str, meaning: str, better: bool | None) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit="money",
        entity="stock_move" if better is False else "stock_balance",
        kind="now",
        more_is_better=better,
        of_books=False,
        rows=_BALANCE.format(condition=condition),
        columns=_BALANCE_COLUMNS,
        icon="inventory_2",
        dimensions=("item", "item_category", "location"),
        meaning=meaning,
        mart="fct_inventory_balance",
        grain=_("one item at one location"),
    )


STOCK = (
    _stock(
        "stock_value", _("Stock value"), "true", _("Value of what is in stock, as of the publication."), None
    ),
    _stock(
        "stock_slow", _("Slow stock"),
        f"""b.company_id IN (SELECT company_id FROM fct_inventory_movement)
  AND b.item_id NOT IN (SELECT item_id FROM fct_inventory_movement
                        WHERE quantity < 0 AND business_date > $last_day - {SLOW_DAYS})""",
        _("Value of items of which nothing went out in the 90 days before the end of the period."), False,
    ),
)  # fmt: skip

_ORDER_LINE = """
SELECT l.company_id, company_code, l.business_date, o.document_number, l.supplier_id, supplier_name, l.item_id,
       item_name, l.due_date, l.quantity_ordered, l.quantity_received, l.quantity_rejected, {amount} AS amount,
       l.currency, l.source_system, l.source_document_type, l.source_document_id
FROM fct_purchase_order_line l
JOIN dim_company c USING (company_id)
JOIN fct_purchase_order o ON o.purchase_order_id = l.purchase_order_id
LEFT JOIN dim_supplier s ON s.supplier_id = l.supplier_id
LEFT JOIN dim_item i ON i.item_id = l.item_id
WHERE l.company_id = ANY($companies) AND l.is_confirmed AND {condition}
"""
_ORDER_LINE_COLUMNS = (
    "company_code", "document_number", "supplier_name", "item_name", "due_date", "quantity_ordered", "quantity_received",
    "quantity_rejected", "amount",
)  # fmt: skip
_DURING = "BETWEEN $first_day AND $last_day"


def _purchase(
    name: str,
    label: str,
    unit: str,
    amount: str,
    condition: str,
    meaning: str,
    *,
    better: bool | None,
    now: bool = False,
) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=unit,
        entity="purchase_order",
        kind="now" if now else "flow",
        more_is_better=better,
        of_books=False,
        rows=_ORDER_LINE.format(
            amount=amount, condition=condition if now else f"{condition} AND l.business_date {_DURING}"
        ),
        columns=_ORDER_LINE_COLUMNS,
        icon="local_shipping",
        dimensions=("supplier", "item"),
        meaning=meaning,
        mart="fct_purchase_order_line",
        grain=_("one line of a purchase order"),
    )


PURCHASING = (
    _purchase(
        "purchase_amount", _("Purchase orders"), "money", "l.line_total", "l.currency = c.currency",
        _("Lines of purchase orders of the period in the company's currency, without tax."), better=None,
    ),
    _purchase(
        "purchase_late_count", _("Late order lines"), "count", "CAST(1 AS BIGINT)",
        "l.due_date <= $last_day AND l.quantity_received < l.quantity_ordered AND o.order_state NOT IN ('closed')",
        _("Lines due by the end of the period of which not everything had come in at the publication."),
        better=False, now=True,
    ),
    _purchase(
        "purchase_late_amount", _("Late order value"), "money", "l.line_total",
        "l.currency = c.currency AND l.due_date <= $last_day AND l.quantity_received < l.quantity_ordered "
        "AND o.order_state NOT IN ('closed')",
        _("Value of the lines due by the end of the period of which not everything had come in at the publication."),
        better=False, now=True,
    ),
    _purchase(
        "quantity_purchased", _("Quantity ordered"), "quantity", "l.quantity_ordered", "true",
        _("Quantity on purchase orders of the period, in the units of the items."), better=None,
    ),
    _purchase(
        "quantity_received", _("Quantity received"), "quantity", "l.quantity_received", "true",
        _("What has come in of the purchase orders of the period."), better=None,
    ),
    _purchase(
        "quantity_rejected", _("Quantity rejected"), "quantity", "l.quantity_rejected", "true",
        _("What was rejected or sent back of the purchase orders of the period."), better=False,
    ),
    Measure(
        name="price_variance",
        label=_("Price variance"),
        unit="money",
        entity="bill",
        kind="flow",
        more_is_better=False,
        of_books=True,
        rows=f"""
SELECT b.company_id, company_code, b.business_date, b.document_number, h.supplier_id, supplier_name, b.item_id, item_name,
       b.quantity, p.unit_price AS order_price, b.unit_price AS bill_price,
       CAST(b.quantity * (b.unit_price - p.unit_price) AS DECIMAL(28, 6)) AS amount, b.currency,
       b.source_system, b.source_document_type, b.source_document_id
FROM fct_bill_line b
JOIN dim_company c USING (company_id)
JOIN fct_bill h ON h.bill_id = b.bill_id
JOIN fct_purchase_order_line p ON p.purchase_order_line_id = b.purchase_order_line_id
LEFT JOIN dim_supplier s ON s.supplier_id = h.supplier_id
LEFT JOIN dim_item i ON i.item_id = b.item_id
WHERE b.company_id = ANY($companies) AND b.business_date {_DURING} AND b.unit_price <> p.unit_price
  AND b.currency = c.currency AND p.currency = b.currency
""",
        columns=(
            "company_code", "business_date", "document_number", "supplier_name", "item_name", "quantity", "order_price",
            "bill_price", "amount",
        ),
        icon="price_change",
        dimensions=("supplier", "item"),
        meaning=_("Billed price less ordered price, times quantity, of suppliers' bills of the period."),
        mart="fct_bill_line",
        grain=_("one line of a bill whose price is not the ordered one"),
    ),
)  # fmt: skip

_PRODUCTION = """
SELECT p.company_id, company_code, p.business_date, p.document_number, p.item_id, item_name, p.due_date, p.end_date,
       p.quantity_ordered, p.quantity_stocked, p.quantity_scrapped, p.scrap_reason, {amount} AS amount,
       NULL::VARCHAR AS currency, p.source_system, p.source_document_type, p.source_document_id
FROM fct_production_order p
JOIN dim_company USING (company_id)
LEFT JOIN dim_item i ON i.item_id = p.item_id
WHERE p.company_id = ANY($companies) AND p.business_date BETWEEN $first_day AND $last_day AND {condition}
"""
_PRODUCTION_COLUMNS = (
    "company_code", "business_date", "document_number", "item_name", "due_date", "end_date", "quantity_ordered",
    "quantity_stocked", "quantity_scrapped", "scrap_reason", "amount",
)  # fmt: skip


def _production(
    name: str, label: str, unit: str, amount: str, condition: str, meaning: str, better: bool | None
) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit=unit,
        entity="production_order",
        kind="flow",
        more_is_better=better,
        of_books=False,
        rows=_PRODUCTION.format(amount=amount, condition=condition),
        columns=_PRODUCTION_COLUMNS,
        icon="precision_manufacturing",
        dimensions=("item", "scrap_reason"),
        meaning=meaning,
        mart="fct_production_order",
        grain=_("one production order"),
    )


PRODUCTION = (
    _production(
        "production_count", _("Production orders"), "count", "CAST(1 AS BIGINT)", "true",
        _("Production orders of the period."), None,
    ),
    _production(
        "production_late", _("Late production orders"), "count", "CAST(1 AS BIGINT)",
        "p.due_date <= $last_day AND (p.end_date IS NULL OR p.end_date > p.due_date)",
        _("Production orders of the period that ended after they were due, or are due and have not ended."), False,
    ),
    _production(
        "quantity_planned", _("Quantity planned"), "quantity", "p.quantity_ordered", "true",
        _("Quantity on production orders of the period, in the units of the items."), None,
    ),
    _production(
        "quantity_stocked", _("Quantity made"), "quantity", "p.quantity_stocked", "true",
        _("Good quantity that production orders of the period brought into stock."), True,
    ),
    _production(
        "quantity_scrapped", _("Quantity scrapped"), "quantity", "p.quantity_scrapped", "true",
        _("Quantity that was scrapped on production orders of the period."), False,
    ),
)  # fmt: skip

_MOVEMENT = """
SELECT e.company_id, company_code, e.start_date, e.end_date, {date} AS business_date, p.employee_number, employee_name,
       e.job_title, e.department_id, department_name, CAST(1 AS BIGINT) AS amount, NULL::VARCHAR AS currency,
       e.source_system, e.source_document_type, e.source_document_id
FROM (
  SELECT *, row_number() OVER (PARTITION BY company_id, employee_id ORDER BY start_date {order}) AS place
  FROM fct_employment
) e
JOIN dim_company USING (company_id)
LEFT JOIN dim_employee p ON p.employee_id = e.employee_id
LEFT JOIN dim_department d ON d.department_id = e.department_id
WHERE e.company_id = ANY($companies) AND e.place = 1 AND {date} BETWEEN $first_day AND $last_day
"""
_MONTHLY = """
SELECT h.company_id, h.business_date, h.department_id, department_name, CAST(h.{column} AS BIGINT) AS amount,
       NULL::VARCHAR AS currency
FROM fct_headcount_monthly h
LEFT JOIN dim_department d ON d.department_id = h.department_id
WHERE h.company_id = ANY($companies) AND h.business_date BETWEEN $first_day AND $last_day AND h.{column} <> 0
"""
HEADCOUNT_BY_MONTH = _MONTHLY.format(column="headcount")


def _movement(name: str, label: str, date: str, order: str, meaning: str, better: bool | None) -> Measure:
    return Measure(
        name=name,
        label=label,
        unit="count",
        entity="employee",
        kind="flow",
        more_is_better=better,
        of_books=False,
        rows=_MOVEMENT.format(date=date, order=order),
        figures=_MONTHLY.format(column=name),
        columns=(
            "company_code", "employee_number", "employee_name", "job_title", "department_name", "start_date", "end_date",
            "amount",
        ),
        icon="person_add" if name == "hires" else "person_remove",
        dimensions=("department",),
        meaning=meaning,
        mart="fct_headcount_monthly",
        grain=_("one employment"),
    )  # fmt: skip


PEOPLE = (
    _movement("hires", _("Hires"), "e.start_date", "", _("People whose first employment began in the period."), None),
    _movement(
        "leavers", _("Leavers"), "e.end_date", "DESC", _("People whose last employment ended in the period."), False
    ),
)

OPERATIONS = (DEMAND, *OPPORTUNITIES, *STOCK, *PURCHASING, *PRODUCTION, *PEOPLE)
