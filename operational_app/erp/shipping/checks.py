"""Standing truths about deliveries and returns: each a query that must return no row."""

CHECKS = {
    "delivery lines came back by what customers' returns and late entries say": """
        SELECT d.id, d.delivery_id, d.quantity_returned, coalesce(sum(r.quantity), 0) AS returned, d.cost_returned,
               coalesce(sum(r.cost_amount), 0) + coalesce(sum(m.late), 0) AS cost
        FROM erp.delivery_line d LEFT JOIN erp.customer_return_line r ON r.delivery_line_id = d.id
        LEFT JOIN LATERAL (SELECT sum(value) AS late FROM erp.stock_cost_line
                           WHERE stock_move_id = r.stock_move_id AND sequence IS NULL) m ON true
        GROUP BY d.id
        HAVING d.quantity_returned <> coalesce(sum(r.quantity), 0)
            OR d.cost_returned <> coalesce(sum(r.cost_amount), 0) + coalesce(sum(m.late), 0)""",
    "delivery lines cost what their moves and late entries say": """
        SELECT d.id, d.delivery_id, d.cost_amount, d.cost_adjustment, -m.value AS moved, -l.late AS late
        FROM erp.delivery_line d LEFT JOIN erp.stock_move m ON m.id = d.stock_move_id
        LEFT JOIN LATERAL (SELECT sum(value) AS late FROM erp.stock_cost_line
                           WHERE stock_move_id = d.stock_move_id AND sequence IS NULL) l ON true
        WHERE d.cost_amount <> coalesce(-m.value, 0) OR d.cost_adjustment <> coalesce(-l.late, 0)""",
    "order lines are delivered by what their deliveries say": """
        SELECT o.id, o.sales_order_id, o.quantity_delivered, coalesce(sum(d.quantity), 0) AS delivered
        FROM erp.sales_order_line o LEFT JOIN erp.delivery_line d ON d.sales_order_line_id = o.id
        GROUP BY o.id HAVING o.quantity_delivered <> coalesce(sum(d.quantity), 0)""",
    "the margin's cost equals the ledger's, item by item of every delivery and return": """
        WITH booked AS (
          SELECT e.document_type, e.document_id, l.item_id, sum(l.company_debit - l.company_credit) AS cost
          FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
          JOIN finance.posting_account p ON p.ledger_account_id = l.ledger_account_id AND p.purpose = 'cost_of_goods_sold'
          WHERE e.document_type IN ('delivery', 'customer_return') GROUP BY 1, 2, 3
        ), moved AS (
          SELECT 'delivery' AS document_type, delivery_id AS document_id, item_id,
                 sum(cost_amount + cost_adjustment) AS cost
          FROM erp.delivery_line GROUP BY 2, 3
          UNION ALL
          SELECT 'customer_return', r.customer_return_id, r.item_id, -sum(r.cost_amount + coalesce(m.late, 0))
          FROM erp.customer_return_line r
          LEFT JOIN LATERAL (SELECT sum(value) AS late FROM erp.stock_cost_line
                             WHERE stock_move_id = r.stock_move_id AND sequence IS NULL) m ON true
          GROUP BY 2, 3
        )
        SELECT document_type, document_id, item_id, coalesce(b.cost, 0) AS ledger, coalesce(m.cost, 0) AS margin
        FROM booked b FULL JOIN moved m USING (document_type, document_id, item_id)
        WHERE coalesce(b.cost, 0) <> coalesce(m.cost, 0)""",
}
