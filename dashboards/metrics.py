"""The measures of the executive page, each defined once: its column, its rows, its right, how it is shown.

A measure is a column of `fct_company_monthly`, and the query of the rows behind it. The sum of those rows' `amount` is the
figure, to the last unit; a test holds every measure, company and month to that. What a measure means is told by the
warehouse itself: labels of columns are ours, descriptions are read from dbt's (`labels.py`).
"""

from dataclasses import dataclass
from typing import Literal

from dashboards.i18n import Text, _


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes:
        name: column of fct_company_monthly; also its name in addresses.
        label: what people call it.
        unit: money of the company's currency, or a number of things.
        entity: what one must be allowed to read in the app to see it.
        kind: `flow` happens during a month, `level` is what is there at its end.
        more_is_better: whether growth is good news; None where it is neither good nor bad by itself.
        of_books: known only for companies whose books are kept here.
        rows: SELECT of the rows behind it, for `$companies` between `$first_day` and `$last_day` of a month.
        columns: columns of these rows, in order; besides, every row says where its document is.
        icon: a Material symbol.
    """

    name: str
    label: Text
    unit: Literal["money", "count"]
    entity: str
    kind: Literal["flow", "level"]
    more_is_better: bool | None
    of_books: bool
    rows: str
    columns: tuple[str, ...]
    icon: str


# Names of the columns of rows. `amount` is always the last: the part of the figure that the row makes up.
COLUMNS: dict[str, Text] = {
    "company_code": _("Company"),
    "business_date": _("Date"),
    "document_number": _("Number"),
    "ledger_account": _("Ledger account"),
    "customer_name": _("Customer"),
    "item_name": _("Item"),
    "description": _("Description"),
    "order_state": _("State"),
    "employee_name": _("Employee"),
    "employee_number": _("Number"),
    "job_title": _("Position"),
    "department_name": _("Department"),
    "start_date": _("Since"),
    "revenue": _("Revenue"),
    "cost_of_goods_sold": _("Cost of goods sold"),
    "amount": _("Amount"),
}

AMOUNTS = {"revenue", "cost_of_goods_sold", "amount"}


def _margin_rows(amount: str) -> str:
    """Lines that earn or cost, for which `amount` (of revenue and cost_of_goods_sold) is not nothing."""
    return f"""
SELECT company_code, m.business_date, coalesce(j.document_number, o.document_number) AS document_number,
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


def _order_rows(amount: str) -> str:
    return f"""
SELECT company_code, o.business_date, o.document_number, customer_name, order_state, {amount} AS amount, o.currency,
       o.source_system, o.source_document_type, o.source_document_id
FROM fct_sales_order o
JOIN dim_company USING (company_id)
LEFT JOIN dim_customer c ON c.customer_id = o.customer_id
WHERE o.company_id = ANY($companies) AND o.business_date BETWEEN $first_day AND $last_day AND o.is_confirmed
"""


def _balance_rows(flag: str) -> str:
    """Journal lines on the accounts with this flag from the first one to the end of the month: a level is a sum of all."""
    return f"""
SELECT company_code, j.business_date, j.document_number,
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
SELECT company_code, e.start_date, p.employee_number, employee_name, e.job_title, department_name,
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

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
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
        ),
        Measure(
            name="sales_order_amount",
            label=_("Orders received"),
            unit="money",
            entity="sales_order",
            kind="flow",
            more_is_better=True,
            of_books=False,
            rows=_order_rows("o.total_amount"),
            columns=_ORDER_COLUMNS,
            icon="shopping_cart",
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
        ),
    )
}

# The cards of the page, in this order; the number of orders stands on the card of their amount.
CARDS = ("revenue", "margin", "sales_order_amount", "cash", "receivables", "headcount")
