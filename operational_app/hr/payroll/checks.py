"""Standing truths about pay: each query must return no row. They name no amounts."""

CHECKS = {
    "A payslip is the sum of its lines": (
        "SELECT p.id, p.number FROM hr.payslip p JOIN hr.payslip_line l ON l.payslip_id = p.id GROUP BY p.id "
        "HAVING p.gross_amount <> coalesce(sum(l.amount) FILTER (WHERE l.kind = 'earning'), 0) "
        "OR p.insurance_employee_amount <> -coalesce(sum(l.amount) FILTER (WHERE l.kind = 'insurance'), 0) "
        "OR p.insurance_employer_amount <> sum(l.employer_amount) "
        "OR p.income_tax_amount <> -coalesce(sum(l.amount) FILTER (WHERE l.kind = 'tax'), 0) "
        "OR p.deduction_amount <> -coalesce(sum(l.amount) FILTER (WHERE l.kind in ('deduction', 'advance')), 0)"
    ),
    "A payroll run is the sum of its payslips": (
        "SELECT r.id, r.number FROM hr.payroll_run r LEFT JOIN hr.payslip p ON p.payroll_run_id = r.id GROUP BY r.id "
        "HAVING r.head_count <> count(p.id) OR r.gross_amount <> coalesce(sum(p.gross_amount), 0) "
        "OR r.insurance_employee_amount <> coalesce(sum(p.insurance_employee_amount), 0) "
        "OR r.insurance_employer_amount <> coalesce(sum(p.insurance_employer_amount), 0) "
        "OR r.income_tax_amount <> coalesce(sum(p.income_tax_amount), 0) "
        "OR r.net_pay_amount <> coalesce(sum(p.net_pay_amount), 0) "
        "OR r.shortfall_amount <> coalesce(sum(p.shortfall_amount), 0) "
        "OR r.deduction_amount <> coalesce(sum(p.deduction_amount), 0)"
    ),
    "A booked payroll is in the ledger with its total, net, insurance and tax": (
        "SELECT r.booking_run_id FROM (SELECT booking_run_id, sum(total_amount) AS total, sum(net_pay_amount) AS net, "
        "sum(insurance_employee_amount + insurance_employer_amount) AS insurance, sum(income_tax_amount) AS tax "
        "FROM hr.payroll_run WHERE booking_run_id IS NOT NULL GROUP BY booking_run_id) r "
        "WHERE r.total <> 0 AND NOT EXISTS (SELECT 1 FROM finance.journal_entry e "
        "JOIN finance.journal_line l ON l.journal_entry_id = e.id "
        "JOIN finance.ledger_account a ON a.id = l.ledger_account_id "
        "WHERE e.document_type = 'payroll_run' AND e.document_id = r.booking_run_id GROUP BY e.id "
        "HAVING sum(l.debit - l.credit) FILTER (WHERE a.type in ('expense', 'cost')) = r.total "
        "AND (r.net = 0 OR bool_or(l.credit - l.debit = r.net)) "
        "AND (r.insurance = 0 OR bool_or(l.credit - l.debit = r.insurance)) "
        "AND (r.tax = 0 OR bool_or(l.credit - l.debit = r.tax)))"
    ),
    "A regular payroll that is posted is booked": (
        "SELECT id, number FROM hr.payroll_run WHERE kind = 'regular' AND state in ('posted', 'paid') "
        "AND booking_run_id IS NULL"
    ),
    "What is open of an advance is what payslips have not taken off": (
        "SELECT a.id, a.number FROM hr.salary_advance a LEFT JOIN hr.payslip_line l ON l.salary_advance_id = a.id "
        "LEFT JOIN hr.payslip p ON p.id = l.payslip_id AND p.state = 'posted' GROUP BY a.id "
        "HAVING a.open_amount <> a.amount + coalesce(sum(l.amount) FILTER (WHERE p.id IS NOT NULL), 0)"
    ),
}
