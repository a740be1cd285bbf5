"""Standing truths about receivables: each a query that must return no row."""

from operational_app.finance.ledger.checks import in_each_currency

CHECKS = {
    "the receivable account equals what customers owe in each currency": in_each_currency(
        "receivable",
        "debit",
        """SELECT company_id, currency, open_amount AS amount, open_company_amount AS company_amount
           FROM finance.sales_invoice
           UNION ALL SELECT company_id, currency, -open_amount, -open_company_amount FROM finance.credit_note""",
    ),
    "the account of advances equals the money that has paid no invoice yet in each currency": in_each_currency(
        "customer_advances",
        "credit",
        """SELECT company_id, currency, open_amount AS amount, open_company_amount AS company_amount
           FROM finance.receipt_of_money""",
    ),
    "what is carried of invoices, receipts and credit notes equals their total less what has left": """
        SELECT i.kind, i.id, i.number, i.company_amount, i.open_company_amount, coalesce(sum(a.amount), 0) AS gone
        FROM (SELECT 'sales_invoice' AS kind, id, number, company_amount, open_company_amount FROM finance.sales_invoice
              UNION ALL SELECT 'receipt_of_money', id, number, company_amount, open_company_amount
              FROM finance.receipt_of_money
              UNION ALL SELECT 'credit_note', id, number, company_amount, open_company_amount FROM finance.credit_note) i
        LEFT JOIN (SELECT 'sales_invoice' AS kind, sales_invoice_id AS id, company_amount AS amount
                   FROM finance.receipt_allocation
                   UNION ALL SELECT 'sales_invoice', sales_invoice_id, company_amount FROM finance.credit_allocation
                   UNION ALL SELECT 'receipt_of_money', receipt_of_money_id, source_company_amount
                   FROM finance.receipt_allocation
                   UNION ALL SELECT 'credit_note', credit_note_id, source_company_amount FROM finance.credit_allocation
                   UNION ALL SELECT 'receipt_of_money', receipt_of_money_id, source_company_amount FROM finance.refund
                   UNION ALL SELECT 'credit_note', credit_note_id, source_company_amount FROM finance.refund) a
          ON a.kind = i.kind AND a.id = i.id
        GROUP BY 1, 2, 3, 4, 5 HAVING i.open_company_amount <> i.company_amount - coalesce(sum(a.amount), 0)""",
    "documents' totals in the company's currency equal their lines": """
        SELECT d.kind, d.number, d.company_amount, sum(d.part) AS lines
        FROM (SELECT 'sales_invoice' AS kind, i.id, i.number, i.company_amount,
                     l.company_net_amount + l.company_tax_amount AS part
              FROM finance.sales_invoice i JOIN finance.sales_invoice_line l ON l.sales_invoice_id = i.id
              UNION ALL
              SELECT 'credit_note', n.id, n.number, n.company_amount, l.company_net_amount + l.company_tax_amount
              FROM finance.credit_note n JOIN finance.credit_note_line l ON l.credit_note_id = n.id) d
        GROUP BY d.kind, d.id, d.number, d.company_amount HAVING d.company_amount <> sum(d.part)""",
    "open amounts of invoices equal total less money, discounts and credits": """
        SELECT i.id, i.number, i.total_amount, i.open_amount, coalesce(sum(a.amount), 0) AS allocated
        FROM finance.sales_invoice i
        LEFT JOIN (SELECT sales_invoice_id, amount + discount_amount AS amount FROM finance.receipt_allocation
                   UNION ALL SELECT sales_invoice_id, amount FROM finance.credit_allocation) a
          ON a.sales_invoice_id = i.id
        GROUP BY i.id HAVING i.open_amount <> i.total_amount - coalesce(sum(a.amount), 0)""",
    "open amounts of receipts equal amount less allocations and refunds": """
        SELECT r.id, r.number, r.amount, r.open_amount, coalesce(sum(a.amount), 0) AS allocated
        FROM finance.receipt_of_money r
        LEFT JOIN (SELECT receipt_of_money_id, source_amount AS amount FROM finance.receipt_allocation
                   UNION ALL SELECT receipt_of_money_id, amount FROM finance.refund) a
          ON a.receipt_of_money_id = r.id
        GROUP BY r.id HAVING r.open_amount <> r.amount - coalesce(sum(a.amount), 0)""",
    "open amounts of credit notes equal total less allocations and refunds": """
        SELECT n.id, n.number, n.total_amount, n.open_amount, coalesce(sum(a.amount), 0) AS allocated
        FROM finance.credit_note n
        LEFT JOIN (SELECT credit_note_id, amount FROM finance.credit_allocation
                   UNION ALL SELECT credit_note_id, amount FROM finance.refund) a ON a.credit_note_id = n.id
        GROUP BY n.id HAVING n.open_amount <> n.total_amount - coalesce(sum(a.amount), 0)""",
    "credit note amounts equal the sum of their lines": """
        SELECT n.id, n.number, n.subtotal, n.tax_amount, sum(l.net_amount) AS lines, sum(l.tax_amount) AS tax
        FROM finance.credit_note n LEFT JOIN finance.credit_note_line l ON l.credit_note_id = n.id
        GROUP BY n.id
        HAVING n.subtotal <> coalesce(sum(l.net_amount), 0) OR n.tax_amount <> coalesce(sum(l.tax_amount), 0)""",
    "invoice lines are credited by what their credit notes say": """
        SELECT i.id, i.sales_invoice_id, i.quantity_credited, coalesce(sum(l.quantity), 0) AS credited
        FROM finance.sales_invoice_line i LEFT JOIN finance.credit_note_line l ON l.sales_invoice_line_id = i.id
        GROUP BY i.id
        HAVING i.quantity_credited <> coalesce(sum(l.quantity), 0) OR i.net_credited <> coalesce(sum(l.net_amount), 0)
            OR i.tax_credited <> coalesce(sum(l.tax_amount), 0)""",
    "invoice amounts equal the sum of their lines": """
        SELECT i.id, i.number, i.subtotal, sum(l.net_amount) AS lines
        FROM finance.sales_invoice i LEFT JOIN finance.sales_invoice_line l ON l.sales_invoice_id = i.id
        GROUP BY i.id
        HAVING i.subtotal <> coalesce(sum(l.net_amount), 0) OR i.tax_amount <> coalesce(sum(l.tax_amount), 0)""",
    "the receivable account equals what customers owe, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(o.open, 0) AS open_items
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'receivable'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_debit - l.company_credit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(open_company_amount) AS open FROM (
                     SELECT company_id, open_company_amount FROM finance.sales_invoice
                     UNION ALL SELECT company_id, -open_company_amount FROM finance.credit_note) q
                   GROUP BY 1) o ON o.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(o.open, 0)""",
    "the account of advances equals the money that has paid no invoice yet, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(o.open, 0) AS open_receipts
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'customer_advances'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_credit - l.company_debit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(open_company_amount) AS open FROM finance.receipt_of_money GROUP BY 1) o
          ON o.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(o.open, 0)""",
}
