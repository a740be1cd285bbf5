"""Standing truths about what employees are owed: each a query that must return no row."""

from operational_app.finance.ledger.checks import in_each_currency

CHECKS = {
    "the account of employees' expenses equals what employees are owed in each currency": in_each_currency(
        "employee_payable",
        "credit",
        """SELECT company_id, currency, open_amount AS amount, open_company_amount AS company_amount
           FROM finance.reimbursement""",
    ),
    "the account of employees' expenses equals what employees are owed, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(o.open, 0) AS open_items
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'employee_payable'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_credit - l.company_debit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(open_company_amount) AS open FROM finance.reimbursement GROUP BY 1) o
          ON o.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(o.open, 0)""",
    "what is open of a reimbursement equals its total less what was paid, nothing where it was reversed": """
        SELECT r.id, r.number, r.total_amount, r.open_amount, r.open_company_amount,
               coalesce(sum(p.reimbursed_amount), 0) AS paid
        FROM finance.reimbursement r
        LEFT JOIN finance.employee_payment p ON p.reimbursement_id = r.id AND p.state = 'paid'
        LEFT JOIN finance.reimbursement_reversal x ON x.reimbursement_id = r.id
        GROUP BY r.id, x.id
        HAVING (r.state = 'reversed') <> (x.id IS NOT NULL)
            OR r.open_amount <> CASE WHEN x.id IS NULL THEN r.total_amount ELSE 0 END - coalesce(sum(p.reimbursed_amount), 0)
            OR r.open_company_amount <> CASE WHEN x.id IS NULL THEN r.company_amount ELSE 0 END
               - coalesce(sum(p.reimbursed_company_amount), 0)""",
    "reimbursements equal the sum of their lines": """
        SELECT r.id, r.number, r.subtotal, r.tax_amount, sum(l.net_amount) AS net, sum(l.tax_amount) AS tax
        FROM finance.reimbursement r LEFT JOIN finance.reimbursement_line l ON l.reimbursement_id = r.id
        GROUP BY r.id
        HAVING (r.subtotal, r.tax_amount, r.company_amount) IS DISTINCT FROM
               (sum(l.net_amount), sum(l.tax_amount), sum(l.company_net_amount + l.company_tax_amount))""",
    "a reimbursement is what the claim says, and a claim is as far as its reimbursement": """
        SELECT c.id, c.number, c.state, c.total_amount, r.state AS reimbursement_state, r.total_amount AS owed
        FROM hr.expense_claim c FULL JOIN finance.reimbursement r ON r.expense_claim_id = c.id
        WHERE (c.state IN ('booked', 'paid', 'reversed')) IS DISTINCT FROM (r.id IS NOT NULL)
           OR r.id IS NOT NULL AND (c.total_amount, c.tax_amount, c.company_amount, c.employee_id)
              IS DISTINCT FROM (r.total_amount, r.tax_amount, r.company_amount, r.employee_id)
           OR c.state <> CASE r.state WHEN 'open' THEN 'booked' ELSE r.state END""",
}
