"""Standing truths about planning runs: each a query that must return no row."""

CHECKS = {
    "no supply of a planning run is meant for more than it brings": """
        SELECT p.planning_run_id, p.supply_id, sum(p.quantity) AS pegged, max(o.quantity) AS proposed
        FROM erp.planning_peg p JOIN erp.planned_order o ON o.id = p.supply_id
        WHERE p.supply_type = 'planned_order'
        GROUP BY p.planning_run_id, p.supply_id HAVING sum(p.quantity) > max(o.quantity)""",
}
