"""Standing truths about the ledger: each a query that must return no row."""


def in_each_currency(purpose: str, side: str, documents: str) -> str:
    """The truth that a control account is the sum of its documents in each currency, and in the company's beside it.

    Args:
        side: debit or credit, on which the account grows.
        documents: a query of company_id, currency, amount, company_amount.
    """
    other = "credit" if side == "debit" else "debit"
    return f"""
        SELECT c.code, x.currency, sum(x.ledger) AS ledger, sum(x.documents) AS documents,
               sum(x.company_ledger) AS company_ledger, sum(x.company_documents) AS company_documents
        FROM (
          SELECT l.company_id, l.currency, l.{side} - l.{other} AS ledger, 0 AS documents,
                 l.company_{side} - l.company_{other} AS company_ledger, 0 AS company_documents
          FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
          JOIN finance.posting_account a ON a.ledger_account_id = l.ledger_account_id AND a.purpose = '{purpose}'
          WHERE coalesce(e.document_type, '') NOT IN ('journal_import', 'currency_revaluation')
          UNION ALL
          SELECT d.company_id, d.currency, 0, d.amount, 0, d.company_amount FROM ({documents}) d
        ) x JOIN core.company c ON c.id = x.company_id
        GROUP BY c.code, x.currency
        HAVING sum(x.ledger) <> sum(x.documents) OR sum(x.company_ledger) <> sum(x.company_documents)"""


CHECKS = {
    "every journal entry balances in the company's currency": """
        SELECT e.id, e.number, sum(l.company_debit) AS debit, sum(l.company_credit) AS credit
        FROM finance.journal_entry e LEFT JOIN finance.journal_line l ON l.journal_entry_id = e.id
        GROUP BY e.id, e.number HAVING count(l.id) < 2 OR sum(l.company_debit) <> sum(l.company_credit)""",
    "every journal entry balances in each currency, exchanges apart": """
        SELECT e.id, e.number, l.currency, sum(l.debit) AS debit, sum(l.credit) AS credit
        FROM finance.journal_entry e JOIN finance.journal_line l ON l.journal_entry_id = e.id
        WHERE NOT e.is_exchange
        GROUP BY e.id, e.number, l.currency HAVING sum(l.debit) <> sum(l.credit)""",
    "a line in the company's currency has one amount": """
        SELECT e.id, e.number, l.line_no, l.debit, l.credit, l.company_debit, l.company_credit
        FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
        JOIN core.company c ON c.id = l.company_id AND c.currency = l.currency
        WHERE l.debit <> l.company_debit OR l.credit <> l.company_credit""",
    "journal entry numbers have no gaps": """
        SELECT company_id, split_part(number, '-', 2) AS year, count(*) AS entries,
               max(split_part(number, '-', 3)::bigint) AS last
        FROM finance.journal_entry GROUP BY 1, 2 HAVING count(*) <> max(split_part(number, '-', 3)::bigint)""",
    "the sums by account and month are those of the lines": """
        SELECT coalesce(l.company_id, t.company_id) AS company_id, coalesce(l.ledger_account_id, t.ledger_account_id) AS
               ledger_account_id, coalesce(l.currency, t.currency) AS currency, coalesce(l.month, t.month) AS month,
               l.debit, t.debit AS summed_debit, l.credit, t.credit AS summed_credit,
               l.company_debit, t.company_debit AS summed_company_debit,
               l.company_credit, t.company_credit AS summed_company_credit
        FROM (SELECT l.company_id, l.ledger_account_id, l.currency, date_trunc('month', e.posting_date)::date AS month,
                     sum(l.debit) AS debit, sum(l.credit) AS credit,
                     sum(l.company_debit) AS company_debit, sum(l.company_credit) AS company_credit
              FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
              GROUP BY 1, 2, 3, 4) l
        FULL JOIN (SELECT company_id, ledger_account_id, currency, month, sum(debit) AS debit, sum(credit) AS credit,
                          sum(company_debit) AS company_debit, sum(company_credit) AS company_credit
                   FROM finance.ledger_turnover GROUP BY 1, 2, 3, 4) t
          ON (t.company_id, t.ledger_account_id, t.currency, t.month)
           = (l.company_id, l.ledger_account_id, l.currency, l.month)
        WHERE (l.debit, l.credit, l.company_debit, l.company_credit)
              IS DISTINCT FROM (t.debit, t.credit, t.company_debit, t.company_credit)""",
    "every journal entry lies in its period": """
        SELECT e.id, e.number, e.posting_date, p.code
        FROM finance.journal_entry e JOIN core.period p ON p.id = e.period_id
        WHERE e.posting_date NOT BETWEEN p.start_date AND p.end_date OR e.company_id <> p.company_id""",
    "the inventory account equals the value of stock, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(s.value, 0) AS stock
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'inventory'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_debit - l.company_credit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(value) AS value FROM erp.item_valuation GROUP BY 1) s ON s.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(s.value, 0)""",
    "the account of work in progress equals the work in progress of production orders, imported journals apart": """
        SELECT c.code, coalesce(b.balance, 0) AS ledger, coalesce(o.value, 0) AS orders
        FROM core.company c
        JOIN finance.posting_account p ON p.company_id = c.id AND p.purpose = 'work_in_progress'
        LEFT JOIN (SELECT l.ledger_account_id, sum(l.company_debit - l.company_credit) AS balance
                   FROM finance.journal_line l JOIN finance.journal_entry e ON e.id = l.journal_entry_id
                   WHERE e.document_type IS DISTINCT FROM 'journal_import' GROUP BY 1) b
          ON b.ledger_account_id = p.ledger_account_id
        LEFT JOIN (SELECT company_id, sum(material_amount + labour_amount - completed_amount - variance_amount) AS value
                   FROM erp.production_order GROUP BY 1) o ON o.company_id = c.id
        WHERE coalesce(b.balance, 0) <> coalesce(o.value, 0)""",
}
