"""Reading tax: every line that bears tax, and those that no return has declared yet."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Every line that bears tax, in the company's currency, whatever document it stands on. A new kind of document that bears
# tax is one more part here.
TAX_LINES = """
    SELECT 'output' AS kind, 'sales_invoice' AS document_type, d.id AS document_id, l.id AS document_line_id,
           d.number, d.business_date, d.recorded_at, d.company_id, l.vat_code, l.vat_rate,
           l.company_net_amount AS net_amount, l.company_tax_amount AS tax_amount
    FROM finance.sales_invoice_line l JOIN finance.sales_invoice d ON d.id = l.sales_invoice_id
    UNION ALL
    SELECT 'output', 'credit_note', d.id, l.id,
           d.number, d.business_date, d.recorded_at, d.company_id, i.vat_code, i.vat_rate,
           -l.company_net_amount, -l.company_tax_amount
    FROM finance.credit_note_line l JOIN finance.credit_note d ON d.id = l.credit_note_id
    JOIN finance.sales_invoice_line i ON i.id = l.sales_invoice_line_id
    UNION ALL
    SELECT 'input', 'bill', d.id, l.id,
           d.number, d.business_date, d.recorded_at, d.company_id, l.vat_code, l.vat_rate,
           l.company_net_amount, l.company_tax_amount
    FROM finance.bill_line l JOIN finance.bill d ON d.id = l.bill_id
    UNION ALL
    SELECT 'input', 'supplier_credit_note', d.id, l.id,
           d.number, d.business_date, d.recorded_at, d.company_id, b.vat_code, b.vat_rate,
           -l.company_net_amount, -l.company_tax_amount
    FROM finance.supplier_credit_note_line l
    JOIN finance.supplier_credit_note d ON d.id = l.supplier_credit_note_id
    JOIN finance.bill_line b ON b.id = l.bill_line_id
    UNION ALL
    SELECT 'input', 'reimbursement', d.id, l.id,
           d.number, d.business_date, d.recorded_at, d.company_id, l.vat_code, l.vat_rate,
           l.company_net_amount, l.company_tax_amount
    FROM finance.reimbursement_line l JOIN finance.reimbursement d ON d.id = l.reimbursement_id
    WHERE l.vat_code IS NOT NULL
    UNION ALL
    SELECT 'input', 'reimbursement_reversal', d.id, l.id,
           d.number, d.business_date, d.recorded_at, d.company_id, l.vat_code, l.vat_rate,
           -l.company_net_amount, -l.company_tax_amount
    FROM finance.reimbursement_line l JOIN finance.reimbursement_reversal d ON d.reimbursement_id = l.reimbursement_id
    WHERE l.vat_code IS NOT NULL
"""

# Late is what is dated in a month whose return is filed: that return stays, the line is offered to the next one.
UNDECLARED = text(
    f"""
    SELECT t.*, EXISTS (SELECT 1 FROM finance.vat_return r JOIN core.period p ON p.id = r.period_id
                        WHERE r.company_id = t.company_id AND r.state = 'filed'
                          AND t.business_date BETWEEN p.start_date AND p.end_date) AS is_late
    FROM ({TAX_LINES}) t
    WHERE t.company_id = :company AND t.business_date <= :end
      AND NOT EXISTS (SELECT 1 FROM finance.vat_return_line x
                      WHERE x.document_type = t.document_type AND x.document_line_id = t.document_line_id)
    ORDER BY t.kind DESC, t.business_date, t.document_type, t.document_id, t.document_line_id
    """
)

# As known at an earlier moment: what was entered by then, and declared only by returns that were filed by then.
DECLARED = """
    SELECT r.*, CASE WHEN CAST(:known AS timestamptz) IS NULL THEN r.state ELSE 'filed' END AS known_state
    FROM finance.vat_return r
    WHERE r.company_id = :company AND (CAST(:known AS timestamptz) IS NULL OR EXISTS (
      SELECT 1 FROM core.change_log g
      WHERE g.schema_name = 'finance' AND g.table_name = 'vat_return' AND g.row_key = CAST(r.id AS text)
        AND g.after->>'state' = 'filed' AND g.recorded_at <= CAST(:known AS timestamptz)))
"""
REPORT = text(
    f"""
    WITH declared AS ({DECLARED}), tax AS (
      SELECT * FROM ({TAX_LINES}) t
      WHERE t.company_id = :company
        AND (CAST(:known AS timestamptz) IS NULL OR t.recorded_at <= CAST(:known AS timestamptz))
    )
    SELECT p.code AS period, r.number AS vat_return, r.known_state AS state, t.kind, x.is_late, t.vat_code, t.vat_rate,
           sum(x.net_amount) AS net_amount, sum(x.tax_amount) AS tax_amount
    FROM declared r
    JOIN core.period p ON p.id = r.period_id
    JOIN finance.vat_return_line x ON x.vat_return_id = r.id
    JOIN tax t ON t.document_type = x.document_type AND t.document_line_id = x.document_line_id
    WHERE p.end_date >= :start AND p.start_date <= :end
    GROUP BY p.code, r.number, r.known_state, t.kind, x.is_late, t.vat_code, t.vat_rate
    UNION ALL
    SELECT to_char(t.business_date, 'YYYY-MM'), NULL, 'not declared', t.kind,
           EXISTS (SELECT 1 FROM declared r JOIN core.period p ON p.id = r.period_id
                   WHERE r.known_state = 'filed' AND t.business_date BETWEEN p.start_date AND p.end_date),
           t.vat_code, t.vat_rate, sum(t.net_amount), sum(t.tax_amount)
    FROM tax t
    WHERE t.business_date <= :end
      AND NOT EXISTS (SELECT 1 FROM finance.vat_return_line x JOIN declared r ON r.id = x.vat_return_id
                      WHERE x.document_type = t.document_type AND x.document_line_id = t.document_line_id)
    GROUP BY 1, 5, t.kind, t.vat_code, t.vat_rate
    ORDER BY 1, 2 NULLS LAST, 4 DESC, 5, 6, 7
    """
)


def undeclared(session: Session, company_id: int, end: date) -> Sequence[Row[Any]]:
    """The tax lines dated until a day that no return has declared, late ones among them."""
    return session.execute(UNDECLARED, {"company": company_id, "end": end}).all()


def vat_report(
    session: Session, company_id: int, start: date, end: date, known: datetime | None = None
) -> Sequence[Row[Any]]:
    """Tax by return, kind and rate, and what no return has declared yet, by the month of its date."""
    return session.execute(REPORT, {"company": company_id, "start": start, "end": end, "known": known}).all()
