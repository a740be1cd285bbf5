"""Standing truths about currency revaluations: each a query that must return no row."""

CHECKS = {
    "currency revaluations equal the sum of their lines": """
        SELECT r.id, r.number, r.difference_amount, coalesce(sum(l.difference_amount), 0) AS lines
        FROM finance.currency_revaluation r
        LEFT JOIN finance.currency_revaluation_line l ON l.currency_revaluation_id = r.id
        GROUP BY r.id HAVING r.difference_amount <> coalesce(sum(l.difference_amount), 0)""",
    "every currency revaluation is taken back on the next day": """
        SELECT r.id, r.number, r.reversal_date, count(e.id) AS entries, count(e.reverses_id) AS reversals
        FROM finance.currency_revaluation r
        LEFT JOIN finance.journal_entry e ON e.document_type = 'currency_revaluation' AND e.document_id = r.id
        GROUP BY r.id
        HAVING count(e.id) <> 2 OR count(e.reverses_id) <> 1
            OR max(e.posting_date) FILTER (WHERE e.reverses_id IS NOT NULL) IS DISTINCT FROM r.reversal_date""",
}
