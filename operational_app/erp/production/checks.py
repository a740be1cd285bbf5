"""Standing truths about production: each a query that must return no row."""

CHECKS = {
    "the account of work in progress equals the work in progress of production orders, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(o.value, 0) AS orders
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'work_in_progress'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_debit - l.company_credit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(material_amount + labour_amount - completed_amount - variance_amount) AS value
                   FROM erp.production_order GROUP BY 1) o ON o.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(o.value, 0)""",
    "amounts of production orders equal their stock moves and labour": """
        SELECT o.id, o.number, o.material_amount, m.issued, o.labour_amount, w.worked, o.completed_amount, m.completed
        FROM erp.production_order o
        CROSS JOIN LATERAL (
          SELECT coalesce(-sum(value) FILTER (WHERE kind IN ('issue', 'issue_return')), 0) AS issued,
                 coalesce(sum(value) FILTER (WHERE kind = 'completion'), 0) AS completed,
                 coalesce(sum(quantity) FILTER (WHERE kind = 'completion'), 0) AS quantity
          FROM erp.stock_move WHERE document_type = 'production_order' AND document_id = o.id) m
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(amount), 0) AS worked FROM erp.production_labour WHERE production_order_id = o.id) w
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(quantity), 0) AS quantity FROM erp.production_scrap WHERE production_order_id = o.id) s
        WHERE o.material_amount <> m.issued OR o.completed_amount <> m.completed OR o.labour_amount <> w.worked
           OR o.quantity_completed <> m.quantity OR o.quantity_scrapped <> s.quantity""",
    "components of production orders equal their stock moves": """
        SELECT c.id, c.production_order_id, c.quantity_issued, c.issued_amount, m.quantity AS moved, m.value
        FROM erp.production_component c
        LEFT JOIN (SELECT document_line_id, -sum(quantity) AS quantity, -sum(value) AS value FROM erp.stock_move
                   WHERE kind IN ('issue', 'issue_return') GROUP BY 1) m ON m.document_line_id = c.id
        WHERE c.quantity_issued <> coalesce(m.quantity, 0) OR c.issued_amount <> coalesce(m.value, 0)""",
    "hours of operations equal the labour recorded": """
        SELECT p.id, p.production_order_id, p.actual_hours, coalesce(sum(l.hours), 0) AS recorded
        FROM erp.production_operation p LEFT JOIN erp.production_labour l ON l.production_operation_id = p.id
        GROUP BY p.id HAVING p.actual_hours <> coalesce(sum(l.hours), 0)""",
}
