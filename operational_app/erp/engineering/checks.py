"""Standing truths about how things are made: each a query that must return no row."""

CHECKS = {
    "no item contains itself": """
        WITH RECURSIVE edge AS (
          SELECT DISTINCT b.item_id AS made, l.item_id AS component FROM erp.bill_of_material b
          JOIN erp.bill_of_material_line l ON l.bill_of_material_id = b.id WHERE b.state <> 'retired'),
        inside AS (
          SELECT made, component FROM edge
          UNION SELECT i.made, e.component FROM inside i JOIN edge e ON e.made = i.component)
        SELECT made AS item_id FROM inside WHERE made = component""",
    "every active bill of materials has components and every active routing has operations": """
        SELECT 'bill_of_material' AS document, b.id, b.number FROM erp.bill_of_material b
        WHERE b.state = 'active'
          AND NOT EXISTS (SELECT FROM erp.bill_of_material_line l WHERE l.bill_of_material_id = b.id)
        UNION ALL
        SELECT 'routing', r.id, r.number FROM erp.routing r
        WHERE r.state = 'active' AND NOT EXISTS (SELECT FROM erp.routing_operation o WHERE o.routing_id = r.id)""",
}
