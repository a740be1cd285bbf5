"""Standing truths about payables: each a query that must return no row."""

from operational_app.finance.ledger.checks import in_each_currency

CHECKS = {
    "the payable account equals what suppliers are owed in each currency": in_each_currency(
        "payable",
        "credit",
        """SELECT company_id, currency, open_amount AS amount, open_company_amount AS company_amount FROM finance.bill
           UNION ALL
           SELECT company_id, currency, -open_amount, -open_company_amount FROM finance.supplier_credit_note""",
    ),
    "goods received not billed equals what came in less what was billed in each currency": in_each_currency(
        "goods_received_not_billed",
        "credit",
        """SELECT o.company_id, o.currency, l.value_received - l.value_billed AS amount,
                  l.company_value_received - l.company_value_billed AS company_amount
           FROM erp.purchase_order_line l JOIN erp.purchase_order o ON o.id = l.purchase_order_id""",
    ),
    "what is carried of bills equals their total less what has left": """
        SELECT b.id, b.number, b.company_amount, b.open_company_amount, coalesce(sum(a.company_amount), 0) AS gone
        FROM finance.bill b
        LEFT JOIN (SELECT bill_id, company_amount FROM finance.payment_allocation
                   UNION ALL SELECT bill_id, company_amount FROM finance.supplier_credit_allocation) a ON a.bill_id = b.id
        GROUP BY b.id HAVING b.open_company_amount <> b.company_amount - coalesce(sum(a.company_amount), 0)""",
    "what payments are carried at equals their total less what has left": """
        SELECT p.id, p.number, p.company_amount, p.open_company_amount, coalesce(sum(a.amount), 0) AS gone
        FROM finance.payment p
        LEFT JOIN (SELECT payment_id, source_company_amount AS amount FROM finance.payment_allocation
                   UNION ALL SELECT payment_id, source_company_amount FROM finance.supplier_refund) a
          ON a.payment_id = p.id
        GROUP BY p.id HAVING p.open_company_amount <> p.company_amount - coalesce(sum(a.amount), 0)""",
    "the account of advances to suppliers equals the money that has paid no bill yet in each currency": in_each_currency(
        "supplier_advances",
        "debit",
        """SELECT company_id, currency, open_amount AS amount, open_company_amount AS company_amount
           FROM finance.payment""",
    ),
    "open amounts of bills equal total less allocations and discounts": """
        SELECT b.id, b.number, b.total_amount, b.open_amount, coalesce(sum(a.amount), 0) AS allocated
        FROM finance.bill b
        LEFT JOIN (SELECT bill_id, amount + discount_amount AS amount FROM finance.payment_allocation
                   UNION ALL SELECT bill_id, amount FROM finance.supplier_credit_allocation) a ON a.bill_id = b.id
        GROUP BY b.id HAVING b.open_amount <> b.total_amount - coalesce(sum(a.amount), 0)""",
    "open amounts of payments equal amount less allocations and what came back": """
        SELECT p.id, p.number, p.amount, p.open_amount, coalesce(sum(a.amount), 0) AS allocated
        FROM finance.payment p
        LEFT JOIN (SELECT payment_id, source_amount AS amount FROM finance.payment_allocation
                   UNION ALL SELECT payment_id, amount FROM finance.supplier_refund) a ON a.payment_id = p.id
        GROUP BY p.id HAVING p.open_amount <> p.amount - coalesce(sum(a.amount), 0)""",
    "the payable account equals what suppliers are owed, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(o.open, 0) AS open_items
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'payable'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_credit - l.company_debit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(open_company_amount) AS open FROM (
                     SELECT company_id, open_company_amount FROM finance.bill
                     UNION ALL SELECT company_id, -open_company_amount FROM finance.supplier_credit_note) q
                   GROUP BY 1) o ON o.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(o.open, 0)""",
    "the account of advances to suppliers equals the money that has paid no bill yet, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(o.open, 0) AS open_payments
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'supplier_advances'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_debit - l.company_credit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(open_company_amount) AS open FROM finance.payment GROUP BY 1) o
          ON o.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(o.open, 0)""",
    "goods received not billed equals what came in less what was billed, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(r.open, 0) AS not_billed
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'goods_received_not_billed'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_credit - l.company_debit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(company_value_received - company_value_billed) AS open
                   FROM erp.purchase_order_line GROUP BY 1) r ON r.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(r.open, 0)""",
}
