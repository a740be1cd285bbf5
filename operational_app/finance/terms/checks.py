"""Standing truths about terms of payment: each a query that must return no row."""

CHECKS = {
    "the parts of terms of payment are all of it": """
        SELECT t.id, t.code, coalesce(sum(p.share), 0) AS shares
        FROM finance.payment_term t LEFT JOIN finance.payment_term_part p ON p.payment_term_id = t.id
        GROUP BY t.id HAVING coalesce(sum(p.share), 0) <> 1""",
    "the instalments of a document are its total, and it is due from the first on": """
        SELECT d.kind, d.number, d.total_amount, d.due_date, sum(n.amount) AS instalments
        FROM (SELECT 'sales_invoice' AS kind, id, number, total_amount, due_date FROM finance.sales_invoice
              UNION ALL SELECT 'bill', id, number, total_amount, due_date FROM finance.bill) d
        JOIN (SELECT 'sales_invoice' AS kind, sales_invoice_id AS id, due_date, amount FROM finance.sales_invoice_instalment
              UNION ALL SELECT 'bill', bill_id, due_date, amount FROM finance.bill_instalment) n
          ON n.kind = d.kind AND n.id = d.id
        GROUP BY 1, 2, 3, 4 HAVING sum(n.amount) <> d.total_amount OR min(n.due_date) <> d.due_date""",
}
