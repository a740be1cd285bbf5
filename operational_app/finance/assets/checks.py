"""Standing truths about fixed assets: each a query that must return no row."""

CHECKS = {
    "accumulated depreciation equals what the runs took off": """
        SELECT a.id, a.number, a.accumulated_depreciation, coalesce(sum(l.amount), 0) AS runs
        FROM finance.fixed_asset a LEFT JOIN finance.depreciation_line l ON l.fixed_asset_id = a.id
        GROUP BY a.id HAVING a.accumulated_depreciation <> coalesce(sum(l.amount), 0)""",
    "depreciation runs equal the sum of their lines": """
        SELECT r.id, r.number, r.amount, coalesce(sum(l.amount), 0) AS lines
        FROM finance.depreciation_run r LEFT JOIN finance.depreciation_line l ON l.depreciation_run_id = r.id
        GROUP BY r.id HAVING r.amount <> coalesce(sum(l.amount), 0)""",
    "the account of fixed assets equals what those in use have cost, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(s.cost, 0) AS assets
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'fixed_assets'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_debit - l.company_credit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(acquisition_cost) AS cost FROM finance.fixed_asset
                   WHERE state = 'in_use' GROUP BY 1) s ON s.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(s.cost, 0)""",
    "the account of accumulated depreciation equals that of assets in use, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(s.lost, 0) AS assets
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'accumulated_depreciation'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_credit - l.company_debit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(accumulated_depreciation) AS lost FROM finance.fixed_asset
                   WHERE state = 'in_use' GROUP BY 1) s ON s.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(s.lost, 0)""",
}
