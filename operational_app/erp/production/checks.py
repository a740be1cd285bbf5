"""Standing truths about production: each a query that must return no row."""

CHECKS = {
    "amounts of production orders equal their stock moves and labour": """
        SELECT o.id, o.number, o.material_amount, m.issued, o.labour_amount, w.worked, o.completed_amount, m.completed
        FROM erp.production_order o
        CROSS JOIN LATERAL (
          SELECT coalesce(-sum(value + coalesce(l.late, 0)) FILTER (WHERE kind IN ('issue', 'issue_return')), 0) AS issued,
                 coalesce(sum(value) FILTER (WHERE kind = 'completion'), 0) AS completed,
                 coalesce(sum(quantity) FILTER (WHERE kind = 'completion'), 0) AS quantity
          FROM erp.stock_move s
          LEFT JOIN LATERAL (SELECT sum(c.value) AS late FROM erp.stock_cost_line c
                             WHERE c.stock_move_id = s.id AND c.sequence IS NULL) l ON true
          WHERE document_type = 'production_order' AND document_id = o.id) m
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(amount), 0) AS worked FROM erp.production_labour WHERE production_order_id = o.id) w
        CROSS JOIN LATERAL (
          SELECT coalesce(sum(quantity), 0) AS quantity FROM erp.production_scrap WHERE production_order_id = o.id) s
        WHERE o.material_amount <> m.issued OR o.completed_amount <> m.completed OR o.labour_amount <> w.worked
           OR o.quantity_completed <> m.quantity OR o.quantity_scrapped <> s.quantity""",
    "components of production orders equal their stock moves": """
        SELECT c.id, c.production_order_id, c.quantity_issued, c.issued_amount, m.quantity AS moved, m.value
        FROM erp.production_component c
        LEFT JOIN (SELECT s.document_line_id, -sum(s.quantity) AS quantity, -sum(s.value + coalesce(l.late, 0)) AS value
                   FROM erp.stock_move s
                   LEFT JOIN LATERAL (SELECT sum(k.value) AS late FROM erp.stock_cost_line k
                                      WHERE k.stock_move_id = s.id AND k.sequence IS NULL) l ON true
                   WHERE s.kind IN ('issue', 'issue_return') GROUP BY 1) m ON m.document_line_id = c.id
        WHERE c.quantity_issued <> coalesce(m.quantity, 0) OR c.issued_amount <> coalesce(m.value, 0)""",
    "hours of operations equal the labour recorded": """
        SELECT p.id, p.production_order_id, p.actual_hours, coalesce(sum(l.hours), 0) AS recorded
        FROM erp.production_operation p LEFT JOIN erp.production_labour l ON l.production_operation_id = p.id
        GROUP BY p.id HAVING p.actual_hours <> coalesce(sum(l.hours), 0)""",
}
