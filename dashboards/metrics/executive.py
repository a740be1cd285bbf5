"""The measures that the executive page shows by month: columns of `fct_company_monthly`, with the rows behind them.

What they mean is told by the warehouse itself: their sentences are read from dbt's glossary (`labels.py`).
"""

from dashboards.i18n import _
from dashboards.metrics.finance import by_month
from dashboards.metrics.measure import Measure
from dashboards.metrics.operations import HEADCOUNT_BY_MONTH


def _margin_rows(amount: str) -> str:
    """Lines that earn or cost, for which `amount` (of revenue and cost_of_goods_sold) is not nothing."""
    return f"""
SELECT m.company_id, company_code, m.business_date, m.customer_id, m.item_id, item_category,
       coalesce(j.document_number, o.document_number) AS document_number,
       customer_name, item_name, j.description, m.revenue, m.cost_of_goods_sold, {amount} AS amount, m.currency,
       m.source_system, m.source_document_type, m.source_document_id
FROM fct_margin_line m
JOIN dim_company USING (company_id)
LEFT JOIN fct_journal_line j ON j.journal_line_id = m.margin_line_id
LEFT JOIN fct_sales_order_line l ON l.sales_order_line_id = m.margin_line_id
LEFT JOIN fct_sales_order o ON o.sales_order_id = l.sales_order_id
LEFT JOIN dim_customer c ON c.customer_id = m.customer_id
LEFT JOIN dim_item i ON i.item_id = m.item_id
WHERE m.company_id = ANY($companies) AND m.business_date BETWEEN $first_day AND $last_day AND {amount} <> 0
"""


def _order_rows(amount: str, condition: str = "true") -> str:
    return f"""
SELECT o.company_id, company_code, o.business_date, o.customer_id, o.document_number, customer_name,
       order_state, {amount} AS amount, o.currency,
       o.source_system, o.source_document_type, o.source_document_id
FROM fct_sales_order o
JOIN dim_company d USING (company_id)
LEFT JOIN dim_customer c ON c.customer_id = o.customer_id
WHERE o.company_id = ANY($companies) AND o.business_date BETWEEN $first_day AND $last_day AND o.is_confirmed AND {condition}
"""


def _balance_rows(flag: str) -> str:
    """Journal lines on the accounts with this flag from the first one to the end of the month: a level is a sum of all."""
    return f"""
SELECT j.company_id, company_code, j.business_date, j.customer_id, a.ledger_account_id, j.document_number,
       a.ledger_account_code || ' ' || a.ledger_account_name AS ledger_account, customer_name, j.description,
       j.company_debit - j.company_credit AS amount, j.company_currency AS currency,
       j.source_system, j.source_document_type, j.source_document_id
FROM fct_journal_line j
JOIN dim_company USING (company_id)
JOIN dim_ledger_account a ON a.ledger_account_id = j.ledger_account_id AND a.{flag}
LEFT JOIN dim_customer c ON c.customer_id = j.customer_id
WHERE j.company_id = ANY($companies) AND j.business_date <= $last_day
"""


_HEADCOUNT_ROWS = """
SELECT e.company_id, company_code, e.department_id, e.start_date, p.employee_number, employee_name, e.job_title, department_name,
       CAST(1 AS BIGINT) AS amount, NULL::VARCHAR AS currency, e.start_date AS business_date,
       e.source_system, e.source_document_type, e.source_document_id
FROM fct_employment e
JOIN dim_company USING (company_id)
LEFT JOIN dim_employee p ON p.employee_id = e.employee_id
LEFT JOIN dim_department d ON d.department_id = e.department_id
WHERE e.company_id = ANY($companies) AND e.start_date <= $last_day AND (e.end_date IS NULL OR e.end_date >= $last_day)
"""

_LEDGER_COLUMNS = (
    "company_code",
    "business_date",
    "document_number",
    "ledger_account",
    "customer_name",
    "description",
    "amount",
)
_ORDER_COLUMNS = ("company_code", "business_date", "document_number", "customer_name", "order_state", "amount")

MONTHLY: tuple[Measure, ...] = (
    Measure(
        name="revenue",
        label=_("Revenue"),
        unit="money",
        entity="journal_entry",
        kind="flow",
        more_is_better=True,
        of_books=False,
        rows=_margin_rows("m.revenue"),
        columns=(
            "company_code",
            "business_date",
            "document_number",
            "customer_name",
            "item_name",
            "description",
            "amount",
        ),
        icon="payments",
        dimensions=("customer", "item", "item_category"),
        mart="fct_margin_line",
        grain=_("one line that earns or costs"),
    ),
    Measure(
        name="margin",
        label=_("Margin"),
        unit="money",
        entity="journal_entry",
        kind="flow",
        more_is_better=True,
        of_books=False,
        rows=_margin_rows("(m.revenue - m.cost_of_goods_sold)"),
        columns=(
            "company_code",
            "business_date",
            "document_number",
            "customer_name",
            "item_name",
            "revenue",
            "cost_of_goods_sold",
            "amount",
        ),
        icon="trending_up",
        dimensions=("customer", "item", "item_category"),
        mart="fct_margin_line",
        grain=_("one line that earns or costs"),
    ),
    Measure(
        name="sales_order_amount",
        label=_("Orders received"),
        unit="money",
        entity="sales_order",
        kind="flow",
        more_is_better=True,
        of_books=False,
        # Amounts of other currencies are never added; where there are some, the month of the company has no such figure.
        rows=_order_rows("o.total_amount", "o.currency = d.currency"),
        columns=_ORDER_COLUMNS,
        icon="shopping_cart",
        dimensions=("customer",),
        mart="fct_sales_order",
        grain=_("one sales order"),
    ),
    Measure(
        name="sales_order_count",
        label=_("Number of orders"),
        unit="count",
        entity="sales_order",
        kind="flow",
        more_is_better=True,
        of_books=False,
        rows=_order_rows("CAST(1 AS BIGINT)"),
        columns=_ORDER_COLUMNS,
        icon="numbers",
        dimensions=("customer",),
        mart="fct_sales_order",
        grain=_("one sales order"),
    ),
    Measure(
        name="cash",
        label=_("Cash"),
        unit="money",
        entity="journal_entry",
        kind="level",
        more_is_better=True,
        of_books=True,
        rows=_balance_rows("is_cash"),
        columns=_LEDGER_COLUMNS,
        icon="account_balance",
        dimensions=("ledger_account",),
        figures=by_month("a.closing_balance", "d.is_cash"),
        mart="fct_ledger_period",
        grain=_("one line of a journal entry"),
    ),
    Measure(
        name="receivables",
        label=_("Receivables"),
        unit="money",
        entity="journal_entry",
        kind="level",
        more_is_better=None,
        of_books=True,
        rows=_balance_rows("is_receivable"),
        columns=_LEDGER_COLUMNS,
        icon="receipt_long",
        dimensions=("ledger_account",),
        figures=by_month("a.closing_balance", "d.is_receivable"),
        mart="fct_ledger_period",
        grain=_("one line of a journal entry"),
    ),
    Measure(
        name="headcount",
        label=_("Headcount"),
        unit="count",
        entity="employee",
        kind="level",
        more_is_better=None,
        of_books=False,
        rows=_HEADCOUNT_ROWS,
        columns=(
            "company_code",
            "employee_number",
            "employee_name",
            "job_title",
            "department_name",
            "start_date",
            "amount",
        ),
        icon="groups",
        dimensions=("department",),
        figures=HEADCOUNT_BY_MONTH,
        mart="fct_headcount_monthly",
        grain=_("one employment"),
    ),
)

# The cards of the page, in this order; the number of orders stands on the card of their amount.
CARDS = ("revenue", "margin", "sales_order_amount", "cash", "receivables", "headcount")

COST = Measure(
    name="cost_of_goods_sold",
    label=_("Cost of goods sold"),
    unit="money",
    entity="journal_entry",
    kind="flow",
    more_is_better=None,
    of_books=False,
    rows=_margin_rows("m.cost_of_goods_sold"),
    columns=("company_code", "business_date", "document_number", "customer_name", "item_name", "description", "amount"),
    icon="sell",
    dimensions=("customer", "item", "item_category"),
    meaning=_(
        "What the goods sold had cost, as posted in the ledger; of a company without books, their standard cost."
    ),
    mart="fct_margin_line",
    grain=_("one line that earns or costs"),
)
