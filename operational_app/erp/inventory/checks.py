"""Standing truths about stock: each a query that must return no row."""

CHECKS = {
    "stock balances equal the sum of their moves": """
        SELECT b.item_id, b.stock_location_id, b.quantity_on_hand, coalesce(sum(m.quantity), 0) AS moved
        FROM erp.stock_balance b
        LEFT JOIN erp.stock_move m ON m.item_id = b.item_id AND m.stock_location_id = b.stock_location_id
        GROUP BY b.item_id, b.stock_location_id, b.quantity_on_hand
        HAVING b.quantity_on_hand <> coalesce(sum(m.quantity), 0)""",
    "item valuations equal the sum of their moves and cost lines": """
        SELECT v.item_id, v.quantity_on_hand, v.value, m.quantity AS moved, m.value AS moved_value
        FROM erp.item_valuation v
        LEFT JOIN (SELECT item_id, sum(quantity) AS quantity, sum(value) AS value FROM (
                     SELECT item_id, quantity, value FROM erp.stock_move
                     UNION ALL SELECT item_id, 0, value FROM erp.stock_cost_line) q
                   GROUP BY item_id) m ON m.item_id = v.item_id
        WHERE v.quantity_on_hand <> coalesce(m.quantity, 0) OR v.value <> coalesce(m.value, 0)""",
    "item valuations equal their balances": """
        SELECT v.item_id, v.quantity_on_hand, sum(b.quantity_on_hand) AS balances
        FROM erp.item_valuation v LEFT JOIN erp.stock_balance b ON b.item_id = v.item_id
        GROUP BY v.item_id, v.quantity_on_hand HAVING v.quantity_on_hand <> coalesce(sum(b.quantity_on_hand), 0)""",
    "reserved stock equals what open order lines have reserved": """
        SELECT b.item_id, b.stock_location_id, b.quantity_reserved, coalesce(sum(l.quantity_reserved), 0) AS promised
        FROM erp.stock_balance b
        LEFT JOIN (erp.sales_order_line l JOIN erp.sales_order o ON o.id = l.sales_order_id)
          ON l.item_id = b.item_id AND o.stock_location_id = b.stock_location_id
        GROUP BY b.item_id, b.stock_location_id, b.quantity_reserved
        HAVING b.quantity_reserved <> coalesce(sum(l.quantity_reserved), 0)""",
}
