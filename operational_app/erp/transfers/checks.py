"""Standing truths about transfers: each a query that must return no row."""

CHECKS = {
    "what is in transit is what transfers have sent and nobody has received": """
        SELECT b.item_id, b.quantity_on_hand, coalesce(t.quantity, 0) + coalesce(a.quantity, 0) AS sent
        FROM erp.stock_balance b
        JOIN erp.stock_location p ON p.id = b.stock_location_id AND p.kind = 'transit'
        LEFT JOIN (SELECT item_id, sum(quantity - quantity_arrived) AS quantity
                   FROM erp.stock_transfer_line GROUP BY 1) t ON t.item_id = b.item_id
        LEFT JOIN (SELECT item_id, stock_location_id, sum(quantity) AS quantity FROM erp.stock_move
                   WHERE kind <> 'transfer' GROUP BY 1, 2) a
          ON a.item_id = b.item_id AND a.stock_location_id = b.stock_location_id
        WHERE b.quantity_on_hand <> coalesce(t.quantity, 0) + coalesce(a.quantity, 0)""",
}
