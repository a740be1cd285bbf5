"""Standing truths about VAT returns: each a query that must return no row."""

from operational_app.finance.tax_return.queries import TAX_LINES

CHECKS = {
    "VAT to be paid is what filed returns declare less what was paid": """
        SELECT r.id, r.number, r.due_amount - r.paid_amount AS open, coalesce(sum(l.credit - l.debit), 0) AS ledger
        FROM finance.vat_return r
        LEFT JOIN finance.journal_entry e ON e.document_type = 'vat_return' AND e.document_id = r.id
        LEFT JOIN finance.posting_account p ON p.company_id = r.company_id AND p.purpose = 'vat_unpaid'
        LEFT JOIN finance.journal_line l
          ON l.journal_entry_id = e.id AND l.ledger_account_id = p.ledger_account_id
        WHERE r.state = 'filed' AND r.due_amount > 0
        GROUP BY r.id HAVING r.due_amount - r.paid_amount <> coalesce(sum(l.credit - l.debit), 0)""",
    "VAT returns equal the sum of their lines": """
        SELECT r.id, r.number, r.output_tax_amount, r.input_tax_amount
        FROM finance.vat_return r LEFT JOIN finance.vat_return_line l ON l.vat_return_id = r.id
        GROUP BY r.id
        HAVING r.output_tax_amount <> coalesce(sum(l.tax_amount) FILTER (WHERE l.kind = 'output'), 0)
            OR r.input_tax_amount <> coalesce(sum(l.tax_amount) FILTER (WHERE l.kind = 'input'), 0)
            OR r.output_net_amount <> coalesce(sum(l.net_amount) FILTER (WHERE l.kind = 'output'), 0)
            OR r.input_net_amount <> coalesce(sum(l.net_amount) FILTER (WHERE l.kind = 'input'), 0)""",
    "what VAT returns declare is what the documents say": f"""
        SELECT l.id, l.document_type, l.document_id, l.tax_amount AS declared, t.tax_amount
        FROM finance.vat_return_line l LEFT JOIN ({TAX_LINES}) t
          ON t.document_type = l.document_type AND t.document_line_id = l.document_line_id
        WHERE (t.company_id, t.document_id, t.kind, t.business_date, t.net_amount, t.tax_amount)
          IS DISTINCT FROM (l.company_id, l.document_id, l.kind, l.business_date, l.net_amount, l.tax_amount)""",
}
