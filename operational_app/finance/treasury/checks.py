"""Standing truths about bank statements: each a query that must return no row."""

CHECKS = {
    "bank statements add up": """
        SELECT s.id, s.number, s.opening_balance, s.closing_balance, sum(l.amount) AS lines
        FROM finance.bank_statement s LEFT JOIN finance.bank_statement_line l ON l.bank_statement_id = s.id
        GROUP BY s.id
        HAVING s.opening_balance + coalesce(sum(l.amount), 0) <> s.closing_balance OR count(l.id) <> s.line_count""",
    "a bank statement begins where the one before it ended": """
        SELECT s.id, s.number, s.opening_balance, b.closing_balance AS ended_before
        FROM finance.bank_statement s JOIN finance.bank_statement b ON b.id = s.previous_statement_id
        WHERE s.opening_balance <> b.closing_balance OR s.bank_account_id <> b.bank_account_id""",
    "a matched line of a bank statement is what its document booked": """
        SELECT l.id, l.bank_reference, l.amount, l.document_type, l.document_id
        FROM finance.bank_statement_line l JOIN finance.bank_account a ON a.id = l.bank_account_id
        WHERE l.state = 'matched' AND l.amount <> coalesce((
          SELECT sum(j.debit - j.credit) FROM finance.journal_entry e
          JOIN finance.journal_line j ON j.journal_entry_id = e.id
          WHERE j.ledger_account_id = a.ledger_account_id AND j.currency = a.currency
            AND coalesce(e.document_type, 'journal_entry') = l.document_type
            AND coalesce(e.document_id, e.id) = l.document_id), 0)""",
}
