"""Standing truths about cost allocations: each a query that must return no row."""

CHECKS = {
    "cost allocations spread all and no more": """
        SELECT c.id, c.number, c.amount, coalesce(sum(l.amount), 0) AS lines
        FROM finance.cost_allocation c LEFT JOIN finance.cost_allocation_line l ON l.cost_allocation_id = c.id
        GROUP BY c.id HAVING c.amount <> coalesce(sum(l.amount), 0)""",
}
