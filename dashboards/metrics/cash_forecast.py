"""Cash expected in the coming weeks, from documents that are there: open items, open orders, VAT due, regular payments.

A forecast and no fact. Amounts are those of the documents, exact; what is guessed is the day. Rules, each as plain as it
can be told to whoever asks:

- An open invoice is paid when it is due, later by as many days as its customer usually is. Usual is the mean day on which
  the customer's money came less the mean day on which it was due, both weighted by amount, between 0 and 90 days.
- What is ordered and not invoiced yet is invoiced when the order is due, and paid after the terms that the customer's
  invoices usually have, and the usual days beyond.
- Bills are paid when they are due; what is ordered and not billed, after the terms that the supplier's bills usually have.
- VAT of a month is paid on the 15th of the next: of all invoices less that of all bills of the month so far.
- What was paid in the last whole month without an invoice, bill or asset behind it (wages, rent) is paid again in each of the
  coming months, on the same day.
- What should have happened already is expected at once. Amounts in other currencies are left out.
"""

from dashboards.i18n import _
from dashboards.metrics.measure import Measure

WEEKS = 13
# Places of money in documents, as whole numbers: an order's tax is shared out by whole numbers, since `/` is a float.
_WHOLE = "CAST({} * 10000 AS HUGEINT)"
_FROM = "WHERE {}.company_id = ANY($companies)"


def _gross(net: str, total: str, subtotal: str) -> str:
    """What a part of an order comes to with its share of tax and freight, to two places."""
    shared = f"{_WHOLE.format(net)} * {_WHOLE.format(total)} // {_WHOLE.format(subtotal)}"
    return f"CAST(round(sum(CAST({shared} AS DECIMAL(34, 0)) * 0.0001), 2) AS DECIMAL(28, 4))"


def _mean(day: str, weight: str) -> str:
    """A mean day, as days since 2000."""
    return f"sum({weight} * date_diff('day', DATE '2000-01-01', {day})) / sum({weight})"


_USUAL = f"""
today AS (
  SELECT j.company_id, c.currency, CAST(max(j.recorded_at) AS DATE) AS day
  FROM fct_journal_line j JOIN dim_company c USING (company_id) {_FROM.format("j")} GROUP BY ALL
),
due AS (
  SELECT company_id, customer_id, {_mean("due_date", "(total_amount - open_amount)")} AS day,
         CAST(round(avg(date_diff('day', invoice_date, due_date))) AS INTEGER) AS terms
  FROM fct_sales_invoice i {_FROM.format("i")} GROUP BY ALL
),
came AS (
  SELECT j.company_id, j.customer_id, {_mean("j.business_date", "j.company_credit")} AS day
  FROM fct_journal_line j
  JOIN dim_ledger_account a ON a.ledger_account_id = j.ledger_account_id AND a.is_receivable
  {_FROM.format("j")} AND j.company_credit > 0 GROUP BY ALL
),
usual AS (
  SELECT due.company_id, due.customer_id, due.terms,
         coalesce(greatest(0, least(90, CAST(round(came.day - due.day) AS INTEGER))), 0) AS late
  FROM due LEFT JOIN came ON came.company_id = due.company_id AND came.customer_id = due.customer_id
),
terms AS (
  SELECT company_id, supplier_id, CAST(round(avg(date_diff('day', bill_date, due_date))) AS INTEGER) AS terms
  FROM fct_bill b {_FROM.format("b")} GROUP BY ALL
)"""

_INVOICES = """
SELECT i.company_id, 'invoice' AS cash_kind, i.document_number, customer_name AS party_name, i.due_date,
       i.due_date + coalesce(u.late, 0) AS day, i.open_amount AS amount,
       i.source_system, i.source_document_type, i.source_document_id
FROM fct_sales_invoice i
JOIN today t ON t.company_id = i.company_id AND t.currency = i.currency
LEFT JOIN usual u ON u.company_id = i.company_id AND u.customer_id = i.customer_id
LEFT JOIN dim_customer c ON c.customer_id = i.customer_id
WHERE i.open_amount <> 0"""

_SALES_ORDERS = f"""
SELECT o.company_id, 'order' AS cash_kind, o.document_number, customer_name AS party_name, o.due_date,
       greatest(coalesce(o.due_date, t.day), t.day) + coalesce(u.terms, 0) + coalesce(u.late, 0) AS day,
       {_gross("(l.line_total - coalesce(done.amount, 0))", "o.total_amount", "o.subtotal")} AS amount,
       o.source_system, o.source_document_type, o.source_document_id
FROM fct_sales_order_line l
JOIN fct_sales_order o ON o.sales_order_id = l.sales_order_id
JOIN today t ON t.company_id = o.company_id AND t.currency = o.currency
LEFT JOIN (
  SELECT sales_order_line_id, sum(line_total) AS amount FROM fct_sales_invoice_line i {_FROM.format("i")} GROUP BY ALL
) done ON done.sales_order_line_id = l.sales_order_line_id
LEFT JOIN usual u ON u.company_id = o.company_id AND u.customer_id = o.customer_id
LEFT JOIN dim_customer c ON c.customer_id = o.customer_id
WHERE o.is_confirmed AND o.order_state NOT IN ('closed', 'cancelled') AND o.subtotal > 0
  AND l.line_total > coalesce(done.amount, 0)
GROUP BY ALL"""

_BILLS = """
SELECT b.company_id, 'bill' AS cash_kind, b.document_number, supplier_name AS party_name, b.due_date,
       b.due_date AS day, -b.open_amount AS amount, b.source_system, b.source_document_type, b.source_document_id
FROM fct_bill b
JOIN today t ON t.company_id = b.company_id AND t.currency = b.currency
LEFT JOIN dim_supplier s ON s.supplier_id = b.supplier_id
WHERE b.open_amount <> 0"""

_PURCHASE_ORDERS = f"""
SELECT o.company_id, 'purchase_order' AS cash_kind, o.document_number, supplier_name AS party_name, l.due_date,
       greatest(coalesce(l.due_date, t.day), t.day) + coalesce(u.terms, 0) AS day,
       -{_gross("(l.line_total - coalesce(done.amount, 0))", "o.total_amount", "o.subtotal")} AS amount,
       o.source_system, o.source_document_type, o.source_document_id
FROM fct_purchase_order_line l
JOIN fct_purchase_order o ON o.purchase_order_id = l.purchase_order_id
JOIN today t ON t.company_id = o.company_id AND t.currency = o.currency
LEFT JOIN (
  SELECT purchase_order_line_id, sum(line_total) AS amount FROM fct_bill_line b {_FROM.format("b")} GROUP BY ALL
) done ON done.purchase_order_line_id = l.purchase_order_line_id
LEFT JOIN terms u ON u.company_id = o.company_id AND u.supplier_id = o.supplier_id
LEFT JOIN dim_supplier s ON s.supplier_id = o.supplier_id
WHERE o.is_confirmed AND o.order_state NOT IN ('closed', 'cancelled') AND o.subtotal > 0
  AND l.line_total > coalesce(done.amount, 0)
GROUP BY ALL"""


def _vat(mart: str, sign: str, key: str, party: str) -> str:
    paid_on = "CAST(date_trunc('month', v.business_date) + INTERVAL 1 MONTH AS DATE) + 14"
    return f"""
SELECT v.company_id, 'vat' AS cash_kind, v.document_number, {party}_name AS party_name, {paid_on} AS due_date,
       {paid_on} AS day, {sign}v.tax_amount AS amount, v.source_system, v.source_document_type, v.source_document_id
FROM {mart} v
JOIN today t ON t.company_id = v.company_id AND t.currency = v.currency
LEFT JOIN dim_{party} p ON p.{party}_id = v.{party}_id
WHERE v.tax_amount <> 0 AND {paid_on} >= t.day AND v.business_date <= t.day AND v.{key} IS NOT NULL"""


_REGULAR = """
SELECT e.company_id, 'regular' AS cash_kind, e.document_number, e.description AS party_name, e.day AS due_date,
       CAST(e.day + to_months(CAST(n AS INTEGER)) AS DATE) AS day, -e.paid AS amount,
       e.source_system, e.source_document_type, e.source_document_id
FROM (
  SELECT j.company_id, j.document_number, max(j.description) AS description, max(j.business_date) AS day,
         sum(j.company_credit - j.company_debit) AS paid, j.source_system, j.source_document_type, j.source_document_id
  FROM fct_journal_line j
  JOIN dim_ledger_account a ON a.ledger_account_id = j.ledger_account_id AND a.is_cash
  JOIN today t ON t.company_id = j.company_id
  WHERE coalesce(j.origin_document_type, '') NOT IN (
      'receipt_of_money', 'payment', 'employee_payment', 'refund', 'fixed_asset', 'vat_return'
    )
    AND date_trunc('month', j.business_date) = date_trunc('month', t.day) - INTERVAL 1 MONTH
  GROUP BY ALL
) e, range(1, 6) AS months(n)
WHERE e.paid > 0"""

_PARTS = (
    _INVOICES,
    _SALES_ORDERS,
    _BILLS,
    _PURCHASE_ORDERS,
    _vat("fct_sales_invoice", "-", "sales_invoice_id", "customer"),
    _vat("fct_bill", "", "bill_id", "supplier"),
    _REGULAR,
)

CASH_FORECAST = Measure(
    name="cash_forecast",
    label=_("Expected cash (forecast)"),
    unit="money",
    entity="journal_entry",
    also=("sales_invoice", "bill", "sales_order", "purchase_order"),
    kind="now",
    more_is_better=True,
    of_books=True,
    rows=f"""
WITH {_USUAL},
expected AS ({" UNION ALL ".join(f"SELECT * FROM ({part})" for part in _PARTS)})
SELECT e.company_id, company_code, greatest(e.day, t.day) AS business_date, e.document_number, e.party_name, e.due_date,
       e.cash_kind, CAST(date_trunc('week', greatest(e.day, t.day)) AS DATE) AS cash_week,
       CAST(e.amount AS DECIMAL(28, 4)) AS amount, t.currency, e.source_system, e.source_document_type, e.source_document_id
FROM expected e
JOIN today t ON t.company_id = e.company_id
JOIN dim_company d ON d.company_id = e.company_id
WHERE e.company_id = ANY($companies)
  AND greatest(e.day, t.day) >= t.day AND e.day < date_trunc('week', t.day) + INTERVAL {7 * WEEKS} DAY
  AND (e.cash_kind <> 'regular' OR e.day > t.day)
""",
    columns=("company_code", "business_date", "document_number", "party_name", "due_date", "amount"),
    icon="query_stats",
    dimensions=("cash_week", "cash_kind"),
    meaning=_(
        "Forecast of the coming 13 weeks: open invoices when their customers usually pay, open bills when due, open orders, "
        "VAT due, and last month's regular payments again. No fact."
    ),
    mart="fct_sales_invoice",
    grain=_("one document, expected once"),
)
