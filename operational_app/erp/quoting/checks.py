"""Standing truths about quotes: each a query that must return no row."""

CHECKS = {
    "the order of an accepted quote is the same customer's": """
        SELECT q.id, q.number, q.customer_id, o.customer_id AS ordered_by
        FROM erp.quote q JOIN erp.sales_order o ON o.id = q.sales_order_id
        WHERE o.customer_id IS DISTINCT FROM q.customer_id OR o.company_id <> q.company_id""",
    "quote amounts equal the sum of their lines": """
        SELECT q.id, q.number, q.subtotal, sum(l.net_amount) AS lines
        FROM erp.quote q LEFT JOIN erp.quote_line l ON l.quote_id = q.id
        GROUP BY q.id
        HAVING q.subtotal <> coalesce(sum(l.net_amount), 0) OR q.tax_amount <> coalesce(sum(l.tax_amount), 0)""",
}
