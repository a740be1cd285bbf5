"""Standing truths about reminders: each a query that must return no row."""

CHECKS = {
    "reminders equal the sum of the invoices that they name": """
        SELECT n.id, n.number, n.total_amount, sum(l.open_amount) AS invoices
        FROM finance.dunning_notice n LEFT JOIN finance.dunning_notice_line l ON l.dunning_notice_id = n.id
        GROUP BY n.id HAVING n.total_amount <> coalesce(sum(l.open_amount), 0) OR n.level <> max(l.level)""",
    "an invoice is reminded of once at each level": """
        SELECT l.sales_invoice_id, l.level, count(*) AS reminders
        FROM finance.dunning_notice_line l
        WHERE l.level > coalesce((SELECT max(e.level) FROM finance.dunning_notice_line e
                                  WHERE e.sales_invoice_id = l.sales_invoice_id AND e.id < l.id), 0)
        GROUP BY 1, 2 HAVING count(*) > 1""",
}
