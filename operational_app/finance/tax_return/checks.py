"""Standing truths about VAT returns: each a query that must return no row."""

from operational_app.finance.tax_return.queries import TAX_LINES

CHECKS = {
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
