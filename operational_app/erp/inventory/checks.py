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
    "reserved stock equals what open orders have reserved": """
        SELECT b.item_id, b.stock_location_id, b.quantity_reserved, coalesce(sum(r.quantity), 0) AS promised
        FROM erp.stock_balance b
        LEFT JOIN (SELECT l.item_id, o.stock_location_id, l.quantity_reserved AS quantity
                   FROM erp.sales_order_line l JOIN erp.sales_order o ON o.id = l.sales_order_id
                   UNION ALL
                   SELECT c.item_id, o.stock_location_id, c.quantity_reserved
                   FROM erp.production_component c JOIN erp.production_order o ON o.id = c.production_order_id) r
          ON r.item_id = b.item_id AND r.stock_location_id = b.stock_location_id
        GROUP BY b.item_id, b.stock_location_id, b.quantity_reserved
        HAVING b.quantity_reserved <> coalesce(sum(r.quantity), 0)""",
    "the layers of items valued first in, first out are their stock": """
        SELECT v.item_id, v.quantity_on_hand, v.value, sum(l.quantity_left) AS layers, sum(l.value_left) AS layers_value
        FROM erp.item_valuation v LEFT JOIN erp.stock_layer l ON l.item_id = v.item_id
        GROUP BY v.id
        HAVING (v.valuation_method = 'fifo' AND (v.quantity_on_hand <> coalesce(sum(l.quantity_left), 0)
                                                 OR v.value <> coalesce(sum(l.value_left), 0)))
            OR (v.valuation_method <> 'fifo' AND count(l.id) > 0)""",
    "items at standard cost are worth their quantity at that cost": """
        SELECT v.item_id, v.quantity_on_hand, v.standard_cost, v.value
        FROM erp.item_valuation v JOIN core.company c ON c.id = v.company_id JOIN core.currency u ON u.code = c.currency
        WHERE v.valuation_method = 'standard'
          AND v.value <> round(v.quantity_on_hand * v.standard_cost, CAST(u.minor_units AS int))""",
    "items are valued as their page says": """
        SELECT v.item_id, v.valuation_method, v.standard_cost, i.valuation_method AS on_item, i.standard_cost AS cost_on_item
        FROM erp.item_valuation v JOIN erp.item i ON i.id = v.item_id
        WHERE v.valuation_method <> i.valuation_method OR v.standard_cost IS DISTINCT FROM i.standard_cost""",
    "transfers move as much value in as out": """
        SELECT document_type, document_id, document_line_id, item_id, sum(quantity) AS quantity, sum(value) AS value
        FROM erp.stock_move WHERE kind = 'transfer' GROUP BY 1, 2, 3, 4
        HAVING sum(quantity) <> 0 OR sum(value) <> 0""",
    "lots at a place add up to the stock there": """
        SELECT b.item_id, b.stock_location_id, b.quantity_on_hand, coalesce(sum(l.quantity_on_hand), 0) AS lots
        FROM erp.stock_balance b JOIN erp.item i ON i.id = b.item_id AND i.is_lot_tracked
        LEFT JOIN erp.lot_balance l ON l.item_id = b.item_id AND l.stock_location_id = b.stock_location_id
        GROUP BY b.id HAVING b.quantity_on_hand <> coalesce(sum(l.quantity_on_hand), 0)""",
    "lot balances equal the lots of their moves": """
        SELECT l.stock_lot_id, l.stock_location_id, l.quantity_on_hand, coalesce(sum(m.quantity), 0) AS moved
        FROM erp.lot_balance l
        LEFT JOIN (SELECT p.stock_lot_id, s.stock_location_id, p.quantity
                   FROM erp.stock_move_lot p JOIN erp.stock_move s ON s.id = p.stock_move_id) m
          ON m.stock_lot_id = l.stock_lot_id AND m.stock_location_id = l.stock_location_id
        GROUP BY l.id HAVING l.quantity_on_hand <> coalesce(sum(m.quantity), 0)""",
    "the lots of a move add up to it": """
        SELECT m.id, m.item_id, m.quantity, coalesce(sum(p.quantity), 0) AS lots
        FROM erp.stock_move m JOIN erp.item i ON i.id = m.item_id AND i.is_lot_tracked
        LEFT JOIN erp.stock_move_lot p ON p.stock_move_id = m.id
        GROUP BY m.id HAVING m.quantity <> coalesce(sum(p.quantity), 0)""",
    "what late entries changed is booked, document by document": """
        WITH lines AS (
          SELECT l.company_id, coalesce(m.document_type, c.document_type) AS document_type,
                 coalesce(m.document_id, c.document_id) AS document_id, l.item_id, sum(l.value) AS value
          FROM erp.stock_cost_line l LEFT JOIN erp.stock_move m ON m.id = l.stock_move_id
          LEFT JOIN erp.stock_cost_line c ON c.id = l.corrects_id
          WHERE l.sequence IS NULL GROUP BY 1, 2, 3, 4
        ), moves AS (
          SELECT company_id, document_type, document_id, item_id, sum(value) AS value FROM erp.stock_move
          WHERE kind <> 'transfer' GROUP BY 1, 2, 3, 4
        )
        SELECT n.document_type, n.document_id, n.item_id, n.value + m.value AS stock, b.booked
        FROM lines n JOIN moves m USING (company_id, document_type, document_id, item_id)
        LEFT JOIN LATERAL (
          SELECT sum(j.company_debit - j.company_credit) AS booked
          FROM finance.journal_entry e JOIN finance.journal_line j ON j.journal_entry_id = e.id AND j.item_id = n.item_id
          JOIN finance.posting_account p ON p.ledger_account_id = j.ledger_account_id AND p.purpose = 'inventory'
          WHERE e.document_type = n.document_type AND e.document_id = n.document_id) b ON true
        WHERE n.value + m.value <> coalesce(b.booked, 0)""",
}
