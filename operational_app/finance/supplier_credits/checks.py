"""Standing truths about suppliers' credit notes: each a query that must return no row."""

CHECKS = {
    "suppliers' credit notes equal their lines, and what is open of them what nothing has settled": """
        SELECT n.id, n.number, n.open_amount, n.open_company_amount
        FROM finance.supplier_credit_note n
        LEFT JOIN LATERAL (SELECT sum(net_amount) AS net, sum(tax_amount) AS tax,
                                  sum(company_net_amount + company_tax_amount) AS company
                           FROM finance.supplier_credit_note_line WHERE supplier_credit_note_id = n.id) l ON true
        LEFT JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(source_company_amount), 0) AS company
                           FROM (SELECT amount, source_company_amount FROM finance.supplier_credit_allocation
                                 WHERE supplier_credit_note_id = n.id
                                 UNION ALL SELECT amount, source_company_amount FROM finance.supplier_refund
                                 WHERE supplier_credit_note_id = n.id) q) s ON true
        WHERE (n.subtotal, n.tax_amount, n.company_amount) IS DISTINCT FROM (l.net, l.tax, l.company)
           OR n.open_amount <> n.total_amount - s.amount OR n.open_company_amount <> n.company_amount - s.company""",
    "bill lines are credited by what their credit notes say": """
        SELECT b.id, b.bill_id, b.net_credited, coalesce(sum(l.net_amount), 0) AS credited
        FROM finance.bill_line b LEFT JOIN finance.supplier_credit_note_line l ON l.bill_line_id = b.id
        GROUP BY b.id
        HAVING b.net_credited <> coalesce(sum(l.net_amount), 0) OR b.tax_credited <> coalesce(sum(l.tax_amount), 0)""",
}
