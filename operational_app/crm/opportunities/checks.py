"""Standing truths about opportunities: each a query that must return no row."""

CHECKS = {
    "an opportunity is where its history of stages ends": """
        SELECT o.id, o.number, o.state, o.opportunity_stage_id, h.state AS last_state, h.opportunity_stage_id AS last
        FROM crm.opportunity o
        LEFT JOIN LATERAL (SELECT c.* FROM crm.opportunity_stage_change c WHERE c.opportunity_id = o.id
                           ORDER BY c.id DESC LIMIT 1) h ON true
        WHERE h.state IS DISTINCT FROM o.state OR h.opportunity_stage_id IS DISTINCT FROM o.opportunity_stage_id
           OR h.probability IS DISTINCT FROM o.probability""",
    "the history of stages goes forward in time": """
        SELECT q.opportunity_id, q.business_date, q.before FROM (
          SELECT opportunity_id, business_date,
                 lag(business_date) OVER (PARTITION BY opportunity_id ORDER BY id) AS before
          FROM crm.opportunity_stage_change) q
        WHERE q.business_date < q.before""",
    "a won deal's customer is the party of the deal": """
        SELECT o.id, o.number, o.party_id, c.party_id AS customers_party
        FROM crm.opportunity o JOIN core.party_role c ON c.id = o.customer_id
        JOIN core.party p ON p.id = o.party_id
        WHERE o.state = 'won' AND c.party_id <> p.id AND p.merged_into_id IS NULL""",
}
