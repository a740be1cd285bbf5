"""Standing truths about deliveries and returns: each a query that must return no row."""

CHECKS = {
    "delivery lines came back by what customers' returns say": """
        SELECT d.id, d.delivery_id, d.quantity_returned, coalesce(sum(r.quantity), 0) AS returned
        FROM erp.delivery_line d LEFT JOIN erp.customer_return_line r ON r.delivery_line_id = d.id
        GROUP BY d.id
        HAVING d.quantity_returned <> coalesce(sum(r.quantity), 0)
            OR d.cost_returned <> coalesce(sum(r.cost_amount), 0)""",
    "order lines are delivered by what their deliveries say": """
        SELECT o.id, o.sales_order_id, o.quantity_delivered, coalesce(sum(d.quantity), 0) AS delivered
        FROM erp.sales_order_line o LEFT JOIN erp.delivery_line d ON d.sales_order_line_id = o.id
        GROUP BY o.id HAVING o.quantity_delivered <> coalesce(sum(d.quantity), 0)""",
    "the cost of goods sold of deliveries and returns equals the cost of what left less what came back": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(d.cost, 0) AS deliveries
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'cost_of_goods_sold'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_debit - l.company_credit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IN ('delivery', 'customer_return') GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(cost_amount - cost_returned) AS cost FROM erp.delivery_line GROUP BY 1) d
          ON d.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(d.cost, 0)""",
}
