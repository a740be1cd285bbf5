"""Standing truths about budgets: each a query that must return no row."""

CHECKS = {
    "budgets equal the sum of their movements": """
        SELECT b.id, b.year, b.reserved_amount, b.committed_amount, b.used_amount,
               coalesce(sum(m.reserved_change), 0) AS reserved, coalesce(sum(m.committed_change), 0) AS committed,
               coalesce(sum(m.used_change), 0) AS used
        FROM finance.budget_balance b LEFT JOIN finance.budget_movement m ON m.budget_balance_id = b.id
        GROUP BY b.id
        HAVING b.reserved_amount <> coalesce(sum(m.reserved_change), 0)
            OR b.committed_amount <> coalesce(sum(m.committed_change), 0)
            OR b.used_amount <> coalesce(sum(m.used_change), 0)""",
    "no document holds less than nothing of a budget": """
        SELECT document_type, document_id, document_line_id, sum(reserved_change) AS reserved,
               sum(committed_change) AS committed
        FROM finance.budget_movement GROUP BY 1, 2, 3, budget_balance_id
        HAVING sum(reserved_change) < 0 OR sum(committed_change) < 0""",
    "what is in force is the approved budget": """
        SELECT b.id, b.company_id, b.year, b.amount, coalesce(l.amount, 0) AS approved
        FROM finance.budget_balance b
        LEFT JOIN (SELECT g.company_id, g.year, l.ledger_account_id, coalesce(l.department_id, 0) AS department_id,
                          l.amount
                   FROM finance.budget g JOIN finance.budget_line l ON l.budget_id = g.id
                   WHERE g.state = 'approved') l
          ON l.company_id = b.company_id AND l.year = b.year AND l.ledger_account_id = b.ledger_account_id
         AND l.department_id = coalesce(b.department_id, 0)
        WHERE b.amount <> coalesce(l.amount, 0)""",
}
